package rqlite_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// texts are what rqlite may take for something else, or JSON or SQL may spoil.
var texts = []string{
	"", " ", "x", "X'", "x''", "X''", "X'41'", "x'4142'", " x'4142' ", "\tX'41'\r\n", "\u00a0x'41'\u2003", "x'4'", "x'zz'", "x'41'x", "xx'41'", "x'''", "X'é'", "x '41'", "x'41' x'42'",
	"'", "''", `"`, "`", `\`, `\u0041`, `\'`, "--", "/*", ";", "?", "?1", "??", ":v", "@v", "$v", "%s", "it's ?", "x'?'", "x'3f3f'",
	"\x01", "\x1f", "\x7f", "a\x1fb", "\n", "\r\n\t", "\u0085", "\u2028", "\u2029", "\ufeff", "\ufffd", "\U0010ffff", "ä", "a\u0308", "😀", "👩\u200d👩\u200d👧", "مرحبا", "\u202eabc",
	"null", "true", "0", "123", "-1", "1e400", "9007199254740993", "0x41", "{}", "[1,2]", `{"v":1}`, "<a>&amp;", "2026-11-22T09:30:00Z",
}

// forms write a text to both columns of t.
var forms = map[string]func(id int64, text string) sqlstore.Statement{
	"positional": func(id int64, text string) sqlstore.Statement {
		return sqlstore.Statement{SQL: `INSERT INTO t (id, v, w) VALUES (?, ?, ?)`, Args: []any{id, text, text}}
	},
	"numbered": func(id int64, text string) sqlstore.Statement {
		return sqlstore.Statement{SQL: `INSERT INTO t (id, v, w) VALUES (?1, ?2, ?3)`, Args: []any{id, text, text}}
	},
	"twice": func(id int64, text string) sqlstore.Statement {
		return sqlstore.Statement{SQL: `INSERT INTO t (id, v, w) SELECT ?2, ?1, ?1 WHERE ?1 = ?1`, Args: []any{text, id}}
	},
	"the tenth": func(id int64, text string) sqlstore.Statement {
		return sqlstore.Statement{SQL: `INSERT INTO t (id, v, w) SELECT ?1, ?10, ?11 WHERE ?2 + ?3 + ?4 + ?5 + ?6 + ?7 + ?8 + ?9 = 0`,
			Args: []any{id, int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), text, text}}
	},
}

func TestTexts(t *testing.T) {
	t.Parallel()
	c := table(t)
	all := append([]string{strings.Repeat("ä\"'\n\u2028", 100_000), "x'" + strings.Repeat("41", 1<<19) + "'"}, texts...)
	for name, form := range forms {
		var b sqlstore.Batch
		var reads []sqlstore.Statement
		for i, text := range all {
			b.Statements = append(b.Statements, form(int64(i), text))
			reads = append(reads, sqlstore.Statement{SQL: `SELECT v FROM t WHERE id = ? AND v = w AND w = ? AND typeof(v) = 'text' AND typeof(w) = 'text'`, Args: []any{int64(i), text}})
		}
		if err := c.Write(t.Context(), b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		answers, err := c.Read(t.Context(), reads)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i, text := range all {
			for streamed, err := range c.Stream(t.Context(), reads[i]) {
				if must(t, err); streamed != text {
					t.Errorf("%s: %.40q is streamed as %.40q", name, text, streamed)
				}
			}
			if len(answers[i]) != 1 || answers[i][0] != text {
				t.Errorf("%s: %.40q is read as %.40q", name, text, answers[i])
			}
		}
		must(t, c.Write(t.Context(), sqlstore.Batch{Statements: []sqlstore.Statement{{SQL: `DELETE FROM t`}}}))
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	c := table(t)
	var b sqlstore.Batch
	numbers := []int64{0, 1, -1, 1 << 31, 1<<53 - 1, 1 << 53, 1<<53 + 1, -(1 << 53), math.MaxInt64, math.MinInt64}
	for i, n := range numbers {
		b.Statements = append(b.Statements, sqlstore.Statement{SQL: `INSERT INTO t (id, n) VALUES (?, ?)`, Args: []any{int64(i), n}})
	}
	b.Statements = append(b.Statements, sqlstore.Statement{SQL: `INSERT INTO t (id, v, n) VALUES (?, ?, ?)`, Args: []any{int64(100), nil, nil}})
	must(t, c.Write(t.Context(), b))
	answers, err := c.Read(t.Context(), []sqlstore.Statement{
		{SQL: `SELECT n || '' FROM t WHERE typeof(n) = 'integer' ORDER BY id`},
		{SQL: `SELECT id || '' FROM t WHERE v IS NULL AND n IS NULL AND ? IS NULL`, Args: []any{nil}},
		{SQL: `SELECT v FROM t WHERE id = 7.5`},
	})
	must(t, err)
	for i, n := range numbers {
		if answers[0][i] != strconv.FormatInt(n, 10) {
			t.Errorf("%d is read as %s", n, answers[0][i])
		}
	}
	if len(answers[0]) != len(numbers) || fmt.Sprint(answers[1:]) != "[[100] []]" {
		t.Errorf("%q", answers)
	}
}

// table opens an empty database with table t.
func table(t *testing.T) *rqlite.Cluster {
	t.Helper()
	c := opened(t, rqlite.Options{Hosts: []string{servers.Lend(t)}})
	must(t, c.Write(t.Context(), sqlstore.Batch{Statements: []sqlstore.Statement{{SQL: `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w, n INTEGER)`}}}))
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestTextsOfPeople: what looks like a BLOB gets through the store too.
func TestTextsOfPeople(t *testing.T) {
	t.Parallel()
	const blob = "X'4142'"
	s := newSite(t)
	s.staff.Actor = func() staff.Actor { return staff.Actor{OSUser: blob, StoreUser: blob, Claimed: blob} }
	s.do(storetest.Add("anna@example.ch"), staff.EditMember{Member: anna, Details: staff.Details{FirstName: new(blob), LastName: new("x''")}})
	p, err := s.staff.Person(t.Context(), "acme", anna)
	s.must(err)
	if p.FirstName != blob || p.LastName != "x''" {
		t.Errorf("%q %q", p.FirstName, p.LastName)
	}
	entries := 0
	for e, err := range s.staff.Store.Audit(t.Context(), staff.AuditQuery{Actor: blob}) {
		s.must(err)
		entries++
		if e.Actor != s.staff.Actor() {
			t.Errorf("%+v", e.Actor)
		}
	}
	if entries != 2 {
		t.Errorf("%d audit entries", entries)
	}
	for range s.staff.Store.Mails(t.Context(), staff.OutboxQuery{Account: blob}) {
		t.Error("a mail of another account")
	}
	if f, err := s.staff.Store.Load(t.Context(), &staff.Needs{NoAccount: true, Account: blob, Session: blob, Usernames: []string{blob}}); err != nil || f.Session != nil {
		t.Errorf("%+v, %v", f, err)
	}
}
