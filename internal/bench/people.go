package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
)

// areas are such that none covers another: the peers do not drop what is covered.
var areas = []string{"contract", "domains.view", "invoices", "orders", "products.view", "quotes", "support", "team.view"}

// person is one of a file.
type person struct {
	email, first, last, phone string
	access, mail              []string
}

// people are kinds of files, by their extension: what stands at the beginning
// and what of each person.
var people = map[string]struct {
	head string
	text func(person) string
}{
	".csv":  {"email,first_name,last_name,phone_work,access,mail,password_hash\n", person.csv},
	".ldif": {"", person.ldif},
	".yaml": {teamHead, person.team},
}

// writePeople writes a file of people in an order of the seed's: each has a
// phone, 4 areas, 3 mail categories and, where there is room for it, a password.
func (b *bench) writePeople(path, head string, text func(person) string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriterSize(file, 1<<20)
	if _, err := w.WriteString(head); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(b.seed, 2))
	for _, i := range random.Perm(b.members) {
		p := person{email: email(i), first: pick(random, firstNames), last: pick(random, lastNames), phone: fmt.Sprintf("+4144%07d", i),
			access: some(random, areas, 4), mail: some(random, categories, 3)}
		if _, err := w.WriteString(text(p)); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (p person) csv() string {
	return fmt.Sprintf("%s,%s,%s,%s,%q,%q,%s\n", p.email, p.first, p.last, p.phone, strings.Join(p.access, ","), strings.Join(p.mail, ","), csvHash)
}

// csvHash is the hash as a cell: it has commas.
const csvHash = `"` + hash + `"`
