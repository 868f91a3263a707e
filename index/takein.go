package index

import (
	"encoding/binary"
	"slices"

	"github.com/trailsift/trailsift/index/query"
)

// takeIn adds all documents of a segment, as add would have from their records: what it says of them is read by its own
// interface, and terms are interned once each. What it could not read is in s.err.
func (b *builder) takeIn(s *segmentView) {
	first := uint32(len(b.files))
	keys := s.terms(fieldLog)
	for local := uint32(1); int(local) <= s.dir.files; local++ {
		f, _ := s.fileAt(local)
		b.addFile(builtFile{
			key: string(keys.term(f.key)), placeID: s.places[f.place].first, place: f.place, no: f.no, version: f.version,
		})
	}
	b.takeInRows(s, first)
	var codes [len(fields)][]uint32
	for i := range fields {
		if fields[i].read != nil {
			codes[i] = b.takeInField(s, i)
		}
	}
	for _, i := range groupFields[byItself] {
		b.fields[i].codes = append(b.fields[i].codes, codes[i]...)
	}
	for _, g := range [...]group{ofCall, ofCaller} {
		for doc := range s.docs() {
			b.tuple = b.tuple[:0]
			for _, i := range groupFields[g] {
				b.tuple = binary.LittleEndian.AppendUint32(b.tuple, codes[i][doc])
			}
			b.groups[g].docs = append(b.groups[g].docs, b.groups[g].rows.add(b.tuple))
		}
	}
}

// takeInRows adds what the documents have beside their fields.
func (b *builder) takeInRows(s *segmentView, firstFile uint32) {
	n := s.docs()
	files, hashes, positions, spans := s.files(), s.numbers(partHashes, n), s.numbers(partPos, n), newSpanReader(s)
	b.docs = slices.Grow(b.docs, n)
	for doc := range uint32(n) {
		local := files.code(doc)
		if local == 0 || int(local) > s.dir.files {
			s.fail(errSegment)
			local = 1
		}
		span := spans.at(doc)
		row := docRow{
			flags: s.flags(doc), form: span.Form, file: firstFile + local - 1, position: uint32(positions.at(doc)),
			hash: hashes.at(doc), offset: uint64(span.Offset), length: uint64(span.Length),
		}
		row.id, _ = s.id(doc)
		if row.timed = int(doc) < s.timed(); row.timed {
			row.sec, row.nsec = s.time(doc)
		}
		b.docs = append(b.docs, row)
	}
}

// takeInField interns the terms of a field and gives the code of each document in the builder.
func (b *builder) takeInField(s *segmentView, i int) []uint32 {
	own := make([]uint32, s.terms(i).len()+1)
	s.terms(i).each(func(code uint32, term []byte) bool {
		own[code] = b.term(i, term)
		return true
	})
	col := s.column(i)
	if b.fields[i].sets != nil {
		m := s.multi(i)
		own, col = b.takeInSets(s, i, m, own), m.column
	}
	codes := make([]uint32, s.docs())
	for doc := range codes {
		code := col.code(uint32(doc))
		if int(code) >= len(own) {
			s.fail(errSegment)
			return codes
		}
		codes[doc] = own[code]
	}
	return codes
}

// term is the number of a term of a field.
func (b *builder) term(i int, text []byte) uint32 {
	if b.fields[i].sets == nil && fields[i].Kind == query.ID {
		return b.fields[i].terms.append(text)
	}
	return b.fields[i].terms.add(text)
}

// takeInSets interns the sets of a field, given the number of each term code, and gives the number of each set.
func (b *builder) takeInSets(s *segmentView, i int, m multi, terms []uint32) []uint32 {
	own := make([]uint32, m.sets()+1)
	var codes []uint32
	for set := 1; set < len(own); set++ {
		codes = m.set(codes[:0], uint32(set))
		b.set = b.set[:0]
		for _, code := range codes {
			if int(code) >= len(terms) {
				s.fail(errSegment)
				return own
			}
			b.set = binary.LittleEndian.AppendUint32(b.set, terms[code])
		}
		if len(codes) > 0 {
			own[set] = b.fields[i].sets.add(b.set)
		}
	}
	return own
}
