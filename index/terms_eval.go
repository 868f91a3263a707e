package index

import (
	"bytes"
	"sort"
	"strings"
)

// terms answers a step over the dictionary of a field: which codes it takes, then which documents have one of them.
func (e *evaluator) terms(s *step, within []uint64) ([]uint64, error) {
	heavy := s.cost() > 1
	key := setKey{segment: e.seg.meta.id, text: "step " + s.text}
	if fields[s.field].overlaid() {
		key.overlay = e.seg.meta.overlay
	}
	words := e.none()
	if heavy {
		if set, ok := e.cache.get(key); ok {
			set.copyTo(words)
			return words, nil
		}
		within = nil // answered for all documents, so that it can be kept
	}
	want, err := e.codes(s)
	if err != nil {
		return nil, err
	}
	e.gather(words, s, want, within)
	if fields[s.field].origin == fromID {
		if err := e.guids(words, s.wants); err != nil {
			return nil, err
		}
	}
	if e.seg.err != nil {
		return nil, e.seg.err
	}
	if heavy {
		e.cache.put(key, sealSet(words, e.docs))
	}
	return words, nil
}

// codes finds the terms that the step takes.
func (e *evaluator) codes(s *step) (*codeSet, error) {
	if w := e.numbered[s]; w != nil {
		if set, ok := w.codes(e.ctx, e.seg.segmentID()); ok {
			return set, nil
		}
	}
	dict := e.seg.terms(s.field)
	set := newCodeSet(dict.len())
	for _, w := range s.wants {
		switch {
		case w.any:
			for code := range uint32(dict.len()) {
				set.add(code + 1)
			}
		case w.exact:
			if code, ok := dict.find([]byte(w.text)); ok {
				set.add(code)
			}
		default:
			if err := e.matching(set, dict, w); err != nil {
				return nil, err
			}
		}
	}
	return set, nil
}

// matching adds the codes of the terms that a pattern takes.
func (e *evaluator) matching(set *codeSet, dict termDict, w termWant) error {
	ranges := dict.foldRanges(w.text)
	if 8*rangesLen(ranges) < dict.len() {
		var buf []byte
		for _, r := range ranges {
			for code := r.lo; code < r.hi; code++ {
				if buf = dict.appendTerm(buf[:0], code); w.accept(buf) {
					set.add(code)
				}
			}
		}
		return e.ctx.Err()
	}
	var err error
	dict.each(func(code uint32, term []byte) bool {
		if w.accept(term) {
			set.add(code)
		}
		if code%4096 == 0 {
			err = e.ctx.Err()
		}
		return err == nil
	})
	return err
}

// Costs of finding documents, in nanoseconds: measured at 100,000 documents a segment, one core.
const (
	costColumn = 0.7 // a document of a column scan
	costProbe  = 4   // a document looked up by itself
	costPosted = 1.5 // a document of a posting list
	costList   = 60  // opening a posting list
)

// gather adds to words the documents that have one of the codes, in the cheapest of three ways: by posting lists, by a
// scan of the column, or by looking at the documents of within alone.
func (e *evaluator) gather(words []uint64, s *step, want *codeSet, within []uint64) {
	if len(want.codes) == 0 {
		return
	}
	var m multi
	var col column
	scan := float64(e.docs) * costColumn
	if isMulti(s.field) {
		m = e.seg.multi(s.field)
		col = m.column
		scan += float64(len(m.codes.data)) * costColumn
	} else {
		col = e.seg.column(s.field)
	}
	if !isMulti(s.field) {
		want, col.table = col.numbers(want), codeTable{} // from here on the numbers that stand in the column
	}
	if hasLists(s.field) && col.width != 0 && float64(len(want.codes))*costList < scan {
		if lists := e.seg.lists(s.field).postings; listsCost(lists, want, scan) < scan {
			for _, number := range want.codes {
				lists.or(number, words)
			}
			return
		}
	}
	if isMulti(s.field) {
		want = m.setsWith(want)
	}
	if within != nil && float64(countBits(within))*costProbe < scan {
		col.gatherWithin(words, within, want)
		return
	}
	col.gather(words, want)
}

// listsCost is what reading the posting lists of the codes costs, at least limit where that is sooner known.
func listsCost(lists postings, want *codeSet, limit float64) float64 {
	cost := float64(len(want.codes)) * costList
	for _, code := range want.codes {
		if cost += float64(lists.count(code)) * costPosted; cost >= limit {
			return limit
		}
	}
	return cost
}

// setsWith is the sets that hold one of the codes.
func (m multi) setsWith(want *codeSet) *codeSet {
	out := newCodeSet(m.sets())
	var codes []uint32
	for set := range uint32(m.sets()) {
		codes = m.set(codes[:0], set+1)
		for _, code := range codes {
			if want.bit(code) != 0 {
				out.add(set + 1)
				break
			}
		}
	}
	return out
}

// guids adds the documents whose eventID, a GUID in lower case that stands in the id column and no dictionary, is
// wanted.
func (e *evaluator) guids(words []uint64, wants []termWant) error {
	other := e.seg.column(fieldID) // those with a code have another id than the column says
	add := func(doc uint32) {
		if _, guid := e.seg.id(doc); guid && other.code(doc) == 0 {
			setRange(words, int(doc), int(doc)+1)
		}
	}
	for _, w := range wants {
		if w.exact {
			if g, ok := lowerGUID([]byte(w.text)); ok {
				e.seg.findID(g, add)
			}
			continue
		}
		text := make([]byte, 0, guidText)
		lo, hi := e.guidRange(w.text)
		order := e.seg.idOrder()
		for i := lo; i < hi; i++ {
			doc := uint32(order.at(uint32(i)))
			id, _ := e.seg.id(doc)
			if text = appendGUID(text[:0], id); w.any || w.accept(text) {
				add(doc)
			}
			if i%4096 == 0 && e.ctx.Err() != nil {
				return e.ctx.Err()
			}
		}
	}
	return nil
}

// guidRange is the part of the documents in the order of their ids whose GUID can begin with prefix in any case.
func (e *evaluator) guidRange(prefix string) (lo, hi int) {
	var first, last [guidText]byte
	copy(first[:], "00000000-0000-0000-0000-000000000000")
	copy(last[:], "ffffffff-ffff-ffff-ffff-ffffffffffff")
	prefix = strings.ToLower(prefix)
	if len(prefix) > guidText {
		return 0, 0
	}
	copy(first[:], prefix)
	copy(last[:], prefix)
	from, ok := lowerGUID(first[:])
	to, ok2 := lowerGUID(last[:])
	if !ok || !ok2 {
		return 0, 0
	}
	ids, order := e.seg.ids(), e.seg.idOrder()
	if len(ids) != 16*e.docs {
		return 0, 0
	}
	search := func(id [16]byte, after int) int {
		return sort.Search(e.docs, func(i int) bool {
			doc := order.at(uint32(i))
			return bytes.Compare(ids[16*doc:16*doc+16], id[:]) >= after
		})
	}
	return search(from, 0), search(to, 1)
}
