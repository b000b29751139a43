//go:build unix

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Of the kills: kill -9 hits that often. A process that ends before its moment
// is done over, up to so many times in all.
const (
	killHits     = 200
	killAttempts = 8
)

// victim is what is known of the member that a command changes.
type victim struct {
	exists, signsIn, mustChange bool
	lastName                    string
	audits                      int // its rows in the audit
}

// blow is a command to be killed, and what it makes of its member.
type blow struct {
	kind, email string
	args        []string
	stdin       string
	after       victim
}

// killing is the scenario under way: all that has to be in the store.
type killing struct {
	*store
	victims   map[string]victim
	bystander int // how often the bystander was changed
	rows      int // of the audit that are of neither
	typical   map[string][]time.Duration
	landed    map[string]int // kills by the kind of command
	whole     int            // of those killed, how many changes were done
}

const (
	bystander     = "bystander@example.ch"
	plainPassword = "lantern orbit velvet cactus 42\n"
)

// kill ends commands by kill -9 at random moments between their start and
// their usual end.
func kill(t *trial) {
	k := &killing{store: t.newStore("kill"), victims: map[string]victim{}, typical: map[string][]time.Duration{}, landed: map[string]int{}}
	k.expect("the bystander", k.add(bystander), 0)
	k.rows = k.info().AuditRows
	k.learn()
	hits := t.scaled(killHits, 8)
	for n := 0; n < hits*killAttempts && sum(k.landed) < hits && t.ctx.Err() == nil; n++ {
		k.strike(n)
	}
	if got := sum(k.landed); got < hits {
		t.problem("only %d of %d kills hit", got, hits)
	}
	k.reconcile()
	for _, kind := range slices.Sorted(maps.Keys(k.landed)) {
		t.note("%s killed %d", kind, k.landed[kind])
	}
	t.note("%d of the killed had committed", k.whole)
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// learn finds out how long each kind of command takes here.
func (k *killing) learn() {
	for n := range 40 {
		b := k.pick(1000000 + n)
		o := k.start(command{store: k.path, args: b.args, stdin: b.stdin})
		if k.expect("a command that nobody kills", o, 0) {
			k.committed(o)
			k.victims[b.email] = b.after
			k.typical[b.kind] = append(k.typical[b.kind], o.took)
		}
	}
}

// usual returns the median of what a kind of command took.
func (k *killing) usual(kind string) time.Duration {
	took := slices.Sorted(slices.Values(k.typical[kind]))
	if len(took) == 0 {
		return 10 * time.Millisecond
	}
	return took[len(took)/2]
}

// pick makes the next command: a new member, an edit, a password, most of them
// as a hash.
func (k *killing) pick(n int) blow {
	emails := slices.Sorted(maps.Keys(k.victims))
	kind := k.random.IntN(10)
	if len(emails) == 0 || kind < 4 {
		email, name := fmt.Sprintf("victim%d@example.ch", n), fmt.Sprintf("Name%d", n)
		return blow{"add", email, []string{"member", "add", email, "--first-name", "Vera", "--last-name", name}, "", victim{exists: true, lastName: name, audits: 1}}
	}
	email := emails[k.random.IntN(len(emails))]
	after := k.victims[email]
	after.audits++
	if kind < 7 {
		after.lastName = fmt.Sprintf("Edited%d", n)
		return blow{"edit", email, []string{"member", "edit", email, "--last-name", after.lastName}, "", after}
	}
	after.mustChange = !after.mustChange
	after.signsIn = true
	b := blow{"hash", email, []string{"member", "set-password", email, "--hash-stdin"}, foreignHash, after}
	if kind == 9 && n%2 == 0 {
		b.kind, b.args[3], b.stdin = "password", "--password-stdin", plainPassword
	}
	if after.mustChange {
		b.args = append(b.args, "--must-change")
	}
	return b
}

// strike kills one command, every other time while somebody else writes, and
// looks at what is left.
func (k *killing) strike(n int) {
	b := k.pick(n)
	usual := k.usual(b.kind)
	var beside sync.WaitGroup
	if n%2 == 1 {
		beside.Go(func() { k.touch("a change beside a kill") })
	}
	o := k.start(command{store: k.path, args: b.args, stdin: b.stdin, after: 1 + time.Duration(k.random.Int64N(int64(usual)))})
	beside.Wait()
	if !o.killed {
		k.expect("a command that ended before its kill", o, 0)
	}
	what := fmt.Sprintf("after kill %d (%s, killed %t)", n, strings.Join(b.args, " "), o.killed)
	k.sound(what)
	k.settle(what, &b, o)
	k.touch("the next command " + what)
	k.count(what)
}

// touch changes the bystander, which has to work.
func (k *killing) touch(what string) {
	k.mu.Lock()
	k.bystander++
	name := fmt.Sprintf("Changed%d", k.bystander)
	k.mu.Unlock()
	o := k.do("member", "edit", bystander, "--last-name", name)
	k.committed(o)
	k.expect(what, o, 0)
}

// settle holds that the member is as before or as after, with the audit to fit,
// and as after where the command said so.
func (k *killing) settle(what string, b *blow, o outcome) {
	before, now := k.victims[b.email], k.look(b.email)
	done := k.committed(o)
	switch {
	case now == b.after:
	case done:
		k.problem("%s: acknowledged, but %+v and not %+v", what, now, b.after)
	case now != before:
		k.problem("%s: half done: %+v, neither %+v nor %+v", what, now, before, b.after)
	}
	if o.killed {
		k.landed[b.kind]++
		if now == b.after {
			k.whole++
		}
	}
	if now.exists {
		k.victims[b.email] = now
	}
}

// look reads a member and counts its rows in the audit.
func (k *killing) look(email string) victim {
	v := victim{audits: len(decode[auditRow](k.trial, k.must("audit", "list", "--member", email, "-o", "jsonl")))}
	o := k.do("member", "show", email, "-o", "jsonl")
	if o.code == 4 {
		return v
	}
	k.expect("member show", o, 0)
	if shown := decode[person](k.trial, o); len(shown) == 1 {
		m := shown[0]
		v.exists, v.lastName, v.signsIn, v.mustChange = true, m.LastName, m.Status == "active" && m.Logins == 1, m.MustChange
	}
	return v
}

// count holds that there are no other members, logins and audit rows than those
// that are known.
func (k *killing) count(what string) {
	want := counts{Members: 1, AuditRows: k.rows + k.bystander}
	for _, v := range k.victims {
		want.Members++
		want.AuditRows += v.audits
		if v.signsIn {
			want.Logins++
		}
	}
	if got := k.info(); got != want && k.ctx.Err() == nil {
		k.problem("%s: the store has %+v, not %+v", what, got, want)
	}
}

// reconcile compares every member with what is known, once all is done.
func (k *killing) reconcile() {
	for email, want := range k.victims {
		if k.ctx.Err() == nil {
			if got := k.look(email); got != want {
				k.problem("%s in the end: %+v, not %+v", email, got, want)
			}
		}
	}
}
