package bulk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
)

// TestByEmail holds that a file that is read by e-mail has the rows that it has by
// line.
func TestByEmail(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	many.WriteString("E-Mail,Vorname,Nachname\n")
	for i := range 2*sortedRows + 7 {
		fmt.Fprintf(&many, "person%d@example.ch,\"Jürg\n\"\"%d\"\"\",Muster\n", i*7919%10007, i)
	}
	legacy, err := charmap.Windows1252.NewEncoder().String("email,last_name\nb@example.ch,Müller\na@example.ch,Weiß\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"many rows":          many.String(),
		"a mark":             "\ufeffemail;last_name\nc@example.ch;Müller\n\n\na@example.ch;Weiß\r\nb@example.ch;Ö",
		"bad rows":           "email,last_name\nc@example.ch,A\nb@example.ch,B,too much\n\"a\"b,C\na@example.ch,D\n,E\nd@example.ch,F\n",
		"Excel's line":       "\ufeffsep=;\r\nemail;last_name\r\nc@example.ch;A\r\nb@example.ch;B\r\n\r\na@example.ch;Ö\r\nd@example.ch;D\r\n",
		"no row":             "email,last_name\n",
		"an open quote":      "email,last_name\nb@example.ch,A\na@example.ch,\"B\n",
		"Windows-1252":       legacy,
		"a damaged line":     "email,last_name\nb@example.ch,Müller\na@example.ch,\xfc\n",
		"empty lines at the": "email,last_name\nb@example.ch,A\n,\n\r\na@example.ch,B\n\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			byLine, byEmail, held := open(t, text, Options{}), open(t, text, Options{}), open(t, text, Options{})
			byEmail.sortAbove, byEmail.heldBelow, held.sortAbove = 0, 0, 0
			want, got := told(t, byLine), told(t, byEmail)
			if diff := cmp.Diff(got, told(t, held)); diff != "" {
				t.Errorf("held (-where they stand +held):\n%s", diff)
			}
			if len(want) > 3 && !strings.Contains(name, "1252") && slices.Equal(want, got) {
				t.Error("the rows come by line")
			}
			lineOf := func(row string) int {
				line, _, _ := strings.Cut(row, " ")
				n, err := strconv.Atoi(line)
				if err != nil {
					return 1 << 30
				}
				return n
			}
			slices.SortStableFunc(got, func(a, b string) int { return lineOf(a) - lineOf(b) })
			if len(want) > 0 && strings.HasPrefix(want[len(want)-1], "end:") {
				want, got = want[len(want)-1:], got[len(got)-1:] // which is refused as a whole
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("by e-mail (-by line +by e-mail):\n%s", diff)
			}
		})
	}
}
