package source

import "bytes"

// parseStructText reads what Athena, Lake and Java make of structures in text: {key=value, key={…}, key=[a, b]}. That
// text is ambiguous: a comma and a space in a value, followed by something like "word=", begin another key. Values are
// strings, null is null.
func parseStructText(text []byte) (*node, bool) {
	p := structParser{text: bytes.TrimSpace(text)}
	if len(p.text) == 0 || p.text[0] != '{' && p.text[0] != '[' {
		return nil, false
	}
	n, ok := p.value(0)
	return n, ok && p.at == len(p.text)
}

// maxStructDepth bounds the nesting of a structure in text.
const maxStructDepth = 20

type structParser struct {
	text []byte
	at   int
}

func (p *structParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *structParser) value(depth int) (*node, bool) {
	if depth > maxStructDepth {
		return nil, false
	}
	start := p.at
	var n *node
	ok := false
	switch p.peek() {
	case '{':
		n, ok = p.object(depth)
	case '[':
		n, ok = p.array(depth)
	}
	if ok || depth == 0 {
		return n, ok
	}
	p.at = start // JSON perhaps, or any other text
	return p.scalar(), true
}

func (p *structParser) object(depth int) (*node, bool) {
	n := &node{kind: nodeObject}
	p.at++
	if p.peek() == '}' {
		p.at++
		return n, true
	}
	for {
		equals := bytes.IndexByte(p.text[p.at:], '=')
		if equals <= 0 || bytes.ContainsAny(p.text[p.at:p.at+equals], "{}[],\"") {
			return nil, false
		}
		key := p.text[p.at : p.at+equals]
		p.at += equals + 1
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		n.add(string(key), v)
		if more, ok := p.next('}'); !ok || !more {
			return n, ok
		}
	}
}

func (p *structParser) array(depth int) (*node, bool) {
	n := &node{kind: nodeArray}
	p.at++
	if p.peek() == ']' {
		p.at++
		return n, true
	}
	for {
		v, ok := p.value(depth + 1)
		if !ok {
			return nil, false
		}
		n.vals = append(n.vals, v)
		if more, ok := p.next(']'); !ok || !more {
			return n, ok
		}
	}
}

// next goes over a comma and a space, or over the closing bracket.
func (p *structParser) next(closing byte) (more, ok bool) {
	switch {
	case p.peek() == closing:
		p.at++
		return false, true
	case bytes.HasPrefix(p.text[p.at:], []byte(", ")):
		p.at += 2
		return true, true
	}
	return false, false
}

// scalar reads up to the next key, element or closing bracket. JSON and other text with balanced brackets is one value.
func (p *structParser) scalar() *node {
	start, open, quoted := p.at, 0, false
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			quoted = !quoted && open > 0
		case quoted:
		case c == '{' || c == '[':
			open++
		case (c == '}' || c == ']') && open > 0:
			open--
		case c == '}' || c == ']':
			return scalarNode(p.text[start:p.at])
		case c == ',' && open == 0 && p.beginsMember():
			return scalarNode(p.text[start:p.at])
		}
	}
	return scalarNode(p.text[start:p.at])
}

// beginsMember tells a comma behind which "word=" stands, or a list's next element.
func (p *structParser) beginsMember() bool {
	rest := p.text[p.at:]
	if len(rest) < 3 || rest[1] != ' ' {
		return false
	}
	for _, c := range rest[2:min(len(rest), 130)] {
		switch c {
		case '=':
			return true
		case ' ', '}':
			return false
		case ',', ']':
			return true
		}
	}
	return false
}

func scalarNode(text []byte) *node {
	if string(text) == "null" {
		return &node{kind: nodeNull}
	}
	return &node{kind: nodeString, text: text}
}
