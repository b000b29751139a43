// Bench measures staffctl against sqlite3 and other peers, in turn and in one
// run, and prints the ratios of the medians: the machine may be shared, so only
// what ran side by side is compared. docs/performance.md has the figures.
//
//	go run ./internal/bench [-members 100000] [-runs 7] [-only NAME] [-keep DIR]
//
// It measures what needs programs that are missing only where that is named.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// bench is one run: the program measured and the store it works on.
type bench struct {
	dir, program, store string
	members, runs       int
	seed                uint64
}

func main() {
	b := &bench{}
	var only, keep string
	flag.IntVar(&b.members, "members", 100_000, "how many members the store has")
	flag.IntVar(&b.runs, "runs", 7, "how often a list is measured; a lookup 40 times as often")
	flag.Uint64Var(&b.seed, "seed", 1, "what the data is made from")
	flag.StringVar(&only, "only", "", "measure only this: "+strings.Join(b.names(), ", "))
	flag.StringVar(&keep, "keep", "", "keep the store in this directory, and use the one there is")
	flag.StringVar(&b.store, "fill", "", "make the store or the .csv, .ldif or .yaml at this path, and measure nothing")
	flag.Parse()
	work := func(ctx context.Context) error { return b.run(ctx, only, keep) }
	if b.store != "" {
		work = b.fill
	}
	if kind, ok := people[filepath.Ext(b.store)]; ok {
		work = func(context.Context) error { return b.writePeople(b.store, kind.head, kind.text) }
	}
	if err := work(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measurement is something that is measured, on a store of its own or the one
// that has all members.
type measurement struct {
	name    string
	measure func(context.Context) error
	filled  bool
	// programs are the peers', or what starts them.
	programs []string
}

func (b *bench) measurements() []measurement {
	peer := []string{"sqlite3"}
	return []measurement{
		{"show", b.show, true, peer},
		{"list", b.list, true, peer},
		{"cluster", b.cluster, true, nil},
		{"import", b.importFile, false, peer},
		{"ldap", b.ldap, false, []string{"sqlite3", slapd, slapadd, slapcat, "ldapadd"}},
		{"export", b.exportAll, true, peer},
		{"diff", b.diff, false, nil},
		{"hold", b.hold, false, nil},
		{"help", b.help, false, peer},
	}
}

func (b *bench) names() (names []string) {
	for _, m := range b.measurements() {
		names = append(names, m.name)
	}
	return names
}

func (b *bench) run(ctx context.Context, only, keep string) error {
	b.dir = keep
	if keep == "" {
		dir, err := os.MkdirTemp("", "staffctl-bench-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		b.dir = dir
	}
	if err := b.build(ctx); err != nil {
		return err
	}
	fmt.Printf("%d members, %s/%s, %d cores, %s, sqlite3 %s\n", b.members, runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), sqliteVersion(ctx))
	var measured bool
	for _, m := range b.measurements() {
		if only != "" && only != m.name {
			continue
		}
		measured = true
		err := m.missing()
		if err != nil && only == "" {
			fmt.Printf("\n%s is left out: %v\n", m.name, err)
			continue
		}
		if err == nil {
			err = b.one(ctx, m)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	if !measured {
		return fmt.Errorf("nothing is called %s", only)
	}
	return nil
}

// missing says which program there is not.
func (m *measurement) missing() error {
	for _, p := range m.programs {
		if _, err := exec.LookPath(p); err != nil {
			return fmt.Errorf("%s is missing: %w", p, err)
		}
	}
	return nil
}

func sqliteVersion(ctx context.Context) string {
	version, err := exec.CommandContext(ctx, "sqlite3", "--version").Output()
	if err != nil {
		return "is missing"
	}
	number, _, _ := strings.Cut(string(version), " ")
	return number
}

// one measures, on a store with all members where it needs that.
func (b *bench) one(ctx context.Context, m measurement) error {
	if m.filled {
		path, err := b.apart(ctx, ".db", b.members)
		if err != nil {
			return err
		}
		b.store = path
	}
	return m.measure(ctx)
}

// build builds the program as a release is built.
func (b *bench) build(ctx context.Context) error {
	b.program = filepath.Join(b.dir, "staffctl")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.program, "github.com/staffctl/staffctl")
	build.Env, build.Stderr = append(os.Environ(), "CGO_ENABLED=0"), os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build staffctl: %w", err)
	}
	return nil
}

// apart makes a store or a file of so many people, unless it is there, in a
// process of its own: what a process measures of a child's memory begins with
// its own.
func (b *bench) apart(ctx context.Context, extension string, members int) (string, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("bench-%d-%d%s", members, b.seed, extension))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	fill := exec.CommandContext(ctx, self, "-fill", path, "-members", strconv.Itoa(members), "-seed", strconv.FormatUint(b.seed, 10))
	fill.Stderr = os.Stderr
	if err := fill.Run(); err != nil {
		return "", fmt.Errorf("make %s: %w", path, err)
	}
	return path, nil
}
