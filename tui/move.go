package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/tui/widget"
)

// move moves the cursor of a list; it reports false where the action is no move.
func move(w *widget.Window, act action) bool {
	switch act {
	case actUp:
		w.Move(-1)
	case actDown:
		w.Move(1)
	case actTop:
		w.To(0)
	case actBottom:
		w.To(w.N - 1)
	case actHalfUp:
		w.Page(-1, 2)
	case actHalfDown:
		w.Page(1, 2)
	case actPageUp:
		w.Page(-1, 1)
	case actPageDown:
		w.Page(1, 1)
	default:
		return false
	}
	return true
}

// window is the list that keys and wheel move now.
func (a *app) window() *widget.Window {
	switch a.paneMode() {
	case inEvents, inSpan:
		return &a.events.Window
	case inFacets:
		return &a.facets.Window
	case inSources:
		return &a.sources.Window
	case inTrails:
		return &a.trails.Window
	case inFrequency:
		return &a.frequency.Window
	case inIntegrity:
		if a.integrity.onChains {
			return &a.integrity.chains
		}
		return &a.integrity.Window
	case inDetail:
		if a.detail.tree != nil {
			return &a.detail.tree.Window
		}
	default:
	}
	return nil
}

// wheelLines is how far one step of the wheel moves.
const wheelLines = 3

func (a *app) onWheel(m tea.Mouse) tea.Cmd {
	w := a.window()
	if w == nil || a.over != overNone {
		return nil
	}
	d := wheelLines
	if m.Button == tea.MouseWheelUp {
		d = -d
	}
	w.Move(d)
	a.events.gaps.on = 0
	return a.afterMove(w)
}

// afterMove lets follow what belongs to a list whose cursor moved.
func (a *app) afterMove(w *widget.Window) tea.Cmd {
	switch w {
	case &a.events.Window:
		return a.moved()
	case &a.sources.Window:
		return a.moreFiles()
	}
	return nil
}

// onClick goes to what was clicked: a tab, the filter, a line.
func (a *app) onClick(m tea.Mouse) tea.Cmd {
	if a.over != overNone || a.start != nil || a.lay.tooSmall {
		return nil
	}
	switch {
	case m.Y == 0:
		if t, ok := a.tabAt(m.X); ok {
			return a.openTab(t)
		}
		return nil
	case a.tab == tabSources && a.trails.on:
		return a.clickLine(&a.trails.Window, m.Y-1-trailsHead)
	case a.tab == tabSources:
		return a.clickLine(&a.sources.Window, m.Y-1-a.sources.head())
	case a.tab == tabIntegrity:
		return a.clickLine(&a.integrity.Window, m.Y-1-a.integrity.above())
	case a.tab != tabEvents:
		return nil
	case a.frequency.on:
		return a.clickLine(&a.frequency.Window, m.Y-2-frequencyHead)
	case inside(a.lay.query, m):
		a.openFilter()
		return nil
	case inside(a.lay.facets, m):
		return tea.Batch(a.focusOn(onFacets), a.clickLine(&a.facets.Window, m.Y-a.lay.facets.y-1))
	case inside(a.lay.detail, m) && a.detail.tree != nil:
		return tea.Batch(a.focusOn(onDetail), a.clickLine(&a.detail.tree.Window, m.Y-a.lay.detail.y-1-a.detail.saidCount()))
	case inside(a.lay.list, m):
		return tea.Batch(a.focusOn(onList), a.clickEvent(m.Y-a.lay.list.y-1))
	}
	return nil
}

func inside(r rect, m tea.Mouse) bool {
	return m.X >= r.x && m.X < r.x+r.w && m.Y >= r.y && m.Y < r.y+r.h
}

// clickEvent goes to an event or to a line between events.
func (a *app) clickEvent(line int) tea.Cmd {
	e := &a.events
	row, on, ok := e.rowAt(line)
	if !ok {
		return nil
	}
	e.To(row)
	e.gaps.on = on
	return a.moved()
}

func (a *app) clickLine(w *widget.Window, line int) tea.Cmd {
	if line < 0 || line >= w.H || w.Top+line >= w.N {
		return nil
	}
	w.To(w.Top + line)
	return a.afterMove(w)
}
