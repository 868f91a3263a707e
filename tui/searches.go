package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// A savedSearch is a filter with a name: one that a person kept, or a question triage begins with.
type savedSearch struct {
	Name    string         `json:"name"`
	Filter  savedFilter    `json:"filter"`
	Columns []chosenColumn `json:"columns,omitempty"`
	Sort    string         `json:"sort,omitempty"` // field; "": time
	Back    bool           `json:"back,omitempty"`
}

// maxSearches bounds what is kept.
const maxSearches = 1_000

// presets are the questions triage begins with. Their filters are made of fields only, so that each answers at once on
// any store; they stand in the filter line when they run and can be changed there.
var presets = []savedSearch{
	{Name: "recent changes", Filter: savedFilter{Text: "readonly:false -kind:AWSService"}},
	{Name: "errors", Filter: savedFilter{Text: "-outcome:ok"}, Columns: named("time", "event", "user", "ip", "error", "region", "resource")},
	{
		Name: "console logins, with MFA", Filter: savedFilter{Text: "event:(ConsoleLogin OR SwitchRole OR CheckMfa)"},
		Columns: named("time", "event", "user", "ip", "mfa", "outcome", "error", "agent"),
	},
	{
		Name:    "IAM changes",
		Filter:  savedFilter{Text: "service:(iam OR sso OR sso-directory OR identitystore OR organizations) readonly:false"},
		Columns: named("time", "event", "user", "resource", "ip", "outcome"),
	},
	{
		Name: "root activity", Filter: savedFilter{Text: "kind:Root -via:* -eventtype:AwsServiceEvent"},
		Columns: named("time", "event", "user", "ip", "mfa", "outcome", "resource"),
	},
	{
		Name: "destructive calls",
		Filter: savedFilter{Text: "event:(Delete* OR Terminate* OR Stop* OR Disable* OR Remove* OR Detach* OR Deregister* OR " +
			"Revoke* OR ScheduleKeyDeletion OR PutBucketLifecycle* OR PutEventSelectors) readonly:false -kind:AWSService"},
		Columns: named("time", "event", "user", "resource", "ip", "outcome"),
	},
	{
		Name:    "access keys: made, changed, deleted",
		Filter:  savedFilter{Text: "event:(CreateAccessKey OR UpdateAccessKey OR DeleteAccessKey)"},
		Columns: named("time", "event", "user", "key", "issued", "resource", "ip", "outcome"),
	},
}

// keyHistory is the preset about the access key of the event under the cursor.
const keyHistory = "history of this access key"

func named(names ...string) []chosenColumn {
	out := make([]chosenColumn, len(names))
	for i, n := range names {
		out[i] = chosenColumn{Name: n}
	}
	return out
}

func (f savedFilter) filter() filter { return filter{text: f.Text, writes: f.Writes, errors: f.Errors} }

// allSearches are the presets, the history of the key under the cursor, and what a person kept.
func (a *app) allSearches() []savedSearch {
	return slices.Concat(presets, []savedSearch{{Name: keyHistory}}, a.saved)
}

func (a *app) searchRows() []menuRow {
	rows := []menuRow{{cells: []string{"TRIAGE", ""}, head: true}}
	for i, s := range a.allSearches() {
		if i == len(presets)+1 {
			rows = append(rows, menuRow{cells: []string{"SAVED", ""}, head: true})
		}
		r := menuRow{cells: []string{s.Name, s.Filter.filter().whole()}}
		if s.Name == keyHistory && i == len(presets) {
			r.cells[1] = "what was done with the key of the event under the cursor, and who made it"
		}
		rows = append(rows, r)
	}
	return rows
}

// searchAt is the search on a line of the menu.
func (a *app) searchAt(line int) (i int, ok bool) {
	i = line - 1
	if i > len(presets) {
		i-- // the head of the saved ones
	}
	return i, line > 0 && i >= 0 && i < len(a.allSearches())
}

// doSearches is what keys do in the list of searches.
func (a *app) doSearches(act action) tea.Cmd {
	i, ok := a.searchAt(a.menu.Cursor)
	saved := i - len(presets) - 1
	switch act {
	case actSaveSearch:
		return a.askSearchName()
	case actEnter:
		if ok {
			a.over = overNone
			return a.runSearch(i)
		}
	case actDelete:
		if saved < 0 || !ok {
			a.toast = "only saved searches are deleted"
			return nil
		}
		a.toast = "deleted: " + a.saved[saved].Name
		a.saved = slices.Delete(slices.Clone(a.saved), saved, saved+1)
		a.fillMenu()
		a.menu.skip(-1)
		return a.keepState()
	}
	return nil
}

