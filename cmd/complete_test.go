package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/bulk"
	"github.com/staffctl/staffctl/internal/iostreams"
	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/staff"
)

// place is where a person works: a directory with a store and a configuration.
type place struct {
	t   *testing.T
	dir string
	env map[string]string
	now time.Time
}

func newPlace(t *testing.T) *place {
	t.Helper()
	dir := t.TempDir()
	return &place{t: t, dir: dir, now: time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC), env: map[string]string{
		"HOME": dir, "XDG_CONFIG_HOME": filepath.Join(dir, "config"), "XDG_DATA_HOME": filepath.Join(dir, "data"), "USERPROFILE": dir,
		"AppData": filepath.Join(dir, "config"), "LocalAppData": filepath.Join(dir, "data"), "STAFFCTL_STORE": filepath.Join(dir, "store.db"),
	}}
}

// try runs a command at a terminal and returns what it printed.
func (p *place) try(args ...string) (stdout, stderr string, code int) {
	ios, _, out, errors := iostreams.Test()
	ios.SetTerminals(true, false, true)
	d := &deps{ios: ios, ids: &staff.IDs{}, now: func() time.Time { return p.now },
		lookupEnv: func(name string) (string, bool) { value, ok := p.env[name]; return value, ok }}
	code = run(p.t.Context(), d, args)
	return out.String(), errors.String(), code
}

func (p *place) do(line string) string {
	p.t.Helper()
	p.now = p.now.Add(time.Second)
	out, errors, code := p.try(strings.Fields(line)...)
	if code != 0 {
		p.t.Fatalf("staffctl %s: %d, %s", line, code, errors)
	}
	return strings.TrimSpace(out)
}

