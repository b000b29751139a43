//go:build !every

package rqlite_test

// every cuts connections at every byte: not without the tag of that name.
const every = false
