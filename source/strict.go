package source

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxDepth is how deep objects and arrays may nest in one record. Real records reach 11 levels; encoding/json allows
// 10,000. A deeper record is skipped with this as the reason.
const maxDepth = 1000

// A syntaxError says where a text stops being JSON as RFC 8259 has it.
type syntaxError struct {
	offset int
	reason string
}

func (e *syntaxError) Error() string {
	return "not valid JSON at byte " + strconv.Itoa(e.offset) + ": " + e.reason
}

// A node is a JSON value as a tree: the slow, complete form that the one-pass scanner is held against, and that answers
// for records whose shape the scanner does not handle itself.
type node struct {
	kind nodeKind
	text []byte   // decoded text of a string; a number, true or false as written
	keys [][]byte // decoded keys of an object, in order, repeated ones too
	vals []*node  // values of an object, or elements of an array
	// The value's place in the text, quotes included.
	start, end int
}

type nodeKind uint8

const (
	nodeNull nodeKind = iota
	nodeBool
	nodeNumber
	nodeString
	nodeObject
	nodeArray
)

// get is the value of a key, the last one where the key is repeated (as encoding/json has it), nil where there is none.
func (n *node) get(key string) *node {
	if n == nil || n.kind != nodeObject {
		return nil
	}
	for i, k := range slices.Backward(n.keys) {
		if string(k) == key {
			return n.vals[i]
		}
	}
	return nil
}

// at follows a path of keys.
func (n *node) at(path ...string) *node {
	for _, key := range path {
		n = n.get(key)
	}
	return n
}

// scalar is the text of a string, number or boolean, nil for anything else. It is not nil for "".
func (n *node) scalar() []byte {
	if n == nil {
		return nil
	}
	return n.text
}

// parseTree reads one JSON value with nothing but white space around it.
func parseTree(text []byte) (*node, error) {
	p := treeParser{text: text}
	p.space()
	n, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(text) {
		return nil, p.fail("more text after the value")
	}
	return n, nil
}

// maxValues bounds the values of a tree, at some 150 bytes each.
const maxValues = 1 << 19

// A treeParser is a plain recursive descent over a whole text. It is written to be read, not to be fast.
type treeParser struct {
	text   []byte
	at     int
	values int // so far
}

func (p *treeParser) fail(reason string) error {
	if p.at >= len(p.text) {
		reason = "unexpected end"
	}
	return &syntaxError{p.at, reason}
}

func (p *treeParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *treeParser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *treeParser) value(depth int) (n *node, err error) {
	start := p.at
	if p.values++; p.values > maxValues {
		return nil, p.fail("more than 524,288 values")
	}
	switch c := p.peek(); {
	case c == '{':
		n, err = p.object(depth + 1)
	case c == '[':
		n, err = p.array(depth + 1)
	case c == '"':
		n = &node{kind: nodeString}
		n.text, err = p.str()
	case c == '-' || '0' <= c && c <= '9':
		n, err = p.number()
	default:
		n, err = p.literal()
	}
	if err != nil {
		return nil, err
	}
	n.start, n.end = start, p.at
	return n, nil
}

func (p *treeParser) object(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, p.fail("nested too deep")
	}
	n := &node{kind: nodeObject}
	p.at++
	p.space()
	if p.peek() == '}' {
		p.at++
		return n, nil
	}
	for {
		if p.peek() != '"' {
			return nil, p.fail("a key should stand here")
		}
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.peek() != ':' {
			return nil, p.fail("a colon should stand here")
		}
		p.at++
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		n.keys, n.vals = append(n.keys, key), append(n.vals, v)
		more, err := p.next('}')
		if !more {
			return n, err
		}
	}
}

func (p *treeParser) array(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, p.fail("nested too deep")
	}
	n := &node{kind: nodeArray}
	p.at++
	p.space()
	if p.peek() == ']' {
		p.at++
		return n, nil
	}
	for {
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		n.vals = append(n.vals, v)
		more, err := p.next(']')
		if !more {
			return n, err
		}
	}
}

