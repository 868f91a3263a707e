package text

import (
	"strings"
	"unicode/utf8"
)

// cut stands where text was left out; two dots, so that it looks the same in every terminal.
const cut = ".."

// Fit gives s as visible text of exactly that many cells: cut at its end, or filled with blanks.
func Fit(s string, cells int) string {
	s = Cut(s, cells)
	return s + Blank(cells-Width(s))
}

// FitTail is Fit for text whose end tells more than its beginning, such as an ARN or a key: it is cut at its beginning.
func FitTail(s string, cells int) string {
	s = CutTail(s, cells)
	return s + Blank(cells-Width(s))
}

// FitRight is Fit with the blanks before the text; for numbers.
func FitRight(s string, cells int) string {
	s = Cut(s, cells)
	return Blank(cells-Width(s)) + s
}

// FitMiddle is Fit for text both ends of which tell something, such as role/session: it is cut in its middle.
func FitMiddle(s string, cells int) string {
	s = CutMiddle(s, cells)
	return s + Blank(cells-Width(s))
}

// CutMiddle is Cut in the middle; a little more is left of the end.
func CutMiddle(s string, cells int) string {
	if cells < 8 {
		return CutTail(s, cells)
	}
	if Width(Visible(head(s, cells))) <= cells {
		return Cut(s, cells)
	}
	room := cells - len(cut)
	before := first(Visible(head(s, room*2/5)), room*2/5)
	return before + cut + last(Visible(tail(s, room)), room-Width(before))
}

// Cut gives s as visible text of at most that many cells; what is left out at its end is shown as "..".
func Cut(s string, cells int) string {
	if cells <= 0 {
		return ""
	}
	// A value may be megabytes long; no cell needs more than the bytes of its escapes.
	s = Visible(head(s, cells))
	if Width(s) <= cells {
		return s
	}
	if cells <= len(cut) {
		return first(s, cells)
	}
	return first(s, cells-len(cut)) + cut
}

// CutTail is Cut at the beginning.
func CutTail(s string, cells int) string {
	if cells <= 0 {
		return ""
	}
	s = Visible(tail(s, cells))
	w := Width(s)
	if w <= cells {
		return s
	}
	if cells <= len(cut) {
		return last(s, cells)
	}
	return cut + last(s, cells-len(cut))
}

// head is a beginning of s that fills more cells than asked for, if s does.
func head(s string, cells int) string {
	n := 0
	for i := range s {
		if n > cells {
			return s[:i]
		}
		n++
	}
	return s
}

func tail(s string, cells int) string {
	i := len(s)
	for n := 0; i > 0 && n <= cells; n++ {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return s[i:]
}

// first is the longest beginning of visible text that fits.
func first(s string, cells int) string {
	for i, r := range s {
		cells -= runeCells(r)
		if cells < 0 {
			return s[:i]
		}
	}
	return s
}

func last(s string, cells int) string {
	i := len(s)
	for i > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		cells -= runeCells(r)
		if cells < 0 {
			break
		}
		i -= size
	}
	return s[i:]
}

const blanks = "                                                                                                                                "

// Blank is that many spaces, none for a negative number.
func Blank(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Wrap cuts s, made visible, into lines of at most that many cells, at blanks where there is one in the second half.
func Wrap(s string, cells int) []string {
	s = Visible(s)
	cells = max(cells, 2) // a wide character must fit
	var lines []string
	for Width(s) > cells {
		line := first(s, cells)
		if i := strings.LastIndexByte(line, ' '); i >= len(line)/2 {
			line = line[:i+1]
		}
		lines = append(lines, strings.TrimRight(line, " "))
		s = s[len(line):]
	}
	return append(lines, s)
}

// Count writes n with thousands separators: 1,204,331.
func Count(n int) string {
	var b [32]byte
	i := len(b)
	u := uint64(n)
	if n < 0 {
		u = -u
	}
	for digits := 0; u > 0 || digits == 0; digits++ {
		if digits > 0 && digits%3 == 0 {
			i--
			b[i] = ','
		}
		i--
		b[i] = byte('0' + u%10)
		u /= 10
	}
	if n < 0 {
		i--
		b[i] = '-'
	}
	return string(b[i:])
}

// Short writes n in at most 5 characters: 950, 12.3k, 1.2M.
func Short(n int) string {
	switch {
	case n < 10_000:
		return Count(n)
	case n < 999_950:
		return tenths(n, 1_000) + "k"
	case n < 999_950_000:
		return tenths(n, 1_000_000) + "M"
	}
	return tenths(n, 1_000_000_000) + "G"
}

// Bytes writes a size in decimal units, as disks and AWS do: 812 B, 1.4 MB.
func Bytes(n int64) string {
	switch {
	case n < 1_000:
		return Count(int(n)) + " B"
	case n < 999_950:
		return tenths(int(n), 1_000) + " kB"
	case n < 999_950_000:
		return tenths(int(n), 1_000_000) + " MB"
	}
	return tenths(int(n), 1_000_000_000) + " GB"
}

// tenths is n in units, rounded to one digit after the point, without it from a hundred on.
func tenths(n, unit int) string {
	t := (n + unit/20) / (unit / 10)
	if t >= 1000 {
		return Count((n + unit/2) / unit)
	}
	return Count(t/10) + "." + string(rune('0'+t%10))
}
