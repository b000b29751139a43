package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/staffctl/staffctl/internal/config"
	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// What is too little room on a disk, and too much of a write-ahead log, in bytes.
const (
	lowRoom  = 256 << 20
	largeLog = 256 << 20
)

// waitsLong is how long a mail waits before that is worth a warning.
const waitsLong = time.Hour

// storeFindings checks the store and what is in it, as far as it can be opened.
func (d *deps) storeFindings(ctx context.Context) []diagnosis {
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	s, c, err := d.staff()
	if err != nil {
		return []diagnosis{failed("store", err)}
	}
	store, err := d.store()
	if err != nil {
		return []diagnosis{failed("store", err)}
	}
	info, err := store.Info(ctx)
	if err != nil {
		return append([]diagnosis{failed("store", err)}, nodesFindings(info)...)
	}
	found := append([]diagnosis{storeFinding(info)}, nodesFindings(info)...)
	if info.Schema != info.SchemaNeeded || info.MovedTo != "" {
		return found
	}
	found = append(found, integrityFinding(ctx, store), d.writeFinding(ctx, store))
	if address, err := config.ParseStore(c.Store); err == nil && address == nil {
		found = append(found, reachFinding(c.Store), roomFinding(c.Store))
	}
	accounts, err := s.Store.Accounts(ctx)
	if err != nil {
		return append(found, failed("account", err))
	}
	found = append(found, accountFinding(accounts, c), d.outboxFinding(ctx, s), d.clockFinding(info))
	return append(found, tanFindings(accounts, c)...)
}

func storeFinding(i *sqlstore.Info) diagnosis {
	switch {
	case i.MovedTo != "" && i.Moving:
		return warn("store", i.Name+" is being moved to "+i.MovedTo, "let staffctl store copy finish")
	case i.MovedTo != "":
		return problem("store", i.Name+" was moved to "+i.MovedTo, "set store to that", staff.CodeUnavailable)
	case i.Schema < i.SchemaNeeded:
		return problem("store", fmt.Sprintf("%s has schema %d, and this program needs %d", i.Name, i.Schema, i.SchemaNeeded), "run staffctl store migrate", staff.CodeUnavailable)
	case i.Schema > i.SchemaNeeded:
		return problem("store", fmt.Sprintf("%s has schema %d, and this program knows %d", i.Name, i.Schema, i.SchemaNeeded), "install a newer staffctl", staff.CodeUnavailable)
	}
	return well("store", fmt.Sprintf("%s: schema %d, members %d, %s", i.Name, i.Schema, i.Members, bytesText(i.Bytes)))
}

// nodesFindings tells of a cluster; a file has no nodes.
func nodesFindings(i *sqlstore.Info) []diagnosis {
	if i == nil {
		return nil
	}
	if i.NodesUnknown != "" {
		return []diagnosis{warn("nodes", "the nodes are not known: "+i.NodesUnknown, "give the user of the store the permission status")}
	}
	if len(i.Nodes) == 0 {
		return nil
	}
	leader, gone := "", ""
	for at := range i.Nodes {
		n := &i.Nodes[at]
		if n.Leader {
			leader = n.ID
		}
		if !n.Reachable {
			gone += " " + n.ID
		}
	}
	switch {
	case leader == "":
		return []diagnosis{problem("nodes", fmt.Sprintf("none of %d nodes leads", len(i.Nodes)), "start the nodes that are down: more than half must run", staff.CodeUnavailable)}
	case gone != "":
		return []diagnosis{warn("nodes", "not reachable:"+gone, "start them again, see staffctl store info")}
	}
	return []diagnosis{well("nodes", fmt.Sprintf("%d nodes, %s leads", len(i.Nodes), leader))}
}

func integrityFinding(ctx context.Context, store *sqlstore.Store) diagnosis {
	if err := store.QuickCheck(ctx); err != nil {
		return failed("integrity", err)
	}
	return well("integrity", "the pages of the database are whole; the rules are for staffctl store check")
}

// writeFinding carries out a write that changes nothing: no try was before 1970.
func (d *deps) writeFinding(ctx context.Context, store *sqlstore.Store) diagnosis {
	if d.dryRun {
		return note("writing", "not tried with --dry-run", "")
	}
	if err := store.Sweep(ctx, 0); err != nil {
		return failed("writing", err)
	}
	return well("writing", "the store takes writes")
}

