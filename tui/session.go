package tui

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
)

// A session is what comes back at the next visit together with what was on the screen, as a text file one can hand on: it
// holds no records, and names events by what they are, so that it opens on any store of the same logs.

// A savedView is what was on the screen.
type savedView struct {
	Tab   tab       `json:"tab"`
	Sort  string    `json:"sort,omitempty"` // field; "": time
	Back  bool      `json:"back,omitempty"`
	Event savedMark `json:"event,omitzero"` // under the cursor
}

// sessionMsg brings a session, with its events found again.
type sessionMsg struct {
	stateMsg
	event index.Ref
	has   bool
}

// CheckSession says why a file is no session.
func CheckSession(path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	s, err := readState(path)
	if err == nil && s.View == nil {
		err = fmt.Errorf("%s is no session", filepath.Base(path))
	}
	return err
}

// sessionCmd reads a session and finds its events again.
func sessionCmd(ctx context.Context, x *index.Index, path string) tea.Cmd {
	if path == "" {
		return nil
	}
	return func() tea.Msg {
		if err := CheckSession(path); err != nil {
			return sessionMsg{stateMsg: stateMsg{err: err}}
		}
		msg := sessionMsg{stateMsg: loadState(ctx, x, path)}
		if msg.err == nil {
			msg.event, msg.has, msg.err = findMark(ctx, x, msg.saved.View.Event)
		}
		return msg
	}
}

// onSession shows what the session showed: view, filter, columns, order, marks, bookmarks and the event under the cursor.
func (a *app) onSession(msg sessionMsg) tea.Cmd {
	if msg.err != nil {
		if !isCanceled(msg.err) {
			a.toast = "the session cannot be used: " + errorText(msg.err)
		}
		return nil
	}
	s := &msg.saved
	f := s.Filter.filter()
	if _, err := a.parse(f.text); err != nil {
		a.toast = "the session's filter: " + errorText(err)
		return nil
	}
	a.undone.Push(a.snapshot())
	for _, b := range s.Bookmarks {
		if !slices.ContainsFunc(a.notes.all, func(o bookmark) bool { return o.savedMark == b.savedMark }) {
			a.notes.all = append(a.notes.all, b)
		}
	}
	a.noteEvents()
	for _, o := range s.Searches[:min(len(s.Searches), maxSearches)] {
		if !slices.ContainsFunc(a.saved, func(mine savedSearch) bool { return mine.Name == o.Name }) {
			a.saved = append(a.saved, o)
		}
	}
	for _, ref := range msg.marks {
		a.marks[ref] = true
	}
	a.local = s.Local
	if chosen := validColumns(s.Columns); len(chosen) > 0 {
		a.setColumns(chosen)
	}
	a.events.order = order{field: s.View.Sort, back: s.View.Back}
	a.toast = "the session: " + orAll(f.whole()) + "   u undoes"
	at := anchor{ref: msg.event, has: msg.has, row: a.events.H / 2}
	cmds := []tea.Cmd{a.show(f, at)}
	if t := s.View.Tab; t != a.tab && int(t) < len(tabs) {
		cmds = append(cmds, a.openTab(t))
	}
	a.trail.Push(a.stop())
	return tea.Batch(cmds...)
}

// writeSession writes the session.
func (e *exporter) writeSession(ctx context.Context, w io.Writer) error {
	s := e.session
	marks, err := savedMarks(ctx, s.index, s.marks)
	if err != nil {
		return err
	}
	s.saved.Marks = marks
	if e.event != nil {
		if s.saved.View.Event, err = e.nameEvent(ctx); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s.saved); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// nameEvent names the event under the cursor by what it is.
func (e *exporter) nameEvent(ctx context.Context) (savedMark, error) {
	marks, err := savedMarks(ctx, e.index, map[index.Ref]bool{*e.event: true})
	if err != nil || len(marks) == 0 {
		return savedMark{}, err
	}
	return marks[0], nil
}
