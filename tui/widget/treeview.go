package widget

import (
	"fmt"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
)

// A Tree is a JSON tree on screen: which lines it has, cursor and scroll, and the find.
type Tree struct {
	Window
	Root  *Node
	cells int
	wrap  bool
	lines []TreeLine
	find  string
	// show gives what stands on screen for a value; a masked one is not its text.
	show func(n *Node) string
}

// A TreeLine is one line of a tree: the first of a node, or (Rest) one more of a wrapped value.
type TreeLine struct {
	Node  *Node
	Rest  bool
	Value string // visible text, at most as long as the line
}

// NewTree is a tree with the cursor on its first line. show gives what is drawn for a scalar value, not yet visible.
func NewTree(root *Node, show func(n *Node) string) *Tree {
	t := &Tree{Root: root, show: show}
	t.layout()
	return t
}

// SetSize sets the cells and lines there are to draw in.
func (t *Tree) SetSize(cells, lines int) {
	t.H = lines
	if cells != t.cells {
		t.cells = cells
		t.layout()
	}
	t.Resize(len(t.lines), lines)
}

// ToggleWrap switches between one line a value and as many as it needs.
func (t *Tree) ToggleWrap() bool {
	t.wrap = !t.wrap
	t.layout()
	return t.wrap
}

// Node is the node under the cursor, nil in an empty tree.
func (t *Tree) Node() *Node {
	if t.Cursor >= len(t.lines) {
		return nil
	}
	return t.lines[t.Cursor].Node
}

// Line is line i.
func (t *Tree) Line(i int) TreeLine { return t.lines[i] }

// Depth is the number of nodes a node stands in, the root not counted.
func (n *Node) Depth() int {
	d := -1
	for m := n.Parent; m != nil; m = m.Parent {
		d++
	}
	return max(d, 0)
}

// Indent is the column where the node's name begins.
func (t *Tree) Indent(n *Node) int { return min(2*n.Depth(), max(t.cells/2, 0)) }

// valueColumn is the column where the node's value begins.
func (t *Tree) valueColumn(n *Node) int {
	return min(t.Indent(n)+4+max(n.keyCells, min(text.Width(n.Name()), 2*maxKeyCells)), max(t.cells-8, 0))
}

// layout makes the list of lines from what is open; the cursor stays on its node.
func (t *Tree) layout() {
	at := t.Node()
	t.lines = t.lines[:0]
	if t.Root != nil {
		for _, c := range t.Root.Children {
			t.add(c)
		}
		if len(t.Root.Children) == 0 && t.Root.Kind != Object && t.Root.Kind != Array {
			t.add(t.Root)
		}
	}
	t.Resize(len(t.lines), t.H)
	if at != nil {
		t.goTo(at)
	}
}

func (t *Tree) add(n *Node) {
	value := t.valueText(n)
	room := max(t.cells-t.valueColumn(n), 4)
	if t.wrap && !n.Open && text.Width(value) > room {
		for i, part := range text.Wrap(value, room) {
			t.lines = append(t.lines, TreeLine{Node: n, Rest: i > 0, Value: part})
		}
	} else {
		t.lines = append(t.lines, TreeLine{Node: n, Value: text.Cut(value, room)})
	}
	if n.Open {
		for _, c := range n.Children {
			t.add(c)
		}
	}
}

// valueText is what stands behind a node's name.
func (t *Tree) valueText(n *Node) string {
	switch {
	case n.Kind == Object && len(n.Children) == 0:
		return "{}"
	case n.Kind == Array && len(n.Children) == 0:
		return "[]"
	case n.Kind == Object:
		return fmt.Sprintf("{%d}", len(n.Children))
	case n.Kind == Array:
		return fmt.Sprintf("[%d]", len(n.Children))
	case n.Kind == String && n.Open:
		return "(JSON inside a string)"
	}
	return t.show(n)
}

// goTo puts the cursor on a node's line, or on that of the nearest node above it that is seen.
func (t *Tree) goTo(n *Node) {
	for m := n; m != nil; m = m.Parent {
		for i, l := range t.lines {
			if l.Node == m {
				t.To(i)
				return
			}
		}
	}
}

