package staff

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Messenger sends text messages.
type Messenger interface {
	// Check refuses a number (E.164) in a country that nothing is sent to.
	Check(number string) error
	// Send sends a text. What the service refuses or does not answer is
	// CodeUnavailable, without the text.
	Send(ctx context.Context, number, text string) error
}

// How a TAN works, and how many are sent (product.md section 4; the figures for
// logins and accounts are ours).
const (
	TANLife  = 5 * time.Minute
	tanTries = 5
)

var (
	tansPerNumber = []Limit{{3, 10 * time.Minute}, {10, 24 * time.Hour}}
	// To a number that is not the login's yet, so that nobody can use up what its
	// holder needs.
	tansPerOffer   = []Limit{{3, 10 * time.Minute}, {5, 24 * time.Hour}}
	tansPerLogin   = []Limit{{5, 10 * time.Minute}, {20, 24 * time.Hour}}
	tansPerAccount = []Limit{{100, 10 * time.Minute}, {1000, 24 * time.Hour}}
)

// tanOf is the number of six digits that the TAN stands for.
func (k LinkKey) tanOf(t *TAN) Secret {
	mac := k.mac(fmt.Sprintf("staffctl tan\x00%d\x00%s\x00%s", t.ID, t.Session, t.Number))
	return Secret(fmt.Sprintf("%06d", binary.BigEndian.Uint64(mac)%1_000_000))
}

// errTAN is the answer to a TAN that is wrong.
func errTAN() error {
	return Errorf(CodeInvalid, "tan", "the TAN is wrong; enter the one that was sent last")
}

// errTANOver is the answer to a TAN that can no longer be entered.
func errTANOver() error {
	return Errorf(CodeExpired, "tan", "the TAN has expired, was used or was entered wrong too often; ask for a new one")
}

// sendTAN sends a TAN for the session to the number.
func (s *Staff) sendTAN(ctx context.Context, v *Signed, number string) error {
	if s.SMS == nil {
		return Errorf(CodeUnavailable, "sms.url", "no text messages can be sent: sms.url is not set")
	}
	if err := s.SMS.Check(number); err != nil {
		return err
	}
	if err := s.allowTAN(ctx, v, number); err != nil {
		return err
	}
	now := s.Now()
	tan := &TAN{ID: s.IDs.Next(now), Session: v.Session.Key, Number: number, ExpiresAt: now.Add(TANLife).UnixMilli()}
	if err := s.Store.StartTAN(ctx, tan); err != nil {
		return err
	}
	key, err := s.Key()
	if err != nil {
		return err
	}
	text := "%s ist Ihre TAN für %s. Sie gilt 5 Minuten. Geben Sie sie niemandem weiter."
	if v.Person.Language == English {
		text = "%s is your TAN for %s. It is good for 5 minutes. Do not tell it to anybody."
	}
	return s.SMS.Send(ctx, number, fmt.Sprintf(text, string(key.tanOf(tan)), v.Person.Account.DisplayName))
}

// ErrTooManyTANs marks what is refused until some time has passed.
var ErrTooManyTANs = errors.New("too many TANs were sent")

// allowTAN counts a TAN that is to be sent.
func (s *Staff) allowTAN(ctx context.Context, v *Signed, number string) error {
	offers := tansPerOffer
	if number == v.Login.Mobile {
		offers = nil
	}
	for _, l := range []struct {
		name   string
		limits []Limit
	}{{"tan login\x00" + v.Login.ID.String(), tansPerLogin}, {"tan account\x00" + v.Session.AccountID.String(), tansPerAccount},
		{"tan offer\x00" + number, offers}, {"tan number\x00" + number, tansPerNumber}} {
		ok, err := s.allow(ctx, l.name, l.limits)
		if err != nil {
			return err
		}
		if !ok {
			return &Error{Code: CodeForbidden, Field: "number", Cause: ErrTooManyTANs, Message: "too many TANs were sent; wait some minutes and try again"}
		}
	}
	return nil
}

// checkTAN counts a try and compares it; what it allows must use the TAN up.
func (s *Staff) checkTAN(ctx context.Context, v *Signed, entered string) error {
	now := s.Now().UnixMilli()
	if v.TAN == nil || v.TAN.Used || now >= v.TAN.ExpiresAt {
		return errTANOver()
	}
	ok, err := s.allow(ctx, "tan try\x00"+v.TAN.ID.String(), []Limit{{tanTries, TANLife}})
	if err != nil {
		return err
	}
	if !ok {
		return errTANOver()
	}
	key, err := s.Key()
	if err != nil {
		return err
	}
	if !equal(string(key.tanOf(v.TAN)), withoutSpace(entered)) {
		return errTAN()
	}
	return nil
}
