package bulk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"github.com/staffctl/staffctl/internal/staff"
)

// open opens a text, or fails the test.
func open(t testing.TB, text string, o Options) *Reader {
	t.Helper()
	r, err := New(strings.NewReader(text), int64(len(text)), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told returns each row as a text: its action as JSON, or why there is none.
func told(t testing.TB, r *Reader) []string {
	t.Helper()
	rows := []string{}
	for row, err := range r.Rows() {
		switch {
		case err != nil:
			rows = append(rows, fmt.Sprintf("end: %s: %s", staffError(t, err).Code, err))
		case row.Err != nil:
			rows = append(rows, fmt.Sprintf("%d %s: %s", row.Line, staffError(t, row.Err).Field, row.Err))
		default:
			rows = append(rows, fmt.Sprintf("%d %s %s", row.Line, row.Action.Kind(), jsonOf(t, row.Action)))
		}
	}
	return rows
}

func staffError(t testing.TB, err error) *staff.Error {
	t.Helper()
	var e *staff.Error
	if !errors.As(err, &e) || e.Code != staff.CodeInvalid {
		t.Fatalf("%v is not of code invalid", err)
	}
	return e
}

func jsonOf(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const (
	anna = `member.add {"email":"anna@example.ch","first_name":"Anna","last_name":"Müller"}`
	max2 = `member.add {"email":"max@example.ch","first_name":"Max","last_name":"Muster"}`
)

func TestCSV(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		o    Options
		want []string
	}{
		"one row": {text: "email,first_name,last_name\nanna@example.ch,Anna,Müller\n", want: []string{"2 " + anna}},
		"no row":  {text: "email\n", want: []string{}},
		"German headers, semicolons, no newline at the end": {
			text: "E-Mail;Vorname;Nachname\r\nanna@example.ch;Anna;Müller\r\nmax@example.ch;Max;Muster", want: []string{"2 " + anna, "3 " + max2}},
		"the seed's headers": {
			text: "Anrede;Vorname;Name;E-Mail;Kontoname;Einstellungen E-Mail Versand;Bereich\nFrau;Anna;Müller;anna@example.ch;anna;news;Ohne Zugriff\n",
			want: []string{`2 member.add {"email":"anna@example.ch","salutation":"ms","first_name":"Anna","last_name":"Müller","username":"anna","access":["none"],"mail":["news"]}`}},
		"Excel's first line": {text: "sep=;\r\nemail;vor,na,me\r\nanna@example.ch;Anna\r\n", o: Options{Map: []string{"vor,na,me=first_name"}},
			want: []string{`3 member.add {"email":"anna@example.ch","first_name":"Anna"}`}},
		"bars": {text: "email|vorname|name\nanna@example.ch|Anna|Müller\n", want: []string{"2 " + anna}},
		"tabs": {text: "email\tvorname\tname\nanna@example.ch\tAnna\tMüller\n", want: []string{"2 " + anna}},
		"a delimiter in quotes does not count": {text: "\"e-mail\";\"vor,na,me\"\nanna@example.ch;Anna\n", o: Options{Map: []string{"vor,na,me=first_name"}},
			want: []string{`2 member.add {"email":"anna@example.ch","first_name":"Anna"}`}},
		"a delimiter that is given": {text: "email|vorname|name\nanna@example.ch|Anna|Müller\n", o: Options{Delimiter: '|'}, want: []string{"2 " + anna}},
		"the name of a file of tabs": {text: "email\tvorname;name\nanna@example.ch\tAnna\n", o: Options{Name: "X.TSV", Map: []string{"vorname;name=first_name"}},
			want: []string{`2 member.add {"email":"anna@example.ch","first_name":"Anna"}`}},
		"newlines in cells count": {text: "email,first_name,last_name\nanna@example.ch,\"An\n\nna\",x\n\nmax@example.ch,Max,Muster\n",
			want: []string{`2 member.add {"email":"anna@example.ch","first_name":"An\n\nna","last_name":"x"}`, "6 " + max2}},
		"empty rows": {text: "\n\nemail;first_name;last_name\n\n;;\n  ;\" \";\nmax@example.ch;Max;Muster\n;;\n", want: []string{"7 " + max2}},
		"too many, too few": {text: "email,first_name,last_name\na@example.ch,a,b,c\nb@example.ch,b\nmax@example.ch,Max,Muster\n",
			want: []string{"2 : the row has 4 fields, the header has 3", "3 : the row has 2 fields, the header has 3", "4 " + max2}},
		"a quote within": {text: "email,first_name,last_name\na@example.ch,a \"b\",c\nmax@example.ch,Max,Muster\n",
			want: []string{"2 : a quote stands within a cell that does not begin with one; put the cell in quotes and write the quote twice", "3 " + max2}},
		"a quote that ends early": {text: "email,first_name,last_name\na@example.ch,\"a\nb\"c,c\nmax@example.ch,Max,Muster\n",
			want: []string{"2 : a quote that begins in this row ends in the middle of a cell; write a quote within quotes twice", "4 " + max2}},
		"the same in the last line": {text: "email,first_name\na@example.ch,\"a\"b",
			want: []string{"2 : a quote that begins in this row ends in the middle of a cell; write a quote within quotes twice"}},
		"a quote without an end": {text: "email,first_name,last_name\nmax@example.ch,Max,Muster\na@example.ch,\"a,c\nb@example.ch,b,c\n",
			want: []string{"2 " + max2, "end: invalid: line 3: a quote that begins in this row is not closed to the end of the file"}},
		"formulas are restored": {text: "email,first_name,phones\na@example.ch,'=A,'+41445551234\n",
			want: []string{`2 member.add {"email":"a@example.ch","first_name":"=A","phones":["work=+41445551234"]}`}},
		"a trailing delimiter":        {text: "email,first_name,\na@example.ch,A,\n", want: []string{`2 member.add {"email":"a@example.ch","first_name":"A"}`}},
		"a value without a name":      {text: "email,first_name,\na@example.ch,A,x\n", want: []string{"2 : column 3 has a value and no name in the header"}},
		"no email":                    {text: "email,first_name,x\n,A,\n,,x\n", o: Options{Map: []string{"X=-"}}, want: []string{"2 email: a member needs email, which is missing", "3 email: the email is missing"}},
		"a file of errors is read":    {text: "line,field,reason,email,first_name,last_name\n7,email,no e-mail,max@example.ch,Max,Muster\n", want: []string{"2 " + max2}},
		"left out and mapped":         {text: "email,first_name,last_name,status\nmax@example.ch,Max,Muster,x\n", o: Options{Map: []string{"status=-"}}, want: []string{"2 " + max2}},
		"a column of another meaning": {text: "Mail,Rufname,last_name\nmax@example.ch,Max,Muster\n", o: Options{Map: []string{"mail=email"}}, want: []string{"2 " + max2}},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, c.text, c.o)
			same(t, "rows", c.want, told(t, r))
			same(t, "rows read again", c.want, told(t, r))
		})
	}
}

