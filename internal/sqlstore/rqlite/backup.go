package rqlite

import (
	"context"
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
	if _, err := io.Copy(w, response.Body); err != nil {
		return c.noBackup(ctx, err)
	}
	return nil
}

func (c *Cluster) noBackup(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return staff.Errorf(staff.CodeInterrupted, "", "interrupted; there is no backup")
	}
	return &staff.Error{Code: staff.CodeUnavailable, Field: "store", Cause: err, Message: "no backup of " + c.name + ": " + err.Error() + "; try again"}
}
