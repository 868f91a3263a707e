package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// presses are what is typed at random: moving, panes, facets, views, filters with what people look for, and back.
var presses = []string{
	"j", "j", "k", "\x1b[B", "\x1b[A", "\x04", "\x15", "G", "g", "\t", "\r", "\x1b", "\x1b", " ", "=", "!", "u", "f", "F", "p", "1", "2", "3", "4", "m",
	"/user:*a*\r", "/service:s3 -readonly:true\r", "/error:*\r", "/event:*Delete*\r", "/ip:10.0.0.0/8\r", "/\x15\r", "[", "]", "h", "l", "?", "s", "t\x1b",
}

// keyPause is the time between two keys: about what a person who holds one down types.
const keyPause = 40 * time.Millisecond

// keys runs the explorer in a pseudo-terminal, types at random, and tells the peak of its anonymous memory.
func (b *bench) keys(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, b.program, "--index", b.store, "--no-state", "--offline")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8")
	tty, err := pty.StartWithAttrs(cmd, &pty.Winsize{Cols: 160, Rows: 45}, &syscall.SysProcAttr{Setsid: true, Setctty: true})
	if err != nil {
		return err
	}
	emu := vt.NewSafeEmulator(160, 45)
	go func() { _, _ = io.Copy(tty, emu) }()
	ended := make(chan struct{})
	go func() { defer close(ended); _, _ = io.Copy(emu, tty) }()
	time.Sleep(2 * time.Second)
	r, typed, peak := rand.New(rand.NewPCG(1, 2)), 0, 0.0
	for began := time.Now(); time.Since(began) < b.time; typed++ {
		select {
		case <-ended:
			return errors.Join(fmt.Errorf("it ended after %d keys", typed), cmd.Wait())
		case <-time.After(keyPause):
		}
		_, _ = tty.WriteString(presses[r.IntN(len(presses))])
		now := anonymous(cmd.Process.Pid)
		if peak = max(peak, now); typed%1000 == 999 {
			tell("%d keys, %.0f MB now, %.0f MB at most", typed+1, now, peak)
		}
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	<-ended
	_ = cmd.Wait()
	row(fmt.Sprintf("Random keys for %v: anonymous memory, peak", b.time), "≤ 100 MB", "%.0f MB, %d keys", peak, typed)
	return nil
}
