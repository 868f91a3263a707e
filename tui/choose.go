package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// RunChoose shows an offer on the whole screen and gives what was chosen of it, or ErrNotWanted. Of opt it takes what is
// about the terminal.
func RunChoose(ctx context.Context, o Offer, opt Options) (Pick, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := newApp(ctx, opt)
	a.chooseAlone = true
	var pick Pick
	a.choosing = newChoosePane(o, func(p Pick) { pick = p })
	if err := run(ctx, a); err != nil {
		return nil, err
	}
	if pick == nil {
		return nil, ErrNotWanted
	}
	return pick, nil
}

// offerMsg asks what is wanted of an offer; answer is called once, with nil where the person leaves.
type offerMsg struct {
	offer  Offer
	answer func(Pick)
}

// chooseOn shows an offer in the explorer and waits.
func chooseOn(ctx context.Context, send func(tea.Msg), o Offer) (Pick, error) {
	answer := make(chan Pick, 1)
	send(offerMsg{o, func(p Pick) { answer <- p }})
	select {
	case p := <-answer:
		if p == nil {
			return nil, ErrNotWanted
		}
		return p, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// The dimensions of an offer, in the order of the pane.
const (
	byDay = iota
	byAccount
	byRegion
	dimensions
)

// choosePane is the choice of what to bring in: days, accounts and Regions, each to take or to leave.
type choosePane struct {
	offer  Offer
	answer func(Pick)
	dims   [dimensions]chooseDim
	places [][dimensions]int // of each cell: its line in each dimension
	at     int               // the dimension in use
	w, h   int

	objects int // of what is chosen
	bytes   int64
}

// chooseDim is one dimension: a list of lines.
type chooseDim struct {
	widget.Window
	name  string
	lines []chooseLine
}

// A chooseLine is a day, an account or a Region, with what it has of what the other dimensions leave.
type chooseLine struct {
	label   string
	on      bool
	objects int
	bytes   int64
}

func newChoosePane(o Offer, answer func(Pick)) *choosePane {
	p := &choosePane{offer: o, answer: answer}
	p.dims[byDay].name, p.dims[byAccount].name, p.dims[byRegion].name = "DAYS", "ACCOUNTS", "REGIONS"
	var known [dimensions]map[string]int
	for d := range known {
		known[d] = map[string]int{}
		names := make([]string, 0, len(o.Cells))
		for i := range o.Cells {
			names = append(names, labelOf(&o.Cells[i], d))
		}
		slices.Sort(names)
		names = slices.Compact(names)
		if d == byDay {
			slices.Reverse(names) // newest first
		}
		for i, name := range names {
			known[d][name] = i
			p.dims[d].lines = append(p.dims[d].lines, chooseLine{label: name, on: true})
		}
	}
	for i := range o.Cells {
		var place [dimensions]int
		for d := range place {
			place[d] = known[d][labelOf(&o.Cells[i], d)]
		}
		p.places = append(p.places, place)
	}
	p.newestThatFit()
	p.count()
	return p
}

func labelOf(c *Cell, dimension int) string {
	s := c.Region
	switch dimension {
	case byDay:
		if !c.Day.IsZero() {
			return c.Day.Format(time.DateOnly)
		}
		s = ""
	case byAccount:
		s = c.Account
	}
	if s == "" {
		return "not told"
	}
	return s
}

// newestThatFit takes the newest days that stay within the limit, at least one.
func (p *choosePane) newestThatFit() {
	if !p.offer.TooMuch() {
		return
	}
	days := p.dims[byDay].lines
	sizes := make([]int64, len(days))
	for i := range p.offer.Cells {
		sizes[p.places[i][byDay]] += p.offer.Cells[i].Bytes
	}
	sum := int64(0)
	for i := range days {
		sum += sizes[i]
		days[i].on = i == 0 || sum <= p.offer.Limit
	}
}

// count sums up what is chosen, and what each line has of what the other dimensions leave.
func (p *choosePane) count() {
	p.objects, p.bytes = 0, 0
	for d := range p.dims {
		for i := range p.dims[d].lines {
			p.dims[d].lines[i].objects, p.dims[d].lines[i].bytes = 0, 0
		}
	}
	for i := range p.offer.Cells {
		c := &p.offer.Cells[i]
		off, last := 0, 0
		for d, line := range p.places[i] {
			if !p.dims[d].lines[line].on {
				off++
				last = d
			}
		}
		if off == 0 {
			p.objects += c.Objects
			p.bytes += c.Bytes
		}
		for d, line := range p.places[i] {
			if off == 0 || off == 1 && d == last {
				p.dims[d].lines[line].objects += c.Objects
				p.dims[d].lines[line].bytes += c.Bytes
			}
		}
	}
}

// Pick is what is chosen.
func (p *choosePane) Pick() Pick {
	pick := Pick{}
	for i := range p.offer.Cells {
		on := true
		for d, line := range p.places[i] {
			on = on && p.dims[d].lines[line].on
		}
		if on {
			pick[p.offer.Cells[i].Where] = true
		}
	}
	return pick
}

// wide says that all dimensions stand side by side.
func (p *choosePane) wide() bool { return p.w >= wideWidth }

// chooseHead is the lines above the lists, chooseFoot those below.
const (
	chooseHead = 6
	chooseFoot = 3
)

func (p *choosePane) SetSize(w, h int) {
	p.w, p.h = w, h
	for d := range p.dims {
		p.dims[d].Resize(len(p.dims[d].lines), max(h-chooseHead-chooseFoot, 1))
	}
}

// toggle takes or leaves lines of the dimension in use.
func (p *choosePane) toggle(act action) {
	dim := &p.dims[p.at]
	switch act {
	case actToggleValue:
		dim.lines[dim.Cursor].on = !dim.lines[dim.Cursor].on
		dim.Move(1)
	case actChooseAll:
		all := !slices.ContainsFunc(dim.lines, func(l chooseLine) bool { return !l.on })
		for i := range dim.lines {
			dim.lines[i].on = !all
		}
	case actChooseUpTo:
		for i := range dim.lines {
			dim.lines[i].on = i <= dim.Cursor
		}
	}
	p.count()
}

// doChoose is what keys do while something is chosen.
func (a *app) doChoose(act action) tea.Cmd {
	p := a.choosing
	switch act {
	case actEnter:
		if p.objects == 0 {
			a.toast = "nothing is chosen; esc leaves"
			return nil
		}
		return a.endChoice(p.Pick())
	case actEsc, actBack, actCancel:
		return a.endChoice(nil)
	case actToggleValue, actChooseAll, actChooseUpTo:
		p.toggle(act)
	case actNextPane, actRight:
		p.at = (p.at + 1) % dimensions
	case actPrevPane, actLeft:
		p.at = (p.at + dimensions - 1) % dimensions
	default:
		if cmd, done := a.doTerminal(act, inChoose); done {
			return cmd
		}
		move(&p.dims[p.at].Window, act)
	}
	return nil
}

func (a *app) endChoice(p Pick) tea.Cmd {
	a.choosing.answer(p)
	if a.chooseAlone {
		return tea.Quit
	}
	a.choosing = nil
	return a.relayout()
}

func (a *app) onOffer(msg offerMsg) tea.Cmd {
	a.choosing, a.over, a.toast = newChoosePane(msg.offer, msg.answer), overNone, ""
	a.choosing.SetSize(a.w, a.h)
	return nil
}

// View draws the pane.
func (p *choosePane) View(th theme, toast string) []string {
	lines := []string{
		" " + paint(th.title, text.Cut("WHAT TO BRING IN   "+th.vis(p.offer.Places), p.w-2)),
		text.Cut(" "+p.total(), p.w),
		text.Cut(" "+p.cost(), p.w),
		text.Cut(" "+p.notes(), p.w),
	}
	if p.offer.Limit > 0 && p.bytes > p.offer.Limit {
		lines[3] = " " + paint(th.bad, text.Cut(p.notes(), p.w-2))
	}
	if p.wide() {
		lines = append(lines, p.columns(th)...)
	} else {
		lines = append(lines, p.names(th))
		lines = append(lines, p.list(th, p.at, p.w)...)
	}
	for len(lines) < p.h-2 {
		lines = append(lines, "")
	}
	return append(lines[:max(p.h-2, 0)], " "+text.Cut(toast, p.w-2), paint(th.dim, hints(bindings(), inChoose, p.w-1)))
}

// total is what is chosen of what there is.
func (p *choosePane) total() string {
	objects, bytes := p.offer.Total(nil)
	return fmt.Sprintf("chosen %s of %s   %s of %s objects, each a request",
		text.Bytes(p.bytes), text.Bytes(bytes), text.Count(p.objects), text.Count(objects))
}

// cost is what bringing in what is chosen comes to.
func (p *choosePane) cost() string {
	requests, transfer := p.offer.Price(p.objects, p.bytes)
	return fmt.Sprintf("requests %s   transfer out of AWS %s", Cost(requests), Cost(transfer))
}

// notes is what else there is to know.
func (p *choosePane) notes() string {
	var parts []string
	switch limit := p.offer.Limit; {
	case limit > 0 && p.bytes > limit:
		parts = append(parts, "above --max-bytes "+text.Bytes(limit)+", enter brings it in all the same")
	case limit > 0:
		parts = append(parts, "--max-bytes "+text.Bytes(limit))
	}
	if p.offer.Held > 0 {
		parts = append(parts, text.Count(p.offer.Held)+" held already")
	}
	if p.offer.Archived > 0 {
		parts = append(parts, text.Count(p.offer.Archived)+" archived, to be restored first")
	}
	return strings.Join(parts, "   ")
}

// name is a dimension with how many of its lines are chosen.
func (p *choosePane) name(d int) string {
	on := 0
	for _, l := range p.dims[d].lines {
		if l.on {
			on++
		}
	}
	return fmt.Sprintf("%s %s/%s", p.dims[d].name, text.Count(on), text.Count(len(p.dims[d].lines)))
}

func (p *choosePane) names(th theme) string {
	var b strings.Builder
	for d := range p.dims {
		name := "  " + p.name(d) + " "
		if d == p.at {
			name = " " + paint(th.here, "["+p.name(d)+"]")
		}
		b.WriteString(name)
	}
	return b.String()
}

// columns are the dimensions side by side.
func (p *choosePane) columns(th theme) []string {
	w := (p.w - 2) / dimensions
	lines := make([]string, 1+1+p.dims[0].H)
	for d := range p.dims {
		name := " " + p.name(d)
		if d == p.at {
			name = "[" + p.name(d) + "]"
		}
		cells := w - text.Width(name)
		if d == p.at {
			name = paint(th.here, name)
		}
		lines[0] += name + text.Blank(cells)
		for i, line := range p.list(th, d, w) {
			lines[1+i] += line
		}
	}
	return lines
}

// numbersWidth is the cells of objects, size and price behind a label.
const numbersWidth = 9 + 10 + 9

// list is one dimension in w cells: its heading and the lines that are seen.
func (p *choosePane) list(th theme, d, w int) []string {
	dim := &p.dims[d]
	room := 4
	for _, l := range dim.lines {
		room = max(room, text.Width(th.vis(l.label)))
	}
	room = min(room, max(w-6-numbersWidth, 8))
	out := []string{paint(th.dim, text.Fit(fmt.Sprintf("      %s%9s%10s%9s", text.Blank(room), "OBJECTS", "SIZE", "PRICE"), w))}
	most := int64(1)
	for _, l := range dim.lines {
		most = max(most, l.bytes)
	}
	for i := dim.Top; i < dim.End(); i++ {
		l := &dim.lines[i]
		cursor, box := " ", "[ ]"
		if d == p.at && i == dim.Cursor {
			cursor = ">"
		}
		if l.on {
			box = "[x]"
		}
		requests, transfer := p.offer.Price(l.objects, l.bytes)
		line := fmt.Sprintf("%s %s %s%9s%10s%9s", cursor, box, th.fit(l.label, room), text.Count(l.objects), text.Bytes(l.bytes), Dollars(requests+transfer))
		if cells := w - text.Width(line) - 3; cells >= 8 {
			line += "  " + strings.TrimRight(bar(float64(l.bytes)/float64(most), min(cells, 20), th.ascii), "░.")
		}
		if line = text.Fit(line, w); !l.on {
			line = paint(th.dim, line)
		}
		out = append(out, line)
	}
	for len(out) < 1+dim.H {
		out = append(out, text.Blank(w))
	}
	return out
}
