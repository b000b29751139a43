package cmd

import (
	"context"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// exporting is one run of export.
type exporting struct {
	*deps
	format string
	hashes bool
}

func newExport(d *deps) *cobra.Command {
	o := &exporting{deps: d}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Export members, subaccounts and invites as CSV, JSON or YAML",
		Long: `Export writes everybody in the account in the form that import reads, and as
YAML the team file that apply reads: members and subaccounts in the order in which
they were added, then pending invites. It streams, however many they are.

Without --format it writes CSV, or what -o says of json, jsonl, csv and yaml.
Password hashes are left out unless asked for, and never shown on a terminal.`,
		Example: `  staffctl export >team.csv
  staffctl export --format jsonl --with-password-hashes | staffctl --store new.db import -`,
		Annotations: reads(),
		Args:        takes(),
		RunE:        o.run,
	}
	cmd.Flags().StringVar(&o.format, "format", "", "the format: csv, json, jsonl, yaml")
	cmd.Flags().BoolVar(&o.hashes, "with-password-hashes", false, "write the password hashes too")
	return cmd
}

// exportFormats are the formats that import or apply read again.
var exportFormats = []string{string(output.CSV), string(output.JSON), string(output.JSONL), string(output.YAML)}

func (o *exporting) run(cmd *cobra.Command, _ []string) error {
	c, err := o.config()
	if err != nil {
		return err
	}
	format := o.format
	switch {
	case format != "":
		if err := checkFormat(format, exportFormats); err != nil {
			return err
		}
	case slices.Contains(exportFormats, c.Output):
		format = c.Output
	default:
		format = string(output.CSV)
	}
	switch {
	case o.hashes && format == string(output.YAML):
		return usage(cmd, "a team file never holds password hashes; take another format")
	case o.hashes && o.ios.OutIsTerminal():
		return usage(cmd, "password hashes are not shown on a terminal; send the output to a file or a program")
	case format == string(output.YAML):
		return o.interruptibly(cmd.Context(), o.exportTeam)
	}
	return o.interruptibly(cmd.Context(), func(ctx context.Context, show func(int64)) error { return o.list(ctx, output.Format(format), show) })
}

// interruptibly writes everybody, and shows how far that is unless the rows do.
func (o *exporting) interruptibly(ctx context.Context, write func(ctx context.Context, show func(rows int64)) error) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	if _, err := o.deps.store(); err != nil { // which may ask for a password
		return err
	}
	show := func(int64) {}
	if !o.ios.OutIsTerminal() {
		progress := o.ios.Progress("rows")
		defer progress.End()
		show = func(rows int64) { progress.Show(rows, 0) }
	}
	return orInterrupted(ctx, write(ctx, show), "interrupted")
}

// list writes a row a person.
func (o *exporting) list(ctx context.Context, format output.Format, show func(int64)) error {
	s, c, err := o.deps.staff()
	if err != nil {
		return err
	}
	roster, err := s.Roster(ctx, c.Account)
	if err != nil {
		return err
	}
	options := o.options()
	options.Format = format
	return output.List(output.New(o.ios, options), exportView(o.hashes), exported(roster.Everybody(ctx, o.hashes), roster.PendingInvites(ctx), show))
}

// entry is a member, or an invite where there is none.
type entry struct {
	*staff.Member
	invite *staff.Invite
}

// exported are the members, then the invites.
func exported(members iter.Seq2[*staff.Member, error], invites iter.Seq2[*staff.Invite, error], show func(int64)) iter.Seq2[*entry, error] {
	return func(yield func(*entry, error) bool) {
		var e entry
		var rows int64
		for m, err := range members {
			e.Member = m
			if rows++; rows%1000 == 0 {
				show(rows)
			}
			if !yield(&e, err) || err != nil {
				return
			}
		}
		for i, err := range invites {
			if !yield(&entry{invite: i}, err) || err != nil {
				return
			}
		}
	}
}

func (e *entry) kind() string {
	switch {
	case e.invite != nil:
		return "invite"
	case e.Subaccount != "":
		return "subaccount"
	default:
		return "member"
	}
}

