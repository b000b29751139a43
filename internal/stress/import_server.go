//go:build unix

package main

import (
	"database/sql"
	"strconv"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

// importOnServer empties a server of rqlite each time.
func importOnServer(t *trial) (*importing, func()) {
	nodes := t.startNodes(rqlitetest.Options{})
	if nodes == nil {
		return nil, nil
	}
	node := nodes.Nodes[0]
	s := &store{t, "rqlite://" + node.Addr, nil}
	return &importing{store: s, where: "on a server", can: []string{phaseBefore, phaseStaging, phaseCommit},
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