func TestValues(t *testing.T) {
	mail := Options{Mail: true, OnConflict: staff.Update}
	for name, c := range map[string]struct {
		header, row string
		o           Options
		want        string
	}{
		"phones": {"phones;mobil;Telefon privat", "+41 44 555 12 34, fax=+41 44 555 12 35;+41 79 555 12 34|+41 79 555 12 35;", Options{},
			`member.add {"email":"a@example.ch","phones":["work=+41 44 555 12 34","fax=+41 44 555 12 35","mobile=+41 79 555 12 34","mobile=+41 79 555 12 35"]}`},
		"phones of a label": {"phones;mobil;fax;Telefon privat", ";+41 79 555 12 34;none;", Options{},
			`member.add {"email":"a@example.ch","phones":["mobile=+41 79 555 12 34"],"phones_of":["mobile","fax"]}`},
		"no phones": {"phones", "none", Options{}, `member.add {"email":"a@example.ch","phones":[]}`},
		"lists":     {"access;mail", "Invoices, orders.view|domains support;none", Options{}, `member.add {"email":"a@example.ch","access":["invoices","orders.view","domains","support"],"mail":["none"]}`},
		"phones of Excel": {"Geschäftstelefon;Mobil-Nr.;Mobile Number;phones", `"=""+41 44 555 12 34""";'0041 79 555 12 34;;"TEL:+41 44 555 12 35, fax= 0041445551236"`, Options{Map: []string{"Mobile Number=-"}},
			`member.add {"email":"a@example.ch","phones":["work=+41 44 555 12 35","fax=+41445551236","work=+41 44 555 12 34","mobile=+41 79 555 12 34"]}`},
		"a number that is lost": {"phone", "4,1445551236E+10", Options{},
			`phones: "4,1445551236E+10" is a number in Excel's scientific notation, of which digits are lost; make the column text and write the number as in +41 44 555 12 34`},
		"words of Excel": {"anrede;Korrespondenzsprache;gesperrt", "Frau Dr. med.;Deutsch;WAHR", Options{}, `member.add {"email":"a@example.ch","salutation":"ms","language":"de","suspended":true}`},
		"more of them":   {"anrede;gesperrt", "Herr Prof.;FAUX", Options{}, `member.add {"email":"a@example.ch","salutation":"mr","suspended":false}`},
		"all":            {"Zugriff;Mailkategorien", "Alle Berechtigungen;alle", Options{}, `member.add {"email":"a@example.ch","access":["all"],"mail":["all"]}`},
		"words":          {"anrede;sprache;gesperrt", "Mrs.;Deutsch;Ja", Options{}, `member.add {"email":"a@example.ch","salutation":"ms","language":"de","suspended":true}`},
		"known words":    {"salutation;language;suspended", "MX;EN;0", Options{}, `member.add {"email":"a@example.ch","salutation":"mx","language":"en","suspended":false}`},
		"unknown words are the domain's to refuse": {"salutation;language", "Dr. Dr.;fr", Options{}, `member.add {"email":"a@example.ch","salutation":"Dr. Dr.","language":"fr"}`},
		"no flag":            {"suspended", "perhaps", Options{}, `suspended: suspended is yes or no, not "perhaps"`},
		"a hash":             {"password_hash;must_change", "$2a$10$x;yes", Options{}, `member.add {"email":"a@example.ch","password":"set","must_change":true}`},
		"no hash":            {"must_change", "yes", Options{}, `must_change: must_change is of a password: give password_hash too`},
		"not to be changed":  {"must_change", "no", Options{}, `member.add {"email":"a@example.ch"}`},
		"a subaccount":       {"unterkonto;rolle", "texter;copywriter", Options{}, `subaccount.create {"name":"texter","email":"a@example.ch","role":"copywriter","no_mail":true}`},
		"one that is mailed": {"kind;subaccount;role", "Unterkonto;texter;copywriter", mail, `subaccount.create {"name":"texter","email":"a@example.ch","role":"copywriter","on_conflict":"update"}`},
		"an invite":          {"kind;access;expires;language", "Einladung;all;3d;german", Options{}, `invite.send {"email":"a@example.ch","access":["all"],"expires":259200000000000,"language":"de","no_mail":true}`},
		"no period":          {"kind;access;expires", "invite;all;soon", Options{}, `expires: an invite lasts from a minute to 7 days, such as 72h or 7d, not "soon"`},
		"no kind":            {"kind", "membr", Options{}, `kind: no kind "membr"; did you mean member?`},
		"no role":            {"subaccount", "texter", Options{}, `role: a subaccount needs role, which is missing`},
		"no name":            {"kind;role", "subaccount;copywriter", Options{}, `subaccount: a subaccount needs subaccount, which is missing`},
		"no access":          {"kind", "invite", Options{}, `access: an invite needs access, which is missing`},
		"a role":             {"role", "copywriter", Options{}, `role: a member has no role: leave it empty, or say with the field kind what the row is`},
		"an expiry":          {"expires", "3d", Options{}, `expires: a member has no expires: leave it empty, or say with the field kind what the row is`},
		"another's access":   {"subaccount;role;access", "t;copywriter;all", Options{}, `access: a subaccount has no access: leave it empty, or say with the field kind what the row is`},
		"another's username": {"kind;username;access", "invite;x;all", Options{}, `username: an invite has no username: leave it empty, or say with the field kind what the row is`},
		"a name of a member": {"kind;subaccount", "member;x", Options{}, `subaccount: a member has no subaccount: leave it empty, or say with the field kind what the row is`},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, "email;"+c.header+"\na@example.ch;"+c.row+"\n", c.o)
			same(t, "the row", []string{"2 " + c.want}, told(t, r))
		})
	}
}

func TestHeaderRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		o    Options
		want string
	}{
		"empty":             {"", Options{}, "file: the file is empty; its first line names the columns, such as email,first_name,last_name"},
		"a workbook":        {"PK\x03\x04\x14\x00", Options{}, "file: the file is an Excel workbook or another archive; save the sheet as CSV UTF-8"},
		"no text":           {"email\n\x01\x00\x00", Options{}, "file: the file is no text; give CSV, JSON or JSON lines"},
		"a team file":       {"# yaml-language-server: $schema=x\naccount: acme\n", Options{}, "file: this is a team file: staffctl apply -f FILE reads it"},
		"another":           {"---\n# Ours\naccount:\n  name: acme\n", Options{}, "file: this is a team file: staffctl apply -f FILE reads it"},
		"unknown":           {"email,usrname\n", Options{}, `file: no field for column "usrname"; did you mean username?; say with --map usrname=FIELD which it is, or leave it out with --map usrname=-`},
		"unknown, to quote": {"email,last name 2\n", Options{Map: []string{"email=email"}}, `file: no field for column "last name 2"; did you mean last_name?; say with --map 'last name 2'=FIELD which it is, or leave it out with --map 'last name 2'=-`},
		"several unknown": {"email,Firma,name,Abteilung " + strings.Repeat("x", 50) + "\n", Options{}, `file: no field for columns "Firma", "Abteilung xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"; known are ` + strings.Join(Fields(), ", ") +
			`; say with --map COLUMN=FIELD which each is, or leave it out with --map COLUMN=-`},
		"a long name": {"email," + strings.Repeat("é", 41) + "\n", Options{}, `file: no field for column "` + strings.Repeat("é", 40) + `…"; known are ` + strings.Join(Fields(), ", ") +
			`; say with --map COLUMN=FIELD which it is, or leave it out with --map COLUMN=-`},
		"no header":        {"anna@example.ch,Anna,$2a$geheim\n", Options{}, "file: the first line is a person and no header; put a line above it that names the columns, such as email,first_name,last_name"},
		"two of a field":   {"email,Telefon,phones\n", Options{}, `file: columns "Telefon" and "phones" are both phones; leave one out with --map phones=-`},
		"the same twice":   {"email,Telefon,telefon\n", Options{}, `file: columns "Telefon" and "telefon" have the same name; rename one in the file, or remove it`},
		"twice":            {"email,E-Mail\n", Options{}, `file: columns "email" and "E-Mail" have the same name; rename one in the file, or remove it`},
		"no email":         {"first_name,name\n", Options{}, `file: the file has no column email; say with --map COLUMN=email which it is (columns: first_name, name)`},
		"mail is no email": {"Mail,name\n", Options{}, `file: the file has no column email; if Mail holds the addresses, and not the mail categories, give --map Mail=email`},
		"a broken quote":   {"email,\"a\"b\n", Options{}, `file: line 1: a quote that begins in this row ends in the middle of a cell; write a quote within quotes twice`},
		"an open quote":    {"email,\"a\n", Options{}, `file: line 1: a quote that begins in this row is not closed to the end of the file`},
		"a map of nothing": {"email\n", Options{Map: []string{"x"}}, `map: "x" maps nothing; give --map COLUMN=FIELD, or COLUMN=- to leave the column out`},
		"a map to nothing": {"email\n", Options{Map: []string{"x=emial"}}, `map: --map x=emial: no field "emial"; did you mean email?`},
		"a map of no column": {"email,name\n", Options{Map: []string{"nam=last_name"}},
			`map: --map: the file has no column "nam"; did you mean name?`},
		"a map twice": {"email,name\n", Options{Map: []string{"name=last_name", "Name=-"}}, `map: --map names column "Name" twice`},
		"a delimiter": {"email\n", Options{Delimiter: '"'}, `delimiter: '"' cannot stand between cells; give comma, semicolon, tab or another character`},
		"endless":     {"email,\"" + strings.Repeat("x\n", maxRecord), Options{}, `file: line 1: what begins there is longer than 1 MiB; look for a quote or a bracket that is not closed`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(strings.NewReader(c.text), int64(len(c.text)), c.o)
			e := staffError(t, err)
			same(t, "error", c.want, e.Field+": "+e.Message)
		})
	}
}

