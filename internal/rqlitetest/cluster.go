package rqlitetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// patience is how long nodes may take to be ready: no measure of theirs, but
// the end of waiting for one that never will be.
const patience = 2 * time.Minute

// Options says what cluster to start. The zero value is one node.
type Options struct {
	// Nodes is how many: 1 or 3, and 0 is 1.
	Nodes int
	// Dir is where the nodes keep data and logs, each in a directory of its own
	// that must not be there yet. Empty is a temporary one, which Close removes.
	Dir string
	// ForeignKeys says for each node whether it is started with -fk. A node
	// without an entry is not.
	ForeignKeys []bool
	// AuthFile has the accounts. One, other than *, needs the permission all:
	// the nodes join with it and this package asks with it.
	AuthFile string
	// CertFile and KeyFile turn on HTTPS. The certificate is never verified
	// here, so that it may be one that clients refuse.
	CertFile, KeyFile string
	// CAFile has the authorities of client certificates.
	CAFile string
	// VerifyClient demands a certificate of each client.
	VerifyClient bool
	// ClientCertFile and ClientKeyFile are what this package shows then.
	// Empty is CertFile and KeyFile.
	ClientCertFile, ClientKeyFile string
	// Partitions makes Cut and Heal work. Linux only.
	Partitions bool
}

// Cluster is a number of nodes that run.
type Cluster struct {
	// Nodes are in the order of their ids.
	Nodes []*Node
	// Dir has the data and logs of all nodes.
	Dir string

	options Options
	client  *client
	network *network // nil without partitions
}

// Start starts a cluster, and returns when it has a leader and each node is
// ready. An error quotes what a node logged.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	program, err := Binary()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		c, err := start(ctx, o, program)
		if !errors.Is(err, errPortTaken) || !wait(ctx) {
			return c, err
		}
	}
}

// complete fills in what is left out, and refuses what does not fit.
func (o Options) complete() (Options, error) {
	if o.Nodes == 0 {
		o.Nodes = 1
	}
	if o.ClientCertFile == "" {
		o.ClientCertFile, o.ClientKeyFile = o.CertFile, o.KeyFile
	}
	switch {
	case o.Nodes != 1 && o.Nodes != 3:
		return o, fmt.Errorf("a cluster has 1 or 3 nodes, not %d", o.Nodes)
	case o.VerifyClient && o.CertFile == "":
		return o, errors.New("client certificates need HTTPS: give CertFile and KeyFile")
	case o.Partitions:
		return o, canPartition()
	default:
		return o, nil
	}
}

// start tries once, with ports that are free at the moment.
func start(ctx context.Context, o Options, program string) (_ *Cluster, err error) {
	client, err := newClient(&o)
	if err != nil {
		return nil, err
	}
	c := &Cluster{Dir: o.Dir, options: o, client: client}
	if o.Dir == "" {
		c.Dir, err = os.MkdirTemp(scratch(), "rqlitetest-")
	} else {
		err = os.MkdirAll(c.Dir, 0o700)
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		if err == nil {
			return
		}
		err = errors.Join(err, c.Close())
		for _, n := range c.Nodes { // Close keeps a directory that was given
			err = errors.Join(err, os.RemoveAll(n.Dir))
		}
	}()
	if o.Partitions {
		c.network = newNetwork()
	}
	for i := range o.Nodes {
		if err := c.add(i, program); err != nil {
			return nil, err
		}
	}
	return c, c.form(ctx)
}

// add makes a node, which is not started yet.
func (c *Cluster) add(i int, program string) error {
	id := strconv.Itoa(i + 1)
	n := &Node{ID: id, Dir: filepath.Join(c.Dir, "node"+id), program: program, client: c.client}
	n.LogFile = filepath.Join(c.Dir, "node"+id+".log")
	if err := os.Mkdir(n.Dir, 0o700); err != nil {
		return err
	}
	c.Nodes = append(c.Nodes, n)
	bound, err := freeAddress()
	if err != nil {
		return err
	}
	if n.Addr, err = freeAddress(); err != nil {
		return err
	}
	n.RaftAddr = bound
	if c.network != nil {
		if n.RaftAddr, err = c.network.front(n, bound); err != nil {
			return err
		}
	}
	n.args = c.arguments(n, i, bound)
	return nil
}

// arguments is the command line of a node whose raft listens at bound.
func (c *Cluster) arguments(n *Node, i int, bound string) []string {
	o := &c.options
	args := []string{"-node-id=" + n.ID, "-http-addr=" + n.Addr, "-raft-addr=" + bound, "-raft-adv-addr=" + n.RaftAddr}
	if o.Nodes == 1 {
		// It votes for itself, so it need not wait for others first.
		args = append(args, "-raft-timeout=100ms", "-raft-election-timeout=100ms", "-raft-leader-lease-timeout=100ms")
	}
	if i > 0 {
		args = append(args, "-join="+c.Nodes[0].RaftAddr, "-join-interval=200ms", "-join-attempts=100")
	}
	if i < len(o.ForeignKeys) && o.ForeignKeys[i] {
		args = append(args, "-fk")
	}
	if o.AuthFile != "" {
		args = append(args, "-auth="+o.AuthFile, "-join-as="+c.client.account.Username)
	}
	if o.CertFile != "" {
		args = append(args, "-http-cert="+o.CertFile, "-http-key="+o.KeyFile)
	}
	if o.CAFile != "" {
		args = append(args, "-http-ca-cert="+o.CAFile)
	}
	if o.VerifyClient {
		args = append(args, "-http-verify-client")
	}
	return append(args, n.Dir)
}

// form starts the nodes: the first makes a cluster of itself, and the others
// join it.
func (c *Cluster) form(ctx context.Context) error {
	if err := c.Nodes[0].start(); err != nil {
		return err
	}
	if err := c.Nodes[0].awaitReady(ctx); err != nil {
		return err
	}
	for _, n := range c.Nodes[1:] {
		if err := n.start(); err != nil {
			return err
		}
	}
	for _, n := range c.Nodes[1:] {
		if err := n.awaitReady(ctx); err != nil {
			return err
		}
	}
	_, err := c.Leader(ctx)
	return err
}

// freeAddress is a loopback address nobody listens at. Its port is below those
// that systems give to clients, so that it stays free while a node is down.
func freeAddress() (string, error) {
	var err error
	for range 100 {
		var l net.Listener
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(10240+rand.IntN(22000)))
		if l, err = net.Listen("tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", fmt.Errorf("no free port on loopback: %w", err)
}

// Close ends all nodes, stopped ones too, waits for them, and removes the
// directory unless it was given. It can be called again.
func (c *Cluster) Close() error {
	var errs []error
	for _, n := range c.Nodes {
		errs = append(errs, n.Kill())
	}
	if c.network != nil {
		c.network.close()
	}
	c.client.http.CloseIdleConnections()
	if c.options.Dir == "" {
		errs = append(errs, os.RemoveAll(c.Dir))
	}
	return errors.Join(errs...)
}

// Addresses are host:port of the HTTP APIs, in the order of the nodes.
func (c *Cluster) Addresses() []string {
	addresses := make([]string, len(c.Nodes))
	for i, n := range c.Nodes {
		addresses[i] = n.Addr
	}
	return addresses
}
