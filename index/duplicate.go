package index

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// Copies of an event. CloudTrail delivers at least once, two trails may write one bucket, Event history overlaps it. The
// identity of an event is its eventID, where that is a GUID, and the account; of others, all of its values. The copies of
// an identity are put in the order of preference (see compareCopies) and into classes: a copy joins the first class whose
// first copy has the same values, or has all of its values, or whose values it has all. The first copy of each class is
// shown; of several classes, all of those are in conflict. All of it is worked out anew from all copies whenever one
// arrives, so that the order of arrival never shows.

// copies settles what is shown after segments were added, inside the transaction that publishes them.
type copies struct {
	x          *Index
	tx         *bolt.Tx
	filters    *filters // of new segments; nil where there are none
	reopen     func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error)
	verdicts   verdictTable
	generation uint64
	segs       []*segmentView
	metas      []segmentMeta
	old        int               // segs[:old] were there before
	over       map[int]*overlay  // those that are changed
	raws       map[uint64][]byte // records read to be compared, by keyed hash
}

// A copyGroup is the copies of one event, in the order of preference.
type copyGroup struct {
	copies []copyInfo
	// before says how copies with different bytes were related when they were last compared, and spares reading them;
	// nil: they must be read.
	before func(a, b *copyInfo) relation
	// unread is how copies are taken to be related of which one cannot be read any more.
	unread relation
}

// A copyRef is a document of a segment, by its number in copies.segs.
type copyRef struct {
	id  [16]byte
	seg int
	doc uint32
}

func (c *copies) open(snap *snapshot, added []segmentMeta) error {
	all := c.tx.Bucket(bucketSegments)
	c.over, c.old = map[int]*overlay{}, len(snap.segments)
	c.metas = append(slices.Clone(snap.segments), added...)
	places, err := loadPlaces(c.tx)
	if err != nil {
		return err
	}
	for i, m := range c.metas {
		dir, over := snap.dirs[m.id], snap.overlays[m.id]
		if i >= c.old {
			if dir, err = readDir(c.tx, m.id); err != nil {
				return err
			}
			over = newOverlay()
		}
		v := openSegment(all, m, dir, over)
		v.places, v.verdicts = places, c.verdicts
		c.segs = append(c.segs, v)
	}
	if c.filters == nil {
		return nil
	}
	return errors.Join(c.filters.know(c.segs[:c.old]), c.filters.load(c.segs[c.old:]))
}

// visibleCounts are sums over the manifest.
type visibleCounts struct{ shown, duplicates, conflicts int }

// counts sums up the first n segments.
func (c *copies) counts(n int) (sum visibleCounts) {
	for i := range c.metas[:n] {
		m := &c.metas[i]
		sum.shown += m.shown
		sum.duplicates += m.hidden() - m.replaced
		sum.conflicts += m.conflicts
	}
	return sum
}

// overlay gives the overlay of a segment to change.
func (c *copies) overlay(seg int) *overlay {
	o := c.over[seg]
	if o == nil {
		o = c.segs[seg].over.clone()
		c.over[seg] = o
	}
	return o
}

// settle works out what is shown of all identities that have a copy in the added segments.
func (c *copies) settle(ctx context.Context, files []*fileResult) error {
	for _, f := range files {
		if f.prev != nil && !f.same && f.row.State != StateFailed && f.prev.Events > 0 {
			c.markStale(f.prev)
		}
	}
	if err := c.settleAll(ctx, c.groups(c.find())); err != nil {
		return err
	}
	for i, o := range c.over {
		c.recount(i, o)
	}
	return nil
}

// markStale marks the documents of a version of a log file that a newer one replaces.
func (c *copies) markStale(row *ledgerRow) {
	for i, s := range c.segs[:c.old] {
		table := s.numbers(partFiles, 4*s.dir.files)
		for local := uint32(1); int(local) <= s.dir.files; local++ {
			if uint32(table.at(4*(local-1))) != row.no {
				continue
			}
			files := s.files()
			stale := c.overlay(i).stale
			for doc := range uint32(s.docs()) {
				if files.code(doc) == local {
					stale.Add(doc)
				}
			}
		}
	}
}

