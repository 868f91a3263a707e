package source

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// pad is how many zero bytes stand behind the text that a scanner reads: it loads eight bytes at a time without asking
// where the text ends. A zero byte is not allowed anywhere in JSON, so it stops every loop.
const pad = 8

// A scanner goes over one JSON value in one forward pass, strictly as RFC 8259 has it, and fills an Event on the way.
// Positions are indexes into text; -1 means stopped, with why in stop, failAt and reason. It accepts what parseTree
// accepts, and where repeated keys or rare shapes make the pass unsure it says so in slow: then the tree answers.
type scanner struct {
	text []byte // with pad zero bytes at its end
	n    int    // length without them

	e *Event
	g *gatherer

	stop    status
	failAt  int
	reason  string
	escaped bool   // the string just read holds a backslash
	badText int    // where the first string that is not UTF-8 begins, -1 for none
	slow    bool   // the tree must answer for the leaves
	top     bool   // a container may stand here
	arena   []byte // decoded strings of this record

	// follows has, per known key and per scope, the known keys that came next the last two times they were others: keys
	// stand in one order, and most that may be left out have the same neighbour.
	follows [maxKnown + int(numScopes)][2]uint8
	recall  recall
}

type status uint8

const (
	scanned     status = iota
	broken             // not JSON at failAt
	short              // the text ends within the value
	tooDeep            // nested deeper than maxDepth
	isContainer        // a top-level object holds records from failAt on
)

func (s *scanner) fail(at int, reason string) int {
	s.stop, s.failAt, s.reason = broken, at, reason
	if at >= s.n {
		s.stop, s.reason = short, "unexpected end"
	}
	return -1
}

// value reads the value at i. What a record holds goes to e and g, which are cleared.
func (s *scanner) value(i int) int {
	s.stop, s.badText, s.slow, s.arena = scanned, -1, false, s.arena[:0]
	s.e.leaves, s.e.identity = [NumLeaves][]byte{}, IdentityRef{}
	s.g.reset()
	if s.text[i] == '{' {
		return s.object(i, inRecord, 1)
	}
	return s.skip(i, 0)
}

// space is the first position from i that is no white space.
func (s *scanner) space(i int) int {
	for {
		switch s.text[i] {
		case ' ', '\n', '\r', '\t':
			i++
		default:
			return i
		}
	}
}

const (
	everyByte = 0x0101010101010101
	highBits  = 0x8080808080808080
)

// str reads a string from behind its opening quote and returns the position of its closing quote.
func (s *scanner) str(i int) int {
	text, start := s.text, i
	high := uint64(0)
	s.escaped = false
	for {
		word := binary.LittleEndian.Uint64(text[i:])
		low := word ^ everyByte*2 // a quote becomes a blank, control characters stay below it, all else above
		slash := word ^ everyByte*'\\'
		found := ((low-everyByte*(' '+1))&^low | (slash-everyByte)&^slash) & highBits
		if found == 0 {
			high |= word
			i += 8
			continue
		}
		at := bits.TrailingZeros64(found) &^ 7
		high |= word & (1<<at - 1)
		i += at >> 3
		switch text[i] {
		case '"':
			if high&highBits != 0 && s.badText < 0 && !utf8.Valid(text[start:i]) {
				s.badText = start
			}
			return i
		case '\\':
			s.escaped = true
			if i = s.escape(i + 1); i < 0 {
				return -1
			}
		default:
			return s.fail(i, "a control character in a string")
		}
	}
}

// escape goes over what stands behind a backslash.
func (s *scanner) escape(i int) int {
	switch s.text[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		for k := i + 1; k < i+5; k++ {
			if unhex(s.text[k]) > 15 {
				return s.fail(k, "four hexadecimal digits should stand here")
			}
		}
		return i + 5
	}
	return s.fail(i, "an unknown escape")
}

