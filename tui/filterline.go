package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
)

// openFilter begins editing the filter with its text.
func (a *app) openFilter() {
	a.before = a.filter
	a.here = a.anchor()
	a.origin, a.originFacets = a.here, a.facets.Window
	a.bar.Begin(forNextTerm(a.filter.text))
	a.bar.SetError(nil)
	a.over = overFilter
}

// forNextTerm is a filter with a blank at its end, so that what is typed there is a term of its own.
func forNextTerm(filter string) string {
	if filter == "" || strings.HasSuffix(filter, " ") {
		return filter
	}
	return filter + " "
}

// filterChanged reads what is typed and asks for results and completions. Where the text is not a query the last result
// stays, and the reason is shown.
func (a *app) filterChanged() tea.Cmd {
	b := &a.bar
	b.Changed()
	b.pending = false
	complete := completeCmd(a.ctx, a.opt.Index, b.edit, b.line.Text(), b.line.Cursor())
	n, err := a.parse(b.line.Text())
	b.SetError(err)
	if err != nil {
		return complete
	}
	a.filter.text = b.line.Text()
	a.node = a.filter.node(n)
	if i := a.begunField(); i >= 0 {
		if n, err = a.parse(b.line.Text()[:i]); err == nil {
			a.node = a.filter.node(n)
		}
	}
	b.pending = true
	return tea.Batch(complete, a.after(settleAfter, settleMsg{b.edit}))
}

// begunField is where the last word of the line begins if it may become the name of a field, else -1. Such a word is
// left out of the live result, since looking for it as a word would empty the list between two letters of a name.
func (a *app) begunField() int {
	s := a.bar.line.Text()
	i := strings.LastIndexAny(s, " (-") + 1
	word := strings.ToLower(s[i:])
	if word == "" || a.bar.line.Cursor() != len(s) {
		return -1
	}
	for _, f := range index.Schema() {
		for _, name := range append([]string{f.Name}, f.Aliases...) {
			if strings.HasPrefix(strings.ToLower(name), word) {
				return i
			}
		}
	}
	return -1
}

// onComplete shows what could stand at the cursor.
func (a *app) onComplete(msg completeMsg) tea.Cmd {
	b := &a.bar
	if msg.edit != b.edit || !b.editing {
		return nil
	}
	b.completion, b.completed = msg.completion, msg.edit
	if b.wanted == b.edit && b.Take() {
		b.empty = nil
		return a.filterChanged()
	}
	if held := b.empty; held != nil {
		b.empty = nil
		return a.onSearch(*held)
	}
	return nil
}

// waitsForValue is asked about a result without events while the filter is typed. Where a value is being typed that
// others begin with, the list does not go empty between its letters: what the filter says before that term is shown.
func (a *app) waitsForValue(msg searchMsg) (cmd tea.Cmd, waits bool) {
	b := &a.bar
	if !b.editing || b.without || msg.partial || msg.err != nil || msg.result.Count() > 0 {
		return nil, false
	}
	if b.pending {
		return nil, true // it answers what stood there before
	}
	if b.completed != b.edit {
		b.empty = &msg
		return nil, true
	}
	start := b.TermStart()
	if start < 0 {
		return nil, false
	}
	n, err := a.parse(b.line.Text()[:start])
	if err != nil {
		return nil, false
	}
	b.without = true
	a.node = a.filter.node(n)
	return a.startSearch(a.origin), true
}

// doFilter is what keys other than letters do in the filter line.
func (a *app) doFilter(act action) tea.Cmd {
	b := &a.bar
	switch act {
	case actComplete:
		if b.Take() {
			return a.filterChanged()
		}
		return completeCmd(a.ctx, a.opt.Index, b.edit, b.line.Text(), b.line.Cursor())
	case actDown, actUp:
		if b.Move(map[action]int{actUp: -1, actDown: 1}[act]) {
			return a.filterChanged()
		}
	case actHistory:
		b.recalling = !b.recalling
		b.drop.To(0)
		b.chosen = b.recalling
	case actAccept:
		if b.chosen && b.Take() {
			return a.filterChanged()
		}
		if b.chosen && b.Waits() {
			return nil
		}
		return a.acceptFilter()
	case actEsc:
		if len(b.items()) > 0 && b.recalling {
			b.recalling = false
			return nil
		}
		return a.leaveFilter()
	case actCancel:
		return a.leaveFilter()
	}
	return nil
}

// acceptFilter keeps what was typed. Text that is not a query is not kept: its error stays and so does the line.
func (a *app) acceptFilter() tea.Cmd {
	b := &a.bar
	typed := b.line.Text()
	if bare := strings.TrimRight(typed, " "); !strings.HasSuffix(bare, `\`) { // a blank behind it is a value's
		typed = bare
	}
	n, err := a.parse(typed)
	if b.SetError(err); err != nil {
		return nil
	}
	a.over = overNone
	b.End()
	now := a.filter
	now.text = typed
	if now == a.before {
		a.filter, a.node = now, now.node(n)
		return a.startSearch(a.origin)
	}
	a.filter = a.before
	return a.commitTyped(now)
}

// commitTyped keeps a filter whose result may be on screen already; the search is made anyway, so that a last key typed
// just before enter is never lost.
func (a *app) commitTyped(f filter) tea.Cmd {
	a.around = lift{}
	was := a.snapshot()
	was.filter, was.at, was.facets = a.before, a.origin, a.originFacets
	a.undone.Push(was)
	a.bar.Remember(f.text)
	cmd := a.show(f, a.origin)
	a.trail.Push(a.stop())
	return cmd
}

// leaveFilter brings the filter back that was there before editing.
func (a *app) leaveFilter() tea.Cmd {
	a.over = overNone
	a.bar.End()
	a.bar.SetError(nil)
	return a.show(a.before, a.origin)
}
