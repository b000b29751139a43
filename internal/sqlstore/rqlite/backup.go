package rqlite

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/staffctl/staffctl/internal/staff"
)

// Backup writes the leader's database to w, as it is at one moment.
func (c *Cluster) Backup(ctx context.Context, w io.Writer) error {
	// Whoever leads has seen every commit acknowledged before.
	if _, err := c.Read(ctx, []statement{{SQL: `SELECT ''`}}); err != nil {
		return err
	}
	req, err := c.newRequest(ctx, *c.node.Load(), request{path: "/db/backup", attempt: backupTime})
	if err != nil {
		return err
	}
	response, err := c.client.Do(req)
	if err != nil {
		return c.noBackup(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != 200 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
		f := c.status(response, string(text))
		if f.fate == refused {
			return f.err
		}
		return c.noBackup(ctx, f.err)
	}
	// A node that is not the leader ends its answer as if it were whole where the
	// leader has ended in the middle.
	header := make([]byte, 32)
	n, _ := io.ReadFull(response.Body, header)
	size, err := io.Copy(w, io.MultiReader(bytes.NewReader(header[:n]), response.Body))
	if want := databaseSize(header); err == nil && (want == 0 || size < want) {
		err = fmt.Errorf("what %s sent is not whole", response.Request.URL.Host)
	}
	if err != nil {
		return c.noBackup(ctx, err)
	}
	return nil
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
