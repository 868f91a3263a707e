package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/tui/text"
)

// View draws the view in the lines it has.
func (p *integrityPane) View(th theme, loc *time.Location) []string {
	lines := make([]string, 0, p.height)
	lines = append(lines, p.counts(th)...)
	lines = append(lines, p.with(th, loc))
	if p.report == nil || len(p.report.places) == 0 {
		lines = append(lines, "")
		lines = append(lines, indent(text.Wrap(p.empty(), p.width-4))...)
		return lines[:min(len(lines), p.height)]
	}
	lines = append(lines, p.strips(th, loc)...)
	lines = append(lines, p.nothing()...)
	lines = append(lines, paint(th.dim, text.Cut(p.heading(loc), p.width)))
	for i := p.Top; i < p.Top+p.H; i++ {
		lines = append(lines, p.line(th, loc, i))
	}
	lines = append(lines, p.about(th, loc, p.height-len(lines))...)
	return lines[:min(len(lines), p.height)]
}

// counts is how many digests and log files have which verdict.
func (p *integrityPane) counts(th theme) []string {
	r := p.report
	if r == nil {
		return []string{paint(th.title, text.Cut("INTEGRITY", p.width))}
	}
	digests := p.tally(th, "DIGESTS", r.digests, p.width)
	if p.head() == 2 {
		room := p.width - ansi.StringWidth(digests) - 3
		return []string{digests + "   " + p.tally(th, "LOG FILES", r.logs, room)}
	}
	return []string{digests, p.tally(th, "LOG FILES", r.logs, p.width)}
}

func tallyParts(t tally) []string {
	parts := []string{text.Count(t.total())}
	for _, v := range []struct {
		n    int
		name string
	}{{t.valid, "valid"}, {t.invalid, "INVALID"}, {t.warn, "warn"}, {t.unverified, "unverified"}, {t.info, "pending"}} {
		if v.n > 0 {
			parts = append(parts, text.Count(v.n)+" "+v.name)
		}
	}
	return parts
}

func (p *integrityPane) tally(th theme, title string, t tally, cells int) string {
	parts := tallyParts(t)
	if line := title + " " + strings.Join(parts, "  "); len(line) > cells {
		return text.Cut(line, cells)
	}
	for i, s := range parts {
		if strings.HasSuffix(s, "INVALID") {
			parts[i] = paint(th.bad, s)
		}
	}
	return paint(th.title, title) + " " + strings.Join(parts, "  ")
}

// with says what runs, or when it was verified with which keys.
func (p *integrityPane) with(th theme, loc *time.Location) string {
	switch {
	case p.running:
		return text.Cut(p.under(th), p.width)
	case p.note != "":
		return paint(th.bad, text.Cut("the last verification "+th.vis(p.note), p.width))
	case p.err != "":
		return paint(th.bad, text.Cut(th.vis(p.err), p.width))
	case p.report == nil || len(p.report.places) == 0:
		return ""
	}
	s := "verified " + p.report.checked().In(loc).Format("2006-01-02 15:04") + " " + zoneName(loc) + "   "
	return text.Cut(s+th.vis(p.keys()), p.width)
}

// keys says which public keys were used and where they came from.
func (p *integrityPane) keys() string {
	n, origins := 0, []string{}
	seen := map[string]bool{}
	for i := range p.report.places {
		for _, k := range p.report.places[i].Keys {
			n++
			if !seen[k.Origin] {
				seen[k.Origin] = true
				origins = append(origins, k.Origin)
			}
		}
	}
	switch n {
	case 0:
		return "no public key was used: nothing can be proven without"
	case 1:
		return "1 public key: " + origins[0]
	}
	return text.Count(n) + " public keys: " + strings.Join(origins, ", ")
}

// under is the line while a verification runs.
func (p *integrityPane) under(th theme) string {
	g := &p.progress
	line := "verifying"
	if g.Total > 0 {
		share := float64(g.Done) / float64(g.Total)
		line += " " + bar(share, 16, th.ascii) + fmt.Sprintf(" %d%%", int(share*100))
	}
	if g.Phase != "" {
		line += "  " + th.vis(g.Phase)
	}
	if g.Total > 0 {
		line += fmt.Sprintf("  %s/%s", text.Count(g.Done), text.Count(g.Total))
	} else if g.Done > 0 {
		line += "  " + text.Count(g.Done)
	}
	if g.Bytes > 0 {
		line += "  " + text.Bytes(g.Bytes)
	}
	return line + "   esc stops it"
}

