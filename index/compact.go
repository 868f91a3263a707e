package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// CompactOptions say how a store is compacted.
type CompactOptions struct {
	// Room is asked first whether so many bytes may be written beside the store; its error ends it. nil: not asked.
	Room func(need int64) error
	// Progress is called after each piece with the bytes written so far and about how many there are; its error ends it.
	Progress func(done, total int64) error
}

// Compacted is what became of a store.
type Compacted struct {
	BytesBefore    int64 `json:"bytes_before"` // of the file
	BytesAfter     int64 `json:"bytes_after"`
	SegmentsBefore int   `json:"segments_before"`
	SegmentsAfter  int   `json:"segments_after"`
	Events         int   `json:"events"`
}

// compactSuffix names the file into which a store is rewritten, beside it. One that a killed run left is removed by the
// next one that opens the store for writing.
const compactSuffix = ".compact"

// Compact merges all small segments and rewrites the file without the space that was freed in it: into another file beside
// it, which takes its place when it is whole and on disk. The lock is kept until then. After an error or a cancel, and
// wherever the process is killed, the store is as it was. Results stay valid.
func (x *Index) Compact(ctx context.Context, opt CompactOptions) (Compacted, error) {
	x.ingest.Lock()
	defer x.ingest.Unlock()
	x.mu.RLock()
	writable, open := x.write, x.db != nil
	x.mu.RUnlock()
	if !writable || !open {
		return Compacted{}, ErrReadOnly
	}
	st, err := x.Stats()
	if err != nil {
		return Compacted{}, err
	}
	done := Compacted{BytesBefore: st.FileBytes, SegmentsBefore: st.Segments, Events: st.Events}
	c := &compactor{x: x, ctx: ctx, opt: opt, total: st.IndexBytes + st.KeptBytes}
	if opt.Room != nil {
		if err := opt.Room(c.total); err != nil {
			return done, err
		}
	}
	if err := c.rewrite(); err != nil {
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		return done, fmt.Errorf("compact %s: %w", x.path, err)
	}
	done.BytesAfter, done.SegmentsAfter = c.size, c.segments
	return done, nil
}

// A compactor writes the new file.
type compactor struct {
	x     *Index
	ctx   context.Context //nolint:containedctx // of the one call it serves
	opt   CompactOptions
	dst   *bolt.DB
	done  int64
	total int64

	size     int64
	segments int
}

// rewrite makes the new file and puts it in the place of the old one.
func (c *compactor) rewrite() error {
	path, err := filepath.EvalSymlinks(c.x.path)
	if err != nil {
		return err
	}
	temp := path + compactSuffix
	if err := removeIfThere(temp); err != nil {
		return err
	}
	if c.dst, err = openBolt(temp, true, 0); err != nil {
		return err
	}
	c.dst.NoSync, c.dst.NoGrowSync = true, true // once, at the end: nobody reads it before
	err = c.fill()
	if err == nil {
		err = c.dst.View(func(tx *bolt.Tx) error {
			c.size = tx.Size()
			return nil
		})
	}
	if err = errors.Join(err, c.dst.Close()); err == nil {
		err = errors.Join(trim(temp, c.size), c.ctx.Err())
	}
	if err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	return c.x.replace(temp, path)
}

// trim makes a file as long as its pages need and brings it to the disk.
func trim(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(size), f.Sync(), f.Close())
}

// fill copies everything, segments last.
func (c *compactor) fill() error {
	return c.x.view(func(v *storeView) error {
		err := v.tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			switch string(name) {
			case string(bucketSegments), string(bucketOverlays), string(bucketManifest):
				return c.put(func(tx *bolt.Tx) error { _, err := tx.CreateBucket(name); return err }, 0)
			}
			return c.copyBucket([][]byte{name}, b)
		})
		if err != nil {
			return err
		}
		return c.copySegments(v)
	})
}

// put runs one transaction of the new file, which writes about so many bytes.
func (c *compactor) put(fn func(tx *bolt.Tx) error, size int64) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if err := c.dst.Update(fn); err != nil {
		return err
	}
	c.done += size
	if c.opt.Progress == nil {
		return nil
	}
	return c.opt.Progress(min(c.done, c.total), c.total)
}

// compactBatch is about how much one transaction writes.
const compactBatch = 8 << 20

