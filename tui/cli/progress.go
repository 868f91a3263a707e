package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// progress shows what is coming in on standard error: a bar on a terminal, a line every few seconds otherwise.
type progress struct {
	c    *command
	last time.Time
	open bool // a bar stands on the current line
}

func (c *command) newProgress() *progress { return &progress{c: c, last: c.env.Now()} }

func (p *progress) update(now index.Progress) {
	if p.c.flag.quiet {
		return
	}
	line := progressLine(now)
	if p.c.env.StderrTTY {
		width := p.c.env.Width
		if width == 0 {
			width = 80
		}
		fmt.Fprintf(p.c.env.Stderr, "\r%s\x1b[K", text.Fit(progressBar(now, p.c.env.ascii(p.c.flag.ascii))+" "+line, width-1))
		p.open = true
		return
	}
	if t := p.c.env.Now(); t.Sub(p.last) >= progressEvery {
		p.last = t
		fmt.Fprintln(p.c.env.Stderr, line)
	}
}

// files shows how many files are done of all, for work that is not bringing in; all is 0 while it is not known.
func (p *progress) files(what string, done, all int) {
	p.update(index.Progress{
		Place: what, Listed: all, Done: done, ListingDone: all > 0, BytesCompressed: int64(done), BytesTotal: int64(all),
	})
}

// done takes the bar away.
func (p *progress) done() {
	if p.open {
		fmt.Fprint(p.c.env.Stderr, "\r\x1b[K")
		p.open = false
	}
}

// progressLine says in words what came in, how fast, and how long it still takes.
func progressLine(p index.Progress) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s events, %s of %s files", text.Visible(p.Place), text.Count(p.Events),
		text.Count(p.Done), atLeast(p.Listed-p.Held, p.ListingDone))
	if p.Held > 0 {
		fmt.Fprintf(&b, " (%s held)", text.Count(p.Held))
	}
	if s := p.Elapsed.Seconds(); s > 0.2 {
		fmt.Fprintf(&b, ", %s/s, %s events/s", text.Bytes(int64(float64(p.BytesCompressed)/s)), text.Count(int(float64(p.Events)/s)))
	}
	if p.ETA > 0 {
		fmt.Fprintf(&b, ", about %s left", p.ETA.Round(time.Second))
	}
	if p.Failed > 0 {
		fmt.Fprintf(&b, ", %s with problems", text.Count(p.Failed))
	}
	return b.String()
}

// atLeast is a count that may still grow, marked so.
func atLeast(n int, final bool) string {
	if final {
		return text.Count(n)
	}
	return "≥" + text.Count(n)
}

// progressBar is the share of the bytes to read that is done, in 20 cells; empty until the total is known.
func progressBar(p index.Progress, ascii bool) string {
	const cells = 20
	full, empty := "█", "░"
	if ascii {
		full, empty = "#", "."
	}
	done := 0
	if p.ListingDone && p.BytesTotal > 0 {
		done = int(min(cells, cells*p.BytesCompressed/p.BytesTotal))
	}
	return strings.Repeat(full, done) + strings.Repeat(empty, cells-done)
}
