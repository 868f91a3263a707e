package index

import (
	"context"

	"github.com/trailsift/trailsift/source"
)

// Holds reports whether bringing in would pass a log file of a place by: the store has it as it is listed.
func (x *Index) Holds(place source.Place, f source.File) (held bool, err error) {
	err = x.view(func(v *storeView) error {
		for no, p := range v.snap.places {
			if p.place.ID != place.ID {
				continue
			}
			row, err := newestRow(v.tx, v.snap.places, no, f.Key)
			if err != nil {
				return x.damaged(err)
			}
			held = row != nil && row.listedSame(f)
		}
		return nil
	})
	return held, err
}

// A Mark is a state of the store between two bringings in.
type Mark struct{ file uint32 }

// Mark is the state of the store now; not for use while something is coming in.
func (x *Index) Mark() (m Mark, err error) {
	err = x.view(func(v *storeView) error {
		m.file = uint32(getUint(v.tx.Bucket(bucketMeta), keyNextFile))
		return nil
	})
	return m, err
}

// Since gives the events of a result that came in after a mark. One of which the store had a copy before is not among
// them, though another copy is shown now, unless the copies are in conflict.
func (r *Result) Since(ctx context.Context, m Mark) (*Result, error) {
	var fresh *Result
	err := r.read(ctx, func(v *storeView, runs []hitList) error {
		var segs []*segmentView
		var sets []*docSet
		for _, run := range runs {
			if err := ctx.Err(); err != nil {
				return err
			}
			if set := v.arrived(run, m); set.count > 0 {
				segs, sets = append(segs, run.seg), append(sets, set)
			}
		}
		fresh = newResult(segs, sets)
		fresh.index, fresh.generation = r.index, r.generation
		return nil
	})
	return fresh, err
}

// since gives the log files of a segment, by local number, that came in after a mark.
func (m Mark) since(seg *segmentView) *codeSet {
	fresh := newCodeSet(seg.dir.files)
	for local := range seg.dir.files {
		if f, _ := seg.fileAt(uint32(local + 1)); f.no >= m.file {
			fresh.add(uint32(local + 1))
		}
	}
	return fresh
}

// arrived are the hits of a segment in log files after the mark of which no log file before it has a copy.
func (v *storeView) arrived(run hitList, m Mark) *docSet {
	seg, fresh := run.seg, m.since(run.seg)
	if len(fresh.codes) == 0 {
		return emptySet(seg.docs())
	}
	words, files := make([]uint64, wordsFor(seg.docs())), seg.files()
	for doc, ok := run.hits.next(0); ok; doc, ok = run.hits.next(doc + 1) {
		if fresh.bit(files.code(doc)) == 0 {
			continue
		}
		if seg.overlay().conflict.Contains(doc) || !v.hadCopy(seg, doc, m) {
			words[doc/wordBits] |= 1 << (doc % wordBits)
		}
	}
	return sealSet(words, seg.docs())
}

// hadCopy says whether a log file before the mark has a copy of an event.
func (v *storeView) hadCopy(seg *segmentView, doc uint32, m Mark) (had bool) {
	id, _ := seg.id(doc)
	own := copyInfoOf(seg, copyRef{id, 0, doc})
	for i, old := range v.segments() {
		if had {
			break
		}
		old.findID(id, func(copied uint32) {
			info := copyInfoOf(old, copyRef{id, i, copied})
			had = had || info.fileNo < m.file && info.sameIdentity(&own)
		})
	}
	return had
}
