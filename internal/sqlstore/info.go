package sqlstore

import (
	"context"
	"strings"
)

// Info describes a store.
type Info struct {
	Name          string // such as the path of the file
	Schema        int
	SchemaNeeded  int // by this program
	SQLite        string
	Bytes         int64
	Accounts      int64
	Members       int64
	Logins        int64
	AuditRows     int64
	CreatedAt     int64 // Unix milliseconds, as MigratedAt
	MigratedAt    int64
	LastCommitAt  int64 // 0 when nothing was committed
	CountsUnknown bool  // the schema is not this program's, so nothing was counted
	Nodes         []Node
	NodesUnknown  string // why a cluster's nodes are not known
	MovedTo       string // the store that this one was moved to
	Moving        bool   // the copy there was begun and is not finished
}

// Node is a server of a cluster.
type Node struct {
	ID string
	// Address is host:port of its HTTP API, or of Raft where that is not known.
	Address   string
	Leader    bool
	Voter     bool
	Reachable bool
	// Version is that of rqlite and SQLite that of SQLite. ForeignKeys reports
	// whether the node itself enforces references, which staffctl does not need. All
	// three are nil for a node that is not reachable.
	Version     *string
	SQLite      *string
	ForeignKeys *bool
	// Error says why it is not reachable; nil where it is.
	Error *string
}

// described is an executor that knows of nodes.
type described interface {
	Nodes(ctx context.Context) ([]Node, error)
}

// Info describes the store, also one whose schema is not this program's. With an
// error it may still know the nodes of a cluster: those that are there when the
// store is not.
func (s *Store) Info(ctx context.Context) (*Info, error) {
	info := &Info{Name: s.Name(), SchemaNeeded: Schema(), CountsUnknown: true}
	if cluster, ok := s.exec.(described); ok {
		nodes, err := cluster.Nodes(ctx)
		if info.Nodes = nodes; err != nil {
			info.NodesUnknown = err.Error()
		}
	}
	applied, err := s.Applied(ctx)
	if err != nil {
		return info, err
	}
	info.Schema = len(applied)
	if len(applied) > 0 {
		info.CreatedAt, info.MigratedAt = applied[0].AppliedAt, applied[len(applied)-1].AppliedAt
	}
	found, err := s.readSeal(ctx)
	if err != nil {
		return info, err
	}
	if found != nil {
		info.MovedTo, info.Moving = found.to, !found.done
	}
	if info.Schema != info.SchemaNeeded {
		return info, nil
	}
	err = s.ask(ctx, []question{one(Statement{SQL: `SELECT ` + packed(`sqlite_version(),
		(SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size),
		(SELECT count(*) FROM accounts), (SELECT count(*) FROM members), (SELECT count(*) FROM logins), (SELECT count(*) FROM audit),
		(SELECT coalesce(max(at), 0) FROM commits)`)}, func(r *row) {
		info.SQLite, info.Bytes = r.text(), r.int()
		info.Accounts, info.Members, info.Logins, info.AuditRows, info.LastCommitAt = r.int(), r.int(), r.int(), r.int(), r.int()
		info.CountsUnknown = false
	})})
	return info, err
}

// withoutComments drops the lines before a statement, which the schema of a
// database does not keep.
func withoutComments(sql string) string {
	for strings.HasPrefix(sql, "--") || strings.HasPrefix(sql, "\n") {
		_, sql, _ = strings.Cut(sql, "\n")
	}
	return sql
}

func firstLine(sql string) string {
	line, _, _ := strings.Cut(sql, "\n")
	return line
}
