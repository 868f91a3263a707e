package tui

import (
	"maps"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/widget"
)

// A snapshot is what undo brings back.
type snapshot struct {
	filter  filter
	marks   map[index.Ref]bool
	order   order
	columns []chosenColumn
	column  int
	at      anchor
	gen     int // of the result, and the line of the cursor in it
	line    int
	facets  widget.Window
}

// undoList is the changes of filter, marks, order and columns that can be taken back.
type undoList struct{ past, future []snapshot }

// maxUndo bounds the changes kept.
const maxUndo = 500

func (u *undoList) Push(s snapshot) {
	u.past = append(u.past, s)
	u.past = u.past[max(len(u.past)-maxUndo, 0):]
	u.future = nil
}

func (a *app) snapshot() snapshot {
	return snapshot{
		filter: a.filter, marks: maps.Clone(a.marks), at: a.anchor(),
		order: a.events.order, columns: a.events.chosen, column: a.events.column,
		gen: a.events.gen, line: a.events.Cursor, facets: a.facets.Window,
	}
}

// undo goes back by one change, or forward.
func (a *app) undo(back bool) tea.Cmd {
	from, to := &a.undone.past, &a.undone.future
	if !back {
		from, to = to, from
	}
	if len(*from) == 0 {
		a.toast = "nothing to undo"
		if !back {
			a.toast = "nothing to redo"
		}
		return nil
	}
	s := (*from)[len(*from)-1]
	*from = (*from)[:len(*from)-1]
	*to = append(*to, a.snapshot())
	a.marks = maps.Clone(s.marks)
	if s.filter != a.filter {
		a.facets.back = &s.facets
	}
	relist := s.order != a.events.order || !sameColumns(s.columns, a.events.chosen)
	a.events.order, a.events.chosen = s.order, s.columns
	if relist {
		a.events.column = s.column
	}
	switch {
	case s.filter == a.filter && relist:
		a.toast = "order and columns as before: " + s.order.String()
		return a.reorder(s.at)
	case s.filter == a.filter && s.gen == a.events.gen:
		a.events.Place(s.line, s.at.row)
		return a.moved()
	case s.filter == a.filter && s.at.has:
		return a.goTo(s.at.ref)
	case s.filter == a.filter:
		return nil
	}
	a.around = lift{}
	a.toast = "filter as before: " + orAll(s.filter.whole())
	return a.show(s.filter, s.at)
}

func orAll(s string) string {
	if s == "" {
		return "all events"
	}
	return s
}

// A stop is a place one can go back to: a view with its filter.
type stop struct {
	tab    tab
	filter filter
	detail bool
	at     anchor
}

// trail is the way through filters and views; [ and ] go along it.
type trail struct {
	stops []stop
	at    int
}

// Push adds a stop behind the present one; what lay ahead is forgotten. The stop one leaves keeps where the list stood.
func (t *trail) Push(s stop) {
	if len(t.stops) > 0 {
		t.stops = t.stops[:t.at+1]
		last := t.stops[t.at]
		if last.tab == s.tab && last.filter == s.filter && last.detail == s.detail {
			return
		}
	}
	t.stops = append(t.stops, s)
	t.stops = t.stops[max(len(t.stops)-maxUndo, 0):]
	t.at = len(t.stops) - 1
}

func (a *app) stop() stop {
	return stop{tab: a.tab, filter: a.filter, detail: a.focus == onDetail, at: a.anchor()}
}

// goAlong goes back (d = -1) or forward along the trail.
func (a *app) goAlong(d int) tea.Cmd {
	i := a.trail.at + d
	if i < 0 || i >= len(a.trail.stops) {
		a.toast = "nothing lies ahead"
		if d < 0 {
			a.toast = "this is where you began"
		}
		return nil
	}
	a.trail.stops[a.trail.at].at = a.anchor()
	a.trail.at = i
	s := a.trail.stops[i]
	a.last, a.tab = a.tab, s.tab
	a.focus, a.maximised, a.frequency.on = onList, false, false
	if s.detail {
		a.focus = onDetail
	}
	cmds := []tea.Cmd{a.relayout()}
	if s.filter != a.filter {
		a.around = lift{}
		a.undone.Push(a.snapshot())
		cmds = append(cmds, a.show(s.filter, s.at))
	}
	if a.tab == tabSources {
		cmds = append(cmds, a.askFiles())
	}
	return tea.Batch(cmds...)
}

// change makes n the filter, as = ! and the facets write it. It can be undone.
func (a *app) change(n query.Node) tea.Cmd {
	f := a.filter
	f.text = n.String()
	return a.commit(f)
}

// commit makes f the filter; it can be undone and is remembered.
func (a *app) commit(f filter) tea.Cmd {
	if f == a.filter {
		a.toast = "the filter says so already"
		return nil
	}
	a.around = lift{}
	a.undone.Push(a.snapshot())
	a.bar.Remember(f.text)
	cmd := a.show(f, a.anchor())
	a.trail.Push(a.stop())
	if a.lay.query.empty() { // the filter line is not to be seen
		a.toast = "filter: " + orAll(f.whole()) + "   (u undoes)"
	}
	return cmd
}

// show makes f the filter and searches, holding on to an event.
func (a *app) show(f filter, at anchor) tea.Cmd {
	n, err := a.parse(f.text)
	if err != nil {
		a.toast = "filter: " + errorText(err)
		return nil
	}
	a.filter, a.node = f, f.node(n)
	return a.startSearch(at)
}

// bare is the parsed text of the filter without its toggles; what keep and drop add to.
func (a *app) bare() query.Node {
	n, err := a.parse(a.filter.text)
	if err != nil {
		return query.All{}
	}
	return n
}
