package tui

import (
	"strings"

	"github.com/trailsift/trailsift/tui/text"
)

// saidLines are the event in plain words, above its record.
func (p *detailPane) saidLines(th theme) []string {
	n := p.saidCount()
	if n == 0 {
		return nil
	}
	lines := text.Wrap(th.vis(p.said), p.w-3)
	if len(lines) > n {
		lines = append(lines[:n-1], cutSentence(strings.Join(lines[n-1:], " "), p.w-3))
	}
	for i, l := range lines {
		lines[i] = " " + paint(th.title, l)
	}
	return lines
}

// saidCount is how many lines the sentence takes: two where there is room, one on a small pane, none on one that would
// leave no room for the record.
func (p *detailPane) saidCount() int {
	const one, two = 8, 16 // lines of the pane
	room := 2
	switch {
	case p.said == "" || p.h < one:
		return 0
	case p.h < two:
		room = 1
	}
	return min(room, len(text.Wrap(p.said, p.w-3)))
}

// cutSentence leaves out from where, which the list and the record say too, then cuts what was done rather than how it
// ended, which stands behind the semicolon.
func cutSentence(s string, cells int) string {
	if text.Width(s) <= cells {
		return s
	}
	if s = withoutOrigin(s); text.Width(s) <= cells {
		return s
	}
	i := strings.Index(s, "; ")
	if i < 0 {
		return text.Cut(s, cells)
	}
	end := text.Cut(s[i:], cells/2)
	return text.Cut(s[:i], cells-text.Width(end)) + end
}

// withoutOrigin takes ", from ADDRESS" out of a sentence. A name with such words in it can only make another part of the
// sentence short: the whole of it is in the record below.
func withoutOrigin(s string) string {
	who, rest, ok := strings.Cut(s, ", from ")
	if !ok {
		return s
	}
	_, did, ok := strings.Cut(rest, ", ")
	if !ok {
		return s
	}
	return who + " " + did
}
