package bulk

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

// failures are the rows that cannot be read, and those that refuse says.
func failures(t testing.TB, r *Reader, refuse func(staff.Action) *staff.Error) (bad []staff.Failure, rows int) {
	t.Helper()
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		rows++
		var e *staff.Error
		if row.Err != nil {
			e = staffError(t, row.Err)
		} else {
			e = refuse(row.Action)
		}
		if e != nil {
			bad = append(bad, staff.Failure{Line: row.Line, Source: row.Source, Err: e})
		}
	}
	return bad, rows
}

func none1(staff.Action) *staff.Error { return nil }

func written(t testing.TB, r *Reader, bad []staff.Failure) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteErrors(&b, bad); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteErrors(t *testing.T) {
	all := func(staff.Action) *staff.Error { return staff.Errorf(staff.CodeInvalid, "email", "no; \"e-mail\"") }
	for name, c := range map[string]struct {
		o          Options
		text, want string
	}{
		"CSV": {Options{}, "E-Mail;Vorname\n a ;'=1\n\"x\ny\";\n",
			"line;field;reason;E-Mail;Vorname\n2;email;\"no; \"\"e-mail\"\"\";a;'=1\n3;email;\"no; \"\"e-mail\"\"\";\"x\ny\";\n"},
		"CSV that is broken": {Options{}, "email,last_name\na,b,c\na\na,b \"c\"\nb,\"c\nd\" e\n",
			"line,field,reason,email,last_name\n2,,\"the row has 3 fields, the header has 2\",a,b,c\n3,,\"the row has 1 field, the header has 2\",a\n" +
				"4,,a quote stands within a cell that does not begin with one; put the cell in quotes and write the quote twice,a,b \"c\"\n" +
				"5,,a quote that begins in this row ends in the middle of a cell; write a quote within quotes twice,b,\"c\nd\" e\n"},
		"errors of before": {Options{}, "line,field,reason,email,last_name\n7,email,\"old, one\",a,b\n8,,old,a,b \"c\"\n9,,\"old, \"\"one\"\"\",a,b \"c\"\n",
			"line,field,reason,email,last_name\n2,email,\"no; \"\"e-mail\"\"\",a,b\n" +
				"3,,a quote stands within a cell that does not begin with one; put the cell in quotes and write the quote twice,a,b \"c\"\n" +
				"4,,a quote stands within a cell that does not begin with one; put the cell in quotes and write the quote twice,a,b \"c\"\n"},
		"JSON": {Options{Format: JSON}, "[{\n \"email\": \"a\",\n \"phones\": [ {\"label\": \"work\",\"number\": \"1\"} ]\n},7]",
			`{"line":1,"field":"email","reason":"no; \"e-mail\"","email":"a","phones":[{"label":"work","number":"1"}]}` + "\n" +
				`{"line":4,"field":"","reason":"a row is a JSON object, not a value of another kind","text":"7"}` + "\n"},
		"JSON lines": {Options{Format: JSONL}, "{\"line\":7,\"field\":\"x\",\"reason\":\"y\",\"email\":\"a\"}\n{\"email\":\"a\",\"emial\":\"b\"}\n{\"email\":\n",
			`{"line":1,"field":"email","reason":"no; \"e-mail\"","email":"a"}` + "\n" +
				`{"line":2,"field":"emial","reason":"no field for key \"emial\"; did you mean email?; say with --map emial=FIELD which it is, or leave it out with --map emial=-","email":"a","emial":"b"}` + "\n" +
				`{"line":3,"field":"","reason":"this is not JSON: it ends too early","text":"{\"email\":"}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, c.text, c.o)
			bad, _ := failures(t, r, all)
			same(t, "errors", c.want, written(t, r, bad))
		})
	}
}

// What was not mended is refused again for the same reason, and what was mended
// is read.
func TestErrorsReadAgain(t *testing.T) {
	for _, o := range []Options{{}, {Format: JSONL}} {
		text := "email,suspended\na@example.ch,maybe\nb@example.ch,x,y\nc@example.ch,\"x\"y\nd@example.ch,no\ne@example.ch,x\n"
		if o.Format == JSONL {
			text = `{"email":"a@example.ch","suspended":"maybe"}` + "\n{\"email\":\"b\n{\"x\":1}\n" + `{"email":"d@example.ch"}` + "\n[]\n"
		}
		r := open(t, text, o)
		bad, rows := failures(t, r, none1)
		if rows != 5 || len(bad) != 4 {
			t.Fatalf("%d of %d are bad", len(bad), rows)
		}
		first := written(t, r, bad)
		again := open(t, first, o)
		worse, rows := failures(t, again, none1)
		if rows != 4 || len(worse) != 4 {
			t.Errorf("%d of %d are bad again:\n%s", len(worse), rows, first)
		}
		mended := open(t, strings.ReplaceAll(first, "maybe", "yes"), o)
		if fewer, rows := failures(t, mended, none1); rows != 4 || len(fewer) != 3 {
			t.Errorf("once one is mended %d of %d are bad", len(fewer), rows)
		}
	}
}

// A failure names the column of the file, whatever the action calls it.
func TestBlame(t *testing.T) {
	const header, row = "E-Mail;Vorname;Telefon;Handy;hash;Unterkonto;Kontoname\n", "a@example.ch;A;+41 44 555 12 34;+41 79;x;;\n"
	for name, want := range map[string]string{"email": "E-Mail", "member": "E-Mail", "first-name": "Vorname", "last-name": "last_name", "phone": "Handy", "hash": "hash",
		"name": "Unterkonto", "username": "E-Mail", "plan": "plan", "": "", "access": "access"} {
		r := open(t, header+row, Options{})
		bad, _ := failures(t, r, func(staff.Action) *staff.Error { return staff.Errorf(staff.CodeInvalid, name, "no") })
		r.Blame(&bad[0])
		same(t, name, want, bad[0].Err.Field)
	}
	r := open(t, `{"E-Mail":"a@example.ch","phone_fax":["x"]}`, Options{})
	bad, _ := failures(t, r, func(staff.Action) *staff.Error { return staff.Errorf(staff.CodeInvalid, "phone", "no") })
	r.Blame(&bad[0])
	same(t, "of an object", "phone_fax", bad[0].Err.Field)
}

func TestManyBadRows(t *testing.T) {
	const rows, every = 100_000, 100
	var b strings.Builder
	b.WriteString("E-Mail;Vorname;Nachname;Gesperrt\n")
	for i := range rows {
		suspended := "nein"
		if i%every == 7 {
			suspended = "vielleicht"
		}
		fmt.Fprintf(&b, "person%06d@example.ch;Anna;Muster;%s\n", i, suspended)
	}
	r := open(t, b.String(), Options{})
	bad, n := failures(t, r, none1)
	if n != rows || len(bad) != rows/every {
		t.Fatalf("%d of %d are bad", len(bad), n)
	}
	for i, f := range bad {
		if f.Line != i*every+7+2 || f.Err.Field != "suspended" {
			t.Fatalf("failure %d is of line %d: %v", i, f.Line, f.Err)
		}
	}
	mended := open(t, strings.ReplaceAll(written(t, r, bad), ";vielleicht", ";ja"), Options{})
	if bad, n := failures(t, mended, none1); len(bad) > 0 || n != rows/every {
		t.Errorf("mended, %d of %d are bad", len(bad), n)
	}
}

func TestErrorsFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "bad.csv")
	r := open(t, "email,suspended\na@example.ch,x\n", Options{})
	bad, _ := failures(t, r, none1)
	write := func() {
		t.Helper()
		if err := r.WriteErrorsFile(path, bad); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != 0o600 {
			t.Fatalf("%v, %v", info.Mode(), err)
		}
	}
	write()
	write() // over one of its own
	before, _ := os.ReadFile(path)
	if err := r.WriteErrorsFile(path, nil); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("without failures the file is %q, %v", after, err)
	}
	none := filepath.Join(dir, "none.csv")
	if err := r.WriteErrorsFile(none, nil); err != nil {
		t.Errorf("without failures and without a file: %v", err)
	}
	if _, err := os.Lstat(none); !os.IsNotExist(err) {
		t.Errorf("without failures there is a file: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	write() // over an empty one, whose mode does not stay
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left in the directory: %v, %v", left, err)
	}
}

func TestErrorsFileSparesOthers(t *testing.T) {
	dir := t.TempDir()
	theirs, link := filepath.Join(dir, "team.csv"), filepath.Join(dir, "link.csv")
	const text = "email,line,field,reason\n"
	if err := os.WriteFile(theirs, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "new.csv"), link); err != nil {
		t.Fatal(err)
	}
	r := open(t, "email,suspended\na@example.ch,x\n", Options{})
	bad, _ := failures(t, r, none1)
	for path, want := range map[string]staff.Code{theirs: staff.CodeConflict, link: staff.CodeConflict, dir: staff.CodeConflict, filepath.Join(dir, "none", "x"): staff.CodeNotFound} {
		if err := r.WriteErrorsFile(path, bad); staff.CodeOf(err) != want {
			t.Errorf("%s: %v", path, err)
		}
		if err := r.WriteErrorsFile(path, nil); staff.CodeOf(err) != want {
			t.Errorf("%s, without failures: %v", path, err)
		}
	}
	if got, err := os.ReadFile(theirs); err != nil || string(got) != text {
		t.Errorf("theirs is now %q, %v", got, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "new.csv")); !os.IsNotExist(err) {
		t.Errorf("a link was followed: %v", err)
	}
}
