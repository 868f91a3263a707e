package query

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// A Folder writes texts so that their tokens are easy to find and to compare. It holds a buffer and is not safe for
// concurrent use.
type Folder struct{ buf []byte }

// foldPad is how many zero bytes stand behind a folded text.
const foldPad = 8

// Fold gives a text with its tokens folded, so that those are equal which differ only in case, and a zero byte for each
// other character. Eight more zero bytes stand behind it, within its capacity. Valid until the next call.
func (f *Folder) Fold(text []byte) []byte {
	if cap(f.buf) < len(text)+foldPad {
		f.buf = make([]byte, 2*len(text)+64)
	}
	n := len(text)
	buf := f.buf[:n+foldPad]
	if n < 8 {
		return f.foldShort(text)
	}
	for at := 0; ; at = min(at+8, n-8) { // the last two may overlap
		word := binary.LittleEndian.Uint64(text[at:])
		if word&high != 0 {
			return f.foldRunes(text)
		}
		binary.LittleEndian.PutUint64(buf[at:], foldWord(word))
		if at == n-8 {
			break
		}
	}
	binary.LittleEndian.PutUint64(buf[n:], 0)
	return buf[:n]
}

// foldShort folds less than eight bytes.
func (f *Folder) foldShort(text []byte) []byte {
	var word uint64
	for i, c := range text {
		word |= uint64(c) << (8 * i)
	}
	if word&high != 0 {
		return f.foldRunes(text)
	}
	buf := f.buf[:16]
	binary.LittleEndian.PutUint64(buf, foldWord(word))
	binary.LittleEndian.PutUint64(buf[8:], 0)
	return buf[:len(text)]
}

// A word of eight bytes, each with a one; with its upper bit.
const (
	ones = 0x0101010101010101
	high = ones << 7
)

// foldWord folds eight ASCII bytes: of each that makes a token the upper-case letter, 0 for others.
func foldWord(w uint64) uint64 {
	// Adding 0x80-c to a byte below 0x80 sets its upper bit where it is at least c, and carries nothing over.
	lower := w | ' '*ones
	letter := (lower + (0x80-'a')*ones) &^ (lower + (0x7f-'z')*ones)
	digit := (w + (0x80-'0')*ones) &^ (w + (0x7f-'9')*ones)
	other := w ^ '_'*ones + 0x7f*ones // no underscore
	token := (letter | digit | ^other) & high
	return w &^ (letter & high >> 2) & (token<<1 - token>>7)
}

func (f *Folder) foldRunes(text []byte) []byte {
	buf := f.buf[:0]
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if IsToken(r) {
			buf = utf8.AppendRune(buf, foldRune(r))
		} else {
			buf = append(buf, 0)
		}
		text = text[n:]
	}
	n := len(buf)
	f.buf = append(buf, make([]byte, foldPad)...)
	return f.buf[:n]
}

// MaxWhole is the longest folded text that is evidence as a whole, beside its tokens: that of the name of a bucket.
const MaxWhole = 64

// foldRune is one character for all that are equal but for case, as everywhere in this package.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(upper(byte(r)))
	}
	return simpleFold(r)
}

// Evidence is what must be found among the texts of a record, its keys and values, for the record to match: what a filter
// of tokens can be asked. It errs on one side only.
type Evidence struct {
	// All and Any are evidence all of which, or any of which, must be there.
	All, Any []Evidence
	// Tokens must stand together in one key or value, folded. Without any of the three there is nothing to ask for.
	Tokens []string
	// Whole is, where there is one, all of that value as Folder.Fold gives it; it has two tokens or more.
	Whole string
	// ID is, where an identifier written as a GUID could hold the tokens, what must stand in it from token border to token
	// border, in lower case.
	ID string
}

// IsEmpty tells that there is nothing to ask for.
func (e Evidence) IsEmpty() bool { return len(e.All)+len(e.Any)+len(e.Tokens) == 0 }

// EvidenceOf is the evidence that a query needs which looks at nothing but the record.
func EvidenceOf(n Node) Evidence {
	switch n := n.(type) {
	case And:
		var all []Evidence
		for _, kid := range n.Nodes {
			if e := EvidenceOf(kid); !e.IsEmpty() {
				all = append(all, e)
			}
		}
		return Evidence{All: all}
	case Or:
		var some []Evidence
		for _, kid := range n.Nodes {
			e := EvidenceOf(kid)
			if e.IsEmpty() {
				return Evidence{}
			}
			some = append(some, e)
		}
		return Evidence{Any: some}
	case Match:
		if n.Any() {
			return pathEvidence(n.Key, Evidence{})
		}
		pattern := n.Value
		if n.Exact {
			pattern = escapePattern(pattern)
		}
		e := patternEvidence(pattern)
		if text, ok := unescapePattern(pattern); ok && len(e.Tokens) > 1 {
			var f Folder
			if folded := f.Fold([]byte(text)); len(folded) <= MaxWhole {
				e.Whole = string(folded)
			}
		}
		return pathEvidence(n.Key, e)
	case Range:
		return pathEvidence(n.Key, Evidence{})
	case CIDR:
		return pathEvidence(n.Key, Evidence{})
	case List:
		return pathEvidence(n.Key, Evidence{})
	case Word:
		if n.Wild {
			return patternEvidence(n.Text)
		}
		return patternEvidence(escapePattern(n.Text))
	case Regex:
		if literal := regexLiteral(n); literal != "" {
			return patternEvidence("*" + escapePattern(literal) + "*")
		}
	}
	return Evidence{}
}

// pathEvidence adds the keys of a path to what its value needs.
func pathEvidence(k Key, value Evidence) Evidence {
	var all []Evidence
	steps := k.steps()
	if len(steps) == 1 && (steps[0].anyKey || steps[0].key == "eventTime") {
		value.Whole = "" // filters have parts of times only
	}
	for _, s := range steps {
		if e := patternEvidence(escapePattern(s.key)); !s.element && !s.anyKey && !e.IsEmpty() {
			e.ID = ""
			all = append(all, e)
		}
	}
	if !value.IsEmpty() {
		all = append(all, value)
	}
	return Evidence{All: all}
}

// patternEvidence is the tokens that every text has which holds a pattern from token border to token border: those of the
// pattern that touch no wildcard.
func patternEvidence(pattern string) Evidence {
	var e Evidence
	var run []rune
	open, wild, hex := false, false, true // open: the run at hand touches a wildcard
	end := func(wildcard bool) {
		if len(run) > 0 && !open && !wildcard {
			e.Tokens = append(e.Tokens, string(run))
		}
		run, open = run[:0], wildcard
	}
	for _, g := range compileGlob(pattern) {
		switch {
		case g.any || g.each:
			end(true)
			wild = true
			continue
		case isMixed(g.r):
			end(true)
		case g.r >= 0 && IsToken(g.r):
			run = append(run, g.r)
		default:
			end(false)
		}
		hex = hex && (g.r == '-' || g.r >= '0' && g.r <= '9' || g.r >= 'A' && g.r <= 'F')
		if hex && !wild {
			e.ID += string(unicode.ToLower(g.r))
		}
	}
	end(false)
	switch {
	case hex && wild:
		return Evidence{} // any part of an identifier may do
	case !hex:
		e.ID = ""
	}
	return e
}

// isMixed tells a character of which another case makes a token where it makes none, or the other way round (U+0345 is
// no letter, and an iota in another case).
func isMixed(r rune) bool {
	if r < utf8.RuneSelf {
		return false
	}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		if IsToken(f) != IsToken(r) {
			return true
		}
	}
	return false
}
