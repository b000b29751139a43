package rqlitetest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
)

// process is one run of rqlited.
type process struct {
	cmd     *exec.Cmd
	done    chan struct{} // closed when it has ended
	logFile string
	logFrom int64 // where its part of the log begins
}

// run starts a program whose output is appended to a file.
func run(program string, args []string, logFile string) (*process, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := log.Stat()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	p := &process{cmd: exec.Command(program, args...), done: make(chan struct{}), logFile: logFile, logFrom: info.Size()}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	endWithUs(p.cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // endWithUs means this thread
		defer func() { _ = log.Close() }()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // it is killed: there is always an error
		}
		close(p.done)
	}()
	return p, <-started
}

// kill ends the process, also a stopped one, and waits for that.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.done
	return nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// said is the end of what it logged.
func (p *process) said() string {
	text, err := os.ReadFile(p.logFile)
	if err != nil {
		return err.Error()
	}
	return lastLines(text[min(p.logFrom, int64(len(text))):], 12)
}

// portTaken reports whether it ended since another program has its port.
func (p *process) portTaken() bool {
	return p.ended() && bytes.Contains([]byte(p.said()), []byte("address already in use"))
}
