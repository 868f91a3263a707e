package index

import (
	"math"
	"sync"

	"github.com/trailsift/trailsift/source"
)

// Neighbouring spans are read at once, up to so many bytes together, and with them what lies between two of them where
// it is little.
const (
	stretchBytes = 256 << 10
	stretchGap   = 256
)

// stretchOf is how many of the spans are read at once, at least one, and the part of the content they lie in. Spans that
// overlap are always read at once, since a content is read from its beginning to its end.
func stretchOf(spans []recordSpan) (n int, part source.Span) {
	part.Offset, part.Length = spans[0].Offset, spans[0].Length
	if !sound(part) {
		return 1, part
	}
	for n = 1; n < len(spans); n++ {
		next, end := spans[n].Span, part.Offset+part.Length
		if !sound(next) || next.Offset < part.Offset || next.Offset > end && next.Offset-end > stretchGap {
			break
		}
		length := max(end, next.Offset+next.Length) - part.Offset
		if next.Offset >= end && length > stretchBytes {
			break
		}
		part.Length = length
	}
	return n, part
}

// sound is false for a span of a damaged index that no content can have.
func sound(s source.Span) bool {
	return s.Offset >= 0 && s.Length >= 0 && s.Length <= math.MaxInt64-s.Offset
}

// roomFor is how many bytes the stretches of spans take.
func roomFor(spans []recordSpan) int64 {
	total := int64(0)
	for len(spans) > 0 {
		n, part := stretchOf(spans)
		if !sound(part) || part.Length > windowBytes {
			return math.MaxInt64
		}
		total += part.Length
		spans = spans[n:]
	}
	return total
}

// A stretchReader reads stretches of a content into its room. Where they last, they lie there one behind the other, and
// elsewhere when it is full; else each is valid until the next.
type stretchReader struct {
	content contents
	room    []byte
	lasting bool
}

// read gives a part of the content, all of it or as much as there is and an error.
func (s *stretchReader) read(part source.Span) ([]byte, error) {
	raw, err := s.content.read(s.room[:0], part)
	switch {
	case !s.lasting:
		s.room = raw
	case len(raw) <= cap(s.room):
		s.room = s.room[len(raw):cap(s.room)]
	}
	return raw, err
}

// rooms are those of readings that do not last.
var rooms = sync.Pool{New: func() any { return new([]byte) }}

// takeRoom gives room for one stretch at a time, to be given back by giveRoom.
func takeRoom() *[]byte { return rooms.Get().(*[]byte) }

// giveRoom keeps room for the next reading, unless one large record made it.
func giveRoom(room *[]byte, last []byte) {
	if cap(last) <= 2*stretchBytes {
		*room = last[:0]
		rooms.Put(room)
	}
}
