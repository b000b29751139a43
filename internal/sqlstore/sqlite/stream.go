package sqlite

import (
	"context"
	"database/sql"
	"iter"

	"github.com/staffctl/staffctl/internal/sqlstore"
)

// chunkSize is how many bytes of rows pass from the reader to the consumer at
// once.
const chunkSize = 64 << 10

// chunk is the text of some rows and where each ends.
type chunk struct {
	text string
	ends []int
	err  error
}

// Stream answers a query without holding its rows. A second goroutine reads
// them from the file while the caller turns them into output.
func (f *File) Stream(ctx context.Context, query sqlstore.Statement) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		chunks := make(chan chunk, 2)
		go f.produce(ctx, query, chunks)
		defer func() {
			cancel()
			for range chunks { // lets the reader end before the file is closed
			}
		}()
		for c := range chunks {
			start := 0
			for _, end := range c.ends {
				if !yield(c.text[start:end], nil) {
					return
				}
				start = end
			}
			if c.err != nil {
				yield("", c.err)
				return
			}
		}
	}
}

func (f *File) produce(ctx context.Context, query sqlstore.Statement, chunks chan<- chunk) {
	defer close(chunks)
	if err := f.read(ctx, query, chunks); err != nil {
		chunks <- chunk{err: err}
	}
}

func (f *File) read(ctx context.Context, query sqlstore.Statement, chunks chan<- chunk) (err error) {
	defer f.survive(&err)
	rows, err := f.db.QueryContext(ctx, query.SQL, query.Args...)
	if err != nil {
		return f.translate(err)
	}
	defer func() { _ = rows.Close() }()
	var value sql.RawBytes
	var text []byte
	var ends []int
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			return f.translate(err)
		}
		text = append(text, value...)
		ends = append(ends, len(text))
		if len(text) >= chunkSize {
			chunks <- chunk{text: string(text), ends: ends}
			text, ends = text[:0], make([]int, 0, len(ends))
		}
	}
	chunks <- chunk{text: string(text), ends: ends}
	return f.translate(rows.Err())
}
