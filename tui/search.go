package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// search is the search that runs, and what follows from its result.
type search struct {
	gen     int // of the newest search; answers of others are dropped
	running bool
	refresh bool // the same question again, because events came in
	done    float64
	cancel  context.CancelFunc
	ctx     context.Context // of the newest search and all that reads its result

	stopIngest context.CancelFunc
	facetsGen  int // generation whose facets were asked for
	stripGen   int
	stripCells int
	holds      int // number of the wait for rows
	wheel      time.Time
}

// request is what a search with the present filter asks.
func (a *app) request(at anchor) request {
	return request{
		gen: a.search.gen, node: a.node, anchor: at, height: max(a.events.H, 1),
		opt:   index.SearchOptions{From: a.opt.From, To: a.opt.To},
		order: a.events.order, chosen: a.events.chosen, read: newRowReader(a.opt.Index, a.events.chosen),
	}
}

// startSearch asks the index with the present filter; a search that runs is given up.
func (a *app) startSearch(at anchor) tea.Cmd {
	if a.search.cancel != nil {
		a.search.cancel()
	}
	a.search.gen++
	a.search.ctx, a.search.cancel = context.WithCancel(a.ctx)
	a.search.running, a.search.refresh, a.search.done = true, false, 0
	return searchCmd(a.search.ctx, a.opt.Index, a.request(at), a.send)
}

// anchor is the event under the cursor, to be found again in the next result.
func (a *app) anchor() anchor {
	if r := a.events.Selected(); r != nil {
		return anchor{ref: r.Ref, has: true, row: a.events.Row()}
	}
	return a.here
}

// onSearch shows what was found.
func (a *app) onSearch(msg searchMsg) tea.Cmd {
	if msg.gen != a.search.gen || msg.partial && !a.search.running {
		return nil
	}
	if cmd, waits := a.waitsForValue(msg); waits {
		return cmd
	}
	if !msg.partial {
		a.search.running = false
	}
	a.search.done = msg.done
	if msg.err != nil {
		if context.Cause(a.search.ctx) == nil {
			a.err = errorText(msg.err)
			a.toast = a.err
		}
		return nil
	}
	a.err = ""
	a.held = false
	a.onListed(msg)
	if r := a.events.Selected(); r != nil {
		a.here = anchor{ref: r.Ref, has: true, row: msg.place.row}
	}
	cmds := []tea.Cmd{a.morePages()}
	if !msg.partial {
		cmds = append(cmds, a.askTimeline(), a.askChart(), a.askFrequency(), a.askFacets(), a.askFound(), a.moved())
		if g := a.events.gaps.seek; g != nil && msg.result.Count() > 0 {
			cmds = append(cmds, timeRowCmd(a.search.ctx, msg.list, msg.gen, g.To))
		}
		if !a.intake.on {
			// The last of what came in may have done so while this search ran.
			cmds = append(cmds, a.refresh(a.opt.Index.Generation()))
		}
	}
	return tea.Batch(cmds...)
}

// onSettle searches for what was typed.
func (a *app) onSettle(msg settleMsg) tea.Cmd {
	if msg.gen != a.bar.edit || !a.bar.editing {
		return nil
	}
	a.bar.pending = false
	return a.startSearch(a.origin)
}

// morePages asks for rows that are on screen or next to it. While rows on screen are missing the last frame stays.
func (a *app) morePages() tea.Cmd {
	starts, seen := a.events.Missing()
	var cmds []tea.Cmd
	if seen && len(starts) > 0 {
		a.held = true
		a.search.holds++
		cmds = append(cmds, a.after(holdFor, holdMsg{a.search.holds}))
	}
	for _, s := range starts {
		cmds = append(cmds, pageCmd(a.search.ctx, a.events.list, a.events.gen, s, chunkRows))
	}
	return tea.Batch(cmds...)
}

func (a *app) onPage(msg pageMsg) tea.Cmd {
	if msg.gen != a.events.gen {
		return nil
	}
	if msg.err != nil {
		delete(a.events.asked, msg.from)
		a.held = false
		if !errors.Is(msg.err, context.Canceled) {
			a.toast = errorText(msg.err)
		}
		return nil
	}
	a.events.Store(msg.from, msg.rows)
	if _, seen := a.events.Missing(); !seen {
		a.held = false
	}
	return tea.Batch(a.askGaps(), a.renewRecord())
}

// renewRecord reads the record that is shown again where its log file was verified since.
func (a *app) renewRecord() tea.Cmd {
	if r := a.events.Selected(); r == nil || !a.detail.has || a.detail.ref != r.Ref {
		return nil
	}
	return a.askRecord()
}

func (a *app) askTimeline() tea.Cmd {
	r := a.events.result
	if r == nil || a.lay.strip.empty() || a.search.stripGen == a.events.gen && a.search.stripCells == a.lay.strip.w {
		return nil
	}
	a.search.stripGen, a.search.stripCells = a.events.gen, a.lay.strip.w
	return timelineCmd(a.search.ctx, r, a.events.gen, a.lay.strip.w)
}

func (a *app) onTimeline(msg timelineMsg) {
	if msg.gen == a.events.gen && msg.err == nil {
		a.strip.Install(msg.gen, msg.timeline)
	}
}

// askFacets asks for the values of all facets, where they are to be seen.
func (a *app) askFacets() tea.Cmd {
	r := a.events.result
	if r == nil || a.lay.facets.empty() || a.search.facetsGen == a.events.gen {
		return nil
	}
	a.search.facetsGen = a.events.gen
	q := a.request(anchor{})
	return facetsCmd(a.search.ctx, a.opt.Index, r, a.events.gen, q.opt, a.facets.Asks(a.node))
}

