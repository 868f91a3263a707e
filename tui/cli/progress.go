package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui"
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
		p.stand(progressBar(now, p.c.env.ascii(p.c.flag.ascii)) + " " + line)
		return
	}
	if t := p.c.env.Now(); t.Sub(p.last) >= progressEvery {
		p.last = t
		fmt.Fprintln(p.c.env.Stderr, line)
	}
}

// stand puts a text on the current line of a terminal, in place of what stood there.
func (p *progress) stand(line string) {
	width := p.c.env.Width
	if width == 0 {
		width = 80
	}
	fmt.Fprintf(p.c.env.Stderr, "\r%s\x1b[K", strings.TrimRight(text.Fit(line, width-1), " "))
	p.open = true
}

// look says that it was looked for new events; elsewhere than on a terminal only where there were some.
func (p *progress) look(l tui.Look, fresh int) {
	at := l.At.UTC().Format("15:04:05")
	switch {
	case p.c.flag.quiet:
	case p.c.env.StderrTTY:
		p.stand(fmt.Sprintf("following: %s so far, last looked %s UTC; ctrl+c ends", plural(l.New, "new event", "new events"), at))
	case fresh > 0:
		p.c.note("%s UTC: %s, %s since following began", at, plural(fresh, "new event", "new events"), text.Count(l.New))
	}
}

// files shows how many files are done of all, for work that is not bringing in; all is 0 while it is not known.
func (p *progress) files(what string, done, all int) {
	p.update(filesProgress(what, done, all))
}

// filesProgress is files done of all as the progress of a bringing in.
func filesProgress(what string, done, all int) index.Progress {
	return index.Progress{
		Place: what, Phase: index.PhaseReading, Listed: all, Done: done, ListingDone: all > 0,
		BytesCompressed: int64(done), BytesTotal: int64(all),
	}
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
	if p.Phase == index.PhaseListing && p.Done == 0 && p.Events == 0 {
		fmt.Fprintf(&b, "%s: listing, %s to fetch, %s so far", text.Visible(p.Place), plural(p.Listed-p.Held, "log file", "log files"), text.Bytes(p.BytesTotal))
		return b.String()
	}
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

// bytes shows how many bytes are done of all.
func (p *progress) bytes(what string, done, all int64) {
	line := fmt.Sprintf("%s: %s of %s", text.Visible(what), text.Bytes(done), text.Bytes(all))
	switch now := p.c.env.Now(); {
	case p.c.flag.quiet:
	case p.c.env.StderrTTY:
		p.stand(progressBar(index.Progress{ListingDone: true, BytesCompressed: done, BytesTotal: all}, p.c.env.ascii(p.c.flag.ascii)) + " " + line)
	case now.Sub(p.last) >= progressEvery:
		p.last = now
		fmt.Fprintln(p.c.env.Stderr, line)
	}
}
