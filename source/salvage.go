package source

import "bytes"

// A salvager finds whole records in what follows damage. It reads tokens leniently and keeps count of open brackets, so
// as to tell a record from an object inside another, damaged one. Where the brackets contradict what stands there (an
// object where a key should be, a colon in an array), something was cut or lost, and it believes the contradiction.
//
// An object that may be a record is scanned strictly; one that fails is then gone through leniently. Within what the
// strict scan had accepted there can be no contradiction, so no byte is scanned strictly twice.
type salvager struct {
	d    *Decoder
	open []byte // brackets open within a damaged record; empty: between records
	lost int    // brackets open beyond maxOpen
	last byte   // the last token: a bracket, ':', ',', '"' for a string, 'j' for anything else
	list bool   // the last string was the key of a list of records
}

// maxOpen bounds the brackets kept; deeper ones are only counted.
const maxOpen = 4096

// salvage goes on behind damage, from w.from to the end of the content.
func (d *Decoder) salvage() {
	s := salvager{d: d, last: ','}
	w := &d.impl.window
	d.impl.salvaging = true
	for !d.impl.stopped {
		c, ok := d.peek()
		if !ok {
			break
		}
		switch c {
		case '{':
			s.object()
			continue
		case '[':
			s.array()
		case '}', ']':
			s.close(c)
		case ':':
			s.colon()
		case '"':
			s.str()
			continue
		case ',':
		default:
			c = 'j'
		}
		s.last = c
		w.from++
	}
}

func (s *salvager) push(c byte) {
	if len(s.open) < maxOpen {
		s.open = append(s.open, c)
	} else {
		s.lost++
	}
}

func (s *salvager) inside(c byte) bool { return len(s.open) > 0 && s.open[len(s.open)-1] == c }

// object takes an opening brace. It may begin a record between records, and where no object can stand.
func (s *salvager) object() {
	w := &s.d.impl.window
	nested := s.last == ':' || s.inside('[') || s.lost > 0
	if !nested && s.record() {
		s.last = '}'
		return
	}
	s.push('{')
	s.last = '{'
	w.from++
}

// record tries the object at w.from as a record. It is true where w.from was moved.
func (s *salvager) record() bool {
	d := s.d
	w, scan := &d.impl.window, &d.impl.scan
	end := d.value(true)
	switch {
	case end < 0 && scan.stop == isContainer:
		w.from = scan.failAt
		s.open = s.open[:0]
		return true
	case end < 0 && d.impl.gather.seen != 0:
		d.skipped(w.offset(w.from), d.failure())
		s.open = s.open[:0]
		return false
	case end < 0:
		s.leave()
		return false
	}
	before, start := d.stats.Events, w.from
	w.from = end
	d.found(start, end)
	if d.stats.Events > before {
		s.open = s.open[:0]
	} else {
		s.leave()
	}
	return true
}

// leave closes objects that cannot be open, since another object stands where a key should.
func (s *salvager) leave() {
	for s.inside('{') {
		s.open = s.open[:len(s.open)-1]
	}
}

// array takes an opening bracket. Between records, and in the container of records, the elements are records.
func (s *salvager) array() {
	switch {
	case s.last == ':' && s.list && len(s.open) <= 1:
		s.open = s.open[:0]
	case s.last == ':' || len(s.open) > 0:
		s.push('[')
	}
}

// close takes a closing bracket. One that fits no open bracket at the top closes those above the one it fits.
func (s *salvager) close(c byte) {
	if s.lost > 0 {
		s.lost--
		return
	}
	opening := byte('{')
	if c == ']' {
		opening = '['
	}
	at := bytes.LastIndexByte(s.open, opening)
	s.open = s.open[:max(at, 0)]
}

// colon takes a colon: in an array it shows that the array was not closed.
func (s *salvager) colon() {
	if s.last == '"' {
		for s.inside('[') {
			s.open = s.open[:len(s.open)-1]
		}
	}
}

// str takes a string. Where no comma, colon or bracket follows, a quote was lost: then the string is taken to end at a
// line break, or before its last quote.
func (s *salvager) str() {
	w := &s.d.impl.window
	length := s.stringLength()
	s.last, s.list = 'j', false
	if length < 0 {
		if line := bytes.IndexByte(w.text[w.from:w.n], '\n'); line >= 0 {
			w.from += line + 1
		} else {
			w.from = w.n // cut off within the string
		}
		return
	}
	ends := s.endsAt(length)
	inside := w.text[w.from+1 : w.from+length-1]
	if ends {
		s.last, s.list = '"', string(inside) == "Records" || string(inside) == "Events"
		w.from += length
		return
	}
	if line := bytes.IndexByte(inside, '\n'); line >= 0 {
		w.from += line + 2
		return
	}
	w.from += length - 1
	if before := bytes.TrimRight(inside, " \t\r"); len(before) > 0 && before[len(before)-1] == '{' {
		w.from -= len(inside) - len(before) + 1
	}
}

// lineLimit is how far behind a line break the end of a string is looked for.
const lineLimit = 256

// stringLength is the length of the string at w.from with its quotes, -1 where its end is not found.
func (s *salvager) stringLength() int {
	w := &s.d.impl.window
	limit := maxRecord
	for k := 1; ; {
		for ; k < min(limit, w.n-w.from); k++ {
			switch w.text[w.from+k] {
			case '"':
				return k + 1
			case '\\':
				k++
			case '\n':
				limit = min(limit, k+lineLimit)
			}
		}
		if k >= limit || !w.more() {
			return -1
		}
	}
}

// endsAt tells whether what follows length bytes from w.from can follow a string.
func (s *salvager) endsAt(length int) bool {
	w := &s.d.impl.window
	for k := length; ; k++ {
		for w.from+k >= w.n {
			if !w.more() {
				return true
			}
		}
		switch w.text[w.from+k] {
		case ' ', '\t', '\r', '\n':
		case ',', ':', '}', ']':
			return true
		default:
			return false
		}
	}
}
