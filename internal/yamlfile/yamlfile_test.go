package yamlfile_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/staffctl/staffctl/internal/staff"
	"github.com/staffctl/staffctl/internal/yamlfile"
)

// team is the kind of document that people write.
type team struct {
	Account string            `yaml:"account"`
	Plan    staff.Tariff      `yaml:"plan"`
	Owner   bool              `yaml:"owner"`
	Limit   int               `yaml:"limit"`
	Members []member          `yaml:"members"`
	Labels  map[string]string `yaml:"labels"`
}

type member struct {
	Email string   `yaml:"email"`
	Mail  []string `yaml:"mail"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	want := team{Account: "acme", Owner: true, Limit: 3, Members: []member{{"anna@example.ch", []string{"news"}}, {Email: "bert@example.ch"}}, Labels: map[string]string{"a": "1"}}
	for name, text := range map[string]string{
		"YAML": "# a team\n---\naccount: acme\nowner: true\nlimit: 3\nmembers:\n- email: anna@example.ch\n  mail: [news]\n- {email: bert@example.ch}\nlabels:\n  a: \"1\"\n...\n",
		"JSON": `{"account":"acme","owner":true,"limit":3,"members":[{"email":"anna@example.ch","mail":["news"]},{"email":"bert@example.ch"}],"labels":{"a":"1"}}`,
		"CRLF": "account: acme\r\nowner: true\r\nlimit: 3\r\nmembers:\r\n- email: anna@example.ch\r\n  mail: [news]\r\n- email: bert@example.ch\r\nlabels: {a: '1'}\r\n",
		"BOM":  "\ufeffaccount: acme\nowner: true\nlimit: 3\nmembers: [{email: anna@example.ch, mail: [news]}, {email: bert@example.ch}]\nlabels: {a: '1'}\n",
	} {
		var got team
		if err := yamlfile.Decode("team.yaml", strings.NewReader(text), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, says string }{
		{"nothing", "", "is empty"},
		{"blank lines", "\n\n", "is empty"},
		{"comments", "# nothing yet\n", "is empty"},
		{"a document without anything", "---\n", "is empty"},
		{"Latin-1", "account: acme\nplan: Z\xfcrich\n", "line 2: is not UTF-8; save the file as UTF-8"},
		{"null", "null\n", "is empty"},
		{"unknown key", "account: acme\nacount: x\n", "line 2: unknown key acount"},
		{"unknown keys", "acount: acme\nmembers:\n- email: x\n  male: [news]\n", "line 1: unknown key acount; line 4: unknown key male"},
		{"key twice", "account: acme\nplan: x\naccount: acne\n", `line 3: mapping key "account" already defined at line 1`},
		{"key twice in a map", "labels:\n  a: x\n  a: y\n", `line 3: mapping key "a" already defined at line 2`},
		{"anchor", "account: acme\nmembers:\n- &m {email: x}\n", "line 3: anchors and aliases are not allowed"},
		{"alias", "account: &a acme\nplan: *a\n", "line 1: anchors and aliases are not allowed"},
		{"unknown alias", "account: *a\n", "unknown anchor"},
		{"merge key", "labels: &l {a: x}\nmembers:\n- <<: *l\n", "line 1: anchors and aliases are not allowed"},
		{"millions of values", "account: acme\nlabels: [" + strings.Repeat("a,", 3<<20) + "]\n", "line 2: there are more than 2097152 values by here"},
		{"two documents", "account: acme\n---\naccount: acne\n", "more than one document"},
		{"an empty second document", "account: acme\n---\n", "more than one document"},
		{"rubbish behind the end", "account: acme\n...\n]\n", "more than one document"},
		{"text for a list", "account: acme\nmembers: anna\n", "line 2: cannot read text `anna` as a list"},
		{"a list for text", "account: [acme]\n", "line 1: cannot read a list as text"},
		{"a mapping for text", "account: {a: b}\n", "line 1: cannot read a mapping as text"},
		{"text for a number", "limit: x\n", "line 1: cannot read text `x` as a number"},
		{"text for true or false", "\nowner: ja\n", "line 2: cannot read text `ja` as true or false"},
		{"text for a mapping", "members:\n- anna\n", "line 2: cannot read text `anna` here"},
		{"a list for the document", "- anna\n", "line 1: cannot read a list here"},
		{"text for the document", "anna\n", "line 1: cannot read text `anna` here"},
		{"a bracket that stays open", "account: acme\nmembers: [\n", "did not find expected node content"},
		{"a tab", "account: acme\n\tplan: x\n", "line 2: found a tab character"},
		{"no UTF-8", "account: \"\xff\"\n", "line 1: is not UTF-8"},
		{"control characters", "account: \"a\x00b\"\n", "control characters are not allowed"},
		{"deep", strings.Repeat("[", 1<<20), "exceeded max depth"},
		{"deep by lines", strings.Repeat("- ", 1<<20), "exceeded max depth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkRefused(t, yamlfile.Decode("team.yaml", strings.NewReader(c.text), &team{}), "team.yaml: "+c.says)
		})
	}
}

// checkRefused wants an error about the file that begins so, or says so.
func checkRefused(t *testing.T, err error, want string) {
	t.Helper()
	var e *staff.Error
	if !errors.As(err, &e) || e.Code != staff.CodeInvalid || e.Field != "file" {
		t.Fatalf("got %v, want %q", err, want)
	}
	name, says, _ := strings.Cut(want, ": ")
	if !strings.HasPrefix(e.Message, name+": ") || !strings.Contains(e.Message, says) {
		t.Errorf("got %q, want %q", e.Message, want)
	}
	for _, word := range []string{"yaml:", "unmarshal", "staff.", "yamlfile", "!!", "\n"} {
		if strings.Contains(strings.TrimPrefix(e.Message, name+": "), word) {
			t.Errorf("%q speaks of %q", e.Message, word)
		}
	}
	if len(e.Message) > 2000 {
		t.Errorf("the message has %d characters", len(e.Message))
	}
}

// Files that grow, or take long, on being read are refused at once.
func TestDecodeBombs(t *testing.T) {
	t.Parallel()
	laughs := strings.Builder{}
	laughs.WriteString("labels:\n  a0: &a0 [lol, lol]\n")
	for i := range 40 {
		fmt.Fprintf(&laughs, "  a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i)
	}
	checkRefused(t, yamlfile.Decode("laughs.yaml", strings.NewReader(laughs.String()), &team{}), "laughs.yaml: line 2: anchors and aliases are not allowed")

	keys := strings.Builder{}
	for i := range 47_000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	checkRefused(t, yamlfile.Decode("keys.yaml", strings.NewReader(keys.String()), &team{}), "keys.yaml: line 1: a mapping with 47000 keys is too much; use a list")

	unknown := strings.Builder{}
	for i := range 2000 {
		fmt.Fprintf(&unknown, "k%d: 1\n", i)
	}
	checkRefused(t, yamlfile.Decode("unknown.yaml", strings.NewReader(unknown.String()), &team{}), "unknown.yaml: line 10: unknown key k9; and 1990 more")
}

// The file is wrong from its first letter on, so that reading stops there unless
// it is too big to be looked at.
func TestDecodeSize(t *testing.T) {
	t.Parallel()
	for size, says := range map[int]string{yamlfile.MaxSize: "control characters are not allowed", yamlfile.MaxSize + 1: "has more than 16 MiB"} {
		text := io.MultiReader(strings.NewReader("\x00"), strings.NewReader(strings.Repeat("x", size-1)))
		checkRefused(t, yamlfile.Decode("big.yaml", text, &team{}), "big.yaml: "+says)
	}
}

func TestDecodeReadFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	err := yamlfile.Decode("team.yaml", iotest.ErrReader(broken), &team{})
	if staff.CodeOf(err) != staff.CodeUnavailable || !errors.Is(err, broken) || !strings.Contains(err.Error(), "team.yaml: the disk is gone") {
		t.Errorf("got %v", err)
	}
}

// FuzzDecode: whatever a file holds, reading it does not panic, and what it
// refuses it refuses as the file's fault.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"account: acme\nmembers:\n- email: a@b.ch\n", "{\"account\": \"acme\"}", "a: &a [*a]", "- - - ? :", "<<: {a: b}", "account: !!binary aGk=", "? {a: b}\n: c", "--- |\n x\n...\n", "%YAML 1.1\n---\nx", "limit: 0x1f\nowner: on", "labels: {1: 2, ~: y}", "account: 2026-01-01"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, to := range []any{&team{}, new(any), &map[string]any{}, &staff.Catalog{}} {
			err := yamlfile.Decode("fuzz.yaml", strings.NewReader(string(text)), to)
			if err == nil {
				continue
			}
			if staff.CodeOf(err) != staff.CodeInvalid || !strings.HasPrefix(err.Error(), "fuzz.yaml: ") {
				t.Errorf("%q: %v (%s)", text, err, staff.CodeOf(err))
			}
		}
	})
}
