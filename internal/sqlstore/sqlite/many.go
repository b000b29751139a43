package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"iter"
	"strings"

	"modernc.org/sqlite"
	"modernc.org/sqlite/vtab"

	"github.com/staffctl/staffctl/internal/sqlstore"
)

// beginMany begins a transaction of many rows. Foreign keys are off: guards check
// what is referred to, as on a cluster, and not row by row.
const beginMany = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE"

// WriteMany carries out the statements of all pieces in one transaction. Their
// rows are a virtual table: nothing turns them into text and back.
func (f *File) WriteMany(ctx context.Context, pieces iter.Seq2[[]sqlstore.Rows, error]) (err error) {
	rows := &givenRows{prepared: map[string]*sql.Stmt{}}
	db, err := f.openMany(rows)
	if err != nil {
		return f.translate(err)
	}
	defer func() { _ = db.Close() }()
	defer rows.close()
	return f.withinOn(ctx, db, beginMany, "COMMIT", func(uninterrupted context.Context, conn *sql.Conn) error {
		if _, err := conn.ExecContext(uninterrupted, `CREATE VIRTUAL TABLE temp.given USING staffctl_given`); err != nil {
			return err
		}
		for piece, err := range pieces {
			if err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := rows.carryOut(uninterrupted, conn, piece); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// openMany opens the file once more, by a driver that knows the virtual table. A page
// cache above SQLite's own makes nothing quicker: rows come in the order of their
// e-mails, and pages that the system must hand out cost more than those read again.
func (f *File) openMany(rows *givenRows) (*sql.DB, error) {
	d := &sqlite.Driver{}
	if err := d.RegisterModule("staffctl_given", rows); err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector{d, f.dsn})
	db.SetMaxOpenConns(1)
	return db, nil
}

// connector opens connections of a driver that is not registered.
type connector struct {
	driver *sqlite.Driver
	dsn    string
}

// Connect opens a connection.
func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

// Driver is the driver.
func (c connector) Driver() driver.Driver { return c.driver }

// givenColumns is how many values a row can have.
const givenColumns = 32

// givenRows is the module of the virtual table and its one table, which has the rows
// of the statement at hand.
type givenRows struct {
	rows     [][]any
	prepared map[string]*sql.Stmt // by the SQL as it is given
}

// carryOut carries out statements, each of which is prepared once for all pieces.
func (g *givenRows) carryOut(ctx context.Context, conn *sql.Conn, statements []sqlstore.Rows) error {
	for _, s := range statements {
		prepared, known := g.prepared[s.SQL]
		if !known {
			var err error
			if prepared, err = conn.PrepareContext(ctx, strings.ReplaceAll(s.SQL, "given.value ->> ", "given.c")); err != nil {
				return err
			}
			g.prepared[s.SQL] = prepared
		}
		g.rows = s.Rows
		if _, err := prepared.ExecContext(ctx, s.Args...); err != nil {
			return err
		}
	}
	return nil
}

// close ends the use of what was prepared.
func (g *givenRows) close() {
	for _, s := range g.prepared {
		_ = s.Close()
	}
}

// Create declares the columns.
func (g *givenRows) Create(c vtab.Context, _ []string) (vtab.Table, error) {
	columns := make([]string, givenColumns)
	for i := range columns {
		columns[i] = fmt.Sprintf("c%d", i)
	}
	return g, c.Declare("CREATE TABLE given (" + strings.Join(columns, ", ") + ")")
}

// Connect is Create.
func (g *givenRows) Connect(c vtab.Context, args []string) (vtab.Table, error) {
	return g.Create(c, args)
}

// BestIndex has none: each row is read once, and before all other tables.
func (g *givenRows) BestIndex(info *vtab.IndexInfo) error {
	info.EstimatedRows, info.EstimatedCost = 1000, 1000
	return nil
}

// Open begins to read.
func (g *givenRows) Open() (vtab.Cursor, error) { return &givenCursor{given: g}, nil }

// Disconnect has nothing to end.
func (g *givenRows) Disconnect() error { return nil }

// Destroy has nothing to end.
func (g *givenRows) Destroy() error { return nil }

// givenCursor reads the rows.
type givenCursor struct {
	given *givenRows
	at    int
}

// Filter begins at the first row.
func (c *givenCursor) Filter(int, string, []vtab.Value) error {
	c.at = 0
	return nil
}

// Next goes on to the next row.
func (c *givenCursor) Next() error {
	c.at++
	return nil
}

// Eof reports whether all rows are read.
func (c *givenCursor) Eof() bool { return c.at >= len(c.given.rows) } //nolint:staticcheck // the interface names it so

// Column is a value of the row.
func (c *givenCursor) Column(i int) (vtab.Value, error) { return c.given.rows[c.at][i], nil }

// Rowid is the position of the row.
func (c *givenCursor) Rowid() (int64, error) { return int64(c.at), nil }

// Close has nothing to end.
func (c *givenCursor) Close() error { return nil }
