package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// integrityPane shows what verifications established: chains of digests as strips of time, below them what is not
// proven, with what it means.
type integrityPane struct {
	widget.Window // the problems
	chains        widget.Window
	onChains      bool
	width, height int
	loaded        bool
	err           string
	report        *report        // nil where nothing was ever verified
	generation    uint64         // of the index when it was read
	drawn         map[int][]mark // strips of chains in drawnCells cells
	drawnCells    int
	rows          []problemRef
	ask           problemAsk
	wanted        *index.Gap // what the cursor goes to when the lines are there

	can      bool // r verifies
	running  bool
	stop     func() // ends the verification that runs
	progress index.VerifyProgress
	note     string // how the last verification ended, where it did not end well
}

// verified reports whether anything was ever verified in the store: without that, no row is marked.
func (p *integrityPane) verified() bool { return p.report != nil }

// SetSize shares the lines out: strips take a fifth at most, the problems what they need, what is said about one of them
// the rest.
func (p *integrityPane) SetSize(w, h int) {
	p.width, p.height = w, h
	n := 0
	if p.report != nil {
		n = len(p.report.chains)
	}
	strips := h / 5
	if h < smallView {
		strips = 1
	}
	p.chains.Resize(n, min(n, max(strips, 1)))
	p.Resize(len(p.rows), max(min(h-p.above()-p.least(), len(p.rows)), min(h-p.above()-p.least(), 3)))
}

// head is the lines of counts and of when and with which keys it was verified.
func (p *integrityPane) head() int {
	if p.width < wideWidth {
		return 3
	}
	return 2
}

// above is how many lines stand above the first problem.
func (p *integrityPane) above() int {
	lines := p.head() + 1
	if p.chains.N > 0 {
		return lines + 2 + p.chains.H
	}
	return lines + len(p.nothing())
}

// smallView is below how many lines the view shows as little as it can of everything.
const smallView = 16

// least is how many lines what is said about a problem has at least.
func (p *integrityPane) least() int {
	if p.height < smallView {
		return 4
	}
	return min(p.height*2/5, 14)
}

// Install shows a report that was read.
func (p *integrityPane) Install(msg integrityMsg) {
	p.loaded, p.err = true, ""
	if msg.err != nil {
		p.err = errorText(msg.err)
		return
	}
	p.report, p.generation, p.drawn = msg.report, msg.generation, nil
	p.List(problemsMsg{ask: p.ask.ask, rows: msg.rows})
}

// List shows the lines that were asked for; the cursor stays on its line where it is still there.
func (p *integrityPane) List(msg problemsMsg) {
	if msg.ask != p.ask.ask {
		return
	}
	at, had := p.current()
	p.rows = msg.rows
	p.SetSize(p.width, p.height)
	if g := p.wanted; g != nil {
		p.wanted = nil
		if p.Reveal(g.Class, g.Key, g.From) {
			return
		}
	}
	if !had {
		return
	}
	for i, row := range p.rows {
		if row == at {
			p.To(i)
			return
		}
	}
	p.To(0)
}

func (p *integrityPane) current() (problemRef, bool) {
	if p.Cursor >= len(p.rows) {
		return problemRef{}, false
	}
	return p.rows[p.Cursor], true
}

// Reveal puts the cursor on the first problem of a class and key, or of a class and time.
func (p *integrityPane) Reveal(class, key string, from time.Time) bool {
	for i, row := range p.rows {
		g := p.report.stretch(row)
		switch {
		case p.report.class(row) != class:
		case g != nil && g.From.Equal(from), g == nil && p.report.nameOf(row) == key:
			p.onChains = false
			p.To(i)
			return true
		}
	}
	return false
}

// askIntegrity reads what is known again where the index has changed since.
func (a *app) askIntegrity() tea.Cmd {
	if a.opt.Index == nil {
		return nil
	}
	return integrityCmd(a.ctx, a.opt.Index, a.integrity.ask)
}

