// Package text makes text from outside safe to show. Log files, keys, file names and messages of AWS are written by
// people we do not know: nothing of theirs may move the cursor, change colours, reverse the reading direction, hide, or
// take another number of cells than we count.
//
// What is not shown as it is, is shown as an escape that a person can read: \n, \x1b, \u202e, \U000e0041.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Visible gives s with every character that is not plainly visible and of one certain width written as an escape: C0,
// DEL and C1 controls, line and paragraph separators, blanks other than the space, zero-width and bidi characters,
// letters of right-to-left scripts (terminals reorder a line that holds one), combining marks, emoji modifiers and flags
// (their width depends on the terminal), private and unassigned characters, bytes that are not UTF-8. It is idempotent.
func Visible(s string) string {
	i := firstUnsafe(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			writeByteEscape(&b, s[i])
			n = 1
		case safe(r):
			b.WriteString(s[i : i+n])
		default:
			writeEscape(&b, r)
		}
		i += n
	}
	return b.String()
}

// ASCII is Visible for terminals that show nothing above 0x7E: every other character becomes an escape.
func ASCII(s string) string {
	s = Visible(s)
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return asciiTail(s, i)
		}
	}
	return s
}

func asciiTail(s string, from int) string {
	var b strings.Builder
	b.WriteString(s[:from])
	for _, r := range s[from:] {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			writeEscape(&b, r)
		}
	}
	return b.String()
}

// Hidden counts the characters of s that Visible would write as escapes, line breaks and tabs left out: they are what a
// person pasting s somewhere would not see.
func Hidden(s string) int {
	n := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size <= 1 || !safe(r) && r != '\n' && r != '\t' {
			n++
		}
		i += max(size, 1)
	}
	return n
}

// firstUnsafe is the offset of the first byte that Visible changes, -1 where there is none.
func firstUnsafe(s string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 || !safe(r) {
			return i
		}
		i += n
	}
	return -1
}

// safe reports whether r may be drawn: visible, not reordering, joined to no neighbour, one or two cells everywhere.
func safe(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 0x20 && r < 0x7f
	}
	if !unicode.IsPrint(r) || unicode.Is(unicode.M, r) {
		return false
	}
	return !unicode.Is(unsafe, r)
}

// unsafe are characters that Unicode calls printable and that are invisible, join with a neighbour, or make a terminal
// reorder the line. TestSafeWidth goes through all of Unicode with it.
var unsafe = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0590, Hi: 0x08ff, Stride: 1}, // Hebrew, Arabic, Syriac, Thaana, N'Ko, Samaritan, Mandaic
		{Lo: 0x0d4e, Hi: 0x0d4e, Stride: 1}, // Malayalam dot reph, joins what follows
		{Lo: 0x0e33, Hi: 0x0e33, Stride: 1}, // Thai sara am, joins what stands before
		{Lo: 0x0eb3, Hi: 0x0eb3, Stride: 1}, // Lao am
		{Lo: 0x1100, Hi: 0x11ff, Stride: 1}, // Hangul parts
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // braille blank
		{Lo: 0x2e3a, Hi: 0x2e3b, Stride: 1}, // two- and three-em dash
		{Lo: 0x302a, Hi: 0x302f, Stride: 1}, // ideographic tone marks
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xa960, Hi: 0xa97c, Stride: 1}, // Hangul parts
		{Lo: 0xd7b0, Hi: 0xd7fb, Stride: 1}, // Hangul parts
		{Lo: 0xfb1d, Hi: 0xfdff, Stride: 1}, // Hebrew and Arabic forms
		{Lo: 0xfe70, Hi: 0xfefc, Stride: 1}, // Arabic forms
		{Lo: 0xff9e, Hi: 0xffa0, Stride: 1}, // halfwidth sound marks and filler
		{Lo: 0xfffc, Hi: 0xfffd, Stride: 1}, // object and replacement character: never ours, so never silent
	},
	R32: []unicode.Range32{
		{Lo: 0x10800, Hi: 0x10fff, Stride: 1}, // right-to-left scripts
		{Lo: 0x11000, Hi: 0x11fff, Stride: 1}, // Brahmic scripts whose letters join
		{Lo: 0x1d159, Hi: 0x1d159, Stride: 1}, // musical null notehead
		{Lo: 0x1e800, Hi: 0x1efff, Stride: 1}, // right-to-left scripts
		{Lo: 0x1f1e6, Hi: 0x1f1ff, Stride: 1}, // regional indicators
		{Lo: 0x1f3fb, Hi: 0x1f3ff, Stride: 1}, // skin tones
	},
}

const hexDigits = "0123456789abcdef"

func writeByteEscape(b *strings.Builder, c byte) {
	b.WriteString(`\x`)
	b.WriteByte(hexDigits[c>>4])
	b.WriteByte(hexDigits[c&15])
}

func writeEscape(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\r':
		b.WriteString(`\r`)
	case r < utf8.RuneSelf:
		writeByteEscape(b, byte(r))
	case r <= 0xffff:
		b.WriteString(`\u`)
		writeHex(b, r, 4)
	default:
		b.WriteString(`\U`)
		writeHex(b, r, 8)
	}
}

func writeHex(b *strings.Builder, r rune, digits int) {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b.WriteByte(hexDigits[r>>shift&15])
	}
}

// Width is the number of cells s takes; s is visible text.
func Width(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// runeCells is the width of one safe character.
func runeCells(r rune) int {
	if r < 0x300 {
		return 1
	}
	return ansi.StringWidth(string(r))
}