// find gives all documents of the identities of which an added segment has a copy and another document is known, sorted
// by id. It goes segment by segment, so that each filter is in the cache while all ids are asked.
func (c *copies) find() []copyRef {
	var found []copyRef
	var hashes []uint64
	var perhaps []uint32
	for n := c.old; n < len(c.segs); n++ {
		added := c.segs[n]
		ids, order := added.ids(), added.idOrder()
		docs := uint32(len(ids) / 16)
		again := roaring.New() // documents whose id another one in this segment asks for
		for i := uint32(1); i < docs; i++ {
			a, b := order.at(i-1), order.at(i)
			if id := ids[16*b : 16*b+16]; bytes.Equal(ids[16*a:16*a+16], id) {
				found = append(found, copyRef{[16]byte(id), n, uint32(a)}, copyRef{[16]byte(id), n, uint32(b)})
				again.Add(uint32(b))
			}
		}
		hashes = hashes[:0]
		for i := range docs {
			hashes = append(hashes, c.filters.hash(ids[16*i:16*i+16]))
		}
		perhaps = perhaps[:0] // most ids are new: one question instead of one a segment
		for i, h := range hashes {
			if c.filters.all.perhaps(h) && !again.Contains(uint32(i)) {
				perhaps = append(perhaps, uint32(i))
			}
		}
		for k, s := range c.segs[:n] {
			filter := c.filters.of[s.segmentID()]
			for _, i := range perhaps {
				if !filter.perhaps(hashes[i]) {
					continue
				}
				id := [16]byte(ids[16*i:])
				s.findID(id, func(doc uint32) {
					found = append(found, copyRef{id, k, doc}, copyRef{id, n, i})
				})
			}
		}
		for _, h := range hashes {
			c.filters.all.add(h)
		}
	}
	slices.SortFunc(found, func(x, y copyRef) int {
		return cmp.Or(bytes.Compare(x.id[:], y.id[:]), cmp.Compare(x.seg, y.seg), cmp.Compare(x.doc, y.doc))
	})
	return slices.Compact(found)
}

// rawBatch is how many bytes of records are read at a time to be compared.
const rawBatch = 16 << 20

// groups gives the events of the documents found, sorted by id.
func (c *copies) groups(found []copyRef) iter.Seq[copyGroup] {
	return func(yield func(copyGroup) bool) {
		for len(found) > 0 {
			n := 1
			for n < len(found) && found[n].id == found[0].id {
				n++
			}
			if n == 1 {
				found = found[1:]
				continue
			}
			for _, infos := range c.identities(found[:n]) {
				if !yield(copyGroup{copies: infos}) {
					return
				}
			}
			found = found[n:]
		}
	}
}

