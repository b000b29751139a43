package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/staffctl/staffctl/internal/staff"
)

type flag = pflag.Flag

// optional is a flag's value that counts only when it was given.
type optional[T any] struct {
	value T
	flag  *flag
}

// given returns the value, or nil when the flag was not given.
func (o *optional[T]) given() *T {
	if !o.flag.Changed {
		return nil
	}
	return &o.value
}

// anyGiven tells whether a flag of the command's own was given.
func anyGiven(cmd *cobra.Command) bool {
	given := false
	cmd.LocalNonPersistentFlags().VisitAll(func(f *flag) { given = given || f.Changed })
	return given
}

func optionalString(cmd *cobra.Command, name, usage string) *optional[string] {
	o := &optional[string]{}
	cmd.Flags().StringVar(&o.value, name, "", usage)
	o.flag = cmd.Flags().Lookup(name)
	return o
}

func optionalList(cmd *cobra.Command, name, usage string) *optional[[]string] {
	o := &optional[[]string]{}
	cmd.Flags().StringSliceVar(&o.value, name, nil, usage)
	o.flag = cmd.Flags().Lookup(name)
	return o
}

// onConflict adds --on-conflict.
func onConflict(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "on-conflict", string(staff.Fail), "what to do when it is there already: fail, skip, update")
}

func conflictOf(word string) (staff.OnConflict, error) {
	for _, known := range staff.OnConflicts {
		if word == known {
			return staff.OnConflict(word), nil
		}
	}
	return "", staff.Errorf(staff.CodeInvalid, "on-conflict", "no way %q to treat a conflict%s", word, staff.Suggest(word, staff.OnConflicts))
}

// details adds the flags that describe a person.
func details(cmd *cobra.Command) func() staff.Details {
	salutation := optionalString(cmd, "salutation", "mr, ms, mx or none")
	first := optionalString(cmd, "first-name", "the first name")
	last := optionalString(cmd, "last-name", "the last name")
	language := optionalString(cmd, "language", "de or en; the account's unless given")
	return func() staff.Details {
		return staff.Details{Salutation: salutation.given(), FirstName: first.given(), LastName: last.given(), Language: language.given()}
	}
}
