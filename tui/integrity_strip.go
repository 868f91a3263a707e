package tui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// A chainRow is one chain of digests as a strip of time.
type chainRow struct {
	place    int
	account  string
	region   string
	trail    string
	backfill bool
	links    []link // oldest first
	spans    []span // ranges of the chain
	worst    mark
}

// A link is the window of one digest with the worst verdict of it and of the log files it lists.
type link struct {
	from, to time.Time
	mark     mark
}

// A span is a stretch of time with a mark of its own.
type span = link

// A mark is what a cell of a strip says; the greatest of those that meet in a cell is drawn.
type mark uint8

const (
	markNone mark = iota // no digest
	markProven
	markWarn
	markUnverified
	markHole
	markInvalid
)

// marks are how they look, in the words of the legend and of help.
var marks = [...]struct{ glyph, ascii, says, long string }{
	markNone:       {" ", " ", "", ""},
	markProven:     {"▇", "#", "proven", "every digest and log file is proven"},
	markWarn:       {"!", "!", "warn", "authentic, but something is off"},
	markUnverified: {"░", ":", "unverified", "something could not be established"},
	markHole:       {"?", "?", "no digest", "no digest tells what was delivered"},
	markInvalid:    {"✗", "X", "invalid", "a digest or log file is invalid or missing"},
}

func (t theme) mark(m mark) string {
	if t.ascii {
		return marks[m].ascii
	}
	return marks[m].glyph
}

// ink is the colour of a mark; the character says the same.
func (t theme) markInk(m mark) ink {
	switch m {
	case markProven:
		return t.good
	case markInvalid, markHole:
		return t.alarm
	case markUnverified:
		return t.dim
	default:
		return ink{}
	}
}

// legend explains the marks.
func (t theme) legend() string {
	var parts []string
	for m := markProven; m <= markInvalid; m++ {
		parts = append(parts, t.mark(m)+" "+marks[m].says)
	}
	return strings.Join(parts, " ")
}

func fileMark(verdict string) mark {
	switch verdict {
	case verdictValid, verdictInfo:
		return markProven
	case verdictWarn:
		return markWarn
	case verdictInvalid:
		return markInvalid
	}
	return markUnverified
}

// addChains makes the strips of all places, those with something wrong first.
func (r *report) addChains() {
	for i := range r.places {
		p := &r.places[i]
		for j := range p.Chains {
			c := newChainRow(p, &p.Chains[j])
			if c.place = i; len(c.links) > 0 {
				r.chains = append(r.chains, c)
			}
		}
	}
	for _, c := range r.chains {
		first, last := c.links[0].from, c.links[len(c.links)-1].to
		if r.from.IsZero() || first.Before(r.from) {
			r.from = first
		}
		if last.After(r.to) {
			r.to = last
		}
	}
	slices.SortStableFunc(r.chains, func(a, b chainRow) int {
		return cmp.Or(cmp.Compare(b.worst, a.worst), cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.trail, b.trail))
	})
}

func newChainRow(p *index.Integrity, c *index.Chain) chainRow {
	row := chainRow{account: c.Account, region: c.Region, trail: c.Trail, backfill: c.Backfill}
	var before time.Time // where the digest before ends
	for _, d := range slices.Backward(c.Digests) {
		from := d.Start
		if from.IsZero() || from.After(d.End) {
			from = d.End.Add(-time.Hour)
			if before.After(from) && before.Before(d.End) {
				from = before
			}
		}
		before = d.End
		m := markOf(p, d)
		row.worst = max(row.worst, m)
		row.links = append(row.links, link{from, d.End, m})
	}
	for i := range p.Ranges {
		g := &p.Ranges[i]
		if g.Account != c.Account || g.Region != c.Region || g.Trail != c.Trail || c.Backfill || rangeRank(g.Class) != rankInvalid {
			continue
		}
		row.spans = append(row.spans, span{g.From, g.To, markHole})
		row.worst = max(row.worst, markHole)
	}
	return row
}

// markOf is the worst of a digest and the log files it lists.
func markOf(p *index.Integrity, d index.ChainDigest) mark {
	m := markUnverified
	if d.File >= 0 && d.File < len(p.Files) {
		m = fileMark(p.Files[d.File].Verdict)
	}
	for _, l := range d.Logs {
		if l >= 0 && l < len(p.Files) {
			m = max(m, fileMark(p.Files[l].Verdict))
		}
	}
	return m
}

