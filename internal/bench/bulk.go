package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// importFile measures an import into a file beside sqlite3, which brings the same
// rows into the same tables, and an import of what is there already.
func (b *bench) importFile(ctx context.Context) error {
	csv, err := b.apart(ctx, ".csv", b.members)
	if err != nil {
		return err
	}
	empty, peer, err := b.templates(ctx)
	if err != nil {
		return err
	}
	script, err := b.peerImport(csv)
	if err != nil {
		return err
	}
	ours, theirs := filepath.Join(b.dir, "imported.db"), filepath.Join(b.dir, "peer.db")
	first := b.importing("staffctl import", csv, ours)
	first.before = copies(empty, ours)
	second := b.importing("staffctl import, the same file again", csv, ours)
	err = race(ctx, fmt.Sprintf("import of %d members into a file", b.members), b.runs, first, second,
		&contender{name: "sqlite3, .import and INSERT … SELECT", args: []string{"sqlite3", "-bail", theirs, ".read " + script}, before: copies(peer, theirs)})
	if err != nil {
		return err
	}
	fmt.Printf("  the second import takes %.2f times the first\n", float64(second.median())/float64(first.median()))
	return b.compare(ctx, ours, theirs)
}

// importing imports a file into a store.
func (b *bench) importing(name, csv, store string) *contender {
	return &contender{name: name, args: []string{b.program, "import", csv, "--quiet"}, env: b.environmentOf(store)}
}

// templates makes an empty store, and one of the same tables and indexes without
// its rules.
func (b *bench) templates(ctx context.Context) (empty, peer string, err error) {
	empty, peer = filepath.Join(b.dir, "empty.db"), filepath.Join(b.dir, "empty-peer.db")
	if err := remove(empty); err != nil {
		return "", "", err
	}
	if err := b.staffctl(ctx, empty, "init", "acme", "--quiet"); err != nil {
		return "", "", err
	}
	if err := copies(empty, peer)(ctx); err != nil {
		return "", "", err
	}
	const drops = `SELECT 'DROP ' || type || ' ' || name || ';' FROM sqlite_schema WHERE type IN ('trigger', 'view') ORDER BY type`
	script, err := query(ctx, peer, drops)
	if err == nil {
		_, err = query(ctx, peer, script)
	}
	return empty, peer, err
}

// staffctl runs the program once on a store, unmeasured.
func (b *bench) staffctl(ctx context.Context, store string, args ...string) error {
	cmd := exec.CommandContext(ctx, b.program, args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), b.environmentOf(store)...), os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("staffctl %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

// query has sqlite3 run statements on a file.
func query(ctx context.Context, path, statements string) (string, error) {
	cmd := exec.CommandContext(ctx, "sqlite3", "-bail", path, statements)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("sqlite3 %s: %w", path, err)
	}
	return string(bytes.TrimSpace(out)), nil
}

// peerImport writes what the peer is to do. It waits for the disk as staffctl
// does, makes the keys and the JSON of each row, and leaves its staging table.
func (b *bench) peerImport(csv string) (string, error) {
	path, now := filepath.Join(b.dir, "peer.sql"), time.Now().UnixMilli()
	return path, os.WriteFile(path, fmt.Appendf(nil, `PRAGMA synchronous = FULL;
CREATE TABLE staged (email TEXT, first_name TEXT, last_name TEXT, phone_work TEXT, access TEXT, mail TEXT, password_hash TEXT);
.import --csv --skip 1 '%s' staged
BEGIN;
INSERT INTO logins (id, username, username_key, password_hash, holder_set, must_change, email, email_verified, mobile, version, created_at, updated_at)
	SELECT rowid + 1000000000, email, lower(email), password_hash, 0, 0, email, 0, NULL, 1, %[2]d, %[2]d FROM staged;
INSERT INTO members (id, account_id, login_id, email, email_key, username, username_key, salutation, first_name, last_name, name_key, language, phones, mail,
		access, role, grants, suspended, subaccount, pending, version, created_at, updated_at)
	SELECT rowid, (SELECT id FROM accounts), rowid + 1000000000, email, lower(email), NULL, NULL, 'none', first_name, last_name,
		lower(last_name || ' ' || first_name), 'de', json_array(json_object('label', 'work', 'number', phone_work)),
		'["' || replace(mail, ',', '","') || '"]', 'grants', NULL, '["' || replace(access, ',', '","') || '"]', 0, NULL, 0, 1, %[2]d, %[2]d FROM staged;
COMMIT;
`, csv, now), 0o600)
}

// importedRows are all values of the members and their logins, but for ids, times
// and name_key, for which sqlite3 cannot drop accents.
const importedRows = `SELECT m.email, m.email_key, m.username, m.username_key, m.salutation, m.first_name, m.last_name, m.language, m.phones, m.mail, m.access,
	m.role, m.grants, m.suspended, m.subaccount, m.pending, m.version, l.username, l.username_key, l.password_hash, l.holder_set, l.must_change, l.email,
	l.email_verified, l.mobile, l.version FROM `

// compare holds that both have brought in the same.
func (b *bench) compare(ctx context.Context, ours, theirs string) error {
	const tables = `%[1]s.members AS m JOIN %[1]s.logins AS l ON l.id = m.login_id`
	mine, peers := importedRows+fmt.Sprintf(tables, "main"), importedRows+fmt.Sprintf(tables, "peer")
	got, err := query(ctx, ours, fmt.Sprintf(`ATTACH '%s' AS peer;
		SELECT (SELECT count(*) FROM main.members), (SELECT count(*) FROM main.logins), (SELECT count(*) FROM peer.members), (SELECT count(*) FROM peer.logins),
			(SELECT count(*) FROM (%s EXCEPT %s))`, theirs, mine, peers))
	if want := fmt.Sprintf("%[1]d|%[1]d|%[1]d|%[1]d|0", b.members); err == nil && got != want {
		err = fmt.Errorf("members and logins of both, and rows that differ, are %s and not %s", got, want)
	}
	return err
}

// copies makes a store of a template that is closed.
func copies(from, to string) func(context.Context) error {
	return func(context.Context) error {
		content, err := os.ReadFile(from)
		return errors.Join(err, remove(to), os.WriteFile(to, content, 0o600))
	}
}

// remove removes a store, and what SQLite keeps beside it.
func remove(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// exportAll writes all members as JSON lines, beside sqlite3 that selects the same
// columns.
func (b *bench) exportAll(ctx context.Context) error {
	return race(ctx, fmt.Sprintf("export of %d members", b.members), b.runs,
		&contender{name: "staffctl export --format jsonl", args: []string{b.program, "export", "--format", "jsonl"}, env: b.environment()},
		&contender{name: "sqlite3 -json, the same columns", args: []string{"sqlite3", "-json", b.store, peerList(exportedColumns)}})
}
