package tui

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// sourcesPane shows what is coming in, and the log files with what was wrong with them.
type sourcesPane struct {
	widget.Window
	width  int
	ask    int // number of the newest request for files
	rows   []index.FileRow
	from   int // file of rows[0]
	find   string
	err    string
	loaded bool
	state  int // place in fileStates: which log files are shown
	// verified says that log files were verified; without that none is marked.
	verified bool
	coverage coverage
}

// fileStates are the choices of which log files are shown.
var fileStates = []struct {
	name   string
	states []index.FileState
}{
	{"all", nil},
	{"problems", []index.FileState{index.StateProblem, index.StateFailed}},
	{"held", []index.FileState{index.StateHeld}},
	{"digests", []index.FileState{index.StateDigest}},
	{"ignored", []index.FileState{index.StateIgnored}},
	{"changed", []index.FileState{index.StateChanged}},
}

const problemState = 1

// Choose shows log files of another state.
func (p *sourcesPane) Choose(act action) {
	switch {
	case act == actLeft:
		p.state = max(p.state-1, 0)
	case act == actRight:
		p.state = min(p.state+1, len(fileStates)-1)
	case p.state == problemState:
		p.state = 0
	default:
		p.state = problemState
	}
	p.To(0)
}

// states is the line that says how many log files there are of each state.
func (p *sourcesPane) states(t *intake) string {
	var parts []string
	for i, s := range fileStates {
		n := 0
		for state, count := range t.stats.Files {
			if s.states == nil || slices.Contains(s.states, state) {
				n += count
			}
		}
		name := s.name + " " + text.Count(n)
		if i == p.state {
			name = "[" + name + "]"
		}
		parts = append(parts, name)
	}
	return "FILES  " + strings.Join(parts, "  ")
}

// fileWindow is how many log files are read together.
const fileWindow = 400

// head is the lines above the list: places, numbers, progress, coverage, states, heading.
func (p *sourcesPane) head() int { return 5 + p.coverage.Lines() }

// sourcesFoot is the lines below it about the log file under the cursor.
const sourcesFoot = 4

func (p *sourcesPane) SetSize(w, h int) {
	p.width = w
	p.coverage.SetSize(w, h)
	p.Resize(p.N, max(h-p.head()-sourcesFoot, 1))
}

// Options are the log files to read around the cursor.
func (p *sourcesPane) Options() index.FilesOptions {
	opt := index.FilesOptions{Text: p.find, Offset: max(p.Cursor-fileWindow/2, 0), Limit: fileWindow, DigestsLast: true}
	opt.States = fileStates[p.state].states
	return opt
}

// Missing reports whether lines on screen are not read yet.
func (p *sourcesPane) Missing() bool {
	return p.loaded && p.N > 0 && (p.Top < p.from || p.End() > p.from+len(p.rows))
}

// Install shows log files that were read.
func (p *sourcesPane) Install(msg filesMsg) {
	p.loaded, p.err = true, ""
	if msg.err != nil {
		p.err = errorText(msg.err)
		return
	}
	p.rows, p.from = msg.rows, msg.from
	p.Resize(msg.total, p.H)
}

// Selected is the log file under the cursor, nil where there is none.
func (p *sourcesPane) Selected() *index.FileRow {
	if i := p.Cursor - p.from; p.N > 0 && i >= 0 && i < len(p.rows) {
		return &p.rows[i]
	}
	return nil
}

// intake is what is known of the bringing in.
type intake struct {
	on       bool // it runs
	ended    bool
	pace     pace
	progress index.Progress
	summary  index.Summary
	err      error
	stats    index.Stats
	hasStats bool
}

// Rate is events a second over the whole run.
func (t *intake) Rate() int {
	s := t.progress.Elapsed.Seconds()
	if s <= 0 {
		return 0
	}
	return int(float64(t.progress.Events) / s)
}

// Share is how much is done, 0..1; known is false while the listing goes on and says nothing yet.
func (t *intake) Share() (share float64, known bool) {
	p := &t.progress
	switch {
	case p.BytesTotal > 0:
		return min(float64(p.BytesCompressed)/float64(p.BytesTotal), 1), p.ListingDone
	case p.Listed > 0:
		return min(float64(p.Done)/float64(p.Listed), 1), p.ListingDone
	}
	return 0, false
}

