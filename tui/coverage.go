package tui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// A coverMark is what a cell of coverage says; of several the greatest is drawn.
type coverMark uint8

const (
	coverNone    coverMark = iota // no cell
	coverProven                   // all that is held is proven, and nothing is missing
	coverNothing                  // a proven digest says that nothing was delivered
	coverHeld                     // held, not proven
	coverUnknown                  // nothing is held, and no digest tells whether there was anything
	coverLate                     // delivered more than an hour after its newest event
	coverMissing                  // a proven digest names log files that are not there
)

// coverMarks are how they look, in the words of the legend and of help.
var coverMarks = [...]struct{ glyph, ascii, says, long string }{
	coverNone:    {" ", " ", "", ""},
	coverProven:  {"▇", "#", "proven", "log files are held, and all of them are proven"},
	coverNothing: {".", ".", "nothing delivered", "a proven digest says that nothing was delivered"},
	coverHeld:    {"░", ":", "held", "log files are held that are not proven"},
	coverUnknown: {"?", "?", "unknown", "nothing is held, and no digest says what was there"},
	coverLate:    {"L", "L", "late", "log files came more than an hour late"},
	coverMissing: {"✗", "X", "missing", "a proven digest names log files that are not there"},
}

func coverMarkOf(c index.CoverageCell) coverMark {
	switch {
	case c.Missing > 0:
		return coverMissing
	case c.Late > 0:
		return coverLate
	case c.Held > c.Proven:
		return coverHeld
	case c.Held > 0:
		return coverProven
	case c.Unknown:
		return coverUnknown
	}
	return coverNothing
}

// CoverageStrip is a row of coverage in characters, one a cell.
func CoverageStrip(cells []index.CoverageCell, ascii bool) string {
	th := theme{ascii: ascii}
	var b strings.Builder
	for _, c := range cells {
		b.WriteString(th.cover(coverMarkOf(c)))
	}
	return b.String()
}

// CoverageLegend explains the characters of a strip.
func CoverageLegend(ascii bool) string {
	th := theme{ascii: ascii}
	var parts []string
	for _, m := range []coverMark{coverProven, coverHeld, coverLate, coverMissing, coverNothing, coverUnknown} {
		parts = append(parts, th.cover(m)+" "+coverMarks[m].says)
	}
	return strings.Join(parts, " ")
}

// coverageSteps are the lengths of a cell.
var coverageSteps = [...]time.Duration{
	time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 2 * 24 * time.Hour,
	7 * 24 * time.Hour, 14 * 24 * time.Hour, 30 * 24 * time.Hour, 90 * 24 * time.Hour, 365 * 24 * time.Hour, 3650 * 24 * time.Hour,
}

// CoverageStep is the shortest round length of a cell with which a stretch of time fits into so many cells.
func CoverageStep(from, to time.Time, cells int) time.Duration {
	for _, step := range coverageSteps {
		if to.Sub(from)/step+2 <= time.Duration(cells) {
			return step
		}
	}
	return coverageSteps[len(coverageSteps)-1]
}

func (t theme) cover(m coverMark) string {
	if t.ascii {
		return coverMarks[m].ascii
	}
	return coverMarks[m].glyph
}

func (t theme) coverInk(m coverMark) ink {
	switch m {
	case coverProven:
		return t.good
	case coverMissing:
		return t.alarm
	case coverLate:
		return t.bad
	default:
		return t.dim
	}
}

// coverage is the strip of the Sources view: what is held, proven and missing by account, Region and time.
type coverage struct {
	widget.Window // the rows
	data          index.Coverage
	generation    uint64
	width         int
	off           bool
}

// coverageLeast is how many lines the Sources view must have for the strip.
const coverageLeast = 20

// SetSize gives the strip a sixth of the view, at least three rows; none on small screens.
func (c *coverage) SetSize(w, h int) {
	c.width = w
	n := len(c.data.Rows)
	if h < coverageLeast || c.off {
		n = 0
	}
	c.Resize(len(c.data.Rows), min(n, max(h/6, 3)))
}

// Lines is how many lines the strip takes.
func (c *coverage) Lines() int {
	if c.H == 0 {
		return 0
	}
	return c.H + 2
}

