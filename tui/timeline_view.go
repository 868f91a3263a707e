package tui

import (
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

const (
	barGutter    = 7 // cells before the bars: a number and the line
	widestBar    = 8
	splitHeading = 1 // lines above the bars of a value
)

// barRoom is how many bars there is room for.
func (p *timelinePane) barRoom() int { return max(p.width-barGutter-1, 1) }

// sumLines is how many lines tell about the chosen range.
func (p *timelinePane) sumLines() int {
	switch {
	case p.height < 15:
		return 2
	case p.height < 24:
		return 4
	}
	return 6
}

// barLines is how many lines the bars have: all but heading, line, cursor, times and what tells about the range.
func (p *timelinePane) barLines() int { return max(p.height-4-p.sumLines(), 1) }

// splitRoom is how many values have bars of their own: each two lines high at least, eight at most.
func (p *timelinePane) splitRoom() int {
	const least, most = 2, 8
	return min(max(p.barLines()/(least+splitHeading), 1), most)
}

// barCells is how many cells a bar takes.
func (p *timelinePane) barCells() int { return min(max(p.barRoom()/max(p.n(), 1), 1), widestBar) }

// View draws the view in the lines it has.
func (p *timelinePane) View(th theme, loc *time.Location) []string {
	if p.n() == 0 {
		why := "reading"
		if p.ask > 0 && p.shown == p.asked {
			why = "no event with a time matches this filter. u undoes the last change; / edits it"
		}
		return append([]string{""}, indent(text.Wrap(why, p.width-4))...)
	}
	lines := make([]string, 0, p.height)
	lines = append(lines, p.heading(th, loc))
	if len(p.rows) > 0 && p.shown.split != splitOutcome {
		lines = append(lines, p.splitBars(th)...)
	} else {
		lines = append(lines, p.bars(th, p.chart.Buckets, p.barLines())...)
	}
	lines = append(lines, p.baseLine(th), p.cursorLine(th), paint(th.dim, p.timesLine(loc)))
	lines = append(lines, p.about(th, loc)...)
	return lines[:min(len(lines), p.height)]
}

// heading says what the bars are: their length, their signs, the peak, the time shown.
func (p *timelinePane) heading(th theme, loc *time.Location) string {
	peak, at := 0, 0
	for i, b := range p.chart.Buckets {
		if b.Events > peak {
			peak, at = b.Events, i
		}
	}
	parts := []string{" bars of " + bucketText(p.chart.Bucket)}
	if p.shown.split == splitOutcome {
		parts = append(parts, th.barGlyph(true)+" error "+th.barGlyph(false)+" ok")
	} else {
		parts = append(parts, many(p.distinct, splitNames[p.shown.split]))
	}
	parts = append(parts, "peak "+text.Count(peak)+" at "+p.barTime(p.chart.Buckets[at].Start.In(loc)))
	if p.zoomed() {
		parts = append(parts, "zoomed, 0 shows all")
	}
	if p.anyGap() {
		sign := string(th.hatchGlyph()) + " missing or not proven"
		if text.Width(strings.Join(append(parts, sign), "   ")) > p.width {
			sign = string(th.hatchGlyph()) + " not proven"
		}
		parts = append(parts, sign)
	}
	parts = append(parts, p.spanText(loc))
	if n := p.chart.Untimed; n > 0 {
		parts = append(parts, text.Count(n)+" without a time")
	}
	line := ""
	for _, s := range parts {
		if line != "" && text.Width(line)+3+text.Width(s) > p.width {
			continue
		}
		if line != "" {
			line += "   "
		}
		line += s
	}
	for _, failed := range []bool{true, false} {
		word, style := " ok", th.key
		if failed {
			word, style = " error", th.bad
		}
		line = strings.Replace(line, th.barGlyph(failed)+word, paint(style, th.barGlyph(failed))+word, 1)
	}
	return line
}

func (p *timelinePane) anyGap() bool {
	for _, b := range p.chart.Buckets {
		if b.Gap {
			return true
		}
	}
	return false
}

// spanText is the time that is shown.
func (p *timelinePane) spanText(loc *time.Location) string {
	return p.barDate(p.chart.Buckets[0].Start.In(loc)) + " .. " + p.barDate(p.chart.Buckets[p.n()-1].Start.Add(p.chart.Bucket).In(loc))
}

// barDate is a time with its year, as fine as the bars are.
func (p *timelinePane) barDate(t time.Time) string {
	switch {
	case p.chart.Bucket < time.Minute:
		return t.Format("2006-01-02 15:04:05")
	case p.chart.Bucket < 24*time.Hour:
		return t.Format("2006-01-02 15:04")
	}
	return t.Format("2006-01-02")
}

// barTime is a time as short as it can be told apart from others of the chart.
func (p *timelinePane) barTime(t time.Time) string {
	s := p.barDate(t)
	if span := p.chart.To.Sub(p.chart.From); span < 330*24*time.Hour {
		s = s[len("2006-"):]
	}
	return s
}

// rangeText is a range of time, the date once where both ends have it.
func (p *timelinePane) rangeText(from, to time.Time) string {
	a, b := p.barTime(from), p.barTime(to)
	if i := strings.LastIndexByte(a, ' '); i >= 0 && strings.HasPrefix(b, a[:i+1]) {
		b = b[i+1:]
	}
	return a + " .. " + b
}

// many writes a number with what is counted.
func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return text.Count(n) + " " + what + "s"
}

