package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/sqlstore/sqlite"
	"github.com/staffctl/staffctl/internal/staff"
)

// commitSize is how many members one commit adds.
const commitSize = 5_000

// hash is what every login of the data has; nobody signs in.
const hash = "$argon2id$v=19$m=65536,t=3,p=4$c3RhZmZjdGxiZW5jaDAx$aG93IG1hbnkgYnl0ZXMgaXMgYSBoYXNoIGhlcmU/IDMyIQ"

var (
	firstNames = []string{"Anna", "Max", "Erika", "Jürg", "Zoë", "Léa", "Noah", "Mia", "Luca", "Sophie"}
	lastNames  = []string{"Muster", "Beispiel", "Müller", "Meier", "Keller", "Weiß", "Huber", "Schmid", "Frei", "Brunner"}
	grants     = []string{"contract", "domains.view", "invoices", "invoices.view", "orders", "orders.create", "products", "quotes", "support", "support.view"}
	categories = staff.DefaultCatalog().MailCategoryKeys()
)

// fill makes a store by the program's own domain and store, then adds members:
// each with a phone, 4 grants, 3 mail categories, and 3 of 4 with a login.
func (b *bench) fill(ctx context.Context) error {
	file, err := sqlite.Create(b.store)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	s := &staff.Staff{Store: sqlstore.New(file), Now: time.Now, IDs: &staff.IDs{}, Actor: func() staff.Actor { return staff.Actor{OSUser: "bench"} }}
	if _, err := s.Init(ctx, sqlstore.Schema(), staff.CreateAccount{Name: "acme"}); err != nil {
		return err
	}
	facts, err := s.Account(ctx, "acme")
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(b.seed, 0))
	for from := 0; from < b.members; from += commitSize {
		now := time.Now()
		c := &staff.Commit{ID: s.IDs.Next(now), At: now.UnixMilli(), Actor: s.Actor(), Schema: facts.Schema, Touched: []staff.ID{facts.Account.ID}}
		for i := from; i < min(from+commitSize, b.members); i++ {
			addMember(c, s.IDs, facts.Account.ID, random, i, now)
		}
		if err := s.Store.Commit(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func addMember(c *staff.Commit, ids *staff.IDs, account staff.ID, random *rand.Rand, i int, now time.Time) {
	at := now.UnixMilli()
	m := &staff.Member{ID: ids.Next(now), AccountID: account, Email: email(i), Salutation: staff.Salutations[random.IntN(4)],
		FirstName: pick(random, firstNames), LastName: pick(random, lastNames), Language: staff.German,
		Phones:  []staff.Phone{{Label: "work", Number: fmt.Sprintf("+4144%07d", i%10_000_000)}},
		Mail:    some(random, categories, 3),
		Access:  staff.Access{Kind: staff.AccessGrants, Grants: some(random, grants, 4)},
		Version: 1, CreatedAt: at, UpdatedAt: at}
	if i%4 != 0 {
		m.Login = &staff.Login{ID: ids.Next(now), Username: m.Email, PasswordHash: hash, Email: m.Email, Version: 1, CreatedAt: at, UpdatedAt: at}
		c.Logins = append(c.Logins, staff.Diff[staff.Login]{After: m.Login})
	}
	c.Members = append(c.Members, staff.Diff[staff.Member]{After: m})
	c.Audit = append(c.Audit, staff.AuditEntry{ID: ids.Next(now), Action: "member.add", Account: "acme", MemberID: m.ID, Subject: m.Email})
}

func email(i int) string { return fmt.Sprintf("person%d@example.ch", i) }

func pick(random *rand.Rand, from []string) string { return from[random.IntN(len(from))] }

// some picks n different ones in the order of from.
func some(random *rand.Rand, from []string, n int) []string {
	out := make([]string, 0, n)
	for i, s := range from {
		if random.IntN(len(from)-i) < n-len(out) {
			out = append(out, s)
		}
	}
	return out
}
