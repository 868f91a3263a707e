package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// chunkRows is how many rows are read and kept together.
const chunkRows = 128

// maxChunks bounds the rows kept: 4,096, some 2 MB.
const maxChunks = 32

func chunkStart(row int) int { return max(row, 0) / chunkRows * chunkRows }

// eventsPane is the list of events: a window on a result of any size, of which only the rows around it are read.
type eventsPane struct {
	widget.Window
	result  *index.Result
	list    *listing // the result in the order of the list
	gen     int      // of the result
	partial bool
	chunks  map[int][]index.Row // by first row
	asked   map[int]bool
	columns []column
	chosen  []chosenColumn // that are wanted, nil: as suits the width; list has those that are shown
	order   order          // that is wanted; list has the one that is shown
	toField string         // the field whose column the cursor goes to in the next listing
	column  int            // the one = ! and c are about
	find    listFind
	span    rowSpan
	noted   map[index.Ref]bool // events with a bookmark
	since   time.Time          // times are shown as distances from here; zero: they are not
	newer   int                // rows that came in above the ones on screen
	width   int
	room    int // lines for rows and for what stands between them; H is how many rows that leaves
	gaps    gapLines
	// verified says that log files were verified; without that no row is marked.
	verified bool
}

// SetSize sets the cells of the pane; one line is the heading.
func (p *eventsPane) SetSize(w, h int, beside bool) {
	p.Jump, p.width, p.room = beside, w, max(h-1, 0)
	p.layout()
	p.Resize(p.N, p.room)
	p.fit()
}

// layout gives the columns their cells.
func (p *eventsPane) layout() {
	wide, chosen := len(p.columns), p.chosen
	if p.list != nil {
		chosen = p.list.chosen
	}
	if chosen == nil {
		p.columns = columns(p.width)
	} else {
		p.columns = chosenLayout(chosen, p.width, min(max(p.column, 0), len(chosen)-1))
	}
	if len(p.columns) != wide && wide > 0 && p.column >= len(p.columns) {
		p.column = len(p.columns) - 1
	}
}

// toColumn goes to the column of a field where the columns are other ones.
func (p *eventsPane) toColumn() {
	if p.toField == "" {
		return
	}
	field := p.toField
	p.toField, p.column = "", min(defaultColumn, max(len(p.columns)-1, 0))
	for i, c := range p.columns {
		if c.field() == field {
			p.column = i
		}
	}
	p.layout()
}

// Install shows a new result. Where refresh is set the same question was asked again because events came in: what came
// in above the anchor is counted.
func (p *eventsPane) Install(gen int, l *listing, partial bool, at placement, refresh bool) {
	r := l.Result
	if refresh {
		p.newer += max(at.cursor-p.Cursor, 0)
	} else {
		p.newer = 0
	}
	p.result, p.list, p.gen, p.partial = r, l, gen, partial
	p.span = rowSpan{}
	p.layout()
	p.toColumn()
	p.chunks, p.asked = map[int][]index.Row{}, map[int]bool{}
	p.Store(at.from, at.rows)
	p.gaps = gapLines{seek: p.gaps.seek}
	p.Resize(r.Count(), p.room)
	p.Place(at.cursor, at.row)
	p.newer = min(p.newer, p.Cursor)
}

// Store keeps rows that were read from row from on.
func (p *eventsPane) Store(from int, rows []index.Row) {
	for len(rows) > 0 {
		start := chunkStart(from)
		n := min(start+chunkRows-from, len(rows))
		if from == start && (n == chunkRows || from+n >= p.count()) {
			p.chunks[start] = rows[:n]
		}
		rows, from = rows[n:], from+n
	}
	for start := range p.chunks {
		if len(p.chunks) <= maxChunks {
			break
		}
		if start+chunkRows < p.Top-chunkRows || start > p.End()+chunkRows {
			delete(p.chunks, start)
			delete(p.asked, start)
		}
	}
}

func (p *eventsPane) count() int {
	if p.result == nil {
		return 0
	}
	return p.result.Count()
}

// At is row i where it has been read.
func (p *eventsPane) At(i int) *index.Row {
	chunk := p.chunks[chunkStart(i)]
	if i -= chunkStart(i); i < 0 || i >= len(chunk) {
		return nil
	}
	return &chunk[i]
}

// Selected is the row under the cursor, nil where there is none, it is not read yet, or the cursor is between events.
func (p *eventsPane) Selected() *index.Row {
	if p.N == 0 || p.gaps.on != 0 {
		return nil
	}
	return p.At(p.Cursor)
}