// relist asks for the lines of the list again.
func (a *app) relist() tea.Cmd {
	p := &a.integrity
	p.ask.ask++
	if p.report == nil {
		return nil
	}
	return problemsCmd(p.report, p.ask)
}

// onIntegrity takes a report; what is marked everywhere else follows.
func (a *app) onIntegrity(msg integrityMsg) tea.Cmd {
	had := a.integrity.verified()
	a.integrity.Install(msg)
	if a.intake.ended && a.toast == ingestToast(&a.intake) && a.integrity.verified() {
		a.toast += "; " + a.integrity.report.status()
	}
	if had == a.integrity.verified() {
		return nil
	}
	on := a.integrity.verified()
	a.facets.verdicts, a.events.verified, a.detail.verified, a.sources.verified = on, on, on, on
	a.search.facetsGen = 0
	return tea.Batch(a.askFacets(), a.askGaps())
}

// onIntegrityAnswer takes what commands about integrity bring.
func (a *app) onIntegrityAnswer(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case integrityMsg:
		return a.onIntegrity(msg)
	case coverageMsg:
		a.onCoverage(msg)
	case gapsMsg:
		a.events.InstallGaps(msg)
	case problemsMsg:
		a.integrity.List(msg)
	case verifyingMsg:
		a.integrity.progress = msg.VerifyProgress
	case verifiedMsg:
		return a.onVerified(msg)
	default:
		a.stale = false
	}
	return nil
}

// startVerify verifies again, behind the screen.
func (a *app) startVerify() tea.Cmd {
	p := &a.integrity
	switch {
	case p.running:
		a.toast = "a verification is running; esc stops it"
		return nil
	case a.opt.Verify == nil:
		a.toast = whyNoVerify
		return nil
	case a.intake.on:
		a.toast = "events are coming in; verify when that has ended"
		return nil
	}
	p.running, p.note, p.progress = true, "", index.VerifyProgress{}
	cmd, stop := verifyCmd(a)
	p.stop = stop
	return cmd
}

const whyNoVerify = "these events cannot be verified from here; trailsift verify PLACE does"

// stopVerify ends the verification that runs.
func (a *app) stopVerify() {
	a.integrity.stop()
	a.toast = "verification stopped; what was established before stays"
}

// onVerified shows what a verification established.
func (a *app) onVerified(msg verifiedMsg) tea.Cmd {
	p := &a.integrity
	p.running, p.stop = false, nil
	if msg.err != nil {
		p.note = "ended early: " + errorText(msg.err)
		if errors.Is(msg.err, context.Canceled) {
			p.note = "was stopped; what is shown was established before"
		}
		a.toast = "the verification " + p.note
	}
	return tea.Batch(a.askIntegrity(), a.refresh(a.opt.Index.Generation()))
}

// doIntegrity is what keys do in the view.
func (a *app) doIntegrity(act action) tea.Cmd {
	p := &a.integrity
	switch act {
	case actVerify:
		return a.startVerify()
	case actFilterFiles:
		a.openPrompt(promptProblems, p.ask.find)
		return nil
	case actOnlyProblems:
		p.ask.all = !p.ask.all
		p.To(0)
		return a.relist()
	case actSort:
		p.ask.sort = (p.ask.sort + 1) % (byKey + 1)
		a.toast = "sorted by " + [...]string{"severity", "time", "name"}[p.ask.sort]
		return a.relist()
	case actEnter:
		return a.openProblem()
	case actCopy:
		if row, ok := p.current(); ok {
			return copyText("name", p.report.nameOf(row))
		}
		return nil
	case actCopyEvidence:
		if row, ok := p.current(); ok {
			return copyCmd("evidence", p.report.evidence(row), "")
		}
		return nil
	case actNextPane, actPrevPane:
		p.onChains = !p.onChains && p.chains.N > 0
		return nil
	}
	move(a.window(), act)
	return nil
}

