package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// tabs are the five views; a number stays where it is, built or not.
var tabs = []string{"Events", "Timeline", "Findings", "Integrity", "Sources"}

// unbuilt says what the views will be that are not there yet.
var unbuilt = map[tab]string{
	tabTimeline:  "The timeline view is not built yet. The histogram above the events shows when they happened; t goes to a time.",
	tabFindings:  "Findings are not built yet: no rule has looked at these events.",
	tabIntegrity: "The integrity check is not built yet: no log file here has been checked against a digest.",
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
		caret = a.drawEvents(s)
	case tabSources:
		s.put(1, a.sources.View(a.th, &a.intake, a.opt.Places, a.h-3))
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

func indent(lines []string) []string {
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}

// drawEvents draws the Events view.
func (a *app) drawEvents(s *screen) *tea.Cursor {
	l := a.lay
	var caret *tea.Cursor
	loc := a.location()
	selected := a.events.Selected()
	if !l.query.empty() {
		line, x := a.bar.View(a.th, a.filter, a.rangeText(), a.matchText(), l.query.w)
		s.put(l.query.y, []string{line})
		if a.over == overFilter {
			caret = steady(tea.NewCursor(min(x, a.w-1), l.query.y))
		}
	}
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
	if a.over == overFilter {
		s.put(l.query.y+1, indent(a.bar.Drop(a.th, a.w-4, l.body.y+l.body.h-2)))
	}
	return caret
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

// tabLine names the views and, at its end, the store.
func (a *app) tabLine() string {
	var b strings.Builder
	cells := 0
	for i, name := range tabs {
		name = tabName(i, tab(i) == a.tab)
		cells += len(name)
		if tab(i) == a.tab {
			name = paint(a.th.here, name)
		}
		b.WriteString(name)
	}
	right := a.storeText(a.w - cells - 1)
	return b.String() + text.Blank(a.w-cells-text.Width(right)) + right
}

func tabName(i int, on bool) string {
	name := fmt.Sprintf("%d %s", i+1, tabs[i])
	if on {
		return "[" + name + "]"
	}
	return " " + name + " "
}

// tabAt is the view whose name is drawn at a column.
func tabAt(x int) (tab, bool) {
	for i := range tabs {
		n := len(tabName(i, false))
		if x < n {
			return tab(i), true
		}
		x -= n
	}
	return 0, false
}

// storeText is what the store holds, as much as there is room for.
func (a *app) storeText(cells int) string {
	zone := zoneName(a.location())
	switch {
	case len(zone) > cells:
		return ""
	case !a.intake.hasStats:
		return zone
	}
	s := &a.intake.stats
	n := s.Events
	if a.intake.on {
		n = max(n, a.intake.progress.EventsHeld)
	}
	best := zone
	span := ""
	if !s.First.IsZero() {
		loc := a.location()
		span = s.First.In(loc).Format("2006-01-02") + " .. " + s.Last.In(loc).Format("2006-01-02") + "   "
	}
	place := ""
	if a.opt.Places != "" {
		place = text.CutTail(a.th.vis(a.opt.Places), 30) + "   "
	}
	for _, t := range []string{
		text.Short(n) + " ev " + zone,
		span + text.Count(n) + " events   " + zone,
		place + text.Count(n) + " events   " + span + zone,
	} {
		if text.Width(t) <= cells {
			best = t
		}
	}
	return best
}

// matchText is how many events the filter leaves.
func (a *app) matchText() string {
	r := a.events.result
	switch {
	case r == nil:
		return "searching"
	case a.bar.editing && a.bar.without:
		return "no match yet"
	case r.Partial() || a.search.running && !a.search.refresh && a.search.done > 0:
		return fmt.Sprintf("%s%s match, %d%% searched", a.th.atLeast(), text.Count(r.Count()), int(a.search.done*100))
	case a.filter.whole() == "" && a.opt.From.IsZero() && a.opt.To.IsZero():
		return text.Count(r.Count()) + " events"
	}
	s := text.Count(r.Count()) + " match"
	if all := a.intake.stats.Events; a.intake.hasStats && all > 0 {
		s += "  " + share(r.Count(), all)
	}
	if a.w >= wideWidth {
		s += fmt.Sprintf("  %d ms", r.Took().Milliseconds())
	}
	return s
}

// share is a share with two digits after the point, so that few of many are still seen.
func share(n, of int) string { return fmt.Sprintf("%.2f%%", 100*float64(n)/float64(of)) }

// statusLine says where the list stands, what runs, and what was just done.
func (a *app) statusLine() string {
	if a.over == overFilter {
		if e := a.bar.ErrorText(); e != "" {
			return " " + paint(a.th.bad, text.Cut(a.th.vis(e), a.w-2))
		}
	}
	if a.toast != "" {
		return " " + text.Cut(a.th.vis(a.toast), a.w-2)
	}
	if a.tab == tabEvents && a.focus == onFacets {
		if e := a.facets.Effect(); e != "" {
			return " " + text.Cut(a.th.vis(e), a.w-2)
		}
	}
	var left []string
	if a.tab == tabEvents {
		left = append(left, a.position()...)
	}
	left = append(left, a.running()...)
	line := text.Cut(" "+strings.Join(left, "   "), a.w)
	right := a.restText()
	if room := a.w - text.Width(line) - text.Width(right) - 1; right != "" && room > 1 {
		line += text.Blank(room) + right
	}
	return line
}

// position is where the list stands.
func (a *app) position() []string {
	e := &a.events
	row := 0
	if e.N > 0 {
		row = e.Cursor + 1
	}
	parts := []string{fmt.Sprintf("%s/%s", text.Count(row), text.Count(e.N))}
	if e.newer > 0 {
		parts = append(parts, fmt.Sprintf("+%s newer (g)", text.Count(e.newer)))
	}
	if n := len(a.marks); n > 0 {
		parts = append(parts, "marked "+text.Count(n))
	}
	if r := e.result; r != nil {
		if n := r.Conflicts(); n > 0 {
			parts = append(parts, text.Count(n)+" in conflict")
		}
		if n := r.Unreadable(); n > 0 {
			parts = append(parts, text.Count(n)+" could not be read")
		}
	}
	return parts
}

// running is what goes on, or that nothing was checked.
func (a *app) running() []string {
	if a.intake.on {
		g := &a.intake.progress
		s := fmt.Sprintf("bringing in %s/%s files", text.Count(g.Done), listed(g))
		if share, known := a.intake.Share(); known {
			s += fmt.Sprintf(" %d%%", int(share*100))
		}
		if rate := a.intake.Rate(); rate > 0 {
			s += fmt.Sprintf(" %s ev/s", text.Short(rate))
		}
		if left := a.intake.Left(); left > 0 {
			s += " " + clock(left) + " left"
		}
		return []string{s}
	}
	return []string{"integrity not checked"}
}

// restText is about the event under the cursor; it follows when the cursor rests, so that moving stays cheap.
func (a *app) restText() string {
	r := a.events.Selected()
	if a.tab != tabEvents || r == nil || !a.rested {
		return ""
	}
	var parts []string
	for _, f := range []struct {
		flag index.RowFlags
		text string
	}{
		{index.RowConflict, "conflict: another copy says otherwise"},
		{index.RowSalvaged, "salvaged from a damaged file"},
		{index.RowTimeGuessed, "time not from eventTime"},
		{index.RowStale, "not in the newest version of its file"},
	} {
		if r.Flags&f.flag != 0 {
			parts = append(parts, f.text)
		}
	}
	if r.HasTime && a.w < wideWidth {
		parts = append(parts, r.Time.In(a.location()).Format("2006-01-02T15:04:05Z07:00"))
	}
	return strings.Join(parts, "   ")
}

// hintLine names the keys that matter here.
func (a *app) hintLine() string { return hints(a.keys, a.where(), a.w-1) }
