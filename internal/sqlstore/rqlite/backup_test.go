package rqlite_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// TestBackup: a backup is a store with all that was committed, by way of any node.
func TestBackup(t *testing.T) {
	t.Parallel()
	c := newTrio(t)
	leader, others := c.roles()
	for _, nodes := range [][]*rqlitetest.Node{{leader}, others, c.Nodes} {
		c.adds(nodes...)
		path := filepath.Join(t.TempDir(), "backup.db")
		c.must(sqlite.Save(path, func(w io.Writer) error { return c.open(nodes...).Backup(t.Context(), w) }))
		file, err := sqlite.Open(path, true)
		c.must(err)
		s := *c.staff
		s.Store = sqlstore.New(file)
		if got := len(members(t, &s)); got != c.names {
			t.Errorf("%d members in a backup, want %d", got, c.names)
		}
		storetest.AssertClean(t, s.Store)
		c.must(file.Close())
	}
}

// ofBackups has a mishap befall what asks for a backup.
func ofBackups(m mishap) mishap {
	return func(x *exchange) {
		if x.r.URL.Path == "/db/backup" {
			m(x)
		} else {
			passOn(x)
		}
	}
}

// TestBackupWaits: a leader that changes or is busy is asked again.
func TestBackupWaits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := opened(t, rqlite.Options{Hosts: []string{s.proxy.addr}})
	for name, m := range map[string]mishap{
		"no leader": noLeader,
		"dropped":   drop,
		"busy":      say(http.StatusInternalServerError, `CAS conflict: currently held by owner "snapshot" for 5ms`),
		"moved":     sendTo(http.StatusMovedPermanently, "http://"+nobody(t)),
	} {
		t.Run(name, func(t *testing.T) {
			s.proxy.follow(script{}, once(passOn, ofBackups(m), passOn, ofBackups(m)))
			if err := c.Backup(t.Context(), io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNoBackup: what is no whole database is none.
func TestNoBackup(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cluster := opened(t, rqlite.Options{Hosts: []string{s.proxy.addr}, User: "anna", Patience: brief})
	for name, c := range map[string]struct {
		backup mishap
		says   string
	}{
		"cut short":        {cutShort, "unexpected EOF"},
		"dropped":          {drop, "EOF"},
		"half":             {edited(half), "not whole"},
		"with an error":    {edited(func(text string) string { return half(text) + "EOF\n" }), "not whole"},
		"empty":            {after(say(http.StatusOK, "")), "not whole"},
		"a page":           {say(http.StatusOK, page), "not whole"},
		"no leader":        {noLeader, "leader not found"},
		"another's backup": {say(http.StatusInternalServerError, "pre-backup snapshot failed"), "pre-backup snapshot failed"},
		"unauthorized":     {say(http.StatusUnauthorized, ""), "refuses user anna"},
	} {
		t.Run(name, func(t *testing.T) {
			s.proxy.follow(script{}, always(ofBackups(c.backup)))
			fails(t, cluster.Backup(t.Context(), io.Discard), staff.CodeUnavailable, c.says)
		})
	}
	s.proxy.follow(script{}, script{})
	full := errors.New("no space left on device")
	fails(t, cluster.Backup(t.Context(), failing{full}), staff.CodeUnavailable, full.Error())
	ctx, cancel := context.WithCancel(t.Context())
	s.proxy.cancel = cancel
	s.proxy.follow(script{}, always(ofBackups(interrupt(after(drop)))))
	fails(t, cluster.Backup(ctx, io.Discard), staff.CodeInterrupted, "there is no backup")
}

// failing is where nothing can be written.
type failing struct{ err error }

// Write fails.
func (f failing) Write([]byte) (int, error) { return 0, f.err }