// complete returns what is offered for the last word, a line each, and the directive. It
// must be silent, and end with 0.
func (p *place) complete(words ...string) ([]string, cobra.ShellCompDirective) {
	p.t.Helper()
	out, errors, code := p.try(append([]string{cobra.ShellCompRequestCmd}, words...)...)
	if code != 0 || errors != "" {
		p.t.Errorf("%q: ended with %d, and said %q", words, code, errors)
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	last := len(lines) - 1
	var directive cobra.ShellCompDirective
	if _, err := fmt.Sscanf(lines[last], ":%d", &directive); err != nil {
		p.t.Fatalf("%q: no directive in %q", words, out)
	}
	return lines[:last], directive
}

const (
	noFiles = cobra.ShellCompDirectiveNoFileComp
	goesOn  = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	files   = cobra.ShellCompDirectiveDefault
	someExt = cobra.ShellCompDirectiveFilterFileExt
)

// team makes two accounts, with people, invites and mails.
func team(t *testing.T) (p *place, ids map[string]string) {
	t.Helper()
	p, ids = newPlace(t), map[string]string{}
	for line := range strings.Lines(`init acme --plan enterprise --display-name ACME
account create beispiel --display-name Beispiel
context set live --store /srv/live.db --account acme
context set test --store /srv/test.db
member add anna.muster@example.ch --account acme --first-name Anna --last-name Muster --access invoices,orders.view --mail news,orders --phone work=+41445551234
member add max.muster@example.ch --account acme --first-name Max --last-name Muster --username mm --access all
member add eva.beispiel@example.de --account beispiel --first-name Eva --last-name Beispiel
account sender add news@example.ch --account acme
subaccount create shop --account acme --email shop@example.ch --role copywriter
subaccount create forms --account acme --email forms@example.ch --role website-builder`) {
		p.do(strings.TrimSpace(line))
	}
	for _, name := range []string{"old", "gone", "new"} {
		ids[name] = p.do("invite send " + name + "@example.ch --account acme --access all -o name")
		if name == "old" {
			p.now = p.now.Add(100 * time.Hour)
		}
	}
	p.do("invite revoke --account acme " + ids["gone"])
	ids["mail"] = strings.Fields(p.do("outbox list --account acme --state queued -o name"))[0]
	p.env["STAFFCTL_ACCOUNT"] = "acme"
	return p, ids
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	p, ids := team(t)
	p.do("outbox discard --yes " + ids["mail"])
	queued := strings.Fields(p.do("outbox list --state queued -o name"))
	for _, c := range []struct {
		line      string // its last word is behind the last blank
		want      []string
		directive cobra.ShellCompDirective
	}{
		{"member show a", []string{"acme-forms\tforms, pending", "acme-shop\tshop, pending", "anna.muster@example.ch\tAnna Muster, no-login"}, noFiles},
		{"member show m", []string{"max.muster@example.ch\tMax Muster, no-login"}, noFiles},
		{"member show mm", []string{"mm\tMax Muster, no-login"}, noFiles},
		{"member show acme-s", []string{"acme-shop\tshop, pending"}, noFiles},
		{"member show username:m", []string{"username:mm\tMax Muster, no-login"}, noFiles},
		{"member show email:m", []string{"email:max.muster@example.ch\tMax Muster, no-login"}, noFiles},
		{"member show id:", nil, noFiles},
		{"member show % ", nil, noFiles},
		{"--account beispiel member show e", []string{"eva.beispiel@example.de\tEva Beispiel, no-login"}, noFiles},
		{"member show e", nil, noFiles},
		{"member show --account beispiel e", []string{"eva.beispiel@example.de\tEva Beispiel, no-login"}, noFiles},
		{"account set-owner beispiel e", []string{"eva.beispiel@example.de\tEva Beispiel, no-login"}, noFiles},
		{"audit list --member anna", []string{"anna.muster@example.ch\tAnna Muster, no-login"}, noFiles},
		{"account show ", []string{"acme\tACME", "beispiel\tBeispiel"}, noFiles},
		{"member list --account b", []string{"beispiel\tBeispiel"}, noFiles},
		{"member list --account=b", []string{"beispiel\tBeispiel"}, noFiles},
		{"account create a", nil, noFiles},
		{"subaccount show ", []string{"forms\tforms@example.ch, Website builder", "shop\tshop@example.ch, Copywriter"}, noFiles},
		{"subaccount set-role shop c", []string{"copywriter\tCopywriter", "customer-support\tCustomer support"}, noFiles},
		{"subaccount create x --role a", []string{"administrator\tAdministrator", "api-user\tAPI user"}, noFiles},
		{"subaccount create ", nil, noFiles},
		{"member list --role w", []string{"website-builder\tWebsite builder"}, noFiles},
		{"member list --area inv", []string{"invoices\tInvoices"}, noFiles},
		{"member grant max.muster@example.ch inv", []string{"invoices\tInvoices", "invoices.view\tInvoices, view", "invoices.pay\tInvoices, pay"}, noFiles},
		{"member grant max.muster@example.ch invoices.pay orders invoices.", []string{"invoices.view\tInvoices, view"}, noFiles},
		{"member grant max.muster@example.ch a", []string{"all\tevery area", "api\tAPI", "api.use\tAPI, use"}, noFiles},
		{"member grant max.muster@example.ch all a", nil, noFiles},
		{"member grant max.muster@example.ch api a", []string{"api.use\tAPI, use"}, noFiles},
		{"member set-access max.muster@example.ch no", []string{"none\tno area"}, noFiles},
		{"member revoke anna.muster@example.ch ", []string{"invoices\tInvoices", "orders.view\tOrders, view"}, noFiles},
		{"member revoke max.muster@example.ch ", []string{"all\tevery area"}, noFiles},
		{"access check max.muster@example.ch quotes.v", []string{"quotes.view\tQuotes, view"}, noFiles},
		{"access check max.muster@example.ch quotes.view ", nil, noFiles},
		{"member add x --access n", []string{"none\tno area"}, goesOn},
		{"member add x --access invoices.view,invoices", []string{"invoices.view,invoices\tInvoices", "invoices.view,invoices.pay\tInvoices, pay"}, goesOn},
		{"member add x --access api --access ap", []string{"api.use\tAPI, use"}, goesOn},
		{"invite send x@example.ch --access no", nil, goesOn},
		{"account set acme --default-access a", []string{"all\tevery area", "api\tAPI", "api.use\tAPI, use"}, goesOn},
		{"mail-prefs set max.muster@example.ch n", []string{"none\tno mails", "news\tNews"}, noFiles},
		{"mail-prefs add anna.muster@example.ch n", nil, noFiles},
		{"mail-prefs remove anna.muster@example.ch news ", []string{"orders\tOrders"}, noFiles},
		{"mail-prefs check n", []string{"news\tNews"}, noFiles},
		{"member add x --mail news,o", []string{"news,orders\tOrders"}, goesOn},
		{"member list --mail o", []string{"orders\tOrders"}, noFiles},
		{"invite show ", []string{ids["new"] + "\tnew@example.ch, pending", ids["gone"] + "\tgone@example.ch, revoked", ids["old"] + "\told@example.ch, expired"}, noFiles},
		{"invite resend ", []string{ids["new"] + "\tnew@example.ch, pending", ids["old"] + "\told@example.ch, expired"}, noFiles},
		{"invite revoke ", []string{ids["new"] + "\tnew@example.ch, pending", ids["old"] + "\told@example.ch, expired"}, noFiles},
		{"outbox show " + ids["mail"], []string{ids["mail"] + "\tconfirm to shop@example.ch, discarded"}, noFiles},
		{"outbox discard " + queued[0], []string{queued[0] + "\tconfirm to forms@example.ch, queued"}, noFiles},
		{"outbox discard " + ids["mail"], nil, noFiles},
		{"account sender remove ", []string{"news@example.ch\tACME"}, noFiles},
		{"context use ", []string{"live\t/srv/live.db, acme", "test\t/srv/test.db"}, noFiles},
		{"member list --context t", []string{"test\t/srv/test.db"}, noFiles},
		{"member edit anna.muster@example.ch --remove-phone ", []string{"work\t+41445551234"}, goesOn},
		{"member edit --remove-phone ", nil, goesOn},
		{"member edit anna.muster@example.ch --phone mo", []string{"mobile=\ta number behind it, such as +41 44 555 12 34"}, goesOn},
		{"--account ac", []string{"acme\tACME"}, cobra.ShellCompDirectiveNoFileComp},
		{"member list --columns email,us", []string{"email,username\tthe username of the login, or the one proposed where there is none"}, goesOn},
		{"member list --columns email,email", nil, goesOn},
		{"member show x --columns open_", []string{"open_invites\tthe pending invites to the e-mail", "open_links\tthe mailed links that work still"}, goesOn},
		{"member add x --columns mail_", []string{"mail_to\tthe address that it goes to, or would go to"}, goesOn},
		{"member list --status s", []string{"suspended\tcannot sign in until resumed"}, noFiles},
		{"invite list --status p", []string{"pending\tthe link is open"}, noFiles},
		{"outbox list --state q", []string{"queued\twaits"}, noFiles},
		{"member list --sort n", []string{"name\tby last and first name"}, noFiles},
		{"member list -o js", []string{"json\tan array or an object", "jsonl\tan object a line"}, noFiles},
		{"export --format y", []string{"yaml\tfor people and programs"}, noFiles},
		{"import --format c", []string{"csv\tfor spreadsheets"}, noFiles},
		{"import --delimiter t", []string{"tab\tthe tabulator"}, noFiles},
		{"import --map Chef=last", []string{"Chef=last_name\tlast name"}, goesOn},
		{"import --map Chef", nil, goesOn},
		{"member add --on-conflict s", []string{"skip\tleave what is there"}, noFiles},
		{"member list --color ne", []string{"never\tnowhere"}, noFiles},
		{"member add --language d", []string{"de\tGerman"}, noFiles},
		{"member add --salutation mx", []string{"mx\tMx"}, noFiles},
		{"account set acme --plan e", []string{"enterprise\twith subaccounts"}, noFiles},
		{"account set acme --two-factor o", []string{"off\tusername and password"}, noFiles},
		{"audit list --action invite.re", []string{"invite.resend\tinvited again", "invite.revoke\trevoked the invite of"}, noFiles},
		{"audit list --action outb", []string{"outbox.discard\tdiscarded", "outbox\tall of outbox"}, noFiles},
		{"completion f", []string{"fish\t3.0 or newer"}, noFiles},
		{"help memb", []string{"member\tAdd, find and change members"}, noFiles},
		{"apply --plan ", nil, files},
		{"apply -f ", []string{"yaml", "yml"}, someExt},
		{"catalog apply -f ", []string{"yaml", "yml", "json"}, someExt},
		{"import ", []string{"csv", "tsv", "txt", "json", "jsonl", "ndjson"}, someExt},
		{"store backup ", nil, files},
		{"member list --store ", nil, files},
		{"member list --store rqlite:", []string{"rqlite://\ta cluster"}, goesOn},
		{"member list --store rqlite://", nil, noFiles},
		{"store copy --to rqlites", []string{"rqlites://\ta cluster, with TLS"}, goesOn},
		{"member list --limit ", nil, noFiles},
		{"memb", []string{"member\tAdd, find and change members"}, noFiles},
		{"nonsense ", nil, noFiles},
		{"--verbose member show an", []string{"anna.muster@example.ch\tAnna Muster, no-login"}, noFiles},
	} {
		t.Run(c.line, func(t *testing.T) {
			got, directive := p.complete(strings.Split(c.line, " ")...)
			slices.Sort(got)
			slices.Sort(c.want)
			if d := cmp.Diff(c.want, got); d != "" && len(c.want)+len(got) > 0 || directive != c.directive {
				t.Errorf("directive %d instead of %d, offered (-want +got):\n%s", directive, c.directive, d)
			}
		})
	}
}

func TestCompletionSpeaksGerman(t *testing.T) {
	t.Parallel()
	p, _ := team(t)
	for _, c := range []struct{ variable, value, want string }{
		{"LANG", "de_CH.UTF-8", "invoices\tRechnungen"},
		{"LC_MESSAGES", "en_GB", "invoices\tInvoices"},
		{"LC_ALL", "de", "invoices\tRechnungen"},
	} {
		p.env[c.variable] = c.value // each is stronger than those before
		if got, _ := p.complete("member", "list", "--area", "invoices"); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s=%s: %q", c.variable, c.value, got)
		}
	}
}

