package sqlstore

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/staffctl/staffctl/internal/staff"
)

// Rows is a statement that works on rows: its SQL reads them from a table given,
// and the values of a row as given.value ->> 0 and so on.
type Rows struct {
	Statement
	Rows [][]any // strings, int64s and nils; nil where it works on none
}

// manyWriter is an executor that carries out as much as it is given in one
// transaction, without holding it.
type manyWriter interface {
	// WriteMany carries out the statements of all pieces as one atomic batch. It
	// asks for the first once nobody else can write, and is done with a piece when it
	// asks for the next. An error that the pieces yield undoes everything, and is
	// returned.
	WriteMany(ctx context.Context, pieces iter.Seq2[[]Rows, error]) error
}

// errNothing ends a commit of which no piece changes anything.
var errNothing = errors.New("nothing is to be changed")

// CommitMany carries out the pieces as one commit. A file takes them in one
// transaction, in which nobody else writes from the beginning on. A cluster takes
// them one after the other into table staging, and a short commit moves them.
func (s *Store) CommitMany(ctx context.Context, head *staff.Commit, pieces iter.Seq2[*staff.Commit, error]) error {
	var err error
	if w, ok := s.exec.(manyWriter); ok && s.exec.Limits().Bytes == 0 {
		var triggers []string
		if triggers, err = s.triggers(ctx); err == nil {
			err = w.WriteMany(ctx, staff.Ahead(ctx, rowsOfPieces(head, pieces, triggers)))
		}
	} else {
		err = s.stageMany(ctx, head, staff.Ahead(ctx, pieces))
	}
	if errors.Is(err, errNothing) {
		return nil
	}
	return s.explain(ctx, err)
}

// tail is what a commit in pieces ends with: who loses full access, after all
// those who gain it, and what head has.
type tail struct {
	losing  []staff.Diff[staff.Member]
	touched *staff.Commit
}

// piece makes the statements of a piece, and keeps back who loses full access.
func (t *tail) piece(b *batch, c *staff.Commit) {
	for _, d := range c.Members {
		if d.Before != nil && d.After != nil && loses(d) {
			t.losing = append(t.losing, d)
		}
	}
	b.gains(c)
	b.links(c)
	b.after(c)
}

// end makes the last statements.
func (t *tail) end(b *batch) {
	b.updateMembers(&staff.Commit{Members: t.losing}, false)
	b.whole(t.touched)
}

// rowsOfPieces turns pieces into statements on rows.
func rowsOfPieces(head *staff.Commit, pieces iter.Seq2[*staff.Commit, error], triggers []string) iter.Seq2[[]Rows, error] {
	return func(yield func([]Rows, error) bool) {
		t := &tail{touched: head}
		next := begin(head)
		next.tables, next.locked = true, true
		next.without(triggers)
		some := false
		for c, err := range pieces {
			if err != nil {
				yield(nil, err)
				return
			}
			some = true
			t.piece(next, c)
			next.rules(c)
			if !yield(next.given(), nil) {
				return
			}
			next = &batch{tables: true, locked: true}
		}
		if !some {
			yield(nil, errNothing)
			return
		}
		t.end(next)
		next.again(triggers)
		yield(next.given(), nil)
	}
}

// given returns the statements with their rows as they are.
func (b *batch) given() []Rows {
	statements := make([]Rows, len(b.parts))
	for i, p := range b.parts {
		statements[i] = Rows{p.Statement, p.given}
	}
	return statements
}

// stager collects the pieces of a commit in table staging.
type stager struct {
	store  *Store
	head   *staff.Commit
	limit  int
	chunks map[int]int    // by rank
	sql    map[int]string // by rank
	bytes  int
}

// stageMany stages the pieces and moves them by one batch.
func (s *Store) stageMany(ctx context.Context, head *staff.Commit, pieces iter.Seq2[*staff.Commit, error]) error {
	t := &tail{touched: head}
	g := &stager{s, head, s.exec.Limits().Bytes, map[int]int{}, map[int]string{}, 0}
	account := int64(head.Touched[0])
	if head.Again {
		account = nobodys
	}
	if err := s.clearStaging(ctx, head.At, account); err != nil {
		return err
	}
	err := g.collect(ctx, t, pieces)
	if err == nil && len(g.sql) == 0 {
		return errNothing
	}
	if err == nil {
		var statements []Statement
		if statements, err = g.statements(ctx, t); err == nil {
			err = s.send(ctx, head, Batch{statements, g.bytes})
		}
	}
	if err != nil && !errors.Is(err, ErrUnknown) {
		return errors.Join(err, s.change(context.WithoutCancel(ctx), unstage(head.ID, head.Nonce)))
	}
	return err
}

func (g *stager) collect(ctx context.Context, t *tail, pieces iter.Seq2[*staff.Commit, error]) error {
	for c, err := range pieces {
		if err != nil {
			return err
		}
		b := &batch{commit: g.head.ID, nonce: g.head.Nonce}
		t.piece(b, c)
		if err := g.stage(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// stage puts the rows of a piece behind those of the pieces before.
func (g *stager) stage(ctx context.Context, b *batch) error {
	b.encode()
	g.bytes += b.bytes
	var staging []Statement
	for _, p := range b.parts {
		if p.given == nil {
			return staff.Errorf(staff.CodeInternal, "store", "%q works on no rows and cannot be staged", p.SQL)
		}
		for _, text := range p.chunks(g.limit) {
			staging = append(staging, b.stage(p.rank, g.chunks[p.rank], text, int64(g.head.Touched[0])))
			g.chunks[p.rank]++
		}
		g.sql[p.rank] = p.SQL
	}
	return g.store.stageChunks(ctx, staging)
}

// statements are those of the commit that moves what was staged.
func (g *stager) statements(ctx context.Context, t *tail) ([]Statement, error) {
	last := &batch{commit: g.head.ID, nonce: g.head.Nonce, ranks: lastRank}
	t.end(last)
	if err := g.stage(ctx, last); err != nil {
		return nil, err
	}
	b := begin(g.head)
	statements := b.inline()
	chunks := 0
	for _, n := range g.chunks {
		chunks += n
	}
	statements = slices.Insert(statements, 1, b.staging(chunks))
	for _, rank := range slices.Sorted(maps.Keys(g.sql)) {
		statements = append(statements, b.fromStaging(rank, g.sql[rank]))
	}
	return append(statements, unstage(g.head.ID, g.head.Nonce)), nil
}

// lastRank is above those of all pieces.
const lastRank = 1000
