package sqlstore_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// deaf is an executor of a cluster's limits that drops what is to be written.
type deaf struct{ sqlstore.Executor }

// Write drops the batch.
func (deaf) Write(context.Context, sqlstore.Batch) error { return nil }

// Limits are those of a cluster.
func (deaf) Limits() sqlstore.Limits { return sqlstore.Limits{Bytes: 1 << 20} }

// BenchmarkAddMany measures what adding 20,000 members costs before anything is
// written: loading, planning, and making statements.
func BenchmarkAddMany(b *testing.B) {
	file, err := sqlite.Create(b.TempDir() + "/team.db")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if _, err := storetest.NewStaff(sqlstore.New(file)).Init(b.Context(), sqlstore.Schema(), storetest.Enterprise("acme")); err != nil {
		b.Fatal(err)
	}
	actions := make([]staff.Action, 20_000)
	for i := range actions {
		a := storetest.Add(fmt.Sprintf("person%d@example.ch", i), "contract", "domains.view", "invoices", "orders")
		a.Phones, a.Mail = &[]string{fmt.Sprintf("work=+4144%07d", i)}, &[]string{"invoices", "orders", "news"}
		actions[i] = a
	}
	s := storetest.NewStaff(sqlstore.New(deaf{file}))
	for b.Loop() {
		if _, err := s.Do(b.Context(), "acme", actions...); err != nil {
			b.Fatal(err)
		}
	}
}
