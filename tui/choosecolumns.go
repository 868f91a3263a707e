package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// columnsEdit is the choice of columns while the menu is open.
type columnsEdit struct {
	chosen []chosenColumn
	rest   []string // fields that are not chosen
}

// openColumns shows which columns there are.
func (a *app) openColumns() {
	chosen := slices.Clone(a.events.chosen)
	if chosen == nil {
		chosen = defaultColumns(a.lay.list.w)
	}
	a.choice = columnsEdit{chosen: chosen}
	a.choice.fill()
	a.openMenu(menuColumns)
}

// fill lists what is not chosen.
func (e *columnsEdit) fill() {
	e.rest = nil
	for _, f := range index.Schema() {
		if f.Help != "" && !index.Hidden(f.Name) && !slices.ContainsFunc(e.chosen, func(c chosenColumn) bool { return c.Name == f.Name }) {
			e.rest = append(e.rest, f.Name)
		}
	}
}

func (a *app) columnRows() []menuRow {
	var rows []menuRow
	for _, c := range a.choice.chosen {
		rows = append(rows, menuRow{cells: []string{"[x] " + c.Name, widthText(c), columnHelp(c.Name)}})
	}
	for _, name := range a.choice.rest {
		rows = append(rows, menuRow{cells: []string{"[ ] " + name, "", columnHelp(name)}})
	}
	return rows
}

// doColumns is what keys do in the choice of columns. Nothing changes in the list before enter.
func (a *app) doColumns(act action) tea.Cmd {
	e, m := &a.choice, &a.menu
	i := m.Cursor
	switch act {
	case actEnter:
		return a.takeColumns(e.chosen)
	case actEsc:
		a.over = overNone
	case actAddPath:
		a.openPrompt(promptColumn, "")
		a.prompt.over = overMenu
	case actDefaults:
		a.over = overNone
		return a.takeColumns(nil)
	case actToggleValue:
		if name, ok := e.toggle(i); !ok {
			a.toast = name
		}
	case actMoveUp, actMoveDown:
		d := map[action]int{actMoveUp: -1, actMoveDown: 1}[act]
		if j := i + d; i < len(e.chosen) && j >= 0 && j < len(e.chosen) {
			e.chosen[i], e.chosen[j] = e.chosen[j], e.chosen[i]
			m.To(j)
		}
	case actNarrower, actWider:
		if i < len(e.chosen) {
			e.chosen[i].Cells = a.resized(e.chosen[i], map[action]int{actNarrower: -2, actWider: 2}[act])
		}
	}
	a.fillMenuOf(menuColumns)
	return nil
}

// fillMenuOf fills the menu anew where it is still open.
func (a *app) fillMenuOf(k menuKind) {
	if a.over == overMenu && a.menu.kind == k {
		a.fillMenu()
	}
}

// resized is the width of a column that is made wider or narrower; it begins with what it has in the list.
func (a *app) resized(c chosenColumn, d int) int {
	n := c.Cells
	for _, shown := range a.events.columns {
		if n == 0 && shown.field() == c.Name {
			n = shown.cells
		}
	}
	if n == 0 {
		n = max(fieldCells[c.Name], 10)
	}
	return min(max(n+d, leastCells), maxCells)
}

// toggle takes a column or leaves it; where that is not possible it says why.
func (e *columnsEdit) toggle(i int) (why string, ok bool) {
	switch {
	case i < len(e.chosen) && len(e.chosen) == 1:
		return "a list has one column at least", false
	case i < len(e.chosen):
		e.chosen = slices.Delete(e.chosen, i, i+1)
	case i-len(e.chosen) >= len(e.rest):
		return "", true
	case len(e.chosen) >= maxColumns:
		return "that many columns are never seen", false
	default:
		e.chosen = append(e.chosen, chosenColumn{Name: e.rest[i-len(e.chosen)]})
	}
	e.fill()
	return "", true
}

// addPath adds what was typed as a column: a field, or any path in the record.
func (a *app) addPath(s string) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "$.")
	if s == "" {
		return
	}
	e := &a.choice
	name := s
	if f, ok := index.Schema().Lookup(s); ok {
		name = f.Name
	} else if k, err := query.ParsePath(s); err != nil {
		a.toast = "no path: " + errorText(err)
		return
	} else if k.Field != "" || len(k.Path) == 0 {
		a.toast = "no path: " + s
		return
	}
	if i := slices.IndexFunc(e.chosen, func(c chosenColumn) bool { return c.Name == name }); i >= 0 {
		a.menu.To(i)
		return
	}
	if len(e.chosen) < maxColumns {
		e.chosen = append(e.chosen, chosenColumn{Name: name})
	}
	e.fill()
	a.fillMenuOf(menuColumns)
	a.menu.To(len(e.chosen) - 1)
}

// takeColumns shows the list with these columns; it can be undone.
func (a *app) takeColumns(chosen []chosenColumn) tea.Cmd {
	a.over = overNone
	if chosen != nil && a.events.chosen == nil && slices.Equal(chosen, defaultColumns(a.lay.list.w)) {
		return nil // as they were
	}
	if sameColumns(chosen, a.events.chosen) {
		return nil
	}
	a.undone.Push(a.snapshot())
	a.setColumns(chosen)
	a.toast = "columns changed   u undoes"
	return tea.Batch(a.reorder(a.anchor()), a.keepState())
}

// setColumns says which columns the next listing has; the cursor goes to the column of its field there.
func (a *app) setColumns(chosen []chosenColumn) {
	e := &a.events
	e.toField = e.Column().field()
	e.chosen = slices.Clone(chosen)
}
