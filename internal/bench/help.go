package main

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// help prints the help of each command, in turn with the least that sqlite3 does.
func (b *bench) help(ctx context.Context) error {
	commands, err := b.commands(ctx, nil)
	if err != nil {
		return err
	}
	contenders := make([]*contender, len(commands), len(commands)+1)
	for i, words := range commands {
		contenders[i] = &contender{name: strings.Join(append([]string{"staffctl"}, words...), " ") + " --help", args: append(append([]string{b.program}, words...), "--help")}
	}
	peer := &contender{name: "sqlite3 :memory: 'select 1'", args: []string{"sqlite3", ":memory:", "select 1"}}
	if err := take(ctx, 4*b.runs, append(contenders, peer)...); err != nil {
		return err
	}
	slices.SortFunc(contenders, func(x, y *contender) int { return cmp.Compare(y.median(), x.median()) })
	fmt.Printf("\nhelp of %d commands (%d runs each, medians): the slowest, the median, the fastest\n", len(contenders), 4*b.runs)
	n := len(contenders)
	show([]*contender{contenders[0], contenders[n/2], contenders[n-1], peer}, peer)
	return nil
}

// commands lists the command that the words name and all below it, as help
// lists them.
func (b *bench) commands(ctx context.Context, words []string) ([][]string, error) {
	all := [][]string{words}
	offered, err := exec.CommandContext(ctx, b.program, append([]string{"help"}, words...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("help of %v: %w", words, err)
	}
	_, list, _ := strings.Cut(string(offered), "\nAvailable Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for line := range strings.Lines(list) {
		name := strings.Fields(line)[0]
		below, err := b.commands(ctx, append(slices.Clone(words), name))
		if err != nil {
			return nil, err
		}
		all = append(all, below...)
	}
	return all, nil
}
