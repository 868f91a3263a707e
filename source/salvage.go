package source

import "bytes"

// A salvager finds whole records in what follows damage. It reads tokens leniently and keeps count of open brackets, so
// as to tell a record from an object inside another, damaged one. Where the brackets contradict what stands there,
// something was cut or lost, and it believes the contradiction: an object where a key should be begins a record, as does
// an object that opens like a record in a list that began with something else.
//
// What may be a record is scanned strictly; where that fails it is gone through leniently.
type salvager struct {
	d       *Decoder
	open    []byte // brackets open within a damaged record; empty: between records
	lost    int    // brackets open beyond maxOpen
	last    byte   // the last token: a bracket, ':', ',', '"' for a string, 'v' or 'j' for anything else
	key     bool   // the last string stood where a key should
	list    bool   // the last string was the key of a list of records
	opening []byte // the first key of a record, with its quotes
	budget  int64  // bytes that may still be scanned strictly in lists
}

// The state of an open list is told by its bracket in open: '[' until its first element is known, then one of these.
const (
	listOfRecords = 'R' // its first element opens like a record: they are all inside another record
	listOfOther   = 'O'
)

// maxOpen bounds the brackets kept; deeper ones are only counted.
const maxOpen = 4096

// salvage goes on behind damage, from w.from to the end of the content.
func (d *Decoder) salvage() {
	s := salvager{d: d, last: ',', budget: maxRecord}
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
		case '"':
			s.str()
			continue
		case '\\': // no string begins at an escaped quote
			w.from = min(w.from+2, w.n)
			s.last = s.junk()
			continue
		case '[':
			s.array()
		case '}', ']':
			s.close(c)
		case ':':
			s.colon()
		case ',':
			s.comma()
			w.from++
			continue
		default:
			c = s.junk()
		}
		s.last = c
		w.from++
	}
}

// junk is the token of anything that is no string, bracket, colon or comma: 'v' where a value should stand.
func (s *salvager) junk() byte {
	if s.last == ':' || s.last == 'v' {
		return 'v'
	}
	return 'j'
}

func (s *salvager) push(c byte) {
	if len(s.open) < maxOpen {
		s.open = append(s.open, c)
	} else {
		s.lost++
	}
}

// top is the innermost open bracket, 0 between records.
func (s *salvager) top() byte {
	if len(s.open) == 0 {
		return 0
	}
	return s.open[len(s.open)-1]
}

// object takes an opening brace.
func (s *salvager) object() {
	if s.mayBeRecord() && s.record() {
		s.last = '}'
		return
	}
	s.push('{')
	s.last = '{'
	s.d.impl.window.from++
}

// mayBeRecord tells whether the object at w.from may be a record rather than a value inside one.
func (s *salvager) mayBeRecord() bool {
	switch {
	case s.last == ':', (s.last == '"' || s.last == 'v') && s.top() != 0, s.lost > 0:
		return false // a value, perhaps behind a lost colon or junk
	case s.last == '{' && len(s.open) > 1:
		return false // a surplus brace before a value
	}
	switch s.top() {
	case 0:
		return true
	case '{': // a contradiction; within a list it may be that list's next element
		return !bytes.ContainsAny(s.open, "[RO") || s.opensLikeRecord()
	case '[':
		s.open[len(s.open)-1] = listOfOther
		if s.opensLikeRecord() {
			s.open[len(s.open)-1] = listOfRecords
		}
		return false
	case listOfOther:
		return s.budget > 0 && s.opensLikeRecord()
	}
	return false
}

// opensLikeRecord tells whether the object at w.from has the first key of the records before it, or of their container.
func (s *salvager) opensLikeRecord() bool {
	switch key := s.firstKey(); string(key) {
	case "":
		return false
	case `"Records"`, `"Events"`:
		return true
	default:
		return bytes.Equal(key, s.opening)
	}
}

// firstKeyLimit is how far behind an opening brace the first key is looked for.
const firstKeyLimit = 128

// firstKey is the first key of the object at w.from with its quotes, nil where there is none soon. It is valid until the
// window slides.
func (s *salvager) firstKey() []byte {
	w := &s.d.impl.window
	for w.n-w.from < firstKeyLimit {
		if !w.more() {
			break
		}
	}
	rest := bytes.TrimLeft(w.text[w.from+1:min(w.n, w.from+firstKeyLimit)], " \t\r\n")
	if len(rest) == 0 || rest[0] != '"' {
		return nil
	}
	return rest[:bytes.IndexByte(rest[1:], '"')+2]
}

