package index

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// narrowEnough is a number of terms below which trying each costs less than narrowing further.
const narrowEnough = 64

// foldRanges gives the codes of all terms that begin with prefix in whatever case, and perhaps of some more: whoever
// asks tries each. It goes letter by letter through the sorted terms, so that a pattern with a literal beginning costs
// a few look-ups instead of a walk over the dictionary.
func (d termDict) foldRanges(prefix string) []codeRange {
	all := []codeRange{{1, uint32(d.len() + 1)}}
	if d.len() <= narrowEnough {
		return all
	}
	var out []codeRange
	var narrow func(done []byte, rest string, within []codeRange)
	narrow = func(done []byte, rest string, within []codeRange) {
		if len(within) == 0 {
			return
		}
		r, size := utf8.DecodeRuneInString(rest)
		if rangesLen(within) <= narrowEnough || size == 0 || r == utf8.RuneError {
			out = append(out, within...)
			return
		}
		for _, v := range foldings(r) {
			longer := utf8.AppendRune(slices.Clip(done), v)
			narrow(longer, rest[size:], d.prefixRanges(longer))
		}
	}
	narrow(nil, prefix, all)
	return out
}

// foldings are the letters that equal r when case is ignored, by Unicode's simple folding.
func foldings(r rune) []rune {
	out := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		out = append(out, f)
	}
	return out
}

func rangesLen(ranges []codeRange) int {
	n := 0
	for _, r := range ranges {
		n += int(r.hi - r.lo)
	}
	return n
}
