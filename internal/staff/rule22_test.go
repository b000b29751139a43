package staff

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// TestRule22OneStep: a command is one commit, or none where nothing changes.
func TestRule22OneStep(t *testing.T) {
	t.Parallel()
	store := storeOf(team(of(anna(signsIn, opens("all")))))
	s := newStaff(store)
	actions := do(add("dora@example.ch", withAccess("invoices"), withMail("news"), onConflict(Skip)), setAccess("anna@example.ch", "all"),
		Grant{by("dora@example.ch"), []string{"orders"}}, SetOwner{by("anna@example.ch")}, AddSender{"news@example.ch"})
	for round, want := range [][]bool{{true, false, true, true, true}, {false, false, false, false, false}} {
		plan, err := s.Do(t.Context(), "", actions...)
		if err != nil {
			t.Fatal(err)
		}
		var got []bool
		for _, r := range plan.Results {
			got = append(got, r.Changed)
		}
		if d := cmp.Diff(want, got); d != "" || plan.Changed() != want[0] {
			t.Errorf("round %d, changed (-want +got):\n%s", round, d)
		}
		if len(store.commits) != 1 || len(store.commits[0].Audit) != 4 {
			t.Errorf("round %d: %d commits", round, len(store.commits))
		}
	}
	if _, err := s.Do(t.Context(), "", add("zoe@example.ch"), Suspend{by("nobody@example.ch")}); CodeOf(err) != CodeNotFound {
		t.Error(err)
	}
	if len(store.commits) != 1 || store.facts.Account.Counter != 71 || len(store.facts.Found) != 2 {
		t.Errorf("a refused command has changed something: %d commits", len(store.commits))
	}
}

// Two commands at once never lose an update: the later is planned again.
func TestRule22PlannedAgain(t *testing.T) {
	t.Parallel()
	mails := func(f *Facts) {
		f.Found[0].Mail, f.Found[0].Version = append(f.Found[0].Mail, "invoices"), f.Found[0].Version+1
	}
	suspends := func(f *Facts) { f.Found[0].Suspended, f.Found[0].Version = true, f.Found[0].Version+1 }
	removes := func(f *Facts) { f.Found = f.Found[:0] }
	addNews := ChangeMail{by("anna@example.ch"), MailAdd, []string{"news"}}
	for _, c := range []struct {
		name   string
		facts  *Facts
		action Action
		rivals []func(*Facts)
		want   []string
		err    refusal
		loads  int
	}{
		{"a rival", team(of(anna())), addNews, []func(*Facts){mails}, []string{"mail-prefs.add anna@example.ch", `  mail: ["invoices"] -> ["invoices","news"]`}, refusal{}, 2},
		{"three rivals", team(of(anna())), addNews, []func(*Facts){mails, suspends, suspends},
			[]string{"mail-prefs.add anna@example.ch", `  mail: ["invoices"] -> ["invoices","news"]`}, refusal{}, 4},
		{"a rival did the same", team(of(anna())), Suspend{by("anna@example.ch")}, []func(*Facts){suspends}, []string{"member.suspend anna@example.ch unchanged"}, refusal{}, 2},
		{"a rival removed", team(of(anna())), addNews, []func(*Facts){removes}, nil, refused(CodeNotFound, "member", "anna@example.ch"), 2},
		{"a rival suspended the other administrator", team(of(anna(signsIn, opens("all")), bert(signsIn, opens("all")))), RemoveMember{by("bert@example.ch")},
			[]func(*Facts){func(f *Facts) { suspends(f); f.Account.Version++ }}, nil, refused(CodeForbidden, "member", "bert@example.ch is the last administrator"), 2},
		{"a new catalog", team(of(anna())), Grant{by("anna@example.ch"), []string{"api"}}, []func(*Facts){func(f *Facts) {
			f.Catalog = DefaultCatalog()
			f.Catalog.Areas, f.Catalog.Version = f.Catalog.Areas[:4], 10
		}}, nil, refused(CodeInvalid, "grant", `no area "api"`), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := storeOf(c.facts)
				store.rivals = c.rivals
				plan, err := newStaff(store).Do(t.Context(), "acme", c.action)
				c.err.check(t, err)
				if store.loads != c.loads {
					t.Errorf("planned %d times, want %d", store.loads, c.loads)
				}
				if err == nil {
					if d := cmp.Diff(c.want, lines(plan)); d != "" {
						t.Error(d)
					}
				}
			})
		})
	}
}

func TestRule22GivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := storeOf(team(of(anna())))
		for range maxTries {
			store.rivals = append(store.rivals, func(f *Facts) { f.Found[0].Version++ })
		}
		_, err := newStaff(store).Do(t.Context(), "", Suspend{by("anna@example.ch")})
		refused(CodeConflict, "", "others kept changing", "nothing was changed", "try again").check(t, err)
		if store.loads != maxTries || len(store.commits) != 0 {
			t.Errorf("planned %d times, %d commits", store.loads, len(store.commits))
		}
	})
}

