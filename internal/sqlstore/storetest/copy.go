package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// CopyCommit is what a copy ends with, so many hours after everything else.
func CopyCommit(hours int64) *staff.Commit {
	s := NewStaff(nil)
	s.Now = func() time.Time { return Start.Add(time.Duration(hours) * time.Hour) }
	return s.CopyCommit("elsewhere", sqlstore.Schema())
}

// Copy moves a store that [Fill] has filled to an empty one and holds both to
// what a copy promises.
func Copy(t *testing.T, from, to *sqlstore.Store) {
	t.Helper()
	before, after := &world{T: t, store: from, staff: NewStaff(from)}, &world{T: t, store: to, staff: NewStaff(to)}
	want := before.dump()
	queued := int64(0)
	for _, m := range want.Mails {
		if m.State == staff.MailQueued {
			queued++
		}
	}
	planned, err := from.CopyPlan(t.Context(), to, to.Name())
	if err != nil {
		t.Fatal("planning:", err)
	}
	copied, err := from.CopyTo(t.Context(), to, CopyCommit(planned.Rows), func(int64, int64) {})
	if err != nil {
		t.Fatal("copying:", err)
	}
	before.same("planned", planned, copied, cmpopts.IgnoreFields(sqlstore.Copied{}, "Digest"))
	if len(copied.Digest) != 64 || copied.Rows < 20 || copied.Mails != queued {
		t.Errorf("copied %+v, want %d mails", copied, queued)
	}
	got := after.dump()
	last := got.Audit[len(got.Audit)-1]
	if last.Action != "store.copy" || last.After != `{"from":"elsewhere"}` {
		t.Errorf("the audit ends with %+v", last)
	}
	got.Audit = got.Audit[:len(got.Audit)-1]
	before.same("content", want, got)
	AssertClean(t, to)
	AssertClean(t, from)
	sealed(before, to.Name())
	after.do(Add(fmt.Sprintf("person%d@example.ch", copied.Rows)))
	info, err := from.Info(t.Context())
	if err != nil || info.MovedTo != to.Name() {
		t.Errorf("%s was moved to %q, %v", from.Name(), info.MovedTo, err)
	}
}

// sealed asserts that nothing can be written, and reading goes on.
func sealed(w *world, to string) {
	w.Helper()
	refused := func(what string, err error) {
		w.Helper()
		want := w.store.(*sqlstore.Store).Name() + " was moved to " + to + " by staffctl store copy; nothing was changed, use that store"
		if staff.CodeOf(err) != staff.CodeUnavailable || err.Error() != want {
			w.Errorf("%s gave %v, want %q", what, err, want)
		}
	}
	before := w.dump()
	_, err := w.staff.Do(w.Context(), "acme", Add("late@example.ch"))
	refused("a commit", err)
	_, err = w.store.Try(w.Context(), "somebody", Start.UnixMilli())
	refused("a try", err)
	_, err = w.store.Lease(w.Context(), staff.Lease{Now: Start.UnixMilli(), Until: Start.UnixMilli() + 1, Early: true, Limit: 1, Mark: 1})
	refused("a lease", err)
	refused("a session", w.store.StartSession(w.Context(), sessionOf("late", w.member("anna@example.ch"), 1), w.member("anna@example.ch").Login.PasswordHash))
	_, err = w.store.(*sqlstore.Store).CopyTo(w.Context(), w.store.(*sqlstore.Store), CopyCommit(1), nil)
	refused("another copy", err)
	if diff := cmp.Diff(before, w.dump(), cmpopts.EquateEmpty()); diff != "" {
		w.Errorf("the sealed store has changed:\n%s", diff)
	}
}
