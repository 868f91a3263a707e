package source

// partlyBudget bounds the bytes of a file that are gone over in values that are not whole.
const partlyBudget = 4 * maxRecord

// partly gives the records inside the value at w.from, which is damaged, as far as they lie in whole values before the
// damage: envelopes are entered, records are not. It moves to the innermost value that is not whole, for salvage.
func (d *Decoder) partly() {
	w := &d.impl.window
	p := partial{u: unwrapper{d: d, left: maxUnpacked}}
	if d.impl.shapes == nil {
		d.impl.shapes = allShapes()
	}
	for range maxWraps {
		inner := p.enter()
		if inner < 0 {
			return
		}
		w.from = inner
		if c := w.text[inner]; d.impl.stopped || c != '{' && c != '[' {
			return
		}
	}
}

// A partial is a value that is entered.
type partial struct {
	u unwrapper
	l layer
	s scanner
}

// enter goes over the members of the value at w.from, of which the window gets as much as it can hold; inner is where the
// one begins that is not whole, -1 where the value is not to be entered.
func (p *partial) enter() (inner int) {
	d := p.u.d
	w, s := &d.impl.window, &d.impl.scan
	end := d.value(false)
	start := w.from
	p.l = layer{text: w.text[:w.n+pad], n: w.n}
	if end >= 0 || s.stop == tooDeep {
		return -1
	}
	const ofRecords = seenEventName | seenEventTime | seenEventSource | seenEventVersion | seenEventID
	isRecord := p.l.text[start] == '{' && s.g.seen&ofRecords != 0
	if d.impl.partly -= s.failAt - start; d.impl.partly < 0 {
		return -1
	}
	p.s = scanner{text: p.l.text, n: p.l.n, badText: -1}
	switch p.l.text[start] {
	case '{':
		before := p.u.given
		inner = p.members(start, isRecord)
		if isRecord && p.u.given == before {
			return -1
		}
		return inner
	case '[':
		return p.elements(start)
	}
	return -1
}

func (p *partial) elements(start int) int {
	i, more := p.s.space(start+1), true
	for more && !p.u.over() {
		end := p.s.skip(i, 1)
		if end < 0 {
			return i
		}
		p.give(i, end)
		if i, more = p.s.next(end, ']'); i < 0 {
			return end
		}
	}
	return -1
}

// members goes over an object; the first member with a record in it is that of its shape. In what looks like a record only
// the record as delivered is looked for, which Splunk writes before the fields that it found in it.
func (p *partial) members(start int, isRecord bool) int {
	before := p.u.given
	i, more := p.s.space(start+1), true
	for more && !p.u.over() {
		key := i
		if p.l.text[i] != '"' {
			return i
		}
		closing := p.s.str(i + 1)
		if closing < 0 {
			return key
		}
		name := string(p.s.decoded(i+1, closing))
		enters := shapeKeys[name] != ""
		if isRecord {
			enters = rawColumns[plainName(name)] && name != "message"
		}
		if i = p.s.colon(closing + 1); i < 0 {
			return key
		}
		enters = enters && p.u.given == before && opensValue(p.l.text[i])
		end := p.s.skip(i, 1)
		switch {
		case end < 0 && enters:
			return i
		case end < 0:
			return key
		case enters:
			p.give(i, end)
		}
		if i, more = p.s.next(end, '}'); i < 0 {
			return end
		}
	}
	return -1
}

// give gives the records in a whole value.
func (p *partial) give(start, end int) {
	if opensValue(p.l.text[start]) {
		p.u.start, p.u.end = start, end
		p.u.value(&p.l, start, end)
	}
}
