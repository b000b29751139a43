package config

import (
	"fmt"
	"strings"
)

// MarkdownTable returns the table of keys for docs/configuration.md.
func MarkdownTable() string {
	var b strings.Builder
	b.WriteString("| key | variable | flag | value | default | meaning |\n|---|---|---|---|---|---|\n")
	for _, k := range Keys() {
		name, flag := "`"+k.Name+"`", ""
		if k.FlagOnly {
			name += " (not in the file)"
		}
		if k.Flag != "" {
			flag = "--" + k.Flag
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n",
			name, code(k.Variable), code(flag), accepted(k), code(k.Default), strings.ReplaceAll(k.Meaning, "<", "&lt;"))
	}
	return b.String()
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// accepted says what a key takes, with the values or the range.
func accepted(k Key) string {
	switch {
	case k.Values != nil:
		return "`" + strings.Join(k.Values, "`, `") + "`"
	case k.Kind == Number:
		return fmt.Sprintf("%d to %d", k.min, k.max)
	default:
		return string(k.Kind)
	}
}
