package bulk

import (
	"strings"
	"testing"
)

func TestJSONLines(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		o    Options
		want []string
	}{
		"nothing": {text: "", want: []string{}},
		"a member, all given": {
			text: `{"kind":"member","email":" a@example.ch ","salutation":"Frau","first_name":"Anna","last_name":"M\u00fcller","username":"anna","language":"de",` +
				`"phones":["+41 44 555 12 34",{"label":"mobile","number":"+41 79 555 12 34"}],"access":["invoices","orders.view"],"mail":["news"],"suspended":true,` +
				`"password_hash":"$2a$x","must_change":false}`,
			want: []string{`1 member.add {"email":"a@example.ch","salutation":"ms","first_name":"Anna","last_name":"Müller","language":"de",` +
				`"phones":["work=+41 44 555 12 34","mobile=+41 79 555 12 34"],"username":"anna","access":["invoices","orders.view"],"mail":["news"],"suspended":true,"password":"set"}`}},
		"null and empty are not given": {text: `{"email":"a@example.ch","first_name":null,"last_name":"","access":null,"suspended":null}`,
			want: []string{`1 member.add {"email":"a@example.ch"}`}},
		"empty lists empty": {text: `{"email":"a@example.ch","phones":[],"access":[],"mail":[]}`,
			want: []string{`1 member.add {"email":"a@example.ch","phones":[],"access":["none"],"mail":["none"]}`}},
		"texts as in cells": {text: `{"E-Mail":"a@example.ch","Bereiche":"invoices, domains","Mobil":"+41 79 555 12 34","Gesperrt":"nein"}`,
			want: []string{`1 member.add {"email":"a@example.ch","phones":["mobile=+41 79 555 12 34"],"phones_of":["mobile"],"access":["invoices","domains"],"suspended":false}`}},
		"numbers": {text: `{"email":"a@example.ch","suspended":1,"last_name":7}`, want: []string{`1 member.add {"email":"a@example.ch","last_name":"7","suspended":true}`}},
		"a mended row": {text: `{"line":7,"field":"email","reason":"x","email":"max@example.ch","first_name":"Max","last_name":"Muster"}`,
			want: []string{"1 " + max2}},
		"a subaccount and an invite": {text: "{\"email\":\"a@example.ch\",\"subaccount\":\"t\",\"role\":\"copywriter\"}\n\n{\"kind\":\"invite\",\"email\":\"b@example.ch\",\"access\":[\"all\"],\"expires\":\"24h\"}\r\n",
			want: []string{`1 subaccount.create {"name":"t","email":"a@example.ch","role":"copywriter","no_mail":true}`,
				`3 invite.send {"email":"b@example.ch","access":["all"],"expires":86400000000000,"no_mail":true}`}},
		"an unknown key": {text: `{"email":"a@example.ch","emial":"x"}` + "\n{}\n", want: []string{
			`1 emial: no field for key "emial"; did you mean email?; say with --map emial=FIELD which it is, or leave it out with --map emial=-`, "2 email: a member needs email, which is missing"}},
		"left out": {text: `{"email":"a@example.ch","emial":{"x":[1]}}`, o: Options{Map: []string{"emial=-"}}, want: []string{`1 member.add {"email":"a@example.ch"}`}},
		"twice": {text: `{"email":"a@example.ch","E-Mail":"b@example.ch"}`,
			want: []string{`1 email: email is given twice in the object, the second time as "E-Mail"`}},
		"kinds of values": {text: `{"email":["a@example.ch"]}` + "\n" + `{"email":{"a":1}}` + "\n" + `{"email":"a@example.ch","access":[1]}` + "\n" +
			`{"email":"a@example.ch","phones":[{"label":"work","nummer":"1"}]}` + "\n" + `{"email":"a@example.ch","mail":[["x"]]}` + "\n[1]\n7\n",
			want: []string{"1 email: email cannot be an array", "2 email: email cannot be an object", "3 access: access is an array of texts",
				`4 phones: a phone is an object of two texts: {"label":"work","number":"+41 44 555 12 34"}`, "5 mail: mail is an array of texts",
				"6 : a row is a JSON object, not a value of another kind", "7 : a row is a JSON object, not a value of another kind"}},
		"broken lines": {text: "{\"email\":\n{\"email\":\"max@example.ch\",\"first_name\":\"Max\",\"last_name\":\"Muster\"}\n{\"email\":\"a\" x}\n{\"email\":\"a\"} {}\nx\n",
			want: []string{"1 : this is not JSON: it ends too early", "2 " + max2,
				"3 : this is not JSON: a comma, colon, quote or bracket is missing or too much, or a value is none", "4 : there is something after the object; give one a line",
				"5 : this is not JSON: a comma, colon, quote or bracket is missing or too much, or a value is none"}},
		"too long": {text: `{"email":"` + strings.Repeat("x", 2*maxRecord) + "\"}\n{\"email\":\"max@example.ch\",\"first_name\":\"Max\",\"last_name\":\"Muster\"}",
			want: []string{"1 : the line is longer than 1 MiB", "2 " + max2}},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Format = JSONL
			r := open(t, c.text, c.o)
			same(t, "rows", c.want, told(t, r))
			same(t, "rows read again", c.want, told(t, r))
		})
	}
}

