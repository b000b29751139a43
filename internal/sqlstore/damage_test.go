package sqlstore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/staff"
)

func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	original, err := os.ReadFile(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "flipped.db")
	noticed := 0
	for i := range flips {
		content := append([]byte(nil), original...)
		at := i * len(content) / flips
		if i < flips/3 {
			at = i * 300 / flips // the header is where it hurts
		}
		content[at] ^= 1 << (i % 8)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if askAll(t, at, path) {
			noticed++
		}
	}
	if noticed < flips/20 {
		t.Errorf("only %d of %d flips were noticed: does the test flip what is read?", noticed, flips)
	}
}

// askAll asks the store everything and reports whether it noticed that
// something is wrong.
func askAll(t *testing.T, at int, path string) (noticed bool) {
	t.Helper()
	file, err := sqlite.Open(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	store := sqlstore.New(file)
	saw := func(what string, err error) {
		if err == nil {
			return
		}
		noticed = true
		if code := staff.CodeOf(err); code != staff.CodeDamaged && code != staff.CodeUnavailable {
			t.Errorf("byte %d: %s gave %s: %v", at, what, code, err)
		}
	}
	account := staff.ID(7)
	for _, err := range store.Mails(t.Context(), staff.OutboxQuery{}) {
		saw("Mails", err)
	}
	_, err = store.Load(t.Context(), &staff.Needs{Link: 7, Login: "carl", Mail: 7})
	saw("Load of a link", err)
	facts, err := store.Load(t.Context(), &staff.Needs{Account: "acme", AllInvites: true, Members: []staff.Selector{{Value: "anna@example.ch"}, {Value: "carl"}}, Counts: true,
		MemberUsernames: true, CatalogUse: true, AuditBefore: 1 << 50, AccountNames: []string{"acme"}, LoginPrefix: "acme-"})
	saw("Load", err)
	if err == nil && facts.Account != nil {
		account = facts.Account.ID
	}
	for _, key := range []staff.SortKey{staff.SortID, staff.SortGroup} {
		for _, err := range store.Members(t.Context(), staff.MemberQuery{Account: account, Sort: key}) {
			saw("Members", err)
		}
	}
	for _, err := range store.Audit(t.Context(), staff.AuditQuery{}) {
		saw("Audit", err)
	}
	_, err = store.Accounts(t.Context())
	saw("Accounts", err)
	_, err = store.Info(t.Context())
	saw("Info", err)
	findings, _, err := store.Check(t.Context())
	saw("Check", err)
	return noticed || len(findings) > 0
}

func TestTruncatedFile(t *testing.T) {
	t.Parallel()
	original, err := os.ReadFile(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	// The zeros that a page ends with before its first row are no loss: SQLite
	// reads them from behind the end too. So the last cut is into what was written.
	written := len(bytes.TrimRight(original, "\x00"))
	for _, size := range []int{1, 15, 99, 100, 4095, 4096, 8192, len(original) / 2, len(original) - 4096, written - 1} {
		if !askAll(t, size, write(t, original[:size])) {
			t.Errorf("nothing was noticed of a file cut to %d of %d bytes", size, len(original))
		}
	}
}

func TestDamageIsSaid(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filled(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(content); i++ {
		content[i] = 0xA5 // all but the page with the schema's root
	}
	store := open(t, write(t, content))
	_, err = store.Load(t.Context(), &staff.Needs{Account: "acme"})
	wantCode(t, "Load", err, staff.CodeDamaged)
	_, err = store.Accounts(t.Context())
	wantCode(t, "Accounts", err, staff.CodeDamaged)
}
