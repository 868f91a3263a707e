package query

import "unicode/utf8"

// Literal is the one term, byte for byte, that the values must equal, where it is one.
func (m Match) Literal() (term string, ok bool) { return m.Value, m.Exact }

// Folded is the one text that the values must equal whatever their case, where there is no wildcard.
func (m Match) Folded() (text string, ok bool) {
	if m.Exact {
		return "", false
	}
	return unescapePattern(m.Value)
}

// Matcher compiles the comparison with one value. The function may be called by many at once and does not allocate.
func (m Match) Matcher() func(term []byte) bool {
	if m.Exact {
		return func(term []byte) bool { return string(term) == m.Value }
	}
	if m.Any() {
		return func([]byte) bool { return true }
	}
	p := compileGlob(m.Value)
	if text, ok := m.Folded(); ok && isPlainASCII(text) {
		return func(term []byte) bool { return equalFoldASCII(term, text) }
	}
	return p.matchAll
}

// Matcher compiles the comparison with one value: a number, or on a path a time, as text. It may be called by many at
// once.
func (r Range) Matcher() func(term []byte) bool {
	if r.IsTime() {
		return func(term []byte) bool {
			t, ok := recordTime(string(term))
			return ok && inSpan(r, t)
		}
	}
	lo, hasLo := parseNumber(r.Lo)
	hi, hasHi := parseNumber(r.Hi)
	return func(term []byte) bool {
		d, ok := parseNumber(string(term))
		if !ok {
			return false
		}
		if hasLo {
			if c := d.compare(lo); c < 0 || c == 0 && r.LoOpen {
				return false
			}
		}
		if hasHi {
			if c := d.compare(hi); c > 0 || c == 0 && r.HiOpen {
				return false
			}
		}
		return true
	}
}

// Matcher compiles the comparison with one value: an address as text. It may be called by many at once.
func (c CIDR) Matcher() func(term []byte) bool {
	prefix, ok := parsePrefix(c.Prefix)
	return func(term []byte) bool {
		a, isAddr := parseAddr(string(term))
		return ok && isAddr && prefix.Contains(a)
	}
}

// isPlainASCII tells a text that only ASCII equals when case is folded: K and S have partners beyond it (KELVIN SIGN,
// LATIN SMALL LETTER LONG S).
func isPlainASCII(text string) bool {
	for i := range len(text) {
		if c := text[i] | 0x20; text[i] >= utf8.RuneSelf || c == 'k' || c == 's' {
			return false
		}
	}
	return true
}

func equalFoldASCII(b []byte, text string) bool {
	if len(b) != len(text) {
		return false
	}
	for i := range b {
		if upper(b[i]) != upper(text[i]) {
			return false
		}
	}
	return true
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 0x20
	}
	return c
}

// foldAt is the character at i, folded as simpleFold does, and its length; a byte that is no UTF-8 is a negative number.
func foldAt(t []byte, i int) (rune, int) {
	if c := t[i]; c < utf8.RuneSelf {
		return rune(upper(c)), 1 // the smallest of its kind
	}
	r, n := utf8.DecodeRune(t[i:])
	if r == utf8.RuneError && n == 1 {
		return -1 - rune(t[i]), 1
	}
	return simpleFold(r), n
}

// compileGlob reads a pattern for the compiled predicates.
func compileGlob(pattern string) glob {
	t := []byte(pattern)
	p := make(glob, 0, len(t))
	for i := 0; i < len(t); {
		switch {
		case t[i] == '*':
			p = append(p, globRune{any: true})
			i++
			continue
		case t[i] == '?':
			p = append(p, globRune{each: true})
			i++
			continue
		case t[i] == '\\' && i+1 < len(t):
			i++
		}
		r, n := foldAt(t, i)
		p = append(p, globRune{r: r})
		i += n
	}
	return p
}

// matchAll tells whether the whole of t is what the pattern says. The last star gives way first, which is enough: cost
// is at most length of t times length of the pattern.
func (p glob) matchAll(t []byte) bool {
	i, j, star, mark := 0, 0, -1, 0
	for i < len(t) {
		r, n := foldAt(t, i)
		switch {
		case j < len(p) && p[j].any:
			star, mark = j, i
			j++
		case j < len(p) && (p[j].each || p[j].r == r):
			i += n
			j++
		case star >= 0:
			_, n = foldAt(t, mark)
			mark += n
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(p) && p[j].any {
		j++
	}
	return j == len(p)
}

// A phrase is a compiled Word: the parts between its stars, and whether its ends must be token borders (a star at an
// end makes them any place).
type phrase struct {
	parts      []glob
	head, tail bool
	literal    needle // the longest run of plain ASCII that must stand in the text; its text may be ""
}

func compileWord(w Word) phrase {
	text := w.Text
	if !w.Wild {
		text = escapePattern(text)
	}
	var f phrase
	part := glob{}
	all := compileGlob(text)
	for i, g := range all {
		if !g.any {
			part = append(part, g)
		}
		if len(part) > 0 && (g.any || i == len(all)-1) {
			f.parts = append(f.parts, part)
			part = glob{}
		}
	}
	f.head = len(all) > 0 && !all[0].any
	f.tail = len(all) > 0 && !all[len(all)-1].any
	f.literal = newNeedle(longestLiteral(f.parts))
	return f
}

// in tells whether the phrase stands somewhere in t. Leftmost places are enough: each part has a fixed number of
// characters.
func (f phrase) in(t []byte) bool {
	if !f.literal.mayBeInText(t) {
		return false
	}
	pos := 0
	for k, part := range f.parts {
		head := f.head && k == 0
		tail := f.tail && k == len(f.parts)-1
		end := part.find(t, pos, head, tail)
		if end < 0 {
			return false
		}
		pos = end
	}
	return true
}

// find gives where the leftmost place of the part in t from pos on ends, or -1.
func (p glob) find(t []byte, pos int, head, tail bool) int {
	for i := pos; i <= len(t); {
		if end := p.matchAt(t, i); end >= 0 && (!head || isBorder(t, i)) && (!tail || isBorder(t, end)) {
			return end
		}
		if i == len(t) {
			break
		}
		_, n := foldAt(t, i)
		i += n
	}
	return -1
}

func (p glob) matchAt(t []byte, i int) int {
	for _, g := range p {
		if i >= len(t) {
			return -1
		}
		r, n := foldAt(t, i)
		if !g.each && g.r != r {
			return -1
		}
		i += n
	}
	return i
}

// isBorder tells whether no token goes across position i.
func isBorder(t []byte, i int) bool {
	if i == 0 || i == len(t) {
		return true
	}
	before, n := utf8.DecodeLastRune(t[:i])
	after, m := utf8.DecodeRune(t[i:])
	if before == utf8.RuneError && n == 1 || after == utf8.RuneError && m == 1 {
		return true
	}
	return !IsToken(before) || !IsToken(after)
}

// longestLiteral is the longest run of ASCII in the parts of a phrase. It leaves out what JSON may write in another way
// than by \u: quotation mark, backslash, slash and control characters.
func longestLiteral(parts []glob) string {
	best := ""
	for _, p := range parts {
		run := ""
		for _, g := range p {
			if g.each || g.r <= ' '-1 || g.r >= 0x7f || g.r == '"' || g.r == '\\' || g.r == '/' {
				run = ""
				continue
			}
			run += string(g.r)
			if len(run) > len(best) {
				best = run
			}
		}
	}
	return best
}
