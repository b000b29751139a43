package bulk

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/staff"
)

// FuzzCSV reads files of any kind with a header that is right, so that rows are
// reached.
func FuzzCSV(f *testing.F) {
	for _, rows := range []string{
		"", "a@example.ch,Anna,Müller,ms,all,news,\n", "\"a\nb\",\"", "a,b \"c\"\nd,\"e\"f\n", ",,,,,,\n\r\n\r,", "a@example.ch,M\xfc,\xff\x80", "\u00fc\xff\n'=1,'+,",
		"\r\"", "a,b,c,d,e,f,subaccount\n", strings.Repeat("x,", 40),
	} {
		f.Add("email,first_name,last_name,salutation,access,mail,kind\n"+rows, false)
		f.Add("E-Mail;Vorname;Zugriff;Mobil;Gesperrt\n"+rows, true)
	}
	f.Add("\xff\xfee\x00m\x00a\x00i\x00l\x00\n\x00a\x00\x00\xd8\n\x00", false)
	f.Fuzz(func(t *testing.T, text string, mail bool) { holds(t, text, Options{Format: CSV, Mail: mail}) })
}

// FuzzJSON reads arrays and lines.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{
		"", "[]", "[{}]", `[{"email":"a@example.ch","access":["all"],"phones":[{"label":"work","number":"+41445551234"}]},{"email":null}]`, "[{\"email\":\"a\"},\n{\"email\"",
		"{\"email\":\"a@example.ch\",\"kind\":\"invite\",\"access\":\"all\",\"expires\":\"3d\"}\n{\n", `{"email":"\ud800","mail":[[[]]]}`, "[1,\"x\",{\"email\":{\"email\":[]}}] x",
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, lines bool) {
		format := JSON
		if lines {
			format = JSONL
		}
		holds(t, text, Options{Format: format})
	})
}

// holds asserts what is so of every file: it is read to its end, the same twice,
// with rising lines; failures have a code; and they can be written and read.
func holds(t *testing.T, text string, o Options) {
	t.Helper()
	r, err := New(strings.NewReader(text), int64(len(text)), o)
	if err != nil {
		_ = staffError(t, err)
		return
	}
	first, bad := once(t, r)
	second, _ := once(t, r)
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("read twice it differs:\n%s", diff)
	}
	var b bytes.Buffer
	if err := r.WriteErrors(&b, bad); err != nil {
		t.Fatal(err)
	}
	if len(bad) == 0 {
		return
	}
	if o.Format == JSON {
		o.Format = JSONL
	}
	o.Delimiter = r.comma
	again, err := New(bytes.NewReader(b.Bytes()), int64(b.Len()), o)
	if err != nil {
		t.Fatalf("errors cannot be read: %v\n%q", err, b.String())
	}
	if _, worse := once(t, again); len(worse) != len(bad) {
		t.Errorf("%d were refused, and of these again %d: %q", len(bad), len(worse), b.String())
	}
}

func once(t *testing.T, r *Reader) (rows []string, bad []staff.Failure) {
	t.Helper()
	last, count := 0, strings.Count(textOf(t, r), "\n")+1
	for row, err := range r.Rows() {
		if err != nil {
			_ = staffError(t, err)
			return append(rows, err.Error()), bad
		}
		if row.Line < last || row.Line == last && r.format != JSON || row.Line > count {
			t.Fatalf("line %d comes after line %d", row.Line, last)
		}
		last = row.Line
		if (row.Action == nil) == (row.Err == nil) || row.Source == nil {
			t.Fatalf("line %d has action %v and error %v", row.Line, row.Action, row.Err)
		}
		if row.Err != nil {
			bad = append(bad, staff.Failure{Line: row.Line, Source: row.Source, Err: staffError(t, row.Err)})
			continue
		}
		rows = append(rows, fmt.Sprint(row.Line, row.Action.Kind(), jsonOf(t, row.Action)))
	}
	return rows, bad
}

// textOf is what is read, decoded.
func textOf(t *testing.T, r *Reader) string {
	t.Helper()
	text, err := decoded(io.NewSectionReader(r.in, 0, r.size))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}
