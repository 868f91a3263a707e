package source

import (
	"bytes"
	"io"
)

// byteOrderMark is what some editors put before UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// decoderState is the inside of a Decoder.
type decoderState struct {
	in     input
	window window
	scan   scanner
	event  Event
	gather gatherer
	err    error

	yield   func(*Event) bool
	stopped bool   // the loop was left, or the bytes could not be read
	other   string // what the first value was that is no record
	others  int    // how many were none
	lists   int    // arrays of records begun
	// salvaging: behind damage, where values that are no records are debris.
	salvaging bool
	partly    int    // bytes that may still be gone over in damaged values
	inner     []byte // decoded record of a LookupEvents item
	flags     Flags  // of all records, by what the file is
	shapes    []shape
	value     bool // the content is one value out of a log file
	layers    textLayers
	prose     bool // it begins like text for people
	size      int  // of a new window; tests make it small
}

// begin prepares for a log file.
func (d *Decoder) begin(r io.Reader, yield func(*Event) bool) {
	s := &d.impl
	d.stats = Stats{}
	s.err, s.yield, s.stopped, s.flags = nil, yield, false, 0
	s.layers, s.prose = textLayers{}, false
	s.other, s.others, s.lists, s.salvaging, s.partly = "", 0, 0, false, partlyBudget
	if s.size == 0 {
		s.size = windowBytes
	}
	s.scan.e, s.scan.g = &s.event, &s.gather
	err := s.in.reset(r)
	s.window.reset(&s.in, s.size)
	if err != nil {
		s.window.end, s.window.err = true, err
	}
}

// file reads the whole content: JSON values one after the other, each with white space around it or none. That is one
// container of records, JSON lines, concatenated JSON, one record or an array, without having to tell them apart.
func (d *Decoder) file() {
	w := &d.impl.window
	for w.n < max(len(byteOrderMark), min(sniffAtLeast, d.impl.size)) {
		if !w.more() {
			break
		}
	}
	if d.impl.size >= sniffAtLeast && !d.impl.value { // tests of the window's edges begin with less
		if name := d.layer(); name != "" {
			d.stats.Content, d.stats.Other = ContentOther, name
			return
		}
		d.impl.prose = isDocument(w.text[:w.n])
	}
	if bytes.HasPrefix(w.text[:w.n], []byte(byteOrderMark)) {
		w.from = len(byteOrderMark)
	}
	for !d.impl.stopped {
		c, ok := d.peek()
		if !ok {
			return
		}
		switch {
		case c == '[' && !d.atRow():
			w.from++
			ok = d.elements()
		case '0' <= c && c <= '9' && d.lineHead():
			continue
		default:
			ok = d.element(true)
		}
		if !ok && !d.impl.stopped {
			d.salvage()
			return
		}
	}
}

// peek goes over white space to the next byte; ok is false at the end of the content.
func (d *Decoder) peek() (c byte, ok bool) {
	w := &d.impl.window
	for {
		w.from = d.impl.space()
		if w.from < w.n {
			return w.text[w.from], true
		}
		if !w.more() {
			return 0, false
		}
	}
}

func (s *decoderState) space() int {
	s.scan.text, s.scan.n = s.window.text[:s.window.n+pad], s.window.n
	return s.scan.space(s.window.from)
}

// elements reads the elements of an array, behind its opening bracket, up to its end. ok is false where the file is
// damaged.
func (d *Decoder) elements() (ok bool) {
	w := &d.impl.window
	d.impl.lists++
	defer func() { d.impl.lists-- }()
	c, ok := d.peek()
	if ok && c == ']' {
		w.from++
		return true
	}
	for {
		switch {
		case !ok:
			return d.broken(w.from, "unexpected end")
		case c == '[' && d.impl.lists < maxDepth && !d.atRow():
			w.from++
			ok = d.elements() // a list in a list: its elements count as well
		default:
			ok = d.element(false)
		}
		if !ok {
			return false
		}
		c, ok = d.peek()
		switch {
		case !ok:
			return d.broken(w.from, "unexpected end")
		case c == ']':
			w.from++
			return true
		case c != ',':
			return d.broken(w.from, "a comma or ] should stand here")
		}
		w.from++
		c, ok = d.peek()
	}
}

// rowAhead is how much of a list is looked at to tell a row of CloudWatch Logs Insights.
const rowAhead = 128

// atRow tells the beginning of a row of CloudWatch Logs Insights, which is one value.
func (d *Decoder) atRow() bool {
	w := &d.impl.window
	w.ahead(rowAhead)
	return opensRow(w.text[w.from:min(w.n, w.from+rowAhead)])
}

func opensRow(list []byte) bool {
	for _, next := range []string{"[", "{", `"field"`} {
		var ok bool
		if list, ok = bytes.CutPrefix(bytes.TrimLeft(list, " \t\r\n"), []byte(next)); !ok {
			return false
		}
	}
	return true
}