func TestJSONArray(t *testing.T) {
	row := `{"email":"max@example.ch","first_name":"Max","last_name":"Muster"}`
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"none":        {"[]", []string{}},
		"rows":        {"[\n" + row + ",\n\n  {\n \"email\": \"a@example.ch\"\n},{}]\n\n", []string{"2 " + max2, `4 member.add {"email":"a@example.ch"}`, "6 email: a member needs email, which is missing"}},
		"no object":   {"[1,\n" + row + "]", []string{"1 : a row is a JSON object, not a value of another kind", "2 " + max2}},
		"nothing":     {"", []string{"end: invalid: the file is empty; give an array of objects, [] for none"}},
		"no array":    {row, []string{"end: invalid: the file holds no JSON array; give an array of objects, or --format jsonl for an object a line"}},
		"cut off":     {"[" + row + ",\n", []string{"1 " + max2, "end: invalid: line 2: this is not JSON: it ends too early"}},
		"broken":      {"[" + row + ",\n" + row + "\n" + row + "]", []string{"1 " + max2, "2 " + max2, "end: invalid: line 3: this is not JSON: a comma, colon, quote or bracket is missing or too much, or a value is none"}},
		"broken row":  {"[" + row + ",\n{\"email\":}]", []string{"1 " + max2, "end: invalid: line 2: this is not JSON: a comma, colon, quote or bracket is missing or too much, or a value is none"}},
		"more":        {"[" + row + "]\n[]", []string{"1 " + max2, "end: invalid: line 2: there is something after the array"}},
		"an open end": {"[\n{\"email\":\"" + strings.Repeat("x", 2*maxRecord), []string{"end: invalid: line 2: what begins there is longer than 1 MiB; look for a quote or a bracket that is not closed"}},
		"the longest": {"[\n" + row + ",{\"email\":\"" + strings.Repeat("x", maxRecord) + "\"}]", []string{"2 " + max2, "end: invalid: line 2: the record that begins there is longer than 1 MiB"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, c.text, Options{Format: JSON})
			same(t, "rows", c.want, told(t, r))
			same(t, "rows read again", c.want, told(t, r))
		})
	}
}

// What stands in a file that is no JSON may be a secret.
func TestJSONErrorsQuoteNothing(t *testing.T) {
	for _, text := range []string{`{"password_hash":"geheim`, `{"password_hash":"geheim" geheim}`, `{"password_hash":geheim}`, `geheim`} {
		for _, format := range []Format{JSON, JSONL} {
			all := strings.Join(told(t, open(t, map[Format]string{JSON: "[" + text, JSONL: text}[format], Options{Format: format})), "\n")
			if strings.Contains(all, "geh") {
				t.Errorf("%s of %s: %s", format, text, all)
			}
		}
	}
}
