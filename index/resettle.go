package index

import (
	"bytes"
	"cmp"
	"context"
	"math/bits"
	"slices"
	"sort"

	"github.com/RoaringBitmap/roaring/v2"
)

// resettle works out anew what is shown of the events that have a copy in a log file whose verdict changed, and brings
// the overlays of all segments with such log files up to date. before is the table of verdicts as it was.
func (c *copies) resettle(ctx context.Context, before verdictTable, changed map[uint32]bool) error {
	ids, n := c.candidates(changed)
	passes := min(256, n>>20+1) // some million ids at a time, by their first byte
	for pass := range passes {
		if err := ctx.Err(); err != nil {
			return err
		}
		lo, hi := (pass*256+passes-1)/passes, ((pass+1)*256+passes-1)/passes
		if err := c.resettleIDs(ctx, c.copied(ids, lo, hi), before, changed); err != nil {
			return err
		}
	}
	for i, o := range c.over {
		c.recount(i, o)
	}
	return nil
}

// candidates gives documents, by segment, so that each event with several copies, one of them in a log file whose verdict
// changed, has one among them: those of the log files, or those that have copies, whichever are fewer. The overlays of
// segments with such log files are marked to be written, so that no answer from before is taken for one of now.
func (c *copies) candidates(changed map[uint32]bool) (docs [][]uint64, n int) {
	files, copied := make([][]uint64, len(c.segs)), make([][]uint64, len(c.segs))
	inFiles, withCopies := 0, 0
	for i, s := range c.segs {
		files[i], copied[i] = make([]uint64, wordsFor(s.docs())), make([]uint64, wordsFor(s.docs()))
		numbers := s.numbers(partFiles, 4*s.dir.files)
		want := newCodeSet(s.dir.files)
		for local := range s.dir.files {
			if s.err == nil && changed[uint32(numbers.at(uint32(4*local)))] {
				want.add(uint32(local + 1))
			}
		}
		if len(want.codes) > 0 {
			c.overlay(i)
			s.files().gather(files[i], want)
		}
		roaring.Or(s.over.hidden, s.over.conflict).WriteDenseTo(copied[i])
		inFiles += countBits(files[i])
		withCopies += countBits(copied[i])
	}
	if inFiles < withCopies {
		return files, inFiles
	}
	return copied, withCopies
}

// copied gives all documents of the identities of some documents whose id begins with a byte in [lo, hi), sorted by id.
func (c *copies) copied(docs [][]uint64, lo, hi int) []copyRef {
	var ids [][16]byte
	for i, s := range c.segs {
		all := s.ids()
		if len(all) != 16*s.docs() {
			s.fail(errSegment)
			continue
		}
		eachBit(docs[i], func(doc uint32) {
			if id := all[16*doc : 16*doc+16]; int(id[0]) >= lo && int(id[0]) < hi {
				ids = append(ids, [16]byte(id))
			}
		})
	}
	slices.SortFunc(ids, compareIDs)
	ids = slices.Compact(ids)
	var found []copyRef
	for i, s := range c.segs {
		found = append(found, s.withIDs(i, ids)...)
	}
	slices.SortFunc(found, func(a, b copyRef) int {
		return cmp.Or(compareIDs(a.id, b.id), cmp.Compare(a.seg, b.seg), cmp.Compare(a.doc, b.doc))
	})
	return found
}

func compareIDs(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }

func eachBit(words []uint64, visit func(doc uint32)) {
	for i, w := range words {
		for ; w != 0; w &= w - 1 {
			visit(uint32(i*wordBits + bits.TrailingZeros64(w)))
		}
	}
}

// withIDs gives the documents with one of some ids, which are in order: few are looked up, many met in one walk.
func (v *segmentView) withIDs(seg int, ids [][16]byte) (found []copyRef) {
	all, order, n := v.ids(), v.idOrder(), v.docs()
	if len(all) != 16*n || len(order.data) != order.width*n || len(ids) == 0 {
		return nil
	}
	if 20*len(ids) < n {
		for _, id := range ids {
			v.findID(id, func(doc uint32) { found = append(found, copyRef{id, seg, doc}) })
		}
		return found
	}
	at := func(i int) []byte { d := order.at(uint32(i)); return all[16*d : 16*d+16] }
	i := sort.Search(n, func(i int) bool { return bytes.Compare(at(i), ids[0][:]) >= 0 })
	for k := 0; i < n && k < len(ids); {
		switch bytes.Compare(at(i), ids[k][:]) {
		case -1:
			i++
		case 1:
			k++
		default:
			found = append(found, copyRef{ids[k], seg, uint32(order.at(uint32(i)))})
			i++
		}
	}
	return found
}

// resettleIDs settles the events of the documents found that have a copy in a log file whose verdict changed.
func (c *copies) resettleIDs(ctx context.Context, found []copyRef, before verdictTable, changed map[uint32]bool) error {
	touched := func(i copyInfo) bool { return changed[i.fileNo] }
	return c.settleAll(ctx, func(yield func(copyGroup) bool) {
		for g := range c.groups(found) {
			if !slices.ContainsFunc(g.copies, touched) {
				continue
			}
			g.before = c.relationsBefore(g.copies)
			if c.sameOrder(&g, before) {
				c.remark(&g)
				continue
			}
			if g.before == nil && !c.inConflict(g.copies) {
				g.unread = contained
			}
			if !yield(g) {
				return
			}
		}
	})
}

// sameOrder says that the copies are in the order in which they were before.
func (c *copies) sameOrder(g *copyGroup, before verdictTable) bool {
	old := slices.Clone(g.copies)
	for i := range old {
		old[i].verdict = before.of(old[i].fileNo)
	}
	slices.SortFunc(old, compareCopies)
	return slices.EqualFunc(old, g.copies, func(a, b copyInfo) bool { return a.copyRef == b.copyRef })
}

// remark brings the marks of what other copies are known for up to date, where the order of copies is as it was.
func (c *copies) remark(g *copyGroup) {
	all := verdictsOf(g.copies)
	for i := range g.copies {
		info := &g.copies[i]
		over := c.current(info.seg)
		for k, b := range over.others {
			if b.Contains(info.doc) {
				c.overlay(info.seg).others[k].Remove(info.doc)
			}
		}
		if !over.hidden.Contains(info.doc) {
			c.markOthers(all, info)
		}
	}
}

// current is the overlay of a segment as it is so far, not to be changed.
func (c *copies) current(seg int) *overlay {
	if o := c.over[seg]; o != nil {
		return o
	}
	return c.segs[seg].over
}

// inConflict says that several copies are shown so far.
func (c *copies) inConflict(infos []copyInfo) bool {
	return slices.ContainsFunc(infos, func(i copyInfo) bool { return c.current(i.seg).conflict.Contains(i.doc) })
}

// relationsBefore tells from the marks of copies how those with different bytes are related, where the marks tell: of two
// different contents each copy has one or the other. With more of them the records must be read; nil.
func (c *copies) relationsBefore(infos []copyInfo) func(a, b *copyInfo) relation {
	var other *copyInfo
	for i := range infos {
		switch {
		case infos[i].hash == infos[0].hash:
		case other == nil:
			other = &infos[i]
		case infos[i].hash != other.hash:
			return nil
		}
	}
	was := equal
	switch {
	case c.inConflict(infos):
		was = differ
	case slices.ContainsFunc(infos, func(i copyInfo) bool { return c.current(i.seg).variant.Contains(i.doc) }):
		was = contained
	}
	return func(*copyInfo, *copyInfo) relation { return was }
}
