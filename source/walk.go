package source

import "strconv"

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
// path is valid until visit returns, texts as long as raw. visit returns false to stop. The error says where raw is not
// JSON (RFC 8259, nested 1,000 deep at most); values before that place may have been visited.
func Walk(raw []byte, visit func(path []Step, v Scalar) bool) error {
	root, err := parseTree(raw)
	if err != nil {
		return err
	}
	walkTree(root, nil, visit)
	return nil
}

func walkTree(n *node, path []Step, visit func(path []Step, v Scalar) bool) bool {
	switch n.kind {
	case nodeString:
		return visit(path, Scalar{n.text, String})
	case nodeNumber:
		return visit(path, Scalar{n.text, Number})
	case nodeBool:
		return visit(path, Scalar{n.text, Bool})
	case nodeNull:
		return visit(path, Scalar{[]byte("null"), Null})
	}
	if len(n.vals) == 0 {
		text := "{}"
		if n.kind == nodeArray {
			text = "[]"
		}
		return visit(path, Scalar{[]byte(text), Empty})
	}
	for i, v := range n.vals {
		step := Step{Index: i}
		if n.kind == nodeObject {
			step = Step{n.keys[i], -1}
		}
		if !walkTree(v, append(path, step), visit) {
			return false
		}
	}
	return true
}

// Unescape gives the text that a JSON string stands for, given what is between its quotes: how a record of FormString
// becomes Raw again. The text is appended to dst.
func Unescape(dst, inside []byte) ([]byte, error) {
	n, err := parseTree(append(append([]byte{'"'}, inside...), '"'))
	if err != nil {
		return dst, err
	}
	if n.kind != nodeString {
		return dst, &syntaxError{0, "not a string: " + strconv.Itoa(int(n.kind))}
	}
	return append(dst, n.text...), nil
}
