package iostreams

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"
)

// slow is how long something takes before its progress is shown.
const slow = time.Second

// Progress shows on a terminal how far something has come that takes longer than
// a second; elsewhere nothing.
type Progress struct {
	ios   *IOStreams
	what  string
	began time.Time
	bar   *progressbar.ProgressBar
	shown string
}

// Progress begins to show what is done, such as "rows".
func (s *IOStreams) Progress(what string) *Progress {
	return &Progress{ios: s, what: what, began: time.Now()}
}

// Show says how much is done of how much. The total may be an estimate that
// changes.
func (p *Progress) Show(done, total int64) { p.ShowFailed(done, total, 0) }

// ShowFailed is [Progress.Show] with how much of what is done has failed.
func (p *Progress) ShowFailed(done, total, failed int64) {
	if !p.ios.ErrIsTerminal() || p.bar == nil && time.Since(p.began) < slow {
		return
	}
	what := p.what
	if failed > 0 {
		what = fmt.Sprintf("%s, %d failed", what, failed)
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.ios.Err), progressbar.OptionSetDescription(what), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString(p.what), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(20))
	} else if what != p.shown {
		p.bar.Describe(what)
	}
	p.shown = what
	if p.bar.GetMax64() != total {
		p.bar.ChangeMax64(total)
	}
	_ = p.bar.Set64(done) // fails for a number above the total alone
}

// End takes the bar away.
func (p *Progress) End() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
