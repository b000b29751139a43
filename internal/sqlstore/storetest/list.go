package storetest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffctl/staffctl/internal/staff"
)

// people adds members whose order differs by every sort key.
func people(w *world) staff.ID {
	w.Helper()
	w.start()
	person := func(email, first, last, username string) staff.Action {
		w.clock.advance(time.Minute)
		return staff.AddMember{Email: email, Details: staff.Details{FirstName: &first, LastName: &last}, Username: &username}
	}
	w.do(person("d@example.ch", "Émil", "Zürcher", "Carl"))
	w.do(person("B@example.ch", "Anna", "Öberg", "alpha"))
	w.do(person("a@zürich.ch", "Bert", "Oberg", "Zoe"))
	w.do(person("c@example.ch", "", "anders", "b@example.com"))
	w.do(Password("d@example.ch"))
	w.clock.advance(time.Minute)
	w.do(Password("a@zürich.ch"))
	w.clock.advance(time.Minute)
	w.do(Password("b@example.ch"), staff.Suspend{Member: By("b@example.ch")})
	w.in("", Enterprise("other"))
	w.in("other", Add("x@example.ch"))
	return w.account("acme").ID
}

func (w *world) stream(id staff.ID, sort staff.SortKey) iter.Seq2[*staff.Member, error] {
	return w.store.Members(w.Context(), staff.MemberQuery{Account: id, Sort: sort})
}

// crowded is how many make a list long.
const crowded = 300

// crowd adds n members to acme in one commit.
func crowd(w *world, n int) staff.ID {
	w.Helper()
	w.start()
	actions := make([]staff.Action, n)
	for i := range actions {
		actions[i] = Add(fmt.Sprintf("person%05d@example.ch", i))
	}
	c := w.plan("acme", actions[0])
	for i := range actions[1:] {
		m := *c.Members[0].After
		m.LastName = strings.Repeat("Muster ", 60) // so that a reader hands them over in pieces
		m.ID, m.Email = w.staff.IDs.Next(Start), fmt.Sprintf("person%05d@example.ch", i+1)
		c.Members = append(c.Members, staff.Diff[staff.Member]{After: &m})
	}
	c.Audit = nil
	w.commit(w.recorded(c))
	return w.account("acme").ID
}

func listTests() map[string]func(*world) {
	tests := map[string]func(*world){
		"has each member whole":            listWhole,
		"has hashes where asked for":       listHashes,
		"is brief where asked for":         listBrief,
		"of no such account is empty":      listNoAccount,
		"of many":                          listMany,
		"by a beginning":                   listBeginning,
		"by a beginning of many":           listBeginningOfMany,
		"by a beginning of subaccounts":    listBeginningOfSubaccounts,
		"stops early":                      listStopsEarly,
		"two at once, and a write between": listTwoAtOnce,
		"cancelled":                        listCancelled,
		"cancelled reads and writes":       cancelledReadsAndWrites,
	}
	orders := map[staff.SortKey][]string{
		staff.SortID:       {"d@example.ch", "B@example.ch", "a@zürich.ch", "c@example.ch"},
		staff.SortCreated:  {"d@example.ch", "B@example.ch", "a@zürich.ch", "c@example.ch"},
		staff.SortUpdated:  {"d@example.ch", "c@example.ch", "a@zürich.ch", "B@example.ch"},
		staff.SortEmail:    {"a@zürich.ch", "B@example.ch", "c@example.ch", "d@example.ch"},
		staff.SortUsername: {"B@example.ch", "c@example.ch", "d@example.ch", "a@zürich.ch"},
		staff.SortName:     {"c@example.ch", "B@example.ch", "a@zürich.ch", "d@example.ch"},
		staff.SortGroup:    {"a@zürich.ch", "d@example.ch", "c@example.ch", "B@example.ch"},
	}
	for _, key := range staff.SortKeys {
		tests["by "+key] = func(w *world) {
			id := people(w)
			var got []string
			for m, err := range w.stream(id, staff.SortKey(key)) {
				if err != nil {
					w.Fatal(err)
				}
				got = append(got, m.Email)
			}
			w.same("order", slices.Clone(orders[staff.SortKey(key)]), got)
		}
	}
	return tests
}

func listWhole(w *world) {
	id := people(w)
	var got []*staff.Member
	for m, err := range w.stream(id, staff.SortID) {
		if err != nil {
			w.Fatal(err)
		}
		m := *m
		if m.Login != nil {
			m.Login = new(*m.Login)
		}
		got = append(got, &m)
	}
	w.same("members", w.members(w.account("acme")), got,
		cmpopts.IgnoreFields(staff.Login{}, "PasswordHash", "Email", "Accounts", "Version", "CreatedAt", "UpdatedAt"))
}

