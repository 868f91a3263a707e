package tui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
)

// sortBy puts the list in the order of the column under the cursor, or back to newest first where it is in that order.
func (a *app) sortBy() tea.Cmd {
	c := a.events.Column()
	o := order{field: c.field()}
	switch {
	case c.path:
		a.toast = "the values of a path are not in the index, so there is no order by them; = and ! work on it"
		return nil
	case c.value == valueTime, o.field == a.events.order.field:
		o = order{}
	}
	if o == a.events.order {
		a.toast = "newest first already; S turns it round"
		return nil
	}
	return a.setOrder(o)
}

// reverseSort turns the order round.
func (a *app) reverseSort() tea.Cmd {
	o := a.events.order
	o.back = !o.back
	return a.setOrder(o)
}

// setOrder changes the order; it can be undone, and the event under the cursor stays under it.
func (a *app) setOrder(o order) tea.Cmd {
	a.undone.Push(a.snapshot())
	a.events.order = o
	a.toast = o.String()
	return a.reorder(a.anchor())
}

// reorder lists the result that is there anew: in another order, or with other columns.
func (a *app) reorder(at anchor) tea.Cmd {
	r := a.events.result
	if r == nil || a.search.running || a.events.partial {
		return a.startSearch(at)
	}
	a.search.cancel()
	a.search.gen++
	a.search.ctx, a.search.cancel = context.WithCancel(a.ctx)
	a.search.running, a.search.refresh, a.search.done = true, false, 0
	return relistCmd(a.search.ctx, r, a.request(at))
}

// onListed shows a result; where it could not be put in the order that was wanted it says why.
func (a *app) onListed(msg searchMsg) {
	if a.events.span.on {
		a.toast = "other events are shown: the range was given up"
	}
	a.events.Install(msg.gen, msg.list, msg.partial, msg.place, a.search.refresh)
	if msg.unsorted != nil && !isCanceled(msg.unsorted) {
		a.events.order = order{}
		a.toast = "not sorted: " + errorText(msg.unsorted)
	}
}

// A cursorRow is an event and the line it is on.
type cursorRow struct {
	ref  index.Ref
	line int
}

// beside finds, among some events of a listing, the next from a line on in direction d: its number among them and its
// line, -1 where there is none. With d 0 the event itself counts, else the next further down.
func beside(ctx context.Context, l *listing, some *index.Result, from cursorRow, d int) (number, line int, err error) {
	sub, err := newListing(ctx, some, l.order)
	if err != nil || sub.Count() == 0 {
		return 0, -1, err
	}
	var at int
	var exact bool
	if l.order.field == "" {
		at, exact = sub.Find(ctx, from.ref)
	} else {
		i, _ := l.Result.Find(ctx, from.ref)
		rows, err := l.Result.Page(ctx, i, 1, []string{l.order.field})
		if err != nil || len(rows) == 0 {
			return 0, -1, err
		}
		if at, exact, err = sub.lineOf(ctx, from.ref, rows[0].Values[0]); err != nil {
			return 0, -1, err
		}
	}
	first, n := at-1, 3 // the nearest by time may stand on either side
	if exact {
		first, n = at+d, 1
	}
	if first < 0 && n == 1 || first >= sub.Count() {
		return 0, -1, nil
	}
	skip := max(first, 0)
	rows, err := sub.Page(ctx, skip, n, nil)
	if err != nil {
		return 0, -1, err
	}
	number, line = nearestLine(ctx, l, rows, from.line, d)
	return skip + number, line, nil
}

// nearestLine is which of some rows is the nearest to a line in direction d, and its line; -1 where there is none.
func nearestLine(ctx context.Context, l *listing, rows []index.Row, line, d int) (number, best int) {
	best = -1
	for n, row := range rows {
		i, ok := l.Find(ctx, row.Ref)
		if !ok || (i-line)*d < 0 || i == line && d != 0 || d == 0 && i < line {
			continue
		}
		if best < 0 || max(i-line, line-i) < max(best-line, line-best) {
			number, best = n, i
		}
	}
	return number, best
}

// sameColumns reports whether two choices of columns are the same.
func sameColumns(a, b []chosenColumn) bool {
	return (a == nil) == (b == nil) && slices.Equal(a, b)
}
