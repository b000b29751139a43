package cmd

import (
	"encoding/json"
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
		text("store", func(i *sqlstore.Info) string { return i.Name }),
		number("schema", func(i *sqlstore.Info) int64 { return int64(i.Schema) }),
		number("schema_needed", func(i *sqlstore.Info) int64 { return int64(i.SchemaNeeded) }),
		orNull("sqlite", func(i *sqlstore.Info) string { return i.SQLite }),
		counted("bytes", func(i *sqlstore.Info) int64 { return i.Bytes }),
		counted("accounts", func(i *sqlstore.Info) int64 { return i.Accounts }),
		counted("members", func(i *sqlstore.Info) int64 { return i.Members }),
		counted("logins", func(i *sqlstore.Info) int64 { return i.Logins }),
		counted("audit_rows", func(i *sqlstore.Info) int64 { return i.AuditRows }),
		moment("created_at", func(i *sqlstore.Info) int64 { return i.CreatedAt }),
		moment("migrated_at", func(i *sqlstore.Info) int64 { return i.MigratedAt }),
		moment("last_commit_at", func(i *sqlstore.Info) int64 { return i.LastCommitAt }),
		orNull("moved_to", func(i *sqlstore.Info) string { return i.MovedTo }),
		flagOf("moving", func(i *sqlstore.Info) bool { return i.Moving }),
		nodesColumn(),
	}}
}

// nodesColumn is null for a file, and where the nodes are not known.
func nodesColumn() output.Column[*sqlstore.Info] {
	return output.Column[*sqlstore.Info]{
		Key: "nodes", Heading: "NODES",
		JSON: func(b []byte, i *sqlstore.Info) []byte {
			text, err := json.Marshal(i.Nodes)
			if err != nil {
				panic("a node does not marshal: " + err.Error())
			}
			return append(b, text...)
		},
		Text: func(i *sqlstore.Info) string {
			texts := make([]string, len(i.Nodes))
			for at := range i.Nodes {
				texts[at] = nodeText(&i.Nodes[at])
			}
			return strings.Join(texts, "; ")
		},
	}
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

// counted is a number that is null where nothing could be counted.
func counted(key string, get func(*sqlstore.Info) int64) output.Column[*sqlstore.Info] {
	c := number(key, get)
	inner := c.JSON
	c.JSON = func(b []byte, i *sqlstore.Info) []byte {
		if i.CountsUnknown {
			return append(b, "null"...)
		}
		return inner(b, i)
	}
	return c
}