// listHashes asks for hashes in a list, which else has none, and listBrief for what
// an export tells; where it has the account alone, or others are there.
func listHashes(w *world) { listAs(w, staff.MemberQuery{}) }

func listBrief(w *world) { listAs(w, staff.MemberQuery{Brief: true}) }

func listAs(w *world, q staff.MemberQuery) {
	q.Account, q.Sort = people(w), staff.SortID
	w.do(staff.SetPassword{Member: By("d@example.ch"), Password: staff.PlainPassword("another"), MustChange: true})
	ignored := []string{}
	if q.Brief {
		ignored = append(ignored, "ID", "AccountID", "Pending", "Version", "CreatedAt", "UpdatedAt")
	}
	logins := []string{"HolderSet", "Email", "EmailVerified", "Accounts", "Version", "CreatedAt", "UpdatedAt"}
	if q.Brief {
		logins = append(logins, "ID", "Mobile")
	}
	for _, hashes := range []bool{true, false} {
		for _, alone := range []bool{true, false} {
			q.Hashes, q.Alone = hashes, alone
			want := w.members(w.account("acme"))
			var got []*staff.Member
			for m, err := range w.store.Members(w.Context(), q) {
				if err != nil {
					w.Fatal(err)
				}
				m := *m
				if m.Login != nil {
					m.Login = new(*m.Login)
				}
				got = append(got, &m)
			}
			for _, m := range want {
				if m.Login != nil && !hashes {
					m.Login = new(*m.Login)
					m.Login.PasswordHash, m.Login.MustChange = "", false
				}
			}
			w.same("members", want, got, cmpopts.IgnoreFields(staff.Member{}, ignored...), cmpopts.IgnoreFields(staff.Login{}, logins...))
		}
	}
}

func listNoAccount(w *world) {
	people(w)
	for m, err := range w.stream(7, staff.SortID) {
		w.Errorf("got %v, %v", m, err)
	}
}

func listMany(w *world) {
	id, n := crowd(w, crowded), 0
	for m, err := range w.stream(id, staff.SortEmail) {
		if err != nil || m.Email != fmt.Sprintf("person%05d@example.ch", n) {
			w.Fatalf("member %d: %v, %v", n, m.Email, err)
		}
		n++
	}
	w.same("members", crowded, n)
}

func listStopsEarly(w *world) {
	id := crowd(w, crowded)
	for i := range 20 {
		for range w.stream(id, staff.SortKey(staff.SortKeys[i%len(staff.SortKeys)])) {
			break
		}
	}
	w.do(Add("last@example.ch"))
}

func listTwoAtOnce(w *world) {
	id := crowd(w, 200)
	one, stopOne := iter.Pull2(w.stream(id, staff.SortEmail))
	defer stopOne()
	two, stopTwo := iter.Pull2(w.stream(id, staff.SortID))
	defer stopTwo()
	for i := range 200 {
		a, errA, okA := one()
		b, errB, okB := two()
		if errA != nil || errB != nil || !okA || !okB || a.Email != b.Email {
			w.Fatalf("member %d: %v %v, %v %v", i, a, errA, b, errB)
		}
		if i == 100 {
			w.do(Add("a@example.ch"))
		}
	}
}

func listCancelled(w *world) {
	id := crowd(w, crowded)
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	n, failed := 0, error(nil)
	for _, err := range w.store.Members(ctx, staff.MemberQuery{Account: id, Sort: staff.SortName}) {
		if err != nil {
			failed = err
			break
		}
		n++
		cancel()
	}
	if failed == nil && n != crowded || failed != nil && staff.CodeOf(failed) != staff.CodeInterrupted {
		w.Errorf("%d members, then %v", n, failed)
	}
	for _, err := range w.store.Members(ctx, staff.MemberQuery{Account: id, Sort: staff.SortID}) {
		if staff.CodeOf(err) != staff.CodeInterrupted {
			w.Errorf("a list begun after: %v", err)
		}
	}
	for _, err := range w.store.Audit(ctx, staff.AuditQuery{}) {
		if staff.CodeOf(err) != staff.CodeInterrupted {
			w.Errorf("the audit: %v", err)
		}
	}
}

func cancelledReadsAndWrites(w *world) {
	cast(w)
	commit, before := w.plan("acme", Add("dora@example.ch")), w.dump()
	ctx, cancel := context.WithCancel(w.Context())
	cancel()
	_, load := w.store.Load(ctx, &staff.Needs{Account: "acme"})
	_, accounts := w.store.Accounts(ctx)
	for _, err := range []error{load, accounts, w.store.Commit(ctx, commit)} {
		if err == nil || staff.CodeOf(err) != staff.CodeInterrupted {
			w.Errorf("got %v, want interrupted", err)
		}
	}
	w.same("after a cancelled commit", before, w.dump())
	w.commit(commit)
}
