package source

import "strconv"

// maxWraps is how many envelopes, lists and strings may lie inside one another: base64 in an SQS body with an SNS message
// that holds an EventBridge event in a list are eight.
const maxWraps = 12

// An unwrapper finds the records inside JSON values that are none themselves: envelopes, exports, records as strings. It
// goes over the text and builds no tree, except of what must be rebuilt. What it gives depends on the bytes of the value
// alone, so that a record is found again by reading its value again.
type unwrapper struct {
	d     *Decoder
	start int // of the outermost value, in the window
	end   int
	depth int
	given int // records found in the outermost value
	bad   int // what should have been records and is none
	quiet int // what is no record by its nature
	left  int // bytes that may still be unpacked
}

// A layer is a text in which values stand: that of the window, or what a string in it stands for.
type layer struct {
	text []byte // with pad zero bytes behind n
	n    int
	form Form // how the records of this layer lie in the file
	// Of a layer of FormString: the inside of the string, and where it begins in the window.
	inside []byte
	at     int
	flags  Flags
}

// place is where a byte of a layer of FormString stands in the window.
func (l *layer) place(offset int) int {
	if offset == l.n { // mostly: spares going over all of it
		return l.at + len(l.inside)
	}
	return l.at + escapedOffset(l.inside, offset)
}

// unwrap gives the records inside text[start:end] of the window, valid JSON that is none itself. It is false where
// nothing was found and nothing was to be found.
func (d *Decoder) unwrap(start, end int) bool {
	w := &d.impl.window
	if d.impl.shapes == nil {
		d.impl.shapes = allShapes()
	}
	u := unwrapper{d: d, start: start, end: end, left: maxUnpacked}
	u.shapeOf(&layer{text: w.text[:w.n+pad], n: w.n}, start, end)
	return u.found() > 0
}

// found counts what is settled in the outermost value.
func (u *unwrapper) found() int { return u.given + u.bad + u.quiet }

func (u *unwrapper) over() bool { return u.d.impl.stopped }

// value unwraps a value that may be a record.
func (u *unwrapper) value(l *layer, start, end int) {
	if l.text[start] == '{' && u.record(l, start, end) {
		return
	}
	u.shapeOf(l, start, end)
}

// shapeOf unwraps a value that is no record.
func (u *unwrapper) shapeOf(l *layer, start, end int) {
	if u.over() {
		return
	}
	if u.depth == maxWraps {
		u.skipped("envelopes inside one another, more than " + strconv.Itoa(maxWraps))
		return
	}
	u.depth++
	switch l.text[start] {
	case '{':
		u.object(l, start, end)
	case '[':
		if !u.insightsRow(l, start) {
			u.elements(l, start)
		}
	case '"':
		u.str(l, start, end)
	default: // a number or a literal holds nothing
	}
	u.depth--
}

// object tries the shapes on an object until one of them gives something.
func (u *unwrapper) object(l *layer, start, end int) {
	m := membersOf(l, start, end)
	for _, shape := range u.d.impl.shapes {
		before := u.found()
		shape.read(u, &m)
		if u.found() > before || u.over() {
			return
		}
	}
}

// elements unwraps the elements of the array at start.
func (u *unwrapper) elements(l *layer, start int) {
	u.eachElement(l, start, func(from, to int) { u.value(l, from, to) })
}

func (u *unwrapper) eachElement(l *layer, start int, visit func(from, to int)) {
	s := scanner{text: l.text, n: l.n, badText: -1}
	i, more := s.space(start+1), true
	if l.text[i] == ']' {
		return
	}
	for more && !u.over() {
		end := s.skip(i, 1)
		if end < 0 {
			return
		}
		visit(i, end)
		i, more = s.next(end, ']')
	}
}

// str unwraps what a string stands for: JSON values one after the other, perhaps packed.
func (u *unwrapper) str(l *layer, start, end int) {
	inside := l.text[start+1 : end-1]
	next := layer{form: FormInside, flags: l.flags}
	if l.form == FormPlain {
		next.form, next.inside, next.at = FormString, inside, start+1
	}
	text := appendUnescaped(make([]byte, 0, len(inside)+pad), inside)
	if packed, ok := u.unpack(text); ok {
		text, next.form = packed, FormInside
	}
	next.n = len(text)
	next.text = append(text, make([]byte, pad)...)
	u.values(&next)
}

// values unwraps the values that stand in a text one after the other.
func (u *unwrapper) values(l *layer) {
	s := &u.d.impl.scan
	for i := 0; !u.over(); {
		s.text, s.n, s.top = l.text, l.n, false
		if i = s.space(i); i >= l.n || !opensValue(l.text[i]) {
			return
		}
		end := s.value(i)
		if end < 0 {
			if s.g.seen != 0 {
				u.skipped("a record in a string is not valid JSON at its byte " + strconv.Itoa(s.failAt) + ": " + s.reason)
			}
			return
		}
		if l.text[i] != '{' || !u.taken(l, i, end) {
			u.shapeOf(l, i, end)
		}
		i = end
	}
}

// opensValue tells the bytes that a record, or what holds one, begins with.
func opensValue(c byte) bool { return c == '{' || c == '[' || c == '"' }

// record gives the object at start if it is a record.
func (u *unwrapper) record(l *layer, start, end int) bool {
	d := u.d
	s := &d.impl.scan
	s.text, s.n, s.top = l.text, l.n, false
	return s.value(start) >= 0 && u.taken(l, start, end)
}

// taken gives the object that was just scanned if it is a record.
func (u *unwrapper) taken(l *layer, start, end int) bool {
	d := u.d
	s := &d.impl.scan
	e := &d.impl.event
	e.Raw = l.text[start:end:end]
	if s.slow && d.tree(e.Raw) == nil || !isEvent(s.g.seen, e) || fieldsMoved(s.g.seen, e.Raw) {
		return false
	}
	from, to := u.start, u.end
	switch l.form {
	case FormPlain:
		from, to = start, end
	case FormString:
		from, to = l.place(start), l.place(end)
	case FormInside: // it is found again by unwrapping the outermost value
	}
	e.Span = Span{Offset: d.impl.window.offset(from), Length: int64(to - from), Form: l.form}
	u.given++
	d.giveFlagged(e, l.flags)
	return true
}

// rebuilt gives a record that was put together from the values of an export.
func (u *unwrapper) rebuilt(record []byte) {
	n := len(record)
	l := layer{text: append(record, make([]byte, pad)...), n: n, form: FormInside, flags: Reconstructed}
	u.record(&l, 0, n)
}

// skipped counts what should have been a record.
func (u *unwrapper) skipped(reason string) {
	u.bad++
	u.d.skipped(u.d.impl.window.offset(u.start), reason)
}

// escapedOffset is the place in the inside of a JSON string of the byte that its text has at offset, which must not be
// within a character that an escape stands for.
func escapedOffset(inside []byte, offset int) int {
	var buf [16]byte
	at := 0
	for offset > 0 && at < len(inside) {
		length := 1
		if inside[at] == '\\' {
			length = escapeLength(inside[at:])
			offset -= len(appendUnescaped(buf[:0], inside[at:at+length]))
		} else {
			offset--
		}
		at += length
	}
	return at
}

// escapeLength is the length of the escape that s begins with, both of a pair of surrogates.
func escapeLength(s []byte) int {
	if s[1] != 'u' {
		return 2
	}
	if r := hexRune(s[2:]); r >= 0xD800 && r <= 0xDBFF {
		if _, rest := surrogate(r, s[6:]); len(rest) < len(s)-6 {
			return 12
		}
	}
	return 6
}
