package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// timelinePane is the Timeline view: the events of the filter as bars of time, of which one, or a range, is chosen.
// Times and not bars are kept, so that zooming and new events leave the place.
type timelinePane struct {
	chart    index.Timeline
	rows     []splitRow // of the chart, where it is split
	distinct int        // values there are in all
	shown    chartAsk   // what the chart answers
	asked    chartAsk   // what was asked last
	ask      int        // its number; answers of older ones are dropped
	stop     context.CancelFunc

	from, to time.Time // what is zoomed to; zero: all
	at       time.Time // within the bar under the cursor
	mark     time.Time // within the bar where the range begins, while one is chosen
	marking  bool
	split    splitKind
	summary  rangeSummary
	told     timeRange // what is told about: where the cursor last rested, so that a step is few bytes
	rest     int       // number of the cursor's last move
	sumStop  context.CancelFunc

	width, height int
}

// splitKind is what the bars are split by.
type splitKind uint8

const (
	splitOutcome splitKind = iota
	splitService
	splitWho
	splits
)

// splitFields are the fields that bars are split by; an outcome is told within one bar.
var splitFields = [splits]string{splitService: "service", splitWho: "user"}

// splitNames name the splits in a sentence.
var splitNames = [splits]string{"outcome", "service", "principal"}

// A chartAsk is all that makes one chart: of which result, which time, how many bars at most, split how.
type chartAsk struct {
	gen      int
	from, to time.Time
	bars     int
	split    splitKind
	rows     int // values to show at most
}

// A splitRow is one value of a split chart; its buckets are those of the chart. rest: all other events.
type splitRow struct {
	value  string
	rest   bool
	events int
	errors int
	bars   []index.Bucket
}

// A timeRange is a stretch of time, half-open.
type timeRange struct{ from, to time.Time }

// A rangeSummary is who and what is in a range of time.
type rangeSummary struct {
	gen                 int
	from, to            time.Time
	who, events, errors index.Facet
	has                 bool
}

// SetSize sets the cells of the view.
func (p *timelinePane) SetSize(w, h int) { p.width, p.height = w, max(h, 0) }

// n is how many bars there are.
func (p *timelinePane) n() int { return len(p.chart.Buckets) }

// bucketOf is the bar a time lies in, the nearest one where it lies outside.
func (p *timelinePane) bucketOf(t time.Time) int {
	i := bucketAt(p.chart.Buckets, t)
	return min(max(i, 0), max(p.n()-1, 0))
}

// bucketAt is the last bucket that begins not after t, -1 where all do.
func bucketAt(buckets []index.Bucket, t time.Time) int {
	lo, hi := 0, len(buckets)
	for lo < hi {
		m := (lo + hi) / 2
		if buckets[m].Start.After(t) {
			hi = m
		} else {
			lo = m + 1
		}
	}
	return lo - 1
}

// chosen are the first and the last bar of the range under the cursor: one bar, or all from where v was pressed.
func (p *timelinePane) chosen() (first, last int) {
	first = p.bucketOf(p.at)
	last = first
	if p.marking {
		m := p.bucketOf(p.mark)
		first, last = min(first, m), max(last, m)
	}
	return first, last
}

// span is the time of the chosen range, half-open.
func (p *timelinePane) span() (from, to time.Time) {
	first, last := p.chosen()
	return p.chart.Buckets[first].Start, p.chart.Buckets[last].Start.Add(p.chart.Bucket)
}

// tell makes the chosen range the one that is told about.
func (p *timelinePane) tell() { p.told.from, p.told.to = p.span() }

// sums are the events and errors of a range of bars, and whether something is missing in it.
func (p *timelinePane) sums(from, to time.Time) (events, failed int, gap bool) {
	for _, b := range p.chart.Buckets {
		if !b.Start.Before(from) && b.Start.Before(to) {
			events, failed, gap = events+b.Events, failed+b.Errors, gap || b.Gap
		}
	}
	return events, failed, gap
}

// known reports whether what is known is about a range.
func (p *timelinePane) known(from, to time.Time) bool {
	s := &p.summary
	return s.has && s.gen == p.shown.gen && s.from.Equal(from) && s.to.Equal(to)
}

// zoomed reports whether less than all is shown.
func (p *timelinePane) zoomed() bool { return !p.from.IsZero() }

// whole shows all.
func (p *timelinePane) whole() { p.from, p.to = time.Time{}, time.Time{} }

// zoomBy is how much longer or shorter the time shown becomes in one step.
const zoomBy = 4

// shortest is the least time that is zoomed to.
const shortest = 10 * time.Second