// bucketText writes the length of a bar: 10 min, 1 day.
func bucketText(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{365 * day, "year"}, {day, "day"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if d < u.unit || d%u.unit != 0 {
			continue
		}
		n := int(d / u.unit)
		if n > 1 && u.unit >= day {
			return text.Count(n) + " " + u.name + "s"
		}
		return text.Count(n) + " " + u.name
	}
	return d.String()
}

// barGlyph fills a cell of a bar: what failed is told from what did not by the glyph, not by its colour alone.
func (t theme) barGlyph(failed bool) string {
	switch {
	case failed && t.ascii:
		return "#"
	case failed:
		return "▒"
	case t.ascii:
		return ":"
	}
	return "█"
}

var (
	barTops      = [...]string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	asciiBarTops = [...]string{" ", ".", ".", ".", ".", ":", ":", ":", ":"}
)

// bars draws buckets as bars of so many lines, with their scale.
func (p *timelinePane) bars(th theme, buckets []index.Bucket, rows int) []string {
	peak := 0
	for _, b := range buckets {
		peak = max(peak, b.Events)
	}
	lines := make([]string, rows)
	for y := range lines {
		scale := ""
		if y == 0 {
			scale = text.Short(peak)
		}
		lines[y] = paint(th.dim, text.FitRight(scale, barGutter-1)+"|") + p.barRow(th, buckets, peak, rows, rows-1-y)
	}
	return lines
}

// barRow is one line of bars; row 0 is the lowest.
func (p *timelinePane) barRow(th theme, buckets []index.Bucket, peak, rows, row int) string {
	cells := p.barCells()
	full := cells
	if cells > 2 {
		full-- // a blank between bars that are wide enough
	}
	var line pen
	for i := range buckets {
		glyph, style := th.barCell(&buckets[i], peak, rows, row)
		line.draw(style, strings.Repeat(glyph, full))
		line.draw(th.key, text.Blank(cells-full))
	}
	return line.done()
}

// barCell is what a bar shows in a row: failures below, the rest above them, and where something is missing a hatching
// above it all.
func (t theme) barCell(b *index.Bucket, peak, rows, row int) (string, ink) {
	eighths := widget.Eighths(b.Events, peak, rows)
	high := (eighths + 7) / 8
	failed := (widget.Eighths(b.Errors, peak, rows) + 3) / 8
	switch {
	case b.Errors >= b.Events:
		failed = high
	case b.Errors > 0 && high > 1:
		failed = min(max(failed, 1), high)
	default:
		failed = min(failed, max(high-1, 0))
	}
	level := min(max(eighths-8*row, 0), 8)
	switch {
	case row < failed && level > 0:
		return t.barGlyph(true), t.bad
	case b.Gap && (level == 0 || row == rows-1):
		return string(t.hatchGlyph()), t.bad
	case t.ascii:
		return asciiBarTops[level], t.key
	}
	return barTops[level], t.key
}