// exportView has the columns that import reads. What a row does not have is null;
// a list that is empty is none, which import tells from what is not given.
func exportView(hashes bool) output.View[*entry] {
	columns := []output.Column[*entry]{
		word("kind", "what the row is about", []string{"member", "subaccount", "invite"}, (*entry).kind),
		text("email", "the e-mail address", func(e *entry) string {
			if e.invite != nil {
				return e.invite.Email
			}
			return e.Email
		}),
		ofMember("salutation", "how the person is addressed", output.OneOf(staff.Salutations), func(b []byte, m *staff.Member) []byte { return output.AppendString(b, m.Salutation) }),
		ofMember("first_name", "the first name; may be empty", output.String, func(b []byte, m *staff.Member) []byte { return output.AppendString(b, m.FirstName) }),
		ofMember("last_name", "the last name; may be empty", output.String, func(b []byte, m *staff.Member) []byte { return output.AppendString(b, m.LastName) }),
		ofMember("username", "the username of the login, or the one proposed; null where it is the e-mail, and for a subaccount", output.String, appendUsername),
		word("language", "the language of mails and pages", staff.Languages, func(e *entry) string {
			if e.invite != nil {
				return string(e.invite.Language)
			}
			return string(e.Language)
		}),
		ofMember("phones", "each phone as LABEL=NUMBER, or none alone", output.Strings, appendPhones),
		{Key: "access", Doc: "the areas and permissions, or all or none alone; null where a role gives it", Type: output.OrNull(output.Strings), Heading: "ACCESS", JSON: appendAccess},
		ofMember("mail", "the mail categories, or none alone", output.Strings, func(b []byte, m *staff.Member) []byte { return appendKeys(b, m.Mail) }),
		ofMember("suspended", "whether the person is suspended", output.Boolean, func(b []byte, m *staff.Member) []byte { return output.AppendBool(b, m.Suspended) }),
		ofMember("subaccount", "the name of a subaccount after the account's prefix", output.String, func(b []byte, m *staff.Member) []byte { return appendOrNull(b, m.Subaccount) }),
		ofMember("role", "the role of a subaccount", output.String, func(b []byte, m *staff.Member) []byte { return appendOrNull(b, m.Access.Role) }),
	}
	if hashes {
		columns = append(columns,
			ofMember("password_hash", "the hash of the password, with --with-password-hashes; null without a login", output.String, func(b []byte, m *staff.Member) []byte {
				if m.Login == nil {
					return append(b, "null"...)
				}
				return output.AppendString(b, string(m.Login.PasswordHash))
			}),
			ofMember("must_change", "whether the password is temporary, with --with-password-hashes; null without a login", output.Boolean, func(b []byte, m *staff.Member) []byte {
				if m.Login == nil {
					return append(b, "null"...)
				}
				return output.AppendBool(b, m.Login.MustChange)
			}))
	}
	return output.View[*entry]{Columns: columns, Name: func(e *entry) string { return e.Email }}
}

// ofMember makes a column that is null for invites.
func ofMember(key, doc string, t output.Type, appendJSON func([]byte, *staff.Member) []byte) output.Column[*entry] {
	return output.Column[*entry]{Key: key, Doc: doc, Type: output.OrNull(t), Heading: heading(key), JSON: func(b []byte, e *entry) []byte {
		if e.invite != nil {
			return append(b, "null"...)
		}
		return appendJSON(b, e.Member)
	}}
}

func appendOrNull(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return output.AppendString(b, s)
}

// appendUsername leaves out what import makes by itself: the e-mail, and the name
// of a subaccount.
func appendUsername(b []byte, m *staff.Member) []byte {
	if m.Subaccount != "" || m.Username() == m.Email {
		return append(b, "null"...)
	}
	return output.AppendString(b, m.Username())
}

func appendAccess(b []byte, e *entry) []byte {
	var access *staff.Access
	if e.invite != nil {
		access = &e.invite.Access
	} else {
		access = &e.Member.Access
	}
	switch access.Kind {
	case staff.AccessRole:
		return append(b, "null"...)
	case staff.AccessGrants:
		return appendKeys(b, access.Grants)
	default:
		return append(output.AppendString(append(b, '['), string(access.Kind)), ']')
	}
}

func appendKeys(b []byte, keys []string) []byte {
	if len(keys) == 0 {
		return append(b, `["none"]`...)
	}
	return output.AppendStrings(b, keys)
}

// appendPhones appends each phone as LABEL=NUMBER.
func appendPhones(b []byte, m *staff.Member) []byte {
	if len(m.Phones) == 0 {
		return appendKeys(b, nil)
	}
	for i, p := range m.Phones {
		b = append(b, "[,"[min(i, 1)])
		b = output.AppendString(b, p.Label)
		b[len(b)-1] = '=' // in the place of the quote
		joint := len(b)
		b = output.AppendString(b, p.Number)
		b = slices.Delete(b, joint, joint+1)
	}
	return append(b, ']')
}
