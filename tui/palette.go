package tui

import (
	"strconv"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// palettePane is the list of what can be done here, narrowed by typing: help (?) and commands (:).
type palettePane struct {
	widget.Window
	line    widget.Line
	command bool // opened with ":"; a number goes to that row
	all     []entry
	shown   []entry
}

// An entry is one line of the palette. why says why it does nothing now.
type entry struct {
	key, help string
	act       action
	why       string
	search    int // of actRunSearch: which of all searches
}

// Open lists what a context offers.
func (p *palettePane) Open(entries []entry, command bool) {
	*p = palettePane{all: entries, command: command}
	p.narrow()
}

// Type edits the text and narrows the list.
func (p *palettePane) Type(name, typed string) {
	if p.line.Key(name, typed) {
		p.narrow()
	}
}

// Paste inserts text.
func (p *palettePane) Paste(s string) {
	p.line.Insert(s)
	p.narrow()
}

func (p *palettePane) narrow() {
	words := strings.Fields(strings.ToLower(p.line.Text()))
	p.shown = p.shown[:0:0]
	for _, first := range []bool{true, false} { // what begins with the text stands first
		for _, e := range p.all {
			if holds(e, words) && begins(e, words) == first {
				p.shown = append(p.shown, e)
			}
		}
	}
	p.Resize(len(p.shown), p.H)
	p.To(0)
}

func holds(e entry, words []string) bool {
	s := strings.ToLower(e.key + " " + e.help)
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

func begins(e entry, words []string) bool {
	return len(words) == 0 || strings.HasPrefix(strings.ToLower(e.help), words[0]) || strings.EqualFold(e.key, words[0])
}

// Row is the row a ":123" asks for, counted from 0.
func (p *palettePane) Row() (int, bool) {
	n, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(p.line.Text()), ",", ""))
	return n - 1, p.command && err == nil && n > 0
}

// Chosen is the entry under the cursor.
func (p *palettePane) Chosen() (entry, bool) {
	if p.Cursor >= len(p.shown) {
		return entry{}, false
	}
	return p.shown[p.Cursor], true
}

func (p *palettePane) title() string {
	if p.command {
		return " COMMAND or row: "
	}
	return " HELP  type to narrow: "
}

// Caret is the cell of the cursor in the first line.
func (p *palettePane) Caret(th theme, w int) int {
	_, x := p.line.View(w-len(p.title()), th.vis)
	return len(p.title()) + x
}

// View draws the palette as lines of the same width.
func (p *palettePane) View(th theme, w, h int) []string {
	p.Resize(len(p.shown), max(h-2, 1))
	title := p.title()
	typed, _ := p.line.View(w-len(title), th.vis)
	lines := []string{paint(th.title, text.Fit(title+typed, w))}
	for i := p.Top; i < p.Top+p.H; i++ {
		lines = append(lines, p.entryLine(th, i, w))
	}
	foot := " enter runs it   esc leaves"
	if e, ok := p.Chosen(); ok && e.why != "" {
		foot = " not now: " + e.why
	}
	return append(lines, paint(th.dim, text.Fit(foot, w)))
}

func (p *palettePane) entryLine(th theme, i, w int) string {
	if i >= len(p.shown) {
		if _, ok := p.Row(); i == 0 && ok {
			return text.Fit("> go to this row", w)
		}
		if i == 0 {
			return text.Fit("  nothing with that name", w)
		}
		return text.Blank(w)
	}
	e := p.shown[i]
	cursor := "  "
	if i == p.Cursor {
		cursor = "> "
	}
	line := text.Fit(cursor+text.Fit(e.key, 10)+" "+e.help, w)
	if e.why != "" {
		return paint(th.dim, line)
	}
	return line
}

// paletteWidth is how wide the palette is drawn at most.
const paletteWidth = 78

// entries are the bindings of a context as lines of the palette.
func (a *app) entries(in mode) []entry {
	var list []entry
	seen := map[action]bool{}
	for _, b := range a.keys {
		if b.in&in == 0 || seen[b.act] && b.act != actEnter {
			continue
		}
		seen[b.act] = true
		list = append(list, entry{key: b.Help().Key, help: b.Help().Desc, act: b.act, why: a.whyNot(b.act)})
	}
	if in&(inEvents|inFacets|inDetail|inTimeline|inFrequency) != 0 {
		list = append(list, a.searchEntries()...)
	}
	return append(list, a.signEntries(in)...)
}

// whyNot says why an action does nothing now, "" where it does something.
func (a *app) whyNot(act action) string {
	switch {
	case act == actUndo && len(a.undone.past) == 0:
		return "nothing was changed yet"
	case act == actRedo && len(a.undone.future) == 0:
		return "nothing was undone"
	case act == actHistoryBack && a.trail.at == 0:
		return "this is where you began"
	case act == actHistoryForward && a.trail.at+1 >= len(a.trail.stops):
		return "nothing lies ahead"
	case act == actVerify && a.opt.Verify == nil:
		return whyNoVerify
	case act == actClearMarks && len(a.marks) == 0:
		return "no event is marked"
	case (act == actFindNext || act == actFindPrev) && a.focus == onDetail && a.detail.find == "":
		return "nothing was looked for yet: /"
	case (act == actFindNext || act == actFindPrev) && a.focus != onDetail && a.events.find.node == nil:
		return "nothing was looked for yet: ctrl+f"
	case act == actSaveSearch && a.filter == (filter{}):
		return "there is no filter to save: / writes one"
	case act == actCopyMarked && len(a.marks) == 0:
		return "no event is marked: space"
	case act == actAround && !a.around.on && a.filter == (filter{}):
		return "there is no filter to lift"
	case (act == actMark || act == actBookmark || act == actRange || act == actPivot) && a.tab == tabEvents && a.events.N == 0:
		return "there is no event here"
	}
	return ""
}
