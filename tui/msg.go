package tui

import (
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/widget"
)

// Messages. Everything that answers a search carries the generation of that search; what answers a cursor position
// carries the rest number it was asked under. Late ones are dropped.

// settleMsg: nothing was typed into the filter for a moment; search now.
type settleMsg struct{ gen int }

// searchMsg is the answer of a search, or (partial) what it found so far.
type searchMsg struct {
	gen      int
	result   *index.Result
	list     *listing // the result in its order
	unsorted error    // why it is not in the order that was wanted
	partial  bool
	done     float64 // 0..1 of a partial one
	place    placement
	err      error
}

// A placement is where the list stands in a new result.
type placement struct {
	cursor, row int         // line of the cursor, and its row in the window
	rows        []index.Row // rows from line from on, read together with the result
	from        int
}

// pageMsg brings rows of the result of a generation.
type pageMsg struct {
	gen, from int
	rows      []index.Row
	err       error
}

// holdMsg: rows that were asked for have taken too long; draw without them.
type holdMsg struct{ gen int }

// timelineMsg brings the histogram of a result.
type timelineMsg struct {
	gen      int
	timeline index.Timeline
	err      error
}

// facetsMsg brings the values of all facets of a result.
type facetsMsg struct {
	gen    int
	facets []facetData
	err    error
}

// restMsg: the cursor has not moved for a moment.
type restMsg struct{ rest int }

// recordMsg brings a record as delivered.
type recordMsg struct {
	row    index.Row
	record index.Record
	said   string // the event in a sentence; text from outside
	tree   *widget.Node
	note   string // why there is no tree
	err    error
}

// rowMsg says on which line of the result something stands: an error event, a time, or nothing.
type rowMsg struct {
	gen, row int
	toast    string
}

// completeMsg brings the completions of the filter line.
type completeMsg struct {
	edit       int
	completion query.Completion
}

// progressMsg and ingestMsg tell about what is coming in.
type progressMsg struct{ index.Progress }

type ingestMsg struct {
	summary index.Summary
	err     error
}

// statsMsg brings the numbers of the store.
type statsMsg struct {
	stats index.Stats
	err   error
}

// filesMsg brings a page of log files.
type filesMsg struct {
	ask   int
	rows  []index.FileRow
	from  int
	total int
	err   error
}

// integrityMsg brings what verifications established, and the lines of its list.
type integrityMsg struct {
	report     *report
	ask        problemAsk
	rows       []problemRef
	generation uint64
	err        error
}

// problemsMsg brings the lines of the list that were asked for.
type problemsMsg struct {
	ask  int
	rows []problemRef
}

// verifyingMsg and verifiedMsg tell about the verification that runs.
type verifyingMsg struct{ index.VerifyProgress }

type verifiedMsg struct{ err error }

// toastMsg is one line for the person: what was done, or why not.
type toastMsg struct{ text string }

// restAfter is how long the cursor rests before detail follows; holding a key down then costs what moving costs alone.
const restAfter = 90 * time.Millisecond

// settleAfter is how long typing rests before a search begins.
const settleAfter = 15 * time.Millisecond

// holdFor is how long the old list stays on screen while rows are read; a page takes a few milliseconds, so that a list
// with holes is hardly ever seen and never sent twice.
const holdFor = 60 * time.Millisecond
