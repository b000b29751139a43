//go:build unix

package main

import (
	"database/sql"
	"strconv"
	"strings"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

// importOnCluster empties a cluster of three servers each time.
func importOnCluster(t *trial) (*importing, func()) {
	nodes := t.startNodes(rqlitetest.Options{Nodes: 3})
	if nodes == nil {
		return nil, nil
	}
	node, err := nodes.Leader(t.ctx)
	if !t.check(err) {
		return nil, nil
	}
	s := &store{t, "rqlite://" + strings.Join(nodes.Addresses(), ","), nil}
	return &importing{store: s, where: "on a cluster", can: []string{phaseBefore, phaseStaging, phaseCommit},
			reset: func() {
				t.check(node.Wipe(t.ctx))
				s.must("init", "acme")
			},
			staged: func() int { return t.rowsOf(node, "staging") },
			look:   func() sight { return sight{missing: t.rowsOf(node, "members") == 0} }},
		func() { t.check(nodes.Close()) }
}

// rowsOf counts the rows of a table that a node has.
func (t *trial) rowsOf(n *rqlitetest.Node, table string) int {
	lists, err := t.ask(n, `SELECT count(*) || '' FROM `+table)
	if !t.check(err) || len(lists[0]) != 1 {
		return -1
	}
	count, err := strconv.Atoi(lists[0][0])
	t.check(err)
	return count
}

// rowsInside counts the rows of a table in the file as another program would.
func (s *store) rowsInside(table string) (count int) {
	db, err := sql.Open("sqlite", "file:"+s.path)
	if !s.check(err) {
		return -1
	}
	defer func() { s.check(db.Close()) }()
	s.check(db.QueryRowContext(s.ctx, `SELECT count(*) FROM `+table).Scan(&count))
	return count
}

// isLocked reports whether somebody is in a transaction that writes to the file.
func (s *store) isLocked() bool {
	db, err := sql.Open("sqlite", "file:"+s.path)
	if !s.check(err) {
		return false
	}
	defer func() { s.check(db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err = db.ExecContext(s.ctx, "BEGIN IMMEDIATE"); err == nil {
		_, err = db.ExecContext(s.ctx, "ROLLBACK")
		s.check(err)
		return false
	}
	return strings.Contains(err.Error(), "locked")
}
