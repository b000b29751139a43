package rqlitetest

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// roomy is the free space, in bytes, with which memory is good for data:
// containers often have 64 MB there.
const roomy = 1 << 30

// scratch is where temporary data goes: in memory where there is room, since
// rqlited waits for the disk at each write, else the usual place.
func scratch() string {
	const memory = "/dev/shm"
	var s syscall.Statfs_t
	if syscall.Statfs(memory, &s) == nil && s.Bavail*uint64(s.Bsize) >= roomy {
		return memory
	}
	return os.TempDir()
}

// endWithUs has the kernel kill the process when the thread that started it
// ends, so that nothing is left of a test that panics or is killed.
func endWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// canPartition is nil where opener works.
func canPartition() error { return nil }

// opener is the node that opened the connection that arrived here. The kernel
// lists connections with the inode of their socket, and the descriptors of each
// process with theirs.
func opener(conn net.Conn, nodes []*Node) (*Node, error) {
	inode, err := peerInode(conn)
	if err != nil {
		return nil, err
	}
	socket := "socket:[" + inode + "]"
	for _, n := range nodes {
		dir := filepath.Join("/proc", strconv.Itoa(n.Pid()), "fd")
		descriptors, err := os.ReadDir(dir)
		if err != nil {
			continue // it has ended
		}
		for _, d := range descriptors {
			if target, err := os.Readlink(filepath.Join(dir, d.Name())); err == nil && target == socket {
				return n, nil
			}
		}
	}
	return nil, errors.New("no node opened this connection")
}

// peerInode finds the other end of a loopback connection in /proc/net/tcp: its
// local port is our remote one and the other way round.
func peerInode(conn net.Conn) (string, error) {
	local, _ := conn.LocalAddr().(*net.TCPAddr)
	remote, _ := conn.RemoteAddr().(*net.TCPAddr)
	if local == nil || remote == nil {
		return "", errors.New("this is no TCP connection")
	}
	table, err := os.ReadFile("/proc/net/tcp")
	if err != nil {
		return "", err
	}
	ends := [2]string{fmt.Sprintf(":%04X", remote.Port), fmt.Sprintf(":%04X", local.Port)}
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if len(f) > 9 && strings.HasSuffix(f[1], ends[0]) && strings.HasSuffix(f[2], ends[1]) {
			return f[9], nil
		}
	}
	return "", errors.New("the kernel does not list this connection")
}