// element reads the value that begins at w.from, which is a record in all that CloudTrail delivers. At the top of a file
// it may be a container. ok is false where the file is damaged (the value is not passed then) or the loop was left.
func (d *Decoder) element(top bool) (ok bool) {
	w, s := &d.impl.window, &d.impl.scan
	switch end := d.value(top); {
	case end >= 0:
		start := w.from
		w.from = end
		d.found(start, end)
		return !d.impl.stopped
	case s.stop == isContainer:
		w.from = s.failAt
		return d.inside(w.text[s.failAt-1]) && d.members()
	case s.stop == tooDeep || s.stop == short && w.n-w.from > maxRecord:
		d.skipped(w.offset(w.from), d.failure())
		return d.skipBalanced()
	}
	d.broken(s.failAt, s.reason) // salvage tries the value again and counts it
	if !d.impl.stopped {
		d.partly()
	}
	return false
}

// inside reads the records behind the opening bracket of a list, or those of the lists in an object.
func (d *Decoder) inside(bracket byte) (ok bool) {
	w := &d.impl.window
	if bracket == '[' {
		return d.elements()
	}
	d.impl.lists++
	defer func() { d.impl.lists-- }()
	c, ok := d.peek()
	switch {
	case !ok:
		return d.broken(w.from, "unexpected end")
	case c == '}':
		w.from++
		return true
	}
	return d.member() && d.members()
}

// failure says why the value at w.from could not be scanned.
func (d *Decoder) failure() string {
	w, s := &d.impl.window, &d.impl.scan
	switch {
	case s.stop == tooDeep:
		return s.reason
	case s.stop == short && w.n-w.from > maxRecord:
		return "larger than 16 MB"
	}
	return d.notJSON(s.failAt, s.reason)
}

// value scans the value at w.from, reading on as long as it is not whole.
func (d *Decoder) value(top bool) (end int) {
	w, s := &d.impl.window, &d.impl.scan
	for {
		s.text, s.n, s.top = w.text[:w.n+pad], w.n, top
		end := s.value(w.from)
		whole := s.stop != short
		if end == w.n && s.text[end-1]-'0' <= 9 {
			whole = false // a number may go on
		}
		if whole || w.n-w.from > maxRecord || !w.more() {
			if s.badText >= 0 && (end >= 0 || s.stop == isContainer) {
				d.damaged("not valid UTF-8 at byte " + thousands(w.offset(s.badText)))
			}
			return end
		}
	}
}

// members reads what follows the records in their container.
func (d *Decoder) members() (ok bool) {
	w := &d.impl.window
	for {
		c, ok := d.peek()
		switch {
		case !ok:
			return d.broken(w.from, "unexpected end")
		case c == '}':
			w.from++
			return true
		case c != ',':
			return d.broken(w.from, "a comma or } should stand here")
		}
		w.from++
		if !d.member() {
			return false
		}
	}
}

// member reads a key of a container and its value: more records, or something to go over.
func (d *Decoder) member() (ok bool) {
	w, s := &d.impl.window, &d.impl.scan
	c, ok := d.peek()
	if !ok || c != '"' {
		return d.broken(w.from, "a key should stand here")
	}
	end := d.value(false)
	if end < 0 {
		return d.broken(s.failAt, s.reason)
	}
	key := s.decoded(w.from+1, end-1)
	row := &knownKeys[findKey(inRecord, key)]
	w.from = end
	if c, ok = d.peek(); !ok || c != ':' {
		return d.broken(w.from, "a colon should stand here")
	}
	w.from++
	if c, ok = d.peek(); !ok {
		return d.broken(w.from, "unexpected end")
	}
	if row.act == actContainer && (c == '[' || c == '{' && row.name == hitsKey) && d.impl.lists < maxDepth {
		w.from++
		return d.inside(c)
	}
	if end = d.value(false); end >= 0 {
		w.from = end
		return true
	}
	if s.stop == tooDeep || s.stop == short && w.n-w.from > maxRecord {
		return d.skipBalanced()
	}
	return d.broken(s.failAt, s.reason)
}

// skipBalanced goes over a value that is too deep or too large to be scanned, counting brackets outside strings. It
// does not tell whether the value is valid.
func (d *Decoder) skipBalanced() (ok bool) {
	w := &d.impl.window
	depth, inString, escaped := 0, false, false
	for {
		for i := w.from; i < w.n; i++ {
			switch c := w.text[i]; {
			case escaped:
				escaped = false
				continue
			case inString && c != '"':
				escaped = c == '\\'
				continue
			case c == '"':
				inString = !inString
			case c == '{' || c == '[':
				depth++
			case c == '}' || c == ']':
				depth--
			default: // between values
			}
			if depth <= 0 && !inString {
				w.from = i + 1
				return true
			}
		}
		w.from = w.n
		if !w.more() {
			return d.broken(w.from, "unexpected end")
		}
	}
}
