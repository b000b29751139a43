//go:build race

package mail_test

// fewKills are done unless -kills says otherwise: with the race detector a process
// takes half a second to begin.
const fewKills = 10
