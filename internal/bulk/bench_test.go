package bulk

import (
	"bytes"
	"fmt"
	"testing"
)

// people are as an export of another program has them: a phone, four areas, three
// categories and a hash each.
func people(n int, row string) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, row, i, i, i/100%100, i%100)
	}
	return b.Bytes()
}

const (
	benchHeader = "email,first_name,last_name,phone_work,access,mail,password_hash\n"
	benchHash   = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$mLD4kmYSUvOZVHBNKsDfsTnxs4MrZTtBaNqlUkGNwpc"
	benchCSV    = `person%06d@example.com,Anna,Muster%d,+41 44 555 %02d %02d,"invoices,orders.view,domains,support","invoices,reminders,news","` + benchHash + "\"\n"
	benchJSON   = `{"email":"person%06d@example.com","first_name":"Anna","last_name":"Muster%d","phones":["work=+41 44 555 %02d %02d"],` +
		`"access":["invoices","orders.view","domains","support"],"mail":["invoices","reminders","news"],"password_hash":"` + benchHash + "\"}\n"
)

// BenchmarkRead reads 100,000 rows and makes actions of them.
func BenchmarkRead(b *testing.B) {
	const n = 100_000
	for format, text := range map[Format][]byte{
		CSV: append([]byte(benchHeader), people(n, benchCSV)...), JSONL: people(n, benchJSON),
		JSON: append(append([]byte("["), bytes.TrimSuffix(people(n, benchJSON[:len(benchJSON)-1]+",\n"), []byte(",\n"))...), ']'),
	} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r, err := New(bytes.NewReader(text), int64(len(text)), Options{Format: format})
				if err != nil {
					b.Fatal(err)
				}
				rows := 0
				for row, err := range r.Rows() {
					if err != nil || row.Err != nil {
						b.Fatal(err, row.Err)
					}
					rows++
				}
				if rows != n {
					b.Fatal(rows)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
