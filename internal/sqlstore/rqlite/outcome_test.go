package rqlite_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore/rqlite"
	"github.com/staffctl/staffctl/internal/sqlstore/storetest"
	"github.com/staffctl/staffctl/internal/staff"
)

// outcome is what becomes of adding a member.
type outcome struct {
	writes, reads script
	options       rqlite.Options
	want          staff.Code
	effects       int
	says          []string
}

// hasty is for what a node does not answer.
var hasty = rqlite.Options{Attempt: 500 * time.Millisecond}

const (
	leadershipLost = "leadership lost while committing log"
	page           = "<!DOCTYPE html><title>Welcome to nginx!</title>"
)

// passing is what the store gets over.
var passing = map[string]outcome{
	"no leader":                   {writes: once(noLeader)},
	"no leader for long":          {writes: once(many(5, noLeader)...)},
	"no leader to redirect to":    {writes: once(say(500, "leader not found"))},
	"no leader, for reads":        {reads: once(many(3, noLeader)...)},
	"not ready":                   {writes: once(say(503, "store not ready"))},
	"not the leader":              {writes: once(failed("not leader"))},
	"not the leader, forwarded":   {writes: once(failed("node failed to process Execute on remote node at 127.0.0.1:4002: not leader"))},
	"503":                         {writes: once(say(503, "Service Unavailable"))},
	"503 after":                   {writes: once(after(say(503, "Service Unavailable")))},
	"500":                         {writes: once(say(500, "EOF"))},
	"500 after":                   {writes: once(after(say(500, "EOF")))},
	"leadership lost":             {writes: once(failed(leadershipLost))},
	"leadership lost after":       {writes: once(after(failed(leadershipLost)))},
	"leadership lost, for reads":  {reads: once(failed(leadershipLost), failed("stale read"))},
	"dropped":                     {writes: once(drop)},
	"answer dropped":              {writes: once(after(drop))},
	"reads dropped":               {reads: once(drop, after(drop), cutShort)},
	"dropped again and again":     {writes: once(drop, after(say(503, "")), drop), reads: once(passOn, drop, cutShort)},
	"dropped, and its lookup too": {writes: once(after(drop)), reads: once(passOn, drop, cutShort, noLeader, edited(half))},
	"answer cut short":            {writes: once(cutShort)},
	"answer cut short unnoticed":  {writes: once(edited(half))},
	"answer lacks a result":       {writes: once(edited(withoutLast))},
	"answer is empty":             {writes: once(after(say(200, "")))},
	"answer is no results":        {writes: once(after(say(200, "{}")))},
	"answer is no results before": {writes: once(say(200, "{}"))},
	"answer is one result before": {writes: once(say(200, `{"results":[{}]}`))},
	"answer is null":              {writes: once(after(say(200, "null")))},
	"answer is a list":            {writes: once(after(say(200, "[]")))},
	"answer is a page":            {writes: once(say(200, page))},
	"answer is a page after":      {writes: once(after(say(200, page)))},
	"no answer":                   {writes: once(hang), options: hasty},
	"no answer after":             {writes: once(after(hang)), options: hasty},
	"no answer, for reads":        {reads: once(hang, after(hang)), options: hasty},
	"passed on twice":             {writes: once(passOnTwice)},
	"passed on twice and dropped": {writes: once(after(after(drop)))},
	"gateway timeout":             {writes: once(say(504, page))},
	"gateway timeout after":       {writes: once(after(say(504, page)))},
}

// TestOnce: what befalls one request, the store gets over, and the member is
// added once.
func TestOnce(t *testing.T) {
	t.Parallel()
	for name, o := range passing {
		o.effects = 1
		t.Run(name, func(t *testing.T) { t.Parallel(); o.assert(t) })
	}
}