// Fold closes the node under the cursor or, where it is closed or has no inside, goes to the one it stands in.
func (t *Tree) Fold() {
	n := t.Node()
	switch {
	case n == nil:
	case n.Open && n.Folds():
		n.SetOpen(false)
		t.layout()
	case n.Parent != nil && n.Parent != t.Root:
		t.goTo(n.Parent)
	}
}

// Unfold opens the node under the cursor or, where it is open, goes to its first child.
func (t *Tree) Unfold() {
	n := t.Node()
	switch {
	case n == nil || !n.Folds():
	case n.Open && len(n.Children) > 0:
		t.goTo(n.Children[0])
	default:
		n.SetOpen(true)
		t.layout()
	}
}

// Toggle opens or closes the node under the cursor.
func (t *Tree) Toggle() {
	if n := t.Node(); n != nil && n.Folds() {
		n.SetOpen(!n.Open)
		t.layout()
	}
}

// Reveal opens what a path leads through and puts the cursor on its last node that there is.
func (t *Tree) Reveal(path []Step) {
	n := t.Root
	for _, step := range path {
		next := n.step(step)
		if next == nil {
			break
		}
		if n != t.Root {
			n.SetOpen(true)
		}
		n = next
	}
	if n != t.Root {
		t.layout()
		t.goTo(n)
	}
}

func (n *Node) step(step Step) *Node {
	for _, c := range n.Children {
		if c.Key == step.Key && c.Index == step.Index {
			return c
		}
	}
	return nil
}

// Search sets the text to find and goes to the first hit from the cursor on. It gives the number of hits.
func (t *Tree) Search(s string) int {
	t.find = strings.ToLower(s)
	return t.hit(0)
}

// Next goes to the next hit, or with d < 0 to the one before, around the end. It gives the number of hits.
func (t *Tree) Next(d int) int { return t.hit(d) }

// hit goes to a hit: d = 0 the first from the cursor on, 1 the next, -1 the one before.
func (t *Tree) hit(d int) int {
	if t.find == "" || t.Root == nil {
		return 0
	}
	var hits []*Node
	here, seen := -1, false
	at := t.Node()
	for _, c := range t.Root.Children {
		c.Walk(func(n *Node) {
			if n == at {
				seen = true
			}
			if !t.Hit(n) {
				return
			}
			if seen && here < 0 {
				here = len(hits)
			}
			hits = append(hits, n)
		})
	}
	if len(hits) == 0 {
		return 0
	}
	if here < 0 { // none from the cursor on
		here = len(hits)
	}
	if onHit := here < len(hits) && hits[here] == at; d > 0 && !onHit {
		d = 0
	}
	target := hits[(here+d+len(hits))%len(hits)]
	for p := target.Parent; p != nil && p != t.Root; p = p.Parent {
		p.SetOpen(true)
	}
	t.layout()
	t.goTo(target)
	return len(hits)
}

// Hit reports whether a node's key or value holds the text to find.
func (t *Tree) Hit(n *Node) bool {
	if t.find == "" {
		return false
	}
	return strings.Contains(strings.ToLower(n.Key), t.find) ||
		len(n.Children) == 0 && strings.Contains(strings.ToLower(t.show(n)), t.find)
}

// Draw gives a line's parts: everything up to the value, then the value. Both are visible text, together at most as
// wide as the tree.
func (t *Tree) Draw(i int) (head, value string) {
	l := t.lines[i]
	column := t.valueColumn(l.Node)
	if l.Rest {
		return text.Blank(column), text.Cut(l.Value, t.cells-column)
	}
	fold := "  "
	if l.Node.Folds() {
		fold = "> "
		if l.Node.Open {
			fold = "v "
		}
	}
	head = text.Fit(text.Blank(t.Indent(l.Node))+fold+l.Node.Name(), max(column-1, 0)) + " "
	head = text.Cut(head, min(column, t.cells))
	return head, text.Cut(l.Value, t.cells-text.Width(head))
}
