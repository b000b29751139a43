//go:build unix

package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/staffctl/staffctl/internal/rqlitetest"
)

// clusterBlock is a block of commands, with the block below it that shows some
// lines of what they print.
var clusterBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?")

// TestClusterDocs runs the sh blocks of docs/cluster.md one after the other in a
// shell, as somebody would who types them, on ports that are free.
func TestClusterDocs(t *testing.T) {
	t.Parallel()
	bash, rqlited := lookUpProgram(t, "bash", "bash"), rqlitetest.BinaryForTest(t)
	lookUpProgram(t, "openssl", "openssl")
	text := strings.ReplaceAll(readDoc(t, "../docs/cluster.md"), "127.0.0.1:40", "127.0.0.1:"+freePrefix(t))
	blocks := clusterBlock.FindAllStringSubmatch(text, -1)
	var script strings.Builder
	for _, block := range blocks {
		script.WriteString(block[1] + "echo '" + blockEnd + "'\n")
	}
	home := t.TempDir()
	printed := strings.Split(runGroup(t, home, filepath.Dir(rqlited), bash, "-euc", script.String()), blockEnd+"\n")
	if len(printed) != len(blocks)+1 {
		t.Fatalf("the shell has ended after %d blocks of %d:\n%s", len(printed)-1, len(blocks), strings.Join(printed, ""))
	}
	for i, block := range blocks {
		if rest := unprinted(block[2], printed[i]); rest != "" {
			t.Errorf("docs/cluster.md shows %s, and what its commands print is:\n%s", rest, printed[i])
		}
	}
	checkSecrets(t, filepath.Join(home, "cluster"), strings.Join(printed, ""))
}

const blockEnd = "-- end of a block --"

// freePrefix is what may stand for 40 in the ports 4011 to 4032: nobody listens
// on these, and they are below those that systems give to clients.
func freePrefix(t *testing.T) string {
	t.Helper()
	for range 100 {
		prefix := strconv.Itoa(103 + rand.IntN(217))
		if !slices.ContainsFunc([]string{"11", "12", "21", "22", "31", "32"}, func(end string) bool {
			listener, err := net.Listen("tcp", "127.0.0.1:"+prefix+end)
			return err != nil || listener.Close() != nil
		}) {
			return prefix
		}
	}
	t.Fatal("no six free ports on loopback")
	return ""
}

// runGroup runs a program in a process group that ends with it, and returns what
// it printed. Nothing of the group is to be left.
func runGroup(t *testing.T, home, path, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = home
	cmd.Env = append(withoutSettings(os.Environ()), "HOME="+home, "PATH="+path+":"+os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = end
	err := cmd.Run()
	if left := end(); err == nil && !errors.Is(left, syscall.ESRCH) {
		err = errors.New("it has left processes")
	}
	if err != nil {
		logs, _ := filepath.Glob(filepath.Join(home, "cluster", "node?.log"))
		for _, log := range logs {
			content, _ := os.ReadFile(log)
			t.Logf("%s ends:\n%s", filepath.Base(log), content[max(0, len(content)-1500):])
		}
		t.Errorf("%s: %v, after:\n%s", name, err, &out)
	}
	return out.String()
}

func withoutSettings(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, "STAFFCTL_") || strings.HasPrefix(v, "XDG_") })
}

// unprinted is the first of the lines shown that is not among those printed, in
// this order. Which node leads is left open, and … is anything.
func unprinted(shown, printed string) string {
	lines := strings.Split(strings.ReplaceAll(printed, ", leader", ""), "\n")
	for line := range strings.Lines(strings.ReplaceAll(shown, ", leader", "")) {
		line = strings.TrimSpace(line)
		want := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".+") + "$")
		at := slices.IndexFunc(lines, want.MatchString)
		if at < 0 {
			return line
		}
		lines = lines[at+1:]
	}
	return ""
}

// checkSecrets looks for passwords in what was printed, and for files that others
// can read.
func checkSecrets(t *testing.T, directory, printed string) {
	t.Helper()
	passwords := 0
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(path, filepath.Join(directory, "data")) {
			return err // the directories of nodes have a mode of their own
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			err = fmt.Errorf("others can read %s", path)
		}
		if err != nil || filepath.Ext(path) != ".password" {
			return err
		}
		passwords++
		content, err := os.ReadFile(path)
		if password := strings.TrimSpace(string(content)); err == nil && (len(password) < 20 || strings.Contains(printed, password)) {
			err = fmt.Errorf("%s is too short or was printed", path)
		}
		return err
	})
	if err != nil || passwords == 0 {
		t.Errorf("%d passwords: %v", passwords, err)
	}
}
