package tui

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// listFind is what is looked for in the list without hiding the rest. What is typed is a text that the columns hold, in
// any case, or a query (user:bob, "a word", /regex/).
type listFind struct {
	text  string
	field string // only in this column: the value under the cursor was looked for
	node  query.Node
	asked int // number of the question; answers of older ones are dropped
	gen   int // of the result it was asked of

	hits *index.Result // nil while they are looked for
	goal *findStep     // where to go once they are known
}

// A findStep is where n or N goes: from a line on in direction d; 0 is the line itself or the next below.
type findStep struct {
	from cursorRow
	d    int
}

// foundMsg brings the events that are looked for.
type foundMsg struct {
	asked int
	hits  *index.Result
	err   error
}

// isQuery reports whether what is looked for is meant as a query: it names a field or path, or is quoted.
func isQuery(s string) bool { return strings.ContainsAny(s, `:="/()*`) }

// findNode is the query for what was typed, seen from the columns of the list.
func (a *app) findNode(s string) (query.Node, error) {
	if isQuery(s) {
		return a.parse(s)
	}
	value := "*" + strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(s) + "*"
	var nodes []query.Node
	for _, c := range a.events.columns {
		if c.value != valueTime {
			nodes = append(nodes, query.Match{Key: c.key(), Value: value})
		}
	}
	switch len(nodes) {
	case 0:
		return query.Word{Text: s, Quoted: true}, nil
	case 1:
		return nodes[0], nil
	}
	return query.Or{Nodes: nodes}, nil
}

// paint draws a cell with what was found in it.
func (f *listFind) paint(th theme, c column, cell string) (string, bool) {
	if f.text == "" || f.field != "" && f.field != c.field() {
		return cell, false
	}
	if f.field != "" {
		if strings.TrimSpace(cell) == "" || !strings.EqualFold(strings.TrimSpace(cell), f.shown(th, c)) {
			return cell, false
		}
		body := strings.TrimRight(cell, " ")
		return paint(th.match, body) + cell[len(body):], true
	}
	want := strings.ToLower(th.vis(f.text))
	low := strings.ToLower(cell)
	if len(low) != len(cell) || want == "" { // a case of another length: where it stands is not known
		return cell, false
	}
	i := strings.Index(low, want)
	if i < 0 {
		return cell, false
	}
	return cell[:i] + paint(th.match, cell[i:i+len(want)]) + cell[i+len(want):], true
}

// shown is the value looked for as its column draws it.
func (f *listFind) shown(th theme, c column) string {
	return strings.TrimSpace(fitValue(th, c.field(), f.text, c.cells))
}

// findTyped shows while it is typed what would be found.
func (a *app) findTyped(s string) {
	a.events.find = listFind{text: strings.TrimSpace(s), asked: a.events.find.asked + 1}
	if isQuery(s) {
		a.events.find.text = ""
	}
}

// startFind looks for what was typed and goes to the first event with it, from the cursor on.
func (a *app) startFind(s string) tea.Cmd {
	s = strings.TrimSpace(s)
	if s == "" {
		a.endFind()
		return nil
	}
	n, err := a.findNode(s)
	if err != nil {
		a.endFind()
		a.toast = "find: " + errorText(err)
		return nil
	}
	f := &a.events.find
	*f = listFind{text: s, node: n, asked: f.asked + 1}
	return a.findStep(0)
}

// findValue looks for the value under the cursor.
func (a *app) findValue() tea.Cmd {
	if a.focus == onDetail {
		return a.findValueInEvent()
	}
	r, c := a.events.Selected(), a.events.Column()
	t := rowTerm(c, r)
	switch {
	case t.why != "":
		a.toast = t.why
		return nil
	case c.value == valueTime || value(r, c.value) == "":
		a.toast = "no value here to look for"
		return nil
	}
	f := &a.events.find
	*f = listFind{text: value(r, c.value), field: c.field(), node: t.node, asked: f.asked + 1}
	return a.findStep(1)
}

// findValueInEvent looks for the value under the cursor in the event that is shown.
func (a *app) findValueInEvent() tea.Cmd {
	t := a.detail.tree
	if t == nil || t.Node() == nil || t.Node().Text == "" {
		a.toast = "no value here to look for"
		return nil
	}
	a.find(t.Node().Text)
	a.findAgain(1)
	return nil
}

func (a *app) endFind() { a.events.find = listFind{asked: a.events.find.asked + 1} }

// findStep goes to the next event that was found, or looks for them first.
func (a *app) findStep(d int) tea.Cmd {
	e := &a.events
	f := &e.find
	r := e.At(e.Cursor)
	switch {
	case f.node == nil:
		a.toast = "nothing was looked for yet: ctrl+f"
		return nil
	case r == nil:
		return nil
	}
	f.goal = &findStep{from: cursorRow{r.Ref, e.Cursor}, d: d}
	if f.hits != nil && f.gen == e.gen {
		return a.toFound()
	}
	return a.askFound()
}

// askFound looks for the events, where those of the newest result are not known.
func (a *app) askFound() tea.Cmd {
	f, r := &a.events.find, a.events.result
	if f.node == nil || r == nil || a.events.partial || f.gen == a.events.gen {
		return nil
	}
	f.asked++
	f.gen, f.hits = a.events.gen, nil
	ctx, x, asked, node, opt := a.search.ctx, a.opt.Index, f.asked, and(a.node, f.node), a.request(anchor{}).opt
	return func() tea.Msg {
		hits, err := x.Search(ctx, node, opt)
		return foundMsg{asked: asked, hits: hits, err: err}
	}
}

func (a *app) onFound(msg foundMsg) tea.Cmd {
	f := &a.events.find
	if msg.asked != f.asked {
		return nil
	}
	if msg.err != nil {
		f.gen = 0
		if !isCanceled(msg.err) {
			a.toast = "find: " + errorText(msg.err)
		}
		return nil
	}
	f.hits = msg.hits
	return a.toFound()
}

// toFound goes where n, N or the first find wanted to; at an end it goes on from the other, and says so.
func (a *app) toFound() tea.Cmd {
	f, l := &a.events.find, a.events.list
	step := f.goal
	f.goal = nil
	if step == nil || f.hits == nil || l == nil {
		return nil
	}
	ctx, hits, gen, what := a.search.ctx, f.hits, a.events.gen, f.text
	return func() tea.Msg {
		if hits.Count() == 0 {
			return rowMsg{gen: gen, row: -1, toast: "not in these events: " + what}
		}
		number, line, err := beside(ctx, l, hits, step.from, step.d)
		if err != nil {
			return toastOf(err)
		}
		note := ""
		if line < 0 {
			number, line, err = endOfHits(ctx, l, hits, step.d)
			if err != nil {
				return toastOf(err)
			}
			note = map[bool]string{true: ", from the end again", false: ", from the top again"}[step.d < 0]
		}
		return rowMsg{gen: gen, row: line, toast: fmt.Sprintf("hit %s of %s%s: %s   n N go on, esc ends",
			text.Count(number+1), text.Count(hits.Count()), note, what)}
	}
}

// endOfHits is the first of the hits, or with d -1 the last: its number and its line.
func endOfHits(ctx context.Context, l *listing, hits *index.Result, d int) (number, line int, err error) {
	sub, err := newListing(ctx, hits, l.order)
	if err != nil {
		return 0, -1, err
	}
	if d < 0 {
		number = sub.Count() - 1
	}
	rows, err := sub.Page(ctx, number, 1, nil)
	if err != nil || len(rows) == 0 {
		return 0, -1, err
	}
	line, _ = l.Find(ctx, rows[0].Ref)
	return number, line, nil
}
