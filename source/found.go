package source

import (
	"bytes"
	"strconv"
)

// Limits of one record and of what is kept about a log file.
const (
	// maxRecord is the largest record that is read. CloudTrail's own limit is 256 KB, 1 MB in an event data store.
	maxRecord = 16 << 20
	// maxProblems is how many problems of a log file are told one by one.
	maxProblems = 20
)

// isEvent tells a CloudTrail record by its top-level keys, null or not, and two values. Records of other AWS services
// that go by the same names have an eventSource like "aws:s3".
func isEvent(s seen, e *Event) bool {
	switch {
	case bytes.HasPrefix(e.leaves[LeafEventSource], []byte("aws:")):
		return false
	case s&seenEventName != 0 && s&(seenEventTime|seenEventSource) != 0,
		s&(seenEventVersion|seenEventID) == seenEventVersion|seenEventID,
		foldEqual(e.leaves[LeafEventType], "AwsCloudTrailInsight"),
		s&seenAggregateID != 0 && foldEqual(e.leaves[LeafEventCategory], "Aggregated"):
		return true
	}
	return false
}

// found takes the value just scanned, text[start:end] of the window.
func (d *Decoder) found(start, end int) {
	s := &d.impl
	raw := s.window.text[start:end:end]
	e := &s.event
	e.Raw, e.Span = raw, Span{Offset: s.window.offset(start), Length: int64(len(raw))}
	var root *node
	if s.scan.slow {
		if root = d.tree(raw); root == nil {
			d.skipped(e.Span.Offset, "more than 524,288 values, with repeated keys or of a rare kind")
			return
		}
	}
	switch seen := s.gather.seen; {
	case seen&seenDigest != 0:
		d.stats.Content = ContentDigest
	case isEvent(seen, e) && !fieldsMoved(seen, raw):
		d.give(e)
	case seen&seenLookup != 0:
		d.lookupItem(root)
	default:
		d.other(e, start, end)
	}
}

// other takes a value that is no CloudTrail record: records may lie inside it.
func (d *Decoder) other(e *Event, start, end int) {
	raw, span := e.Raw, e.Span
	name := ofOtherSource(e.leaves[LeafEventSource]) // before other values are scanned
	if opensValue(raw[0]) && d.unwrap(start, end) {
		return
	}
	if name == "" && d.stats.Skipped < maxProblems {
		name = nameOther(raw)
	}
	e.Span = span
	d.notEvent(name)
}

// tree reads raw, which the scanner has found valid, again as a tree.
func (d *Decoder) tree(raw []byte) *node {
	root, err := parseTree(raw)
	if err != nil {
		return nil
	}
	s := &d.impl
	s.event.leaves, s.event.identity = [NumLeaves][]byte{}, IdentityRef{}
	s.gather.reset()
	s.gather.readTree(&s.event, root)
	return root
}

// give yields a record.
func (d *Decoder) give(e *Event) { d.giveFlagged(e, 0) }

// giveFlagged yields a record with flags beside those that it has by itself.
func (d *Decoder) giveFlagged(e *Event, flags Flags) {
	d.impl.gather.settle(e)
	e.Flags |= flags | d.impl.flags
	e.Position = d.stats.Events
	if d.stats.Damage != "" {
		e.Flags |= Salvaged
	}
	d.stats.Events++
	if !d.impl.yield(e) {
		d.impl.stopped = true
	}
}