func TestRule22Interrupted(t *testing.T) {
	t.Parallel()
	store := storeOf(team(of(anna())))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range maxTries {
		store.rivals = append(store.rivals, func(f *Facts) { f.Found[0].Version++ })
	}
	_, err := newStaff(store).Do(ctx, "", Suspend{by("anna@example.ch")})
	refused(CodeInterrupted, "", "interrupted", "nothing was changed").check(t, err)
}

// broken fails each commit, or each load.
type broken struct {
	*memory
	load, commit error
}

func (b broken) Load(ctx context.Context, n *Needs) (*Facts, error) {
	if b.load != nil {
		return nil, b.load
	}
	return b.memory.Load(ctx, n)
}

func (b broken) Commit(context.Context, *Commit) error { return b.commit }

func TestRule22StoreFails(t *testing.T) {
	t.Parallel()
	down := Errorf(CodeUnavailable, "store", "the store does not answer; try again")
	for _, b := range []broken{{load: down}, {commit: down}} {
		b.memory = storeOf(team(of(anna())))
		if _, err := newStaff(b).Do(t.Context(), "", Suspend{by("anna@example.ch")}); !errors.Is(err, down) {
			t.Error(err)
		}
	}
}

// TestRule23Audit: a row an action, with who, what and whom, and never a secret.
func TestRule23Audit(t *testing.T) {
	t.Parallel()
	store := storeOf(team(of(anna(signsIn, opens("all")))))
	_, err := newStaff(store).Do(t.Context(), "acme", setPassword("anna@example.ch"), setEmail("anna@example.ch", "new@example.ch"), SetOwner{by("new@example.ch")})
	if err != nil {
		t.Fatal(err)
	}
	c := store.commits[0]
	want := []AuditEntry{
		{ID: c.ID + 1, Action: "member.set-password", Account: "acme", MemberID: 11, Subject: "anna@example.ch", Before: `{"password":"set"}`, After: `{"password":"set"}`},
		{ID: c.ID + 2, Action: "member.edit", Account: "acme", MemberID: 11, Subject: "new@example.ch",
			Before: `{"email":"anna@example.ch","login_email":"anna@example.ch"}`, After: `{"email":"new@example.ch","login_email":"new@example.ch"}`},
		{ID: c.ID + 3, Action: "account.set-owner", Account: "acme", Subject: "acme", After: `{"owner":"new@example.ch"}`},
	}
	if d := cmp.Diff(want, c.Audit); d != "" {
		t.Errorf("audit (-want +got):\n%s", d)
	}
	if c.Actor != (Actor{OSUser: "operator", StoreUser: "portal", Claimed: "anna"}) || c.At != noon.UnixMilli() {
		t.Errorf("by %+v at %d", c.Actor, c.At)
	}
	for _, e := range c.Audit {
		if !json.Valid([]byte(e.After)) {
			t.Errorf("after is no JSON: %s", e.After)
		}
	}
}

// TestRule25DryRun: planning writes nothing, and says the same as doing.
func TestRule25DryRun(t *testing.T) {
	t.Parallel()
	store := storeOf(team(of(anna(signsIn, opens("all")))))
	known := copyOf(store.facts)
	s := newStaff(broken{memory: store, commit: errors.New("a dry run commits")})
	actions := do(add("dora@example.ch", withAccess("team")), setPassword("dora@example.ch"), RemoveMember{by("dora@example.ch")}, SetOwner{by("anna@example.ch")})
	planned, err := s.Plan(t.Context(), "acme", actions...)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(known, store.facts); d != "" {
		t.Errorf("planning has changed the store (-before +after):\n%s", d)
	}
	s.Store = store
	done, err := s.Do(t.Context(), "acme", actions...)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(lines(planned), lines(done)); d != "" {
		t.Errorf("planned and done differ:\n%s", d)
	}
}

// Init commits the first account with the default catalog, on nothing.
func TestInit(t *testing.T) {
	t.Parallel()
	store := &memory{}
	plan, err := newStaff(store).Init(t.Context(), 1, CreateAccount{Name: "acme"}, add("dora@example.ch", withAccess("all")), setPassword("dora@example.ch"), SetOwner{by("dora@example.ch")})
	if err != nil {
		t.Fatal(err)
	}
	if len(store.commits) != 1 || len(store.commits[0].Guards) != 0 || len(plan.Results) != 4 || store.facts.Account.Owner != "dora@example.ch" {
		t.Errorf("commits %+v", store.commits)
	}
	if d := cmp.Diff(DefaultCatalog(), store.facts.Catalog); d != "" {
		t.Error(d)
	}
	_, err = newStaff(store).PlanInit(1, CreateAccount{Name: "acme"}, add("dora@example.ch", withUsername("acme-dora")))
	refused(CodeConflict, "username", "subaccounts of account acme").check(t, err)
}
