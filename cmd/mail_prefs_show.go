package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newMailPrefsShow(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "show MEMBER",
		Short: "Show which mails a member gets",
		Long: `Show lists every mail category and whether the member gets it. With -o name it
names only those that they get.`,
		Example: `  staffctl mail-prefs show anna.muster@example.ch
  staffctl mail-prefs show username:anna -o json`,
		Annotations: reads(staff.CodeConflict),
		Args:        takes("MEMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			person, err := d.person(cmd, args[0])
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			categories := slices.Clone(person.Catalog.MailCategories)
			if d.format() == output.Name {
				categories = slices.DeleteFunc(categories, func(e staff.Entry) bool { return !slices.Contains(person.Member.Mail, e.Key) })
			}
			return output.List(p, subscriptionView(person.Member), all(slices.Values(categories)))
		},
	}
}

func subscriptionView(m *staff.Member) output.View[staff.Entry] {
	gets := flagOf("receives", "whether the member gets these mails", func(e staff.Entry) bool { return slices.Contains(m.Mail, e.Key) })
	return output.View[staff.Entry]{Columns: shown([]output.Column[staff.Entry]{
		text("category", "the key of the mail category", func(e staff.Entry) string { return e.Key }),
		text("label_de", "its label in German", func(e staff.Entry) string { return e.Label.German }),
		text("label_en", "its label in English", func(e staff.Entry) string { return e.Label.English }),
		gets,
	}, "category label_en receives", "label_de")}
}
