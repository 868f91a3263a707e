package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// queryBar is the filter line: what is typed, what is wrong with it, and what could stand at the cursor.
type queryBar struct {
	line       widget.Line
	editing    bool
	edit       int // number of the last change; completions of older ones are dropped
	err        *query.Error
	completion query.Completion
	completed  int           // the change completion is about
	wanted     int           // the change at which an item was to be taken before its completion had come
	empty      *searchMsg    // a result without events, held back until it is known whether a value is being typed
	pending    bool          // what was typed last will be searched for in a moment
	without    bool          // the result shown leaves out the term that is being typed
	drop       widget.Window // cursor of the drop-down; -1 of choosing: nothing chosen
	chosen     bool          // an item was chosen with the arrows
	recall     []string      // filters used before, newest last
	recalling  bool          // the drop-down shows them
	at         int           // place in recall while going through it with the arrows
	begin      string        // what is said behind "all events": where to begin
}

const (
	maxDrop   = 8 // lines of the drop-down
	maxRecall = 200
)

// Begin starts editing with the current text, cursor at its end.
func (b *queryBar) Begin(s string) {
	b.editing, b.recalling, b.chosen = true, false, false
	b.pending = false
	b.line.Set(s)
	b.at = len(b.recall)
	b.completion = query.Completion{}
	b.edit++
}

// End stops editing.
func (b *queryBar) End() {
	b.editing, b.recalling = false, false
	b.completion = query.Completion{}
	b.Changed()
}

// Remember keeps a filter for ctrl+r.
func (b *queryBar) Remember(s string) {
	if s == "" {
		return
	}
	for i, r := range b.recall {
		if r == s {
			b.recall = append(b.recall[:i:i], b.recall[i+1:]...)
			break
		}
	}
	b.recall = append(b.recall, s)
	b.recall = b.recall[max(len(b.recall)-maxRecall, 0):]
}

// Changed is called after each change of the text.
func (b *queryBar) Changed() {
	b.edit++
	b.chosen, b.without, b.empty = false, false, nil
	b.drop.To(0)
}

// TermStart is where the term begins whose value is being typed and could still become another, -1 where there is none.
func (b *queryBar) TermStart() int {
	s := b.line.Text()
	from := min(b.completion.From, len(s))
	if len(b.completion.Items) == 0 || b.line.Cursor() != len(s) || from == 0 || !strings.ContainsRune(":=(", rune(s[from-1])) {
		return -1
	}
	return strings.LastIndexAny(s[:from-1], " ()") + 1
}

// SetError keeps what is wrong with the text; nil for nothing.
func (b *queryBar) SetError(err error) {
	b.err = nil
	if err == nil {
		return
	}
	if !errors.As(err, &b.err) {
		b.err = &query.Error{Msg: err.Error()}
	}
}

// ErrorText is what is wrong, with the column counted in characters from 1.
func (b *queryBar) ErrorText() string {
	if b.err == nil {
		return ""
	}
	s := b.line.Text()
	column := utf8.RuneCountInString(s[:min(max(b.err.Pos, 0), len(s))]) + 1
	msg := fmt.Sprintf("column %d: %s", column, b.err.Msg)
	if b.err.Hint != "" {
		msg += " (" + b.err.Hint + ")"
	}
	return msg
}

// items are the lines of the drop-down.
func (b *queryBar) items() []query.Item {
	if !b.recalling {
		return b.completion.Items
	}
	var items []query.Item
	typed := strings.ToLower(b.line.Text())
	for _, s := range slices.Backward(b.recall) {
		if strings.Contains(strings.ToLower(s), typed) {
			items = append(items, query.Item{Insert: s, Label: s})
		}
	}
	return items
}

// Waits reports whether an item will be taken when the completion of the newest text has come.
func (b *queryBar) Waits() bool { return !b.recalling && b.wanted == b.edit && b.completed != b.edit }

// Take puts the item under the cursor into the line; false where there is none, or none yet.
func (b *queryBar) Take() bool {
	if !b.recalling && b.completed != b.edit {
		b.wanted = b.edit
		return false
	}
	items := b.items()
	if b.drop.Cursor >= len(items) {
		return false
	}
	item := items[b.drop.Cursor]
	if b.recalling {
		b.line.Set(item.Insert)
		b.recalling = false
	} else {
		b.line.Replace(b.completion.From, b.completion.To, item.Insert)
	}
	b.completion = query.Completion{}
	return true
}

// Move goes through the drop-down where there is one, else through the filters used before. It reports whether the
// text changed.
func (b *queryBar) Move(d int) bool {
	if n := len(b.items()); n > 0 {
		b.drop.Resize(n, maxDrop)
		if !b.chosen && d > 0 {
			b.chosen = true
			return false
		}
		b.chosen = true
		b.drop.Move(d)
		return false
	}
	at := b.at + d
	if at < 0 || at >= len(b.recall) {
		return false
	}
	b.at = at
	b.line.Set(b.recall[at])
	return true
}

// Drop draws the drop-down; x is the column it belongs at.
func (b *queryBar) Drop(th theme, cells, height int) []string {
	items := b.items()
	if !b.editing || len(items) == 0 {
		return nil
	}
	b.drop.Resize(len(items), min(maxDrop, height))
	width := 0
	for _, it := range items {
		width = max(width, text.Width(text.Cut(it.Label, cells))+len(itemNote(it))+4)
	}
	width = min(max(width, 24), cells)
	var lines []string
	for i := b.drop.Top; i < b.drop.End(); i++ {
		it := items[i]
		note := text.Cut(itemNote(it), width/2)
		mark := "  "
		if i == b.drop.Cursor && (b.chosen || !b.recalling) {
			mark = "> "
		}
		line := mark + th.fit(it.Label, width-len(mark)-text.Width(note)-1) + note + " "
		if i == b.drop.Cursor && b.chosen {
			line = paint(th.chosen, line)
		}
		lines = append(lines, line)
	}
	return append(lines, paint(th.dim, strings.Repeat("-", width)))
}

func itemNote(it query.Item) string {
	if it.Count > 0 {
		return text.Count(it.Count)
	}
	return text.Visible(it.Help)
}

// View draws the filter line; span is the range of time asked for, right stands at the end. x is the cursor's cell.
func (b *queryBar) View(th theme, f filter, span, right string, cells int) (line string, x int) {
	shown := f.text
	if b.editing {
		shown = b.line.Text()
	}
	chips := ""
	if f.writes {
		chips += " [writes only]"
	}
	if f.errors {
		chips += " [errors only]"
	}
	if span != "" {
		chips += " [" + span + "]"
	}
	room := max(cells-2-len(chips)-text.Width(right)-1, 8)
	var body string
	if b.editing {
		body, x = b.line.View(room, th.vis)
		x += 2
	} else {
		body = text.Cut(th.vis(shown), room)
	}
	width := text.Width(body)
	if !b.editing && shown == "" {
		plain := "all events"
		if chips == "" {
			plain += b.begin
		}
		plain = text.Cut(plain, room)
		body, width = paint(th.dim, plain), text.Width(plain)
	}
	fill := cells - 2 - width - len(chips) - text.Width(right)
	line = paint(th.here, "/") + " " + body + paint(th.key, chips) + text.Blank(fill) + right
	return line, x
}
