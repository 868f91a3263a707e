package widget

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
)

// A Node is a value of a JSON text, in the order and with the numbers as written.
type Node struct {
	Key      string // object key; "" in an array
	Index    int    // place in an array, -1 in an object
	Kind     NodeKind
	Text     string // String: the decoded value; Number, Bool, Null: as written
	Parent   *Node
	Children []*Node
	Open     bool
	// Inner is set on a string's child that was read out of the string's own text.
	Inner    bool
	keyCells int // widest key of the object it stands in, at most maxKeyCells
}

// NodeKind is the kind of a JSON value.
type NodeKind uint8

// The kinds.
const (
	Object NodeKind = iota
	Array
	String
	Number
	Bool
	Null
)

// maxKeyCells is how far values are aligned behind keys.
const maxKeyCells = 22

// ParseTree reads JSON text; objects and arrays down to openDepth are open.
func ParseTree(raw []byte, openDepth int) (*Node, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	root := &Node{Index: -1}
	if err := root.read(d, openDepth); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("read JSON: text behind the value at byte %d", d.InputOffset())
	}
	return root, nil
}

func (n *Node) read(d *json.Decoder, openDepth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	switch v := t.(type) {
	case json.Delim:
		n.Kind, n.Open = Object, openDepth > 0
		if v == '[' {
			n.Kind = Array
		}
		return n.readChildren(d, openDepth-1)
	case string:
		n.Kind, n.Text = String, v
	case json.Number:
		n.Kind, n.Text = Number, v.String()
	case bool:
		n.Kind, n.Text = Bool, strconv.FormatBool(v)
	case nil:
		n.Kind, n.Text = Null, "null"
	}
	return nil
}

func (n *Node) readChildren(d *json.Decoder, openDepth int) error {
	widest := 0
	for d.More() {
		c := &Node{Index: -1, Parent: n, Inner: n.Inner}
		if n.Kind == Object {
			t, err := d.Token()
			if err != nil {
				return err
			}
			c.Key, _ = t.(string)
		} else {
			c.Index = len(n.Children)
		}
		if err := c.read(d, openDepth); err != nil {
			return err
		}
		n.Children = append(n.Children, c)
		widest = max(widest, text.Width(c.Name()))
	}
	for _, c := range n.Children {
		c.keyCells = min(widest, maxKeyCells)
	}
	_, err := d.Token()
	return err
}

// Name is the key or the place in the array, as visible text.
func (n *Node) Name() string {
	if n.Index >= 0 {
		return "[" + strconv.Itoa(n.Index) + "]"
	}
	return text.Visible(n.Key)
}

// Folds reports whether the node has an inside: an object, an array, or a string that is itself JSON.
func (n *Node) Folds() bool {
	if n.Kind == Object || n.Kind == Array {
		return len(n.Children) > 0
	}
	return n.Kind == String && holdsJSON(n.Text)
}

// holdsJSON reports whether a string's value is an object or an array in JSON.
func holdsJSON(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) > 2 && (s[0] == '{' || s[0] == '[') && json.Valid([]byte(s))
}

// SetOpen folds or unfolds the node; a string's inside is read when it is first opened.
func (n *Node) SetOpen(open bool) {
	if !n.Folds() {
		return
	}
	n.Open = open
	if n.Kind == String && open && n.Children == nil {
		inner, err := ParseTree([]byte(n.Text), 2)
		if err != nil {
			n.Open = false
			return
		}
		n.adopt(inner)
	}
}

func (n *Node) adopt(inner *Node) {
	n.Children = inner.Children
	for _, c := range n.Children {
		c.Parent = n
		c.Walk(func(m *Node) { m.Inner = true })
	}
}

// Walk visits the node and all below it, in order.
func (n *Node) Walk(visit func(*Node)) {
	visit(n)
	for _, c := range n.Children {
		c.Walk(visit)
	}
}

// A Step is one step of the way to a node: a key, or a place in an array.
type Step struct {
	Key   string
	Index int // -1 for a key
}

// Path is the way from the root.
func (n *Node) Path() []Step {
	var p []Step
	for m := n; m.Parent != nil; m = m.Parent {
		p = append(p, Step{m.Key, m.Index})
	}
	slices.Reverse(p)
	return p
}

// Find is the first node below n whose key is name, not looking into open strings; nil where there is none.
func (n *Node) Find(name string) *Node {
	for _, c := range n.Children {
		if c.Key == name {
			return c
		}
	}
	return nil
}

// JSON writes the node's value: numbers as written, strings with the escapes JSON needs.
func (n *Node) JSON() string {
	var b strings.Builder
	n.write(&b, "")
	return b.String()
}

func (n *Node) write(b *strings.Builder, indent string) {
	switch n.Kind {
	case String:
		b.WriteString(text.Quote(n.Text))
	case Object, Array:
		n.writeChildren(b, indent)
	default:
		b.WriteString(n.Text)
	}
}

func (n *Node) writeChildren(b *strings.Builder, indent string) {
	borders := "{}"
	if n.Kind == Array {
		borders = "[]"
	}
	b.WriteByte(borders[0])
	for i, c := range n.Children {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n" + indent + "  ")
		if n.Kind == Object {
			b.WriteString(text.Quote(c.Key) + ": ")
		}
		c.write(b, indent+"  ")
	}
	if len(n.Children) > 0 {
		b.WriteString("\n" + indent)
	}
	b.WriteByte(borders[1])
}
