package cli

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/tui/text"
)

// A fault is an error that is ready for people: what happened, what to do, and the exit code.
type fault struct {
	code    int
	message string
	hint    string
}

func (f *fault) Error() string { return f.message }

// usage is a fault of the command line.
func usage(hint, format string, args ...any) error {
	return &fault{exitUsage, fmt.Sprintf(format, args...), hint}
}

// placeFault is a fault of a place or store.
func placeFault(hint, format string, args ...any) error {
	return &fault{exitPlace, fmt.Sprintf(format, args...), hint}
}

// errQuiet ends a command with an exit code after everything was said already.
type errQuiet int

func (e errQuiet) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// report prints an error in the one form and returns its exit code.
func (c *command) report(err error) int {
	var quiet errQuiet
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return exitOK
	case errors.As(err, &quiet):
		return int(quiet)
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	f := asFault(err)
	fmt.Fprintf(c.env.Stderr, "trailsift: %s\n", text.Visible(f.message))
	if f.hint != "" {
		fmt.Fprintf(c.env.Stderr, "hint: %s\n", text.Visible(f.hint))
	}
	return f.code
}

// asFault finds the words and the exit code for an error of any layer.
func asFault(err error) *fault {
	var (
		f      *fault
		se     *source.Error
		format *index.FormatError
	)
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &se):
		return &fault{exitPlace, se.Error(), se.Hint}
	case errors.As(err, &format):
		return &fault{exitPlace, err.Error(), format.Hint()}
	case errors.Is(err, index.ErrLocked):
		return &fault{exitPlace, err.Error(), "wait until it is done, or bring into another store with --index FILE"}
	}
	return &fault{exitPlace, err.Error(), ""}
}

// queryFault points at the place in the query that is wrong.
func queryFault(q string, err error) error {
	var qe *query.Error
	if !errors.As(err, &qe) {
		return err
	}
	shown, mark := pointAt(q, qe.Pos, qe.End)
	return &fault{exitUsage, fmt.Sprintf("query: %s\n  %s\n  %s", qe.Msg, shown, mark), qe.Hint}
}
