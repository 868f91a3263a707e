package query

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trailsift/trailsift/source"
)

// PathStep writes a key of an object as a step of a path: as it is, or in quotes where it holds dots, colons, spaces
// and the like.
func PathStep(key string) string {
	if isBareStep(key) {
		return key
	}
	return quoteExact(key)
}

// IndexStep writes the element of an array as a step of a path.
func IndexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }

// String writes a key as in a query.
func (k Key) String() string {
	if k.Field != "" {
		return k.Field
	}
	var b strings.Builder
	for i, step := range k.Path {
		if i > 0 && !strings.HasPrefix(step, "[") {
			b.WriteByte('.')
		}
		b.WriteString(step)
	}
	return b.String()
}

func (k Key) equal(o Key) bool {
	if k.Field != o.Field || len(k.Path) != len(o.Path) {
		return false
	}
	for i := range k.Path {
		if k.Path[i] != o.Path[i] {
			return false
		}
	}
	return true
}

// isBareStep tells whether a key of an object needs no quotes in a path.
func isBareStep(key string) bool {
	if key == "" {
		return false
	}
	for _, r := range key {
		if !isStepRune(r) {
			return false
		}
	}
	first, _ := utf8.DecodeRuneInString(key)
	return first != '-'
}

// isStepRune tells which characters a step may hold without quotes. Invalid UTF-8 decodes to U+FFFD, which is none.
func isStepRune(r rune) bool {
	return r == '_' || r == '-' || r == '$' || r == '@' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

// A step is one step of a path as it is compared with a record.
type step struct {
	key     string // the key of an object
	anyKey  bool   // *
	element bool   // [n] or [*]
	index   int    // -1: any
}

// steps reads the written steps of a path.
func (k Key) steps() []step {
	out := make([]step, 0, len(k.Path))
	for _, text := range k.Path {
		switch {
		case text == "*":
			out = append(out, step{anyKey: true})
		case text == "[*]":
			out = append(out, step{element: true, index: -1})
		case strings.HasPrefix(text, "["):
			n, err := strconv.Atoi(strings.Trim(text, "[]"))
			if err != nil {
				n = 1 << 30 // no array is as long: decode limits are far below
			}
			out = append(out, step{element: true, index: n})
		case strings.HasPrefix(text, `"`):
			s := scanner{text: text}
			key, err := s.quoted(literal)
			if err != nil {
				key = text
			}
			out = append(out, step{key: key})
		default:
			out = append(out, step{key: text})
		}
	}
	return out
}

// ParsePath reads a path as it stands before the colon of a term: requestParameters.bucketName, tags[*].key.
func ParsePath(text string) (Key, error) {
	node, err := Parse(text+":*", nil, Options{})
	if err != nil {
		return Key{}, err
	}
	m, ok := node.(Match)
	if !ok || len(m.Key.Path) == 0 {
		return Key{}, &Error{End: len(text), Msg: "not a path: " + text}
	}
	return m.Key, nil
}

// PathValues are the decoded scalars of a record at a path, in order; null is no value. Damaged JSON gives those before
// the damage.
func PathValues(raw []byte, k Key) (values [][]byte) {
	steps := k.steps()
	_ = source.Walk(raw, func(path []source.Step, v source.Scalar) bool {
		if v.Kind != source.Null && v.Kind != source.Empty && leadsTo(steps, path, false) {
			values = append(values, bytes.Clone(v.Text))
		}
		return true
	})
	return values
}
