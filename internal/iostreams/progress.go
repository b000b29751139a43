package iostreams

import (
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
}

// Progress begins to show what is done, such as "rows".
func (s *IOStreams) Progress(what string) *Progress {
	return &Progress{ios: s, what: what, began: time.Now()}
}

// Show says how much is done of how much.
func (p *Progress) Show(done, total int64) {
	if !p.ios.ErrIsTerminal() || p.bar == nil && time.Since(p.began) < slow {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.ios.Err), progressbar.OptionSetDescription(p.what), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString(p.what), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(20))
	}
	_ = p.bar.Set64(done) // fails for a number above the total alone
}

// End takes the bar away.
func (p *Progress) End() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
