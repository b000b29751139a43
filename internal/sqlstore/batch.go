package sqlstore

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/staffctl/staffctl/internal/staff"
)

// Batch is statements that take effect together or not at all.
type Batch struct {
	Statements []Statement
	// Bytes is about how much the statements work through, with what was staged
	// for them: a store may take longer for more.
	Bytes int
}

// smallPart is the part of what a store takes at once that the rows of a statement
// may be without being staged, where all of them together are too large.
const smallPart = 64

// batch collects the statements of a commit. Rows of a kind go into one
// statement, however many they are.
type batch struct {
	commit staff.ID
	nonce  int64 // tells it from another commit that happens to have the same id
	parts  []part
	bytes  int  // of the rows that are encoded
	ranks  int  // of statements on rows so far
	tables bool // rows are read from a table, and not from JSON
	locked bool // nobody else has written since it was planned
}

// part is a statement; with rows it works on them as a table given (value) of
// JSON arrays.
type part struct {
	Statement
	rank  int      // the same for the same statement in all pieces of a commit
	given [][]any  // its rows
	rows  []string // the same as JSON
	bytes int      // of these
}

func (b *batch) add(sql string, args ...any) {
	b.parts = append(b.parts, part{Statement: Statement{sql, args}})
}

// rows adds a statement on rows of the same shape, each a list of strings,
// int64s and nils: the SQL reads them from the table given, and their values by
// [values] or given.value ->> 0 and so on.
func (b *batch) rows(sql string, rows [][]any) {
	b.ranks++
	if len(rows) > 0 {
		b.parts = append(b.parts, part{Statement: Statement{SQL: sql}, rank: b.ranks, given: rows})
	}
}

// encode turns all rows into JSON.
func (b *batch) encode() {
	for i := range b.parts {
		p := &b.parts[i]
		if p.rows != nil || p.given == nil {
			continue
		}
		p.rows = encoded(p.given)
		for _, r := range p.rows {
			p.bytes += len(r) + 1
		}
		b.bytes += p.bytes
	}
}

// encoded are the rows as JSON. Many are made on two processors.
func encoded(rows [][]any) []string {
	all := make([]string, len(rows))
	half := 0
	var first sync.WaitGroup
	if len(rows) > 1000 {
		half = len(rows) / 2
		first.Go(func() {
			for i, r := range rows[:half] {
				all[i] = jsonText(r)
			}
		})
	}
	for i, r := range rows[half:] {
		all[half+i] = jsonText(r)
	}
	first.Wait()
	return all
}

// values returns the expressions for n values of a row of given.
func values(n int) string {
	expressions := make([]string, n)
	for i := range expressions {
		expressions[i] = fmt.Sprintf("given.value ->> %d", i)
	}
	return strings.Join(expressions, ", ")
}

// inline returns the statements with their rows as arguments.
func (b *batch) inline() []Statement {
	b.encode()
	statements := make([]Statement, len(b.parts))
	for i, p := range b.parts {
		statements[i] = p.inline()
	}
	return statements
}

func (p *part) inline() Statement {
	if p.rows == nil {
		return p.Statement
	}
	return Statement{`WITH given (value) AS (SELECT value FROM json_each(?1)) ` + p.SQL, []any{"[" + strings.Join(p.rows, ",") + "]"}}
}

// staged returns the statements with their many rows read from table staging,
// and the statements that put them there, each to be carried out by itself. limit
// is how many bytes a store takes at once. The rows are encoded.
func (b *batch) staged(limit int) (staging, statements []Statement) {
	for _, p := range b.parts {
		if p.bytes <= limit/smallPart {
			statements = append(statements, p.inline())
			continue
		}
		for chunk, text := range p.chunks(limit) {
			staging = append(staging, b.stage(p.rank, chunk, text, nobodys))
		}
		statements = append(statements, b.fromStaging(p.rank, p.SQL))
	}
	return staging, append(append([]Statement{statements[0], b.staging(len(staging))}, statements[1:]...), unstage(b.commit, b.nonce))
}

// nobodys is the account of what is staged for no import.
const nobodys = int64(0)

// stage puts a chunk of the rows of a part into table staging.
func (b *batch) stage(part, chunk int, text string, account int64) Statement {
	return Statement{`INSERT INTO staging (commit_id, part, chunk, rows, nonce, account_id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		[]any{int64(b.commit), int64(part), int64(chunk), text, b.nonce, account}}
}

// fromStaging lets SQL work on the rows of a part that are in table staging.
func (b *batch) fromStaging(part int, sql string) Statement {
	return Statement{fmt.Sprintf(`WITH given (value) AS (SELECT r.value FROM staging AS s, json_each(s.rows) AS r
		WHERE s.commit_id = %d AND s.nonce = %d AND s.part = %d) `, b.commit, b.nonce, part) + sql, nil}
}

// staging makes sure that all chunks are there: a part of them would be as bad as
// none.
func (b *batch) staging(chunks int) Statement {
	return Statement{`INSERT INTO guard (ok) VALUES ((SELECT count(*) = ? FROM staging WHERE commit_id = ? AND nonce = ?))`,
		[]any{int64(chunks), int64(b.commit), b.nonce}}
}

// chunks joins the rows to JSON arrays of so many bytes at most, but for a row that
// is larger by itself.
func (p *part) chunks(limit int) []string {
	var chunks []string
	var text strings.Builder
	for _, r := range p.rows {
		if text.Len() > 0 && text.Len()+len(r)+2 > limit {
			chunks = append(chunks, text.String()+"]")
			text.Reset()
		}
		text.WriteByte("[,"[min(text.Len(), 1)])
		text.WriteString(r)
	}
	return append(chunks, text.String()+"]")
}

// jsonList returns the JSON text of an array for a column.
func jsonList(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	return string(appendList(make([]byte, 0, 64), list))
}

// jsonPhones is jsonList for phones.
func jsonPhones(phones []staff.Phone) string {
	if len(phones) == 0 {
		return "[]"
	}
	return string(appendPhones(make([]byte, 0, 64), phones))
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("a value of the store does not marshal: " + err.Error())
	}
	return string(text)
}
