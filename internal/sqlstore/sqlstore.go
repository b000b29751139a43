// Package sqlstore is [staff.Store] in SQL, written once for a file and for a
// cluster: it turns commits into one batch of statements and reads rows back.
// Only an [Executor] differs between the two.
package sqlstore

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/staffctl/staffctl/internal/staff"
)

// Statement is SQL with its arguments: strings, int64s and nil. A query answers
// rows of a single text column, whose values are joined by [separator].
type Statement struct {
	SQL  string
	Args []any
}

// Executor runs statements on a store. It translates failures to [staff.Error]
// where the store is unavailable or damaged, to [staff.ErrStale] where a
// constraint or a trigger refused a batch, to [ErrSQL] where the store does
// not know a table or column, and to [ErrUnknown] where the answer to a batch
// was lost.
type Executor interface {
	// Write carries out the statements as one atomic batch.
	Write(ctx context.Context, b Batch) error
	// Read answers queries in one state of the store, the newest.
	Read(ctx context.Context, queries []Statement) ([][]string, error)
	// Search is Read for one query that may look through the whole store.
	Search(ctx context.Context, query Statement) ([]string, error)
	// Stream answers one query; a file without holding its rows.
	Stream(ctx context.Context, query Statement) iter.Seq2[string, error]
	// Limits says how much the store takes at once.
	Limits() Limits
	// Name is what messages call the store, such as its path.
	Name() string
	Close() error
}

// Limits are how much a store takes at once; 0 is without an end.
type Limits struct {
	Bytes int   // of rows in a batch: what is more is staged before
	Page  int64 // rows that a query for a list is asked for
}

// ErrSQL marks a statement that the store cannot run, such as one on a table
// that it does not have.
var ErrSQL = errors.New("the store does not know the statement")

// ErrUnknown marks a batch that may have taken effect, or may yet.
var ErrUnknown = errors.New("the answer was lost")

// Store is a [staff.Store] on an [Executor].
type Store struct{ exec Executor }

// New returns the store that exec runs statements on.
func New(exec Executor) *Store { return &Store{exec} }

// Close ends the use of the store.
func (s *Store) Close() error { return s.exec.Close() }

// Name is what messages call the store, such as its path.
func (s *Store) Name() string { return s.exec.Name() }

// read answers queries.
func (s *Store) read(ctx context.Context, queries ...Statement) ([][]string, error) {
	answers, err := s.exec.Read(ctx, queries)
	return answers, s.explain(ctx, err)
}

// explain finds out why the store refuses everything: because it has moved; or why
// it does not know a statement: because of the version of its schema, or else
// because the schema is not what it should be.
func (s *Store) explain(ctx context.Context, err error) error {
	if errors.Is(err, staff.ErrRefused) && strings.Contains(err.Error(), sealedText) {
		return s.explainSeal(ctx, err)
	}
	if !errors.Is(err, ErrSQL) {
		return err
	}
	if _, err := s.schema(ctx); err != nil {
		return err
	}
	return &staff.Error{Code: staff.CodeDamaged, Field: "store", Cause: err,
		Message: s.Name() + " is damaged: it lacks something of its schema; keep a copy of it, run staffctl store check, and go back to a backup"}
}

// schema returns the version of the store's schema, and refuses one that is not
// this program's.
func (s *Store) schema(ctx context.Context) (int, error) {
	answers, err := s.exec.Read(ctx, []Statement{schemaQuery})
	if errors.Is(err, ErrSQL) {
		other := s.CheckEmpty(ctx)
		if errors.As(other, new(*unfinished)) {
			return 0, other
		}
		// A cluster begins empty; to a file without anything something has happened.
		if _, cluster := s.exec.(described); cluster && other == nil {
			return 0, staff.Errorf(staff.CodeNotFound, "store", "no store at %s; make one with staffctl init", s.Name())
		}
		return 0, staff.Errorf(staff.CodeUnavailable, "store", "%s is a SQLite database but no staffctl store; name another with --store", s.Name())
	}
	if err != nil {
		return 0, err
	}
	r := row{rest: answers[0][0]}
	version := int(r.int())
	return version, s.checkSchema(version)
}

func (s *Store) checkSchema(version int) error {
	switch newest := Schema(); {
	case version > newest:
		return staff.Errorf(staff.CodeUnavailable, "store", "%s has schema %d and this staffctl knows %d at most; use a newer staffctl", s.Name(), version, newest)
	case version < newest:
		return staff.Errorf(staff.CodeUnavailable, "store", "%s has schema %d and this staffctl needs %d; run staffctl store migrate", s.Name(), version, newest)
	default:
		return nil
	}
}

var schemaQuery = Statement{SQL: `SELECT coalesce(max(version), 0) || '' FROM staffctl_migrations`}
