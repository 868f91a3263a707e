package source

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A draft is a record that is put together from the values of an export, in the order that CloudTrail writes.
type draft struct{ root node }

func newDraft() *draft { return &draft{node{kind: nodeObject}} }

// put sets the value at a path of keys, dots between them. A value that is not there or null, and one that was set, is
// left alone.
func (d *draft) put(path string, v *node) {
	if v == nil || v.kind == nodeNull {
		return
	}
	at := &d.root
	for {
		key, rest, more := strings.Cut(path, ".")
		next := at.get(key)
		switch {
		case !more && next != nil:
			return
		case !more:
			at.add(key, v)
			return
		case next == nil:
			next = &node{kind: nodeObject}
			at.add(key, next)
		case next.kind != nodeObject:
			return
		}
		at, path = next, rest
	}
}

func (n *node) add(key string, v *node) {
	n.keys, n.vals = append(n.keys, []byte(key)), append(n.vals, v)
}

// record is the text of the draft, nil where too little is known for a record: it must have a name.
func (d *draft) record() []byte {
	if d.root.get("eventName") == nil && d.root.get("insightDetails") == nil {
		return nil
	}
	return appendNode(nil, &d.root)
}

// A conversion makes a value of CloudTrail from one of an export; nil where it is none.
type conversion func(*node) *node

// asIs takes strings that are not empty, and all other values.
func asIs(n *node) *node {
	if n == nil || n.kind == nodeString && len(n.text) == 0 {
		return nil
	}
	return n
}

// asText takes scalars as strings.
func asText(n *node) *node {
	if n = asIs(n); n == nil || n.text == nil {
		return nil
	}
	return &node{kind: nodeString, text: n.text}
}

// asBool takes true and false, also as strings.
func asBool(n *node) *node {
	switch text := strings.ToLower(string(n.scalar())); text {
	case "true", "false":
		return &node{kind: nodeBool, text: []byte(text)}
	}
	return asIs(n)
}

// asObject takes objects and lists, also as JSON or as {key=value} in a string; other text as it is.
func asObject(n *node) *node {
	if n = asIs(n); n == nil || n.kind != nodeString {
		return n
	}
	if root, err := parseTree(n.text); err == nil {
		if root.kind == nodeString {
			return n
		}
		return root
	}
	if root, ok := parseStructText(n.text); ok {
		return root
	}
	return n
}

// asTime takes text as it is, and numbers as seconds since 1970, perhaps with a fraction, or milliseconds.
func asTime(n *node) *node {
	if n = asIs(n); n == nil || n.kind != nodeNumber {
		return n
	}
	whole, fraction, _ := strings.Cut(string(n.text), ".")
	v, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || v < 0 || v > 1<<53 {
		return asText(n)
	}
	at := time.UnixMilli(v)
	if v < 1e11 { // as milliseconds, before March 1973
		ms, _ := strconv.ParseInt((fraction + "000")[:3], 10, 64) // 0 where it is no number
		at = time.UnixMilli(v*1000 + ms)
	}
	return &node{kind: nodeString, text: at.UTC().AppendFormat(nil, "2006-01-02T15:04:05.999Z07:00")}
}

// A move says where a value of an export belongs: the first of the places that has one.
type move struct {
	to   string
	from []string
	as   conversion
}

// rebuild makes a record out of the values of root, nil where too little is there.
func rebuild(root *node, moves []move) []byte {
	d := newDraft()
	for _, m := range moves {
		for _, from := range m.from {
			if v := m.as(root.seek(from)); v != nil {
				d.put(m.to, v)
				break
			}
		}
	}
	return d.record()
}

// seek follows a path of keys with dots between them; a key may itself hold dots, as exports flatten objects.
func (n *node) seek(path string) *node {
	if n == nil || n.kind != nodeObject {
		return nil
	}
	if v := n.get(path); v != nil {
		return v
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if v := n.get(path[:i]).seek(path[i+1:]); v != nil {
			return v
		}
	}
	return nil
}

// appendNode appends a value as JSON without white space. Text that is not UTF-8 is made so.
func appendNode(dst []byte, n *node) []byte {
	switch n.kind {
	case nodeNull:
		return append(dst, "null"...)
	case nodeBool, nodeNumber:
		return append(dst, n.text...)
	case nodeString:
		return appendQuoted(dst, n.text)
	case nodeObject:
		dst = append(dst, '{')
		for i, v := range n.vals {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, n.keys[i]), ':')
			dst = appendNode(dst, v)
		}
		return append(dst, '}')
	case nodeArray:
		dst = append(dst, '[')
		for i, v := range n.vals {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendNode(dst, v)
		}
		return append(dst, ']')
	}
	return dst
}

// appendQuoted appends text as a JSON string.
func appendQuoted(dst, text []byte) []byte {
	const digits = "0123456789abcdef"
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, digits[c>>4], digits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
