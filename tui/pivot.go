package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// pivotPane is the menu of what an event has in common with others, each with its count before it is chosen.
type pivotPane struct {
	widget.Window
	rows []pivotRow
	ask  int // number of the event asked about; answers about others are dropped
	stop context.CancelFunc
	what string // names the event
}

// A pivotRow is one thing in common. The counts are -1 until they are known.
type pivotRow struct {
	name, field, value string
	node               query.Node
	all                int // of all events
	here               int // of those of the filter
}

// pivotMsg brings what an event has in common with others; pivotCountMsg one of the counts.
type pivotMsg struct {
	ask  int
	rows []pivotRow
	err  error
}

type pivotCountMsg struct {
	ask, row  int
	all, here int
	err       error
}

// pivots are the fields that are offered, in the order of the menu. A field may lead to another one: the keys an event
// handed out are keys that others are made with.
var pivots = []struct{ name, of, field string }{
	{"same principal", "user", "user"},
	{"same access key", "key", "key"},
	{"made with the key it issued", "issued", "key"},
	{"same role session", "session", "session"},
	{"same address", "ip", "ip"},
	{"same resource", "resource", "resource"},
	{"same error", "error", "error"},
	{"same event name", "event", "event"},
}

const (
	pivotValues = 4 // of a field with several values an event
	pivotSpan   = 5 * time.Minute
)

// pivotCmd reads the values of an event: a facet of the result it alone is in.
func pivotCmd(ctx context.Context, r *listing, ask int, row index.Row, line int) tea.Cmd {
	return func() tea.Msg {
		msg := pivotMsg{ask: ask}
		one, err := alone(ctx, r, row, line)
		for _, p := range pivots {
			var f index.Facet
			if err == nil {
				f, err = one.Facet(ctx, p.of, pivotValues)
			}
			for _, v := range f.Values {
				msg.rows = append(msg.rows, pivotRow{
					name: p.name, field: p.field, value: v.Value, all: -1, here: -1,
					node: match(query.Key{Field: p.field}, v.Value),
				})
			}
		}
		if row.HasTime {
			from, to := row.Time.Add(-pivotSpan), row.Time.Add(pivotSpan)
			msg.rows = append(msg.rows, pivotRow{
				name: "five minutes around it", value: "before and after", all: -1, here: -1,
				node: query.KeepRange(query.All{}, from.Truncate(time.Second), to.Truncate(time.Second)),
			})
		}
		msg.err = err
		return msg
	}
}

// alone is the result with one event of it, and copies that could not be told from it.
func alone(ctx context.Context, r *listing, row index.Row, line int) (*index.Result, error) {
	rows, err := r.Page(ctx, line, 1, []string{"id"})
	if err != nil || len(rows) == 0 || rows[0].Ref != row.Ref {
		return r.Result, err
	}
	n := hasAny("id", true)
	if id := rows[0].Values[0]; id != "" {
		n = match(query.Key{Field: "id"}, id)
	}
	if !row.HasTime {
		return r.Within(ctx, n, time.Time{}, time.Time{})
	}
	return r.Within(ctx, n, row.Time, row.Time.Add(1))
}

// pivotCountCmd counts one line of the menu.
func pivotCountCmd(ctx context.Context, x *index.Index, r *index.Result, opt index.SearchOptions, ask, i int, n query.Node) tea.Cmd {
	return func() tea.Msg {
		msg := pivotCountMsg{ask: ask, row: i, all: -1, here: -1}
		all, err := x.Search(ctx, n, opt)
		if err != nil {
			msg.err = err
			return msg
		}
		here, err := r.Within(ctx, n, time.Time{}, time.Time{})
		if err != nil {
			msg.err = err
			return msg
		}
		msg.all, msg.here = all.Count(), here.Count()
		return msg
	}
}

// openPivot shows the menu for the event under the cursor.
func (a *app) openPivot() tea.Cmd {
	r := a.events.Selected()
	if r == nil {
		a.toast = "no event here"
		return nil
	}
	a.closePivot()
	ctx, cancel := context.WithCancel(a.search.ctx)
	a.pivot = pivotPane{ask: a.pivot.ask + 1, stop: cancel, what: value(r, valueEvent) + " " + rowTime(r, a.location(), wideTime)}
	a.over = overPivot
	return pivotCmd(ctx, a.events.list, a.pivot.ask, *r, a.events.Cursor)
}

func (a *app) closePivot() {
	if a.pivot.stop != nil {
		a.pivot.stop()
		a.pivot.stop = nil
	}
	if a.over == overPivot {
		a.over = overNone
	}
}

