//go:build race

package sqlstore_test

// flips is how many positions of the file are tried: fewer here, since the race
// detector makes a store several times slower.
const flips = 60