// skip reads a value that nothing is kept of, inside depth objects and arrays.
func (s *scanner) skip(i, depth int) int {
	switch c := s.text[i]; c {
	case '"':
		end := s.str(i + 1)
		if end < 0 {
			return -1
		}
		s.loosen(i+1, end)
		return end + 1
	case '{':
		return s.skipObject(i, depth+1)
	case '[':
		return s.skipArray(i, depth+1)
	case 't':
		return s.literal(i, "true")
	case 'f':
		return s.literal(i, "false")
	case 'n':
		return s.literal(i, "null")
	default:
		if c == '-' || c-'0' <= 9 {
			end := s.number(i)
			if end > 0 && s.g != nil {
				s.g.loosen(s.text[i:end:end])
			}
			return end
		}
	}
	return s.fail(i, "a value should stand here")
}

func (s *scanner) skipObject(i, depth int) int {
	if depth > maxDepth {
		return s.deep(i)
	}
	if i = s.space(i + 1); s.text[i] == '}' {
		return i + 1
	}
	for {
		if i = s.key(i); i < 0 {
			return -1
		}
		if i = s.skip(i, depth); i < 0 {
			return -1
		}
		var more bool
		if i, more = s.next(i, '}'); !more {
			return i
		}
	}
}

func (s *scanner) skipArray(i, depth int) int {
	if depth > maxDepth {
		return s.deep(i)
	}
	if i = s.space(i + 1); s.text[i] == ']' {
		return i + 1
	}
	for {
		if i = s.skip(i, depth); i < 0 {
			return -1
		}
		var more bool
		if i, more = s.next(i, ']'); !more {
			return i
		}
	}
}

func (s *scanner) deep(i int) int {
	s.stop, s.failAt, s.reason = tooDeep, i, "nested deeper than 1,000 levels"
	return -1
}

// key goes over a key, its colon and the white space around them.
func (s *scanner) key(i int) int {
	if s.text[i] != '"' {
		return s.fail(i, "a key should stand here")
	}
	end := s.str(i + 1)
	if end < 0 {
		return -1
	}
	s.loosen(i+1, end)
	return s.colon(end + 1)
}

func (s *scanner) colon(i int) int {
	if s.text[i] != ':' {
		if i = s.space(i); s.text[i] != ':' {
			return s.fail(i, "a colon should stand here")
		}
	}
	if i++; s.text[i] <= ' ' {
		i = s.space(i)
	}
	return i
}

// next goes to the next member, or over the closing bracket.
func (s *scanner) next(i int, closing byte) (at int, more bool) {
	if s.text[i] <= ' ' {
		i = s.space(i)
	}
	switch s.text[i] {
	case ',':
		if i++; s.text[i] <= ' ' {
			i = s.space(i)
		}
		return i, true
	case closing:
		return i + 1, false
	}
	if closing == '}' {
		return s.fail(i, "a comma or } should stand here"), false
	}
	return s.fail(i, "a comma or ] should stand here"), false
}

func (s *scanner) literal(i int, word string) int {
	for k := range len(word) {
		if s.text[i+k] != word[k] {
			return s.fail(i+k, "a value should stand here")
		}
	}
	return i + len(word)
}

func (s *scanner) number(i int) int {
	if s.text[i] == '-' {
		i++
	}
	if s.text[i] == '0' {
		i++
	} else if i = s.digits(i); i < 0 {
		return -1
	}
	if s.text[i] == '.' {
		if i = s.digits(i + 1); i < 0 {
			return -1
		}
	}
	if c := s.text[i]; c == 'e' || c == 'E' {
		if i++; s.text[i] == '+' || s.text[i] == '-' {
			i++
		}
		return s.digits(i)
	}
	return i
}

func (s *scanner) digits(i int) int {
	if s.text[i]-'0' > 9 {
		return s.fail(i, "a digit should stand here")
	}
	for s.text[i]-'0' <= 9 {
		i++
	}
	return i
}