// nameCells is the width of the names before the strips.
func (c *coverage) nameCells(th theme) int {
	cells := 0
	for i := c.Top; i < c.End(); i++ {
		cells = max(cells, text.Width(th.vis(c.name(i))))
	}
	return min(cells, max(c.width/3, 28))
}

func (c *coverage) name(i int) string {
	r := &c.data.Rows[i]
	name := strings.Join(nonEmpty(r.Account, r.Region), " ")
	if name == "" {
		return "other files"
	}
	return name
}

// View draws a heading with the legend, the strips and the times below.
func (c *coverage) View(th theme, loc *time.Location) []string {
	if c.H == 0 {
		return nil
	}
	name := c.nameCells(th)
	cells := max(c.width-name-3, 1)
	legend := CoverageLegend(th.ascii)
	head := text.Fit("COVERAGE", max(c.width-text.Width(legend), len("COVERAGE ")))
	lines := []string{paint(th.title, head) + paint(th.dim, text.Cut(legend, c.width-text.Width(head)))}
	for i := c.Top; i < c.End(); i++ {
		lines = append(lines, "  "+th.fitTail(c.name(i), name)+" "+c.strip(th, i, cells))
	}
	axis := axisLine(c.data.From, c.data.To, loc, cells)
	if more := c.N - c.H; more > 0 {
		axis = withTail(axis, fmt.Sprintf("+%s more: trailsift coverage", text.Count(more)), cells)
	}
	return append(lines, paint(th.dim, text.Cut(text.Blank(name+3)+axis, c.width)))
}

// worth is how much a row has to say: those with something missing stand first, those no digest covers last.
func worth(r index.CoverageRow) int {
	n := 0
	for _, cell := range r.Cells {
		switch {
		case cell.Missing > 0:
			return 3
		case cell.Late > 0:
			n = max(n, 2)
		case cell.Proven > 0 || cell.Empty > 0:
			n = max(n, 1)
		}
	}
	return n
}

// strip spreads the cells of a row over the width there is; where there are more cells than width the worst is drawn.
func (c *coverage) strip(th theme, row, cells int) string {
	data := c.data.Rows[row].Cells
	marks := make([]coverMark, cells)
	for i := range data {
		first, end := i*cells/len(data), max((i+1)*cells/len(data), i*cells/len(data)+1)
		for x := first; x < min(end, cells); x++ {
			marks[x] = max(marks[x], coverMarkOf(data[i]))
		}
	}
	var b strings.Builder
	for i := 0; i < len(marks); {
		n := i
		for n < len(marks) && marks[n] == marks[i] {
			n++
		}
		b.WriteString(paint(th.coverInk(marks[i]), strings.Repeat(th.cover(marks[i]), n-i)))
		i = n
	}
	return b.String()
}

// coverageMsg brings coverage as it was at a generation of the index.
type coverageMsg struct {
	data       index.Coverage
	generation uint64
	err        error
}

// coverageCmd reads coverage in cells that fit the width.
func coverageCmd(ctx context.Context, x *index.Index, cells int) tea.Cmd {
	return func() tea.Msg {
		msg := coverageMsg{generation: x.Generation()}
		s, err := x.Stats()
		if err != nil || s.First.IsZero() {
			return coverageMsg{err: err}
		}
		msg.data, msg.err = x.Coverage(ctx, index.CoverageOptions{Step: CoverageStep(s.First, s.Last, cells)})
		return msg
	}
}

// coverageLabel is how many cells of the width are left to names.
const coverageLabel = 30

// askCoverage reads coverage where it is to be seen and not known as it is now.
func (a *app) askCoverage() tea.Cmd {
	c := &a.sources.coverage
	if a.tab != tabSources || c.off || a.h-3 < coverageLeast || c.generation == a.opt.Index.Generation() && c.generation > 0 {
		return nil
	}
	return coverageCmd(a.ctx, a.opt.Index, max(a.w-coverageLabel, 10))
}

func (a *app) onCoverage(msg coverageMsg) {
	if msg.err != nil {
		return // the strip is left out; the list below says what cannot be read
	}
	c := &a.sources.coverage
	c.data, c.generation = msg.data, msg.generation
	slices.SortStableFunc(c.data.Rows, func(a, b index.CoverageRow) int { return cmp.Compare(worth(b), worth(a)) })
	a.sources.SetSize(a.w, a.h-3)
}
