package index

import (
	"context"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// A batch is what a worker hands to the committer. It is published as a whole, unless ahead or discard is set.
type batch struct {
	segments []encodedSegment
	files    []*fileResult
	chunks   []keptChunk // written ahead
	tokens   []byte      // filters of the log files

	ahead   *fileResult // write segments and chunks of this log file, which is still being read
	discard *fileResult // take back what was written ahead
	done    chan error  // answered once written; may be nil
	err     error       // ends the run
}

// commitAll writes batches until there are no more, and merges segments. After an error it takes the rest without writing.
// What was read whole is published even after a cancel; merging ends with parent.
func (r *run) commitAll(parent context.Context, cancel context.CancelCauseFunc) error {
	ctx := context.WithoutCancel(parent)
	m := newMerging(parent, r)
	var failed error
	for {
		var err error
		select {
		case p := <-m.done:
			err = m.take(p)
		case b, more := <-r.batches:
			if !more {
				return m.finish(failed)
			}
			if failed == nil {
				err = r.commit(ctx, b)
			}
			if b.done != nil {
				b.done <- errors.Join(failed, err)
			}
		}
		if err != nil {
			failed = errors.Join(failed, err)
			cancel(failed)
			m.stop()
		}
		m.start()
	}
}

func (r *run) commit(ctx context.Context, b *batch) error {
	switch {
	case b.err != nil:
		return b.err
	case b.discard != nil:
		return r.x.update(func(tx *bolt.Tx) error { return dropAhead(tx, b.discard) })
	case b.ahead != nil:
		return r.writeAhead(ctx, b)
	}
	return r.publish(ctx, b)
}

// writeAhead writes parts of a log file that is still being read. Nothing names them yet.
func (r *run) writeAhead(ctx context.Context, b *batch) error {
	metas, err := r.writeSegments(ctx, b.segments)
	if err != nil {
		return err
	}
	b.ahead.segments = append(b.ahead.segments, metas...)
	if len(b.chunks) == 0 {
		return nil
	}
	b.ahead.ahead = true
	return r.x.update(func(tx *bolt.Tx) error {
		if err := tx.Bucket(bucketPending).Put(key32(b.ahead.row.no), nil); err != nil {
			return err
		}
		return putKept(tx, b.chunks)
	})
}

// writeSegments writes segments that nothing names yet.
func (r *run) writeSegments(ctx context.Context, segments []encodedSegment) ([]segmentMeta, error) {
	metas := make([]segmentMeta, 0, len(segments))
	for i := range segments {
		meta, err := r.x.writeSegment(ctx, &segments[i])
		if err != nil {
			return nil, err
		}
		metas = append(metas, meta)
	}
	return metas, nil
}

// writeSegment writes a segment in transactions of one chunk, some 16 MB, each: bbolt holds the values of a transaction
// about twice until it commits. After an error what was written is left for the next one who opens the store to sweep.
func (x *Index) writeSegment(ctx context.Context, s *encodedSegment) (segmentMeta, error) {
	meta := s.meta
	for n, chunk := range s.chunks {
		if err := ctx.Err(); err != nil {
			return segmentMeta{}, err
		}
		err := x.update(func(tx *bolt.Tx) error {
			if n == 0 {
				meta.id = takeSegment(tx)
			}
			return putChunk(tx, meta.id, uint32(n), chunk)
		})
		if err != nil {
			return segmentMeta{}, err
		}
	}
	return meta, nil
}

func takeSegment(tx *bolt.Tx) uint32 {
	return uint32(getUint(tx.Bucket(bucketMeta), keyNextSegment))
}

// putChunk writes a chunk of a segment into the segment's own bucket: beside others in one leaf it would be written
// again with the next one.
func putChunk(tx *bolt.Tx, id, n uint32, chunk []byte) error {
	b, err := tx.Bucket(bucketSegments).CreateBucketIfNotExists(key32(id))
	if err != nil {
		return err
	}
	if n == 0 {
		if err := putUint(tx.Bucket(bucketMeta), keyNextSegment, uint64(id)+1); err != nil {
			return err
		}
	}
	return b.Put(chunkKey(n), chunk)
}

// dropAhead removes what was written ahead of a log file.
func dropAhead(tx *bolt.Tx, f *fileResult) error {
	for _, m := range f.segments {
		if err := tx.Bucket(bucketSegments).DeleteBucket(key32(m.id)); err != nil {
			return err
		}
	}
	if !f.ahead {
		return nil
	}
	if err := tx.Bucket(bucketPending).Delete(key32(f.row.no)); err != nil {
		return err
	}
	return dropKept(tx, f.row.no)
}

// publish makes a batch visible: segments, kept bytes, ledger rows, overlays and manifest in one transaction. Segments
// of more than a chunk are written before.
func (r *run) publish(ctx context.Context, b *batch) error {
	var added []segmentMeta
	var inline []encodedSegment
	for _, s := range b.segments {
		if len(s.chunks) == 1 {
			inline = append(inline, s)
			continue
		}
		metas, err := r.writeSegments(ctx, []encodedSegment{s})
		if err != nil {
			return err
		}
		added = append(added, metas...)
	}
	for _, f := range b.files {
		added = append(added, f.segments...)
	}
	var change visibleChange
	err := r.x.update(func(tx *bolt.Tx) error {
		for _, s := range inline {
			s.meta.id = takeSegment(tx)
			if err := putChunk(tx, s.meta.id, 0, s.chunks[0]); err != nil {
				return err
			}
			added = append(added, s.meta)
		}
		for _, f := range b.files {
			if err := errors.Join(r.putFile(tx, f), r.putContent(tx, f)); err != nil {
				return err
			}
		}
		if err := putTokens(tx, b.tokens); err != nil {
			return err
		}
		var err error
		change, err = r.publishSegments(ctx, tx, added, b.files)
		return err
	})
	if err != nil {
		return err
	}
	return r.published(b, change)
}

// putFile writes the ledger row and the kept bytes of a log file.
func (r *run) putFile(tx *bolt.Tx, f *fileResult) error {
	switch {
	case f.same:
		row := *f.prev // the bytes are the same: only what the listing says of them may be new
		row.ETag, row.modTime, row.at = f.row.ETag, f.row.modTime, nil
		return putRow(tx, &row)
	case f.row.State == StateFailed && f.prev != nil && f.prev.State != StateFailed:
		return nil // what is held stays as it is
	}
	if f.prev != nil && f.prev.State != StateFailed {
		old := *f.prev
		old.State = StateChanged
		if err := putRow(tx, &old); err != nil {
			return err
		}
	}
	if f.ahead {
		if err := tx.Bucket(bucketPending).Delete(key32(f.row.no)); err != nil {
			return err
		}
	}
	if err := putKept(tx, f.chunks); err != nil {
		return err
	}
	return putRow(tx, f.row)
}

// putContent notes what was found in a log file that came in, for Proofs. Where the same bytes are listed anew, what was
// found in them stays known.
func (r *run) putContent(tx *bolt.Tx, f *fileResult) error {
	if f.same && f.content == nil {
		p, err := contentProofOf(tx, f.prev)
		if p == nil || err != nil || f.listed.same(p.stamp) {
			return err
		}
		f.content = &p.hash
	}
	if f.content == nil {
		return nil
	}
	b, err := tx.CreateBucketIfNotExists(bucketProofs)
	if err != nil {
		return err
	}
	b.FillPercent = 0.95 // mostly in the order of their keys
	return putContent(b, f.row.place, f.row.Key, contentProof{f.listed, *f.content})
}

// verdicts gives the table with the verdicts of log files that came in, as far as the report on the place and what was
// found in them tell.
func (r *run) verdicts(tx *bolt.Tx, snap *snapshot, files []*fileResult) (table verdictTable, changed bool, err error) {
	said, err := openReport(tx, r.place)
	if said == nil || err != nil {
		return snap.verdicts, false, err
	}
	table = snap.verdicts
	for _, f := range files {
		if f.row.no == 0 || f.same {
			continue
		}
		of, err := said.judge(tx, f.row, false)
		if err != nil {
			return nil, false, err
		}
		if of == verdictUnchecked {
			continue
		}
		if !changed {
			table, changed = slices.Clone(table), true
		}
		table = append(table, make(verdictTable, max(0, int(f.row.no)+1-len(table)))...)
		table[f.row.no] = byte(of)
	}
	return table, changed, nil
}

// visibleChange is what a transaction changed in what is shown.
type visibleChange struct {
	generation                   uint64
	shown, duplicates, conflicts int // by how much the counts grew
	total                        int // shown in all
}

// publishSegments adds segments to the manifest and brings the overlays up to date.
func (r *run) publishSegments(ctx context.Context, tx *bolt.Tx, added []segmentMeta, files []*fileResult) (visibleChange, error) {
	meta := tx.Bucket(bucketMeta)
	change := visibleChange{generation: getUint(meta, keyGeneration) + 1}
	snap, err := r.x.loadSnapshot(tx)
	if err != nil {
		return change, err
	}
	table, changed, err := r.verdicts(tx, snap, files)
	if err != nil {
		return change, r.x.damaged(err)
	}
	if changed {
		if err := putVerdicts(tx, table, change.generation); err != nil {
			return change, err
		}
	}
	c := &copies{x: r.x, tx: tx, filters: &r.filters, reopen: r.reopen, generation: change.generation, verdicts: table}
	if err := c.open(snap, added); err != nil {
		return change, err
	}
	before := c.counts(c.old)
	if err := c.settle(ctx, files); err != nil {
		return change, err
	}
	after := c.counts(len(c.metas))
	change.total = after.shown
	change.shown, change.duplicates, change.conflicts = after.shown-before.shown, after.duplicates-before.duplicates, after.conflicts-before.conflicts
	metas, err := c.write()
	if err != nil {
		return change, err
	}
	for k, v := range map[string]uint64{string(keyGeneration): change.generation, string(keyNextFile): uint64(r.nextNo.Load()) + 1} {
		if err := putUint(meta, []byte(k), v); err != nil {
			return change, err
		}
	}
	return change, tx.Bucket(bucketManifest).Put(keyCurrent, encodeManifest(metas))
}

// published counts a batch that is visible now.
func (r *run) published(b *batch, change visibleChange) error {
	if err := r.x.view(func(*storeView) error { return nil }); err != nil { // loads the new snapshot
		return err
	}
	r.count(func(p *Progress, s *Summary) {
		for _, f := range b.files {
			s.add(f)
			p.Done++
			if f.row.State == StateFailed || f.row.State == StateProblem {
				p.Failed++
			}
			p.Bytes += f.row.Bytes
			s.BytesCompressed += f.row.Size
			s.Bytes += f.row.Bytes
		}
		s.Events += change.shown
		s.Duplicates += change.duplicates
		s.Conflicts += change.conflicts
		p.Events, p.EventsHeld, p.Generation = s.Events, change.total, change.generation
		if p.Events > 0 && !r.showed {
			r.showed = true
			close(r.first)
		}
	})
	return nil
}

// add counts a log file.
func (s *Summary) add(f *fileResult) {
	if f.same {
		return
	}
	switch f.row.State {
	case StateIgnored:
		s.ignore(f.row.Other)
		return
	case StateDigest:
		s.DigestFiles++
		return
	case StateFailed:
		s.SkippedFiles++
		s.problem(f.row.Key, f.row.Reason)
		return
	case StateHeld, StateProblem, StateChanged:
	}
	s.Files++
	s.Salvaged += f.row.Salvaged
	s.SkippedRecords += f.row.Skipped
	if f.row.State != StateProblem {
		return
	}
	if f.row.Events == 0 && f.row.Reason != "" {
		s.SkippedFiles++
	}
	s.problem(f.row.Key, f.row.problemText())
}

// ignore counts a thing that is recognisably no log file.
func (s *Summary) ignore(kind string) {
	s.IgnoredFiles++
	if s.Ignored == nil {
		s.Ignored = map[string]int{}
	}
	s.Ignored[kind]++
}

// problemText is what is wrong with a log file in one line.
func (r *FileRow) problemText() string {
	switch {
	case r.Reason != "":
		return r.Reason
	case r.Skipped == 1 && len(r.Problems) > 0:
		return "1 record skipped: " + r.Problems[0].Reason
	case len(r.Problems) > 0:
		return fmt.Sprintf("%d records skipped, the first: %s", r.Skipped, r.Problems[0].Reason)
	}
	return fmt.Sprintf("%d records skipped", r.Skipped)
}

// shown is how many events the store shows.
func (v *storeView) shown() int {
	n := 0
	for i := range v.snap.segments {
		n += v.snap.segments[i].shown
	}
	return n
}
