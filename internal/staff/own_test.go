package staff

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everywhere is dora in two accounts, whose login has another e-mail than either.
func everywhere(t *testing.T) *door {
	return newDoor(t, shape{mobile: handset, acme: TwoFactorOff, globex: TwoFactorOff})
}

// in signs in to the account.
func (d *door) in(account string) Secret {
	d.Helper()
	token, _ := d.signIn()
	token, _ = d.enter(token)
	token, _, err := d.s.ChooseAccount(d.Context(), token, account, "")
	if err != nil {
		d.Fatal(err)
	}
	return token
}

// TestOwnChangesNeedThePassword: an open session changes nothing of the login
// without the present password.
func TestOwnChangesNeedThePassword(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(d *door, token Secret, proof *Proof) error{
		"password": func(d *door, token Secret, proof *Proof) error {
			_, _, _, err := d.s.ChangePassword(d.Context(), token, proof, PlainPassword(chosen), "")
			return err
		},
		"username": func(d *door, token Secret, proof *Proof) error {
			_, err := d.s.ChangeUsername(d.Context(), token, proof, "doris")
			return err
		},
		"e-mail": func(d *door, token Secret, proof *Proof) error {
			_, err := d.s.ChangeEmail(d.Context(), token, proof, "doris@example.ch")
			return err
		},
		"number": func(d *door, token Secret, proof *Proof) error {
			if err := d.s.OfferNumber(d.Context(), token, handset2); err != nil {
				d.Fatal(err)
			}
			_, _, _, err := d.s.EnrolNumber(d.Context(), token, d.tan(), proof, "")
			return err
		},
	} {
		for whose, proof := range map[string]func(d *door) *Proof{
			"none":                             func(*door) *Proof { return nil },
			"another's":                        func(*door) *Proof { return proofOf(elsewhere()) },
			"a former":                         func(*door) *Proof { return &Proof{login: 117, username: "dora", hash: "$fake$former"} },
			"another's with the same password": func(*door) *Proof { return &Proof{login: 190, username: "dora", hash: "$fake$" + newSecret} },
			"an empty":                         func(*door) *Proof { return &Proof{} },
			"of no hash":                       func(*door) *Proof { return &Proof{login: 117} },
		} {
			t.Run(what+"/"+whose, func(t *testing.T) {
				t.Parallel()
				d := everywhere(t)
				token := d.in("acme")
				proofFail.check(t, change(d, token, proof(d)))
				if len(d.store.commits) != 0 {
					t.Errorf("committed %v", d.rows())
				}
				d.stages(StageOpen, token)
			})
		}
		t.Run(what+"/the present", func(t *testing.T) {
			t.Parallel()
			d := everywhere(t)
			if err := change(d, d.in("acme"), d.proof()); err != nil || len(d.store.commits) != 1 {
				t.Errorf("%v, %v", err, d.rows())
			}
		})
	}
}

// ownChange is what a holder has done to the login: what ends, what is said, and
// what it is afterwards.
type ownChange struct {
	plan          []string
	audit         string
	mails         []string
	keepsOthers   bool
	login         func(l *Login) bool
	secretsBeside []string
	tokenLives    bool // the session goes on under the same token
}

