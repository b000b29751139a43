package cmd

import (
	"context"
	"io"

	"github.com/staffctl/staffctl/internal/teamfile"
	"github.com/staffctl/staffctl/internal/yamlfile"
)

// exportTeam prints the team file of the account.
func (o *exporting) exportTeam(ctx context.Context, _ func(int64)) error {
	s, c, err := o.deps.staff()
	if err != nil {
		return err
	}
	team, err := s.ExportTeam(ctx, c.Account)
	if err != nil {
		return err
	}
	written, err := untilInterrupted(ctx, func() (int64, error) {
		out := &meter{Writer: o.ios.Out}
		err := teamfile.Encode(out, team)
		return out.bytes, err
	})
	if err == nil && written > yamlfile.MaxSize {
		o.say("warning: the team file has more than %d MiB, which diff and apply refuse; export csv or jsonl, which import reads", yamlfile.MaxSize>>20)
	}
	return err
}

// meter counts what is written.
type meter struct {
	io.Writer
	bytes int64
}

// Write writes and counts.
func (m *meter) Write(b []byte) (int, error) {
	n, err := m.Writer.Write(b)
	m.bytes += int64(n)
	return n, err
}