// splitBars draws the bars of each value, to their own peak, below what they are.
func (p *timelinePane) splitBars(th theme) []string {
	lines := make([]string, 0, p.barLines())
	room := p.barLines()
	for i := range p.rows {
		r := &p.rows[i]
		h := (room - len(lines)) / (len(p.rows) - i)
		if h <= splitHeading {
			break
		}
		lines = append(lines, p.splitHead(th, r))
		lines = append(lines, p.bars(th, r.bars, h-splitHeading)...)
	}
	for len(lines) < room {
		lines = append(lines, "")
	}
	return lines
}

func (p *timelinePane) splitHead(th theme, r *splitRow) string {
	tail := many(r.events, "event")
	if r.errors > 0 {
		tail += "   " + many(r.errors, "error")
	}
	name := "all others"
	if !r.rest {
		name = strings.TrimRight(th.fitMiddle(r.value, min(max(p.width-barGutter-len(tail)-4, 8), 60)), " ")
	}
	return text.Blank(barGutter) + paint(th.title, name) + "   " + tail
}

// baseLine is the line the bars stand on, with x below those in which many failed.
func (p *timelinePane) baseLine(th theme) string {
	most := 0
	for _, b := range p.chart.Buckets {
		most = max(most, b.Errors)
	}
	cells := p.barCells()
	var line pen
	line.draw(th.dim, text.FitRight("0", barGutter-1)+"+")
	for _, b := range p.chart.Buckets {
		if manyFailed(b, most) {
			line.draw(th.bad, "x")
			line.draw(th.dim, strings.Repeat("-", cells-1))
			continue
		}
		line.draw(th.dim, strings.Repeat("-", cells))
	}
	return line.done()
}

// manyFailed reports whether a bar is worth a mark: half of its events failed, or half as many as in the worst bar.
func manyFailed(b index.Bucket, most int) bool {
	return b.Errors > 0 && (2*b.Errors >= b.Events || 2*b.Errors >= most)
}

// cursorLine shows the bar under the cursor, ^, and the range that is being chosen, [=^].
func (p *timelinePane) cursorLine(th theme) string {
	cells := p.barCells()
	first, last := p.chosen()
	at := p.bucketOf(p.at)
	mark := []byte(strings.Repeat(" ", (last-first+1)*cells))
	if p.marking {
		for i := range mark {
			mark[i] = '='
		}
		mark[0], mark[len(mark)-1] = '[', ']'
	}
	for i := range max(cells-1, 1) {
		mark[(at-first)*cells+i] = '^'
	}
	return text.Blank(barGutter+first*cells) + paint(th.here, strings.TrimRight(string(mark), " "))
}

// timesLine writes round times below the bars they begin.
func (p *timelinePane) timesLine(loc *time.Location) string {
	cells := p.barCells()
	line := []byte(strings.Repeat(" ", p.width))
	span := p.chart.To.Sub(p.chart.From)
	label := tickLabel(p.chart.Bucket, span)
	step, ok := p.tickStep(loc, len(label(p.chart.From.In(loc)))+3)
	free := 0
	for i, b := range p.chart.Buckets {
		s, x := label(b.Start.In(loc)), barGutter+i*cells
		if x < free || x+len(s) > p.width || ok && !onTick(b.Start, step, loc) {
			continue
		}
		copy(line[x:], s)
		free = x + len(s) + 2
	}
	return strings.TrimRight(string(line), " ")
}

// tickStep is the shortest round time between labels of so many cells that leaves room for them; ok is false where no
// bar begins at such a time.
func (p *timelinePane) tickStep(loc *time.Location, cells int) (step time.Duration, ok bool) {
	least := p.chart.Bucket * time.Duration((cells+p.barCells()-1)/p.barCells())
	for _, d := range index.BucketLengths() {
		if d < least || d%p.chart.Bucket != 0 {
			continue
		}
		for _, b := range p.chart.Buckets {
			if onTick(b.Start, d, loc) {
				return d, true
			}
		}
	}
	return 0, false
}

