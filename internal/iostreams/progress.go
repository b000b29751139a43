package iostreams

import (
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	slow     = time.Second            // how long something takes before its progress is shown
	redrawn  = 100 * time.Millisecond // how often it is from then on
	barWidth = 20
	someTerm = 80 // columns of a terminal that does not tell
)

// Progress shows on a terminal how far something has come that takes longer than
// a second; elsewhere nothing. End it before anything else is written.
type Progress struct {
	ios  *IOStreams
	stop chan struct{} // nil where nothing is shown
	gone chan struct{}
	mu   sync.Mutex
	now  standing
	last int // columns of the line that is shown
}

// standing is how far something has come.
type standing struct {
	stage, what         string
	done, total, failed int64
	estimated           bool
	began               time.Time
}

// Progress begins to show what is done, such as "rows".
func (s *IOStreams) Progress(what string) *Progress {
	p := &Progress{ios: s, now: standing{what: what, began: time.Now()}}
	if s.ErrIsTerminal() {
		p.stop, p.gone = make(chan struct{}), make(chan struct{})
		go p.run()
	}
	return p
}

// Stage begins another part of the work, such as "writing".
func (p *Progress) Stage(name string) {
	p.set(func(s *standing) { *s = standing{stage: name, what: s.what, began: time.Now()} })
}

// Show says how much is done of how much; 0 is unknown.
func (p *Progress) Show(done, total int64) {
	p.set(func(s *standing) { s.done, s.total = done, total })
}

// ShowFailed is [Progress.Show] with a total that is an estimate, and with how much
// of what is done has failed.
func (p *Progress) ShowFailed(done, total, failed int64) {
	p.set(func(s *standing) { s.done, s.total, s.failed, s.estimated = done, total, failed, true })
}

func (p *Progress) set(change func(*standing)) {
	if p.stop == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.now)
}

// End takes away what is shown.
func (p *Progress) End() {
	if p.stop == nil {
		return
	}
	close(p.stop)
	<-p.gone
	p.stop = nil
}

func (p *Progress) run() {
	defer close(p.gone)
	timer := time.NewTimer(slow)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			p.draw()
			timer.Reset(redrawn)
		case <-p.stop:
			if p.last > 0 {
				fmt.Fprintf(p.ios.Err, "\r%s\r", strings.Repeat(" ", p.last))
			}
			return
		}
	}
}

func (p *Progress) draw() {
	p.mu.Lock()
	now := p.now
	p.mu.Unlock()
	line := now.line(p.ios.errWidth()-1, time.Now()) // in the last column some would wrap
	columns := utf8.RuneCountInString(line)
	fmt.Fprintf(p.ios.Err, "\r%s%s", line, strings.Repeat(" ", max(0, p.last-columns)))
	p.last = columns
}

// line fits into so many columns: first without the bar, then without the rate.
func (s *standing) line(columns int, now time.Time) string {
	begin, bar, count := s.count()
	rate := s.rate(now)
	for _, line := range []string{begin + bar + count + rate, begin + count + rate, begin + count} {
		if utf8.RuneCountInString(line) <= columns {
			return line
		}
	}
	return string([]rune(begin + count)[:max(columns, 0)])
}

func (s *standing) count() (begin, bar, count string) {
	switch {
	case s.stage != "" && s.done == 0:
		return s.stage + "…", "", ""
	case s.stage != "":
		begin = s.stage + ": "
	}
	if s.total <= 0 {
		count = fmt.Sprintf("%d %s", s.done, s.what)
	} else {
		part := min(float64(s.done)/float64(s.total), 1)
		full := int(part * barWidth)
		about := ""
		if s.estimated {
			about = "~"
		}
		begin += fmt.Sprintf("%d%% ", int(part*100))
		bar = "[" + strings.Repeat("=", full) + strings.Repeat(" ", barWidth-full) + "] "
		count = fmt.Sprintf("%d of %s%d %s", s.done, about, s.total, s.what)
	}
	if s.failed > 0 {
		count += fmt.Sprintf(", %d failed", s.failed)
	}
	return begin, bar, count
}

// rate is how much is done in a second, and how long the rest takes.
func (s *standing) rate(now time.Time) string {
	took := now.Sub(s.began)
	if s.done <= 0 || took <= 0 {
		return ""
	}
	text := fmt.Sprintf(", %.0f/s", float64(s.done)/took.Seconds())
	if s.total > s.done {
		rest := time.Duration(float64(took) / float64(s.done) * float64(s.total-s.done))
		text += fmt.Sprintf(", %v left", rest.Round(time.Second))
	}
	return text
}
