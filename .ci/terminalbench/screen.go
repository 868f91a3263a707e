package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// A screen is the program in a pseudo-terminal behind an emulator that answers what it is asked.
type screen struct {
	w, h  int
	tty   *os.File
	cmd   *exec.Cmd
	emu   *vt.SafeEmulator
	start time.Time
	ended chan struct{}

	mu     sync.Mutex
	writes []write // since the last reset
}

// A write is a piece of what the program wrote: how many bytes, when.
type write struct {
	at    time.Time
	bytes int
}

// open runs the program at a size.
func open(w, h int, program string, args ...string) (*screen, error) {
	s := &screen{w: w, h: h, cmd: exec.Command(program, args...), emu: vt.NewSafeEmulator(w, h), ended: make(chan struct{}), start: time.Now()}
	s.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=", "NO_COLOR=", "LANG=C.UTF-8", "LC_ALL=", "SSH_TTY=/dev/pts/0")
	tty, err := pty.StartWithAttrs(s.cmd, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}, &syscall.SysProcAttr{Setsid: true, Setctty: true})
	if err != nil {
		return nil, err
	}
	s.tty = tty
	go func() { _, _ = io.Copy(tty, s.emu) }()
	go s.read()
	return s, nil
}

func (s *screen) read() {
	defer close(s.ended)
	buf := make([]byte, 64<<10)
	for {
		n, err := s.tty.Read(buf)
		if n > 0 {
			at := time.Now()
			_, _ = s.emu.Write(buf[:n])
			s.mu.Lock()
			s.writes = append(s.writes, write{at, n})
			s.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// reset forgets what was written and says when.
func (s *screen) reset() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes = nil
	return time.Now()
}

// written is what was written since reset.
func (s *screen) written() []write {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]write(nil), s.writes...)
}

func total(writes []write) (n int) {
	for _, w := range writes {
		n += w.bytes
	}
	return n
}

// text is what is on the screen.
func (s *screen) text() string { return ansi.Strip(s.emu.Render()) }

// list is the part of the screen between histogram and status: where rows are.
func (s *screen) list() string {
	lines := strings.Split(s.text(), "\n")
	from, to := min(5, len(lines)), max(len(lines)-2, 0)
	if from > to {
		return ""
	}
	return strings.Join(lines[from:to], "\n")
}

// patience is how long anything is waited for.
const patience = 60 * time.Second

// wait waits until the screen matches and says how long that took since a time.
func (s *screen) wait(since time.Time, expr string) (time.Duration, error) {
	re := regexp.MustCompile(expr)
	for time.Since(since) < patience {
		if re.MatchString(s.text()) {
			return time.Since(since), nil
		}
		time.Sleep(time.Millisecond)
	}
	return 0, fmt.Errorf("the screen never shows %s:\n%s", expr, s.text())
}

// quiet waits until nothing was written for a while.
func (s *screen) quiet(d time.Duration) {
	began := time.Now()
	for time.Since(began) < patience {
		last := began
		if w := s.written(); len(w) > 0 {
			last = w[len(w)-1].at
		}
		if time.Since(last) >= d {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (s *screen) keys(k string) { _, _ = s.tty.WriteString(k) }

// resize changes the size of the terminal.
func (s *screen) resize(w, h int) {
	s.emu.Resize(w, h)
	s.w, s.h = w, h
	_ = pty.Setsize(s.tty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)})
}

// cpu is how much processor time the program has used.
func (s *screen) cpu() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	const userTicks, systemTicks = 11, 12 // proc(5), counted from the state
	user, _ := strconv.Atoi(fields[userTicks])
	system, _ := strconv.Atoi(fields[systemTicks])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory is the anonymous memory of the program in MB: what it holds beside the mapped store.
func (s *screen) memory() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "RssAnon:")
	kb, _ := strconv.Atoi(strings.Fields(rest)[0])
	return float64(kb) / 1024
}

// leave ends the program and says how long that took.
func (s *screen) leave() time.Duration {
	began := time.Now()
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(5 * time.Second):
		_ = s.cmd.Process.Kill()
	}
	took := time.Since(began)
	_ = s.cmd.Wait()
	_ = s.tty.Close()
	return took
}
