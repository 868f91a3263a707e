package tui

import (
	"context"
	"fmt"
	"maps"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// A rowSpan is a range of lines that is being chosen: from where v was pressed to the cursor.
type rowSpan struct {
	on   bool
	from int
}

// holds reports whether a line is in the range.
func (s rowSpan) holds(line, cursor int) bool {
	return s.on && line >= min(s.from, cursor) && line <= max(s.from, cursor)
}

// lines are the first line of the range and the one behind its last.
func (s rowSpan) lines(cursor int) (from, to int) {
	return min(s.from, cursor), max(s.from, cursor) + 1
}

// maxMarks bounds how many events are marked at once.
const maxMarks = 10_000

// spanMsg brings the events of a range that is marked, or taken off the marks.
type spanMsg struct {
	gen  int
	refs []index.Ref
	err  error
}

// spanTimeMsg brings the time that a range spans.
type spanTimeMsg struct {
	gen      int
	from, to time.Time // half-open
	drop     bool
	why      string
}

// toggleSpan begins a range at the cursor, or gives it up.
func (a *app) toggleSpan() tea.Cmd {
	e := &a.events
	if e.span.on {
		e.span = rowSpan{}
		return nil
	}
	if e.Selected() == nil {
		a.toast = "no event here"
		return nil
	}
	e.span = rowSpan{on: true, from: e.Cursor}
	a.toast = "a range begins here: move to its other end"
	return nil
}

// doSpan is what keys do while a range is chosen; done is false for what means the same as without one.
func (a *app) doSpan(act action) (cmd tea.Cmd, done bool) {
	e := &a.events
	switch act {
	case actMark:
		return a.markSpan(), true
	case actEnter, actKeep:
		return a.spanTime(false), true
	case actDrop:
		return a.spanTime(true), true
	case actEsc, actRange:
		e.span = rowSpan{}
		return nil, true
	}
	return nil, false
}

// markSpan marks all events of the range.
func (a *app) markSpan() tea.Cmd {
	e := &a.events
	from, to := e.span.lines(e.Cursor)
	if to-from > maxMarks {
		a.toast = fmt.Sprintf("the range has %s events; up to %s are marked at once: a filter takes any number",
			text.Count(to-from), text.Count(maxMarks))
		return nil
	}
	ctx, l, gen := a.search.ctx, e.list, e.gen
	return func() tea.Msg {
		rows, err := l.Page(ctx, from, to-from, nil)
		msg := spanMsg{gen: gen, err: err}
		for _, r := range rows {
			msg.refs = append(msg.refs, r.Ref)
		}
		return msg
	}
}

func (a *app) onSpan(msg spanMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		return func() tea.Msg { return toastOf(msg.err) }
	case msg.gen != a.events.gen:
		return nil
	}
	a.events.span = rowSpan{}
	a.undone.Push(a.snapshot())
	marks := maps.Clone(a.marks)
	for _, ref := range msg.refs {
		marks[ref] = true
	}
	a.toast = many(len(msg.refs), "event") + " marked   u undoes, ctrl+s exports them"
	a.marks = marks
	return nil
}

// spanTime asks for the time the range spans: the filter keeps it, or drops it.
func (a *app) spanTime(drop bool) tea.Cmd {
	e := &a.events
	if e.list.order.field != "" {
		a.toast = "a range of time needs the list in order of time (s on the TIME column); space marks the range"
		return nil
	}
	from, to := e.span.lines(e.Cursor)
	ctx, l, gen := a.search.ctx, e.list, e.gen
	return func() tea.Msg { return spanOf(ctx, l, gen, from, to, drop) }
}

func spanOf(ctx context.Context, l *listing, gen, from, to int, drop bool) tea.Msg {
	msg := spanTimeMsg{gen: gen, drop: drop}
	for i, at := range []int{from, to - 1} {
		rows, err := l.Page(ctx, at, 1, nil)
		switch {
		case err != nil:
			return toastOf(err)
		case len(rows) == 0 || !rows[0].HasTime:
			msg.why = "an end of the range has no time"
			return msg
		}
		t := rows[0].Time.Truncate(time.Second)
		if i == 0 || t.Before(msg.from) {
			msg.from = t
		}
		if end := t.Add(time.Second); end.After(msg.to) {
			msg.to = end
		}
	}
	return msg
}

func (a *app) onSpanTime(msg spanTimeMsg) tea.Cmd {
	switch {
	case msg.why != "":
		a.toast = msg.why
		return nil
	case msg.gen != a.events.gen:
		return nil
	}
	a.events.span = rowSpan{}
	if msg.drop {
		return a.change(drop(a.bare(), query.KeepRange(query.All{}, msg.from, msg.to)))
	}
	return a.change(query.KeepRange(a.bare(), msg.from, msg.to))
}
