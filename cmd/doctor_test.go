package cmd

import (
	"errors"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

func TestWorst(t *testing.T) {
	t.Parallel()
	problem := func(code staff.Code) diagnosis { return failed("it", &staff.Error{Code: code}) }
	for _, c := range []struct {
		findings []diagnosis
		want     staff.Code
	}{
		{nil, ""},
		{[]diagnosis{{status: wellStatus}, {status: noteStatus}, {status: warningStatus}}, ""},
		{[]diagnosis{problem(staff.CodeInvalid), problem(staff.CodeNotFound)}, staff.CodeInvalid},
		{[]diagnosis{problem(staff.CodeInvalid), problem(staff.CodeUnavailable), problem(staff.CodeNotFound)}, staff.CodeUnavailable},
		{[]diagnosis{problem(staff.CodeDamaged), problem(staff.CodeUnavailable)}, staff.CodeDamaged},
		{[]diagnosis{problem(staff.CodeUnavailable), problem(staff.CodeDamaged)}, staff.CodeDamaged},
	} {
		if got := worst(c.findings); got != c.want {
			t.Errorf("%v: got %q, want %q", c.findings, got, c.want)
		}
	}
}

func TestFailed(t *testing.T) {
	t.Parallel()
	got := failed("store", staff.Errorf(staff.CodeNotFound, "store", "no store at x.db; make one with staffctl init"))
	if got != (diagnosis{"store", problemStatus, "no store at x.db", "make one with staffctl init", staff.CodeNotFound}) {
		t.Errorf("%+v", got)
	}
	for check, advice := range map[string]string{"mail": "mail.host", "store": "store info --verbose"} {
		got := failed(check, errors.New("broken"))
		if got.found != "broken" || !strings.Contains(got.advice, advice) || got.code != staff.CodeInternal {
			t.Errorf("%+v", got)
		}
	}
}
