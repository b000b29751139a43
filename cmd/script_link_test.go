package cmd

import (
	"os"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// linkPattern finds the token of a link.
var linkPattern = regexp.MustCompile(`/link/([A-Za-z0-9_-]+)`)

// cmdWithToken writes a template to a file with TOKEN replaced by the token of
// the link that another file holds.
func cmdWithToken(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: withtoken FILE TEMPLATE OUT")
	}
	found := linkPattern.FindStringSubmatch(ts.ReadFile(args[0]))
	if found == nil {
		ts.Fatalf("%s holds no link", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(ts.ReadFile(args[1]), "TOKEN", found[1])), 0o600))
}

// cmdLastID puts the last word of a file, an id, into a variable.
func cmdLastID(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lastid FILE VARIABLE")
	}
	ids := strings.Fields(ts.ReadFile(args[0]))
	if len(ids) == 0 {
		ts.Fatalf("%s holds no id", args[0])
	}
	ts.Setenv(args[1], ids[len(ids)-1])
}
