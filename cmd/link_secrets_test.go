//go:build unix

package cmd

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

// TestTokensStayOutOfTheStore makes links that are mailed and shown, uses one,
// and looks for their tokens in every file, in what the commands print, and in
// their arguments. Somebody reads the store meanwhile, so that its log stays.
func TestTokensStayOutOfTheStore(t *testing.T) {
	t.Parallel()
	const password = "Quetschkommode-am-Zwetschgenkuchen-7"
	dir := t.TempDir()
	store, keyFile := filepath.Join(dir, "store.db"), filepath.Join(dir, "instance.key")
	env := append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+filepath.Join(dir, "config"), "STAFFCTL_STORE="+store, "STAFFCTL_KEY_FILE="+keyFile,
		"STAFFCTL_PUBLIC_URL=https://portal.example.ch", "GORACE=atexit_sleep_ms=0")
	staffctl(t, env, "", "init", "acme", "--plan", "enterprise")
	defer holdLog(t, store)()

	printed := staffctl(t, env, "", "invite", "send", "anna.muster@example.ch", "--access", "all", "-o", "json")
	printed += staffctl(t, env, "", "subaccount", "create", "shop", "--email", "shop@example.ch", "--role", "api-user", "-o", "json", "-v")
	shown := staffctl(t, env, "", "subaccount", "create", "texter", "--email", "texter@example.ch", "--role", "copywriter", "--show-link")
	token := linkPattern.FindStringSubmatch(shown)[1]
	printed += staffctl(t, env, `{"token": "`+token+`", "password": "`+password+`"}`, "subaccount", "confirm", "-o", "json", "-v")
	printed += staffctl(t, env, "", "member", "reset-password", "texter@example.ch", "-o", "json", "-v")
	for _, args := range [][]string{{"audit", "list"}, {"outbox", "list"}, {"invite", "list"}, {"member", "list"}, {"subaccount", "show", "texter"}} {
		printed += staffctl(t, env, "", append(args, "-o", "json", "--verbose")...)
	}
	staffctl(t, env, "", "store", "backup", filepath.Join(dir, "backup.db"))

	planted := append(tokensOf(t, store, keyFile), token, password)
	if len(planted) != 6 {
		t.Fatalf("there are %d links, not 4", len(planted)-2)
	}
	for _, secret := range planted {
		searchAll(t, dir, secret)
		if bytes.Contains([]byte(printed), []byte(secret)) {
			t.Errorf("a command printed the secret %q", secret)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	searchAll(t, dir, string(raw[8:])) // as bytes
}

// holdLog reads the store until the function that it returns is called, which
// keeps the write-ahead log beside it.
func holdLog(t *testing.T, store string) (release func()) {
	t.Helper()
	reader, err := sql.Open("sqlite", "file:"+filepath.ToSlash(store)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	tx, err := reader.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var accounts int
	if err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM accounts").Scan(&accounts); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := errors.Join(tx.Rollback(), reader.Close()); err != nil {
			t.Error(err)
		}
	}
}

// tokensOf computes the tokens of all links in the store, as only the instance
// key can.
func tokensOf(t *testing.T, store, keyFile string) (tokens []string) {
	t.Helper()
	content, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(store)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT id, purpose, coalesce(member_id, 0), coalesce(invite_id, 0), coalesce(login_id, 0), email FROM links`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var l staff.Link
		if err := rows.Scan(&l.ID, &l.Purpose, &l.MemberID, &l.InviteID, &l.LoginID, &l.Email); err != nil {
			t.Fatal(err)
		}
		token := staff.NewLinkKey([32]byte(content)).Token(&l)
		tokens = append(tokens, string(token))
		if raw, err := base64.RawURLEncoding.DecodeString(string(token)); err != nil || binary.BigEndian.Uint64(raw) != uint64(l.ID) {
			t.Fatalf("token of link %d: %v", l.ID, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tokens
}

// searchAll looks for a secret in every file of the directory.
func searchAll(t *testing.T, dir, secret string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if bytes.Contains(readIfThere(t, path), []byte(secret)) {
			t.Errorf("%s holds the secret %q", filepath.Base(path), secret)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