// empty says why there is nothing to show, and what would be needed.
func (p *integrityPane) empty() string {
	switch {
	case p.running:
		return "digests are found first, then their signatures and the log files they list are checked."
	case !p.loaded:
		return "reading"
	case !p.can:
		return "No log file here was ever held against a digest, so nothing is proven and no event is marked. " + whyNoVerify + "."
	}
	return "No log file here was ever held against a digest, so nothing is proven and no event is marked. " +
		"r verifies now: it needs the digests (the CloudTrail-Digest folder beside CloudTrail) and the public keys " +
		"(--public-keys, or AWS where the place is a bucket or a trail)."
}

// nothing says what is needed where a verification found no digests.
func (p *integrityPane) nothing() []string {
	if p.report == nil || p.report.digests.total() > 0 {
		return nil
	}
	return append(text.Wrap("There are no digests here, so nothing vouches for these log files. Needed: the CloudTrail-Digest folder "+
		"beside CloudTrail. Where that is not delivered, aws cloudtrail update-trail --enable-log-file-validation "+
		"starts it for what comes; it proves nothing of before.", p.width), "")
}

// strips are the chains as strips of time.
func (p *integrityPane) strips(th theme, loc *time.Location) []string {
	r := p.report
	if p.chains.N == 0 {
		return nil
	}
	title := th.vis(r.chainsTitle())
	legend := th.legend()
	head := text.Cut(title, p.width)
	if room := p.width - text.Width(head) - text.Width(legend); room >= 3 {
		head += text.Blank(room)
	} else {
		head = text.Cut(head, max(p.width-text.Width(legend)-2, 8))
		head += text.Blank(p.width - text.Width(head) - text.Width(legend))
	}
	lines := []string{paint(th.title, strings.TrimRight(head, " ")) + text.Blank(len(head)-len(strings.TrimRight(head, " "))) +
		paint(th.dim, text.Cut(legend, max(p.width-text.Width(head), 0)))}
	name := 0
	for i := p.chains.Top; i < p.chains.End(); i++ {
		name = max(name, text.Width(th.vis(r.chainName(&r.chains[i]))))
	}
	name = min(name, max(p.width/3, 10))
	cells := max(p.width-name-3, 1)
	for i := p.chains.Top; i < p.chains.End(); i++ {
		cursor := " "
		if i == p.chains.Cursor && (p.onChains || p.chains.N > p.chains.H) {
			cursor = cursorGlyph(p.onChains)
		}
		c := &r.chains[i]
		lines = append(lines, cursor+th.fitTail(r.chainName(c), name)+" "+p.strip(th, i, cells))
	}
	axis := axisLine(r.from, r.to, loc, cells)
	if hidden := p.chains.N - p.chains.H; hidden > 0 {
		axis = withTail(axis, fmt.Sprintf("+%s chains (tab)", text.Count(hidden)), cells)
	}
	return append(lines, paint(th.dim, text.Cut(text.Blank(name+2)+axis, p.width)))
}

// strip draws a chain; it is kept, since a year of hourly digests is looked through for it.
func (p *integrityPane) strip(th theme, chain, cells int) string {
	if p.drawnCells != cells || p.drawn == nil {
		p.drawn, p.drawnCells = map[int][]mark{}, cells
	}
	s, ok := p.drawn[chain]
	if !ok {
		s = p.report.chains[chain].strip(p.report.from, p.report.to, cells)
		p.drawn[chain] = s
	}
	return th.drawMarks(s)
}

const (
	verdictCells = len(verdictUnverified)
	narrowWord   = len("not vouched for")
	wideWord     = len("algorithm unknown")
)

func (p *integrityPane) wordCells() int {
	if p.width < wideWidth {
		return narrowWord
	}
	return wideWord
}

// timeLayout is the time of a line in the width there is.
func (p *integrityPane) timeLayout() string {
	if p.width < wideWidth {
		return "01-02 15:04"
	}
	return "2006-01-02 15:04"
}

func (p *integrityPane) heading(loc *time.Location) string {
	s := "  " + text.Fit("VERDICT", verdictCells) + " " + text.Fit("WHAT", p.wordCells()) + " " +
		text.Fit("UNTIL "+zoneName(loc), len(p.timeLayout())) + " LOG FILE, DIGEST, TRAIL"
	if p.ask.find != "" {
		s += fmt.Sprintf("   (%s with %s)", text.Count(p.N), text.Visible(p.ask.find))
	} else if p.ask.all {
		s += "   (all " + text.Count(p.N) + ", X: problems)"
	}
	return s
}

