package tui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// Start is what the start page offers. It is made without asking the network.
type Start struct {
	Stores   []RecentStore // newest first
	Profiles []string      // of the AWS config files
	Now      time.Time     // ages are counted from here
}

// A RecentStore is an index that was used before.
type RecentStore struct {
	Path   string // of the index
	Places string
	Events int
	Bytes  int64
	Used   time.Time
	Note   string // why it cannot be opened as it is; may be empty
}

// A Choice is what was chosen on the start page; the zero Choice is to leave. One field is set.
type Choice struct {
	Store   string // path of an index
	Place   string // "demo", or what was typed
	Profile string // an AWS profile; see RunProfile
}

// RunStart shows the start page and gives what was chosen. Of opt it takes what is about the terminal.
func RunStart(ctx context.Context, page Start, opt Options) (Choice, error) {
	return runStart(ctx, newStartPane(page), opt)
}

// runStart shows a start page until something is chosen or it is left.
func runStart(ctx context.Context, page *startPane, opt Options) (Choice, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := newApp(ctx, opt)
	a.start = page
	err := run(ctx, a)
	return page.choice, err
}

// startPane is the list of what can be opened.
type startPane struct {
	widget.Window
	lines  []startLine
	choice Choice
}

// A startLine is a heading (no choice) or something to open.
type startLine struct {
	label, note string
	choice      Choice
	path        bool // asks for a path
	head        bool
}

func newStartPane(opt Start) *startPane {
	p := &startPane{}
	if len(opt.Stores) > 0 {
		p.lines = append(p.lines, startLine{label: "OPENED BEFORE", head: true})
	}
	for _, s := range opt.Stores {
		note := fmt.Sprintf("%s events   %s   %s", text.Count(s.Events), text.Bytes(s.Bytes), age(opt.Now.Sub(s.Used)))
		if s.Note != "" {
			note = s.Note
		}
		p.lines = append(p.lines, startLine{label: s.Places, note: note, choice: Choice{Store: s.Path}})
	}
	p.lines = append(p.lines,
		startLine{label: "OPEN", head: true},
		startLine{label: "a folder, a file or a bucket", note: "type its name", path: true},
		startLine{label: "demo", note: "a generated archive with one hidden incident", choice: Choice{Place: "demo"}})
	if len(opt.Profiles) > 0 {
		p.lines = append(p.lines, startLine{label: "AN AWS PROFILE: EVENT HISTORY OR A TRAIL", head: true})
	}
	for _, name := range opt.Profiles {
		p.lines = append(p.lines, startLine{label: name, choice: Choice{Profile: name}})
	}
	p.Resize(len(p.lines), len(p.lines))
	p.To(1)
	return p
}

// age is how long ago something was, in one unit.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

func (p *startPane) SetSize(_, h int) { p.Resize(len(p.lines), max(h-5, 1)) }

// skipHeads moves on from a heading in direction d, or back where none follows.
func (p *startPane) skipHeads(d int) {
	for range 2 {
		for p.lines[p.Cursor].head {
			at := p.Cursor
			p.Move(d)
			if p.Cursor == at {
				break
			}
		}
		d = -d
	}
}

func (p *startPane) View(th theme, w, h int) []string {
	lines := []string{"", " " + paint(th.title, text.Cut("trailsift   who did what in AWS, from CloudTrail logs", w-1)), ""}
	for i := p.Top; i < p.Top+p.H; i++ {
		if i >= len(p.lines) {
			lines = append(lines, "")
			continue
		}
		lines = append(lines, p.line(th, i, w))
	}
	lines = append(lines, "", paint(th.dim, hints(bindings(), inStart, w-1)))
	return lines[:min(len(lines), h)]
}

func (p *startPane) line(th theme, i, w int) string {
	l := p.lines[i]
	if l.head {
		return " " + paint(th.dim, text.Cut(l.label, w-1))
	}
	cursor := "  "
	if i == p.Cursor {
		cursor = "> "
	}
	room := 0
	for _, l := range p.lines {
		if !l.head {
			room = max(room, text.Width(th.vis(l.label)))
		}
	}
	label := th.fitTail(l.label, min(room, max(w/2, 4)))
	return text.Cut(" "+cursor+label+"   "+th.vis(l.note), w)
}

// doStart is what keys do on the start page.
func (a *app) doStart(act action) tea.Cmd {
	p := a.start
	switch act {
	case actEnter:
		l := p.lines[p.Cursor]
		if l.path {
			a.openPrompt(promptPath, "")
			return nil
		}
		if l.head {
			return nil
		}
		p.choice = l.choice
		return tea.Quit
	case actOpenPath:
		a.openPrompt(promptPath, "")
	case actBack, actCancel:
		return tea.Quit
	default:
		if cmd, done := a.doTerminal(act, inStart); done {
			return cmd
		}
		at := p.Cursor
		move(&p.Window, act)
		d := 1
		if p.Cursor < at {
			d = -1
		}
		p.skipHeads(d)
	}
	return nil
}
