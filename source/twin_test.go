package source

import (
	"bytes"
	"testing"
)

// A taken is what is kept of an event once the decoder has gone on.
type taken struct {
	Raw       string
	Span      Span
	Position  int
	Flags     Flags
	Leaves    map[Leaf]string
	Resources []string
	Issued    []string
	More      int
}

func take(e *Event) taken {
	t := taken{string(e.Raw), e.Span, e.Position, e.Flags, map[Leaf]string{}, nil, nil, e.MoreResources}
	for i, text := range e.leaves {
		if text != nil {
			t.Leaves[Leaf(i)] = string(text)
		}
	}
	for _, r := range e.Resources() {
		t.Resources = append(t.Resources, string(r))
	}
	for _, k := range e.Issued() {
		t.Issued = append(t.Issued, string(k))
	}
	return t
}

// A twin decodes a whole content by trees alone: slow, and simple enough to be believed. It knows no damage.
type twin struct {
	events  []taken
	skipped int
	content Content
}

// decodeTwin reads content that is a sequence of JSON values.
func decodeTwin(content []byte) (t twin, err error) {
	p := treeParser{text: content}
	if bytes.HasPrefix(content, []byte(byteOrderMark)) {
		p.at = len(byteOrderMark)
	}
	for p.space(); p.at < len(content); p.space() {
		n, err := p.value(0)
		if err != nil {
			return t, err
		}
		switch lists := t.containers(n); {
		case n.kind == nodeArray:
			t.elements(content, n.vals)
		case lists != nil:
			for _, list := range lists {
				t.elements(content, list.vals)
			}
		default:
			t.elements(content, []*node{n})
		}
	}
	return t, nil
}

// containers are the lists of records in a top-level object: Records and Events, where the first of them comes before
// the keys that make the object itself an event.
func (t *twin) containers(n *node) (lists []*node) {
	for i, key := range n.keys {
		if n.vals[i].kind != nodeArray || string(key) != "Records" && string(key) != "Events" {
			continue
		}
		var e Event
		var g gatherer
		g.readTree(&e, &node{kind: nodeObject, keys: n.keys[:i], vals: n.vals[:i]})
		if lists != nil || !isEvent(g.seen, &e) {
			lists = append(lists, n.vals[i])
		}
	}
	return lists
}

func (t *twin) elements(content []byte, values []*node) {
	for _, n := range values {
		if n.kind == nodeArray {
			t.elements(content, n.vals)
		} else {
			t.element(content, n)
		}
	}
}

func (t *twin) element(content []byte, n *node) {
	e := Event{Raw: content[n.start:n.end], Position: len(t.events)}
	e.Span = Span{Offset: int64(n.start), Length: int64(n.end - n.start)}
	var g gatherer
	g.readTree(&e, n)
	if g.seen&seenDigest != 0 {
		t.content = ContentDigest
		return
	}
	if g.seen&seenLookup != 0 && !isEvent(g.seen, &e) {
		inner := n.get("CloudTrailEvent")
		root, err := parseTree(inner.text)
		if err != nil {
			t.skipped++
			return
		}
		e = Event{Raw: inner.text, Position: len(t.events)}
		e.Span = Span{Offset: int64(inner.start + 1), Length: int64(inner.end - inner.start - 2), Form: FormString}
		g = gatherer{}
		g.readTree(&e, root)
		g.outerResources(n.get("Resources"))
	}
	if !isEvent(g.seen, &e) {
		t.skipped++
		return
	}
	g.settle(&e)
	t.events = append(t.events, take(&e))
}

// decodeAll decodes content with a window of the given size at first.
func decodeAll(tb testing.TB, content []byte, size int) ([]taken, Stats) {
	tb.Helper()
	var d Decoder
	d.impl.size = size
	var events []taken
	for e := range d.Events(bytes.NewReader(content)) {
		events = append(events, take(e))
	}
	if err := d.Err(); err != nil {
		tb.Fatal(err)
	}
	return events, d.Stats()
}
