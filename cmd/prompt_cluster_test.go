//go:build unix

package cmd

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

func TestPromptAsksForTheStoresPassword(t *testing.T) {
	t.Parallel()
	accounts := filepath.Join(t.TempDir(), "accounts.json")
	if err := os.WriteFile(accounts, []byte(accountsFile), 0o600); err != nil {
		t.Fatal(err)
	}
	c := rqlitetest.ForTest(t, rqlitetest.Options{AuthFile: accounts})
	env := append(promptHome(t), "STAFFCTL_STORE=rqlite://admin@"+c.Nodes[0].Addr)
	ask := "Password of admin at " + c.Nodes[0].Addr + ": "

	right := typeAt(t, env, "init", "acme")
	right.expect(ask)
	right.enter("admin-secret\r")
	right.expect("made the store rqlite://admin@")
	right.ends(0)
	right.hides("admin-secret")

	wrong := typeAt(t, env, "account", "list")
	wrong.expect(ask)
	wrong.enter("geheim\r")
	wrong.expect("refuses user admin: check the password")
	wrong.ends(8)
	wrong.hides("geheim")

	stopped := typeAt(t, env, "account", "list")
	stopped.expect(ask)
	stopped.enter("\x03")
	stopped.ends(130)
}