// strip draws a chain from one time to another in so many cells.
func (c *chainRow) strip(from, to time.Time, cells int) []mark {
	out := make([]mark, max(cells, 0))
	length := to.Sub(from)
	if length <= 0 || cells <= 0 {
		return out
	}
	for _, list := range [][]link{c.links, c.spans} {
		for _, l := range list {
			if !l.to.After(from) || !l.from.Before(to) {
				continue
			}
			first := cellAt(l.from.Sub(from), length, cells)
			last := cellAt(l.to.Sub(from)-1, length, cells)
			for x := first; x <= last; x++ {
				out[x] = max(out[x], l.mark)
			}
		}
	}
	return out
}

// cellAt is the cell of a moment; in floating point, since a length times cells does not fit.
func cellAt(at, length time.Duration, cells int) int {
	return min(max(int(float64(at)/float64(length)*float64(cells)), 0), cells-1)
}

// drawMarks paints a strip, one piece for each run of the same mark.
func (t theme) drawMarks(strip []mark) string {
	var b strings.Builder
	for i := 0; i < len(strip); {
		n := i
		for n < len(strip) && strip[n] == strip[i] {
			n++
		}
		b.WriteString(paint(t.markInk(strip[i]), strings.Repeat(t.mark(strip[i]), n-i)))
		i = n
	}
	return strings.TrimRight(b.String(), " ")
}

// chainName is what tells a chain from the others: what all have in common is left to the heading.
func (r *report) chainName(c *chainRow) string {
	var parts []string
	for i := range r.chains {
		o := &r.chains[i]
		if o.account != c.account {
			parts = append(parts, c.account)
			break
		}
	}
	parts = append(parts, c.region)
	for i := range r.chains {
		if r.chains[i].trail != c.trail {
			parts = append(parts, c.trail)
			break
		}
	}
	if c.backfill {
		parts = append(parts, "backfill")
	}
	return strings.Join(nonEmpty(parts...), " ")
}

// chainsTitle is what all chains have in common.
func (r *report) chainsTitle() string {
	c := &r.chains[0]
	one := func(of func(c *chainRow) string) string {
		for i := range r.chains {
			if of(&r.chains[i]) != of(c) {
				return ""
			}
		}
		return of(c)
	}
	parts := nonEmpty(one(func(c *chainRow) string { return c.account }), one(func(c *chainRow) string { return c.trail }))
	title := "CHAINS"
	if len(parts) > 0 {
		title += " of " + strings.Join(parts, " ")
	}
	return title
}

// withTail puts words at the end of a line of times; times that do not fit before them are left out.
func withTail(axis, tail string, cells int) string {
	room := max(cells-len(tail)-2, 0)
	if len(axis) > room {
		axis = axis[:room+1]
		axis = axis[:strings.LastIndexByte(axis, ' ')+1]
	}
	axis = strings.TrimRight(axis, " ")
	return text.Cut(axis+text.Blank(cells-len(axis)-len(tail))+tail, cells)
}

// axisSteps are the distances of times under a strip; round in UTC.
var axisSteps = [...]time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour,
	12 * time.Hour, 24 * time.Hour, 2 * 24 * time.Hour, 4 * 24 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour,
	30 * 24 * time.Hour, 90 * 24 * time.Hour, 180 * 24 * time.Hour, 365 * 24 * time.Hour, 3650 * 24 * time.Hour,
}

// axisLine writes round times under a strip, where they are, as far as there is room.
func axisLine(from, to time.Time, loc *time.Location, cells int) string {
	if !to.After(from) || cells <= 0 {
		return ""
	}
	format := labelFormat(index.Timeline{From: from, To: to})
	length := to.Sub(from)
	step := axisSteps[len(axisSteps)-1]
	for _, s := range axisSteps {
		if float64(s)/float64(length)*float64(cells) >= float64(len(format)+3) {
			step = s
			break
		}
	}
	line := []byte(text.Blank(cells))
	for at := from.Add(step - 1).Truncate(step); at.Before(to); at = at.Add(step) {
		if x := cellAt(at.Sub(from), length, cells); x+len(format) <= cells {
			copy(line[x:], at.In(loc).Format(format))
		}
	}
	return strings.TrimRight(string(line), " ")
}