// openProblem shows the events a line is about, or those of a chain.
func (a *app) openProblem() tea.Cmd {
	p := &a.integrity
	if p.onChains && p.chains.Cursor < len(p.report.chains) {
		c := &p.report.chains[p.chains.Cursor]
		n := query.Keep(query.All{}, query.Key{Field: "account"}, c.account)
		return a.openEvents(query.Keep(n, query.Key{Field: "region"}, c.region).String())
	}
	row, ok := p.current()
	if !ok {
		return nil
	}
	q := p.report.query(row)
	if q == "" {
		a.toast = "no events belong to this line"
		return nil
	}
	cmd := a.openEvents(q)
	if from, to := p.report.span(row); strings.HasPrefix(q, "time:") {
		a.toast = "events around " + stretchText(from, to, a.location())
		a.events.gaps.seek = &index.Gap{Class: p.report.class(row), From: from, To: to}
		if r := a.events.result; r != nil && r.Count() > 0 && !a.search.running { // the filter said so already
			cmd = tea.Batch(cmd, timeRowCmd(a.search.ctx, a.events.list, a.events.gen, to))
		}
	}
	return cmd
}

// openEvents shows the events of a filter.
func (a *app) openEvents(q string) tea.Cmd {
	cmd := a.commit(filter{text: q})
	return tea.Batch(cmd, a.openTab(tabEvents))
}

// around is how much before and after something that is missing is shown with it.
const around = 30 * time.Minute

// query is the filter for the events of a line: of a log file, or of the time of what is not there; "" where neither is
// known.
func (r *report) query(ref problemRef) string {
	f := r.file(ref)
	switch {
	case f != nil && ref.n > 1 && !f.Digest:
		return query.Keep(query.All{}, query.Key{Field: "verdict"}, f.Verdict).String()
	case f != nil && !f.Digest && !gone(f.Class):
		return query.Keep(query.All{}, query.Key{Field: "log"}, f.Key).String()
	}
	from, to := r.span(ref)
	if from.IsZero() {
		return ""
	}
	const layout = "2006-01-02T15:04:05Z"
	if f == nil || gone(f.Class) {
		from, to = from.Add(-around), to.Add(around)
	}
	return "time:" + from.UTC().Format(layout) + ".." + to.UTC().Format(layout)
}

// gone reports whether files of a class are not there.
func gone(class string) bool {
	return class == "log.missing" || class == "log.unknown-deleted" || class == "digest.missing"
}

// evidence is a line with all that is known of it, as text to paste.
func (r *report) evidence(ref problemRef) string {
	var b strings.Builder
	put := func(name, s string) {
		if s != "" {
			b.WriteString(name + ": " + text.Visible(s) + "\n")
		}
	}
	put("verdict", strings.TrimSpace(r.verdict(ref)+" "+r.class(ref)))
	put("name", r.nameOf(ref))
	put("place", r.places[ref.place].Place)
	if from, to := r.span(ref); !from.IsZero() {
		put("time", stretchText(from, to, time.UTC))
	}
	put("reason", r.reason(ref))
	if f := r.file(ref); f != nil {
		put("expected", f.Expected)
		put("computed", f.Computed)
		put("proven by", f.KeySource)
	}
	m := meaningOf(r.class(ref))
	put("means", m.means)
	put("next", m.next)
	put("checked", r.places[ref.place].Checked.UTC().Format(time.RFC3339))
	return b.String()
}

// stretchText is a stretch of time, without what both ends have in common.
func stretchText(from, to time.Time, loc *time.Location) string {
	return stretch("2006-01-02 15:04", from, to, loc) + " " + zoneName(loc)
}

func stretch(layout string, from, to time.Time, loc *time.Location) string {
	from, to = from.In(loc), to.In(loc)
	s := from.Format(layout) + " to "
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		layout = "15:04"
	}
	return s + to.Format(layout)
}
