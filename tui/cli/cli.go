// Package cli is the command line of trailsift: it wires places, stores, the index and the panes together, and it is
// the only package that prints.
//
// Text for people follows one form: "trailsift: what happened, to which thing", lower case, without a period, then
// "hint: what to do" where there is something to do. Results go to standard output, everything else to standard error.
package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Exit codes that scripts rely on.
const (
	exitOK          = 0
	exitNegative    = 1 // search --fail-if-empty: nothing found
	exitUsage       = 2 // the command line or the query is wrong
	exitPlace       = 3 // a place could not be read, or something that is CloudTrail was unreadable
	exitInterrupted = 130
)

// Env is the world a command runs in; tests give their own.
type Env struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// StdoutTTY and StderrTTY say which streams are terminals; Width and Height are the terminal's, 0 where there is none.
	StdoutTTY, StderrTTY bool
	Width, Height        int
	// ControllingTTY says whether a terminal can be opened for keys.
	ControllingTTY bool
	Getenv         func(string) string
	Now            func() time.Time
	Version        string
	// Free is how many bytes may still be written on the disk of a folder, where that is known; nil asks the system.
	Free func(folder string) (bytes int64, known bool)
	// FollowEvery is how long following waits between two looks; 0: as long as suits the place.
	FollowEvery time.Duration
}

// System is the Env of the running process.
func System(version string) Env {
	e := Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdoutTTY: term.IsTerminal(int(os.Stdout.Fd())),
		StderrTTY: term.IsTerminal(int(os.Stderr.Fd())),
		Getenv:    os.Getenv, Now: time.Now, Version: version,
	}
	if e.StdoutTTY {
		e.Width, e.Height, _ = term.GetSize(int(os.Stdout.Fd()))
	}
	e.ControllingTTY = term.IsTerminal(int(os.Stdin.Fd())) || opensTTY()
	return e
}

// opensTTY reports whether the controlling terminal can be opened, as it must be for keys when standard input is not
// one.
func opensTTY() bool {
	f, err := os.OpenFile(ttyPath, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	_ = f.Close()
	return true
}

// fullScreen reports whether the panes can be shown.
func (e Env) fullScreen() bool {
	return e.StdoutTTY && e.ControllingTTY && e.Getenv("TERM") != "dumb"
}

// ascii reports whether only ASCII may be drawn: by flag, on the Linux console, or without a UTF-8 locale.
func (e Env) ascii(flag bool) bool {
	if flag || e.Getenv("TERM") == "linux" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := e.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return !strings.Contains(v, "utf-8") && !strings.Contains(v, "utf8")
		}
	}
	return false
}

// noColor reports whether colour is off: by flag or by any non-empty NO_COLOR (https://no-color.org).
func (e Env) noColor(flag bool) bool { return flag || e.Getenv("NO_COLOR") != "" }

// Run runs one command line and returns the exit code.
func Run(args []string, env Env) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// A closed pipe is the end of what is asked for: it is an error of the write then, not a signal that kills (exit 141).
	signal.Ignore(syscall.SIGPIPE)
	c := &command{env: env}
	err := c.execute(ctx, args)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return exitInterrupted
	}
	return c.report(err)
}
