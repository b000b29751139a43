package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// build says what this program was made from.
type build struct{ version, commit, goVersion string }

func thisBuild() build {
	b := build{"development", "", runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.version = v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.commit = s.Value
		}
	}
	return b
}

func newVersion(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Long:  `Version prints the version of the program and of the schema that it works on.`,
		Example: `  staffctl version
  staffctl version -o json`,
		Annotations: apart(nothing, nobody, staff.CodeInvalid, staff.CodeNotFound),
		Args:        takes(),
		RunE: func(*cobra.Command, []string) error {
			if _, err := d.config(); err != nil {
				return err
			}
			b := thisBuild()
			if d.forPeople() { // --quiet leaves results
				_, err := fmt.Fprintf(d.ios.Out, "staffctl %s (%s, schema %d)\n", b.version, b.goVersion, sqlstore.Schema())
				return err
			}
			return answer(d, buildView(), b, "")
		},
	}
}

func buildView() output.View[build] {
	return output.View[build]{Columns: []output.Column[build]{
		text("version", "the version, or development", func(b build) string { return b.version }),
		orNull("commit", "the commit that it was made from", func(b build) string { return b.commit }),
		text("go", "the version of Go", func(b build) string { return b.goVersion }),
		number("schema", "the version of the store's schema that it works on", func(build) int64 { return int64(sqlstore.Schema()) }),
	}}
}
