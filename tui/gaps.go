package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// Lines between events: where a log file is missing or nothing is proven.

// A gapLine stands above an event; more is how many others at the same place are told with it.
type gapLine struct {
	row  int // number of the event below it; the number of events where it stands below all
	gap  index.Gap
	more int
}

// gapsAtOnce is how many lines stand at one place at most, so that a month without log files does not fill the screen.
const gapsAtOnce = 3

// gapLines are the lines of the rows that were read, and which of them the cursor is on.
type gapLines struct {
	lines    []gapLine // from new to old
	from, to int       // rows whose lines are known or asked for
	gen      int
	seek     *index.Gap // what the cursor goes to once it is placed
	on       int        // 1 + the line under the cursor; 0: the cursor is on an event
}

// Selected is the line under the cursor, nil where that is on an event.
func (g *gapLines) Selected() *gapLine {
	if g.on == 0 || g.on > len(g.lines) {
		return nil
	}
	return &g.lines[g.on-1]
}

// above are the places in lines of those above a row.
func (g *gapLines) above(row int) (first, end int) {
	for end < len(g.lines) && g.lines[end].row <= row {
		if g.lines[end].row < row {
			first = end + 1
		}
		end++
	}
	return first, end
}

// InstallGaps places lines between the rows that were read.
func (p *eventsPane) InstallGaps(msg gapsMsg) {
	if msg.gen != p.gen || msg.from != p.gaps.from || msg.to != p.gaps.to {
		return
	}
	old := p.gaps.Selected()
	p.gaps.lines, p.gaps.on = nil, 0
	row, here := msg.from, 0
	for _, g := range msg.gaps {
		at := row
		for at < msg.to && p.standsAbove(at, g.Time) {
			at++
		}
		if at == msg.to && msg.to < p.N {
			break // it stands further down
		}
		if here++; at != row {
			row, here = at, 1
		}
		if here > gapsAtOnce {
			p.gaps.lines[len(p.gaps.lines)-1].more++
			continue
		}
		p.gaps.lines = append(p.gaps.lines, gapLine{row: at, gap: g})
		if old != nil && old.gap == g || old == nil && p.gaps.seeks(&g) {
			p.gaps.on, p.gaps.seek = len(p.gaps.lines), nil
			p.To(min(row, p.N-1))
		}
	}
	p.fit()
}

// seeks reports whether a gap is the one looked for: the same class, at the same time. Log files that follow each other
// are one gap.
func (g *gapLines) seeks(gap *index.Gap) bool {
	s := g.seek
	return s != nil && s.Class == gap.Class && !s.From.After(gap.To) && !gap.From.After(s.To)
}

// standsAbove reports whether a row stands above a line of a time.
func (p *eventsPane) standsAbove(row int, t time.Time) bool {
	r := p.At(row)
	if r == nil {
		return false
	}
	newer := r.HasTime && r.Time.After(t)
	return newer != (p.list != nil && p.list.order.back)
}

// fit makes room for the lines between the rows on screen: fewer rows are seen, never without the cursor's.
func (p *eventsPane) fit() {
	if p.room <= 0 || p.N == 0 {
		return
	}
	if len(p.gaps.lines) == 0 {
		if p.H != p.room {
			p.Resize(p.N, p.room)
		}
		return
	}
	p.Resize(p.N, p.fitting(p.Top))
	for p.H = p.fitting(p.Top); p.Cursor >= p.Top+p.H; p.H = p.fitting(p.Top) {
		p.Top++
	}
}

// fitting is how many rows fit from one on, each with the lines above it, the last one of all with those below.
func (p *eventsPane) fitting(top int) int {
	used, rows := 0, 0
	for row := top; row < p.N; row++ {
		first, end := p.gaps.above(row)
		used += 1 + end - first
		if row == p.N-1 {
			first, end = p.gaps.above(p.N)
			used += end - first
		}
		if used > p.room {
			break
		}
		rows++
	}
	return max(rows, 1)
}

// step moves the cursor by one line where one of the lines between events is concerned; it reports false otherwise.
func (p *eventsPane) step(d int) bool {
	g := &p.gaps
	at := g.Selected()
	switch {
	case at != nil && g.on+d >= 1 && g.on+d <= len(g.lines) && g.lines[g.on+d-1].row == at.row:
		g.on += d
	case at != nil && d > 0 && at.row < p.N:
		g.on = 0
		p.To(at.row)
	case at != nil && d < 0 && at.row > 0:
		g.on = 0
		p.To(at.row - 1)
	case at != nil:
	case d > 0:
		first, end := g.above(p.Cursor + 1)
		if first == end {
			return false
		}
		g.on = first + 1
		p.To(min(p.Cursor+1, p.N-1))
	default:
		first, end := g.above(p.Cursor)
		if first == end {
			return false
		}
		g.on = end
	}
	return true
}