// zoom shows a fourth of the time, or four times as much, around the cursor; a chosen range is zoomed to as it is.
func (p *timelinePane) zoom(in bool, first, last time.Time) {
	span := p.chart.To.Sub(p.chart.From)
	if p.zoomed() {
		span = p.to.Sub(p.from) // the bars of it may still be on their way
	}
	switch {
	case in && p.marking:
		p.from, p.to = p.span()
		p.marking = false
		return
	case in:
		span = max(span/zoomBy, shortest)
	case span > last.Sub(first)/zoomBy:
		p.whole()
		return
	default:
		span *= zoomBy
	}
	p.show(p.at.Add(-span/2), span, first, last)
}

// show zooms to a stretch of time, moved to where there are events.
func (p *timelinePane) show(from time.Time, span time.Duration, first, last time.Time) {
	if end := last.Add(time.Second); from.Add(span).After(end) {
		from = end.Add(-span)
	}
	if from.Before(first) {
		from = first
	}
	p.from, p.to = from, from.Add(span)
}

// reveal moves what is zoomed to where t is, if it is not to be seen.
func (p *timelinePane) reveal(t, first, last time.Time) {
	p.at = t
	if p.zoomed() && (t.Before(p.chart.From) || !t.Before(p.chart.To)) {
		span := p.to.Sub(p.from)
		p.show(t.Add(-span/2), span, first, last)
	}
}

// peak is the next bar in direction d in which more fails than in those beside it, -1 where there is none.
func (p *timelinePane) peak(d int) int {
	failed := func(i int) int {
		if i < 0 || i >= p.n() {
			return 0
		}
		return p.chart.Buckets[i].Errors
	}
	for i := p.bucketOf(p.at) + d; i >= 0 && i < p.n(); i += d {
		if failed(i) > 0 && failed(i) > failed(i-1) && failed(i) >= failed(i+1) {
			return i
		}
	}
	return -1
}

// gap is the next bar in direction d at which something begins to be missing, -1 where there is none.
func (p *timelinePane) gap(d int) int {
	for i := p.bucketOf(p.at) + d; i >= 0 && i < p.n(); i += d {
		if p.chart.Buckets[i].Gap && (i == 0 || !p.chart.Buckets[i-1].Gap) {
			return i
		}
	}
	return -1
}

// tenBars is how far half a page goes.
const tenBars = 10

// doTimeline is what keys do in the Timeline; done is false for what means the same everywhere.
func (a *app) doTimeline(act action) (cmd tea.Cmd, done bool) {
	p := &a.timeline
	switch act {
	case actGoToTime:
		a.openPrompt(promptTime, "")
		return nil, true
	case actSplit:
		p.split = (p.split + 1) % splits
		a.toast = "split by " + splitNames[p.split]
		return a.askChart(), true
	}
	step, moves := map[action]int{actLeft: -1, actRight: 1, actHalfUp: -tenBars, actHalfDown: tenBars}[act]
	switch {
	case p.n() == 0:
		return nil, act == actEnter || act == actDrop || act == actNextError || act == actPrevError
	case moves:
		return a.stepBars(step), true
	}
	switch act {
	case actTop:
		return a.toBar(0), true
	case actBottom:
		return a.toBar(p.n() - 1), true
	case actNextError, actPrevError:
		return a.seekBar(p.peak, act == actNextError, "no error peak "), true
	case actNextGap, actPrevGap:
		return a.seekBar(p.gap, act == actNextGap, "nothing is missing "), true
	case actRange:
		p.marking, p.mark = !p.marking, p.at
		return a.barMoved(), true
	case actZoomIn, actZoomOut, actZoomAll:
		return a.zoomBars(act), true
	case actEnter, actDrop:
		return a.keepRange(act == actEnter), true
	}
	return nil, false
}

// stepBars goes on by bars; at the edge of what is zoomed to it goes on beyond.
func (a *app) stepBars(d int) tea.Cmd {
	p := &a.timeline
	i := p.bucketOf(p.at) + d
	if i >= 0 && i < p.n() || !p.zoomed() {
		return a.toBar(min(max(i, 0), p.n()-1))
	}
	first, last, ok := a.events.result.Span()
	t := p.chart.Buckets[p.bucketOf(p.at)].Start.Add(time.Duration(d) * p.chart.Bucket)
	if !ok || t.After(last) || t.Add(p.chart.Bucket).Before(first) {
		return a.toBar(min(max(i, 0), p.n()-1))
	}
	p.reveal(t, first, last)
	return a.askChart()
}

func (a *app) toBar(i int) tea.Cmd {
	a.timeline.at = a.timeline.chart.Buckets[i].Start
	return a.barMoved()
}

func (a *app) seekBar(find func(d int) int, on bool, none string) tea.Cmd {
	d, way := -1, "before this"
	if on {
		d, way = 1, "after this"
	}
	i := find(d)
	if i < 0 {
		a.toast = none + way
		return nil
	}
	return a.toBar(i)
}

func (a *app) zoomBars(act action) tea.Cmd {
	p := &a.timeline
	first, last, ok := a.events.result.Span()
	if !ok {
		return nil
	}
	if act == actZoomAll {
		p.whole()
	} else {
		p.zoom(act == actZoomIn, first, last)
	}
	return a.askChart()
}