// Missing are the chunks to read next: those seen first (seen is true while one of them is missing), then their
// neighbours, so that going on is never a wait.
func (p *eventsPane) Missing() (starts []int, seen bool) {
	if p.N == 0 {
		return nil, false
	}
	first, last := chunkStart(p.Top), chunkStart(max(p.End()-1, 0))
	for c := first; c <= last; c += chunkRows {
		seen = seen || p.chunks[c] == nil
		starts = p.want(starts, c)
	}
	starts = p.want(starts, last+chunkRows)
	starts = p.want(starts, first-chunkRows)
	return starts, seen
}

func (p *eventsPane) want(starts []int, c int) []int {
	if c < 0 || c >= p.N || p.chunks[c] != nil || p.asked[c] {
		return starts
	}
	p.asked[c] = true
	return append(starts, c)
}

// Column is the column under the cursor.
func (p *eventsPane) Column() column {
	if len(p.columns) == 0 {
		return column{value: valueEvent}
	}
	return p.columns[min(p.column, len(p.columns)-1)]
}

// MoveColumn goes to another column.
func (p *eventsPane) MoveColumn(d int) {
	p.column = min(max(p.column+d, 0), max(len(p.columns)-1, 0))
	if p.list != nil && p.list.chosen != nil {
		p.layout() // what did not fit may have to be seen now
	}
}

// View draws heading and rows.
func (p *eventsPane) View(th theme, loc *time.Location, marks map[index.Ref]bool, focused bool) []string {
	lines := make([]string, 0, p.H+1)
	lines = append(lines, p.heading(th, loc))
	for i := p.Top; i < p.End(); i++ {
		lines = p.between(lines, th, i, loc, focused)
		lines = append(lines, p.line(th, i, loc, marks, focused))
	}
	if p.End() == p.N {
		lines = p.between(lines, th, p.N, loc, focused)
	}
	return lines[:min(len(lines), p.room+1)]
}

// between adds the lines above a row.
func (p *eventsPane) between(lines []string, th theme, row int, loc *time.Location, focused bool) []string {
	first, end := p.gaps.above(row)
	for i := first; i < end; i++ {
		lines = append(lines, p.gapLine(th, i, loc, focused))
	}
	return lines
}

// rowAt is the event or, where on is not 0, the line between events that is drawn in a line below the heading.
func (p *eventsPane) rowAt(line int) (row, on int, ok bool) {
	for row = p.Top; row <= p.End(); row++ {
		first, end := p.gaps.above(row)
		if line < end-first {
			return min(row, p.N-1), first + line + 1, line >= 0
		}
		if line -= end - first; line == 0 && row < p.End() {
			return row, 0, true
		}
		line--
	}
	return 0, 0, false
}

