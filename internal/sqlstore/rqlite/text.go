package rqlite

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// encode writes statements as rqlite takes them: each a list of the SQL and its
// arguments.
func encode(statements []sqlstore.Statement) []byte {
	lists := make([][]any, len(statements))
	for i, s := range statements {
		lists[i] = append([]any{s.SQL}, s.Args...)
		for n, arg := range s.Args {
			if text, ok := arg.(string); ok && isLikeBlob(text) {
				lists[i][0] = castToText(lists[i][0].(string), n+1)
				lists[i][n+1] = "x'" + hex.EncodeToString([]byte(text)) + "'"
			}
		}
	}
	body, err := json.Marshal(lists)
	if err != nil {
		panic("an argument of a statement does not marshal: " + err.Error())
	}
	return body
}

// isLikeBlob reports whether rqlite would read a text as the literal of a BLOB.
func isLikeBlob(text string) bool {
	t := strings.TrimSpace(text)
	return len(t) >= 3 && (t[0] == 'x' || t[0] == 'X') && t[1] == '\'' && t[len(t)-1] == '\''
}

var placeholder = regexp.MustCompile(`\?[0-9]*`)

// castToText makes the n-th argument of a statement, a BLOB, a text.
func castToText(sql string, n int) string {
	count := 0
	return placeholder.ReplaceAllStringFunc(sql, func(mark string) string {
		count++
		if mark == "?" && count == n || mark == "?"+strconv.Itoa(n) {
			return "CAST(" + mark + " AS TEXT)"
		}
		return mark
	})
}

// Texts of rqlite and SQLite that tell failures apart. Both are compared in parts,
// since a node puts words of its own before what another has said.
var (
	// Of rqlite, for what was not carried out.
	notCarriedOut = []string{"not leader", "leader not found", "store not open", "store not ready", "stale read"}
	// Of rqlite, where an exact read waits for an entry of the log that changes the
	// cluster and that its database never sees: until the next write.
	behind = "timeout waiting for fsm"
	// Of SQLite, for what a constraint refuses.
	constraints = []string{"constraint failed", "cannot store ", "datatype mismatch"}
	// Of SQLite, for what is not there, or there already.
	unknownToSQL = []string{"no such ", "already exists", "syntax error", "has no column", "duplicate column"}
	damage       = []string{"malformed", "not a database"}
	troubles     = []string{"is full", "readonly", "disk I/O", "is locked", "out of memory", "interrupted"}
)

func containsAny(text string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

func fateOf(text string) fate {
	for _, t := range notCarriedOut {
		if strings.HasSuffix(text, t) {
			return unsent
		}
	}
	return lost
}

func isConstraint(text string) bool { return containsAny(text, constraints) }

// translate turns what SQLite says to a statement into an error; other is for
// words that are nobody's but the schema's own.
func (c *Cluster) translate(text string, other error) error {
	switch {
	case text == staff.ErrStale.Error(): // what a guard raises
		return fmt.Errorf("%w: %s", staff.ErrStale, text)
	case isConstraint(text):
		return fmt.Errorf("%w: %s", staff.ErrRefused, text)
	case containsAny(text, unknownToSQL):
		return fmt.Errorf("%w: %s", sqlstore.ErrSQL, text)
	case containsAny(text, damage):
		return staff.Errorf(staff.CodeDamaged, "store", "%s is damaged: %s; run staffctl store check, and rebuild the node or go back to a backup", c.name, text)
	case containsAny(text, troubles):
		return staff.Errorf(staff.CodeUnavailable, "store", "%s cannot carry it out: %s; look at its nodes", c.name, text)
	default:
		return fmt.Errorf("%w: %s", other, text)
	}
}
