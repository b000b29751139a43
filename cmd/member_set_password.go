package cmd

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/password"
	"github.com/staffctl/staffctl/internal/staff"
)

type setPassword struct {
	*deps
	stdin, hashStdin, generate, mustChange bool
	file                                   string
}

func newMemberSetPassword(d *deps) *cobra.Command {
	o := &setPassword{deps: d}
	cmd := &cobra.Command{
		Use:   "set-password MEMBER",
		Short: "Set a member's password; the first makes the login",
		Long: `Set-password asks for the password twice without showing it, or takes it from
standard input or a file. The first password makes the login; where the member's
access is still none, the account's default access is granted with it.

--hash-stdin takes a hash from elsewhere: argon2id, bcrypt or scrypt.
--generate makes a password and prints it once, alone, on standard output.
--must-change marks the password as temporary.`,
		Example: `  staffctl member set-password anna.muster@example.ch --generate --must-change
  staffctl member set-password username:anna --password-file anna.txt`,
		Annotations: writes("changes the password of a member, makes the login if there is none, and ends the sessions of the login", nobody, staff.CodeForbidden),
		Args:        takes("MEMBER"),
		RunE:        o.run,
	}
	f := cmd.Flags()
	f.BoolVar(&o.stdin, "password-stdin", false, "read the password from the first line of standard input")
	f.StringVar(&o.file, "password-file", "", "read the password from the first line of a file")
	f.BoolVar(&o.hashStdin, "hash-stdin", false, "read a password hash from the first line of standard input")
	f.BoolVar(&o.generate, "generate", false, "make a password and print it")
	f.BoolVar(&o.mustChange, "must-change", false, "the password is temporary: the person changes it at the next sign-in")
	cmd.MarkFlagsMutuallyExclusive("password-stdin", "password-file", "hash-stdin", "generate")
	return cmd
}

func (o *setPassword) run(cmd *cobra.Command, args []string) error {
	s, c, err := o.deps.staff()
	if err != nil {
		return err
	}
	if o.asks() {
		// Nobody should type a secret twice for a name that was mistyped.
		if _, err := s.Person(cmd.Context(), c.Account, staff.ParseSelector(args[0])); err != nil {
			return err
		}
	}
	secret, err := o.read(password.Policy{MinLength: c.Password.MinLength})
	if err != nil {
		return err
	}
	action := staff.SetPassword{Member: staff.ParseSelector(args[0]), Password: staff.PlainPassword(secret), MustChange: o.mustChange}
	if o.hashStdin {
		action.Password = staff.HashedPassword(secret)
	}
	if !o.generate || o.dryRun {
		return o.do(cmd, "", action)
	}
	plan, err := s.Do(cmd.Context(), c.Account, action)
	if err != nil {
		return err
	}
	for _, w := range plan.Results[0].Warnings {
		o.say("warning: %s", w)
	}
	if _, err = fmt.Fprintln(o.ios.Out, secret); err != nil {
		return &staff.Error{Code: staff.CodeUnavailable, Field: "password", Cause: err,
			Message: "the password was set but could not be shown; set another by the same command: " + err.Error()}
	}
	return nil
}

// asks reports whether the password comes from a prompt.
func (o *setPassword) asks() bool {
	return !o.generate && !o.hashStdin && !o.stdin && o.file == ""
}

// read returns the password, or the hash, from where the flags say.
func (o *setPassword) read(policy password.Policy) (string, error) {
	switch {
	case o.generate:
		return policy.Generate(), nil
	case o.hashStdin:
		return firstLine("hash", o.ios.In)
	case o.stdin:
		return firstLine("password", o.ios.In)
	case o.file != "":
		file, err := os.Open(o.file)
		if err != nil {
			return "", fileError("password-file", err)
		}
		defer func() { _ = file.Close() }()
		return firstLine("password-file", file)
	default:
		return o.ask()
	}
}

// ask asks for the password twice.
func (o *setPassword) ask() (string, error) {
	if !o.ios.CanPrompt() {
		return "", staff.Errorf(staff.CodeUsage, "password", "there is no terminal to ask on; give --password-stdin, --password-file, --hash-stdin or --generate")
	}
	first, err := o.ios.ReadSecret("New password: ")
	if err != nil {
		return "", err
	}
	second, err := o.ios.ReadSecret("Repeat it: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", staff.Errorf(staff.CodeInvalid, "password", "the two passwords differ; nothing was changed, try again")
	}
	return strings.TrimRight(first, "\r\n"), nil
}
