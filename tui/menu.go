package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// menuPane is a list that lies over the screen: bookmarks, searches, columns, what to export, what to print.
type menuPane struct {
	widget.Window
	kind  menuKind
	title string
	empty string // what is said where there is no line
	most  []int  // cells of the columns at most, half of the line where nothing is said; the last takes the rest
	rows  []menuRow
}

type menuKind uint8

const (
	menuBookmarks menuKind = iota
	menuSearches
	menuColumns
	menuExport
	menuPrint
)

// menuModes are the keys of each menu.
var menuModes = map[menuKind]mode{
	menuBookmarks: inBookmarks, menuSearches: inSearches, menuColumns: inColumns, menuExport: inExport, menuPrint: inPrint,
}

// A menuRow is one line; its texts may come from outside. why says why it does nothing now.
type menuRow struct {
	cells []string // drawn in menuPane columns of their own widths
	why   string
	head  bool // a line that parts others and cannot be chosen
}

// openMenu shows a menu.
func (a *app) openMenu(k menuKind) {
	a.menu = menuPane{kind: k}
	a.over = overMenu
	a.fillMenu()
	a.menu.skip(1)
	if i := slices.IndexFunc(a.menu.rows, func(r menuRow) bool { return !r.head && r.why == "" }); i > a.menu.Cursor {
		a.menu.To(i)
	}
}

// fillMenu makes the lines of the menu that is open; the cursor stays where it is.
func (a *app) fillMenu() {
	m := &a.menu
	switch m.kind {
	case menuBookmarks:
		m.title, m.empty, m.rows = "BOOKMARKS", "no bookmark yet: m on an event makes one, with a note", a.bookmarkRows()
		m.most = []int{wideTime, 18, 18}
	case menuSearches:
		m.title, m.empty, m.rows = "SEARCHES", "", a.searchRows()
	case menuColumns:
		m.title, m.empty, m.rows = "COLUMNS of the list", "", a.columnRows()
	case menuExport:
		m.title, m.empty, m.rows = "EXPORT to a file only you can read", "", a.exportRows()
	case menuPrint:
		m.title, m.empty, m.rows = "PRINT to the plain screen, to select by hand", "", a.printRows()
		m.most = []int{44}
	}
	m.Resize(len(m.rows), m.H)
}

// skip moves on from a head in direction d, or back where none follows.
func (m *menuPane) skip(d int) {
	for range 2 {
		for m.Cursor < len(m.rows) && m.rows[m.Cursor].head {
			at := m.Cursor
			m.Move(d)
			if m.Cursor == at {
				break
			}
		}
		d = -d
	}
}

// doMenu is what keys do in a menu.
func (a *app) doMenu(act action) tea.Cmd {
	m := &a.menu
	at := m.Cursor
	if move(&m.Window, act) {
		m.skip(map[bool]int{true: -1, false: 1}[m.Cursor < at])
		return nil
	}
	if act == actCancel || act == actEsc && m.kind != menuColumns {
		a.over = overNone
		return nil
	}
	if act == actEnter && m.Cursor < len(m.rows) && m.rows[m.Cursor].why != "" {
		a.toast = m.rows[m.Cursor].why
		return nil
	}
	switch m.kind {
	case menuBookmarks:
		return a.doBookmarks(act)
	case menuSearches:
		return a.doSearches(act)
	case menuColumns:
		return a.doColumns(act)
	case menuExport:
		return a.doExport(act)
	case menuPrint:
		return a.doPrint(act)
	}
	return nil
}

// menuWidth is how wide a menu is drawn at most.
const menuWidth = 116

// View draws the menu as lines of one width, with an edge, since it lies over other text.
func (m *menuPane) View(th theme, w, h int) []string {
	return edged(m.lines(th, max(w-2, 0), h-1), w)
}

// edged draws an edge around lines that are two cells narrower than w.
func edged(lines []string, w int) []string {
	for i := range lines {
		lines[i] = "|" + lines[i] + "|"
	}
	return append(lines, "+"+strings.Repeat("-", max(w-2, 0))+"+")
}

func (m *menuPane) lines(th theme, w, h int) []string {
	m.Resize(len(m.rows), max(min(h-2, len(m.rows)), 1))
	lines := []string{paint(th.title, text.Fit(" "+m.title, w))}
	if len(m.rows) == 0 {
		return append(lines, text.Fit("  "+m.empty, w))
	}
	widths := m.widths(th, w-3)
	for i := m.Top; i < m.End(); i++ {
		r := &m.rows[i]
		cursor := "  "
		if i == m.Cursor {
			cursor = "> "
		}
		var b strings.Builder
		for j, c := range r.cells {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(th.fit(c, widths[j]))
		}
		line := text.Fit(cursor+b.String(), w)
		if r.head || r.why != "" {
			line = paint(th.dim, line)
		}
		lines = append(lines, line)
	}
	foot := ""
	if m.Cursor < len(m.rows) && m.rows[m.Cursor].why != "" {
		foot = " not now: " + m.rows[m.Cursor].why
	}
	return append(lines, paint(th.dim, text.Fit(foot, w)))
}

// widths gives each column of the menu what its longest text needs, and the last one the rest.
func (m *menuPane) widths(th theme, cells int) []int {
	var widths []int
	for _, r := range m.rows {
		for j, c := range r.cells {
			if j == len(widths) {
				widths = append(widths, 0)
			}
			if !r.head {
				most := max(cells/2, 1)
				if j < len(m.most) {
					most = m.most[j]
				}
				widths[j] = min(max(widths[j], text.Width(th.vis(c))), most)
			}
		}
	}
	rest := cells
	for j := range widths {
		if j == len(widths)-1 {
			widths[j] = max(rest, 1)
		}
		widths[j] = max(min(widths[j], rest), 0)
		rest -= widths[j] + 1
	}
	return widths
}
