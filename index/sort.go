package index

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// order gives the documents newest first: time, eventID, log file, position; those without a time last.
func (b *builder) order(lo, hi int, fileRank []uint32) []uint32 {
	order := make([]uint32, 0, hi-lo)
	for i := lo; i < hi; i++ {
		order = append(order, uint32(i))
	}
	if !b.orderUsual(order) {
		slices.SortFunc(order, func(x, y uint32) int { return b.docs[x].compare(&b.docs[y], fileRank) })
		return order
	}
	for lo := 0; lo < len(order); { // what is left: the same second and 64 bits of the id
		hi := lo + 1
		for hi < len(order) && b.docs[order[lo]].sec == b.docs[order[hi]].sec && b.docs[order[lo]].idKey() == b.docs[order[hi]].idKey() {
			hi++
		}
		if hi-lo > 1 {
			slices.SortFunc(order[lo:hi], func(x, y uint32) int { return b.docs[x].compare(&b.docs[y], fileRank) })
		}
		lo = hi
	}
	return order
}

// orderUsual sorts documents by descending second and then the first half of the id, without comparing. It is false,
// and changes nothing, where some have a fraction of a second, no time, or an id that is no GUID.
func (b *builder) orderUsual(order []uint32) bool {
	list := b.order1[:0]
	first, last := b.docs[order[0]].sec, b.docs[order[0]].sec
	for _, d := range order {
		row := &b.docs[d]
		if !row.timed || row.nsec != 0 || row.flags&docGUID == 0 {
			return false
		}
		first, last = min(first, row.sec), max(last, row.sec)
		list = append(list, keyed{row.idKey(), d})
	}
	if last-first >= 1<<stableBits {
		return false
	}
	b.order1 = list
	b.sorter.sort(list)
	for i := range list {
		list[i].key = uint64(last - b.docs[list[i].no].sec)
	}
	b.sorter.sort(list)
	for i := range list {
		order[i] = list[i].no
	}
	return true
}

// idKey is the first half of the id.
func (r *docRow) idKey() uint64 { return binary.BigEndian.Uint64(r.id[:]) }

func (r *docRow) compare(s *docRow, fileRank []uint32) int {
	if r.timed != s.timed {
		if r.timed {
			return -1
		}
		return 1
	}
	if c := cmp.Or(cmp.Compare(s.sec, r.sec), cmp.Compare(s.nsec, r.nsec)); c != 0 {
		return c
	}
	if rg, sg := r.flags&docGUID, s.flags&docGUID; rg != sg {
		return cmp.Compare(sg, rg)
	} else if rg != 0 {
		if c := bytes.Compare(r.id[:], s.id[:]); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(fileRank[r.file], fileRank[s.file]), cmp.Compare(r.position, s.position))
}

// sortTerms gives the numbers of the terms that have documents, in dictOrder, the code (from 1) of each number, and how
// many of the terms are GUIDs. They are valid until it is called again.
func (b *builder) sortTerms(t *interner, counts []uint32) (sorted, rank []uint32, guids int) {
	ids, texts := b.order1[:0], b.order2[:0]
	for n := uint32(1); int(n) < len(counts); n++ {
		if counts[n] == 0 {
			continue
		}
		if g, isGUID := lowerGUID(t.text(n)); isGUID {
			ids = append(ids, keyed{binary.BigEndian.Uint64(g[:]), n})
		} else {
			texts = append(texts, keyed{0, n})
		}
	}
	b.order1, b.order2 = ids, texts
	byText := func(x, y keyed) int { return bytes.Compare(t.text(x.no), t.text(y.no)) }
	b.sorter.sort(ids)
	eachRun(ids, func(x, y keyed) bool { return x.key == y.key }, func(run []keyed) { slices.SortFunc(run, byText) })
	b.sorter.sortTexts(texts, t.text, 0)

	sorted, rank = b.sorted[:0], zeroed(b.rank, len(counts))
	for n, list := range [...][]keyed{ids, texts} {
		for i, e := range list { // ids that repeat stand more than once, and get one code
			if i == 0 || e.key != list[i-1].key || byText(e, list[i-1]) != 0 {
				sorted = append(sorted, e.no)
			}
			rank[e.no] = uint32(len(sorted))
		}
		if n == 0 {
			guids = len(sorted)
		}
	}
	b.sorted, b.rank = sorted, rank
	return sorted, rank, guids
}
