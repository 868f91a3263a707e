package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	below   []string // lines under the message: the query and where it is wrong
}

func (f *fault) Error() string { return f.message }

// usage is a fault of the command line.
func usage(hint, format string, args ...any) error {
	return &fault{code: exitUsage, message: fmt.Sprintf(format, args...), hint: hint}
}

// placeFault is a fault of a place or store.
func placeFault(hint, format string, args ...any) error {
	return &fault{code: exitPlace, message: fmt.Sprintf(format, args...), hint: hint}
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
	all := faults(err)
	for _, f := range all {
		fmt.Fprintf(c.env.Stderr, "trailsift: %s\n", text.Visible(f.message))
		for _, line := range f.below {
			fmt.Fprintf(c.env.Stderr, "  %s\n", text.Visible(line))
		}
		if f.hint != "" {
			fmt.Fprintf(c.env.Stderr, "hint: %s\n", text.Visible(f.hint))
		}
	}
	return all[0].code
}

// faults are the errors of several places that were joined, each in words; the first one decides the exit code.
func faults(err error) (all []*fault) {
	joined, ok := err.(interface{ Unwrap() []error }) // only what was joined last is taken apart
	if !ok {
		return []*fault{asFault(err)}
	}
	for _, e := range joined.Unwrap() {
		all = append(all, faults(e)...)
	}
	return all
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
		return &fault{code: exitPlace, message: se.Error(), hint: se.Hint}
	case errors.As(err, &format):
		return &fault{code: exitPlace, message: err.Error(), hint: format.Hint()}
	case errors.Is(err, syscall.EROFS):
		return &fault{code: exitPlace, message: err.Error(), hint: "name a store on another disk with --index FILE; a store there can be read"}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return &fault{code: exitPlace, message: err.Error(), hint: "free some space and run it again, or name a store on another disk with --index FILE"}
	case errors.Is(err, index.ErrLocked):
		return &fault{code: exitPlace, message: err.Error(), hint: "wait until it is done (--wait does), or use another store with --index FILE"}
	}
	return &fault{code: exitPlace, message: err.Error()}
}

// queryFault points at the place in the query that is wrong.
func queryFault(q string, err error) error {
	var qe *query.Error
	if !errors.As(err, &qe) {
		return err
	}
	return &fault{code: exitUsage, message: "query: " + qe.Msg, hint: qe.Hint, below: pointAt(q, qe.Pos, qe.End)}
}

// pointAt is a query as it is shown, and a line of carets under its bytes from pos to end. Characters that take other
// cells when they are made visible move the carets along.
func pointAt(q string, pos, end int) []string {
	pos = min(max(pos, 0), len(q))
	end = min(max(end, pos), len(q))
	before, meant := text.Visible(q[:pos]), text.Visible(q[pos:end])
	mark := text.Blank(text.Width(before)) + strings.Repeat("^", max(1, text.Width(meant)))
	return []string{before + meant + text.Visible(q[end:]), mark}
}