// next goes over a comma to the next member, or over the closing bracket.
func (p *treeParser) next(closing byte) (more bool, err error) {
	p.space()
	switch p.peek() {
	case ',':
		p.at++
		p.space()
		return true, nil
	case closing:
		p.at++
		return false, nil
	}
	return false, p.fail("a comma or " + string(closing) + " should stand here")
}

func (p *treeParser) str() ([]byte, error) {
	p.at++
	out := []byte{}
	for {
		if p.at >= len(p.text) {
			return nil, p.fail("")
		}
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return out, nil
		case c < ' ':
			return nil, p.fail("a control character in a string")
		case c == '\\':
			r, raw, err := p.escape()
			if err != nil {
				return nil, err
			}
			if raw != 0 {
				out = append(out, raw)
			} else {
				out = utf8.AppendRune(out, r)
			}
		default:
			out = append(out, c)
			p.at++
		}
	}
}

// escape reads one escape, or two that make a surrogate pair. A surrogate alone becomes U+FFFD, as in encoding/json.
func (p *treeParser) escape() (r rune, raw byte, err error) {
	p.at++
	c := p.peek()
	switch c {
	case '"', '\\', '/':
		raw = c
	case 'b':
		raw = '\b'
	case 'f':
		raw = '\f'
	case 'n':
		raw = '\n'
	case 'r':
		raw = '\r'
	case 't':
		raw = '\t'
	case 'u':
		r, err = p.unicode()
		return r, 0, err
	default:
		return 0, 0, p.fail("an unknown escape")
	}
	p.at++
	return 0, raw, nil
}

func (p *treeParser) unicode() (rune, error) {
	r, err := p.hex()
	if err != nil || r < 0xD800 || r > 0xDFFF {
		return r, err
	}
	if r > 0xDBFF || p.at+1 >= len(p.text) || p.text[p.at] != '\\' || p.text[p.at+1] != 'u' {
		return utf8.RuneError, nil
	}
	second := *p
	second.at++
	low, err := second.hex()
	if err != nil {
		*p = second
		return 0, err
	}
	if low < 0xDC00 || low > 0xDFFF {
		return utf8.RuneError, nil
	}
	*p = second
	return (r-0xD800)<<10 | (low - 0xDC00) + 0x10000, nil
}

// hex reads the four digits after a u.
func (p *treeParser) hex() (rune, error) {
	p.at++
	var r rune
	for range 4 {
		c := p.peek()
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, p.fail("four hexadecimal digits should stand here")
		}
		r = r<<4 | rune(c)
		p.at++
	}
	return r, nil
}

func (p *treeParser) number() (*node, error) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if err := p.digits(); err != nil {
		return nil, err
	}
	if p.peek() == '.' {
		p.at++
		if err := p.digits(); err != nil {
			return nil, err
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if err := p.digits(); err != nil {
			return nil, err
		}
	}
	return &node{kind: nodeNumber, text: p.text[start:p.at]}, nil
}

func (p *treeParser) digits() error {
	if c := p.peek(); c < '0' || c > '9' {
		return p.fail("a digit should stand here")
	}
	for '0' <= p.peek() && p.peek() <= '9' {
		p.at++
	}
	return nil
}

func (p *treeParser) literal() (*node, error) {
	var word string
	kind := nodeBool
	switch p.peek() {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	case 'n':
		word, kind = "null", nodeNull
	default:
		return nil, p.fail("a value should stand here")
	}
	start := p.at
	for i := range len(word) {
		if p.peek() != word[i] {
			return nil, p.fail("a value should stand here")
		}
		p.at++
	}
	n := &node{kind: kind}
	if kind == nodeBool {
		n.text = p.text[start:p.at]
	}
	return n, nil
}