// copyBucket copies a bucket with all that is in it, in the order of its keys, so that its pages are full.
func (c *compactor) copyBucket(path [][]byte, b *bolt.Bucket) error {
	type pair struct{ k, v []byte }
	var batch []pair
	size := int64(0)
	flush := func() error {
		err := c.put(func(tx *bolt.Tx) error {
			into, err := bucketAt(tx, path)
			if err != nil {
				return err
			}
			into.FillPercent = 1
			for _, p := range batch {
				if err := into.Put(p.k, p.v); err != nil {
					return err
				}
			}
			return nil
		}, size)
		batch, size = batch[:0], 0
		return err
	}
	err := b.ForEach(func(k, value []byte) error {
		if value == nil {
			return c.copyBucket(append(slices.Clone(path), k), b.Bucket(k))
		}
		batch = append(batch, pair{k, value})
		if size += int64(len(k) + len(value)); size < compactBatch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// bucketAt gives a bucket in buckets, made where it is not there.
func bucketAt(tx *bolt.Tx, path [][]byte) (*bolt.Bucket, error) {
	b, err := tx.CreateBucketIfNotExists(path[0])
	for _, name := range path[1:] {
		if err != nil {
			return nil, err
		}
		b, err = b.CreateBucketIfNotExists(name)
	}
	return b, err
}

// copySegments copies large segments and merges small ones.
func (c *compactor) copySegments(v *storeView) error {
	next := uint32(getUint(v.tx.Bucket(bucketMeta), keyNextSegment))
	generation := v.generation() + 1
	var metas []segmentMeta
	for _, group := range c.groups(v) {
		meta := group[0].meta
		var err error
		if len(group) == 1 {
			err = c.copySegment(v, &meta)
		} else {
			meta, err = c.mergeSegments(v, group, next, generation)
			next++
		}
		if err != nil {
			return err
		}
		metas = append(metas, meta)
	}
	if before, after := countsOf(v.snap.segments), countsOf(metas); before != after {
		return fmt.Errorf("%w: %+v became %+v", errSegment, before, after)
	}
	c.segments = len(metas)
	return c.put(func(tx *bolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		return errors.Join(putUint(meta, keyNextSegment, uint64(next)), putUint(meta, keyGeneration, generation),
			tx.Bucket(bucketManifest).Put(keyCurrent, encodeManifest(metas)))
	}, 0)
}

const (
	// compactDocs is about how many documents a segment has after compacting; larger ones stay as they are.
	compactDocs = 100_000
	// compactBytes bounds what is merged into one: its builder takes three times as much memory.
	compactBytes = 24 << 20
)

// groups says which segments become one, those that are near in time; alone are those that are large, damaged, or have a
// log file in common with another one.
func (c *compactor) groups(v *storeView) (groups [][]*segmentView) {
	shared := v.sharedFiles()
	segs := slices.Clone(v.segments())
	slices.SortStableFunc(segs, func(a, b *segmentView) int { return cmp.Compare(a.meta.maxSec, b.meta.maxSec) })
	var open []*segmentView
	docs, size := 0, int64(0)
	for _, s := range segs {
		m := s.meta
		if m.docs > compactDocs/2 || m.bytes > compactBytes/2 || s.unsound() != "" || slices.ContainsFunc(s.fileNumbers(), shared) {
			groups = append(groups, []*segmentView{s})
			continue
		}
		if docs+m.docs > compactDocs || size+m.bytes > compactBytes {
			groups, open, docs, size = append(groups, open), nil, 0, 0
		}
		open, docs, size = append(open, s), docs+m.docs, size+m.bytes
	}
	if len(open) > 0 {
		groups = append(groups, open)
	}
	return groups
}

// copySegment copies a segment and its overlay as they are.
func (c *compactor) copySegment(v *storeView, m *segmentMeta) error {
	key := key32(m.id)
	if err := c.copyBucket([][]byte{bucketSegments, key}, v.tx.Bucket(bucketSegments).Bucket(key)); err != nil || m.overlay == 0 {
		return err
	}
	return c.put(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketOverlays).Put(key, v.tx.Bucket(bucketOverlays).Get(key))
	}, 0)
}

// mergeSegments writes one segment with the documents of several.
func (c *compactor) mergeSegments(v *storeView, group []*segmentView, id uint32, generation uint64) (segmentMeta, error) {
	hash, err := newRawHash(c.x.hashKey)
	if err != nil {
		return segmentMeta{}, err
	}
	b, m := newBuilder(hash), &merged{}
	for _, s := range group {
		b.takeIn(s)
		m.sources, m.files = append(m.sources, s.meta.id), append(m.files, s.fileNumbers())
		if err := cmp.Or(s.err, c.ctx.Err()); err != nil {
			return segmentMeta{}, err
		}
	}
	encoded := b.encodeOf(0, len(b.docs), b.rankFiles(0, len(b.files)))
	m.meta = encoded.meta
	m.meta.id = id
	for n, chunk := range encoded.chunks {
		err := c.put(func(tx *bolt.Tx) error { return putChunk(tx, id, uint32(n), chunk) }, int64(len(chunk)))
		if err != nil {
			return segmentMeta{}, err
		}
	}
	err = c.put(func(tx *bolt.Tx) error { return c.x.carryOver(tx, v.snap, m, generation) }, 0)
	return m.meta, err
}

// A kept sum must be the same before and after.
type keptSums struct{ docs, timed, shown, untimed, conflicts, variants, replaced, salvaged int }

func countsOf(metas []segmentMeta) (sum keptSums) {
	for i := range metas {
		m := &metas[i]
		sum.docs += m.docs
		sum.timed += m.timed
		sum.shown += m.shown
		sum.untimed += m.shownUntimed
		sum.conflicts += m.conflicts
		sum.variants += m.variants
		sum.replaced += m.replaced
		sum.salvaged += m.salvaged
	}
	return sum
}

// replace puts a whole file in the place of the store and goes on with it. Who waits for the lock on the old file finds
// another one in its place then, and waits for that one (openBolt).
func (x *Index) replace(temp, path string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.remember(); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // an open file cannot be replaced there
		if err := x.release(); err != nil {
			return err
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	if err := errors.Join(syncFolder(filepath.Dir(path)), x.release()); err != nil {
		return err
	}
	if err := x.open(x.opt.Wait); !errors.Is(err, ErrLocked) {
		return err
	}
	x.write = false // somebody was faster; what was to be done is done
	return nil
}

// syncFolder makes a rename last.
func syncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
