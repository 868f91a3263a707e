package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// promptPane is a line that is typed into, for everything but the filter.
type promptPane struct {
	line widget.Line
	kind promptKind
	old  string  // the text when it was opened
	over overlay // what it lies over and comes back when it is left
}

type promptKind uint8

const (
	promptTime promptKind = iota
	promptFind
	promptValue
	promptFiles
	promptPath
	promptProblems
	promptFrequency
	promptList
	promptNote
	promptSearchName
	promptColumn
	promptExport
)

// titles stand before the line.
var promptTitles = map[promptKind]string{
	promptTime: "go to time (14:05, -2h, 11-07, 2026-11-07T14:00Z): ", promptFind: "find in event: ",
	promptValue: "find a value: ", promptFiles: "log files with: ", promptPath: "open: ",
	promptProblems: "lines with: ", promptFrequency: "find a value: ", promptList: "find in the list: ", promptNote: "note of the bookmark: ",
	promptSearchName: "save this filter as: ", promptColumn: "field or path (requestParameters.bucketName): ", promptExport: "write to: ",
}

func (a *app) openPrompt(k promptKind, s string) {
	a.prompt = promptPane{line: widget.NewLine(s), kind: k, old: s}
	a.over = overPrompt
}

// onTyped edits the line that is typed into.
func (a *app) onTyped(name, typed string) tea.Cmd {
	switch a.over {
	case overFilter:
		if a.bar.line.Key(name, typed) {
			return a.filterChanged()
		}
	case overPrompt:
		if a.prompt.line.Key(name, typed) {
			return a.promptChanged()
		}
	case overPalette:
		a.palette.Type(name, typed)
	}
	return nil
}

func (a *app) onPaste(s string) tea.Cmd {
	switch a.over {
	case overFilter:
		a.bar.line.Insert(s)
		return a.filterChanged()
	case overPrompt:
		a.prompt.line.Insert(s)
		return a.promptChanged()
	case overPalette:
		a.palette.Paste(s)
	}
	return nil
}

// promptChanged lets results follow the typing where that is cheap.
func (a *app) promptChanged() tea.Cmd {
	s := a.prompt.line.Text()
	switch a.prompt.kind {
	case promptFind:
		a.find(s)
	case promptValue:
		a.facets.Find(s)
		return a.askFacets()
	case promptFiles:
		return a.findFiles(s)
	case promptFrequency:
		a.findFrequency(s)
	case promptProblems:
		return a.findProblems(s)
	case promptList:
		a.findTyped(s)
	}
	return nil
}

func (a *app) find(s string) {
	a.detail.find = s
	if a.detail.tree == nil {
		return
	}
	a.toast = ""
	if n := a.detail.tree.Search(s); s != "" {
		a.toast = text.Count(n) + " hits; n N go through them"
	}
}

func (a *app) findFiles(s string) tea.Cmd {
	a.sources.find = s
	a.sources.To(0)
	return a.askFiles()
}

func (a *app) findProblems(s string) tea.Cmd {
	a.integrity.ask.find = s
	a.integrity.To(0)
	return a.relist()
}

func (a *app) doPrompt(act action) tea.Cmd {
	p := &a.prompt
	s := p.line.Text()
	switch act {
	case actAccept:
		a.over = p.over
		return a.promptDone(p.kind, s)
	case actEsc, actCancel:
		a.over = p.over
		switch p.kind {
		case promptFind:
			a.find(p.old)
		case promptValue:
			a.facets.Find(p.old)
			a.search.facetsGen = 0
			return a.askFacets()
		case promptFiles:
			return a.findFiles(p.old)
		case promptFrequency:
			a.findFrequency(p.old)
		case promptProblems:
			return a.findProblems(p.old)
		case promptList:
			a.events.find = a.foundBefore
		}
	}
	return nil
}

// promptDone takes what was typed.
func (a *app) promptDone(k promptKind, s string) tea.Cmd {
	switch k {
	case promptTime:
		return a.goToTime(s)
	case promptPath:
		if s = strings.TrimSpace(s); s != "" {
			a.start.choice = Choice{Place: s}
			return tea.Quit
		}
	case promptList:
		a.teach(actFindInList)
		return a.startFind(s)
	case promptNote:
		return a.takeNote(s)
	case promptSearchName:
		return a.saveSearch(s)
	case promptColumn:
		a.addPath(s)
	case promptExport:
		return a.startExport(s)
	}
	return nil
}

