package rqlite

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/staffctl/staffctl/internal/sqlstore"
	"github.com/staffctl/staffctl/internal/staff"
)

// Backup writes the leader's database to w, as it is at one moment.
func (c *Cluster) Backup(ctx context.Context, w io.Writer) error {
	patient, cancel := context.WithTimeout(ctx, c.options.Patience)
	defer cancel()
	for {
		f := c.tryBackup(ctx, w)
		switch {
		case f == nil:
			return nil
		case f.fate == refused:
			return f.err
		case patient.Err() != nil:
			return c.noBackup(ctx, f.err)
		}
		// The leader may have changed, or be busy with a snapshot of its own.
		_ = staff.Pause(patient, 500*time.Millisecond)
	}
}

// tryBackup asks whoever leads for a backup: it has seen every commit acknowledged
// before. What has begun is not tried again.
func (c *Cluster) tryBackup(ctx context.Context, w io.Writer) *failure {
	if _, err := c.Read(ctx, []sqlstore.Statement{{SQL: `SELECT ''`}}); err != nil {
		return &failure{fate: refused, err: err}
	}
	req, err := c.newRequest(ctx, *c.node.Load(), request{path: "/db/backup", attempt: backupTime})
	if err != nil {
		return &failure{fate: refused, err: err}
	}
	response, err := c.client.Do(req)
	if err != nil {
		return c.unanswered(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
		return c.status(response, string(text))
	}
	if err := save(response.Body, w); err != nil {
		return &failure{fate: refused, err: c.noBackup(ctx, err)}
	}
	return nil
}

// save copies a database and makes sure that it is whole: a node that is not the
// leader ends its answer as if it were where the leader has ended in the middle.
func save(body io.Reader, w io.Writer) error {
	header := make([]byte, 32)
	n, _ := io.ReadFull(body, header)
	size, err := io.Copy(w, io.MultiReader(bytes.NewReader(header[:n]), body))
	if want := databaseSize(header); err == nil && (want == 0 || size < want) {
		err = errors.New("what was sent is not whole")
	}
	return err
}

// databaseSize is the size in bytes of a SQLite database with this header
// (https://sqlite.org/fileformat.html#the_database_header), or 0 for another file.
func databaseSize(header []byte) int64 {
	if !bytes.HasPrefix(header, []byte("SQLite format 3\x00")) {
		return 0
	}
	page := int64(binary.BigEndian.Uint16(header[16:]))
	if page == 1 {
		page = 1 << 16
	}
	return page * int64(binary.BigEndian.Uint32(header[28:]))
}

func (c *Cluster) noBackup(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return staff.Errorf(staff.CodeInterrupted, "", "interrupted; there is no backup")
	}
	return &staff.Error{Code: staff.CodeUnavailable, Field: "store", Cause: err, Message: "no backup of " + c.name + ": " + err.Error() + "; try again"}
}
