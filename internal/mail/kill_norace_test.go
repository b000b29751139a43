//go:build !race

package mail_test

// fewKills are done unless -kills says otherwise.
const fewKills = 20