// goToTime goes to the first event not newer than a time.
func (a *app) goToTime(s string) tea.Cmd {
	from := a.opt.Now()
	if r := a.events.Selected(); r != nil && r.HasTime {
		from = r.Time
	}
	if a.tab == tabTimeline && !a.timeline.at.IsZero() {
		from = a.timeline.at
	}
	t, ok := parseTime(s, from, a.location())
	if !ok {
		a.toast = "no time: " + s + " (14:05, -2h, 11-07, 2026-11-07, 2026-11-07T14:00Z)"
		return nil
	}
	if a.events.result == nil || a.events.N == 0 {
		return nil
	}
	a.toast = "at " + t.In(a.location()).Format("2006-01-02 15:04:05") + " " + zoneName(a.location())
	if a.tab == tabTimeline {
		return a.timelineTo(t)
	}
	return timeRowCmd(a.search.ctx, a.events.list, a.events.gen, t)
}

// parseTime reads a time as a person types it, seen from the event under the cursor: 14:05 is that day, -2h before it,
// 11-07 that year. A whole day or minute means its end, since the list goes from new to old.
func parseTime(s string, from time.Time, loc *time.Location) (time.Time, bool) {
	s = strings.TrimSpace(s)
	from = from.In(loc)
	if s != "" && (s[0] == '-' || s[0] == '+') {
		unit := time.Duration(1)
		num := s
		if d, ok := strings.CutSuffix(s, "d"); ok {
			num, unit = d+"h", 24
		}
		d, err := time.ParseDuration(num)
		return from.Add(d * unit), err == nil
	}
	y, m, d := from.Date()
	for _, f := range []struct {
		layout string
		fill   func(t time.Time) time.Time
	}{
		{time.RFC3339, func(t time.Time) time.Time { return t }},
		{"2006-01-02T15:04Z07:00", endOf(time.Minute)},
		{"2006-01-02T15:04:05", endOf(time.Second)},
		{"2006-01-02 15:04:05", endOf(time.Second)},
		{"2006-01-02T15:04", endOf(time.Minute)},
		{"2006-01-02 15:04", endOf(time.Minute)},
		{"2006-01-02", endOf(24 * time.Hour)},
		{"01-02 15:04", func(t time.Time) time.Time { return endOf(time.Minute)(t.AddDate(y-t.Year(), 0, 0)) }},
		{"01-02", func(t time.Time) time.Time { return endOf(24 * time.Hour)(t.AddDate(y-t.Year(), 0, 0)) }},
		{"15:04:05", onDay(y, m, d, time.Second)},
		{"15:04", onDay(y, m, d, time.Minute)},
	} {
		if t, err := time.ParseInLocation(f.layout, s, loc); err == nil {
			return f.fill(t), true
		}
	}
	return time.Time{}, false
}

func endOf(d time.Duration) func(time.Time) time.Time {
	return func(t time.Time) time.Time { return t.Add(d - 1) }
}

func onDay(y int, m time.Month, d int, unit time.Duration) func(time.Time) time.Time {
	return func(t time.Time) time.Time {
		return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, t.Location()).Add(unit - 1)
	}
}

func (a *app) doPalette(act action) tea.Cmd {
	p := &a.palette
	switch act {
	case actEsc, actCancel:
		a.over = overNone
	case actAccept:
		return a.runEntry()
	default:
		move(&p.Window, act)
	}
	return nil
}

// runEntry runs what is chosen in the palette.
func (a *app) runEntry() tea.Cmd {
	p := &a.palette
	if row, ok := p.Row(); ok {
		a.over = overNone
		return a.toRow(min(row, max(a.events.N-1, 0)))
	}
	switch strings.TrimSpace(p.line.Text()) {
	case "q", "quit":
		return tea.Quit
	case "where":
		a.over = overNone
		return a.do(actShowState)
	case "help":
		a.palette.Open(a.entries(a.paneMode()), false)
		return nil
	}
	e, ok := p.Chosen()
	if !ok {
		return nil
	}
	a.over = overNone
	if e.why != "" {
		a.toast = e.why
		return nil
	}
	if e.act == actRunSearch {
		return a.runSearch(e.search)
	}
	return a.do(e.act)
}