// TestNever: what is never carried out is unavailable, and what may have been is
// unknown.
func TestNever(t *testing.T) {
	t.Parallel()
	none, one := staff.CodeUnavailable, staff.CodeUnknown
	nothing := []string{"nothing was changed", "leader not found", "look at its nodes"}
	for name, o := range map[string]outcome{
		"no leader":                    {writes: always(noLeader), want: none, says: nothing},
		"no leader, for reads":         {reads: always(noLeader), want: none, says: nothing},
		"dropped":                      {writes: always(drop), want: one},
		"503":                          {writes: always(say(503, "Service Unavailable")), want: one, says: []string{"Service Unavailable"}},
		"leadership lost":              {writes: always(failed(leadershipLost)), want: one, says: []string{leadershipLost}},
		"dropped, then no leader":      {writes: script{[]mishap{drop}, noLeader}, want: one},
		"dropped after, then no reads": {writes: script{[]mishap{after(drop)}, noLeader}, reads: script{[]mishap{passOn}, noLeader}, want: one, effects: 1},
		"passed on twice, no reads":    {writes: script{[]mishap{passOnTwice}, noLeader}, reads: script{[]mishap{passOn}, noLeader}, want: one, effects: 1},
		"dropped, then unauthorized":   {writes: script{[]mishap{drop}, say(401, "")}, want: one},
		"dropped after, unauthorized":  {writes: once(after(drop)), reads: script{[]mishap{passOn}, say(401, "")}, want: one, effects: 1},
		"a page":                       {writes: always(say(200, page)), want: one, says: []string{"invalid character"}},
		"reads are a page":             {reads: always(say(200, page)), want: none, says: []string{"did not answer as rqlite does", "--store"}},
		"reads lack an answer":         {reads: always(edited(withoutLast)), want: none},
		"no answer":                    {writes: always(hang), want: one, options: rqlite.Options{Attempt: brief}},
	} {
		o.options.Patience = brief
		t.Run(name, func(t *testing.T) { t.Parallel(); o.assert(t) })
	}
}

// TestRefused: what a node refuses is not sent again.
func TestRefused(t *testing.T) {
	t.Parallel()
	user := rqlite.Options{User: "anna", Password: "secret"}
	for name, o := range map[string]outcome{
		"no user":        {writes: always(say(http.StatusUnauthorized, "")), says: []string{"wants a user", "--store rqlite://USER@", "--store-password-file"}},
		"a user":         {writes: always(say(http.StatusUnauthorized, "")), options: user, says: []string{"refuses user anna", "check the password", "execute"}},
		"remotely":       {writes: always(say(http.StatusUnauthorized, "remote Execute not authorized")), options: user, says: []string{"refuses user anna"}},
		"bad request":    {writes: always(say(http.StatusBadRequest, "invalid request")), says: []string{"400", "invalid request", "--store"}},
		"not found":      {writes: always(say(http.StatusNotFound, page)), says: []string{"404", "--store"}},
		"too large":      {writes: always(say(http.StatusRequestEntityTooLarge, page)), says: []string{"413"}},
		"another method": {writes: always(say(http.StatusMethodNotAllowed, "")), says: []string{"405"}},
		"forbidden":      {writes: always(say(http.StatusForbidden, page)), options: user, says: []string{"refuses user anna"}},
	} {
		o.want = staff.CodeUnavailable
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if s := o.assert(t); len(s.proxy.requests(true)) != 1 {
				t.Errorf("%d writes were sent", len(s.proxy.requests(true)))
			}
		})
	}
}

// TestInterrupted: a write that is under way is not broken off.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	const none, one = staff.CodeInterrupted, staff.CodeUnknown
	nothing := []string{"nothing was changed"}
	for name, o := range map[string]outcome{
		"before":        {reads: once(interrupt(passOn)), want: none, says: nothing},
		"under way":     {writes: once(interrupt(passOn)), effects: 1},
		"no leader":     {writes: script{[]mishap{noLeader, interrupt(noLeader)}, noLeader}, want: none, says: nothing},
		"lost":          {writes: once(interrupt(after(drop))), want: one, effects: 1},
		"lost before":   {writes: once(after(drop)), reads: once(passOn, interrupt(passOn)), want: one, effects: 1},
		"dropped":       {writes: once(interrupt(drop)), want: one},
		"before resent": {writes: once(drop), reads: once(passOn, interrupt(passOn)), want: one},
		"resent":        {writes: once(drop, interrupt(passOn)), effects: 1},
		"resent twice":  {writes: once(drop, interrupt(drop)), want: one},
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); o.assert(t) })
	}
}

// assert adds a member through the proxy, and another without it after.
func (o *outcome) assert(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	through := s.through(o.options)
	r := &recorder{Store: through.Store}
	through.Store = r
	s.proxy.follow(o.writes, o.reads)
	ctx, cancel := context.WithCancel(t.Context())
	s.proxy.cancel = cancel
	_, err := through.Do(ctx, "acme", add)
	fails(t, err, o.want, o.says...)
	if o.want == staff.CodeUnknown {
		fails(t, err, o.want, "commit "+r.commit.ID.String(), "staffctl audit list")
		if strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%q contradicts itself", err)
		}
	}
	s.took(o.effects, 1)
	s.do(storetest.Add("bert@example.ch"))
	s.took(o.effects+1, 1)
	return s
}
