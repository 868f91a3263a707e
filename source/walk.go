package source

// A Kind is the kind of a scalar.
type Kind uint8

// The kinds. Empty is an object or array without members.
const (
	String Kind = iota
	Number
	Bool
	Null
	Empty
)

// A Step is one step from the root of a JSON text to a value: a key of an object, or an index of an array.
type Step struct {
	Key   []byte // decoded; nil for an element of an array
	Index int    // -1 for a key
}

// A Scalar is a value without members.
type Scalar struct {
	Text []byte // a string's decoded text; numbers, true, false and null as written; {} or [] where Empty
	Kind Kind
}

// Walk visits every scalar of a JSON text in order, decoded; numbers stay as written, repeated keys are all visited. The
// path and the texts are valid until visit returns. visit returns false to stop. The error says where raw is not JSON
// (RFC 8259, nested 1,000 deep at most; text that is not UTF-8 is let pass); values before that place were visited.
func Walk(raw []byte, visit func(path []Step, v Scalar) bool) error {
	var w Walker
	return w.Walk(raw, visit)
}

// A Walker walks one text after the other and reuses its buffers: it copies a text before it walks it, and allocates
// nothing in the long run. It is not safe for concurrent use.
type Walker struct {
	scan  scanner
	path  []Step
	visit func(path []Step, v Scalar) bool
}

// Walk is the function Walk.
func (w *Walker) Walk(raw []byte, visit func(path []Step, v Scalar) bool) error {
	s := &w.scan
	s.text = append(append(s.text[:0], raw...), 0, 0, 0, 0, 0, 0, 0, 0)
	s.n, s.stop, s.arena = len(raw), scanned, s.arena[:0]
	w.path, w.visit = w.path[:0], visit
	i := w.value(s.space(0), 0)
	w.visit = nil
	switch {
	case i < 0 && s.stop == scanned:
		return nil // stopped by visit
	case i < 0:
		return &syntaxError{s.failAt, s.reason}
	}
	if i = s.space(i); i < len(raw) {
		return &syntaxError{i, "more text after the value"}
	}
	return nil
}

// give visits the scalar text[i:end] of kind.
func (w *Walker) give(i, end int, kind Kind) int {
	if end < 0 || !w.visit(w.path, Scalar{w.scan.text[i:end:end], kind}) {
		return -1
	}
	return end
}

func (w *Walker) value(i, depth int) int {
	s := &w.scan
	switch s.text[i] {
	case '"':
		return w.str(i)
	case '{':
		return w.object(i, depth+1)
	case '[':
		return w.array(i, depth+1)
	case 't', 'f':
		return w.give(i, s.skip(i, depth), Bool)
	case 'n':
		return w.give(i, s.skip(i, depth), Null)
	}
	return w.give(i, s.skip(i, depth), Number)
}

func (w *Walker) str(i int) int {
	s := &w.scan
	end := s.str(i + 1)
	if end < 0 {
		return -1
	}
	used := len(s.arena)
	ok := w.visit(w.path, Scalar{s.decoded(i+1, end), String})
	s.arena = s.arena[:used]
	if !ok {
		return -1
	}
	return end + 1
}

func (w *Walker) object(i, depth int) int {
	s := &w.scan
	if depth > maxDepth {
		return s.deep(i)
	}
	start := i
	if i = s.space(i + 1); s.text[i] == '}' {
		return w.empty(i, start, "{}")
	}
	at, used := len(w.path), len(s.arena)
	w.path = append(w.path, Step{Index: -1})
	for {
		if s.text[i] != '"' {
			return s.fail(i, "a key should stand here")
		}
		end := s.str(i + 1)
		if end < 0 {
			return -1
		}
		w.path[at].Key = s.decoded(i+1, end)
		if i = s.colon(end + 1); i < 0 {
			return -1
		}
		if i = w.value(i, depth); i < 0 {
			return -1
		}
		s.arena = s.arena[:used]
		var more bool
		if i, more = s.next(i, '}'); !more {
			w.path = w.path[:at]
			return i
		}
	}
}

func (w *Walker) array(i, depth int) int {
	s := &w.scan
	if depth > maxDepth {
		return s.deep(i)
	}
	start := i
	if i = s.space(i + 1); s.text[i] == ']' {
		return w.empty(i, start, "[]")
	}
	at := len(w.path)
	w.path = append(w.path, Step{})
	for {
		if i = w.value(i, depth); i < 0 {
			return -1
		}
		w.path[at].Index++
		var more bool
		if i, more = s.next(i, ']'); !more {
			w.path = w.path[:at]
			return i
		}
	}
}

// empty visits an object or array without members, whose closing bracket is at i.
func (w *Walker) empty(i, start int, text string) int {
	if i == start+1 {
		return w.give(start, i+1, Empty)
	}
	if !w.visit(w.path, Scalar{[]byte(text), Empty}) {
		return -1
	}
	return i + 1
}
