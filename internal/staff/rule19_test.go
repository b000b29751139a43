package staff

import (
	"errors"
	"testing"
)

// deed is what somebody asks for with a session.
type deed func(d *door, token Secret) error

var deeds = map[string]deed{
	"enter a TAN": func(d *door, token Secret) error {
		_, _, err := d.s.EnterTAN(d.Context(), token, "123456", "")
		return err
	},
	"choose an account": func(d *door, token Secret) error {
		_, _, err := d.s.ChooseAccount(d.Context(), token, "acme", "")
		return err
	},
	"offer a number": func(d *door, token Secret) error { return d.s.OfferNumber(d.Context(), token, handset2) },
	"enrol a number": func(d *door, token Secret) error {
		_, _, _, err := d.s.EnrolNumber(d.Context(), token, "123456", nil, "")
		return err
	},
	"change the password": func(d *door, token Secret) error {
		_, _, _, err := d.s.ChangePassword(d.Context(), token, nil, PlainPassword(chosen), "")
		return err
	},
	"change the username": func(d *door, token Secret) error {
		_, err := d.s.ChangeUsername(d.Context(), token, proofOf(d.store.facts.Login), "doris")
		return err
	},
	"change the e-mail": func(d *door, token Secret) error {
		_, err := d.s.ChangeEmail(d.Context(), token, proofOf(d.store.facts.Login), "doris@example.ch")
		return err
	},
	"resend the TAN": func(d *door, token Secret) error { return d.s.ResendTAN(d.Context(), token) },
}

// TestRule19Pages: a session that is not open is good for its page only, and an
// open one for no page of the sign-in.
func TestRule19Pages(t *testing.T) {
	t.Parallel()
	for stage, allowed := range map[Stage][]string{
		StageTAN:      {"enter a TAN", "resend the TAN"},
		StagePassword: {"change the password"},
		StageAccount:  {"choose an account"},
		StageEnrol:    {"offer a number", "enrol a number", "resend the TAN"},
		StageRenew:    {"offer a number", "enrol a number", "resend the TAN"},
		StageOpen:     {"choose an account", "offer a number", "enrol a number", "change the password", "change the username", "change the e-mail", "resend the TAN"},
		"unknown":     nil,
	} {
		may := map[string]bool{}
		for _, what := range allowed {
			may[what] = true
		}
		for what, do := range deeds {
			t.Run(string(stage)+"/"+what, func(t *testing.T) {
				t.Parallel()
				d := newDoor(t, shape{acme: TwoFactorSMS, globex: TwoFactorOff, mobile: handset})
				token := newToken()
				key := sessionKey(testKey, token)
				d.store.sessions = map[string]*Session{key: {Key: key, LoginID: 117, AccountID: 1, MemberID: 17, Stage: stage, StartedAt: noon.UnixMilli(), SeenAt: noon.UnixMilli()}}
				err := do(d, token)
				if may[what] {
					if errors.Is(err, ErrNoSession) {
						t.Errorf("refused: %v", err)
					}
					return
				}
				over.check(t, err)
				d.stages(stage, token)
				if len(d.store.commits)+len(d.sms.sent)+len(d.store.tans) != 0 {
					t.Errorf("committed %v, sent %v", d.rows(), d.sms.sent)
				}
			})
		}
	}
}

// TestRule19Temporary: a temporary password gives a session for that page only,
// and another password ends that.
func TestRule19Temporary(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff, mustChange: true})
	token, v := d.signIn()
	if v.Session.Stage != StagePassword || len(d.store.signIns) != 0 {
		t.Fatalf("%+v, signed in %+v", v.Session, d.store.signIns)
	}
	for _, c := range []struct {
		password string
		want     refusal
	}{
		{"short", refused(CodeInvalid, "password", "15 at least")},
		{newSecret, refused(CodeInvalid, "new-password", "present one", "choose another")},
	} {
		_, _, _, err := d.s.ChangePassword(t.Context(), token, nil, PlainPassword(c.password), "")
		c.want.check(t, err)
		d.stages(StagePassword, token)
	}
	other, _ := d.signIn()
	next, v, plan, err := d.s.ChangePassword(t.Context(), token, nil, PlainPassword(chosen), "192.0.2.1")
	if err != nil || v.Session.Stage != StageOpen || v.Login.MustChange || !v.Login.HolderSet || !plan.Changed() {
		t.Fatalf("%+v, %v", v, err)
	}
	d.stages("", token, other)
	d.stages(StageOpen, next)
	if len(d.store.signIns[117]) != 1 {
		t.Errorf("signed in %+v", d.store.signIns)
	}
	if _, _, err := d.s.SignIn(t.Context(), "dora", newSecret, ""); err == nil {
		t.Error("the temporary password signs in still")
	}
	if _, v, err := d.s.SignIn(t.Context(), "dora", chosen, ""); err != nil || v.Session.Stage != StageOpen {
		t.Errorf("%+v, %v", v, err)
	}
}
