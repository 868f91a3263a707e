package tui

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// detailPane is one event as delivered, as a tree, with where it comes from.
type detailPane struct {
	ref    index.Ref
	row    index.Row // of the list, for the heading
	has    bool      // a record was read
	record index.Record
	tree   *widget.Tree
	said   string // the event in plain words; text from outside
	note   string // why there is no tree
	find   string
	// verified says that log files were verified; without that none is called unverified.
	verified bool
	w, h     int
	lines    []string // provenance, not yet visible text
	place    treePlace
}

// Install shows a record that was read. The cursor goes to the key it was on in the event before, so that going through
// events with J and K compares one value.
func (p *detailPane) Install(msg recordMsg) {
	p.place.leave(p.ref, p.tree)
	p.ref, p.row, p.has, p.record, p.note = msg.row.Ref, msg.row, true, msg.record, msg.note
	p.tree, p.said = nil, msg.said
	if msg.err != nil {
		p.note = errorText(msg.err)
	}
	p.lines = provenance(&p.record, p.verified)
	if msg.tree == nil {
		return
	}
	if old := p.place.old(p.ref); old != nil && p.find == "" {
		p.tree = old
		p.SetSize(p.w, p.h)
		return
	}
	p.tree = widget.NewTree(msg.tree, shownValue)
	p.SetSize(p.w, p.h)
	p.place.enter(p.tree)
}

// Clear shows nothing.
func (p *detailPane) Clear() {
	p.place.leave(p.ref, p.tree)
	p.has, p.tree, p.said, p.note, p.lines = false, nil, "", "", nil
}

// SetSize sets the cells of the pane: a heading, the tree, a line, and provenance.
func (p *detailPane) SetSize(w, h int) {
	p.w, p.h = w, h
	if p.tree != nil {
		p.tree.SetSize(max(w-2, 0), p.treeLines())
	}
}

func (p *detailPane) treeLines() int { return max(p.h-1-p.saidCount()-p.footLines(), 0) }

// footLines is how many lines of provenance are shown; the tree always has the larger part.
func (p *detailPane) footLines() int { return min(len(p.lines)+1, max(p.h/5, 3)) }

// shownValue is a scalar as drawn: quoted, with what grants access masked.
func shownValue(n *widget.Node) string {
	if n.Kind != widget.String && n.Kind != widget.Number {
		return n.Text
	}
	key := n.Key
	if key == "" && n.Parent != nil {
		key = n.Parent.Key
	}
	if masked, ok := text.Masked(key, n.Text); ok {
		return masked
	}
	if n.Kind == widget.Number {
		return n.Text
	}
	return text.Quote(n.Text)
}

// View draws the pane.
func (p *detailPane) View(th theme, loc *time.Location, focused bool) []string {
	lines := make([]string, 0, p.h)
	lines = append(lines, p.heading(th, loc))
	lines = append(lines, p.saidLines(th)...)
	lines = append(lines, p.body(th, focused)...)
	for len(lines) < p.h-p.footLines() {
		lines = append(lines, "")
	}
	return append(lines, p.foot(th)...)
}

// heading names the event in the line that parts the pane from what is above.
func (p *detailPane) heading(th theme, loc *time.Location) string {
	head := "-- EVENT "
	if row := &p.row; p.has {
		parts := []string{value(row, valueEvent), rowTime(row, loc, wideTime) + " " + zoneName(loc), value(row, valueUser)}
		if failed(row) {
			parts = slices.Insert(parts, 1, value(row, valueOutcome))
		}
		head += th.vis(strings.Join(parts, "  "))
	}
	head = text.Cut(head, p.w-1) + " "
	return paint(th.title, head) + paint(th.dim, strings.Repeat("-", max(p.w-text.Width(head), 0)))
}

func (p *detailPane) body(th theme, focused bool) []string {
	if p.tree == nil {
		return p.apology(th)
	}
	var lines []string
	for i := p.tree.Top; i < p.tree.End(); i++ {
		lines = append(lines, p.line(th, i, focused))
	}
	return lines
}

// apology says why there is no tree.
func (p *detailPane) apology(th theme) []string {
	if !p.has && p.note == "" {
		return nil
	}
	var lines []string
	missing, hint := p.record.Missing, p.record.Hint
	if !p.has {
		missing, hint = "", ""
	}
	for _, why := range []string{missing, hint, p.note} {
		if why == "" {
			continue
		}
		for _, l := range text.Wrap(th.vis(why), p.w-2) {
			lines = append(lines, "  "+l)
		}
	}
	if len(lines) == 0 {
		lines = []string{"  the log file holds no record here"}
	}
	return lines[:min(len(lines), p.treeLines())]
}

func (p *detailPane) line(th theme, i int, focused bool) string {
	cursor := "  "
	if i == p.tree.Cursor {
		cursor = cursorGlyph(focused) + " "
	}
	head, val := p.tree.Draw(i)
	n := p.tree.Line(i).Node
	if th.ascii {
		head, val = text.Cut(text.ASCII(head), p.w-2), text.ASCII(val)
		val = text.Cut(val, p.w-2-text.Width(head))
	}
	style := th.value
	switch {
	case n.Folds() || len(n.Children) > 0:
		style = th.dim
	case n.Kind == widget.String:
		style = ink{}
	}
	if p.tree.Hit(n) {
		name := strings.TrimSpace(head)
		before, after, _ := strings.Cut(head, name)
		return cursor + before + paint(th.match, name) + after + paint(style, val)
	}
	return cursor + paint(th.key, head) + paint(style, val)
}

