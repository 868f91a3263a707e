package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// stripPane is the histogram above the list: events over time, where the cursor stands, and where errors are.
type stripPane struct {
	timeline index.Timeline
	gen      int
	counts   []int
	errors   []bool // buckets worth a mark
	gaps     []bool // buckets in which something is missing or nothing is proven
}

// Install shows the histogram of a result.
func (p *stripPane) Install(gen int, t index.Timeline) {
	p.gen, p.timeline = gen, t
	p.counts = make([]int, len(t.Buckets))
	p.errors = make([]bool, len(t.Buckets))
	p.gaps = make([]bool, len(t.Buckets))
	most := 0
	for _, b := range t.Buckets {
		most = max(most, b.Errors)
	}
	for i, b := range t.Buckets {
		p.counts[i], p.gaps[i] = b.Events, b.Gap
		p.errors[i] = manyFailed(b, most)
	}
}

// View draws the bars and below them the axis: times, x where errors are many, ^ at the cursor.
func (p *stripPane) View(th theme, loc *time.Location, cursor *index.Row, cells, rows int) []string {
	lines := widget.Bars(p.counts, cells, rows-1, th.ascii)
	return append(p.hatch(th, lines, cells), p.axis(th, loc, cursor, cells))
}

// hatchGlyph fills the part of a bucket above its bar where something is missing or nothing is proven.
func (t theme) hatchGlyph() rune {
	if t.ascii {
		return '/'
	}
	return '░'
}

// hatch paints the bars and hatches what is above those of buckets with a gap; a bar that fills its column gives its
// topmost cell away.
func (p *stripPane) hatch(th theme, lines []string, cells int) []string {
	for y, l := range lines {
		var b strings.Builder
		runes := []rune(l)
		hatched := func(x int) bool {
			i := widget.Index(x, len(p.gaps), cells)
			return i < len(p.gaps) && p.gaps[i] && (runes[x] == ' ' || y == 0)
		}
		for x := 0; x < len(runes); {
			end := x
			for end < len(runes) && hatched(end) == hatched(x) {
				end++
			}
			if hatched(x) {
				b.WriteString(paint(th.bad, strings.Repeat(string(th.hatchGlyph()), end-x)))
			} else if part := string(runes[x:end]); end == len(runes) {
				b.WriteString(paint(th.key, strings.TrimRight(part, " ")))
			} else {
				b.WriteString(paint(th.key, part))
			}
			x = end
		}
		lines[y] = b.String()
	}
	return lines
}

func (p *stripPane) axis(th theme, loc *time.Location, cursor *index.Row, cells int) string {
	n := len(p.counts)
	tail := ""
	if u := p.timeline.Untimed; u > 0 {
		tail = fmt.Sprintf(" +%s untimed", text.Count(u))
	}
	if n == 0 {
		return paint(th.dim, text.Cut(strings.TrimSpace(tail), cells))
	}
	axis := []byte(strings.Repeat(" ", cells))
	for i, bad := range p.errors {
		if bad {
			axis[min(widget.Cell(i, n, cells), cells-1)] = 'x'
		}
	}
	p.labels(axis, loc, cells-len(tail))
	if cursor != nil && cursor.HasTime {
		if i := p.bucket(cursor.Time); i >= 0 {
			axis[min(widget.Cell(i, n, cells), cells-1)] = '^'
		}
	}
	copy(axis[max(cells-len(tail), 0):], tail)
	return strings.TrimRight(string(axis), " ")
}

// labels writes round times over the axis, each free on both sides.
func (p *stripPane) labels(axis []byte, loc *time.Location, cells int) {
	b := p.timeline.Buckets
	line := axisLine(b[0].Start, b[len(b)-1].Start.Add(p.timeline.Bucket), loc, len(axis))
	for x := 0; x < len(line) && x < cells; x++ {
		if line[x] == ' ' {
			continue
		}
		end := x + strings.IndexByte(line[x:]+"  ", ' ')
		if next := end + 1; next < len(line) && line[next] != ' ' {
			end = next + strings.IndexByte(line[next:]+" ", ' ') // a date and its time
		}
		if end <= cells {
			axis[max(x-1, 0)], axis[min(end, len(axis)-1)] = ' ', ' '
			copy(axis[x:], line[x:end])
		}
		x = end
	}
}

// labelFormat shows what changes along the axis.
func labelFormat(t index.Timeline) string {
	switch span := t.To.Sub(t.From); {
	case span <= 10*time.Minute:
		return "15:04:05"
	case span <= 26*time.Hour:
		return "15:04"
	case span <= 4*24*time.Hour:
		return "01-02 15:04"
	case span <= 330*24*time.Hour:
		return "01-02"
	}
	return "2006-01"
}

// bucket is the bucket a time lies in, -1 outside.
func (p *stripPane) bucket(t time.Time) int {
	return bucketAt(p.timeline.Buckets, t)
}
