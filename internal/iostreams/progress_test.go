package iostreams

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The time of a bubble passes at once.
func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ios, _, out, errs := Test()
		ios.SetTerminals(true, true, true)
		p := ios.Progress("rows")
		p.Show(1, 10)
		time.Sleep(slow - 1)
		synctest.Wait()
		if errs.Len() > 0 {
			t.Errorf("within the first second it shows %q", errs)
		}
		p.Show(5, 10)
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got, want := errs.String(), "\r50% [==========          ] 5 of 10 rows, 5/s, 1s left"; got != want {
			t.Errorf("it shows %q, not %q", got, want)
		}
		errs.Reset()
		p.Stage("writing")
		time.Sleep(redrawn)
		synctest.Wait()
		if got := errs.String(); strings.TrimRight(got, " ") != "\rwriting…" || len(got) < 40 {
			t.Errorf("of the next stage it shows %q", got)
		}
		errs.Reset()
		p.End()
		p.End()
		if got := errs.String(); strings.Trim(got, " \r") != "" || !strings.HasSuffix(got, "\r") || out.Len() > 0 {
			t.Errorf("at the end it shows %q, and %q on standard output", errs, out)
		}
	})
}

func TestProgressElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ios, _, _, errs := Test()
		ios.SetTerminals(true, true, false)
		p := ios.Progress("rows")
		p.Show(5, 10)
		time.Sleep(2 * slow)
		p.End()
		if errs.Len() > 0 {
			t.Errorf("what is no terminal shows %q", errs)
		}
	})
}

func TestProgressFits(t *testing.T) {
	began := time.Now()
	now := began.Add(2 * time.Second)
	reading := standing{what: "rows", done: 5000, total: 20000, failed: 2, estimated: true, began: began}
	for columns, want := range map[int]string{
		79: "25% [=====               ] 5000 of ~20000 rows, 2 failed, 2500/s, 6s left",
		60: "25% 5000 of ~20000 rows, 2 failed, 2500/s, 6s left",
		40: "25% 5000 of ~20000 rows, 2 failed",
		10: "25% 5000 o",
	} {
		if got := reading.line(columns, now); got != want {
			t.Errorf("in %d columns: %q, not %q", columns, got, want)
		}
	}
	export := standing{stage: "comparing", what: "entries", done: 5000, began: began}
	if got := export.line(79, now); got != "comparing: 5000 entries, 2500/s" {
		t.Errorf("without a total: %q", got)
	}
}
