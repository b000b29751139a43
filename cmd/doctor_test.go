package cmd

import (
	"errors"
	"strings"
	"testing"

	"github.com/staffctl/staffctl/internal/staff"
)

func TestWorst(t *testing.T) {
	t.Parallel()
	ends := func(code staff.Code) diagnosis { return problem("it", "it is so", "mend it", code) }
	for _, c := range []struct {
		findings []diagnosis
		want     staff.Code
	}{
		{nil, ""},
		{[]diagnosis{well("it", "so"), note("it", "so", ""), warn("it", "so", "")}, ""},
		{[]diagnosis{ends(staff.CodeInvalid), ends(staff.CodeNotFound)}, staff.CodeInvalid},
		{[]diagnosis{ends(staff.CodeInvalid), ends(staff.CodeUnavailable), ends(staff.CodeNotFound)}, staff.CodeUnavailable},
		{[]diagnosis{ends(staff.CodeDamaged), ends(staff.CodeUnavailable)}, staff.CodeDamaged},
		{[]diagnosis{ends(staff.CodeUnavailable), ends(staff.CodeDamaged)}, staff.CodeDamaged},
	} {
		if got := worst(c.findings); got != c.want {
			t.Errorf("%v: got %q, want %q", c.findings, got, c.want)
		}
	}
}

func TestFailed(t *testing.T) {
	t.Parallel()
	got := failed("store", staff.Errorf(staff.CodeNotFound, "store", "no store at x.db; make one with staffctl init"))
	if got != problem("store", "no store at x.db", "make one with staffctl init", staff.CodeNotFound) {
		t.Errorf("%+v", got)
	}
	for check, advice := range map[string]string{"mail": "mail.host", "store": "store info --verbose"} {
		got := failed(check, errors.New("broken"))
		if got.found != "broken" || !strings.Contains(got.advice, advice) || got.code != staff.CodeInternal {
			t.Errorf("%+v", got)
		}
	}
}
