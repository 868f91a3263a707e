package tui

import (
	"context"
)

// A TrailRow is a trail as the screen shows it. All text may come from AWS.
type TrailRow struct {
	Place string // to open it: "trail:ARN"
	Name  string
	State string // in a word or two: "logs", "stopped", "not known"
	Where string // it delivers to
	About string // home Region, scope, last delivery
	Facts []string
	Flags []TrailFlag // the gravest first
}

// A TrailFlag is something about a trail that a person should look at.
type TrailFlag struct {
	Severity string // "high", "medium", "low", "info"
	Words    string
	Hint     string
}

// RunTrails lets a trail be chosen and gives its place, "" where none was. Of opt it takes what is about the terminal.
func RunTrails(ctx context.Context, title string, rows []TrailRow, opt Options) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := newApp(ctx, opt)
	a.start = newTrailChooser(title, rows)
	err := run(ctx, a)
	return a.start.choice.Place, err
}

// newTrailChooser is a start page of trails.
func newTrailChooser(title string, rows []TrailRow) *startPane {
	p := &startPane{lines: []startLine{{label: title, head: true}}}
	for _, r := range rows {
		note := r.State + "   " + r.About + "   " + r.Where
		for _, f := range r.Flags {
			if f.Severity == "high" || f.Severity == "medium" {
				note = r.State + "   ! " + f.Words
				break
			}
		}
		p.lines = append(p.lines, startLine{label: r.Name, note: note, choice: Choice{Place: r.Place}})
	}
	p.Resize(len(p.lines), len(p.lines))
	p.To(1)
	return p
}
