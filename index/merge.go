package index

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Merging. Following a place, small accounts and the quick first segments of a run make many small segments, and a
// question costs each of them a little. So small ones are put together into larger ones: their documents are taken into a
// builder by the reading interface of segments, encoded like any other, and written under a number that the manifest does
// not name yet, which is what makes it pending: a kill leaves it to be swept. One small transaction then names the new
// segment in the place of the old ones, with an overlay that says of each document what the old ones said, and takes the
// old ones away. Readers go on meanwhile: those inside a transaction see the old segments, results follow (moved.go).

// A mergePolicy says which segments are put together.
type mergePolicy struct {
	small int   // segments of fewer documents are merged
	docs  int   // most documents of a merged segment
	bytes int64 // most bytes of the segments that are merged in one step
	least int   // this many segments of about one size, at least, are worth a step
}

const (
	// mergeLeast segments of about one size make a step: each document is written again once for each power of eight that
	// its segment grows by, and no more than some 35 small segments are ever left.
	mergeLeast = 8
	// mergeBytes bounds a step: what is freed by one is used by the next, so the file grows by no more than that, and the
	// builder of a step takes some three times as much memory.
	mergeBytes = 16 << 20
)

// policyFor merges beside bringing in, whose segments have about so many documents.
func policyFor(docs int) mergePolicy {
	return mergePolicy{small: docs / 3, docs: docs * 4 / 3, bytes: mergeBytes, least: mergeLeast}
}

// tier is the size of a segment by powers of eight.
func tier(docs int) int { return (bits.Len(uint(docs)) - 1) / 3 }

// due gives the segments to be put together next, in the order of the manifest; nil where it is not worth it. Those in skip are left alone.
func (p mergePolicy) due(metas []segmentMeta, skip map[uint32]bool) []uint32 {
	var tiers [bits.UintSize/3 + 1]int
	small := func(m *segmentMeta) bool { return m.docs > 0 && m.docs < p.small && !skip[m.id] }
	for i := range metas {
		if small(&metas[i]) {
			tiers[tier(metas[i].docs)]++
		}
	}
	top := -1 // the smaller ones come along
	for t, n := range tiers {
		if n >= p.least {
			top = t
		}
	}
	var ids []uint32
	docs, size := 0, int64(0)
	for i := range metas {
		m := &metas[i]
		if !small(m) || tier(m.docs) > top || docs+m.docs > p.docs || size+m.bytes > p.bytes {
			continue
		}
		docs, size = docs+m.docs, size+m.bytes
		ids = append(ids, m.id)
	}
	if len(ids) < 2 {
		return nil
	}
	return ids
}

// A merged segment is written and not named yet.
type merged struct {
	meta    segmentMeta // zero: nothing was worth it
	sources []uint32
	files   [][]uint32 // of each source: its log file numbers
	left    []uint32   // asked for, but left as they are
}

// merge writes one segment with the documents of several. A segment whose checksums do not fit is left alone, so that
// damage stays known as such, and so is one that has a log file in common with any other (see moved.go).
func (x *Index) merge(ctx context.Context, ids []uint32) (*merged, error) {
	hash, err := newRawHash(x.hashKey)
	if err != nil {
		return nil, err
	}
	b := newBuilder(hash)
	m := &merged{}
	err = x.view(func(v *storeView) error {
		shared := v.sharedFiles()
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return err
			}
			s := v.segment(id)
			if s == nil {
				return fmt.Errorf("segment %d: %w", id, errMoved)
			}
			files := s.fileNumbers()
			if s.unsound() != "" || slices.ContainsFunc(files, shared) {
				m.left = append(m.left, id)
				continue
			}
			b.takeIn(s)
			if s.err != nil {
				return x.damaged(s.err)
			}
			m.sources, m.files = append(m.sources, id), append(m.files, files)
		}
		return nil
	})
	if err != nil || len(m.sources) < 2 {
		m.left = append(m.left, m.sources...)
		return m, err
	}
	encoded := b.encodeOf(0, len(b.docs), b.rankFiles(0, len(b.files)))
	m.meta, err = x.writeSegment(ctx, &encoded)
	return m, err
}

// publishMerge names a merged segment in the place of its sources.
func (x *Index) publishMerge(m *merged) error {
	x.past.add(m.sources, m.files)
	err := x.update(func(tx *bolt.Tx) error {
		snap, err := x.loadSnapshot(tx)
		if err != nil {
			return err
		}
		generation := getUint(tx.Bucket(bucketMeta), keyGeneration) + 1
		if err := x.carryOver(tx, snap, m, generation); err != nil {
			return err
		}
		metas := make([]segmentMeta, 0, len(snap.segments))
		for _, old := range snap.segments {
			i := slices.Index(m.sources, old.id)
			if i == 0 {
				metas = append(metas, m.meta)
			}
			if i >= 0 {
				err = errors.Join(err, dropSegment(tx, old.id))
				continue
			}
			metas = append(metas, old)
		}
		if got := len(snap.segments) - len(m.sources) + 1; err == nil && got != len(metas) {
			err = fmt.Errorf("merge: %w", errMoved)
		}
		return errors.Join(err, tx.Bucket(bucketManifest).Put(keyCurrent, encodeManifest(metas)),
			putUint(tx.Bucket(bucketMeta), keyGeneration, generation))
	})
	if err != nil {
		return err
	}
	return x.view(func(*storeView) error { return nil }) // loads the new snapshot
}

// carryOver makes the overlay of a merged segment out of those of its sources.
func (x *Index) carryOver(tx *bolt.Tx, snap *snapshot, m *merged, generation uint64) error {
	dir, err := readDir(tx, m.meta.id)
	if err != nil {
		return err
	}
	seg := openSegment(tx.Bucket(bucketSegments), m.meta, dir, newOverlay())
	over, marked := newOverlay(), false
	for i, id := range m.sources {
		old := snap.overlays[id]
		if old == nil {
			return fmt.Errorf("merge: segment %d: %w", id, errMoved)
		}
		if old.empty() {
			continue
		}
		now := seg.documentsOf(m.files[i])
		if now == nil {
			return fmt.Errorf("merge: segment %d: %w", id, errSegment)
		}
		marked = true
		into := over.bitmaps()
		for k, bitmap := range old.bitmaps() {
			bitmap.Iterate(func(doc uint32) bool {
				into[k].Add(now.pick(int(doc)))
				return true
			})
		}
	}
	if seg.err != nil {
		return x.damaged(seg.err)
	}
	m.meta.count(over)
	if !marked {
		return nil
	}
	m.meta.overlay = generation
	value, err := over.encode()
	if err != nil {
		return err
	}
	return tx.Bucket(bucketOverlays).Put(key32(m.meta.id), value)
}

// dropMerge takes back a merged segment that is not to be named.
func (x *Index) dropMerge(m *merged) error {
	if m == nil || m.meta.id == 0 {
		return nil
	}
	return x.update(func(tx *bolt.Tx) error { return dropSegment(tx, m.meta.id) })
}

// dropSegment removes a segment and its overlay.
func dropSegment(tx *bolt.Tx, id uint32) error {
	return errors.Join(tx.Bucket(bucketSegments).DeleteBucket(key32(id)), tx.Bucket(bucketOverlays).Delete(key32(id)))
}
