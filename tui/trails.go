package tui

import (
	"context"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// A TrailRow is a trail as the screen shows it. All text may come from AWS.
type TrailRow struct {
	Place     string // to open it: "trail:ARN"
	Name      string
	Region    string // its home
	State     string // in a word or two: "logs", "stopped", "not known"
	Delivered string // how long ago
	Where     string // it delivers to: "s3://BUCKET/PREFIX"
	Facts     []string
	Flags     []TrailFlag // the gravest first
}

// A TrailFlag is something about a trail that a person should look at.
type TrailFlag struct {
	Severity string // "high", "medium", "low", "info", "unknown"
	Words    string
	Hint     string
}

// grave reports whether a flag is worth a mark in a list.
func (f TrailFlag) grave() bool { return f.Severity == "high" || f.Severity == "medium" }

// worst is the gravest flag that is worth a mark, nil where there is none.
func (r *TrailRow) worst() *TrailFlag {
	if len(r.Flags) > 0 && r.Flags[0].grave() {
		return &r.Flags[0]
	}
	return nil
}

// RunTrails lets a trail be chosen and gives its place, "" where none was. Of opt it takes what is about the terminal.
func RunTrails(ctx context.Context, title string, rows []TrailRow, opt Options) (string, error) {
	choice, err := runStart(ctx, newTrailChooser(title, rows), opt)
	return choice.Place, err
}

// RunProfile asks what of an AWS profile to open and gives the place, "" where nothing was chosen. Of opt it takes what
// is about the terminal.
func RunProfile(ctx context.Context, profile string, opt Options) (string, error) {
	choice, err := runStart(ctx, newProfileChooser(profile), opt)
	return choice.Place, err
}

// newProfileChooser is a start page of the places of a profile.
func newProfileChooser(profile string) *startPane {
	p := &startPane{lines: []startLine{
		{label: "OF THE AWS PROFILE " + text.Visible(profile) + " (asks AWS when chosen)", head: true},
		{label: "Event history", note: "the last 90 days of management events", choice: Choice{Place: "history:"}},
		{label: "a trail", note: "what it delivered to its bucket; lists the trails to choose from", choice: Choice{Place: "trail:"}},
	}}
	p.Resize(len(p.lines), len(p.lines))
	p.To(1)
	return p
}

// newTrailChooser is a start page of trails.
func newTrailChooser(title string, rows []TrailRow) *startPane {
	p := &startPane{lines: []startLine{{label: title, head: true}}}
	for i := range rows {
		r := &rows[i]
		note := r.Region + "   " + r.State + "   " + r.Where
		if f := r.worst(); f != nil {
			note = r.Region + "   ! " + f.Words
		}
		p.lines = append(p.lines, startLine{label: r.Name, note: note, choice: Choice{Place: r.Place}})
	}
	p.Resize(len(p.lines), len(p.lines))
	p.To(1)
	return p
}

// trailsPane lists the trails of the account in the Sources view. Nothing is asked before it is opened.
type trailsPane struct {
	widget.Window
	width, height int
	on            bool // shown instead of the log files
	asking        bool
	known         bool // rows are an answer
	rows          []TrailRow
	err           string
}

// trailsHead is the lines above the list: what it is, its heading.
const trailsHead = 2

func (p *trailsPane) SetSize(w, h int) {
	p.width, p.height = w, h
	p.Resize(len(p.rows), max(min(len(p.rows), h-trailsHead-p.foot()), 1))
}

// foot is how many lines are about the trail under the cursor.
func (p *trailsPane) foot() int { return max(p.height/2, 6) }

// Install shows trails that were told.
func (p *trailsPane) Install(msg trailsMsg) {
	p.asking, p.err = false, ""
	if msg.err != nil {
		p.err = errorText(msg.err)
		return
	}
	p.rows, p.known = msg.rows, true
	p.SetSize(p.width, p.height)
	p.To(0)
}

// Selected is the trail under the cursor, nil where there is none.
func (p *trailsPane) Selected() *TrailRow {
	if p.Cursor < len(p.rows) {
		return &p.rows[p.Cursor]
	}
	return nil
}

// View draws the pane in h lines.
func (p *trailsPane) View(th theme, h int) []string {
	lines := []string{paint(th.title, text.Cut(p.title(), p.width))}
	if why := p.empty(th); why != "" {
		lines = append(lines, "")
		lines = append(lines, indent(text.Wrap(why, max(p.width-4, 2)))...)
		return lines[:min(len(lines), h)]
	}
	lines = append(lines, paint(th.dim, text.Cut(p.heading(th), p.width)))
	for i := p.Top; i < min(p.Top+p.H, len(p.rows)); i++ {
		lines = append(lines, p.line(th, i))
	}
	lines = append(lines, paint(th.dim, strings.Repeat("-", p.width)))
	if r := p.Selected(); r != nil {
		lines = append(lines, r.about(th, p.width)...)
	}
	return lines[:min(len(lines), h)]
}

func (p *trailsPane) title() string {
	s := "TRAILS"
	if p.known {
		s += "  " + text.Count(len(p.rows))
	}
	if p.asking {
		s += "  asking AWS"
	}
	return s + "   t goes back to the log files"
}

// empty says why there is no list, "" where there is one.
func (p *trailsPane) empty(th theme) string {
	switch {
	case p.err != "":
		return th.vis(p.err)
	case !p.known:
		return "asking AWS which trails there are"
	case len(p.rows) == 0:
		return "no trail in any Region of this account: only Event history holds its events, for 90 days"
	}
	return ""
}

// nameWidth is how wide names are drawn: as wide as the longest, at most a quarter of the line.
func (p *trailsPane) nameWidth(th theme) int {
	w := 5
	for i := range p.rows {
		w = max(w, text.Width(th.vis(p.rows[i].Name)))
	}
	return min(w, p.width/4)
}

// homeWidth is how wide Regions are drawn.
func (p *trailsPane) homeWidth() int {
	if p.width < 80 {
		return 10
	}
	return 14
}

func (p *trailsPane) heading(th theme) string {
	return "    " + text.Fit("TRAIL", p.nameWidth(th)) + "  " + text.Fit("HOME", p.homeWidth()) + fmt.Sprintf(" %-9s %-12s ", "STATE", "DELIVERED") + "TO"
}

func (p *trailsPane) line(th theme, i int) string {
	r := &p.rows[i]
	cursor, mark := "  ", "  "
	if i == p.Cursor {
		cursor = "> "
	}
	if r.worst() != nil {
		mark = paint(th.bad, "!") + " "
	}
	state := text.Fit(r.State, 9)
	if r.State == "stopped" {
		state = paint(th.bad, state)
	}
	line := cursor + mark + th.fitMiddle(r.Name, p.nameWidth(th)) + "  " + th.fit(r.Region, p.homeWidth()) + " " + state + " " +
		text.Fit(r.Delivered, 12) + " "
	room := p.width - len("> ! ") - p.nameWidth(th) - 2 - p.homeWidth() - len(" stopped   6 days ago   ")
	return line + strings.TrimRight(th.fitTail(r.Where, max(room, 1)), " ")
}

// about is what is known of a trail: what is wrong first, and what to do.
func (r *TrailRow) about(th theme, w int) []string {
	var lines []string
	for _, f := range r.Flags {
		word := text.Fit(strings.ToUpper(f.Severity), 8)
		said := text.Wrap(plainOr(th, f.Words), max(w-8, 2))
		if f.grave() {
			word = paint(th.bad, word)
		}
		for i, l := range said {
			if i > 0 {
				word = text.Blank(8)
			}
			lines = append(lines, word+l)
		}
		if f.Hint != "" {
			for _, l := range text.Wrap(plainOr(th, f.Hint), max(w-8, 2)) {
				lines = append(lines, text.Blank(8)+paint(th.dim, l))
			}
		}
	}
	for _, fact := range r.Facts {
		lines = append(lines, text.Wrap(plainOr(th, fact), w)...)
	}
	return lines
}

// plainOr is text for text.Wrap, which makes it visible; with --ascii nothing above 0x7E is left before.
func plainOr(th theme, s string) string {
	if th.ascii {
		return text.ASCII(s)
	}
	return s
}

// trailsMsg brings the trails of the account.
type trailsMsg struct {
	rows []TrailRow
	err  error
}

func trailsCmd(ctx context.Context, ask func(context.Context) ([]TrailRow, error)) tea.Cmd {
	return func() tea.Msg {
		rows, err := ask(ctx)
		return trailsMsg{rows, err}
	}
}

// openTrails shows the trails instead of the log files, or goes back. They are asked for the first time, and again
// after an error.
func (a *app) openTrails() tea.Cmd {
	p := &a.trails
	if p.on || a.opt.Trails == nil {
		if !p.on {
			a.toast = "trails are not asked for here: --offline"
		}
		p.on = false
		return nil
	}
	p.on = true
	if p.asking || p.known {
		return nil
	}
	p.asking, p.err = true, ""
	return trailsCmd(a.ctx, a.opt.Trails)
}

// doTrails is what keys do in the list of trails.
func (a *app) doTrails(act action) tea.Cmd {
	p := &a.trails
	switch act {
	case actTrails:
		return a.openTrails()
	case actRefresh:
		if !p.asking {
			p.asking = true
			return trailsCmd(a.ctx, a.opt.Trails)
		}
	case actCopyPlace:
		if r := p.Selected(); r != nil {
			return copyCmd("place", text.Visible(r.Place), "")
		}
	default:
		move(&p.Window, act)
	}
	return nil
}