func TestEndlessRow(t *testing.T) {
	r := open(t, "email,last_name\n\na@example.ch,\"A\nB\"\n\nb@example.ch,\""+strings.Repeat("x\n", maxRecord), Options{})
	same(t, "rows", []string{`3 member.add {"email":"a@example.ch","last_name":"A\nB"}`,
		"end: invalid: line 6: what begins there is longer than 1 MiB; look for a quote or a bracket that is not closed"}, told(t, r))
}

func TestEncodings(t *testing.T) {
	const text = "E-Mail;Vorname;Nachname\nmax@example.ch;Max;Muster\nanna@example.ch;Anna;Müller\n"
	want := []string{"2 " + max2, "3 " + anna}
	latin, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide := func(big bool) string {
		var b strings.Builder
		for _, u := range utf16.Encode([]rune(text)) {
			if big {
				b.WriteByte(byte(u >> 8))
			}
			b.WriteByte(byte(u))
			if !big {
				b.WriteByte(byte(u >> 8))
			}
		}
		return b.String()
	}
	for name, encoded := range map[string]string{
		"UTF-8": text, "with BOM": "\xef\xbb\xbf" + text, "Windows-1252": latin,
		"UTF-16LE with BOM": "\xff\xfe" + wide(false), "UTF-16BE with BOM": "\xfe\xff" + wide(true), "UTF-16LE": wide(false), "UTF-16BE": wide(true),
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, encoded, Options{})
			same(t, "rows", want, told(t, r))
			same(t, "rows read again", want, told(t, r))
		})
	}
}

