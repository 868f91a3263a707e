// Package widget holds parts of a screen that know nothing of events: a line editor, a window on a list, bars, a JSON
// tree. They are plain values with methods; nobody but their pane sends them anything.
package widget

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trailsift/trailsift/tui/text"
)

// maxLineBytes bounds what is pasted into a line.
const maxLineBytes = 64 << 10

// A Line is a one-line text editor. What it holds is what was typed; what it draws is visible text.
type Line struct {
	s   string
	cur int // byte offset, always at the border of a character
}

// NewLine is a line with that text and the cursor at its end.
func NewLine(s string) Line {
	var l Line
	l.Set(s)
	return l
}

// Text is what the line holds.
func (l *Line) Text() string { return l.s }

// Cursor is the byte offset of the cursor in Text.
func (l *Line) Cursor() int { return l.cur }

// Set replaces the text and puts the cursor at its end.
func (l *Line) Set(s string) {
	l.s, l.cur = "", 0
	l.Insert(s)
}

// Replace puts s in place of the bytes from..to and the cursor behind it.
func (l *Line) Replace(from, to int, s string) {
	from = min(max(from, 0), len(l.s))
	to = min(max(to, from), len(l.s))
	l.s, l.cur = l.s[:from]+l.s[to:], from
	l.Insert(s)
}

// Insert types s at the cursor. Line breaks and tabs become blanks; bytes that are not UTF-8 become U+FFFD.
func (l *Line) Insert(s string) {
	if room := maxLineBytes - len(l.s); len(s) > room {
		s = s[:max(room, 0)]
	}
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		return r
	}, s)
	l.s = l.s[:l.cur] + s + l.s[l.cur:]
	l.cur += len(s)
}

// An Edit is one command of line editing.
type Edit uint8

// The commands; the names are those of readline.
const (
	EditNone Edit = iota
	EditLeft
	EditRight
	EditWordLeft
	EditWordRight
	EditHome
	EditEnd
	EditBackspace
	EditDelete
	EditKillWord
	EditKillStart
	EditKillEnd
)

// edits are the keys of line editing in every prompt.
var edits = map[string]Edit{
	"left": EditLeft, "ctrl+b": EditLeft, "right": EditRight,
	"alt+b": EditWordLeft, "ctrl+left": EditWordLeft, "alt+left": EditWordLeft,
	"alt+f": EditWordRight, "ctrl+right": EditWordRight, "alt+right": EditWordRight,
	"home": EditHome, "ctrl+a": EditHome, "end": EditEnd, "ctrl+e": EditEnd,
	"backspace": EditBackspace, "delete": EditDelete, "ctrl+d": EditDelete,
	"ctrl+w": EditKillWord, "alt+backspace": EditKillWord, "ctrl+u": EditKillStart, "ctrl+k": EditKillEnd,
}

// EditKeys lists the keys of line editing, for the test that no prompt binds them to something else.
func EditKeys() []string {
	keys := make([]string, 0, len(edits))
	for k := range edits {
		keys = append(keys, k)
	}
	return keys
}

// Key edits the line by one key press, given as its name and the text it types. It reports whether the key was one of
// line editing.
func (l *Line) Key(name, typed string) bool {
	if e, ok := edits[name]; ok {
		l.edit(e)
		return true
	}
	if typed == "" {
		return false
	}
	l.Insert(typed)
	return true
}

func (l *Line) edit(e Edit) {
	switch e {
	case EditLeft:
		l.cur -= l.before()
	case EditRight:
		l.cur += l.after()
	case EditWordLeft:
		l.cur = l.wordLeft()
	case EditWordRight:
		l.cur = l.wordRight()
	case EditHome:
		l.cur = 0
	case EditEnd:
		l.cur = len(l.s)
	case EditBackspace:
		l.Replace(l.cur-l.before(), l.cur, "")
	case EditDelete:
		l.Replace(l.cur, l.cur+l.after(), "")
	case EditKillWord:
		l.Replace(l.wordLeft(), l.cur, "")
	case EditKillStart:
		l.Replace(0, l.cur, "")
	case EditKillEnd:
		l.Replace(l.cur, len(l.s), "")
	}
}

func (l *Line) before() int {
	_, n := utf8.DecodeLastRuneInString(l.s[:l.cur])
	return n
}

func (l *Line) after() int {
	_, n := utf8.DecodeRuneInString(l.s[l.cur:])
	return n
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

func (l *Line) wordLeft() int {
	head := strings.TrimRightFunc(l.s[:l.cur], func(r rune) bool { return !wordRune(r) })
	return len(strings.TrimRightFunc(head, wordRune))
}

func (l *Line) wordRight() int {
	rest := strings.TrimLeftFunc(l.s[l.cur:], func(r rune) bool { return !wordRune(r) })
	return len(l.s) - len(strings.TrimLeftFunc(rest, wordRune))
}

// View is the part of the line around the cursor that fits into cells, and the cell the cursor is in. vis makes text
// visible.
func (l *Line) View(cells int, vis func(string) string) (shown string, x int) {
	head, rest := vis(l.s[:l.cur]), vis(l.s[l.cur:])
	room := max(cells-1, 0) // one cell is the cursor's, behind the last character
	if w := text.Width(head); w > room {
		head = text.CutTail(head, room)
	}
	x = text.Width(head)
	return head + text.Cut(rest, cells-x), x
}