// Left is how long it will still take, 0 where that is not known: by bytes where the place tells sizes, else by files.
func (t *intake) Left() time.Duration {
	p := &t.progress
	if p.ETA > 0 || !p.ListingDone || p.BytesTotal > 0 || p.Done == 0 {
		return p.ETA
	}
	return time.Duration(float64(p.Elapsed) * float64(p.Listed-p.Done) / float64(p.Done))
}

// View draws the pane.
func (p *sourcesPane) View(th theme, loc *time.Location, t *intake, places string, h int) []string {
	lines := []string{
		paint(th.title, text.Cut("PLACES  "+th.vis(places), p.width)),
		text.Cut(p.numbers(t), p.width),
		text.Cut(p.incoming(th, t), p.width),
	}
	lines = append(lines, p.coverage.View(th, loc)...)
	lines = append(lines, text.Cut(p.states(t), p.width), paint(th.dim, text.Cut(p.heading(), p.width)))
	for i := p.Top; i < p.Top+p.H; i++ {
		lines = append(lines, p.line(th, i))
	}
	lines = append(lines, p.foot(th)...)
	return lines[:min(len(lines), h)]
}

// numbers sums up the store.
func (p *sourcesPane) numbers(t *intake) string {
	if !t.hasStats {
		return ""
	}
	s := &t.stats
	return fmt.Sprintf("%s events   %s copies   %s conflicts   %s salvaged   %s untimed   index %s",
		text.Count(s.Events), text.Count(s.Duplicates), text.Count(s.Conflicts), text.Count(s.Salvaged),
		text.Count(s.Untimed), text.Bytes(s.IndexBytes))
}

// incoming is progress as text: a bar, rate and time left; afterwards the summary.
func (p *sourcesPane) incoming(th theme, t *intake) string {
	switch {
	case t.on:
		return p.under(th, t)
	case t.ended && t.err != nil:
		return th.vis(stopText(t.err))
	case t.ended:
		s := &t.summary
		return fmt.Sprintf("brought in %s events of %s log files in %.1f s   %s with problems   %s ignored",
			text.Count(s.Events), text.Count(s.Files), s.Seconds, text.Count(len(s.Problems)), text.Count(s.IgnoredFiles))
	}
	return "nothing is coming in"
}

// under is the line while it comes in: the bar, how far, how fast, how long still.
func (p *sourcesPane) under(th theme, t *intake) string {
	g := &t.progress
	share, known := t.Share()
	line := bar(share, 16, th.ascii)
	if known {
		line += fmt.Sprintf(" %d%%", int(share*100))
	}
	line += fmt.Sprintf("  %s/%s log files  %s events  %s/s", text.Count(g.Done), listed(g), text.Count(g.Events), text.Short(t.Rate()))
	if left := t.Left(); left > 0 {
		line += "  " + clock(left) + " left"
	}
	if g.Failed > 0 {
		line += fmt.Sprintf("  %s with problems", text.Count(g.Failed))
	}
	if g.Held > 0 {
		line += fmt.Sprintf("  %s held before", text.Count(g.Held))
	}
	return line + "  " + text.Bytes(g.BytesCompressed)
}

func listed(g *index.Progress) string {
	if g.ListingDone {
		return text.Count(g.Listed)
	}
	return text.Count(g.Listed) + "+"
}

// bar is progress in cells.
func bar(share float64, cells int, ascii bool) string {
	full, empty := "█", "░"
	if ascii {
		full, empty = "#", "."
	}
	n := min(max(int(share*float64(cells)), 0), cells)
	return strings.Repeat(full, n) + strings.Repeat(empty, cells-n)
}

// clock writes a duration as 0:42 or 1:05:00.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func (p *sourcesPane) heading() string {
	s := fmt.Sprintf("  %-8s %10s %9s  LOG FILE", "STATE", "EVENTS", "SIZE")
	if p.find != "" {
		s += fmt.Sprintf("   (%s with %s)", text.Count(p.N), text.Visible(p.find))
	}
	return s
}

