//go:build unix

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// foreignHash is a bcrypt hash, which costs staffctl nothing to take.
const foreignHash = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy\n"

// store is a file that commands work on, as a user or as the present one.
type store struct {
	*trial
	path string
	as   *syscall.Credential
}

// person is what the JSON of a member says.
type person struct {
	Email      string
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	Salutation string
	Language   string
	Status     string
	Access     string
	Grants     []string
	Mail       []string
	Phones     []struct{ Label, Number string }
	MustChange bool `json:"must_change_password"`
	Logins     int  `json:"login_accounts"`
}

// counts is what the JSON of store info says.
type counts struct {
	Members, Logins int
	AuditRows       int `json:"audit_rows"`
}

// newStore makes a store with the account acme in a directory of its own.
func (t *trial) newStore(name string) *store {
	s := &store{trial: t, path: filepath.Join(t.dir, name, "staffctl.db")}
	if t.check(os.MkdirAll(filepath.Dir(s.path), 0o700)) {
		s.must("init", "acme")
	}
	return s
}

// do runs a command on the store.
func (s *store) do(args ...string) outcome {
	return s.start(command{store: s.path, as: s.as, args: args})
}

// must runs a command that has to succeed.
func (s *store) must(args ...string) outcome {
	o := s.do(args...)
	s.expect("a command that has to succeed", o, 0)
	return o
}

// add adds a member and counts it when that is done.
func (s *store) add(email string, flags ...string) outcome {
	o := s.do(append([]string{"member", "add", email, "--first-name", "Anna", "--last-name", "Muster"}, flags...)...)
	s.committed(o)
	return o
}

// signIn gives a member a login.
func (s *store) signIn(email string) {
	o := s.start(command{store: s.path, as: s.as, args: []string{"member", "set-password", email, "--hash-stdin"}, stdin: foreignHash})
	s.expect("a first password", o, 0)
}

// sound holds that store check finds nothing.
func (s *store) sound(what string) bool {
	o := s.do("store", "check")
	if s.ctx.Err() == nil && o.code != 0 {
		s.problem("%s: store check ended with %d: %s%s", what, o.code, o.stdout, o.stderr)
		return false
	}
	return true
}

// members lists the members.
func (s *store) members() []person {
	return decode[person](s.trial, s.must("member", "list", "-o", "jsonl"))
}

// info counts what is in the store.
func (s *store) info() counts {
	all := decode[counts](s.trial, s.must("store", "info", "-o", "jsonl"))
	if len(all) != 1 {
		return counts{-1, -1, -1}
	}
	return all[0]
}

// digest is a digest of the list of members, or "" where it cannot be read.
func (s *store) digest() string {
	o := s.do("member", "list", "-o", "jsonl")
	if o.code != 0 {
		return ""
	}
	return digestOf([]byte(o.stdout))
}

// same holds that the list of members is what it was.
func (s *store) same(what, before string) {
	o := s.do("member", "list", "-o", "jsonl")
	if s.ctx.Err() == nil && (o.code != 0 || digestOf([]byte(o.stdout)) != before) {
		s.problem("%s: the members are not what they were, exit %d: %s", what, o.code, &o)
	}
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// decode reads the JSON values that a command printed.
func decode[T any](t *trial, o outcome) []T {
	var all []T
	for d := json.NewDecoder(strings.NewReader(o.stdout)); ; {
		var v T
		err := d.Decode(&v)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.problem("no JSON, %v: %s", err, &o)
			return nil
		}
		all = append(all, v)
	}
}

// copyStore copies the file to another place, where nothing else may be.
func (s *store) copyStore(path string) *store {
	c := &store{s.trial, path, s.as}
	b, err := os.ReadFile(s.path)
	if s.check(err) && s.check(os.MkdirAll(filepath.Dir(path), 0o700)) {
		s.check(os.WriteFile(path, b, 0o600))
		c.removeSides()
	}
	return c
}

// removeSides removes the files that SQLite keeps beside a store.
func (s *store) removeSides() {
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		_ = os.Remove(s.path + suffix)
	}
}
