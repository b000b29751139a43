package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// teamSize is how many entries the team file has, and ten times as many.
const teamSize = 10_000

// teamHead is what a team file begins with.
const teamHead = "account: acme\nmembers:\n"

// team is a person as an entry, short enough for 100,000 in a file of 16 MiB.
func (p person) team() string {
	return fmt.Sprintf("- {email: %s, first_name: %s, last_name: %s, access: [%s], mail: [%s]}\n",
		p.email, p.first, p.last, strings.Join(p.access[:2], ", "), p.mail[0])
}

// diff compares a team file with a store that is the same, and one of ten times
// the size.
func (b *bench) diff(ctx context.Context) error {
	small, err := b.sameTeam(ctx, teamSize)
	if err != nil {
		return err
	}
	large, err := b.sameTeam(ctx, 10*teamSize)
	if err != nil {
		return err
	}
	return race(ctx, "diff of a team file with a store that is the same", b.runs, large, small)
}

// sameTeam makes a store of a team file, and the contender that compares them.
func (b *bench) sameTeam(ctx context.Context, size int) (*contender, error) {
	file, err := b.apart(ctx, ".yaml", size)
	if err != nil {
		return nil, err
	}
	store := filepath.Join(b.dir, fmt.Sprintf("team-%d.db", size))
	if err := remove(store); err != nil {
		return nil, err
	}
	if err := b.staffctl(ctx, store, "init", "-f", file, "--quiet"); err != nil {
		return nil, err
	}
	return &contender{name: fmt.Sprintf("staffctl diff, %d entries", size), args: []string{b.program, "diff", "-f", file}, env: b.environmentOf(store)}, nil
}
