package tui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// frequencyPane is all values of one field, with counts: the whole of what a facet shows the first of. It lies over the
// list of events until it is left.
type frequencyPane struct {
	widget.Window
	on     bool
	from   focus // where it was opened
	field  string
	data   facetData
	asked  int // generation of the result asked about
	ask    int // number of the question; answers of older ones are dropped
	stop   context.CancelFunc
	rows   []frequencyRow
	byName bool
	find   string
	width  int
}

// A frequencyRow is a value, or the events without one.
type frequencyRow struct {
	value   string
	count   int
	missing bool
}

// frequencyMsg brings the values of a field.
type frequencyMsg struct {
	ask  int
	data facetData
	err  error
}

// maxFrequency bounds the values kept of a field: some 10 MB.
const maxFrequency = 100_000

// frequencyHead is how many lines stand above the values.
const frequencyHead = 2

// openFrequency shows all values of the field under the cursor.
func (a *app) openFrequency() tea.Cmd {
	field, why := a.fieldUnderCursor()
	if why != "" {
		a.toast = why
		return nil
	}
	a.frequency = frequencyPane{on: true, from: a.focus, field: field, ask: a.frequency.ask, stop: a.frequency.stop}
	return tea.Batch(a.focusOn(onList), a.askFrequency())
}

// fieldUnderCursor is the field of the column, facet or value under the cursor, or why there is none.
func (a *app) fieldUnderCursor() (field, why string) {
	switch a.focus {
	case onFacets:
		if l, ok := a.facets.current(); ok {
			return a.facets.data[l.facet].field, ""
		}
		return "", "no field here"
	case onDetail:
		if m, ok := a.term().node.(query.Match); ok && m.Key.Field != "" {
			return m.Key.Field, ""
		}
		return "", whyPath
	}
	c := a.events.Column()
	switch field = c.field(); {
	case field == "time":
		return "", "times are counted in the Timeline: 2"
	case c.path:
		return "", whyPath
	}
	return field, ""
}

// whyPath is why the values of a path are not counted.
const whyPath = "this is no field whose values are counted; = and ! work on it"

func (a *app) closeFrequency() tea.Cmd {
	p := &a.frequency
	if p.stop != nil {
		p.stop()
	}
	p.on = false
	return a.focusOn(p.from)
}

// askFrequency counts the values, where the table does not show those of the newest result.
func (a *app) askFrequency() tea.Cmd {
	p, r := &a.frequency, a.events.result
	if !p.on || r == nil || a.events.partial || p.asked == a.events.gen {
		return nil
	}
	if p.stop != nil {
		p.stop()
	}
	p.ask++
	p.asked = a.events.gen
	ctx, cancel := context.WithCancel(a.search.ctx)
	p.stop = cancel
	ask, number := facetAsk{field: p.field, limit: maxFrequency}, p.ask
	if values, rest := orList(a.node, p.field); values != nil {
		ask.chosen, ask.lifted = values, rest
	}
	x, opt := a.opt.Index, a.request(anchor{}).opt
	return func() tea.Msg {
		d, err := facet(ctx, x, r, opt, ask)
		return frequencyMsg{ask: number, data: d, err: err}
	}
}

func (a *app) onFrequency(msg frequencyMsg) {
	p := &a.frequency
	if msg.ask != p.ask || !p.on {
		return
	}
	if msg.err != nil {
		p.asked = 0
		if !errors.Is(msg.err, context.Canceled) {
			a.toast = errorText(msg.err)
		}
		return
	}
	p.data = msg.data
	p.layout()
}

// SetSize sets the cells of the table.
func (p *frequencyPane) SetSize(w, h int) {
	p.width = w
	p.Resize(len(p.rows), max(h-frequencyHead, 0))
}

// layout makes the lines: values that are looked for, sorted as wanted, and last the events without one. The cursor stays
// on its value.
func (p *frequencyPane) layout() {
	at, had := p.current()
	p.rows = make([]frequencyRow, 0, len(p.data.Values)+1)
	find := strings.ToLower(p.find)
	for _, v := range p.data.Values {
		if find == "" || strings.Contains(strings.ToLower(v.Value), find) {
			p.rows = append(p.rows, frequencyRow{value: v.Value, count: v.Count})
		}
	}
	if p.byName {
		slices.SortFunc(p.rows, func(a, b frequencyRow) int { return cmp.Compare(a.value, b.value) })
	}
	if p.data.Missing > 0 && find == "" {
		p.rows = append(p.rows, frequencyRow{count: p.data.Missing, missing: true})
	}
	p.Resize(len(p.rows), p.H)
	i := slices.IndexFunc(p.rows, func(r frequencyRow) bool { return had && r.value == at.value && r.missing == at.missing })
	p.To(max(i, 0))
}

func (p *frequencyPane) current() (frequencyRow, bool) {
	if p.Cursor >= len(p.rows) {
		return frequencyRow{}, false
	}
	return p.rows[p.Cursor], true
}