// runSearch makes one of all searches the filter, with its columns and order.
func (a *app) runSearch(i int) tea.Cmd {
	all := a.allSearches()
	if i < 0 || i >= len(all) {
		return nil
	}
	if i == len(presets) {
		return a.openKeyHistory()
	}
	return a.applySearch(all[i])
}

func (a *app) applySearch(s savedSearch) tea.Cmd {
	f := s.Filter.filter()
	if _, err := a.parse(f.text); err != nil {
		a.toast = s.Name + ": " + errorText(err)
		return nil
	}
	cmds := []tea.Cmd{}
	if a.tab != tabEvents && a.tab != tabTimeline {
		cmds = append(cmds, a.openTab(tabEvents))
	}
	a.around = lift{}
	a.undone.Push(a.snapshot())
	a.bar.Remember(f.text)
	if s.Columns != nil {
		a.setColumns(validColumns(s.Columns))
	}
	a.events.order = order{field: s.Sort, back: s.Back}
	a.toast = s.Name + "   u undoes, o lists the others"
	cmds = append(cmds, a.show(f, a.anchor()), a.focusOn(onList))
	a.trail.Push(a.stop())
	return tea.Batch(cmds...)
}

// openKeyHistory shows what was done with the access key of the event under the cursor, and who handed it out.
func (a *app) openKeyHistory() tea.Cmd {
	r := a.events.Selected()
	if r == nil {
		a.toast = "no event here"
		return nil
	}
	ctx, l, row, line := a.search.ctx, a.events.list, *r, a.events.Cursor
	return func() tea.Msg {
		one, err := alone(ctx, l, row, line)
		if err != nil {
			return toastOf(err)
		}
		for _, field := range []string{"issued", "key"} {
			f, err := one.Facet(ctx, field, 1)
			if err != nil {
				return toastOf(err)
			}
			if len(f.Values) > 0 {
				return keyHistoryMsg{key: f.Values[0].Value}
			}
		}
		return toastMsg{"this event has no access key"}
	}
}

// keyHistoryMsg brings the access key whose history is to be shown.
type keyHistoryMsg struct{ key string }

func (a *app) onKeyHistory(msg keyHistoryMsg) tea.Cmd {
	n := keyNode(msg.key)
	return a.applySearch(savedSearch{
		Name: "history of " + msg.key, Filter: savedFilter{Text: n.String()},
		Columns: named("time", "event", "user", "key", "issued", "ip", "resource", "outcome"),
	})
}

// keyNode finds what was done with an access key, and the calls that handed it out.
func keyNode(key string) query.Node {
	return query.Or{Nodes: []query.Node{match(query.Key{Field: "key"}, key), match(query.Key{Field: "issued"}, key)}}
}

// askSearchName asks for the name under which the filter is saved.
func (a *app) askSearchName() tea.Cmd {
	if a.filter == (filter{}) {
		a.toast = "there is no filter to save: / writes one"
		return nil
	}
	name := a.filter.whole()
	a.openPrompt(promptSearchName, text.Cut(text.Visible(name), 40))
	return nil
}

// saveSearch keeps the filter, the columns and the order under a name; one of that name gives way.
func (a *app) saveSearch(name string) tea.Cmd {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		a.toast = "a saved search needs a name"
		return nil
	case len(a.saved) >= maxSearches:
		a.toast = text.Count(maxSearches) + " searches are kept at most"
		return nil
	}
	s := savedSearch{
		Name: name, Filter: savedFilter{a.filter.text, a.filter.writes, a.filter.errors},
		Columns: slices.Clone(a.events.chosen), Sort: a.events.order.field, Back: a.events.order.back,
	}
	i := slices.IndexFunc(a.saved, func(o savedSearch) bool { return o.Name == name })
	a.saved = slices.Clone(a.saved)
	a.toast = "saved: " + name
	if i >= 0 {
		a.saved[i] = s
		a.toast = "saved over the one of that name: " + name
	} else {
		a.saved = append(a.saved, s)
	}
	if a.opt.State == "" {
		a.toast += "   (gone when you leave: nothing is kept here)"
	}
	return a.keepState()
}

// searchEntries are the searches as lines of the palette.
func (a *app) searchEntries() []entry {
	var list []entry
	for i, s := range a.allSearches() {
		kind := "triage: "
		if i > len(presets) {
			kind = "saved search: "
		}
		list = append(list, entry{help: kind + s.Name, act: actRunSearch, search: i})
	}
	return list
}
