package source

import (
	"bytes"
	"io"
	"iter"

	"github.com/klauspost/compress/gzip"
)

type decoderState struct {
	err    error
	event  Event
	gather gatherer
}

func (d *Decoder) events(r io.Reader) iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		d.stats, d.impl.err = Stats{}, nil
		text, err := io.ReadAll(r)
		if err != nil {
			d.impl.err = err
			return
		}
		if bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
			if z, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
				text, err = io.ReadAll(z)
				if err != nil {
					d.stats.Damage = "gzip: " + err.Error()
				}
			}
		}
		d.stats.Bytes = int64(len(text))
		d.texts(text, yield)
		if d.stats.Damage != "" {
			d.stats.Salvaged = d.stats.Events
		}
	}
}

func (d *Decoder) texts(text []byte, yield func(*Event) bool) {
	p := treeParser{text: text}
	for {
		p.space()
		if p.at == len(text) {
			return
		}
		n, err := p.value(0)
		if err != nil {
			d.stats.Damage = err.Error()
			return
		}
		list := []*node{n}
		if n.kind == nodeArray {
			list = n.vals
		}
		for _, key := range []string{"Records", "Events"} {
			if v := n.get(key); v != nil && v.kind == nodeArray {
				list = v.vals
			}
		}
		for _, v := range list {
			if !d.element(text, v, yield) {
				return
			}
		}
	}
}

func (d *Decoder) element(text []byte, v *node, yield func(*Event) bool) bool {
	e, g := &d.impl.event, &d.impl.gather
	*e = Event{Raw: text[v.start:v.end], Position: d.stats.Events}
	e.Span = Span{Offset: int64(v.start), Length: int64(v.end - v.start)}
	g.reset()
	g.readTree(e, v)
	if g.seen&seenDigest != 0 {
		d.stats.Content = ContentDigest
		return true
	}
	if g.seen&seenLookup != 0 {
		inner := v.get("CloudTrailEvent")
		n, err := parseTree(inner.text)
		if err != nil {
			d.stats.Skipped++
			return true
		}
		*e = Event{Raw: inner.text, Position: d.stats.Events}
		e.Span = Span{Offset: int64(inner.start + 1), Length: int64(inner.end - inner.start - 2), Form: FormString}
		g.reset()
		g.readTree(e, n)
		g.outerResources(v.get("Resources"))
	}
	if !isEvent(g.seen, e) {
		d.stats.Skipped++
		return true
	}
	g.settle(e)
	d.stats.Events++
	return yield(e)
}

func isEvent(s seen, e *Event) bool {
	switch {
	case bytes.HasPrefix(e.leaves[LeafEventSource], []byte("aws:")):
		return false
	case s&seenEventName != 0 && s&(seenEventTime|seenEventSource) != 0,
		s&(seenEventVersion|seenEventID) == seenEventVersion|seenEventID,
		string(e.leaves[LeafEventType]) == "AwsCloudTrailInsight",
		s&seenAggregateID != 0 && string(e.leaves[LeafEventCategory]) == "Aggregated":
		return true
	}
	return false
}
