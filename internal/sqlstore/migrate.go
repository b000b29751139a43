package sqlstore

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migration is a step of the schema. Once released it is never changed.
type Migration struct {
	Version  int
	Name     string // of its file
	Checksum string // SHA-256 of its text, hexadecimal
	sql      string
}

// Schema is the version of the schema that this program works on.
func Schema() int {
	entries, err := fs.ReadDir(migrationFiles, "migrations")
	if err != nil {
		panic("the embedded migrations: " + err.Error())
	}
	return len(entries)
}

// Migrations returns the steps in order; the first makes version 1.
func Migrations() []Migration {
	entries, err := fs.ReadDir(migrationFiles, "migrations")
	if err != nil {
		panic("the embedded migrations: " + err.Error())
	}
	steps := make([]Migration, len(entries))
	for i, entry := range entries {
		text, err := migrationFiles.ReadFile("migrations/" + entry.Name())
		if err != nil {
			panic("the embedded migrations: " + err.Error())
		}
		sum := sha256.Sum256(text)
		steps[i] = Migration{i + 1, entry.Name(), hex.EncodeToString(sum[:]), string(text)}
	}
	return steps
}

// statements splits the text of a migration.
func (m Migration) statements() []Statement {
	var out []Statement
	for text := range strings.SplitSeq(m.sql, ";\n\n") {
		out = append(out, Statement{SQL: strings.TrimSuffix(strings.TrimSpace(text), ";")})
	}
	return out
}

func (m Migration) apply(b *batch, at int64) {
	for _, s := range m.statements() {
		b.add(s.SQL)
	}
	b.add(`INSERT INTO staffctl_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)`, int64(m.Version), m.Name, m.Checksum, at)
}

// schemaObjects returns the text of each table, index, view and trigger that the
// steps leave, by its name.
func schemaObjects(steps []Migration) map[string]string {
	objects := map[string]string{}
	for _, m := range steps {
		for _, statement := range m.statements() {
			sql := withoutComments(statement.SQL)
			words := strings.Fields(strings.Replace(sql, "UNIQUE ", "", 1))
			switch {
			case strings.HasPrefix(sql, "DROP "):
				delete(objects, words[2])
			case strings.HasPrefix(sql, "ALTER TABLE "):
				// As SQLite writes it: before the end of the list of columns.
				_, column, _ := strings.Cut(sql, " ADD COLUMN ")
				objects[words[2]] = strings.TrimSuffix(objects[words[2]], ") STRICT") + ", " + column + ") STRICT"
			default:
				objects[words[2]] = sql
			}
		}
	}
	return objects
}

const migrationsTable = `CREATE TABLE staffctl_migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`

// Init makes a store of the newest schema and commits to it in the same batch.
func (s *Store) Init(ctx context.Context, c *staff.Commit) error {
	if err := s.CheckEmpty(ctx); err != nil {
		return err
	}
	b := &batch{}
	b.add(migrationsTable)
	for _, m := range Migrations() {
		m.apply(b, c.At)
	}
	b.parts = append(b.parts, batchOf(c).parts...)
	b.encode()
	err := s.send(ctx, c, Batch{b.inline(), b.bytes}) // there is no table to stage in yet
	if errors.Is(err, ErrSQL) {
		// Another init has made the table between our look and our batch.
		if other := s.CheckEmpty(ctx); other != nil {
			return other
		}
	}
	return err
}

// CheckEmpty refuses a place where there is a store, or something else, already.
func (s *Store) CheckEmpty(ctx context.Context) error {
	answers, err := s.exec.Read(ctx, []Statement{{SQL: `SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name <> 'staffctl_migrations'`}})
	switch {
	case err != nil:
		return err
	case len(answers[0]) == 0:
		return nil
	case slices.Contains(answers[0], "staffctl_copy"):
		return s.unfinished(ctx)
	case answers[0][0] == "staffctl_migrations":
		return staff.Errorf(staff.CodeConflict, "store", "%s is a staffctl store already; add an account with staffctl account create", s.Name())
	default:
		return staff.Errorf(staff.CodeUnavailable, "store", "%s is a database of another program; name another file with --store", s.Name())
	}
}

// Applied is a migration that a store has gone through.
type Applied struct {
	Version   int
	Name      string
	Checksum  string
	AppliedAt int64 // Unix milliseconds
}

// Applied returns the migrations that the store has gone through, and refuses
// a store where one of them was another than this program's.
func (s *Store) Applied(ctx context.Context) ([]Applied, error) {
	answers, err := s.exec.Read(ctx, []Statement{{SQL: `SELECT ` + packed(`version, name, checksum, applied_at`) + ` FROM staffctl_migrations ORDER BY version`}})
	if errors.Is(err, ErrSQL) {
		_, err = s.schema(ctx)
	}
	if err != nil {
		return nil, err
	}
	known := Migrations()
	var applied []Applied
	for i, text := range answers[0] {
		r := row{rest: text}
		a := Applied{Version: int(r.int()), Name: r.text(), Checksum: r.text(), AppliedAt: r.int()}
		if err := r.err("migrations"); err != nil {
			return nil, err
		}
		if i < len(known) && (a.Version != known[i].Version || a.Checksum != known[i].Checksum) {
			return nil, staff.Errorf(staff.CodeUnavailable, "store", "migration %d of %s is not the one that this staffctl has; use the staffctl that made the store", a.Version, s.Name())
		}
		applied = append(applied, a)
	}
	return applied, nil
}

// Migrate brings the store to the newest schema, one batch a step, and returns
// the versions before and after. Who comes second finds it done.
func (s *Store) Migrate(ctx context.Context, at int64) (from, to int, err error) {
	return s.migrate(ctx, Migrations(), at)
}

func (s *Store) migrate(ctx context.Context, steps []Migration, at int64) (from, to int, err error) {
	applied, err := s.Applied(ctx)
	if err != nil {
		return 0, 0, err
	}
	from, to = len(applied), len(steps)
	if from > to {
		return from, from, s.checkSchema(from)
	}
	for _, m := range steps[from:] {
		b := &batch{}
		b.add(`INSERT INTO guard (ok) VALUES ((SELECT max(version) = ? FROM staffctl_migrations))`, int64(m.Version-1))
		m.apply(b, at)
		if err := s.repeat(ctx, Batch{Statements: b.inline()}); err != nil {
			if err := s.whyStopped(ctx, m, err); err != nil {
				return from, m.Version - 1, err
			}
		}
	}
	return from, to, nil
}

// whyStopped returns why a step was refused, or nil where somebody else has
// taken it meanwhile.
func (s *Store) whyStopped(ctx context.Context, m Migration, err error) error {
	if !errors.Is(err, staff.ErrStale) {
		return err
	}
	applied, failed := s.Applied(ctx)
	switch {
	case failed != nil:
		return failed
	case len(applied) >= m.Version:
		return nil
	default:
		return staff.Errorf(staff.CodeDamaged, "store", "migration %d does not fit what is in %s; nothing of it was done, run staffctl store check: %w", m.Version, s.Name(), err)
	}
}