func (p *sourcesPane) line(th theme, i int) string {
	if i == 0 && p.N == 0 {
		switch {
		case p.err != "":
			return text.Cut("  "+th.vis(p.err), p.width)
		case p.loaded && p.state == problemState && p.find == "":
			return "  no log file with problems"
		case p.loaded && p.state != 0 && p.find == "":
			return "  none"
		case p.loaded && p.find != "":
			return text.Cut("  no log file with "+th.vis(p.find), p.width)
		case p.loaded:
			return "  no log files yet"
		}
	}
	if i >= p.N {
		return ""
	}
	cursor := " "
	if i == p.Cursor {
		cursor = ">"
	}
	if i < p.from || i >= p.from+len(p.rows) {
		return cursor
	}
	f := &p.rows[i-p.from]
	state := text.Fit(f.State.String(), 8)
	if f.State == index.StateProblem || f.State == index.StateFailed {
		state = paint(th.bad, state)
	}
	rest := fmt.Sprintf(" %10s %9s  ", text.Count(f.Events), text.Bytes(f.Size))
	sign := " "
	if p.verified && f.State == index.StateHeld {
		sign = th.verdict(f.Verdict)
	}
	return cursor + sign + state + rest + p.name(th, f, p.width-10-len(rest))
}

// name is the key of a log file and, behind it, what is wrong with it or what it is instead. Of the key the end stays.
func (p *sourcesPane) name(th theme, f *index.FileRow, w int) string {
	why := p.why(f)
	if why == "" {
		return strings.TrimRight(th.fitTail(f.Key, w), " ")
	}
	why = th.vis(why)
	key := th.vis(f.Key)
	room := max(w-2-text.Width(why), w*2/5) // the key has two fifths at least
	key = text.CutTail(key, min(room, w))
	return text.Cut(key+"  "+why, w)
}

// why is what is wrong with a log file, with the byte where that begins, or what it is where it is none.
func (p *sourcesPane) why(f *index.FileRow) string {
	if f.State == index.StateIgnored {
		return f.Other
	}
	reason, offset, wrong := f.Trouble()
	if !wrong {
		return ""
	}
	if at := text.Count(int(offset)); offset >= 0 && !strings.Contains(reason, "byte "+at) {
		reason += " (at byte " + at + ")"
	}
	return reason
}

// foot is about the log file under the cursor: its whole key, what was wrong, and its hash.
func (p *sourcesPane) foot(th theme) []string {
	lines := []string{paint(th.dim, strings.Repeat("-", p.width))}
	f := p.Selected()
	if f == nil {
		return append(lines, "", "", "")
	}
	why := p.why(f)
	if f.Class != "" && f.Verdict != verdictValid {
		why = strings.Join(nonEmpty(f.Verdict+" "+f.Class, f.VerdictReason, why), ": ")
	}
	if why == "" {
		why = fmt.Sprintf("%s events, %s salvaged, %s skipped", text.Count(f.Events), text.Count(f.Salvaged), text.Count(f.Skipped))
	} else if f.Salvaged+f.Skipped > 0 {
		why += fmt.Sprintf("   (%s salvaged, %s skipped)", text.Count(f.Salvaged), text.Count(f.Skipped))
	}
	if f.MovedTo != "" {
		why += "   found again at " + f.MovedTo
	}
	hash := "SHA-256 " + hex.EncodeToString(f.SHA256[:])
	if f.SHA256 == [32]byte{} {
		hash = "not read whole: no SHA-256"
	}
	if f.Kept {
		hash += "  kept in the store"
	}
	return append(lines,
		text.CutTail(th.vis(f.Key), p.width),
		text.Cut(th.vis(why), p.width),
		paint(th.dim, text.Cut(hash, p.width)))
}

func (a *app) doSources(act action) tea.Cmd {
	p := &a.sources
	switch act {
	case actChoose:
		return a.chooseMore()
	case actTrails:
		return a.openTrails()
	case actStrip:
		p.coverage.off = !p.coverage.off
		p.SetSize(a.w, a.h-3)
		return a.askCoverage()
	case actFilterFiles:
		a.openPrompt(promptFiles, p.find)
		return nil
	case actOnlyProblems, actLeft, actRight:
		p.Choose(act)
		return a.askFiles()
	case actEnter:
		f := p.Selected()
		if f == nil {
			return nil
		}
		cmd := a.commit(filter{text: query.Keep(query.All{}, query.Key{Field: "log"}, f.Key).String()})
		return tea.Batch(cmd, a.openTab(tabEvents))
	case actCopy:
		if f := p.Selected(); f != nil {
			return copyCmd("key", text.Visible(f.Key), "")
		}
	}
	if move(&p.Window, act) {
		return a.moreFiles()
	}
	return nil
}
