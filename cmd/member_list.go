package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

type memberList struct {
	*deps
	filter       staff.MemberFilter
	status, sort string
}

func newMemberList(d *deps) *cobra.Command {
	o := &memberList{deps: d}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List members with their mails and areas",
		Long: `List shows the members of the account in two groups, those who can sign in and
those without access, by name. With another format than a table they come in the
order in which they were added, one after the other, however many there are; for
more than some thousand take -o jsonl or csv.

Search takes words as one hears them in a call: each must be found in the names,
the e-mail, the username or the phones, in whatever case, with or without accents,
and umlauts written in either way. So Muller, Mueller and Müller find each other,
and 079 123 finds +41 79 123.`,
		Example: `  staffctl member list --area invoices
  staffctl member list --search muster -o jsonl --columns email,status`,
		Annotations: reads(),
		Args:        takes(),
		RunE:        o.run,
	}
	f := cmd.Flags()
	f.StringVar(&o.status, "status", "", "only members with this status: "+strings.Join(staff.Statuses, ", "))
	f.StringVar(&o.filter.Area, "area", "", "only members to whom this area is open by their access")
	f.StringVar(&o.filter.Mail, "mail", "", "only members who get this mail category")
	f.StringVar(&o.filter.Role, "role", "", "only members with this role")
	f.StringVar(&o.filter.Search, "search", "", "only members in whose names, e-mail, username and phones each of these words is found")
	f.StringVar(&o.sort, "sort", "", "sort by "+strings.Join(staff.SortKeys, ", ")+" (group for tables, id for all else)")
	f.IntVar(&o.filter.Limit, "limit", 0, "print this many at most")
	return cmd
}

func (o *memberList) run(cmd *cobra.Command, _ []string) error {
	if o.filter.Limit < 0 {
		return staff.Errorf(staff.CodeInvalid, "limit", "--limit %d is below 0", o.filter.Limit)
	}
	s, c, err := o.deps.staff()
	if err != nil {
		return err
	}
	p, err := o.printer()
	if err != nil {
		return err
	}
	roster, err := s.Roster(cmd.Context(), c.Account)
	if err != nil {
		return err
	}
	view := memberView(roster.Account, roster.Catalog)
	key := o.sort
	if key == "" && o.forPeople() {
		key = string(staff.SortGroup)
	} else if key == "" {
		key = string(staff.SortID)
	}
	if key == string(staff.SortGroup) {
		view.Group = group(roster.Account)
	}
	o.filter.Status = staff.Status(o.status)
	return output.List(p, view, roster.Members(cmd.Context(), staff.SortKey(key), o.filter))
}

// group names the two groups of the portal's team page.
func group(a *staff.Account) func(*staff.Member) string {
	return func(m *staff.Member) string {
		if m.Status(a.TwoFactor).CanSignIn() {
			return fmt.Sprintf("Can sign in to %s", a.Name)
		}
		return "Without access"
	}
}