// checkOwn asserts what a change of the session in acme has come to.
func (d *door) checkOwn(c ownChange, plan *Plan, token, next, other Secret) {
	d.Helper()
	if diff := cmp.Diff(c.plan, lines(plan)); diff != "" {
		d.Errorf("plan (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{c.audit}, d.rows()[len(d.rows())-1:]); diff != "" {
		d.Errorf("audit (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(c.mails, d.mails()); diff != "" {
		d.Errorf("mails (-want +got):\n%s", diff)
	}
	for _, commit := range d.store.commits {
		for _, secret := range append(c.secretsBeside, "$fake$", newSecret, chosen, d.tan(), string(token), string(next)) {
			if text := jsonOf(commit.Audit) + jsonOf(commit.Mails); strings.Contains(text, secret) {
				d.Errorf("a secret is kept: %s", text)
			}
		}
	}
	d.stages(StageOpen, next)
	if !c.tokenLives {
		d.stages("", token)
	}
	if c.keepsOthers {
		d.stages(StageOpen, other)
	} else {
		d.stages("", other)
	}
	for _, m := range d.store.everybody() {
		if !c.login(m.Login) || !slices.Contains([]string{"dora@acme.ch", "dora@globex.ch"}, m.Email) {
			d.Errorf("the login of %s is %+v", m.Email, m.Login)
		}
	}
}

// A password of one's own ends the other sessions, in whatever account, and this
// one goes on under a new token.
func TestOwnPassword(t *testing.T) {
	t.Parallel()
	d := everywhere(t)
	other, token := d.in("globex"), d.in("acme")
	_, _, _, err := d.s.ChangePassword(t.Context(), token, d.proof(), PlainPassword(newSecret), "")
	refused(CodeInvalid, "new-password", "present one").check(t, err)
	_, _, _, err = d.s.ChangePassword(t.Context(), token, d.proof(), PlainPassword("short"), "")
	refused(CodeInvalid, "password", "15 at least").check(t, err)
	d.stages(StageOpen, token, other)
	next, v, plan, err := d.s.ChangePassword(t.Context(), token, d.proof(), PlainPassword(chosen), "here")
	if err != nil || v.Session.StartedAt != noon.UnixMilli() {
		t.Fatal(err)
	}
	d.checkOwn(ownChange{
		plan:  []string{"member.choose-password dora@acme.ch", `  password: "set" -> "set"`, "  @ password-changed in de to private@example.ch"},
		audit: `member.choose-password by private@example.ch/operator of dora@acme.ch in acme: {"password":"set"} -> {"password":"set"}`,
		mails: []string{"password-changed to private@example.ch"},
		login: func(l *Login) bool { return l.PasswordHash == "$fake$"+chosen && l.HolderSet && !l.MustChange },
	}, plan, token, next, other)
	if len(d.store.signIns[117]) != 2 {
		t.Errorf("a change of the password counts as a sign-in: %+v", d.store.signIns)
	}
}

// The holder of a login of several accounts gives it another username, which no
// operator may.
func TestOwnUsername(t *testing.T) {
	t.Parallel()
	d := everywhere(t)
	taken("bert")(d.store.facts)
	accountsNamed("initech")(d.store.facts)
	other, token := d.in("globex"), d.in("acme")
	_, err := d.s.Do(t.Context(), "acme", SetUsername{Member: by("dora@acme.ch"), Username: "doris"})
	if CodeOf(err) != CodeForbidden {
		t.Errorf("an operator changes it: %v", err)
	}
	for username, want := range map[string]refusal{
		"Bert":      refused(CodeConflict, "username", "taken"),
		"initech-d": refused(CodeConflict, "username", "reserved", "choose another"),
		"acme-d":    refused(CodeConflict, "username", "reserved", "choose another"),
		"":          {code: CodeInvalid, field: "username"},
		"a/b":       {code: CodeInvalid, field: "username"},
	} {
		_, err := d.s.ChangeUsername(t.Context(), token, d.proof(), username)
		want.check(t, err)
	}
	plan, err := d.s.ChangeUsername(t.Context(), token, d.proof(), "dora")
	if err != nil || plan.Changed() || len(d.mails()) != 0 {
		t.Errorf("the same username: %v, %v, %v", lines(plan), d.mails(), err)
	}
	d.stages(StageOpen, token, other)
	if plan, err = d.s.ChangeUsername(t.Context(), token, d.proof(), "doris"); err != nil {
		t.Fatal(err)
	}
	d.checkOwn(ownChange{
		plan:       []string{"member.choose-username dora@acme.ch", `  username: "dora" -> "doris"`, "  @ username-changed in de to private@example.ch"},
		audit:      `member.choose-username by private@example.ch/operator of dora@acme.ch in acme: {"username":"dora"} -> {"username":"doris"}`,
		mails:      []string{"username-changed to private@example.ch"},
		login:      func(l *Login) bool { return l.Username == "doris" && l.PasswordHash == "$fake$"+newSecret },
		tokenLives: true,
	}, plan, token, token, other)
	if _, v, err := d.s.SignIn(t.Context(), "Doris", newSecret, ""); err != nil || v.Session.Stage != StageTAN {
		t.Errorf("by the new username: %v", err)
	}
	_, _, err = d.s.SignIn(t.Context(), "dora", newSecret, "")
	wrong.check(t, err)
}

// The username of a subaccount never changes.
func TestOwnUsernameOfASubaccount(t *testing.T) {
	t.Parallel()
	d := newDoor(t, shape{acme: TwoFactorOff, member: []trait{subaccount("sina", "copywriter")}})
	token, _ := d.open()
	for _, username := range []string{"sina", "acme-sina2", "Dora"} {
		_, err := d.s.ChangeUsername(t.Context(), token, d.proof(), username)
		refused(CodeForbidden, "username", "never changes").check(t, err)
	}
	if len(d.store.commits) != 0 {
		t.Errorf("committed %v", d.rows())
	}
}

// Another e-mail of the login takes a link to the new address, and a notice to
// the old; no session ends, and the members' own e-mails stay.
func TestOwnEmail(t *testing.T) {
	t.Parallel()
	d := everywhere(t)
	other, token := d.in("globex"), d.in("acme")
	for email, want := range map[string]refusal{
		"private@EXAMPLE.ch": refused(CodeInvalid, "email", "already"),
		"no e-mail":          {code: CodeInvalid, field: "email"},
		"":                   {code: CodeInvalid, field: "email"},
		"a@b.ch\r\nBcc: x":   {code: CodeInvalid, field: "email"},
	} {
		_, err := d.s.ChangeEmail(t.Context(), token, d.proof(), email)
		want.check(t, err)
	}
	plan, err := d.s.ChangeEmail(t.Context(), token, d.proof(), "New@Example.ch")
	if err != nil {
		t.Fatal(err)
	}
	link := d.store.facts.Link
	secret := testKey.Token(link)
	asked := ownChange{
		plan:       []string{"member.ask-email dora@acme.ch", `  link: null -> "mailed to New@example.ch"`, "  @ email in de to New@example.ch"},
		audit:      `member.ask-email by private@example.ch/operator of dora@acme.ch in acme:  -> {"link":"mailed to New@example.ch"}`,
		mails:      []string{"email to New@example.ch"},
		login:      func(l *Login) bool { return l.Email == "private@example.ch" },
		tokenLives: true, keepsOthers: true, secretsBeside: []string{string(secret)},
	}
	d.checkOwn(asked, plan, token, token, other)
	if link.Purpose != ForEmail || link.LoginID != 117 || link.MemberID != 17 || link.ExpiresAt != noon.Add(ResetLifetime).UnixMilli() || link.Shown {
		t.Errorf("link %+v", link)
	}
	for _, other := range []Action{ChoosePassword{Token: secret, Password: PlainPassword(chosen)}, ConfirmSubaccount{Token: secret, Password: PlainPassword(chosen)}} {
		if _, err := d.s.Do(t.Context(), "", other); CodeOf(err) != CodeNotFound {
			t.Errorf("the link allows %s: %v", other.Kind(), err)
		}
	}
	if plan, err = d.s.Do(t.Context(), "", UseEmail{Token: secret}); err != nil {
		t.Fatal(err)
	}
	used := asked
	used.plan = []string{"member.choose-email dora@acme.ch", `  login_email: "private@example.ch" -> "New@example.ch"`, "  @ email-changed in de to private@example.ch"}
	used.audit = `member.choose-email by New@example.ch/operator of dora@acme.ch in acme: {"login_email":"private@example.ch"} -> {"login_email":"New@example.ch"}`
	used.mails = []string{"email to New@example.ch", "email-changed to private@example.ch"}
	used.login = func(l *Login) bool { return l.Email == "New@example.ch" && l.EmailVerified }
	d.checkOwn(used, plan, token, token, other)
	if !slices.Contains(d.last().EndLinks, LinkEnd{Login: 117}) || d.last().UsedLink != link.ID {
		t.Errorf("ends %+v, uses %d", d.last().EndLinks, d.last().UsedLink)
	}
	_, err = d.s.Do(t.Context(), "", UseEmail{Token: secret})
	refused(CodeExpired, "token", "used already").check(t, err)
}

// A link for a login that is no longer the member's is none.
func TestUseEmail(t *testing.T) {
	t.Parallel()
	ofDora := func(details ...func(*Link)) *Link {
		l := linkOf(dora(), details...)
		l.Purpose, l.Email = ForEmail, "new@example.ch"
		return l
	}
	use := func(l *Link) []Action { return do(UseEmail{Token: testKey.Token(l)}) }
	another := ofDora(func(l *Link) { l.LoginID = 118 })
	reset := linkOf(dora())
	facts := func(l *Link, people ...*Member) *Facts { return team(people, linked(l)) }
	runPlans(t, []planCase{
		{name: "expired", facts: facts(ofDora(lapsed), dora()), actions: use(ofDora(lapsed)), err: refused(CodeExpired, "token", "expired", "ask for a new one")},
		{name: "ended", facts: facts(ofDora(ended), dora()), actions: use(ofDora(ended)), err: refused(CodeExpired, "token", "ended")},
		{name: "of another login", facts: facts(another, dora()), actions: use(another), err: refused(CodeNotFound, "token", "not valid")},
		{name: "of no login any more", facts: facts(ofDora(), person(17, "dora@example.ch")), actions: use(ofDora()), err: refused(CodeNotFound, "token", "not valid")},
		{name: "to reset", facts: facts(reset, dora()), actions: use(reset), err: refused(CodeNotFound, "token", "not valid")},
	})
}

// Another number is proven by a TAN to it and the password.
func TestOwnNumber(t *testing.T) {
	t.Parallel()
	d := everywhere(t)
	other, token := d.in("globex"), d.in("acme")
	if err := d.s.OfferNumber(t.Context(), token, handset2); err != nil {
		t.Fatal(err)
	}
	next, _, plan, err := d.s.EnrolNumber(t.Context(), token, d.tan(), d.proof(), "")
	if err != nil {
		t.Fatal(err)
	}
	d.checkOwn(ownChange{
		plan: []string{"member.enrol-number dora@acme.ch", `  mobile: "+41791234567" -> "+41797654321"`, `  second_factor: null -> "enrolled"`,
			"  @ number-changed in de to private@example.ch"},
		audit: `member.enrol-number by private@example.ch/operator of dora@acme.ch in acme: {"mobile":"+41791234567"} -> {"mobile":"+41797654321","second_factor":"enrolled"}`,
		mails: []string{"number-changed to private@example.ch"},
		login: func(l *Login) bool { return l.Mobile == handset2 },
	}, plan, token, next, other)
	d.signIn()
	if last := d.sms.sent[len(d.sms.sent)-1]; last.number != handset2 {
		t.Errorf("the next TAN goes to %s", last.number)
	}
	if len(d.store.signIns[117]) != 2 {
		t.Errorf("a change of the number counts as a sign-in: %+v", d.store.signIns)
	}
}
