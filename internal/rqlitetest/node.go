package rqlitetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// interval is the pause between two looks at something that is awaited.
const interval = 30 * time.Millisecond

// Node is one rqlited of a cluster. Its methods may be called at once.
type Node struct {
	// ID names it in its cluster: 1, 2 or 3.
	ID string
	// Addr is host:port of its HTTP API.
	Addr string
	// RaftAddr is host:port where the other nodes reach it.
	RaftAddr string
	// Dir holds its data.
	Dir string
	// LogFile is what it logged, over all its starts.
	LogFile string

	program string
	args    []string
	client  *client

	mu      sync.Mutex
	process *process
	stopped bool
}

// URL is where its HTTP API begins, without a slash at the end.
func (n *Node) URL() string { return n.client.scheme + "://" + n.Addr }

// Pid is the process id, also of a process that has ended.
func (n *Node) Pid() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.process == nil {
		return 0
	}
	return n.process.cmd.Process.Pid
}

// Running reports whether the process is there and not stopped.
func (n *Node) Running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process != nil && !n.process.ended() && !n.stopped
}

// Kill ends the process by SIGKILL and waits until it is gone. It is no error
// that it has ended already.
func (n *Node) Kill() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kill()
}

func (n *Node) kill() error {
	if n.process == nil {
		return nil
	}
	n.stopped = false
	return n.process.kill()
}

// Stop halts the process by SIGSTOP: connections to it are made and hang.
func (n *Node) Stop() error { return n.signal(true) }

// Continue lets a stopped process go on.
func (n *Node) Continue() error { return n.signal(false) }

func (n *Node) signal(stop bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.process == nil {
		return fmt.Errorf("node %s was not started", n.ID)
	}
	send := proceed
	if stop {
		send = pause
	}
	if err := send(n.process.cmd.Process); err != nil {
		return fmt.Errorf("node %s: %w", n.ID, err)
	}
	n.stopped = stop
	return nil
}

// Restart kills the process if it runs, and starts it with the same ports and
// data. It returns when the node is ready: there is a leader, and the node has
// what that had committed. So where a majority is down, restart the nodes at
// once, each in a goroutine; and heal a node that is cut off before.
func (n *Node) Restart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if err := n.start(); err != nil {
			return err
		}
		err := n.awaitReady(ctx)
		if !errors.Is(err, errPortTaken) {
			return err
		}
		if !wait(ctx) { // who has the port may be a client that goes
			return err
		}
	}
}

// start starts the process, once more if it ran before.
func (n *Node) start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.kill(); err != nil {
		return err
	}
	p, err := run(n.program, n.args, n.LogFile)
	if err != nil {
		return fmt.Errorf("node %s does not start: %w", n.ID, err)
	}
	n.process = p
	return nil
}

// errPortTaken is the end of a node whose port is another program's.
var errPortTaken = errors.New("its port is taken")

// awaitReady waits until the node is ready, or has ended.
func (n *Node) awaitReady(ctx context.Context) error {
	n.mu.Lock()
	p := n.process
	n.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-p.done:
			cancel() // who has its port now may never answer
		case <-ctx.Done():
		}
	}()
	for {
		err := n.ready(ctx)
		switch {
		case err == nil:
			return nil
		case p.portTaken():
			return fmt.Errorf("node %s has ended: %w; it logged:\n%s", n.ID, errPortTaken, p.said())
		case p.ended():
			return fmt.Errorf("node %s has ended; it logged:\n%s", n.ID, p.said())
		}
		if !wait(ctx) && !p.ended() {
			return fmt.Errorf("node %s is not ready: %w; it logged:\n%s", n.ID, err, p.said())
		}
	}
}

// wait pauses for a moment and reports whether the context still lasts.
func wait(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(interval):
		return true
	}
}
