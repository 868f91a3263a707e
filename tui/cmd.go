package tui

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/tui/widget"
)

// Commands: all that the explorer does outside its own memory. A command closes over values, never touches the model
// and returns one message.

// after sends a message when a time has passed.
func after(d time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}

// An anchor is what the list holds on to in a new result: the event under the cursor, shown at a row of the window.
type anchor struct {
	ref index.Ref
	has bool // false: the first line
	row int
}

// A request is one search with all it needs.
type request struct {
	gen    int
	node   query.Node
	opt    index.SearchOptions
	anchor anchor
	height int // rows of the window
	order  order
	chosen []chosenColumn
	read   rowReader
}

// searchCmd searches, finds the anchor in the result and reads the rows around it, so that a result is drawn in one go.
// Partial results are sent on their way; they carry no rows beyond the window.
func searchCmd(ctx context.Context, x *index.Index, q request, send func(tea.Msg)) tea.Cmd {
	return func() tea.Msg {
		opt := q.opt
		opt.Partial = func(r *index.Result, done float64) {
			if send == nil || ctx.Err() != nil || q.order.field != "" { // values are in order when all are known
				return
			}
			l := &listing{Result: r, order: q.order, read: q.read, chosen: q.chosen}
			p, err := place(ctx, l, q)
			if err == nil {
				send(searchMsg{gen: q.gen, result: r, list: l, partial: true, done: done, place: p})
			}
		}
		r, err := x.Search(ctx, q.node, opt)
		if err != nil {
			return searchMsg{gen: q.gen, err: err}
		}
		return listMsg(ctx, r, q)
	}
}

// listMsg puts a result in order. Where that is refused the newest events come first, and it says why.
func listMsg(ctx context.Context, r *index.Result, q request) searchMsg {
	msg := searchMsg{gen: q.gen, result: r}
	msg.list, msg.unsorted = newListing(ctx, r, q.order)
	if msg.unsorted != nil {
		msg.list = &listing{Result: r}
	}
	msg.list.read, msg.list.chosen = q.read, q.chosen
	msg.place, msg.err = place(ctx, msg.list, q)
	return msg
}

// relistCmd puts a result that is there in another order, or reads other columns of it.
func relistCmd(ctx context.Context, r *index.Result, q request) tea.Cmd {
	return func() tea.Msg { return listMsg(ctx, r, q) }
}

// place finds where the list stands in a result and reads the rows it needs first.
func place(ctx context.Context, r *listing, q request) (placement, error) {
	p := placement{row: q.anchor.row}
	if q.anchor.has {
		p.cursor, _ = r.Find(ctx, q.anchor.ref)
	}
	p.cursor = min(max(p.cursor, 0), max(r.Count()-1, 0))
	p.from = chunkStart(p.cursor - q.anchor.row)
	to := chunkStart(p.cursor+q.height) + chunkRows
	rows, err := r.Rows(ctx, p.from, to-p.from)
	p.rows = rows
	return p, err
}

// pageCmd reads whole chunks of rows.
func pageCmd(ctx context.Context, l *listing, gen, from, n int) tea.Cmd {
	return func() tea.Msg {
		rows, err := l.Rows(ctx, from, n)
		return pageMsg{gen: gen, from: from, rows: rows, err: err}
	}
}

func timelineCmd(ctx context.Context, r *index.Result, gen, bars int) tea.Cmd {
	return func() tea.Msg {
		t, err := r.Timeline(ctx, index.TimelineOptions{Bars: bars})
		return timelineMsg{gen: gen, timeline: t, err: err}
	}
}

// A facetAsk is a field whose values are wanted: of the result itself or, where the filter holds an OR list for the
// field, of the result without that list, so that what could be added to the list is seen with its effect.
type facetAsk struct {
	field  string
	chosen []string
	lifted query.Node // nil: no OR list
	limit  int
}

func facetsCmd(ctx context.Context, x *index.Index, r *index.Result, gen int, opt index.SearchOptions, asks []facetAsk) tea.Cmd {
	return func() tea.Msg {
		msg := facetsMsg{gen: gen}
		for _, ask := range asks {
			d, err := facet(ctx, x, r, opt, ask)
			if err != nil {
				return facetsMsg{gen: gen, err: err}
			}
			msg.facets = append(msg.facets, d)
		}
		return msg
	}
}

func facet(ctx context.Context, x *index.Index, r *index.Result, opt index.SearchOptions, ask facetAsk) (facetData, error) {
	d := facetData{field: ask.field, chosen: ask.chosen}
	if ask.lifted != nil {
		var err error
		if r, err = x.Search(ctx, ask.lifted, opt); err != nil {
			return d, err
		}
	}
	f, err := r.Facet(ctx, ask.field, ask.limit)
	d.Facet = f
	return d, err
}

func recordCmd(ctx context.Context, x *index.Index, row index.Row) tea.Cmd {
	return func() tea.Msg {
		r, err := x.Record(ctx, row.Ref)
		if err != nil {
			return recordMsg{row: row, err: err}
		}
		msg := recordMsg{row: row, record: r}
		if len(r.Raw) > 0 {
			tree, err := widget.ParseTree(r.Raw, openDepth)
			if err != nil {
				msg.note = err.Error()
			}
			msg.tree = tree
		}
		msg.said = told(r.Raw, msg.tree)
		return msg
	}
}