// onPivot shows the lines and has them counted, each by itself.
func (a *app) onPivot(msg pivotMsg) tea.Cmd {
	p := &a.pivot
	if msg.ask != p.ask || a.over != overPivot {
		return nil
	}
	if msg.err != nil {
		a.closePivot()
		return func() tea.Msg { return toastOf(msg.err) }
	}
	p.rows = msg.rows
	p.Resize(len(p.rows), p.H)
	cmds := make([]tea.Cmd, len(p.rows))
	opt := a.request(anchor{}).opt
	for i, row := range p.rows {
		cmds[i] = pivotCountCmd(a.search.ctx, a.opt.Index, a.events.result, opt, p.ask, i, row.node)
	}
	return tea.Batch(cmds...)
}

func (a *app) onPivotCount(msg pivotCountMsg) {
	p := &a.pivot
	if msg.ask != p.ask || msg.row >= len(p.rows) {
		return
	}
	if msg.err != nil && !isCanceled(msg.err) {
		a.toast = errorText(msg.err)
	}
	p.rows[msg.row].all, p.rows[msg.row].here = msg.all, msg.here
}

// doPivot is what keys do in the menu: enter makes the line the filter, = adds it to the filter there is.
func (a *app) doPivot(act action) tea.Cmd {
	p := &a.pivot
	switch act {
	case actEsc, actCancel:
		a.closePivot()
	case actEnter, actKeep:
		if p.Cursor >= len(p.rows) {
			return nil
		}
		row := p.rows[p.Cursor]
		a.closePivot()
		f := filter{text: row.node.String()}
		if act == actKeep {
			f = a.filter
			f.text = keep(a.bare(), row.node).String()
		}
		return tea.Batch(a.commit(f), a.focusOn(onList))
	default:
		move(&p.Window, act)
	}
	return nil
}

// View draws the menu as lines of one width, with an edge, since it lies over other text.
func (p *pivotPane) View(th theme, w, h int) []string {
	return edged(p.lines(th, max(w-2, 0), h-1), w)
}

func (p *pivotPane) lines(th theme, w, h int) []string {
	const name, count = 28, 12
	p.Resize(len(p.rows), max(min(h-3, len(p.rows)), 1))
	lines := []string{
		paint(th.title, text.Fit(" PIVOT from "+th.vis(p.what), w)),
		paint(th.dim, text.Fit(text.Blank(w-2*count)+text.FitRight("of all", count)+text.FitRight("of these", count), w)),
	}
	for i := p.Top; i < p.Top+p.H; i++ {
		if i >= len(p.rows) {
			lines = append(lines, text.Fit("  reading", w))
			continue
		}
		r := &p.rows[i]
		cursor := "  "
		if i == p.Cursor {
			cursor = "> "
		}
		v := fitValue(th, r.field, r.value, max(w-2-name-1-2*count, 0))
		lines = append(lines, cursor+text.Fit(r.name, name)+" "+v+text.FitRight(known(r.all), count)+text.FitRight(known(r.here), count))
	}
	return append(lines, paint(th.dim, text.Fit(" enter shows those of all   = adds to the filter   esc leaves", w)))
}

// known is a count, or that it is not known yet.
func known(n int) string {
	if n < 0 {
		return "..."
	}
	return text.Count(n)
}

// A lift is what esc brings back after the filter was lifted.
type lift struct {
	on     bool
	filter filter
	at     anchor
	focus  focus
	facets widget.Window
}

// toggleAround shows what else happened at the time of the event under the cursor: the filter is lifted, the cursor stays
// on the event. Again, or esc, brings filter and row back.
func (a *app) toggleAround() tea.Cmd {
	if a.around.on {
		return a.endAround()
	}
	if a.filter == (filter{}) {
		a.toast = "there is no filter to lift: this is all there is"
		return nil
	}
	if a.events.Selected() == nil {
		a.toast = "no event here"
		return nil
	}
	lifted := lift{on: true, filter: a.filter, at: a.anchor(), focus: a.focus, facets: a.facets.Window}
	cmd := a.show(filter{}, a.anchor())
	a.around = lifted
	cmd = tea.Batch(cmd, a.focusOn(onList))
	a.toast = "around this event: without the filter " + strings.TrimSpace(lifted.filter.whole()) + "   esc brings it back"
	return cmd
}

func (a *app) endAround() tea.Cmd {
	back := a.around
	a.around = lift{}
	a.facets.back = &back.facets
	cmd := a.show(back.filter, back.at)
	if back.focus == onFacets {
		return cmd
	}
	return tea.Batch(cmd, a.focusOn(back.focus))
}
