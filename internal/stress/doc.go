// Stress drives real staffctl processes against one file until something
// breaks: many writers at once, kill -9 at any moment of a change or an import,
// administrators removed at once, full disks, missing rights, damaged files, and
// edits of one member at once. On a cluster of three real rqlite servers it fails
// one node after the other while writers go on, and compares what each of them
// was told with what each node has in the end.
//
//	go run ./internal/stress [-scale 1.0] [-only NAME] [-seed N]
//
// It builds staffctl once, prints a line for each scenario, and ends with 1
// when a demand is not met. What a machine lacks is skipped with the reason.
// Moments are drawn from the seed and nothing is said of how long things may
// take, but the system decides what processes do in between: a seed repeats
// what is done, not how it falls out.
package main
