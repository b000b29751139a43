//go:build race

package sqlstore_test

// flips is how many positions of the file are tried: fewer here, since the race
// detector makes SQLite twenty times slower.
const flips = 60
