package cmd

import (
	"slices"
	"strings"
)

// columns are the properties of what the command prints.
func columns(l *line) []choice {
	path := strings.TrimPrefix(l.cmd.CommandPath(), l.cmd.Root().Name()+" ")
	var found []choice
	for _, s := range shapes() {
		if s.schema == nil || !slices.Contains(strings.Split(s.prints+", "+s.lists, ", "), path) {
			continue
		}
		for _, p := range s.schema().Properties {
			if !slices.ContainsFunc(found, func(c choice) bool { return c.word == p.Name }) {
				found = append(found, choice{word: p.Name, about: p.Description})
			}
		}
	}
	return found
}
