package iostreams

import (
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	ios, _, out, errs := Test()
	ios.SetTerminals(true, true, true)
	p := ios.Progress("rows")
	p.Show(1, 10)
	if errs.Len() > 0 {
		t.Errorf("within the first second it shows %q", errs)
	}
	p.began = time.Now().Add(-2 * slow)
	p.Show(5, 10)
	if got := errs.String(); !strings.Contains(got, "rows") || !strings.Contains(got, "50%") || !strings.Contains(got, "(5/10") {
		t.Errorf("it shows %q", got)
	}
	errs.Reset()
	p.End()
	if !strings.HasPrefix(errs.String(), "\r") || out.Len() > 0 {
		t.Errorf("at the end it shows %q, and %q on standard output", errs, out)
	}
}

func TestProgressElsewhere(t *testing.T) {
	ios, _, _, errs := Test()
	ios.SetTerminals(true, true, false)
	p := ios.Progress("rows")
	p.began = time.Now().Add(-2 * slow)
	p.Show(5, 10)
	p.End()
	if errs.Len() > 0 {
		t.Errorf("what is no terminal shows %q", errs)
	}
}

func TestProgressWithFailures(t *testing.T) {
	ios, _, _, errs := Test()
	ios.SetTerminals(true, true, true)
	p := ios.Progress("rows")
	p.began = time.Now().Add(-2 * slow)
	p.ShowFailed(5, 20, 2)
	if got := errs.String(); !strings.Contains(got, "rows, 2 failed") || !strings.Contains(got, "(5/20") {
		t.Errorf("it shows %q", got)
	}
}
