package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/staffctl/staffctl/internal/rqlitetest"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/staff"
)

// imported is how many members are added at once on a cluster.
const imported = 20_000

// cluster measures three nodes on this machine: adding many members beside a
// bare client that sends the same rows, and a lookup beside one on a file.
func (b *bench) cluster(ctx context.Context) error {
	c, err := rqlitetest.Start(ctx, rqlitetest.Options{Nodes: 3, Dir: b.dir})
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := b.imports(ctx, c); err != nil {
		return err
	}
	return b.showOnCluster(ctx, c)
}

// imports adds the members by the domain, and by a bare client what that has
// written, in turn.
func (b *bench) imports(ctx context.Context, c *rqlitetest.Cluster) error {
	var ours, bare []time.Duration
	for range b.runs {
		r, took, err := b.importOnce(ctx, c)
		if err != nil {
			return err
		}
		ours = append(ours, took)
		if took, err = b.sendBare(ctx, c, r); err != nil {
			return err
		}
		bare = append(bare, took)
	}
	o, p := &contender{times: ours}, &contender{times: bare}
	fmt.Printf("\n%d members added on three nodes (%d runs each, medians)\n", imported, b.runs)
	fmt.Printf("  %-44s %10.2f ms  %5.2f times  %d a second\n", "staffctl, with rules, audit and one commit", milliseconds(o.median()),
		float64(o.median())/float64(p.median()), int64(imported/o.median().Seconds()))
	fmt.Printf("  %-44s %10.2f ms   1.00 times  %d a second\n", "a bare client, the same rows in batches", milliseconds(p.median()), int64(imported/p.median().Seconds()))
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// empty makes an empty store with one account on the cluster.
func (b *bench) empty(ctx context.Context, c *rqlitetest.Cluster) (*staff.Staff, *recorder, error) {
	leader, err := c.Leader(ctx)
	if err == nil {
		err = leader.Wipe(ctx)
	}
	if err != nil {
		return nil, nil, err
	}
	opened, err := rqlite.Open(rqlite.Options{Hosts: c.Addresses()})
	if err != nil {
		return nil, nil, err
	}
	r := &recorder{Executor: opened}
	s := &staff.Staff{Store: sqlstore.New(r), Now: time.Now, IDs: &staff.IDs{}, Actor: func() staff.Actor { return staff.Actor{OSUser: "bench"} }}
	_, err = s.Init(ctx, sqlstore.Schema(), staff.CreateAccount{Name: "acme"})
	r.batches = nil
	return s, r, err
}

// recorder is an executor that keeps what it was given to write.
type recorder struct {
	sqlstore.Executor
	mu      sync.Mutex
	batches []sqlstore.Batch
}

// Write keeps the batch.
func (r *recorder) Write(ctx context.Context, batch sqlstore.Batch) error {
	r.mu.Lock()
	r.batches = append(r.batches, batch)
	r.mu.Unlock()
	return r.Executor.Write(ctx, batch)
}

func (b *bench) importOnce(ctx context.Context, c *rqlitetest.Cluster) (*recorder, time.Duration, error) {
	s, r, err := b.empty(ctx, c)
	if err != nil {
		return nil, 0, err
	}
	actions := b.adds()
	start := time.Now()
	plan, err := s.Do(ctx, "acme", actions...)
	took := time.Since(start)
	if err == nil && len(plan.Results) != imported {
		err = fmt.Errorf("%d members were added instead of %d", len(plan.Results), imported)
	}
	return r, took, err
}

// adds are the actions: each member has a phone, 4 grants and 3 mail categories.
func (b *bench) adds() []staff.Action {
	random := rand.New(rand.NewPCG(b.seed, 1))
	actions := make([]staff.Action, imported)
	for i := range actions {
		first, last := pick(random, firstNames), pick(random, lastNames)
		access, mail := some(random, grants, 4), some(random, categories, 3)
		actions[i] = staff.AddMember{Email: email(i), Details: staff.Details{FirstName: &first, LastName: &last,
			Phones: &[]string{fmt.Sprintf("work=+4144%07d", i)}}, Access: &access, Mail: &mail}
	}
	return actions
}

// sendBare sends the rows again to an empty store, straight into their tables: the
// members in the chunks that were staged, and the audit in chunks of the same size.
func (b *bench) sendBare(ctx context.Context, c *rqlitetest.Cluster, r *recorder) (time.Duration, error) {
	statements, err := r.bare(ctx)
	if err != nil {
		return 0, err
	}
	if _, _, err := b.empty(ctx, c); err != nil {
		return 0, err
	}
	leader, err := c.Leader(ctx)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	for _, s := range statements {
		if err := execute(ctx, leader, s); err != nil {
			return 0, err
		}
	}
	return time.Since(start), nil
}

// ofMembers is the statement that moves members from table staging.
var ofMembers = regexp.MustCompile(`(?s)^WITH given \(value\) AS \(.*s\.part = (\d+)\) (INSERT INTO members .*)$`)

// fromArgument reads rows from the one argument of a statement.
const fromArgument = `WITH given (value) AS (SELECT value FROM json_each(?)) `

// bare are the statements of a bare client, the row of the commit first.
func (r *recorder) bare(ctx context.Context) (statements [][]any, err error) {
	last := r.batches[len(r.batches)-1].Statements
	statements = append(statements, append([]any{last[0].SQL}, last[0].Args...))
	part, insert := "", ""
	for _, s := range last {
		if m := ofMembers.FindStringSubmatch(s.SQL); m != nil {
			part, insert = m[1], fromArgument+m[2]
		}
	}
	for _, batch := range r.batches {
		for _, s := range batch.Statements {
			if strings.HasPrefix(s.SQL, "INSERT INTO staging") && fmt.Sprint(s.Args[1]) == part {
				statements = append(statements, []any{insert, s.Args[3]})
			}
		}
	}
	if insert == "" || len(statements) < 3 {
		return nil, errors.New("nothing was staged, so there is nothing to compare")
	}
	const audit = fromArgument + `INSERT INTO audit (id, commit_id, action, account, member_id, subject, after) SELECT given.value ->> 0, given.value ->> 1,
		given.value ->> 2, given.value ->> 3, given.value ->> 4, given.value ->> 5, given.value ->> 6 FROM given`
	rows, err := r.Search(ctx, sqlstore.Statement{SQL: `SELECT json_array(id, commit_id, action, account, member_id, subject, after) FROM audit WHERE member_id IS NOT NULL`})
	if err != nil {
		return nil, err
	}
	for len(rows) > 0 {
		n, size := 0, 0
		for n < len(rows) && size+len(rows[n]) < r.Limits().Bytes {
			size += len(rows[n]) + 1
			n++
		}
		statements = append(statements, []any{audit, "[" + strings.Join(rows[:n], ",") + "]"})
		rows = rows[n:]
	}
	return statements, nil
}

// execute sends a statement as plainly as can be.
func execute(ctx context.Context, n *rqlitetest.Node, statement []any) error {
	body, err := json.Marshal([][]any{statement})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.URL()+"/db/execute?transaction", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || bytes.Contains(text, []byte(`"error"`)) {
		return fmt.Errorf("the bare client was answered %s: %w", text, err)
	}
	return nil
}

// showOnCluster looks up one member on the cluster and on a file.
func (b *bench) showOnCluster(ctx context.Context, c *rqlitetest.Cluster) error {
	if _, _, err := b.importOnce(ctx, c); err != nil {
		return err
	}
	who := email(imported / 2)
	remote := append(b.environment(), "STAFFCTL_STORE=rqlite://"+strings.Join(c.Addresses(), ","))
	return race(ctx, "member show by e-mail, on a cluster of three and on a file", 20*b.runs,
		&contender{name: "staffctl member show, rqlite://", args: []string{b.program, "member", "show", who}, env: remote},
		&contender{name: "staffctl member show, a file", args: []string{b.program, "member", "show", who}, env: b.environment()})
}
