package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/tui/text"
)

// tabs are the five views; a number stays where it is, built or not.
var tabs = []string{"Events", "Timeline", "Findings", "Integrity", "Sources"}

// unbuilt says what the views will be that are not there yet.
var unbuilt = map[tab]string{
	tabFindings: "Findings are not built yet: no rule has looked at these events. o lists searches to begin with, 4 shows what is wrong with the log files.",
}

// screen is the lines of a frame; none is wider than the terminal.
type screen struct {
	w     int
	lines []string
}

// put draws lines from line y on, over everything there.
func (s *screen) put(y int, lines []string) {
	for i, l := range lines {
		if y+i >= 0 && y+i < len(s.lines) {
			s.lines[y+i] = l
		}
	}
}

// over draws a block at x, y and leaves what is beside it.
func (s *screen) over(x, y, w int, lines []string) {
	for i, l := range lines {
		if y+i < 0 || y+i >= len(s.lines) {
			continue
		}
		under := s.lines[y+i]
		left := ansi.Truncate(under, x, "")
		left += text.Blank(x - ansi.StringWidth(left))
		right := rightOf(under, x+w)
		s.lines[y+i] = left + l + right
	}
}

// rightOf is what of a line lies right of column x; of a wide character that is cut in half a blank is left.
func rightOf(line string, x int) string {
	rest := ansi.StringWidth(line) - x
	if rest <= 0 {
		return ""
	}
	right := ansi.TruncateLeft(line, x, "")
	if ansi.StringWidth(right) > rest {
		right = ansi.TruncateLeft(line, x+1, "")
	}
	return text.Blank(rest-ansi.StringWidth(right)) + right
}

// draw makes the frame and says where the terminal's cursor stands in it.
func (a *app) draw() (string, *tea.Cursor) {
	if a.w <= 0 || a.h <= 0 {
		return "", nil
	}
	s := screen{w: a.w, lines: make([]string, a.h)}
	var caret *tea.Cursor
	switch {
	case a.start != nil:
		s.put(0, a.start.View(a.th, a.w, a.h))
		caret = a.drawOver(&s)
	case a.choosing != nil && !a.lay.tooSmall:
		s.put(0, a.choosing.View(a.th, a.toast))
		caret = a.drawOver(&s)
	case a.lay.tooSmall:
		s.put(0, []string{text.Cut(fmt.Sprintf("needs %dx%d, has %dx%d", minWidth, minHeight, a.w, a.h), a.w), text.Cut("q leaves", a.w)}[:min(a.h, 2)])
	default:
		caret = a.drawViews(&s)
	}
	return strings.Join(s.lines, "\n"), caret
}

func (a *app) drawViews(s *screen) *tea.Cursor {
	l := a.lay
	s.put(0, []string{a.tabLine()})
	var caret *tea.Cursor
	switch a.tab {
	case tabEvents:
		if a.frequency.on {
			s.put(2, a.frequency.View(a.th))
			caret = a.drawFilter(s)
			break
		}
		caret = a.drawEvents(s)
	case tabTimeline:
		s.put(2, a.timeline.View(a.th, a.location()))
		caret = a.drawFilter(s)
	case tabSources:
		if a.trails.on {
			s.put(1, a.trails.View(a.th, a.h-3))
			break
		}
		s.put(1, a.sources.View(a.th, a.location(), &a.intake, a.opt.Places, a.h-3))
	case tabIntegrity:
		s.put(1, a.integrity.View(a.th, a.location()))
	default:
		s.put(2, indent(text.Wrap(unbuilt[a.tab], a.w-4)))
	}
	s.put(l.status.y, []string{a.statusLine()})
	s.put(l.hints.y, []string{paint(a.th.dim, a.hintLine())})
	if c := a.drawOver(s); c != nil {
		caret = c
	}
	return caret
}

// drawOver draws the prompt or the palette, whichever takes the keys.
func (a *app) drawOver(s *screen) *tea.Cursor {
	if a.over == overPivot {
		w := min(a.w, pivotWidth)
		s.over((a.w-w)/2, 2, w, a.pivot.View(a.th, w, a.h-4))
		return nil
	}
	if a.over == overMenu || a.over == overPrompt && a.prompt.over == overMenu {
		w := min(a.w, menuWidth)
		s.over((a.w-w)/2, 2, w, a.menu.View(a.th, w, a.h-4))
	}
	if a.over != overPalette {
		return a.drawPrompt(s)
	}
	w, h := paletteWidth, min(a.h-4, 26)
	if a.w < paletteWidth+4 {
		w = a.w
	}
	if w < 8 || h < 3 {
		return nil
	}
	x := (a.w - w) / 2
	s.over(x, 2, w, a.palette.View(a.th, w, h))
	return steady(tea.NewCursor(min(x+a.palette.Caret(a.th, w), a.w-1), 2))
}

// pivotWidth is how wide the menu of a pivot is drawn at most.
const pivotWidth = 110

func indent(lines []string) []string {
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}

