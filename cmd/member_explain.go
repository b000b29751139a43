package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newMemberExplain(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "explain MEMBER",
		Short: "Explain by what each area is open or closed to a member",
		Long:  `Explain names, for each area of the catalog, the rule that opens or closes it.`,
		Example: `  staffctl member explain anna.muster@example.ch
  staffctl member explain username:anna -o json --columns area,open`,
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
			return output.List(p, reasonView(), all(slices.Values(person.Explain())))
		},
	}
}

func reasonView() output.View[staff.AreaReason] {
	open := flagOf("open", "whether the person may enter the area now", func(r staff.AreaReason) bool { return r.Open })
	open.Style = func(r staff.AreaReason) output.Style {
		if r.Open {
			return output.Good
		}
		return output.Faint
	}
	return output.View[staff.AreaReason]{Columns: shown([]output.Column[staff.AreaReason]{
		text("area", "the key of the area", func(r staff.AreaReason) string { return r.Area }),
		open,
		list("permissions", "the permissions in the area that the access gives", func(r staff.AreaReason) []string { return r.Permissions }),
		text("reason", "by what it is open or closed, in words", func(r staff.AreaReason) string { return r.Reason }),
	}, "area open permissions reason", "")}
}