// foot is the path of the value under the cursor and where the record comes from.
func (p *detailPane) foot(th theme) []string {
	n := p.footLines()
	lines := make([]string, 0, n)
	path := ""
	if p.tree != nil && p.tree.Node() != nil {
		path = "-- " + jsonPath(p.tree.Node()) + " "
	}
	path = text.Cut(th.vis(path), p.w)
	lines = append(lines, paint(th.dim, path+strings.Repeat("-", max(p.w-text.Width(path), 0))))
	for i, l := range p.lines[:min(n-1, len(p.lines))] {
		cut := text.Cut
		if i == keyLine {
			cut = text.CutTail
		}
		lines = append(lines, " "+cut(th.vis(l), p.w-1))
	}
	return lines
}

// keyLine is the line of provenance that is the log file's key; its end tells more than its beginning.
const keyLine = 1

// provenance says where a record comes from and what is known of it.
func provenance(r *index.Record, verified bool) []string {
	lines := []string{
		fmt.Sprintf("record %s of the log file   %s%s", text.Count(r.Position+1), verdictText(r, verified), copies(r)),
		r.Key,
	}
	if r.Reason != "" && r.Verdict != verdictValid {
		lines = append(lines, r.Reason)
	}
	lines = append(lines, "SHA-256 "+hex.EncodeToString(r.SHA256[:]))
	if !r.BroughtIn.IsZero() {
		lines = append(lines, "from "+r.Place+", brought in "+r.BroughtIn.UTC().Format("2006-01-02 15:04:05Z"))
	}
	return lines
}

// verdictText is what is known of the log file of a record.
func verdictText(r *index.Record, verified bool) string {
	switch {
	case r.Verdict == verdictValid:
		return "integrity proven"
	case r.Class != "":
		return "integrity " + strings.ToUpper(r.Verdict) + ": " + r.Class + ", " + meaningOf(r.Class).word
	case verified:
		return "integrity not checked: no verification looked at its log file"
	}
	return "integrity not checked"
}

// copies tells about the other copies of the event, and what is known of their log files where any was verified.
func copies(r *index.Record) string {
	same, variant, conflict := 0, 0, 0
	verdicts := map[string]int{}
	for _, c := range r.Copies {
		if c.Ref != r.Ref {
			verdicts[c.Verdict]++
		}
		switch {
		case c.Ref == r.Ref:
		case c.Conflict:
			conflict++
		case c.Variant:
			variant++
		default:
			same++
		}
	}
	var s strings.Builder
	for _, part := range []struct {
		n    int
		text string
	}{{conflict, "CONFLICT: %s other version"}, {same, "%s equal copy"}, {variant, "%s copy that says less"}} {
		if part.n > 0 {
			s.WriteString("   " + plural(fmt.Sprintf(part.text, text.Count(part.n)), part.n))
		}
	}
	return s.String() + copyVerdicts(verdicts)
}

// copyVerdicts are the verdicts of the other copies, "" where none was looked at.
func copyVerdicts(verdicts map[string]int) string {
	var parts []string
	for _, v := range []string{verdictValid, verdictInvalid, verdictWarn, verdictUnverified, verdictInfo, verdictUnchecked} {
		if n := verdicts[v]; n > 0 {
			parts = append(parts, text.Count(n)+" "+v)
		}
	}
	if len(parts) == 0 || verdicts[verdictUnchecked] > 0 && len(parts) == 1 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// plural writes version as versions and copy as copies, for more than one.
func plural(s string, n int) string {
	if n == 1 {
		return s
	}
	s = strings.Replace(s, "version", "versions", 1)
	return strings.Replace(strings.Replace(s, "copy that says", "copies that say", 1), "equal copy", "equal copies", 1)
}

// jsonPath writes the way to a node as JSONPath: $.userIdentity.arn, $.resources[0]['odd key'].
func jsonPath(n *widget.Node) string {
	var b strings.Builder
	b.WriteByte('$')
	for _, step := range n.Path() {
		switch {
		case step.Index >= 0:
			b.WriteString("[" + strconv.Itoa(step.Index) + "]")
		case plainKey(step.Key):
			b.WriteString("." + step.Key)
		default:
			b.WriteString("['" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(step.Key) + "']")
		}
	}
	return b.String()
}

func plainKey(s string) bool {
	for i, c := range s {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func (a *app) doDetail(act action) tea.Cmd {
	if act == actNextEvent || act == actPrevEvent {
		return a.nextEvent(map[action]int{actPrevEvent: -1, actNextEvent: 1}[act])
	}
	t := a.detail.tree
	if t == nil {
		return nil
	}
	switch act {
	case actEnter:
		t.Toggle()
	case actLeft:
		t.Fold()
	case actRight:
		t.Unfold()
	case actWrap:
		t.ToggleWrap()
	case actFindInEvent:
		a.openPrompt(promptFind, a.detail.find)
	case actFindNext, actFindPrev:
		a.findAgain(map[action]int{actFindNext: 1, actFindPrev: -1}[act])
	default:
		move(&t.Window, act)
	}
	return nil
}

// nextEvent shows the record of the next event, or of the one before.
func (a *app) nextEvent(d int) tea.Cmd {
	i := a.events.Cursor
	a.events.Move(d)
	if a.events.Cursor == i {
		a.toast = "no further event"
		return nil
	}
	return tea.Batch(a.moved(), a.askRecord())
}

func (a *app) findAgain(d int) {
	n := a.detail.tree.Next(d)
	if n == 0 {
		a.toast = a.whyNot(actFindNext)
		if a.toast == "" {
			a.toast = "not in this event: " + a.detail.find
		}
		return
	}
	a.toast = text.Count(n) + " hits of " + a.detail.find
}
