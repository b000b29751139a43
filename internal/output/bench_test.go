package output

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/staffctl/staffctl/internal/iostreams"
)

type wideRow struct {
	ID         int64    `json:"id"`
	Account    string   `json:"account"`
	Salutation string   `json:"salutation"`
	FirstName  string   `json:"first_name"`
	LastName   string   `json:"last_name"`
	Email      string   `json:"email"`
	Username   string   `json:"username"`
	Language   string   `json:"language"`
	Status     string   `json:"status"`
	Role       string   `json:"role"`
	Areas      []string `json:"areas"`
	Mails      []string `json:"mails"`
	Suspended  bool     `json:"suspended"`
	Created    int64    `json:"created_at"`
	Updated    int64    `json:"updated_at"`
}

func wideView() View[*wideRow] {
	str := func(key string, get func(*wideRow) string) Column[*wideRow] {
		return Column[*wideRow]{Key: key, Heading: key, Table: true, JSON: func(b []byte, r *wideRow) []byte { return AppendString(b, get(r)) }}
	}
	return View[*wideRow]{Columns: []Column[*wideRow]{
		{Key: "id", Heading: "id", Table: true, JSON: func(b []byte, r *wideRow) []byte { return AppendInt(b, r.ID) }},
		str("account", func(r *wideRow) string { return r.Account }),
		str("salutation", func(r *wideRow) string { return r.Salutation }),
		str("first_name", func(r *wideRow) string { return r.FirstName }),
		str("last_name", func(r *wideRow) string { return r.LastName }),
		str("email", func(r *wideRow) string { return r.Email }),
		str("username", func(r *wideRow) string { return r.Username }),
		str("language", func(r *wideRow) string { return r.Language }),
		str("status", func(r *wideRow) string { return r.Status }),
		str("role", func(r *wideRow) string { return r.Role }),
		{Key: "areas", Heading: "areas", JSON: func(b []byte, r *wideRow) []byte { return AppendStrings(b, r.Areas) }},
		{Key: "mails", Heading: "mails", JSON: func(b []byte, r *wideRow) []byte { return AppendStrings(b, r.Mails) }},
		{Key: "suspended", Heading: "suspended", JSON: func(b []byte, r *wideRow) []byte { return AppendBool(b, r.Suspended) }},
		{Key: "created_at", Heading: "created", JSON: func(b []byte, r *wideRow) []byte { return AppendTime(b, r.Created) }},
		{Key: "updated_at", Heading: "updated", JSON: func(b []byte, r *wideRow) []byte { return AppendTime(b, r.Updated) }},
	}}
}

var benchRow = &wideRow{
	ID: 1795348800000123, Account: "muster", Salutation: "ms", FirstName: "Anna", LastName: "Müller", Email: "anna.mueller@example.ch",
	Username: "anna.mueller@example.ch", Language: "de", Status: "active", Role: "administrator",
	Areas: []string{"invoices", "team", "contract"}, Mails: []string{"invoices", "reminders"}, Created: 1795348800123, Updated: 1795349900456,
}

func benchList(b *testing.B, f Format) {
	ios, _, _, _ := iostreams.Test()
	ios.Out = io.Discard
	p := New(ios, Options{Format: f})
	b.ReportAllocs()
	err := List(p, wideView(), func(yield func(*wideRow, error) bool) {
		for b.Loop() {
			if !yield(benchRow, nil) {
				return
			}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkTable draws 1,000 rows at a time.
func BenchmarkTable(b *testing.B) {
	ios, _, _, _ := iostreams.Test()
	ios.Out = io.Discard
	p := New(ios, Options{})
	for b.Loop() {
		err := List(p, wideView(), func(yield func(*wideRow, error) bool) {
			for i := 0; i < 1000 && yield(benchRow, nil); i++ {
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/row")
}

func BenchmarkList(b *testing.B) {
	for _, f := range []string{"json", "jsonl", "csv", "yaml", "name"} {
		b.Run(f, func(b *testing.B) { benchList(b, Format(f)) })
	}
}

func BenchmarkEncodingJSON(b *testing.B) {
	e := json.NewEncoder(io.Discard)
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Encode(benchRow); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendTime(b *testing.B) {
	var buf [64]byte
	for b.Loop() {
		AppendTime(buf[:0], 1795348800123)
	}
}

func BenchmarkAppendString(b *testing.B) {
	var buf [64]byte
	for b.Loop() {
		AppendString(buf[:0], "anna.mueller@example.ch")
	}
}

func TestLinesAllocateNothing(t *testing.T) {
	ios, _, _, _ := iostreams.Test()
	ios.Out = io.Discard
	p := New(ios, Options{Format: JSONL})
	e, err := newEncoder(p, wideView(), false)
	if err != nil {
		t.Fatal(err)
	}
	p.out.buf = make([]byte, 0, 2*bufferSize)
	if n := testing.AllocsPerRun(1000, func() {
		e.row(benchRow)
		if p.out.full() {
			_ = p.out.flush()
		}
	}); n != 0 {
		t.Errorf("%v allocations a row", n)
	}
}
