//go:build unix

package main

import (
	"context"
	"errors"
	"strings"

	"github.com/staffctl/staffctl/internal/sqlstore"
)

// wire is an executor that counts what is done about lost answers.
type wire struct {
	sqlstore.Executor
	ledger *ledger
	lost   map[int64]bool // the commits, by their ids; of the ledger's mutex
}

// Limits are so low that some commits are staged.
func (w *wire) Limits() sqlstore.Limits {
	l := w.Executor.Limits()
	l.Bytes = stagedFrom
	return l
}

// Write passes on and counts.
func (w *wire) Write(ctx context.Context, b sqlstore.Batch) error {
	id, nonce := commitOf(b)
	w.again(id, nonce)
	err := w.Executor.Write(ctx, b)
	if errors.Is(err, sqlstore.ErrUnknown) {
		w.ledger.mu.Lock()
		defer w.ledger.mu.Unlock()
		if id == 0 {
			w.ledger.repeated++
			return err
		}
		w.ledger.lost++
		w.lost[id] = true
	}
	return err
}

// again counts what is sent for a commit whose answer was lost.
func (w *wire) again(id, nonce int64) {
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	switch {
	case !w.lost[id]:
	case nonce == -1:
		w.ledger.fenced++
	default:
		w.ledger.resent++
	}
}

// commitOf finds the id and the nonce in a batch of a commit, or zeros.
func commitOf(b sqlstore.Batch) (id, nonce int64) {
	for _, s := range b.Statements { // the tables come before, when a store is made
		if strings.HasPrefix(s.SQL, `INSERT INTO commits `) {
			id, _ = s.Args[0].(int64)
			nonce, _ = s.Args[1].(int64)
			return id, nonce
		}
	}
	return 0, 0
}

// Read passes on and counts looks for a commit whose answer was lost.
func (w *wire) Read(ctx context.Context, queries []sqlstore.Statement) ([][]string, error) {
	if len(queries) == 1 && len(queries[0].Args) == 2 {
		id, _ := queries[0].Args[0].(int64)
		w.ledger.mu.Lock()
		if w.lost[id] {
			w.ledger.looked++
		}
		w.ledger.mu.Unlock()
	}
	return w.Executor.Read(ctx, queries)
}
