//go:build !race

package sqlstore_test

// flips is how many positions of the file are tried.
const flips = 300
