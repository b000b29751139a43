//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// ask has a node answer from what it has itself, whoever leads: for each query a
// list of rows of one text, all of one state.
func (t *trial) ask(n *rqlitetest.Node, queries ...string) ([][]string, error) {
	ctx, cancel := context.WithTimeout(t.ctx, catchUp)
	defer cancel()
	body, err := json.Marshal(queries)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, n.URL()+"/db/query?level=none&transaction", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	lists, err := listsOf(text, len(queries))
	if err != nil {
		return nil, fmt.Errorf("node %s: %w: %.200s", n.ID, err, text)
	}
	return lists, nil
}

// listsOf reads rqlite's answer to so many queries.
func listsOf(text []byte, count int) ([][]string, error) {
	var a struct {
		Results []struct {
			Values [][]string
			Error  string
		}
		Error string
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return nil, err
	}
	lists := make([][]string, len(a.Results))
	for i, r := range a.Results {
		a.Error += r.Error
		for _, values := range r.Values {
			lists[i] = append(lists[i], values...)
		}
	}
	if a.Error != "" || len(lists) != count {
		return nil, fmt.Errorf("%d answers to %d queries, %s", len(lists), count, a.Error)
	}
	return lists, nil
}

const (
	// perTable makes a query for each table, on all that is in it.
	perTable = `SELECT 'SELECT ''' || t.name || ' '' || ' || group_concat('quote("' || c.name || '")', ' || '','' || ') || ' FROM "' || t.name || '" ORDER BY 1'
		FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~' GROUP BY t.name`
	schemaRows = `SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1`
	commitRows = `SELECT id || ' ' || nonce || ' ' || (SELECT coalesce(group_concat(id), '') FROM
		(SELECT id FROM audit WHERE commit_id = c.id ORDER BY id || '')) FROM commits AS c`
	strayAudits = `SELECT id || '' FROM audit WHERE commit_id NOT IN (SELECT id FROM commits)`
)

// content is all that a node has, a text for each row.
func (s *siege) content(n *rqlitetest.Node) ([]string, error) {
	queries, err := s.ask(n, perTable)
	if err != nil {
		return nil, err
	}
	lists, err := s.ask(n, append(queries[0], schemaRows)...)
	return slices.Concat(lists...), err
}

// commitsOf reads the commits that a node has, and the audit rows of none.
func (s *siege) commitsOf(n *rqlitetest.Node) (rows map[staff.ID]*committed, stray []string, err error) {
	lists, err := s.ask(n, commitRows, strayAudits)
	if err != nil {
		return nil, nil, err
	}
	rows = map[staff.ID]*committed{}
	for _, text := range lists[0] {
		f := strings.Split(text, " ")
		id, idErr := strconv.ParseInt(f[0], 10, 64)
		nonce, nonceErr := strconv.ParseInt(f[1], 10, 64)
		if idErr != nil || nonceErr != nil {
			return nil, nil, fmt.Errorf("node %s has a commit %s", n.ID, text)
		}
		rows[staff.ID(id)] = &committed{nonce, f[2]}
	}
	return rows, lists[1], nil
}
