package cmd

import (
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newAccess(d *deps) *cobra.Command {
	return noun("access", "Ask what a member may do", `Access answers whether a member may use a permission now, for scripts and portals.`,
		`  staffctl access check anna.muster@example.ch invoices.view
  staffctl access check username:anna orders`,
		newAccessCheck(d))
}

func newAccessCheck(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "check MEMBER PERMISSION",
		Short: "Say whether a member may use a permission",
		Long: `Check ends with 0 when the member can sign in and holds the permission (or any
in the area, if it names one), and with 7 when not, or when the member or the
permission is unknown.`,
		Example: `  staffctl access check anna.muster@example.ch invoices.view
  staffctl access check username:anna orders -q && echo open`,
		Annotations: reads(staff.CodeForbidden, staff.CodeConflict),
		Args:        takes("MEMBER", "PERMISSION"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			decision, err := s.CheckAccess(cmd.Context(), c.Account, staff.ParseSelector(args[0]), args[1])
			if err != nil {
				return err
			}
			if err := d.printDecision(decision); err != nil {
				return err
			}
			if !decision.Allowed {
				return silent(staff.CodeForbidden)
			}
			return nil
		},
	}
}

func (d *deps) printDecision(decision staff.Decision) error {
	word := "denied"
	if decision.Allowed {
		word = "allowed"
	}
	return answer(d, decisionView(), decision, word+": "+output.Text(decision.Reason))
}

func decisionView() output.View[staff.Decision] {
	return output.View[staff.Decision]{Columns: []output.Column[staff.Decision]{
		flagOf("allowed", "whether the member may use it now", func(d staff.Decision) bool { return d.Allowed }),
		text("member", "the member, as asked for", func(d staff.Decision) string { return d.Member }),
		text("permission", "the permission or area, as asked for", func(d staff.Decision) string { return d.Permission }),
		text("reason", "by what it is allowed or denied, in words", func(d staff.Decision) string { return d.Reason }),
	}}
}