// reachFinding tells whether others can read the store, which hashes are in, or replace it.
func reachFinding(path string) diagnosis {
	const check = "access to the file"
	if runtime.GOOS == "windows" {
		return note(check, "as its directory has it", "")
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o077 != 0 {
			return warn(check, "others can get at "+name, "make it yours alone with chmod 600")
		}
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o022 != 0 && info.Mode()&os.ModeSticky == 0 {
		return warn(check, "others can put another file in its place, in "+dir, "make the directory yours alone with chmod 700")
	}
	return well(check, "yours alone")
}

func roomFinding(path string) diagnosis {
	free, err := freeBytes(path)
	if err != nil {
		return warn("disk", "how much is free is not known: "+err.Error(), "")
	}
	found := bytesText(free) + " free"
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > largeLog {
		return warn("disk", fmt.Sprintf("%s, and the write-ahead log of the store has %s", found, bytesText(log.Size())), "end what reads the store for long, or was left over; the next write shortens it")
	}
	if free < lowRoom {
		return warn("disk", found, "make room on the disk of the store")
	}
	return well("disk", found)
}

func accountFinding(accounts []*staff.Account, c *config.Config) diagnosis {
	for _, a := range accounts {
		if a.Name == c.Account || c.Account == "" && len(accounts) == 1 {
			return well("account", "commands work on "+a.Name)
		}
	}
	switch {
	case c.Account != "":
		return problem("account", fmt.Sprintf("there is no account %q", c.Account), "see staffctl account list, and set account or another context", staff.CodeNotFound)
	case len(accounts) == 0:
		return warn("account", "the store has no account", "make one with staffctl account create")
	}
	return note("account", fmt.Sprintf("%d accounts, none chosen", len(accounts)), "give --account, or set account or a context")
}

// tanFindings tell of accounts that nobody can sign in to for want of a gateway.
func tanFindings(accounts []*staff.Account, c *config.Config) []diagnosis {
	var names []string
	for _, a := range accounts {
		if a.TwoFactor == staff.TwoFactorSMS {
			names = append(names, a.Name)
		}
	}
	if names == nil || c.SMS.URL != "" {
		return nil
	}
	return []diagnosis{problem("second factor", "nobody can sign in to "+strings.Join(names, ", ")+", which asks for a TAN that nothing sends",
		"set sms.url and sms.countries, or run staffctl account set "+names[0]+" --two-factor off", staff.CodeUnavailable)}
}

// outboxFinding looks for mails that wait too long or were refused.
func (d *deps) outboxFinding(ctx context.Context, s *staff.Staff) diagnosis {
	counts := map[staff.MailState]int{}
	now := d.now().UnixMilli()
	oldest := now
	for _, state := range []staff.MailState{staff.MailQueued, staff.MailFailed} {
		for m, err := range s.Store.Mails(ctx, staff.OutboxQuery{State: state}) {
			if err != nil {
				return failed("outbox", err)
			}
			counts[state]++
			if state == staff.MailQueued {
				oldest = min(oldest, m.CreatedAt)
			}
		}
	}
	found := fmt.Sprintf("mails waiting: %d, refused: %d", counts[staff.MailQueued], counts[staff.MailFailed])
	switch {
	case now-oldest > waitsLong.Milliseconds():
		return warn("outbox", found+", one waits since "+atText(oldest), "see staffctl outbox list, then run staffctl outbox send or serve")
	case counts[staff.MailFailed] > 0:
		return warn("outbox", found, "see staffctl outbox list --state failed, and correct the addresses")
	}
	return well("outbox", found)
}

// clockFinding compares the clock with the newest commit: times only go on.
func (d *deps) clockFinding(i *sqlstore.Info) diagnosis {
	now := d.now().UnixMilli()
	if i.LastCommitAt > now+time.Minute.Milliseconds() {
		return warn("clock", fmt.Sprintf("it is %s here, before the last commit of %s", atText(now), atText(i.LastCommitAt)), "set the clocks of all machines that use the store, such as by NTP")
	}
	return well("clock", "it is "+atText(now))
}

func bytesText(n int64) string {
	if n < 10<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	if n < 10<<30 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d GiB", n>>30)
}
