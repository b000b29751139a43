package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

func newAccountSender(d *deps) *cobra.Command {
	return noun("sender", "Say which addresses an account sends from", `Sender addresses are those that the account sends its own mails from. An address
that registers a subaccount is never one.`,
		`  staffctl account sender add news@example.ch
  staffctl account sender list`,
		newAccountSenderAdd(d), newAccountSenderList(d), newAccountSenderRemove(d))
}

func newAccountSenderAdd(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "add ADDRESS",
		Short: "Add a sender address",
		Long:  `Add lets the account send from an address.`,
		Example: `  staffctl account sender add news@example.ch
  staffctl account sender add news@example.ch --account acme`,
		Annotations: writes("adds a sender address to the account", nobody),
		Args:        takes("ADDRESS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.AddSender{Address: args[0]})
		},
	}
}

func newAccountSenderRemove(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "remove ADDRESS",
		Short: "Remove a sender address",
		Long:  `Remove ends that the account sends from an address.`,
		Example: `  staffctl account sender remove news@example.ch --dry-run
  staffctl account sender remove news@example.ch`,
		Annotations: writes("takes a sender address from the account", nobody),
		Args:        takes("ADDRESS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return d.do(cmd, "", staff.RemoveSender{Address: args[0]})
		},
	}
}

func newAccountSenderList(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the sender addresses",
		Long:  `List prints the addresses that the account sends from.`,
		Example: `  staffctl account sender list
  staffctl account sender list -o json`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, c, err := d.staff()
			if err != nil {
				return err
			}
			facts, err := s.Account(cmd.Context(), c.Account)
			if err != nil {
				return err
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			return output.List(p, senderView(), all(slices.Values(facts.Account.Senders)))
		},
	}
}

func senderView() output.View[string] {
	return output.View[string]{
		Columns: shown([]output.Column[string]{text("address", "the e-mail address", func(s string) string { return s })}, "address", ""),
		Empty:   "no sender addresses",
	}
}