// Effect says what the keys would leave.
func (p *frequencyPane) Effect() string {
	r, ok := p.current()
	if !ok {
		return ""
	}
	rest := text.Count(p.data.total() - r.count)
	if r.missing {
		return fmt.Sprintf("enter =: -%s:* keeps %s   !: %s:* keeps %s", p.field, text.Count(r.count), p.field, rest)
	}
	short := text.Cut(r.value, 28)
	only := fmt.Sprintf("enter =: %s=%s keeps %s   ", p.field, short, text.Count(r.count))
	if len(p.data.chosen) == 0 {
		return only + fmt.Sprintf("!: %s!=%s keeps %s", p.field, short, rest)
	}
	return only + "space: " + p.data.listEffect(r.value, r.count)
}

// View draws the table.
func (p *frequencyPane) View(th theme) []string {
	lines := make([]string, 0, p.H+frequencyHead)
	lines = append(lines, paint(th.title, text.Cut(p.title(th), p.width)))
	const count, share, box = 12, 9, 6
	bar := min(p.width/4, 40)
	value := max(p.width-count-share-box-bar-1, 8)
	order := "by count"
	if p.byName {
		order = "by value"
	}
	lines = append(lines, paint(th.dim, text.Blank(box)+text.Fit("VALUE", value)+text.FitRight("EVENTS", count)+text.FitRight("SHARE", share)+" "+order))
	most := 0
	for _, v := range p.data.Values {
		most = max(most, v.Count)
	}
	for i := p.Top; i < p.End(); i++ {
		r := &p.rows[i]
		cursor, mark, name := " ", "[ ] ", fitValue(th, p.field, r.value, value)
		if i == p.Cursor {
			cursor = cursorGlyph(true)
		}
		switch {
		case r.missing:
			mark, name = "    ", text.Fit("(none)", value)
		case slices.Contains(p.data.chosen, r.value):
			mark = "[x] "
		}
		cells := widget.Eighths(r.count, max(most, r.count), bar) / 8
		lines = append(lines, cursor+" "+mark+name+text.FitRight(text.Count(r.count), count)+
			text.FitRight(fmt.Sprintf("%.2f%%", 100*float64(r.count)/float64(max(p.data.total(), 1))), share)+" "+
			paint(th.key, strings.Repeat(th.barGlyph(false), cells)))
	}
	return lines
}

// title says which field, how many values, and whether all of them are shown.
func (p *frequencyPane) title(th theme) string {
	name := p.field
	if t := facetTitles[name]; t != "" {
		name += " (" + t + ")"
	}
	s := " FREQUENCY of " + name
	if p.data.field == "" {
		return s + "   counting"
	}
	s += "   " + many(p.data.Distinct, "value") + " in " + many(p.data.total(), "event")
	if n := len(p.data.Values); n < p.data.Distinct {
		s += "   the first " + text.Count(n)
	}
	if p.data.Multi {
		s += "   several an event"
	}
	if p.find != "" {
		s += "   " + text.Count(len(p.rows)) + " with " + th.vis(p.find)
	}
	return s
}

// doFrequency is what keys do in the table; done is false for what means the same everywhere.
func (a *app) doFrequency(act action) (cmd tea.Cmd, done bool) {
	p := &a.frequency
	switch act {
	case actEnter, actKeep, actDrop, actToggleValue:
		return a.changeByFrequency(act), true
	case actSort:
		p.byName = !p.byName
		p.layout()
		return nil, true
	case actFindValue:
		a.openPrompt(promptFrequency, p.find)
		return nil, true
	case actFrequency:
		return a.closeFrequency(), true
	case actCopy:
		if r, ok := p.current(); ok && !r.missing {
			return copyText("value", r.value), true
		}
		return nil, true
	}
	return nil, move(&p.Window, act)
}

// changeByFrequency writes the value under the cursor into the filter; enter then shows its events.
func (a *app) changeByFrequency(act action) tea.Cmd {
	p := &a.frequency
	r, ok := p.current()
	if !ok {
		return nil
	}
	n := a.bare()
	switch act {
	case actDrop:
		return a.change(notValue(n, p.field, r.value, r.missing, p.data.chosen))
	case actToggleValue:
		if r.missing {
			a.toast = "the OR list holds values"
			return nil
		}
		return a.change(query.Toggle(n, query.Key{Field: p.field}, r.value))
	}
	cmd := a.change(onlyValue(n, p.field, r.value, r.missing))
	if act == actEnter {
		p.from = onList
		return tea.Batch(cmd, a.closeFrequency())
	}
	return cmd
}

// onlyValue is the query with only a value of a field, or only what has none; an OR list of the field gives way to it.
func onlyValue(n query.Node, field, value string, missing bool) query.Node {
	_, rest := orList(n, field)
	if missing {
		return keep(rest, hasAny(field, true))
	}
	return query.Keep(rest, query.Key{Field: field}, value)
}

// notValue is the query without a value of a field; one that is on the OR list is taken off it.
func notValue(n query.Node, field, value string, missing bool, chosen []string) query.Node {
	switch {
	case missing:
		return keep(n, hasAny(field, false))
	case slices.Contains(chosen, value):
		return query.Toggle(n, query.Key{Field: field}, value)
	}
	return query.Drop(n, query.Key{Field: field}, value)
}

// findFrequency narrows the table to values that hold a text.
func (a *app) findFrequency(s string) {
	a.frequency.find = s
	a.frequency.layout()
}