// record tries the object at w.from as a record. It is true where w.from was moved.
func (s *salvager) record() bool {
	d := s.d
	w, scan := &d.impl.window, &d.impl.scan
	opening := append(make([]byte, 0, firstKeyLimit), s.firstKey()...)
	end := d.value(true)
	inList := s.top() == listOfOther
	switch {
	case end < 0 && scan.stop == isContainer:
		w.from = scan.failAt
		s.open = s.open[:0]
		return true
	case end < 0 && inList:
		s.budget -= int64(scan.failAt - w.from)
		return false
	case end < 0 && d.impl.gather.seen != 0:
		d.skipped(w.offset(w.from), d.failure())
		s.opening = opening
		s.open = s.open[:0]
		return false
	case end < 0:
		return s.envelope()
	}
	before, start := d.stats.Events, w.from
	w.from = end
	d.found(start, end)
	switch {
	case d.stats.Events > before:
		s.opening = opening
		s.open = s.open[:0]
	case !inList:
		s.leave()
	}
	return true
}

// envelope tries the object at w.from, which is damaged and no record, for records inside. It is true where w.from was
// moved.
func (s *salvager) envelope() bool {
	w := &s.d.impl.window
	from := w.offset(w.from) // the window may slide
	s.d.partly()
	if w.offset(w.from) > from {
		s.open = s.open[:0]
		return true
	}
	s.leave()
	return false
}

// leave closes objects that cannot be open, since another object stands where a key should.
func (s *salvager) leave() {
	for s.top() == '{' {
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

// comma takes a comma. One right behind a colon is junk before the value, one behind a key a damaged colon.
func (s *salvager) comma() {
	if s.top() == '[' {
		s.open[len(s.open)-1] = listOfOther
	}
	switch {
	case s.last == ':':
	case s.last == '"' && s.key:
		s.last = ':'
	default:
		s.last = ','
	}
}

// close takes a closing bracket. One that fits no open bracket at the top closes those above the one it fits.
func (s *salvager) close(c byte) {
	if s.lost > 0 {
		s.lost--
		return
	}
	at := bytes.LastIndexByte(s.open, '{')
	if c == ']' {
		at = bytes.LastIndexAny(s.open, "[RO")
	}
	s.open = s.open[:max(at, 0)]
}

// colon takes a colon: behind a string in an array it shows that the array was not closed.
func (s *salvager) colon() {
	if s.last == '"' {
		for s.top() != '{' && s.top() != 0 {
			s.open = s.open[:len(s.open)-1]
		}
	}
}

// str takes a string. Where no comma, colon or bracket follows, a quote was lost.
func (s *salvager) str() {
	w := &s.d.impl.window
	length := s.stringLength()
	s.list = false
	if length < 0 {
		s.last = 'j'
		if line := bytes.IndexByte(w.text[w.from:w.n], '\n'); line >= 0 {
			w.from += line + 1
		} else {
			w.from = w.n // cut off within the string
		}
		return
	}
	ends := s.endsAt(length)
	inside := w.text[w.from+1 : w.from+length-1]
	if !ends {
		step := lostQuote(inside)
		w.from += step
		if step > 1 {
			s.last = 'j'
		}
		return
	}
	s.key = s.top() == '{' && (s.last == ',' || s.last == '{')
	s.list = string(inside) == "Records" || string(inside) == "Events"
	s.last = '"'
	w.from += length
}

// structure is what stands between the strings of JSON.
const structure = "{}[],: \t\r"

// lostQuote says how far to go from the opening quote of what looked like a string, where another quote must have been
// lost. The string ends at a line break. Else, where structure follows its opening quote, that was a closing one; where
// text does, its closing quote opens the next string, and structure before that is behind the lost quote.
func lostQuote(inside []byte) int {
	if line := bytes.IndexByte(inside, '\n'); line >= 0 {
		return line + 2
	}
	if len(inside) > 0 && bytes.IndexByte([]byte(structure), inside[0]) >= 0 {
		return 1
	}
	return len(bytes.TrimRight(inside, structure)) + 1
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

// endsAt tells whether what follows length bytes from w.from can follow a string, a colon lost perhaps.
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
		case '{', '[':
			return length == 2 || bytes.IndexByte([]byte(structure), w.text[w.from+1]) < 0
		default:
			return false
		}
	}
}