// keepRange writes the chosen range into the filter: only it, whose events are then shown, or all but it.
func (a *app) keepRange(only bool) tea.Cmd {
	p := &a.timeline
	from, to := p.span()
	if events, _, _ := p.sums(from, to); events == 0 {
		a.toast = "no event in this range"
		return nil
	}
	p.marking = false
	if only {
		p.whole()
		return tea.Batch(a.change(query.KeepRange(a.bare(), from, to)), a.openTab(tabEvents))
	}
	return a.change(drop(a.bare(), query.KeepRange(query.All{}, from, to)))
}

// outOfTimeline leaves the nearest thing: the range, the zoom, the view.
func (a *app) outOfTimeline() tea.Cmd {
	p := &a.timeline
	switch {
	case p.marking:
		p.marking = false
		return a.barMoved()
	case p.zoomed():
		p.whole()
		return a.askChart()
	}
	return a.openTab(tabEvents)
}

// timelineTo goes to a time.
func (a *app) timelineTo(t time.Time) tea.Cmd {
	p := &a.timeline
	first, last, ok := a.events.result.Span()
	if !ok || p.n() == 0 {
		return nil
	}
	if t.Before(first) {
		a.toast, t = "the first event is later", first
	}
	if t.After(last) {
		a.toast, t = "the last event is earlier", last
	}
	p.reveal(t, first, last)
	return tea.Batch(a.askChart(), a.barMoved())
}

// enterTimeline puts the cursor where it stands in the list.
func (a *app) enterTimeline() {
	p := &a.timeline
	if r := a.events.Selected(); r != nil && r.HasTime {
		p.at = r.Time
		if p.zoomed() && (p.at.Before(p.from) || !p.at.Before(p.to)) {
			p.whole()
		}
		if p.n() > 0 {
			p.tell()
		}
	}
}

// askChart asks for the bars, where they are to be seen and are not those that are shown.
func (a *app) askChart() tea.Cmd {
	p, r := &a.timeline, a.events.result
	if a.tab != tabTimeline || r == nil || a.events.partial || p.width == 0 {
		return nil
	}
	ask := chartAsk{gen: a.events.gen, from: p.from, to: p.to, bars: p.barRoom(), split: p.split, rows: p.splitRoom()}
	if ask.split == splitOutcome {
		ask.rows = 0
	}
	if ask == p.asked {
		return nil
	}
	if p.stop != nil {
		p.stop()
	}
	p.ask++
	p.asked = ask
	ctx, cancel := context.WithCancel(a.search.ctx)
	p.stop = cancel
	return chartCmd(ctx, r, p.ask, ask)
}

// onChart shows the bars.
func (a *app) onChart(msg chartMsg) tea.Cmd {
	p := &a.timeline
	if msg.ask != p.ask {
		return nil
	}
	if msg.err != nil {
		p.asked = chartAsk{}
		if !errors.Is(msg.err, context.Canceled) {
			a.toast = errorText(msg.err)
		}
		return nil
	}
	p.shown, p.chart, p.rows, p.distinct = p.asked, msg.chart, msg.rows, msg.distinct
	if n := p.n(); n > 0 && p.at.IsZero() {
		p.at = p.chart.Buckets[n-1].Start
	}
	if p.n() > 0 {
		p.tell()
	}
	return a.barMoved()
}

// barMoved lets what is about the range follow when the cursor rests.
func (a *app) barMoved() tea.Cmd {
	a.timeline.rest++
	return a.after(restAfter, barRestMsg{a.timeline.rest})
}

// onBarRest asks who and what is in the range.
func (a *app) onBarRest(msg barRestMsg) tea.Cmd {
	p, r := &a.timeline, a.events.result
	if msg.rest != p.rest || p.n() == 0 || r == nil {
		a.stale = false
		return nil
	}
	p.tell()
	from, to := p.span()
	if p.known(from, to) {
		return nil
	}
	if p.sumStop != nil {
		p.sumStop()
	}
	ctx, cancel := context.WithCancel(a.search.ctx)
	p.sumStop = cancel
	return rangeCmd(ctx, r, p.shown.gen, from, to)
}

func (a *app) onRange(msg rangeMsg) {
	if msg.err != nil {
		if !errors.Is(msg.err, context.Canceled) {
			a.toast = errorText(msg.err)
		}
		return
	}
	a.timeline.summary = msg.rangeSummary
}

// timelineStatus says what enter and ! would leave, when the cursor rests: moving stays cheap.
func (a *app) timelineStatus() []string {
	p := &a.timeline
	if p.n() == 0 {
		return nil
	}
	from, to := p.span()
	if !p.known(from, to) {
		return nil
	}
	events, _, _ := p.sums(from, to)
	return []string{
		"enter keeps " + text.Count(events),
		"! keeps " + text.Count(a.events.count()-events),
	}
}
