package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
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

// Who can write the directory can put another store in place of this one.
func TestReach(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("file modes are not what says who can get at a file on Windows")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir, file os.FileMode
		want      string
	}{
		{0o700, 0o600, wellStatus}, {0o755, 0o600, wellStatus}, {0o700, 0o640, warningStatus}, {0o777, 0o600, warningStatus},
		{0o777 | os.ModeSticky, 0o600, wellStatus},
	} {
		if err := errors.Join(os.Chmod(dir, c.dir), os.Chmod(path, c.file)); err != nil {
			t.Fatal(err)
		}
		if got := reachFinding(path); got.status != c.want {
			t.Errorf("%v, %v: %+v", c.dir, c.file, got)
		}
	}
}
