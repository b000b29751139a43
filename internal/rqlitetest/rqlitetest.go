// Package rqlitetest starts real rqlited servers on loopback, for tests and for
// the programs that measure and stress: one, a cluster of three that can be
// killed, stopped and partitioned, or a pool of single ones for tests that run
// at once.
package rqlitetest

import (
	"errors"
	"os"
	"testing"
)

// ForTest starts a cluster that ends with the test. It skips the test where the
// machine lacks what it takes, or fails it where CI is set. A test that fails
// shows what the nodes logged last.
func ForTest(t testing.TB, o Options) *Cluster {
	t.Helper()
	need(t)
	c, err := Start(t.Context(), o)
	if errors.Is(err, errors.ErrUnsupported) {
		skip(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		report(t, c.Nodes...)
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// BinaryForTest is [Binary] for a test that runs it by itself. It skips the test
// where rqlited cannot be built, or fails it where CI is set.
func BinaryForTest(t testing.TB) string {
	t.Helper()
	need(t)
	path, _ := Binary() // which need has found
	return path
}

// need skips a test that cannot have rqlited.
func need(t testing.TB) {
	t.Helper()
	if _, err := Binary(); err != nil {
		skip(t, err)
	}
}

func skip(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// report shows the ends of logs where the test has failed.
func report(t testing.TB, nodes ...*Node) {
	t.Helper()
	if !t.Failed() {
		return
	}
	for _, n := range nodes {
		if text, err := os.ReadFile(n.LogFile); err == nil {
			t.Logf("node %s logged last:\n%s", n.ID, lastLines(text, 20))
		}
	}
}
