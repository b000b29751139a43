package rqlite

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// Nodes describes the servers of the cluster. A node that cannot be asked about
// itself says why. The user needs the right to see the status.
func (c *Cluster) Nodes(ctx context.Context) ([]sqlstore.Node, error) {
	text, err := c.fetch(ctx, request{path: "/nodes", query: "ver=2&nonvoters&timeout=" + dialTime.String(), attempt: c.options.Attempt}, nil)
	if err != nil {
		return nil, err
	}
	var known struct {
		Nodes []struct {
			ID        string `json:"id"`
			API       string `json:"api_addr"`
			Raft      string `json:"addr"`
			Voter     bool   `json:"voter"`
			Reachable bool   `json:"reachable"`
			Leader    bool   `json:"leader"`
			Error     string `json:"error"`
		} `json:"nodes"`
	}
	if err := json.Unmarshal(text, &known); err != nil {
		return nil, staff.Errorf(staff.CodeUnavailable, "store", "%s did not answer as rqlite does: %w", c.name, err)
	}
	nodes := make([]sqlstore.Node, len(known.Nodes))
	for i, n := range known.Nodes {
		nodes[i] = sqlstore.Node{ID: n.ID, Address: n.Raft, Voter: n.Voter, Leader: n.Leader, Reachable: n.Reachable}
		if n.Error != "" {
			nodes[i].Error = &n.Error
		}
		if api, err := url.Parse(n.API); n.Reachable && err == nil {
			nodes[i].Address = api.Host
			c.describe(ctx, &nodes[i])
		}
	}
	return nodes, nil
}

// describe asks a node about itself.
func (c *Cluster) describe(ctx context.Context, n *sqlstore.Node) {
	text, f := c.send(ctx, n.Address, request{path: "/status", attempt: c.options.Attempt})
	var status struct {
		Build struct {
			Version string `json:"version"`
		} `json:"build"`
		Store struct {
			Config struct {
				ForeignKeys bool `json:"fk_constraints"`
			} `json:"db_conf"`
			SQLite struct {
				Version string `json:"version"`
			} `json:"sqlite3"`
		} `json:"store"`
	}
	var err error
	if f != nil {
		err = f.err
	} else {
		err = json.Unmarshal(text, &status)
	}
	if err != nil {
		n.Reachable, n.Error = false, new(err.Error())
		return
	}
	n.Version, n.SQLite, n.ForeignKeys = &status.Build.Version, &status.Store.SQLite.Version, &status.Store.Config.ForeignKeys
}
