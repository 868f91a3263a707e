package tui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// savedState is what comes back at the next visit to a store. The filter does not by itself: on a store that grows, a
// filter nobody remembers shows a clean list. It is offered instead.
type savedState struct {
	Version int         `json:"version"`
	Local   bool        `json:"local,omitempty"` // times in the zone of the person
	Theme   string      `json:"theme,omitempty"`
	NoStrip bool        `json:"noStrip,omitempty"`
	NoFacet bool        `json:"noFacets,omitempty"`
	Column  int         `json:"column,omitempty"` // the one under the cursor
	Filter  savedFilter `json:"filter,omitzero"`
	Recall  []string    `json:"recall,omitempty"` // filters used before, newest last
	Marks   []savedMark `json:"marks,omitempty"`

	Columns   []chosenColumn `json:"columns,omitempty"`
	Bookmarks []bookmark     `json:"bookmarks,omitempty"`
	Searches  []savedSearch  `json:"searches,omitempty"`
	View      *savedView     `json:"view,omitempty"` // of a session only
}

type savedFilter struct {
	Text   string `json:"text,omitempty"`
	Writes bool   `json:"writes,omitempty"`
	Errors bool   `json:"errors,omitempty"`
}

// A savedMark names an event by what it is, since where it lies in the store changes.
type savedMark struct {
	ID   string    `json:"id,omitempty"`
	Time time.Time `json:"time,omitzero"`
	Log  string    `json:"log,omitempty"` // key of its log file
}

const (
	stateVersion = 1
	maxState     = 8 << 20 // bytes of a file that are read
	maxSaved     = 10_000  // marks
	saveFor      = 2 * time.Second
)

// stateMsg brings what was kept, with the marks found again.
type stateMsg struct {
	saved savedState
	marks []index.Ref
	err   error
}

// kept is what the file holds now, and whether it may be written: not before it was read.
type kept struct {
	read bool
	lock sync.Mutex
	file []byte
}

// stateCmd reads what was kept and finds the marked events again. That there is no file is no error.
func stateCmd(ctx context.Context, x *index.Index, path string) tea.Cmd {
	if path == "" {
		return nil
	}
	return func() tea.Msg { return loadState(ctx, x, path) }
}

// loadState reads a file and finds its events again.
func loadState(ctx context.Context, x *index.Index, path string) stateMsg {
	s, err := readState(path)
	msg := stateMsg{saved: s, err: err}
	for _, m := range s.Marks[:min(len(s.Marks), maxSaved)] {
		ref, ok, err := findMark(ctx, x, m)
		if err != nil {
			return stateMsg{err: err}
		}
		if ok {
			msg.marks = append(msg.marks, ref)
		}
	}
	s.Bookmarks = s.Bookmarks[:min(len(s.Bookmarks), maxBookmarks)]
	for i := range s.Bookmarks {
		b := &s.Bookmarks[i]
		if b.ref, b.has, err = findMark(ctx, x, b.savedMark); err != nil {
			return stateMsg{err: err}
		}
	}
	msg.saved = s
	return msg
}

// readState reads the file. One of another version, or damaged, is an error that says so.
func readState(path string) (savedState, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return savedState{Version: stateVersion}, nil
	}
	if err != nil {
		return savedState{}, err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxState))
	if err != nil {
		return savedState{}, err
	}
	var s savedState
	if err := json.Unmarshal(b, &s); err != nil {
		return savedState{}, fmt.Errorf("%s is damaged: %w", filepath.Base(path), err)
	}
	if s.Version != stateVersion {
		return savedState{}, fmt.Errorf("%s is of version %d, this is version %d", filepath.Base(path), s.Version, stateVersion)
	}
	return s, nil
}

// findMark finds an event by id, time and log file; where its copy of that log file is not shown any more, another copy.
func findMark(ctx context.Context, x *index.Index, m savedMark) (index.Ref, bool, error) {
	var terms []query.Node
	for _, t := range []struct{ field, value string }{{"id", m.ID}, {"log", m.Log}} {
		if t.value != "" {
			terms = append(terms, match(query.Key{Field: t.field}, t.value))
		}
	}
	var opt index.SearchOptions
	if !m.Time.IsZero() {
		opt.From, opt.To = m.Time, m.Time.Add(1)
	}
	for len(terms) > 0 {
		n := terms[0]
		if len(terms) > 1 {
			n = query.And{Nodes: terms}
		}
		r, err := x.Search(ctx, n, opt)
		if err != nil {
			return index.Ref{}, false, err
		}
		if rows, err := r.Page(ctx, 0, 1, nil); err != nil || len(rows) > 0 {
			return first(rows), err == nil, err
		}
		if m.ID == "" {
			break
		}
		terms = terms[:len(terms)-1]
	}
	return index.Ref{}, false, nil
}

func first(rows []index.Row) index.Ref {
	if len(rows) == 0 {
		return index.Ref{}
	}
	return rows[0].Ref
}

