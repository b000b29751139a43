//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// applyHome is promptHome with a team file that takes Max's access away.
func applyHome(t *testing.T) (env []string, team string) {
	t.Helper()
	team = filepath.Join(t.TempDir(), "team.yaml")
	text := "members:\n- {email: anna.muster@example.ch, first_name: Anna, last_name: Muster, access: all}\n" +
		"- {email: max.muster@example.ch, first_name: Max, last_name: Muster}\n"
	if err := os.WriteFile(team, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return promptHome(t), team
}

func accessOfMax(t *testing.T, env []string) string {
	t.Helper()
	return staffctl(t, env, "", "member", "show", "max.muster@example.ch", "-o", "csv", "--columns", "access", "--no-headers")
}

func TestApplyAsks(t *testing.T) {
	t.Parallel()
	env, team := applyHome(t)
	for _, c := range []struct {
		answer string
		exit   int
		access string
	}{{"n\r", 130, "grants\n"}, {"y\r", 0, "none\n"}} {
		at := typeAt(t, env, "apply", "-f", team)
		at.expect("~ member Max Muster")
		at.expect("access: orders → none")
		at.expect("apply 0 additions, 1 change, 0 removals to account acme? [y/N] ")
		at.enter(c.answer)
		at.ends(c.exit)
		if got := accessOfMax(t, env); got != c.access {
			t.Errorf("after %q the access is %q", c.answer, got)
		}
	}
}

// TestApplyDoesWhatItHasShown: what changes before the question is answered is
// looked at again.
func TestApplyDoesWhatItHasShown(t *testing.T) {
	t.Parallel()
	env, team := applyHome(t)
	at := typeAt(t, env, "apply", "-f", team)
	at.expect("[y/N] ")
	staffctl(t, env, "", strings.Fields("member grant max.muster@example.ch support")...)
	at.enter("y\r")
	at.expect("error: account acme or the catalog has changed meanwhile; nothing was changed")
	at.ends(5)
	if got := accessOfMax(t, env); got != "grants\n" {
		t.Errorf("the access is %q", got)
	}
}