// openDepth is how deep an event is unfolded at first: its own keys, and those of userIdentity, requestParameters, ….
const openDepth = 2

// errorRowCmd finds the next event from a line on (d = 1, further down) or the one before it (d = -1) that did not succeed.
func errorRowCmd(ctx context.Context, x *index.Index, l *listing, q request, from cursorRow, d int) tea.Cmd {
	return func() tea.Msg {
		failed := query.Not{Node: query.Match{Key: query.Key{Field: "outcome"}, Exact: true, Value: "ok"}}
		errs, err := x.Search(ctx, and(q.node, failed), q.opt)
		if err != nil {
			return toastOf(err)
		}
		_, line, err := beside(ctx, l, errs, from, d)
		if err != nil {
			return toastOf(err)
		}
		if line < 0 {
			way := map[int]string{1: "further down", -1: "further up"}[d]
			return rowMsg{gen: q.gen, row: -1, toast: "no event that did not succeed " + way}
		}
		return rowMsg{gen: q.gen, row: line}
	}
}

func timeRowCmd(ctx context.Context, r *listing, gen int, t time.Time) tea.Cmd {
	return func() tea.Msg { return rowMsg{gen: gen, row: min(r.At(ctx, t), max(r.Count()-1, 0))} }
}

// completeCmd looks up what could stand at the cursor of the filter line.
func completeCmd(ctx context.Context, x *index.Index, edit int, line string, cursor int) tea.Cmd {
	return func() tea.Msg {
		values := func(field, prefix string, limit int) []query.Value {
			counts, err := x.Terms(ctx, field, prefix, limit)
			if err != nil {
				return nil // a completion that is not there is no error to show
			}
			vs := make([]query.Value, len(counts))
			for i, c := range counts {
				vs[i] = query.Value{Text: c.Value, Count: c.Count}
			}
			return vs
		}
		return completeMsg{edit: edit, completion: query.Complete(line, cursor, index.Schema(), values)}
	}
}

// ingestCmd brings in what is new; progress is sent as it comes. ask shows what there is before.
func ingestCmd(ctx context.Context, a *app, ask bool) tea.Cmd {
	ingest, send, running := a.opt.Ingest, a.send, &a.background
	return func() tea.Msg {
		if !running.begin() {
			return nil
		}
		defer running.end()
		to := Intake{
			Ask: ask,
			Progress: func(p index.Progress) {
				if send != nil {
					send(progressMsg{p})
				}
			},
		}
		if send != nil {
			to.Choose = func(ctx context.Context, o Offer) (Pick, error) { return chooseOn(ctx, send, o) }
		}
		s, err := ingest(ctx, to)
		return ingestMsg{summary: s, err: err}
	}
}

// integrityCmd reads what verifications established and makes it ready to be drawn.
func integrityCmd(ctx context.Context, x *index.Index, ask problemAsk) tea.Cmd {
	return func() tea.Msg {
		generation := x.Generation()
		places, err := x.Integrity(ctx)
		if err != nil {
			return integrityMsg{err: err}
		}
		msg := integrityMsg{report: newReport(places), ask: ask, generation: generation}
		if msg.report != nil {
			msg.rows = msg.report.list(ask)
		}
		return msg
	}
}

func problemsCmd(r *report, ask problemAsk) tea.Cmd {
	return func() tea.Msg { return problemsMsg{ask: ask.ask, rows: r.list(ask)} }
}

// verifyCmd verifies again; progress is sent twice a second at most.
func verifyCmd(a *app) (cmd tea.Cmd, stop func()) {
	ctx, cancel := context.WithCancel(a.ctx)
	verify, send, running, now := a.opt.Verify, a.send, &a.background, a.opt.Now
	return func() tea.Msg {
		defer cancel()
		if !running.begin() {
			return nil
		}
		defer running.end()
		var lock sync.Mutex
		var last time.Time
		return verifiedMsg{verify(ctx, func(p index.VerifyProgress) {
			lock.Lock()
			t := now()
			quiet := t.Sub(last) < progressEvery
			if !quiet {
				last = t
			}
			lock.Unlock()
			if !quiet && send != nil {
				send(verifyingMsg{p})
			}
		})}
	}, cancel
}

// progressEvery is how often progress of a verification is shown.
const progressEvery = 500 * time.Millisecond

func statsCmd(x *index.Index) tea.Cmd {
	return func() tea.Msg {
		s, err := x.Stats()
		return statsMsg{stats: s, err: err}
	}
}

func filesCmd(ctx context.Context, x *index.Index, ask int, opt index.FilesOptions) tea.Cmd {
	return func() tea.Msg {
		rows, total, err := x.Files(ctx, opt)
		return filesMsg{ask: ask, rows: rows, from: opt.Offset, total: total, err: err}
	}
}

// toastOf says an error in words; a search that was cancelled is none.
func toastOf(err error) tea.Msg {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return toastMsg{errorText(err)}
}

// errorText is what happened and, where there is one, what to do.
func errorText(err error) string {
	var e *source.Error
	if errors.As(err, &e) && e.Hint != "" {
		return e.Error() + " (" + e.Hint + ")"
	}
	return strings.TrimSpace(err.Error())
}
