package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"iter"

	"github.com/staffctl/staffctl/internal/sqlstore"
)

// chunkSize is how many bytes of rows pass from the reader to the consumer at
// once.
const chunkSize = 256 << 10

// chunk is some rows, or why there are no more.
type chunk struct {
	rows []string
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
			for _, row := range c.rows {
				if !yield(row, nil) {
					return
				}
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

// smallCache has a connection keep 256 KiB of the file in memory, and usualCache as
// much as SQLite does by itself. A list meets most pages once: to keep more of them
// costs an export an eighth of its time, for memory that the system must hand out.
const (
	smallCache = "PRAGMA cache_size = -256"
	usualCache = "PRAGMA cache_size = -2000"
)

func (f *File) read(ctx context.Context, query sqlstore.Statement, chunks chan<- chunk) (err error) {
	defer f.survive(&err)
	conn, err := f.db.Conn(ctx)
	if err != nil {
		return f.translate(err)
	}
	defer func() { _ = conn.Close() }()
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), usualCache) }()
	if _, err := conn.ExecContext(ctx, smallCache); err != nil {
		return f.translate(err)
	}
	return f.translate(conn.Raw(func(raw any) error { return readRaw(ctx, raw.(driver.QueryerContext), query, chunks) }))
}

// readRaw reads rows of one text past database/sql, whose locks and conversions of
// each row cost an export a sixteenth of its time. The driver alone looks at ctx only
// while it waits.
func readRaw(ctx context.Context, conn driver.QueryerContext, query sqlstore.Statement, chunks chan<- chunk) error {
	args := make([]driver.NamedValue, len(query.Args))
	for i, arg := range query.Args {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	rows, err := conn.QueryContext(ctx, query.SQL, args)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	var texts []string
	size := 0
	row := make([]driver.Value, 1)
	for err = rows.Next(row); err == nil; err = rows.Next(row) {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := row[0].(string)
		texts = append(texts, text)
		if size += len(text); size >= chunkSize {
			chunks <- chunk{rows: texts}
			texts, size = make([]string, 0, len(texts)), 0
		}
	}
	chunks <- chunk{rows: texts}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
