package mail

import (
	"context"
	"crypto/tls"

	"github.com/staffctl/staffctl/internal/staff"
)

// Probe connects to the mail server, encrypts and signs in as for a mail, and says
// goodbye without one. It returns in words what came about; an error is
// CodeUnavailable and says what is wrong.
func (m *Mailer) Probe(ctx context.Context) (string, error) {
	s, failed := m.connect(ctx)
	if s == nil {
		return "", staff.Errorf(staff.CodeUnavailable, "mail.host", "%s", failed.answer)
	}
	defer s.close()
	defer s.conn.bind(ctx)()
	if err := s.client.Noop(); err != nil {
		s.broken = true
		return "", staff.Errorf(staff.CodeUnavailable, "mail.host", "the mail server %s: %s", m.settings.server(), clean(wording(err), s.password))
	}
	found := m.settings.server() + " answers, not encrypted"
	if state, ok := s.client.TLSConnectionState(); ok {
		found = m.settings.server() + " answers by " + tls.VersionName(state.Version)
	}
	if m.settings.Username != "" {
		found += ", and takes the sign-in of " + m.settings.Username
	}
	return found, nil
}