func TestWindows1252Late(t *testing.T) {
	var b strings.Builder
	b.WriteString("email,last_name\n")
	for i := range 5000 { // beyond what is read at once
		fmt.Fprintf(&b, "person%d@example.ch,Muster\n", i)
	}
	b.WriteString("a@example.ch,M\xfcller \x80\n")
	rows := told(t, open(t, b.String(), Options{}))
	same(t, "the last row", `5002 member.add {"email":"a@example.ch","last_name":"Müller €"}`, rows[len(rows)-1])
}

func TestMixedEncoding(t *testing.T) {
	const damage = "a character cannot be read (U+FFFD): the line is not in the encoding that the lines before are in; save the file in UTF-8"
	r := open(t, "email,first_name,last_name\nanna@example.ch,Anna,Müller\nb@example.ch,B,M\xfcller\nmax@example.ch,Max,Muster\n", Options{})
	same(t, "rows", []string{"2 " + anna, "3 last_name: " + damage, "4 " + max2}, told(t, r))
	r = open(t, "\xef\xbb\xbfemail,last_name\nb@example.ch,M\xfc", Options{})
	same(t, "with a BOM", []string{"2 last_name: " + damage}, told(t, r))
}

// Whatever the size of what is read at once, no character is torn.
func TestDecodedInPieces(t *testing.T) {
	for _, filler := range []int{bufferSize - 3, bufferSize - 2, bufferSize - 1, 4094, 4095, 4096} {
		text := "email,last_name\na@example.ch," + strings.Repeat("x", filler-29) + "é€𝄞" + strings.Repeat("ü", bufferSize) + "\n"
		for row, err := range open(t, text, Options{}).Rows() {
			if err != nil || row.Err != nil {
				t.Fatalf("filler %d: %v %v", filler, err, row.Err)
			}
			a, _ := row.Action.(staff.AddMember)
			if got := "email,last_name\na@example.ch," + *a.LastName + "\n"; got != text {
				t.Fatalf("filler %d: %d bytes became %d", filler, len(text), len(got))
			}
		}
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		name, text string
		o          Format
		want       Format
	}{
		{"team.csv", "email\n", "", CSV}, {"x.TSV", "email\n", "", CSV}, {"team.json", "[]", "", JSON}, {"team.jsonl", "", "", JSONL}, {"errors.json", "\n {}\n{}", "", JSONL}, {"team.json", "x", "", JSON}, {"team.ndjson", "", "", JSONL},
		{"-", " \n[]", "", JSON}, {"-", "\ufeff{}", "", JSONL}, {"-", "email\n", "", CSV}, {"team.txt", "[]", JSONL, JSONL}, {"team.json", "email", CSV, CSV},
	} {
		if got := open(t, c.text, Options{Name: c.name, Format: c.o}).Format(); got != c.want {
			t.Errorf("%s %q with %q is %s", c.name, c.text, c.o, got)
		}
	}
}

func TestProgress(t *testing.T) {
	r := open(t, "email\na@example.ch\n", Options{})
	told(t, r)
	if done, size := r.Progress(); done != 19 || size != 19 {
		t.Errorf("%d of %d", done, size)
	}
}
