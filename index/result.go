package index

import (
	"context"
	"sync/atomic"
	"time"
)

// A Result is the events a search found, in order: newest first, ties by eventID, log file key and position, events
// without a time last. It never changes, is safe for concurrent use and holds no transaction; it stays valid while the
// Index is open, also while more comes in, which it does not show.
type Result struct {
	index      *Index
	segments   []segmentHits
	moved      atomic.Pointer[[]segmentHits] // the same by the segments of now, where some were merged
	count      int
	untimed    int
	conflicts  int
	unreadable int
	first      time.Time // oldest
	last       time.Time // newest
	partial    bool
	took       time.Duration
	generation uint64
}

// segmentHits are the hits of one segment.
type segmentHits struct {
	id   uint32
	hits *docSet
}

// Count is the number of events found.
func (r *Result) Count() int { return r.count }

// Partial says that the search was still going on: every count is a lower bound.
func (r *Result) Partial() bool { return r.partial }

// Untimed is how many of the events have no usable time.
func (r *Result) Untimed() int { return r.untimed }

// Conflicts is how many of the events are marked: another copy says otherwise.
func (r *Result) Conflicts() int { return r.conflicts }

// Unreadable is how many events could not be looked at, since their records cannot be read back; they are not in the
// result. 0 for queries that need no records.
func (r *Result) Unreadable() int { return r.unreadable }

// Span is the time of the oldest and of the newest event; ok is false where none has a time.
func (r *Result) Span() (first, last time.Time, ok bool) {
	return r.first, r.last, r.count > r.untimed
}

// Took is how long the search took.
func (r *Result) Took() time.Duration { return r.took }

// Generation is the state of the index the search saw.
func (r *Result) Generation() uint64 { return r.generation }

// newResult gathers the hits of segments.
func newResult(segs []*segmentView, hits []*docSet) *Result {
	r := &Result{}
	for i, seg := range segs {
		h := hits[i]
		if h.count == 0 {
			continue
		}
		r.segments = append(r.segments, segmentHits{id: seg.meta.id, hits: h})
		r.count += h.count
		timed := h.rank(uint32(seg.timed()))
		r.untimed += h.count - timed
		if timed > 0 {
			newest, _ := h.next(0)
			r.widen(docTime(seg, h.pick(timed-1)), docTime(seg, newest))
		}
		if conflict := seg.overlay().conflict; !conflict.IsEmpty() {
			conflict.Iterate(func(doc uint32) bool {
				if h.has(doc) {
					r.conflicts++
				}
				return true
			})
		}
	}
	return r
}

// widen takes the span of a segment in.
func (r *Result) widen(first, last time.Time) {
	if r.first.IsZero() || first.Before(r.first) {
		r.first = first
	}
	if r.last.IsZero() || last.After(r.last) {
		r.last = last
	}
}

// docTime is the time of a document that has one.
func docTime(seg *segmentView, doc uint32) time.Time {
	sec, nsec := seg.time(doc)
	return time.Unix(sec, int64(nsec)).UTC()
}

// read gives the hits with views of their segments, for as long as do runs.
func (r *Result) read(ctx context.Context, do func(v *storeView, runs []hitList) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.index.view(func(v *storeView) error {
		runs, err := r.runs(v)
		if err != nil {
			return err
		}
		if err := do(v, runs); err != nil {
			return err
		}
		return v.err()
	})
}