// drawEvents draws the Events view.
func (a *app) drawEvents(s *screen) *tea.Cursor {
	l := a.lay
	loc := a.location()
	selected := a.events.Selected()
	if !l.strip.empty() {
		s.put(l.strip.y, a.strip.View(a.th, loc, selected, l.strip.w, l.strip.h))
	}
	if !l.list.empty() {
		lines := a.listLines()
		if l.gap.empty() {
			s.put(l.list.y, lines)
		} else {
			s.over(l.list.x, l.list.y, l.list.w, lines)
		}
	}
	if !l.detail.empty() {
		lines := a.detail.View(a.th, loc, a.focus == onDetail)
		if l.detail.x == 0 {
			s.put(l.detail.y, lines)
		} else {
			s.over(l.detail.x, l.detail.y, l.detail.w, lines)
		}
	}
	if !l.facets.empty() {
		a.drawFacets(s)
	}
	return a.drawFilter(s)
}

// beginText says behind an empty filter where triage begins, in the view whose hint line may have no room for it.
func (a *app) beginText() string {
	if a.tab != tabEvents {
		return ""
	}
	for _, b := range a.keys {
		if b.act == actSearches && b.in&inEvents != 0 && len(b.Keys()) > 0 {
			return "   " + b.Help().Key + ": searches to begin with"
		}
	}
	return ""
}

// drawFilter draws the filter line and, while it is typed into, what could stand there.
func (a *app) drawFilter(s *screen) *tea.Cursor {
	l := a.lay
	if l.query.empty() {
		return nil
	}
	a.bar.begin = a.beginText()
	line, x := a.bar.View(a.th, a.filter, a.rangeText(), a.matchText(), l.query.w)
	s.put(l.query.y, []string{line})
	if a.over != overFilter {
		return nil
	}
	s.put(l.query.y+1, indent(a.bar.Drop(a.th, a.w-4, l.body.y+l.body.h-2)))
	return steady(tea.NewCursor(min(x, a.w-1), l.query.y))
}

func (a *app) listLines() []string {
	e := &a.events
	if e.N > 0 {
		return e.View(a.th, a.location(), a.marks, a.focus == onList)
	}
	lines := []string{e.heading(a.th, a.location()), ""}
	why := a.emptyText()
	return append(lines, indent(text.Wrap(why, max(a.lay.list.w-4, 2)))...)
}

// emptyText says why the list is empty.
func (a *app) emptyText() string {
	switch {
	case a.err != "":
		return a.th.vis(a.err)
	case a.events.result == nil || a.search.running:
		return "searching"
	case a.filter.whole() != "":
		why := "no event matches this filter. u undoes the last change; / edits it"
		if strings.Contains(a.filter.text, ":") && !strings.Contains(a.filter.text, "*") {
			why += ". A value is matched whole; * stands for any text, as in user:bob*"
		}
		return why
	case a.intake.on:
		return "nothing has come in yet"
	case !a.opt.From.IsZero() || !a.opt.To.IsZero():
		return a.emptyRange()
	}
	return "there are no events here. 5 shows which log files were read"
}

// emptyRange says what there is where the range asked for holds nothing.
func (a *app) emptyRange() string {
	s := "no events in " + a.rangeText()
	if st := &a.intake.stats; a.intake.hasStats && !st.First.IsZero() {
		const day = "2006-01-02"
		s += "; the store covers " + st.First.In(a.location()).Format(day) + " to " + st.Last.In(a.location()).Format(day) + " (try --from end-1d)"
	}
	return s
}

// rangeText is the range of time that was asked for on the command line, "" where there is none.
func (a *app) rangeText() string {
	const layout = "2006-01-02 15:04"
	from, to := a.opt.From, a.opt.To
	switch {
	case from.IsZero() && to.IsZero():
		return ""
	case to.IsZero():
		return "since " + from.In(a.location()).Format(layout)
	case from.IsZero():
		return "until " + to.In(a.location()).Format(layout)
	}
	return from.In(a.location()).Format(layout) + " .. " + to.In(a.location()).Format(layout)
}

func (a *app) drawFacets(s *screen) {
	l := a.lay
	lines := a.facets.View(a.th, a.focus == onFacets, a.events.N)
	edge := "|"
	switch {
	case l.drawer:
		for i := range lines {
			lines[i] += edge
		}
		s.over(0, l.facets.y, l.facets.w, lines)
	case l.gap.empty():
		s.put(l.facets.y, lines)
	default:
		for i := range lines {
			lines[i] += edge
		}
		s.over(0, l.facets.y, l.facets.w+1, lines)
	}
}

// drawPrompt draws the line that is typed into where the status line is.
func (a *app) drawPrompt(s *screen) *tea.Cursor {
	if a.over != overPrompt {
		return nil
	}
	title := promptTitles[a.prompt.kind]
	if text.Width(title) > a.w/2 {
		title = text.Cut(title, a.w/2)
	}
	right := text.Cut(a.th.vis(a.toast), a.w/3)
	room := max(a.w-len(title)-text.Width(right)-3, 1)
	line, x := a.prompt.line.View(room, a.th.vis)
	y := a.h - 2
	line = " " + paint(a.th.here, title) + line + text.Blank(room-text.Width(line)+1) + right
	s.put(y, []string{line})
	return steady(tea.NewCursor(min(1+len(title)+x, a.w-1), y))
}

// steady is a cursor that does not blink: nothing on screen moves by itself.
func steady(c *tea.Cursor) *tea.Cursor {
	c.Blink = false
	return c
}