// lookupItem takes an item of lookup-events output: the record is the text of its CloudTrailEvent.
func (d *Decoder) lookupItem(item *node) {
	s := &d.impl
	text := item.get("CloudTrailEvent")
	outside := s.event.Span.Offset
	s.event.Span = Span{Offset: outside + int64(text.start) + 1, Length: int64(text.end-text.start) - 2, Form: FormString}
	s.inner = append(append(s.inner[:0], text.text...), make([]byte, pad)...)
	n := len(text.text)
	s.scan.text, s.scan.n, s.scan.top = s.inner, n, false
	start := s.scan.space(0)
	end := s.scan.value(start)
	if end >= 0 && s.scan.space(end) != n {
		s.scan.failAt, s.scan.reason, end = end, "more text after the record", -1
	}
	if end < 0 {
		d.skipped(outside, "CloudTrailEvent is not valid JSON at its byte "+strconv.Itoa(s.scan.failAt)+": "+s.scan.reason)
		return
	}
	s.event.Raw = s.inner[:n:n]
	if s.scan.slow && d.tree(s.event.Raw) == nil || !isEvent(s.gather.seen, &s.event) {
		d.skipped(outside, "CloudTrailEvent holds no CloudTrail record")
		return
	}
	s.gather.outerResources(item.get("Resources"))
	d.give(&s.event)
}

// notEvent takes a value that is no CloudTrail record.
func (d *Decoder) notEvent(name string) {
	if d.impl.salvaging {
		return
	}
	if d.impl.other == "" {
		d.impl.other = name
	}
	d.skipped(d.impl.event.Span.Offset, "no CloudTrail record: "+name)
	d.impl.others++
}

// skipped counts a record that cannot be used.
func (d *Decoder) skipped(offset int64, reason string) {
	d.stats.Skipped++
	if len(d.stats.Problems) < maxProblems {
		d.stats.Problems = append(d.stats.Problems, Problem{offset, reason})
	}
}

// damaged notes why the file is not sound; the first reason stands.
func (d *Decoder) damaged(reason string) {
	if d.stats.Damage == "" {
		d.stats.Damage = reason
	}
}

// broken notes that the content is not JSON at position at of the window, and is always false. Where the content ends
// there because the bytes as stored are damaged, or could not be read, that is the reason.
func (d *Decoder) broken(at int, reason string) (ok bool) {
	s := &d.impl
	if at >= s.window.n && s.window.err != nil {
		if s.in.stored.err != nil {
			s.stopped = true
			return false
		}
		d.damaged(s.window.err.Error())
		return false
	}
	d.damaged(d.notJSON(at, reason))
	return false
}

func (d *Decoder) notJSON(at int, reason string) string {
	return "not valid JSON at byte " + thousands(d.impl.window.offset(at)) + ": " + reason
}

// finish completes the statistics.
func (d *Decoder) finish() {
	s := &d.impl
	s.err = s.in.stored.err
	s.yield = nil
	s.window.r, s.in.stored.r = nil, nil
	if s.err == nil && !s.stopped && s.window.err != nil {
		d.damaged(s.window.err.Error())
	}
	d.stats.Bytes = s.window.offset(s.window.n)
	if t := s.layers.table; t != nil {
		d.finishTable(t)
	}
	if s.prose && d.stats.Events == 0 && d.stats.Damage != "" && s.window.err == nil {
		d.stats.Content, d.stats.Other, d.stats.Damage = ContentOther, "text", ""
		d.stats.Skipped, d.stats.Problems = 0, nil
		return
	}
	if d.stats.Damage != "" {
		d.stats.Salvaged = d.stats.Events
	}
	if d.stats.Events == 0 && d.stats.Damage == "" && d.stats.Skipped == s.others {
		if d.stats.Content == ContentEvents && s.other != "" {
			d.stats.Content, d.stats.Other = ContentOther, s.other
		}
		d.stats.Skipped, d.stats.Problems = 0, nil
	}
}

// finishTable adds what a table's rows came to.
func (d *Decoder) finishTable(t *tableReader) {
	d.stats.Skipped += t.skipped
	d.stats.Problems = append(d.stats.Problems, t.problems[:min(len(t.problems), maxProblems-len(d.stats.Problems))]...)
	if t.damage != "" {
		d.damaged(t.damage)
	}
	if d.stats.Events == 0 && d.impl.other == "" {
		d.impl.other = "table without CloudTrail records"
	}
}
