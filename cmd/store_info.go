package cmd

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/staffctl/staffctl/internal/output"
	"github.com/staffctl/staffctl/internal/sqlstore"
)

func newStoreInfo(d *deps) *cobra.Command {
	return &cobra.Command{
		Use:   "info",
		Short: "Describe the store",
		Long: `Info prints where the store is, its schema and how much is in it; of a cluster
also each node: whether it leads and can be reached, and whether it enforces
foreign keys by itself, which staffctl does not need but should be the same in
all. That takes a user with the permission status. The nodes are shown when the
store cannot be used, too. A store that store copy has moved says where to, and
whether that is still going on.`,
		Example: `  staffctl store info
  staffctl store info -o json`,
		Annotations: reads(),
		Args:        takes(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := d.store()
			if err != nil {
				return err
			}
			info, failed := store.Info(cmd.Context())
			if failed != nil && info.Nodes == nil {
				return failed
			}
			if info.NodesUnknown != "" {
				d.say("the nodes are not known: %s", output.Text(info.NodesUnknown))
			}
			p, err := d.printer()
			if err != nil {
				return err
			}
			return errors.Join(output.One(p, infoView(), info), failed)
		},
	}
}

func infoView() output.View[*sqlstore.Info] {
	return output.View[*sqlstore.Info]{Columns: []output.Column[*sqlstore.Info]{
		text("store", "where the store is", func(i *sqlstore.Info) string { return i.Name }),
		number("schema", "the version of its schema", func(i *sqlstore.Info) int64 { return int64(i.Schema) }),
		number("schema_needed", "the version that this program works on", func(i *sqlstore.Info) int64 { return int64(i.SchemaNeeded) }),
		orNull("sqlite", "the version of the SQLite library", func(i *sqlstore.Info) string { return i.SQLite }),
		counted("bytes", "the size in bytes; as all counts null where the schema is not the one needed", func(i *sqlstore.Info) int64 { return i.Bytes }),
		counted("accounts", "how many accounts there are", func(i *sqlstore.Info) int64 { return i.Accounts }),
		counted("members", "how many members there are", func(i *sqlstore.Info) int64 { return i.Members }),
		counted("logins", "how many logins there are", func(i *sqlstore.Info) int64 { return i.Logins }),
		counted("audit_rows", "how many entries the audit has", func(i *sqlstore.Info) int64 { return i.AuditRows }),
		momentOrNull("created_at", "when the store was made", func(i *sqlstore.Info) int64 { return i.CreatedAt }),
		momentOrNull("migrated_at", "when its schema was last changed", func(i *sqlstore.Info) int64 { return i.MigratedAt }),
		momentOrNull("last_commit_at", "when something was last changed", func(i *sqlstore.Info) int64 { return i.LastCommitAt }),
		orNull("moved_to", "the store that this one was moved to, or is being moved to", func(i *sqlstore.Info) string { return i.MovedTo }),
		flagOf("moving", "whether a copy was begun and is not finished", func(i *sqlstore.Info) bool { return i.Moving }),
		nodesColumn(),
	}}
}

// nodesColumn is null for a file, and where the nodes are not known.
func nodesColumn() output.Column[*sqlstore.Info] {
	c := objects("nodes", "the servers of a cluster; null for a file, and where they are not known", func(i *sqlstore.Info) []sqlstore.Node { return i.Nodes }, nil,
		text("id", "the id in the cluster", func(n sqlstore.Node) string { return n.ID }),
		text("address", "host:port of its HTTP API, or of Raft if it cannot be reached", func(n sqlstore.Node) string { return n.Address }),
		flagOf("leader", "whether it leads", func(n sqlstore.Node) bool { return n.Leader }),
		flagOf("voter", "whether it votes; one that does not is read-only", func(n sqlstore.Node) bool { return n.Voter }),
		flagOf("reachable", "whether it can be reached", func(n sqlstore.Node) bool { return n.Reachable }),
		known("version", "the version of rqlite", output.String, func(n sqlstore.Node) *string { return n.Version }),
		known("sqlite", "the version of SQLite", output.String, func(n sqlstore.Node) *string { return n.SQLite }),
		known("foreign_keys", "whether it enforces references by itself", output.Boolean, func(n sqlstore.Node) *bool { return n.ForeignKeys }),
		known("error", "why it cannot be reached", output.String, func(n sqlstore.Node) *string { return n.Error }))
	c.Text = func(i *sqlstore.Info) string {
		texts := make([]string, len(i.Nodes))
		for at := range i.Nodes {
			texts[at] = nodeText(&i.Nodes[at])
		}
		return strings.Join(texts, "; ")
	}
	return nullWhere(c, func(i *sqlstore.Info) bool { return i.Nodes == nil })
}

func nodeText(n *sqlstore.Node) string {
	words := []string{n.ID + " " + n.Address}
	if n.Version != nil {
		words = append(words, "rqlite "+*n.Version)
	}
	if n.Error != nil {
		words = append(words, *n.Error)
	}
	for _, w := range []struct {
		holds bool
		word  string
	}{
		{n.Leader, "leader"}, {!n.Voter, "read-only"}, {!n.Reachable, "not reachable"},
		{n.ForeignKeys != nil && *n.ForeignKeys, "foreign keys on"}, {n.ForeignKeys != nil && !*n.ForeignKeys, "foreign keys off"},
	} {
		if w.holds {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ", ")
}

// known makes a column that is null where it is not known.
func known[V any](key, doc string, t output.Type, get func(sqlstore.Node) *V) output.Column[sqlstore.Node] {
	return output.Column[sqlstore.Node]{Key: key, Doc: doc, Type: output.OrNull(t), JSON: func(b []byte, n sqlstore.Node) []byte { return appendAny(b, get(n)) }}
}

// counted is a number that is null where nothing could be counted.
func counted(key, doc string, get func(*sqlstore.Info) int64) output.Column[*sqlstore.Info] {
	return nullWhere(number(key, doc, get), func(i *sqlstore.Info) bool { return i.CountsUnknown })
}