// settleAll settles events. Records that must be compared are read for many events at a time, each log file once.
func (c *copies) settleAll(ctx context.Context, groups iter.Seq[copyGroup]) error {
	var events []copyGroup
	var wanted []copyInfo
	size := int64(0)
	flush := func() error {
		if err := c.readRaws(ctx, wanted); err != nil {
			return err
		}
		for i := range events {
			c.settleCopies(&events[i])
		}
		events, wanted, size = events[:0], wanted[:0], 0
		return nil
	}
	for g := range groups {
		events = append(events, g)
		if infos := g.copies; infos[0].guid && g.before == nil && differentBytes(infos) && !manyForms(infos) {
			wanted = append(wanted, infos...)
			for i := range infos {
				size += c.segs[infos[i].seg].span(infos[i].doc).Length
			}
		}
		if size >= rawBatch || len(events) >= 1<<16 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// identities splits the documents that have one id by identity, each in the order of preference; those of one copy are
// left out.
func (c *copies) identities(refs []copyRef) [][]copyInfo {
	infos := make([]copyInfo, len(refs))
	for i, r := range refs {
		infos[i] = copyInfoOf(c.segs[r.seg], r)
	}
	sortCopies(infos)
	var split [][]copyInfo
	for len(infos) > 0 {
		n := 1
		for n < len(infos) && infos[n].sameIdentity(&infos[0]) {
			n++
		}
		if n > 1 {
			split = append(split, infos[:n:n])
		}
		infos = infos[n:]
	}
	return split
}

// maxForms is how many different contents of one event are compared as JSON values. A service never gives more than a few:
// what has more was made to keep a reader busy, and only copies with the same bytes are then taken to be the same.
const maxForms = 256

// manyForms says that there are more than maxForms.
func manyForms(infos []copyInfo) bool {
	if len(infos) <= maxForms {
		return false
	}
	forms := map[uint64]bool{}
	for i := range infos {
		if forms[infos[i].hash] = true; len(forms) > maxForms {
			return true
		}
	}
	return false
}

// settleCopies puts the copies of one event, in the order of preference, into classes and marks them.
func (c *copies) settleCopies(g *copyGroup) {
	infos := g.copies
	var shown []int // the first copy of each class
	class := c.classes(g)
	var newest map[keyOf]uint32
	replaced := func(x *copyInfo) bool {
		if newest == nil {
			newest = newestVersions(infos)
		}
		return newest[keyOf{x.place, x.key}] > x.version
	}
	for i := range infos {
		c.clear(&infos[i])
		joined := class(shown, i)
		if joined == differ {
			shown = append(shown, i)
			continue
		}
		c.hide(&infos[i], joined, replaced)
	}
	all := verdictsOf(infos)
	for k, i := range shown {
		o := c.markOthers(all, &infos[i])
		if len(shown) == 1 {
			continue
		}
		if o == nil {
			o = c.overlay(infos[i].seg)
		}
		o.conflict.Add(infos[i].doc)
		if k > 0 {
			o.extra.Add(infos[i].doc)
		}
	}
}

// classes gives how copy i is related to the first of the copies shown that it joins; differ: to none.
func (c *copies) classes(g *copyGroup) func(shown []int, i int) relation {
	infos := g.copies
	if !infos[0].guid || !manyForms(infos) {
		return func(shown []int, i int) relation {
			for _, s := range shown {
				if joined := c.relate(g, &infos[s], &infos[i]); joined != differ {
					return joined
				}
			}
			return differ
		}
	}
	seen := map[uint64]bool{}
	return func(_ []int, i int) relation {
		if seen[infos[i].hash] {
			return equal
		}
		seen[infos[i].hash] = true
		return differ
	}
}

// verdictsOf lists the verdicts of copies, each once.
func verdictsOf(infos []copyInfo) (all []verdict) {
	for i := range infos {
		if !slices.Contains(all, infos[i].verdict) {
			all = append(all, infos[i].verdict)
		}
	}
	return all
}

// markOthers marks a copy that is shown with the verdicts of the other copies, where they are not its own. It gives the
// overlay where that was needed, else nil.
func (c *copies) markOthers(all []verdict, i *copyInfo) (o *overlay) {
	for _, of := range all {
		if of != i.verdict {
			if o == nil {
				o = c.overlay(i.seg)
			}
			o.others[of-1].Add(i.doc)
		}
	}
	return o
}

// A keyOf names a log file whatever its version.
type keyOf struct{ place, key string }

// newestVersions gives the newest version of each log file that has a copy.
func newestVersions(infos []copyInfo) map[keyOf]uint32 {
	newest := make(map[keyOf]uint32, 2)
	for i := range infos {
		k := keyOf{infos[i].place, infos[i].key}
		newest[k] = max(newest[k], infos[i].version)
	}
	return newest
}

// clear takes all marks off a copy, but that it is of an older version of its log file.
func (c *copies) clear(i *copyInfo) {
	if i.seg < c.old || c.over[i.seg] != nil {
		o := c.overlay(i.seg)
		for _, b := range o.bitmaps() {
			if b != o.stale {
				b.Remove(i.doc)
			}
		}
	}
}

// hide marks a copy that joined a class; replaced says that there is a newer version of its log file.
func (c *copies) hide(x *copyInfo, r relation, replaced func(x *copyInfo) bool) {
	o := c.overlay(x.seg)
	o.hidden.Add(x.doc)
	if r == contained {
		o.variant.Add(x.doc)
	}
	if o.stale.Contains(x.doc) && replaced(x) {
		o.replaced.Add(x.doc)
	}
}

// recount brings the counts of a segment up to date.
func (c *copies) recount(i int, o *overlay) {
	c.metas[i].count(o)
}

// count brings the counts of a segment up to date with its overlay.
func (m *segmentMeta) count(o *overlay) {
	hidden := int(o.hidden.GetCardinality())
	untimed := 0
	if m.timed < m.docs {
		untimed = int(o.hidden.CardinalityInRange(uint64(m.timed), uint64(m.docs)))
	}
	m.shown, m.shownUntimed = m.docs-hidden, m.docs-m.timed-untimed
	m.conflicts, m.variants = int(o.extra.GetCardinality()), int(o.variant.GetCardinality())
	m.replaced = int(o.replaced.GetCardinality())
}

// write stores the changed overlays and gives the new manifest.
func (c *copies) write() ([]segmentMeta, error) {
	bucket := c.tx.Bucket(bucketOverlays)
	for _, i := range sortedKeys(c.over) {
		value, err := c.over[i].encode()
		if err != nil {
			return nil, err
		}
		if err := bucket.Put(key32(c.metas[i].id), value); err != nil {
			return nil, err
		}
		c.metas[i].overlay = c.generation
	}
	for _, s := range c.segs {
		if s.err != nil {
			return nil, c.x.damaged(s.err)
		}
	}
	return c.metas, nil
}

func sortedKeys[V any](m map[int]V) []int {
	keys := make([]int, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