func (p *eventsPane) heading(th theme, loc *time.Location) string {
	var b strings.Builder
	b.WriteString(text.Blank(gutter))
	hidden := 0
	for i, c := range p.columns {
		if c.cells == 0 {
			hidden++
			continue
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		title := p.title(th, c, loc)
		if i == p.column && c.cells >= text.Width(title)+2 {
			title = "[" + title + "]"
		}
		title = text.FitTail(title, c.cells)
		if i == p.column {
			b.WriteString(paint(th.here, title))
		} else {
			b.WriteString(paint(th.dim, title))
		}
	}
	if hidden > 0 { // l and h go there
		more := fmt.Sprintf(" +%d", hidden)
		return ansi.Truncate(b.String(), max(p.width-len(more), 0), "") + more
	}
	return b.String()
}

// title is the head of a column; the one the list is sorted by says which way.
func (p *eventsPane) title(th theme, c column, loc *time.Location) string {
	title := th.vis(c.title)
	switch {
	case c.value != valueTime:
	case !p.since.IsZero():
		title += " FROM"
	case c.cells >= wideTime:
		title += " (" + zoneName(loc) + ")"
	}
	if p.list == nil || p.list.order == (order{}) {
		return title
	}
	if o := p.list.order; o.field == c.field() || o.field == "" && c.value == valueTime {
		// Times go down and values go up where nothing is turned round.
		return title + map[bool]string{true: " v", false: " ^"}[o.back && o.field != ""]
	}
	return title
}

func (p *eventsPane) line(th theme, i int, loc *time.Location, marks map[index.Ref]bool, focused bool) string {
	r := p.At(i)
	cursor := " "
	switch {
	case i == p.Cursor && p.gaps.on == 0:
		cursor = cursorGlyph(focused)
	case p.span.holds(i, p.Cursor):
		cursor = paint(th.key, "|")
	}
	if r == nil {
		return cursor
	}
	var b strings.Builder
	b.WriteString(cursor)
	b.WriteString(rowFlag(th, r, marks, p.noted))
	b.WriteString(p.verdictFlag(th, r))
	for j, c := range p.columns {
		if c.cells == 0 {
			continue
		}
		if j > 0 {
			b.WriteByte(' ')
		}
		cell := p.cell(th, c, r, loc)
		if hit, ok := p.find.paint(th, c, cell); ok {
			cell = hit
		} else if failed(r) && (c.value == valueOutcome || c.value == valueError) {
			cell = paint(th.bad, cell)
		}
		b.WriteString(cell)
	}
	return b.String()
}

// cursorGlyph is the cursor of a list: told by a glyph, and which pane is in use by which glyph.
func cursorGlyph(focused bool) string {
	if focused {
		return ">"
	}
	return "-"
}

// rowFlag is what is to be known of a row at once: marked, or one of several versions of an event.
func rowFlag(th theme, r *index.Row, marks, noted map[index.Ref]bool) string {
	switch {
	case marks[r.Ref]:
		return paint(th.key, "*")
	case r.Flags&index.RowConflict != 0:
		return paint(th.bad, "!")
	case noted[r.Ref]:
		return paint(th.key, "+")
	}
	return " "
}

// cell is what a row shows in a column.
func (p *eventsPane) cell(th theme, c column, r *index.Row, loc *time.Location) string {
	if c.value == valueTime && !p.since.IsZero() && r.HasTime {
		return text.FitRight(distance(r.Time.Sub(p.since)), c.cells)
	}
	return c.cell(th, r, loc)
}

// distance is a stretch of time with its sign: +00:03:12, -2d 03:04:05.
func distance(d time.Duration) string {
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	s := int(d / time.Second)
	clock := fmt.Sprintf("%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
	if days := s / 86400; days > 0 {
		return fmt.Sprintf("%s%dd %s", sign, days, clock)
	}
	return sign + clock
}

// verdictFlag is blank for a row of a log file that is proven; nothing is marked where nothing was ever verified.
func (p *eventsPane) verdictFlag(th theme, r *index.Row) string {
	if !p.verified {
		return " "
	}
	return th.verdict(r.Verdict)
}

// verdict is the sign of a verdict in lists.
func (t theme) verdict(v string) string {
	switch v {
	case verdictValid:
		return " "
	case verdictInvalid:
		return paint(t.bad, "~")
	}
	return paint(t.dim, "?")
}

func zoneName(loc *time.Location) string {
	if loc == time.UTC {
		return "UTC"
	}
	return "local"
}

func (a *app) doEvents(act action) tea.Cmd {
	e := &a.events
	e.gaps.seek = nil
	switch act {
	case actEnter:
		if l := e.gaps.Selected(); l != nil {
			return a.openGap(l)
		}
		if e.Selected() == nil {
			return nil
		}
		cmd := a.focusOn(onDetail)
		a.trail.Push(a.stop())
		return cmd
	case actLeft, actRight:
		e.MoveColumn(map[action]int{actLeft: -1, actRight: 1}[act])
		return nil
	case actMark:
		return a.mark()
	case actClearMarks:
		if len(a.marks) > 0 {
			a.undone.Push(a.snapshot())
			a.marks = map[index.Ref]bool{}
		}
		return nil
	case actGoToTime:
		a.openPrompt(promptTime, "")
		return nil
	case actFindInList:
		a.foundBefore = e.find
		a.openPrompt(promptList, e.find.text)
		return nil
	case actFindNext:
		return a.findStep(1)
	case actFindPrev:
		return a.findStep(-1)
	case actRange:
		return a.toggleSpan()
	case actSortBy:
		return a.sortBy()
	case actReverse:
		return a.reverseSort()
	case actTop:
		e.newer = 0
	case actUp, actDown:
		if e.step(map[action]int{actUp: -1, actDown: 1}[act]) {
			return a.moved()
		}
	}
	if move(&e.Window, act) {
		e.gaps.on = 0
		return a.moved()
	}
	return nil
}

// mark marks the event under the cursor and goes to the next, or takes the mark off.
func (a *app) mark() tea.Cmd {
	r := a.events.Selected()
	if r == nil {
		return nil
	}
	a.undone.Push(a.snapshot())
	if a.marks[r.Ref] {
		delete(a.marks, r.Ref)
	} else {
		a.marks[r.Ref] = true
	}
	a.events.Move(1)
	return a.moved()
}