func (p *integrityPane) line(th theme, loc *time.Location, i int) string {
	if i == 0 && p.N == 0 {
		switch {
		case p.ask.find != "":
			return text.Cut("  nothing here with "+th.vis(p.ask.find), p.width)
		case p.report.digests.total() == 0:
			return ""
		}
		return text.Cut("  nothing to tell: every digest and log file is proven", p.width)
	}
	if i >= p.N {
		return ""
	}
	row := p.rows[i]
	cursor := " "
	if i == p.Cursor {
		cursor = cursorGlyph(!p.onChains)
	}
	verdict := text.Fit(p.report.verdict(row), verdictCells)
	if row.rank == rankInvalid {
		verdict = paint(th.bad, verdict)
	}
	when := ""
	if _, to := p.report.span(row); !to.IsZero() {
		when = to.In(loc).Format(p.timeLayout())
	}
	head := cursor + " " + verdict + " " + text.Fit(p.report.word(row), p.wordCells()) + " " + text.Fit(when, len(p.timeLayout())) + " "
	room := p.width - (2 + verdictCells + 1 + p.wordCells() + 1 + len(p.timeLayout()) + 1)
	name := strings.TrimSuffix(p.report.nameOf(row), ".json.gz") // what all names end with tells nothing
	if row.n > 1 {
		n := text.Count(int(row.n)) + " like "
		return head + n + strings.TrimRight(th.fitTail(name, room-len(n)), " ")
	}
	if row.kind == aNote || row.kind == aListing {
		return head + strings.TrimRight(th.fit(name, room), " ")
	}
	return head + strings.TrimRight(th.fitTail(name, room), " ")
}

// about is what there is to say about the line under the cursor.
func (p *integrityPane) about(th theme, loc *time.Location, h int) []string {
	if h <= 0 {
		return nil
	}
	head := "-- "
	row, ok := p.current()
	if ok && row.kind == aNote {
		head += "note "
	} else if ok {
		head += strings.Join(nonEmpty(p.report.class(row), p.report.word(row)), "  ") + " "
	}
	head = text.Cut(th.vis(head), p.width)
	lines := []string{paint(th.title, head) + paint(th.dim, strings.Repeat("-", max(p.width-text.Width(head), 0)))}
	if ok {
		lines = append(lines, p.say(th, loc, row)...)
	}
	for len(lines) < h {
		lines = append(lines, "")
	}
	return lines[:h]
}

// say is a line in full: what, what it means, what to do, and the evidence.
func (p *integrityPane) say(th theme, loc *time.Location, row problemRef) []string {
	r := p.report
	var lines []string
	put := func(label, s string) {
		if s == "" {
			return
		}
		for i, l := range text.Wrap(th.vis(s), p.width-7) {
			if i > 0 {
				label = ""
			}
			lines = append(lines, paint(th.key, text.Fit(label, 6))+" "+l)
		}
	}
	means, next := meaningOf(r.class(row)).means, meaningOf(r.class(row)).next
	switch row.kind {
	case aListing:
		means, next = problemMeans, problemNext
	case aNote:
		put("NOTE", r.reason(row))
		put("MEANS", noteMeans)
		return lines
	default:
	}
	lines = append(lines, paint(th.key, "WHAT  ")+" "+text.CutTail(th.vis(p.what(row, loc)), p.width-7))
	reason := r.reason(row)
	if row.n > 1 {
		reason = "of the first: " + reason
	}
	put("FOUND", reason)
	put("MEANS", means)
	put("NEXT", next)
	if from, to := r.span(row); row.kind == aFile && !from.IsZero() {
		put("TIME", stretchText(from, to, loc))
	}
	if f := r.file(row); f != nil && row.n == 1 {
		put("SHOULD", f.Expected)
		put("IS", f.Computed)
		put("KEY", f.KeySource)
	}
	return lines
}

// what names a line in full: a key, or a trail with the whole stretch of time.
func (p *integrityPane) what(row problemRef, loc *time.Location) string {
	name := p.report.nameOf(row)
	if row.n > 1 {
		return text.Count(int(row.n)) + " files, the first: " + name
	}
	if g := p.report.stretch(row); g != nil {
		return name + "   " + stretchText(g.From, g.To, loc)
	}
	return name
}
