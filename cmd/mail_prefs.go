package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newMailPrefs(d *deps) *cobra.Command {
	return noun("mail-prefs", "Say which mails each member gets", `Mail preferences are the categories of mails that the portal sends to a member,
with or without access. The categories are those of the catalog.`,
		`  staffctl mail-prefs set anna.muster@example.ch invoices reminders
  staffctl mail-prefs check`,
		newMailPrefsSet(d), newMailPrefsAdd(d), newMailPrefsRemove(d), newMailPrefsShow(d), newMailPrefsList(d), newMailPrefsCheck(d))
}

func readersView() output.View[staff.Readers] {
	return output.View[staff.Readers]{
		Name: func(r staff.Readers) string { return r.Category },
		Columns: shown([]output.Column[staff.Readers]{
			text("category", "the key of the mail category", func(r staff.Readers) string { return r.Category }),
			text("label_de", "its label in German", func(r staff.Readers) string { return r.Label.German }),
			text("label_en", "its label in English", func(r staff.Readers) string { return r.Label.English }),
			number("readers", "how many members get these mails", func(r staff.Readers) int64 { return int64(r.Count) }),
		}, "category label_en readers", "label_de"),
	}
}

// readers reads who gets what in the account.
func (d *deps) readers(cmd *cobra.Command) (*staff.Roster, []staff.Readers, error) {
	s, c, err := d.staff()
	if err != nil {
		return nil, nil, err
	}
	roster, err := s.Roster(cmd.Context(), c.Account)
	if err != nil {
		return nil, nil, err
	}
	readers, err := roster.MailReaders(cmd.Context())
	return roster, readers, err
}