// onTick reports whether a time is a round one in a zone.
func onTick(t time.Time, step time.Duration, loc *time.Location) bool {
	_, offset := t.In(loc).Zone()
	return t.Add(time.Duration(offset) * time.Second).Truncate(step).Equal(t.Add(time.Duration(offset) * time.Second))
}

// tickLabel writes what changes along the axis; among hours, a midnight is its date.
func tickLabel(bucket, span time.Duration) func(time.Time) string {
	const day = 24 * time.Hour
	switch {
	case span > 330*day:
		return func(t time.Time) string { return t.Format("2006-01-02") }
	case bucket >= day:
		return func(t time.Time) string { return t.Format("01-02") }
	case bucket < time.Minute:
		return func(t time.Time) string { return t.Format("15:04:05") }
	}
	return func(t time.Time) string {
		if t.Hour() == 0 && t.Minute() == 0 {
			return t.Format("01-02")
		}
		return t.Format("15:04")
	}
}

// about tells who and what is in the range where the cursor last rested.
func (p *timelinePane) about(th theme, loc *time.Location) []string {
	from, to := p.told.from, p.told.to
	events, failed, gap := p.sums(from, to)
	what := " at "
	if p.marking {
		what = " selected "
	}
	sum := &p.summary
	known := p.known(from, to)
	parts := []string{many(events, "event"), many(failed, "error")}
	if known {
		parts = append(parts, many(sum.who.Distinct, "principal"))
	}
	if gap {
		parts = append(parts, string(th.hatchGlyph())+" (4 tells)")
	}
	head := what + p.rangeText(from.In(loc), to.In(loc))
	tail := "   " + strings.Join(parts, "   ")
	lines := []string{"", paint(th.title, head) + text.Cut(tail, max(p.width-len(head), 0))}
	if p.sumLines() <= 2 {
		lines = lines[1:]
	}
	if !known || events == 0 {
		return lines
	}
	lines = append(lines, p.topLine(th, "top", "event", sum.events))
	if len(lines) < p.sumLines() {
		lines = append(lines, p.topLine(th, "who", "user", sum.who))
	}
	if len(lines) < p.sumLines() && sum.errors.Events > 0 {
		lines = append(lines, p.topLine(th, "errors", "error", sum.errors))
	}
	return lines
}

// topLine is the most frequent values of a field, as many as there is room for, and how many more there are.
func (p *timelinePane) topLine(th theme, title, field string, f index.Facet) string {
	const name = 34
	var line strings.Builder
	line.WriteString("   " + paint(th.key, text.Fit(title, 7)))
	cells, shown := 3+7, 0
	for _, v := range f.Values {
		s := strings.TrimRight(fitValue(th, field, v.Value, min(max(text.Width(th.vis(v.Value)), 1), name)), " ") + " " + text.Count(v.Count)
		more := 0
		if f.Distinct > shown+1 {
			more = len("   +1,000 more")
		}
		if cells+text.Width(s)+2+more > p.width {
			break
		}
		line.WriteString(s + "  ")
		cells += text.Width(s) + 2
		shown++
	}
	if more := f.Distinct - shown; more > 0 {
		line.WriteString(text.Cut("+"+text.Count(more)+" more", max(p.width-cells, 0)))
	}
	return strings.TrimRight(line.String(), " ")
}

// pen draws a line, pieces of one style in one go.
type pen struct {
	line  strings.Builder
	style ink
	piece strings.Builder
}

func (p *pen) draw(style ink, s string) {
	if s == "" {
		return
	}
	if style != p.style {
		p.flush()
		p.style = style
	}
	p.piece.WriteString(s)
}

func (p *pen) flush() {
	p.line.WriteString(paint(p.style, p.piece.String()))
	p.piece.Reset()
}

// done is the line without blanks at its end.
func (p *pen) done() string {
	last := strings.TrimRight(p.piece.String(), " ")
	p.piece.Reset()
	p.piece.WriteString(last)
	p.flush()
	return p.line.String()
}
