package cmd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

// accountsFile has a user for each kind of right. The password of each is its
// name and -secret, in NAME.password.
const accountsFile = `[
{"username": "node", "password": "node-secret", "perms": ["all"]},
{"username": "admin", "password": "admin-secret", "perms": ["query", "execute", "status", "backup"]},
{"username": "clerk", "password": "clerk-secret", "perms": ["query", "execute"]},
{"username": "reader", "password": "reader-secret", "perms": ["query"]}
]
`

// cmdCluster starts a cluster for the script: its nodes' addresses are $HOSTS. A
// secured one wants users, HTTPS with ca.pem, and client.pem with client-key.pem.
func cmdCluster(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 2 || len(args) == 2 && args[1] != "secured" {
		ts.Fatalf("usage: cluster NODES [secured]")
	}
	nodes, err := strconv.Atoi(args[0])
	ts.Check(err)
	o := rqlitetest.Options{Nodes: nodes}
	if len(args) == 2 {
		o.AuthFile, o.CertFile, o.KeyFile = ts.MkAbs("accounts.json"), ts.MkAbs("node.pem"), ts.MkAbs("node-key.pem")
		o.CAFile, o.VerifyClient = ts.MkAbs("ca.pem"), true
		o.ClientCertFile, o.ClientKeyFile = ts.MkAbs("client.pem"), ts.MkAbs("client-key.pem")
		ts.Check(secure(filepath.Dir(o.AuthFile)))
	}
	c, err := rqlitetest.Start(context.Background(), o)
	ts.Check(err)
	ts.Defer(func() { ts.Check(c.Close()) })
	*clusterOf(ts) = *c
	ts.Setenv("HOSTS", strings.Join(c.Addresses(), ","))
	for i, address := range c.Addresses() {
		ts.Setenv("HOST"+strconv.Itoa(i+1), address)
	}
}

// clusterOf is the cluster of a script, which its setup has made room for.
func clusterOf(ts *testscript.TestScript) *rqlitetest.Cluster {
	return ts.Value("cluster").(*rqlitetest.Cluster)
}

// cmdKillNode ends a node of the script's cluster: its n-th or the leader, or all
// but the leader.
func cmdKillNode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: killnode N|leader|others")
	}
	c := clusterOf(ts)
	if args[0] == "leader" {
		n, err := c.Leader(context.Background())
		ts.Check(errors.Join(err, n.Kill()))
		return
	}
	if args[0] == "others" {
		leader, err := c.Leader(context.Background())
		ts.Check(err)
		for _, n := range c.Nodes {
			if n != leader {
				ts.Check(n.Kill())
			}
		}
		return
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(errors.Join(err, c.Nodes[n-1].Kill()))
}

// secure writes the users, their passwords and all certificates to a directory.
func secure(directory string) error {
	err := os.WriteFile(filepath.Join(directory, "accounts.json"), []byte(accountsFile), 0o600)
	for _, user := range []string{"admin", "clerk", "reader"} {
		err = errors.Join(err, os.WriteFile(filepath.Join(directory, user+".password"), []byte(user+"-secret\n"), 0o600))
	}
	ca, made := rqlitetest.NewAuthority(directory, "ca")
	if err = errors.Join(err, made); err != nil {
		return err
	}
	_, other := rqlitetest.NewAuthority(directory, "other-ca")
	_, _, node := ca.Issue("node")
	_, _, client := ca.Issue("client")
	return errors.Join(other, node, client)
}
