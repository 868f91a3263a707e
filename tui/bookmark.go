package tui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// A bookmark is an event that is kept with a note, named by what it is, since where it lies in the store changes. What
// the list of bookmarks shows of it is kept with it, so that it is told also where the event is not held any more.
type bookmark struct {
	savedMark
	Note  string `json:"note,omitempty"`
	Event string `json:"event,omitempty"`
	User  string `json:"user,omitempty"`

	ref index.Ref
	has bool // the event is held here
}

// bookmarks are those of the store, in the order they were made.
type bookmarks struct {
	all     []bookmark
	noting  *index.Row // the event a note is being written for
	line    int        // of it
	at      int        // 1 + the bookmark whose note is being edited; 0: none
	deleted *bookmark  // the last one, which u brings back
	gap     int        // where it stood
}

// maxBookmarks bounds what is kept.
const maxBookmarks = 10_000

// bookmarkedMsg brings what names an event that gets a bookmark.
type bookmarkedMsg struct {
	mark bookmark
	err  error
}

// openBookmark asks for the note of the event under the cursor.
func (a *app) openBookmark() {
	r := a.events.Selected()
	if r == nil {
		a.toast = "no event here"
		return
	}
	row := *r
	a.notes.noting, a.notes.line, a.notes.at = &row, a.events.Cursor, 0
	note := ""
	if i := a.bookmarkOf(r.Ref); i >= 0 {
		note, a.notes.at = a.notes.all[i].Note, i+1
	}
	a.openPrompt(promptNote, note)
}

// bookmarkOf is the place of the bookmark of an event, -1 where it has none.
func (a *app) bookmarkOf(ref index.Ref) int {
	return slices.IndexFunc(a.notes.all, func(b bookmark) bool { return b.has && b.ref == ref })
}

// takeNote keeps the note that was typed.
func (a *app) takeNote(note string) tea.Cmd {
	n := &a.notes
	if n.at > 0 && n.at <= len(n.all) {
		n.all[n.at-1].Note = strings.TrimSpace(note)
		a.toast = "note kept"
		if a.over == overMenu {
			a.fillMenu()
		}
		return a.keepState()
	}
	row, line, l, ctx := n.noting, n.line, a.events.list, a.search.ctx
	if row == nil || l == nil {
		return nil
	}
	return func() tea.Msg {
		b := bookmark{Note: strings.TrimSpace(note), Event: value(row, valueEvent), User: value(row, valueUser), ref: row.Ref, has: true}
		if row.HasTime {
			b.Time = row.Time
		}
		rows, err := l.Page(ctx, line, 1, []string{"id", "log"})
		if err == nil && len(rows) == 1 && rows[0].Ref == row.Ref {
			b.ID, b.Log = rows[0].Values[0], rows[0].Values[1]
		}
		return bookmarkedMsg{mark: b, err: err}
	}
}

func (a *app) onBookmarked(msg bookmarkedMsg) tea.Cmd {
	switch {
	case msg.err != nil:
		return func() tea.Msg { return toastOf(msg.err) }
	case msg.mark.ID == "" && msg.mark.Log == "":
		a.toast = "the list changed meanwhile: m again"
		return nil
	case len(a.notes.all) >= maxBookmarks:
		a.toast = text.Count(maxBookmarks) + " bookmarks are kept at most"
		return nil
	}
	a.notes.all = append(a.notes.all, msg.mark)
	a.noteEvents()
	a.toast = "bookmark " + text.Count(len(a.notes.all)) + ": " + msg.mark.Event
	if a.opt.State == "" {
		a.toast += "   (gone when you leave: nothing is kept here)"
	}
	a.teach(actBookmark)
	return a.keepState()
}

// noteEvents tells the list which events have a bookmark.
func (a *app) noteEvents() {
	a.events.noted = make(map[index.Ref]bool, len(a.notes.all))
	for i := range a.notes.all {
		if b := &a.notes.all[i]; b.has {
			a.events.noted[b.ref] = true
		}
	}
}