// onState brings back what was kept, and offers the filter of the last visit.
func (a *app) onState(msg stateMsg) tea.Cmd {
	if msg.err != nil {
		if !isCanceled(msg.err) {
			a.toast = "what was kept of the last visit cannot be used: " + errorText(msg.err)
		}
		return nil
	}
	s := &msg.saved
	a.kept.read = true
	a.kept.file, _ = json.Marshal(s)
	a.local, a.stripOff, a.facetsOn = s.Local, s.NoStrip, !s.NoFacet
	if a.opt.Theme == "" && s.Theme != "" {
		a.look = s.Theme
		a.restyle()
	}
	if s.Column > 0 && s.Column < len(rowFields) {
		a.events.column = s.Column
	}
	a.notes.all = slices.Concat(s.Bookmarks, a.notes.all)
	a.noteEvents()
	a.saved = s.Searches[:min(len(s.Searches), maxSearches)]
	var columns tea.Cmd
	if chosen := validColumns(s.Columns); len(chosen) > 0 {
		a.setColumns(chosen)
		columns = a.reorder(a.anchor())
	}
	for _, f := range slices.Concat(s.Recall, slices.Clone(a.bar.recall)) {
		a.bar.Remember(f)
	}
	for _, ref := range msg.marks {
		a.marks[ref] = true
	}
	if lost := len(s.Marks) - len(msg.marks); lost > 0 {
		a.toast = many(lost, "marked event") + " of the last visit not found here"
	}
	a.offerFilter(filter{text: s.Filter.Text, writes: s.Filter.Writes, errors: s.Filter.Errors})
	return tea.Batch(columns, a.relayout(), sessionCmd(a.ctx, a.opt.Index, a.opt.Session))
}

// offerFilter puts the filter of the last visit behind the beginning of the way, where [ leads.
func (a *app) offerFilter(f filter) {
	if f == (filter{}) || f == a.filter {
		return
	}
	if _, err := a.parse(f.text); err != nil {
		return
	}
	a.trail.stops = append([]stop{{tab: tabEvents, filter: f}}, a.trail.stops...)
	a.trail.at++
	a.offered = "[ the filter of the last visit: " + f.whole()
}

// saveState writes what is to come back, where that is wanted and differs from what the file holds.
func (a *app) saveState(ctx context.Context) error {
	if a.opt.State == "" || !a.kept.read {
		return nil
	}
	return a.stateNow().write(ctx)
}

// keepState writes it behind the screen, so that a note is not lost where the program does not end as it should.
func (a *app) keepState() tea.Cmd {
	if a.opt.State == "" || !a.kept.read {
		return nil
	}
	s, ctx, running := a.stateNow(), a.ctx, &a.background
	return func() tea.Msg {
		if !running.begin() {
			return nil
		}
		defer running.end()
		if err := s.write(ctx); err != nil {
			return toastMsg{"not kept for the next visit: " + errorText(err)}
		}
		return nil
	}
}

// A stateNow is what would come back, apart from the model; writing it names the marked events.
type stateNow struct {
	index *index.Index
	path  string
	saved savedState
	marks map[index.Ref]bool
	kept  *kept
}

func (a *app) stateNow() stateNow {
	s := savedState{
		Version: stateVersion, Local: a.local, Theme: a.look, NoStrip: a.stripOff, NoFacet: !a.facetsOn, Column: a.events.column,
		Filter: savedFilter{a.filter.text, a.filter.writes, a.filter.errors}, Recall: slices.Clone(a.bar.recall),
		Columns: slices.Clone(a.events.chosen), Bookmarks: slices.Clone(a.notes.all), Searches: slices.Clone(a.saved),
	}
	if s.Column == defaultColumn || s.Columns != nil {
		s.Column = 0
	}
	return stateNow{index: a.opt.Index, path: a.opt.State, saved: s, marks: maps.Clone(a.marks), kept: &a.kept}
}

// write writes the file where it differs from what it holds. One writes at a time, and the last one wins.
func (s stateNow) write(ctx context.Context) error {
	s.kept.lock.Lock()
	defer s.kept.lock.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveFor)
	defer cancel()
	marks, err := savedMarks(ctx, s.index, s.marks)
	if err != nil {
		return err
	}
	s.saved.Marks = marks
	b, err := json.Marshal(s.saved)
	if err != nil || bytes.Equal(b, s.kept.file) {
		return err
	}
	if err := writeState(s.path, append(b, '\n')); err != nil {
		return err
	}
	s.kept.file = b
	return nil
}

// savedMarks names the marked events, oldest place first so that the same marks make the same file.
func savedMarks(ctx context.Context, x *index.Index, refs map[index.Ref]bool) ([]savedMark, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	all, err := x.Search(ctx, query.All{}, index.SearchOptions{})
	if err != nil {
		return nil, err
	}
	var marks []savedMark
	for ref := range refs {
		i, ok := all.Find(ctx, ref)
		if !ok || len(marks) == maxSaved {
			continue
		}
		rows, err := all.Page(ctx, i, 1, []string{"id", "log"})
		if err != nil || len(rows) == 0 {
			return nil, err
		}
		m := savedMark{ID: rows[0].Values[0], Log: rows[0].Values[1]}
		if rows[0].HasTime {
			m.Time = rows[0].Time
		}
		marks = append(marks, m)
	}
	slices.SortFunc(marks, func(a, b savedMark) int {
		if c := a.Time.Compare(b.Time); c != 0 {
			return c
		}
		return strings.Compare(a.ID+a.Log, b.ID+b.Log)
	})
	return marks, nil
}

// writeState replaces the file in one step; only the user can read it.
func writeState(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
