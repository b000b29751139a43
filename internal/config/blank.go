package config

import "strings"

// keepBlankLines puts back the empty lines before top-level keys and comments,
// which the YAML encoder drops. What the encoder writes in the first column is
// never inside a value, so that an empty line there changes nothing.
func keepBlankLines(before, after []byte) []byte {
	all, spaced := map[string]int{}, map[string]int{}
	last := ""
	for line := range strings.Lines(string(before)) {
		all[anchor(line)]++
		if isBlank(last) {
			spaced[anchor(line)]++
		}
		last = line
	}
	var out strings.Builder
	last = ""
	for line := range strings.Lines(string(after)) {
		a := anchor(line)
		if a != "" && spaced[a] > 0 && spaced[a] == all[a] && !isBlank(last) {
			out.WriteString("\n")
		}
		out.WriteString(line)
		last = line
	}
	return []byte(out.String())
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// anchor is what tells a line in the first column again after an edit: a whole
// comment, or a key without its value; "" for all other lines.
func anchor(line string) string {
	line = strings.TrimRight(line, "\r\n")
	if line == "" || strings.ContainsRune(" \t", rune(line[0])) {
		return ""
	}
	if line[0] != '#' {
		line, _, _ = strings.Cut(line, ":")
	}
	return line
}
