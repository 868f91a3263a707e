package source

import (
	"bytes"
	"testing"
	"unicode/utf8"
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
	badText bool // a value is not UTF-8; what stands before values in lines may be anything
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
		if length, record := recordBehind(content[p.at:min(len(content), p.at+lineAhead)]); record {
			p.at += length
			continue
		} else if length > 0 {
			t.skipped++
			line := bytes.IndexByte(content[p.at:], '\n')
			if line < 0 {
				return t, nil
			}
			p.at += line + 1
			continue
		}
		start := p.at
		n, err := p.value(0)
		if err != nil {
			return t, err
		}
		t.badText = t.badText || !utf8.Valid(content[start:p.at])
		switch lists := t.containers(n); {
		case n.kind == nodeArray && !isRow(content, n):
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

// isRow tells a row of CloudWatch Logs Insights.
func isRow(content []byte, n *node) bool {
	return opensRow(content[n.start:min(n.end, n.start+rowAhead)])
}

// twinLists are the keys of lists of records.
var twinLists = map[string]bool{
	"Records": true, "Events": true, "events": true, "logEvents": true, "results": true, "records": true, "Messages": true,
	"data": true, "hits": true,
}

// containers are the lists of records in a top-level object, where the first of them comes before the keys that make the
// object itself an event. Below hits they may stand in an object.
func (t *twin) containers(n *node) (lists []*node) {
	for i, key := range n.keys {
		inObject := string(key) == "hits" && n.vals[i].kind == nodeObject
		if n.vals[i].kind != nodeArray && !inObject || !twinLists[string(key)] {
			continue
		}
		var e Event
		var g gatherer
		g.readTree(&e, &node{kind: nodeObject, keys: n.keys[:i], vals: n.vals[:i]})
		switch {
		case lists == nil && isEvent(g.seen, &e):
		case inObject:
			lists = append(append(lists, &node{kind: nodeArray}), t.inside(n.vals[i])...)
		default:
			lists = append(lists, n.vals[i])
		}
	}
	return lists
}

// inside are the lists of records in an object that is a container by its place.
func (t *twin) inside(n *node) (lists []*node) {
	for i, key := range n.keys {
		switch v := n.vals[i]; {
		case !twinLists[string(key)]:
		case v.kind == nodeArray:
			lists = append(lists, v)
		case v.kind == nodeObject && string(key) == "hits":
			lists = append(lists, t.inside(v)...)
		}
	}
	return lists
}

// unwrapped takes the records inside a value. It is the code of the decoder: what the twin checks is which values come to it.
func (t *twin) unwrapped(content []byte, n *node) bool {
	var d Decoder
	s := &d.impl
	s.window.text, s.window.n = append(bytes.Clone(content), make([]byte, pad)...), len(content)
	s.scan.e, s.scan.g = &s.event, &s.gather
	s.yield = func(e *Event) bool {
		e.Position = len(t.events)
		t.events = append(t.events, take(e))
		return true
	}
	found := d.unwrap(n.start, n.end)
	t.skipped += d.stats.Skipped
	return found
}

func (t *twin) elements(content []byte, values []*node) {
	for _, n := range values {
		if n.kind == nodeArray && !isRow(content, n) {
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
	if !isEvent(g.seen, &e) || fieldsMoved(g.seen, e.Raw) {
		if g.seen&seenLookup != 0 || !opensValue(content[n.start]) || !t.unwrapped(content, n) {
			t.skipped++
		}
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