func (a *app) bookmarkRows() []menuRow {
	rows := make([]menuRow, len(a.notes.all))
	for i := range a.notes.all {
		b := &a.notes.all[i]
		when := "no time"
		if !b.Time.IsZero() {
			when = b.Time.In(a.location()).Format("2006-01-02 15:04:05")
		}
		rows[i] = menuRow{cells: []string{when, b.Event, b.User, b.Note}}
		if !b.has {
			rows[i].why = "this event is not held here"
		}
	}
	return rows
}

// doBookmarks is what keys do in the list of bookmarks.
func (a *app) doBookmarks(act action) tea.Cmd {
	n, i := &a.notes, a.menu.Cursor
	if act == actUndo {
		return a.undelete()
	}
	if act == actSave {
		return a.askExportPath(exportJob{what: exportBookmarks, format: "md"})
	}
	if i >= len(n.all) {
		return nil
	}
	switch act {
	case actEnter:
		a.over = overNone
		return a.openBookmarked(n.all[i])
	case actEditNote:
		n.noting, n.at = nil, i+1
		a.openPrompt(promptNote, n.all[i].Note)
		a.prompt.over = overMenu
	case actDelete:
		gone := n.all[i]
		n.deleted, n.gap = &gone, i
		n.all = slices.Delete(n.all, i, i+1)
		a.noteEvents()
		a.fillMenu()
		a.toast = "bookmark deleted   u brings it back"
		return a.keepState()
	}
	return nil
}

// undelete brings the bookmark back that was deleted last.
func (a *app) undelete() tea.Cmd {
	n := &a.notes
	if n.deleted == nil {
		a.toast = "no bookmark was deleted"
		return nil
	}
	n.all = slices.Insert(n.all, min(n.gap, len(n.all)), *n.deleted)
	n.deleted = nil
	a.noteEvents()
	a.fillMenu()
	return a.keepState()
}

// openBookmarked goes to the event of a bookmark. Where the filter hides it, the filter gives way; u brings it back.
func (a *app) openBookmarked(b bookmark) tea.Cmd {
	cmds := []tea.Cmd{}
	if a.tab != tabEvents {
		cmds = append(cmds, a.openTab(tabEvents))
	}
	a.frequency.on = false
	cmds = append(cmds, a.focusOn(onList), a.goTo(b.ref))
	return tea.Batch(cmds...)
}

// goTo goes to an event of the store.
func (a *app) goTo(ref index.Ref) tea.Cmd {
	ctx, l, gen := a.search.ctx, a.events.list, a.events.gen
	if l == nil {
		return nil
	}
	return func() tea.Msg {
		line, ok := l.Find(ctx, ref)
		return goToMsg{gen: gen, ref: ref, line: line, here: ok}
	}
}

// goToMsg says where an event stands that is to be shown, and whether it is in the result at all.
type goToMsg struct {
	gen  int
	ref  index.Ref
	line int
	here bool
}

func (a *app) onGoTo(msg goToMsg) tea.Cmd {
	switch {
	case msg.gen != a.events.gen:
		return nil
	case msg.here:
		return a.toRow(msg.line)
	case a.filter == (filter{}):
		a.toast = "this event is outside of the time that was asked for"
		return nil
	}
	a.undone.Push(a.snapshot())
	a.around = lift{}
	a.toast = "the filter hid this event and gave way   u brings it back"
	cmd := a.show(filter{}, anchor{ref: msg.ref, has: true, row: a.events.H / 2})
	a.trail.Push(a.stop())
	return cmd
}

// lastBookmark is the time of the bookmark that was made last and has one.
func (a *app) lastBookmark() (time.Time, bool) {
	for _, b := range slices.Backward(a.notes.all) {
		if !b.Time.IsZero() {
			return b.Time, true
		}
	}
	return time.Time{}, false
}