// gapText is a line between events.
func gapText(l *gapLine, loc *time.Location) string {
	g := &l.gap
	what := meaningOf(g.Class).word
	switch {
	case strings.HasPrefix(g.Class, "log.") && g.Files > 1:
		what = text.Count(g.Files) + " log files missing"
	case strings.HasPrefix(g.Class, "log."):
		what = "log file missing"
	case g.Class == "range.unverifiable":
		what = "digest missing, nothing is proven"
	case g.Class == "range.hole":
		what = "hole in the digests, nothing is proven"
	case g.Class == "range.tail-missing":
		what = "no digest yet"
	}
	if l.more > 0 {
		what += fmt.Sprintf(" (and %s more)", text.Count(l.more))
	}
	parts := nonEmpty(stretch("01-02 15:04", g.From, g.To, loc), g.Region, g.Account)
	if g.Events > 0 {
		parts = append(parts, text.Count(g.Events)+" events of it were brought in before")
	}
	return what + ": " + strings.Join(parts, ", ")
}

func (p *eventsPane) gapLine(th theme, i int, loc *time.Location, focused bool) string {
	l := &p.gaps.lines[i]
	cursor := " "
	if p.gaps.on == i+1 {
		cursor = cursorGlyph(focused)
	}
	style := th.bad
	if rangeRank(l.gap.Class) != rankInvalid && !gone(l.gap.Class) {
		style = th.dim
	}
	s := text.Cut(" -- "+th.vis(gapText(l, loc)), max(p.width-1, 0))
	rest := p.width - 1 - text.Width(s) - 1
	if rest > 0 {
		s += " " + strings.Repeat("-", rest)
	}
	return cursor + paint(style, s)
}

// gapsCmd reads the lines between rows of a result; the first row is the newest.
func gapsCmd(ctx context.Context, l *listing, gen, from, to int, newest, oldest time.Time) tea.Cmd {
	return func() tea.Msg {
		gaps, err := l.Gaps(ctx, newest, oldest)
		if err != nil {
			return toastOf(err)
		}
		if l.order.back {
			slices.Reverse(gaps)
		}
		return gapsMsg{gen: gen, from: from, to: to, gaps: gaps}
	}
}

// gapsMsg brings the lines between the rows [from, to) of the result of a generation.
type gapsMsg struct {
	gen, from, to int
	gaps          []index.Gap // in the order of the list
}

// Times beyond all events.
var (
	farFuture = time.Unix(1<<40, 0)
	farPast   = time.Unix(-1<<40, 0)
)

// askGaps asks for the lines between the rows that were read around those on screen, where they are not known yet.
func (a *app) askGaps() tea.Cmd {
	e := &a.events
	r := e.result
	if r == nil || e.N == 0 || !a.integrity.verified() || e.list.order.field != "" {
		return nil // between events that are not in order of time nothing is missing
	}
	from := chunkStart(e.Top)
	if e.chunks[from] == nil {
		return nil
	}
	to := from + len(e.chunks[from])
	for from > 0 && e.chunks[from-chunkRows] != nil {
		from -= chunkRows
	}
	for to < e.N && e.chunks[to] != nil {
		to += len(e.chunks[to])
	}
	known := &e.gaps
	if known.gen == e.gen && known.from <= max(e.Top-1, 0) && known.to >= min(e.End()+1, e.N) && known.to > 0 {
		return nil
	}
	newest, oldest := farFuture, farPast
	if row := e.At(from); from > 0 && row != nil && row.HasTime {
		newest = row.Time
	}
	if row := e.At(to - 1); to < e.N && row != nil && row.HasTime {
		oldest = row.Time
	}
	if e.list.order.back {
		newest, oldest = farFuture, farPast
		if row := e.At(from); from > 0 && row != nil && row.HasTime {
			oldest = row.Time
		}
		if row := e.At(to - 1); to < e.N && row != nil && row.HasTime {
			newest = row.Time
		}
	}
	known.from, known.to, known.gen = from, to, e.gen
	return gapsCmd(a.search.ctx, e.list, e.gen, from, to, newest, oldest)
}

// openGap shows the line under the cursor in the Integrity view.
func (a *app) openGap(l *gapLine) tea.Cmd {
	p := &a.integrity
	g := l.gap
	cmd := a.openTab(tabIntegrity)
	if p.Reveal(g.Class, g.Key, g.From) {
		return cmd
	}
	p.ask.find, p.wanted = "", &g
	return tea.Batch(cmd, a.relist())
}
