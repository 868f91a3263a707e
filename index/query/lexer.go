package query

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a text; beyond them it is refused. A list of 1,000 addresses has some 20 KB.
const (
	MaxText  = 64 << 10 // bytes
	MaxDepth = 100      // parentheses and negations inside each other
	maxKey   = 512      // bytes of one key
)

// A scanner reads the smallest parts of a text. The text is valid UTF-8.
type scanner struct {
	text string
	pos  int
}

// A form says what backslashes mean in a value.
type form uint8

const (
	literal form = iota // the text itself
	pattern             // as Match.Value: \* \? \\ stay, so that * and ? are wildcards
)

func (s *scanner) done() bool { return s.pos >= len(s.text) }

// peek is the byte at the position plus n, 0 beyond the end.
func (s *scanner) peek(n int) byte {
	if s.pos+n < len(s.text) {
		return s.text[s.pos+n]
	}
	return 0
}

func (s *scanner) space() {
	for !s.done() {
		r, n := utf8.DecodeRuneInString(s.text[s.pos:])
		if !unicode.IsSpace(r) {
			return
		}
		s.pos += n
	}
}

func (s *scanner) fail(pos, end int, msg, hint string) *Error {
	return &Error{Pos: pos, End: end, Msg: msg, Hint: hint}
}

// isDelimiter tells what ends a text without quotes.
func isDelimiter(r rune) bool {
	return r == '(' || r == ')' || r == '"' || unicode.IsSpace(r)
}

// bareEnd is where the text without quotes that begins at the position ends.
func (s *scanner) bareEnd() int {
	i := strings.IndexFunc(s.text[s.pos:], isDelimiter)
	if i < 0 {
		return len(s.text)
	}
	return s.pos + i
}

// keyword takes OR, AND or NOT if it stands here as a word of its own.
func (s *scanner) keyword(word string) bool {
	if strings.HasPrefix(s.text[s.pos:], word) && s.bareEnd() == s.pos+len(word) {
		s.pos += len(word)
		return true
	}
	return false
}

// bare takes a text without quotes. In a pattern a backslash escapes * ? and itself, before anything else it is one; in
// a literal it is always one.
func (s *scanner) bare(f form) (string, error) {
	start, end := s.pos, s.bareEnd()
	for i, r := range s.text[start:end] {
		if !unicode.IsPrint(r) {
			return "", s.fail(start+i, start+i+utf8.RuneLen(r), "a character that cannot be seen",
				`inside quotes it is written \u{`+strconv.FormatInt(int64(r), 16)+"}")
		}
	}
	if end < len(s.text) && end > start {
		switch s.text[end] {
		case '(':
			return "", s.fail(end, end+1, "a parenthesis inside a word", "put quotes around text with parentheses, or a space before the group")
		case '"':
			return "", s.fail(end, end+1, "a quotation mark inside a word", `write \" inside quotes, or put a space before a quoted text`)
		}
	}
	s.pos = end
	text := s.text[start:end]
	if f == literal {
		return text, nil
	}
	return normalPattern(text), nil
}