func (a *app) onFacets(msg facetsMsg) {
	if msg.gen != a.events.gen {
		return
	}
	if msg.err != nil {
		a.search.facetsGen = 0
		if !errors.Is(msg.err, context.Canceled) {
			a.toast = errorText(msg.err)
		}
		return
	}
	a.facets.Install(msg.gen, msg.facets)
}

// moved is called when another event may be under the cursor: what is about it follows when the cursor rests.
func (a *app) moved() tea.Cmd {
	a.rest++
	a.rested = false
	a.events.fit()
	if r := a.events.Selected(); r != nil {
		a.here = anchor{ref: r.Ref, has: true, row: a.events.Row()}
	}
	return tea.Batch(a.morePages(), a.askGaps(), a.after(restAfter, restMsg{a.rest}))
}

func (a *app) onRest(msg restMsg) tea.Cmd {
	if msg.rest != a.rest {
		a.stale = false
		return nil
	}
	a.rested = true
	return a.askRecord()
}

// askRecord reads the record of the event under the cursor, where it is to be seen.
func (a *app) askRecord() tea.Cmd {
	r := a.events.Selected()
	if r == nil {
		a.detail.Clear()
		if l := a.events.gaps.Selected(); l != nil {
			a.detail.note = gapText(l, a.location()) + ". " + meaningOf(l.gap.Class).means + " enter shows it in Integrity."
		}
		return nil
	}
	if a.lay.detail.empty() || a.detail.has && a.detail.ref == r.Ref && a.detail.row.Verdict == r.Verdict {
		return nil
	}
	ref := r.Ref
	a.want = &ref
	return recordCmd(a.ctx, a.opt.Index, *r)
}

func (a *app) onRecord(msg recordMsg) {
	if a.want == nil || *a.want != msg.row.Ref {
		return
	}
	a.want = nil
	a.detail.Install(msg)
}

// onRow goes to a line of the result.
func (a *app) onRow(msg rowMsg) tea.Cmd {
	if msg.toast != "" {
		a.toast = msg.toast
	}
	if msg.gen != a.events.gen || msg.row < 0 {
		return nil
	}
	return a.toRow(msg.row)
}

// toRow puts the cursor on a line, in the middle of the list where it was not seen before.
func (a *app) toRow(i int) tea.Cmd {
	e := &a.events
	e.gaps.on = 0
	if i >= e.Top && i < e.End() {
		e.To(i)
	} else {
		e.Place(i, e.H/2)
	}
	cmd := a.moved()
	if !a.lay.detail.empty() && a.focus == onDetail {
		return tea.Batch(cmd, a.askRecord())
	}
	return cmd
}

// onProgress keeps what is coming in and asks the same question again, at its pace.
func (a *app) onProgress(msg progressMsg) tea.Cmd {
	p := &a.intake.pace
	if !p.progress(msg.Elapsed) {
		a.stale = false
		return nil
	}
	a.intake.progress = msg.Progress
	if !p.refresh(msg.Elapsed, a.events.count() == 0) {
		return nil
	}
	return a.refresh(msg.Generation)
}

// refresh searches again where the index knows more than the result shown.
func (a *app) refresh(generation uint64) tea.Cmd {
	r := a.events.result
	if a.search.running || a.bar.editing || r != nil && r.Generation() >= generation {
		return nil
	}
	cmd := a.startSearch(a.anchor())
	a.search.refresh = r != nil && r.Count() > 0
	cmds := []tea.Cmd{cmd, statsCmd(a.opt.Index)}
	if a.tab == tabSources {
		cmds = append(cmds, a.askFiles(), a.askCoverage())
	}
	return tea.Batch(cmds...)
}

func (a *app) onIngested(msg ingestMsg) tea.Cmd {
	a.intake.on, a.intake.ended = false, true
	a.intake.summary, a.intake.err = msg.summary, msg.err
	a.toast = ingestToast(&a.intake)
	a.choosing = nil
	var follow tea.Cmd
	if a.opt.Following && !isCanceled(msg.err) {
		follow = a.follow()
		if msg.err == nil && len(msg.summary.Problems) == 0 {
			a.toast = "" // the status line says what following does
		}
	}
	return tea.Batch(follow, a.refresh(a.opt.Index.Generation()), statsCmd(a.opt.Index), a.askFiles(), a.askIntegrity())
}

// ingestToast is one line about how the bringing in ended.
func ingestToast(t *intake) string {
	s := &t.summary
	line := text.Count(s.Events) + " events brought in"
	switch {
	case t.err != nil && !s.Complete:
		line += "; " + stopText(t.err)
	case len(s.Problems) > 0:
		line += "; " + text.Count(len(s.Problems)) + " log files with problems (5 shows them)"
	}
	return line
}

// stopText is why the bringing in ended before its end.
func stopText(err error) string {
	switch {
	case isCanceled(err):
		return "stopped by ctrl+c, what came in stays"
	case errors.Is(err, ErrNotWanted):
		return "nothing was chosen (5, then b, asks again)"
	}
	return "stopped: " + errorText(err)
}

func (a *app) askFiles() tea.Cmd {
	a.sources.ask++
	return filesCmd(a.ctx, a.opt.Index, a.sources.ask, a.sources.Options())
}

func (a *app) moreFiles() tea.Cmd {
	if a.sources.Missing() {
		return a.askFiles()
	}
	return nil
}
