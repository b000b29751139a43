package rqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
)

// TestCopyThereAndBack moves a file to a cluster, and that to another file.
func TestCopyThereAndBack(t *testing.T) {
	t.Parallel()
	file := func(name string) *sqlstore.Store {
		f, err := sqlite.Create(filepath.Join(t.TempDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return sqlstore.New(f)
	}
	first, cluster, last := file("first.db"), sqlstore.New(opened(t, rqlite.Options{Hosts: []string{servers.Lend(t)}})), file("last.db")
	if !t.Run("fill", func(t *testing.T) { storetest.Fill(t, first) }) {
		t.FailNow()
	}
	storetest.Copy(t, first, cluster)
	if _, err := storetest.NewStaff(cluster).Do(t.Context(), "acme", storetest.Add("between@example.ch")); err != nil {
		t.Fatal(err)
	}
	storetest.Copy(t, cluster, last)
}