// normalPattern doubles the backslashes that escape nothing and joins runs of stars.
func normalPattern(text string) string {
	if !strings.Contains(text, `\`) && !strings.Contains(text, "**") {
		return text
	}
	var b strings.Builder
	star := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '*' && star {
			continue
		}
		star = c == '*'
		b.WriteByte(c)
		if c != '\\' {
			continue
		}
		if i+1 < len(text) && strings.IndexByte(`*?\`, text[i+1]) >= 0 {
			i++
			b.WriteByte(text[i])
		} else {
			b.WriteByte('\\')
		}
	}
	return b.String()
}

// quoted takes a text in quotes. The escapes are \" \\ \* \? \n \r \t \u{HEX} for a character and \xHH for a byte.
func (s *scanner) quoted(f form) (string, error) {
	start := s.pos
	var b strings.Builder
	for s.pos++; !s.done(); {
		c := s.text[s.pos]
		switch c {
		case '"':
			s.pos++
			if f == pattern {
				return joinStars(b.String()), nil
			}
			return b.String(), nil
		case '\\':
			if err := s.escape(&b, f); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			s.pos++
		}
	}
	return "", s.fail(start, len(s.text), "the quotation mark is not closed", "")
}

// joinStars is normalPattern for a text whose backslashes all escape something.
func joinStars(text string) string {
	if !strings.Contains(text, "**") {
		return text
	}
	return normalPattern(text)
}

func (s *scanner) escape(b *strings.Builder, f form) error {
	start := s.pos
	c := s.peek(1)
	s.pos += 2
	switch c {
	case '"':
		b.WriteByte('"')
	case '\\', '*', '?':
		if f == pattern {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'x':
		n, err := strconv.ParseUint(s.text[min(s.pos, len(s.text)):min(s.pos+2, len(s.text))], 16, 8)
		if err != nil || len(s.text) < s.pos+2 {
			return s.badEscape(start)
		}
		b.WriteByte(byte(n))
		s.pos += 2
	case 'u':
		rest := s.text[min(s.pos, len(s.text)):]
		end := strings.IndexByte(rest, '}')
		if end < 2 || rest[0] != '{' {
			return s.badEscape(start)
		}
		n, err := strconv.ParseUint(rest[1:end], 16, 32)
		if err != nil || !utf8.ValidRune(rune(n)) || n > unicode.MaxRune {
			return s.badEscape(start)
		}
		b.WriteRune(rune(n))
		s.pos += end + 1
	default:
		return s.badEscape(start)
	}
	return nil
}

func (s *scanner) badEscape(start int) error {
	_, n := utf8.DecodeRuneInString(s.text[min(start+1, len(s.text)):])
	return s.fail(start, min(start+1+n, len(s.text)), "an unknown escape",
		`inside quotes there are \" \\ \* \? \n \r \t \u{202e} and \xff; a backslash itself is \\`)
}

// regex takes /expr/ if it stands here: a slash, an expression whose slashes are escaped, and a slash at the end of the
// term. What only begins with a slash is no expression ("/aws/lambda/name").
func (s *scanner) regex() (expr string, ok bool) {
	var b strings.Builder
	for i := s.pos + 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\\' && i+1 < len(s.text):
			i++
			if s.text[i] != '/' {
				b.WriteByte('\\')
			}
			b.WriteByte(s.text[i])
		case c == '/':
			next, _ := utf8.DecodeRuneInString(s.text[i+1:])
			if i+1 < len(s.text) && next != ')' && !unicode.IsSpace(next) {
				return "", false
			}
			s.pos = i + 1
			return b.String(), b.Len() > 0
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// A keyText is a key as written with the operator after it.
type keyText struct {
	steps    []string // as Key.Path
	op       string   // ":", "=", "!="
	pos, end int      // of the key without the operator
}

// key takes a key and its operator if they stand here.
func (s *scanner) key() (k keyText, ok bool) {
	start := s.pos
	defer func() {
		if !ok {
			s.pos = start
		}
	}()
	if isAddress(s.text[start:s.bareEnd()]) || isARN(s.text[start:]) {
		return k, false
	}
	k.pos = start
	for first := true; ; first = false {
		step, ok := s.step(first)
		if !ok {
			return k, false
		}
		k.steps = append(k.steps, step)
		k.end = s.pos
		switch {
		case s.peek(0) == '.':
			s.pos++
		case s.peek(0) == '[':
		case s.peek(0) == ':' || s.peek(0) == '=':
			k.op = s.text[s.pos : s.pos+1]
			s.pos++
			return k, true
		case s.peek(0) == '!' && s.peek(1) == '=':
			k.op = "!="
			s.pos += 2
			return k, true
		default:
			return k, false
		}
	}
}

// step takes one step of a path, in the form of Key.Path.
func (s *scanner) step(first bool) (string, bool) {
	rest := s.text[s.pos:]
	switch {
	case strings.HasPrefix(rest, `"`):
		key, err := s.quoted(literal)
		if err != nil {
			return "", false
		}
		if first {
			return quoteExact(key), true // quoted stays quoted: "errorCode" is the path, errorCode may be a field
		}
		return PathStep(key), true
	case first:
		r, _ := utf8.DecodeRuneInString(rest)
		if r == '-' || unicode.IsDigit(r) {
			return "", false
		}
	case strings.HasPrefix(rest, "["):
		return s.element()
	case strings.HasPrefix(rest, "*"):
		s.pos++
		return "*", true
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return !isStepRune(r) })
	if end < 0 {
		end = len(rest)
	}
	s.pos += end
	if !isBareStep(rest[:end]) {
		return "", false
	}
	return rest[:end], true
}

// element takes [3] or [*].
func (s *scanner) element() (string, bool) {
	rest := s.text[s.pos:]
	end := strings.IndexByte(rest, ']')
	if end < 2 || end > 10 {
		return "", false
	}
	inside := rest[1:end]
	s.pos += end + 1
	if inside == "*" {
		return "[*]", true
	}
	n, err := strconv.ParseUint(inside, 10, 31)
	if err != nil {
		return "", false
	}
	return IndexStep(int(n)), true
}

// isARN tells an ARN from a term of the field arn, whose values begin with "arn:" themselves.
func isARN(text string) bool {
	if len(text) < 7 || !strings.EqualFold(text[:7], "arn:aws") {
		return false
	}
	rest := strings.TrimLeft(text[7:], "abcdefghijklmnopqrstuvwxyz-")
	return strings.HasPrefix(rest, ":")
}
