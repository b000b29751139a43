package rqlitetest

import (
	"context"
	"fmt"
	"sync"
)

// Leader waits until a node says it is the leader and most nodes of the
// cluster, it included, say so too. Nodes that are down, stopped or cut off are
// not asked: they cannot take part, though they may not know yet.
func (c *Cluster) Leader(ctx context.Context) (*Node, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if n := c.elected(ctx); n != nil {
			return n, nil
		}
		if !wait(ctx) {
			return nil, fmt.Errorf("no node leads most of %d: %w", len(c.Nodes), context.Cause(ctx))
		}
	}
}

// elected asks all nodes at once and counts.
func (c *Cluster) elected(ctx context.Context) *Node {
	views := make([]view, len(c.Nodes))
	var asked sync.WaitGroup
	for i, n := range c.Nodes {
		if n.Running() && !c.isCut(n) {
			// A failure leaves an empty view, which is no vote.
			asked.Go(func() { views[i], _ = n.view(ctx) })
		}
	}
	asked.Wait()
	for i, n := range c.Nodes {
		votes := 0
		for _, v := range views {
			if v.Store.Leader.ID == n.ID {
				votes++
			}
		}
		if views[i].Store.Raft.State == "Leader" && 2*votes > len(c.Nodes) {
			return n
		}
	}
	return nil
}
