package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// directorySize is how many people go into the directory, and how often.
const (
	directorySize = 10_000
	directoryRuns = 3
)

// directoryPassword is that of the directory's administrator, for a moment and on
// loopback.
const directoryPassword = "bench"

// The server's programs are on the path of root only.
const (
	slapd   = "/usr/sbin/slapd"
	slapadd = "/usr/sbin/slapadd"
	slapcat = "/usr/sbin/slapcat"
)

// slapdConf is what a directory has: the schema for people, and indexes such as
// Debian makes and the ones that the store has too.
const slapdConf = `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
loglevel 0
database mdb
suffix "dc=example,dc=ch"
rootdn "cn=admin,dc=example,dc=ch"
rootpw %s
directory %s
maxsize 1073741824
index objectClass eq
index cn,uid eq
index mail eq
`

const directoryBase = `dn: dc=example,dc=ch
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=ch
objectClass: organizationalUnit
ou: people

`

// directory is an OpenLDAP server on loopback.
type directory struct {
	dir, address string
	cmd          *exec.Cmd
}

// ldap brings people into a directory by ldapadd, and into a file.
func (b *bench) ldap(ctx context.Context) error {
	csv, err := b.apart(ctx, ".csv", directorySize)
	if err != nil {
		return err
	}
	ldif, err := b.apart(ctx, ".ldif", directorySize)
	if err != nil {
		return err
	}
	empty, _, err := b.templates(ctx)
	if err != nil {
		return err
	}
	d, err := newDirectory(filepath.Join(b.dir, "directory"))
	if err != nil {
		return err
	}
	defer d.stop()
	store := filepath.Join(b.dir, "directory.db")
	ours := b.importing("staffctl import", csv, store)
	ours.before = copies(empty, store)
	theirs := &contender{name: "ldapadd into OpenLDAP", before: d.restart, args: []string{"ldapadd", "-x", "-H", "ldap://" + d.address,
		"-D", "cn=admin,dc=example,dc=ch", "-y", filepath.Join(d.dir, "password"), "-f", ldif}}
	if err := race(ctx, fmt.Sprintf("%d people added", directorySize), min(b.runs, directoryRuns), ours, theirs); err != nil {
		return err
	}
	fmt.Printf("  staffctl is %.1f times as fast\n", float64(theirs.median())/float64(ours.median()))
	return d.count(ctx)
}

// ldif is a person as an entry.
func (p person) ldif() string {
	local, _, _ := strings.Cut(p.email, "@")
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "dn: uid=%s,ou=people,dc=example,dc=ch\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s %s\nsn: %s\ngivenName: %s\nmail: %s\ntelephoneNumber: %s\nuserPassword: {ARGON2}%s\n",
		local, local, p.first, p.last, p.last, p.first, p.email, p.phone, hash)
	for _, a := range p.access {
		text.WriteString("employeeType: " + a + "\n")
	}
	for _, m := range p.mail {
		text.WriteString("businessCategory: " + m + "\n")
	}
	return text.String() + "\n"
}

// newDirectory writes what a server needs, which is not started.
func newDirectory(dir string) (*directory, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &directory{dir: dir, address: free.Addr().String()}
	return d, errors.Join(free.Close(), os.MkdirAll(dir, 0o700),
		os.WriteFile(d.path("slapd.conf"), fmt.Appendf(nil, slapdConf, directoryPassword, d.path("data")), 0o600),
		os.WriteFile(d.path("base.ldif"), []byte(directoryBase), 0o600),
		os.WriteFile(d.path("password"), []byte(directoryPassword), 0o600))
}

func (d *directory) path(name string) string { return filepath.Join(d.dir, name) }

// restart starts the server with nobody in it.
func (d *directory) restart(ctx context.Context) error {
	d.stop()
	if err := errors.Join(os.RemoveAll(d.path("data")), os.Mkdir(d.path("data"), 0o700)); err != nil {
		return err
	}
	base := exec.CommandContext(ctx, slapadd, "-f", d.path("slapd.conf"), "-l", d.path("base.ldif"))
	if out, err := base.CombinedOutput(); err != nil {
		return fmt.Errorf("slapadd: %w: %s", err, out)
	}
	d.cmd = exec.CommandContext(ctx, slapd, "-d", "0", "-f", d.path("slapd.conf"), "-h", "ldap://"+d.address)
	d.cmd.Stderr = os.Stderr
	if err := d.cmd.Start(); err != nil {
		d.cmd = nil
		return err
	}
	for range 500 {
		if conn, err := net.Dial("tcp", d.address); err == nil {
			return conn.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.New("slapd does not answer at " + d.address)
}

// stop ends the server.
func (d *directory) stop() {
	if d.cmd != nil {
		_ = d.cmd.Process.Signal(os.Interrupt)
		_ = d.cmd.Wait()
		d.cmd = nil
	}
}

// count holds that the directory has everybody.
func (d *directory) count(ctx context.Context) error {
	d.stop()
	out, err := exec.CommandContext(ctx, slapcat, "-f", d.path("slapd.conf"), "-a", "(objectClass=inetOrgPerson)").Output()
	if got := strings.Count("\n"+string(out), "\ndn: "); err == nil && got != directorySize {
		err = fmt.Errorf("the directory has %d people, not %d", got, directorySize)
	}
	return err
}
