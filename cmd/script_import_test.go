package cmd

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// cmdEncode writes a text, which in a script is UTF-8, in another encoding.
func cmdEncode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: encode windows-1252|utf-16le FILE OUT")
	}
	known := map[string]encoding.Encoding{"windows-1252": charmap.Windows1252, "utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)}
	e, ok := known[args[0]]
	if !ok {
		ts.Fatalf("no encoding %q", args[0])
	}
	encoded, err := e.NewEncoder().String(ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(encoded), 0o600))
}