// It respects how the line, the environment and the configuration name a store.
func TestCompletionChoosesTheStore(t *testing.T) {
	t.Parallel()
	p, _ := team(t)
	other := filepath.Join(p.dir, "other.db")
	p.do("init other --account other --store " + other)
	p.do("member add olga.muster@example.ch --first-name Olga --last-name Muster --account other --store " + other)
	p.do("context set other --account other --store " + other)
	want := []string{"olga.muster@example.ch\tOlga Muster, no-login"}
	named := func(args ...string) {
		t.Helper()
		if got, _ := p.complete(args...); !slices.Equal(got, want) {
			t.Errorf("%q: %q", args, got)
		}
	}
	named("member", "show", "--store", other, "--account", "other", "o")
	delete(p.env, "STAFFCTL_STORE")
	delete(p.env, "STAFFCTL_ACCOUNT")
	named("member", "show", "--context=other", "o")
	p.env["STAFFCTL_CONTEXT"] = "other"
	named("member", "show", "o")
	delete(p.env, "STAFFCTL_CONTEXT")
	p.do("context use other")
	named("member", "show", "o")
	config := filepath.Join(p.dir, "elsewhere.yaml")
	if err := os.WriteFile(config, []byte("store: "+other+"\naccount: other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.do("context use live")
	named("--config", config, "member", "show", "o")
}

// Each argument and each flag that takes a value has a meaning, and is thought of where
// it has none.
func TestCompletionKnowsTheTree(t *testing.T) {
	all, used := meanings(), map[string]bool{}
	for _, cmd := range commandsOf(testTree()) {
		names := []string{}
		for _, name := range argumentNames(cmd) {
			names = append(names, argumentName(name))
		}
		if err := cmd.ValidateArgs(slices.Repeat([]string{"x"}, len(names)+1)); err == nil && !strings.Contains(cmd.Use, "…") {
			t.Errorf("%s takes more arguments than %q names", cmd.CommandPath(), cmd.Use)
		}
		for _, f := range localFlags(cmd) {
			if f.NoOptDefVal == "" {
				names = append(names, "--"+f.Name)
			}
		}
		for _, name := range names {
			if _, known := meaningOf(all, cmd, name); !known && cmd.ValidArgsFunction == nil {
				t.Errorf("%s %s is not in meanings, nor among the free ones", cmd.CommandPath(), name)
			}
			for c := cmd; c != nil; c = c.Parent() {
				used[strings.TrimPrefix(strings.TrimPrefix(c.CommandPath()+" "+name, "staffctl"), " ")] = true
			}
		}
	}
	for name := range all {
		if !used[name] {
			t.Errorf("no command has %s", name)
		}
	}
}

// Words that are the same for every store each say what they mean.
func TestCompletionDescribesFixedWords(t *testing.T) {
	for name, from := range map[string]source{
		"language": languages(), "salutation": salutations(), "plan": plans(), "two-factor": twoFactors(), "status": statuses(),
		"status of invites": inviteStatuses(), "state": mailStates(), "sort": sortKeys(), "on-conflict": onConflicts(),
		"output": formats(output.Formats()), "export": formats(exportFormats), "import": formats(bulk.Formats), "color": colorings(),
		"delimiter": delimiters(), "shell": shells(), "phone": phoneLabels, "action": auditActions,
	} {
		for _, c := range from(&line{}) {
			if c.about == "" {
				t.Errorf("%s %s means nothing", name, c.word)
			}
		}
	}
}

// Offered are the columns that a command has: those that it prints as JSON.
func TestCompletionOfColumns(t *testing.T) {
	t.Parallel()
	p, ids := team(t)
	for _, line := range []string{
		"account list", "account show acme", "account sender list", "account set acme --display-name A",
		"member list", "member show max.muster@example.ch", "member explain max.muster@example.ch", "member suspend anna.muster@example.ch",
		"subaccount list", "subaccount show shop", "invite list", "invite show " + ids["new"],
		"mail-prefs list", "mail-prefs check news reminders", "mail-prefs show max.muster@example.ch", "access check max.muster@example.ch orders",
		"outbox list", "outbox show " + ids["mail"], "outbox send --dry-run", "audit list", "context list", "context set x --account y",
		"store info", "store migrate", "store backup " + filepath.Join(p.dir, "backup.db"),
		"version", "init --dry-run --store " + filepath.Join(p.dir, "new.db"),
	} {
		out, errors, _ := p.try(append(strings.Fields(line), "-o", "json")...)
		indent := "  "
		if strings.HasPrefix(out, "[") {
			indent = "    "
		}
		var want []string
		for _, key := range regexp.MustCompile(`(?m)^`+indent+`"(\w+)": `).FindAllStringSubmatch(out, -1) {
			if !slices.Contains(want, key[1]) {
				want = append(want, key[1])
			}
		}
		offered, _ := p.complete(append(strings.Fields(line), "--columns", "")...)
		var got []string
		for _, o := range offered {
			word, _, _ := strings.Cut(o, "\t")
			got = append(got, word)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-printed +offered):\n%s\n%s", line, d, errors)
		}
	}
}
