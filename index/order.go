package index

import (
	"bytes"
	"cmp"
	"math/rand/v2"
	"sort"
	"strings"
)

// A hitList is the hits of one segment with the view to read them by: a list of events in order, for as long as the view.
type hitList struct {
	seg  *segmentView
	hits *docSet
}

// compareDocs is the order of all events: newest first; without a time last; then by eventID where that is a GUID, those
// that are none after; then by log file key, place and position. Whatever the order of arrival, it gives the same.
func compareDocs(a *segmentView, da uint32, b *segmentView, db uint32) int {
	at, bt := int(da) < a.timed(), int(db) < b.timed()
	switch {
	case at && bt:
		asec, ansec := a.time(da)
		bsec, bnsec := b.time(db)
		if c := cmp.Or(cmp.Compare(bsec, asec), cmp.Compare(bnsec, ansec)); c != 0 {
			return c
		}
	case at:
		return -1
	case bt:
		return 1
	}
	aid, aguid := a.id(da)
	bid, bguid := b.id(db)
	switch {
	case aguid && bguid:
		if c := bytes.Compare(aid[:], bid[:]); c != 0 {
			return c
		}
	case aguid:
		return -1
	case bguid:
		return 1
	}
	af, bf := a.logFile(da), b.logFile(db)
	return cmp.Or(
		strings.Compare(af.key, bf.key),
		strings.Compare(af.place, bf.place),
		cmp.Compare(bf.version, af.version),
		cmp.Compare(a.position(da), b.position(db)),
	)
}

// before is the number of hits of a run that come before a document of any segment, known to be in [lo, hi].
func (r *hitList) before(seg *segmentView, doc uint32, lo, hi int) int {
	if r.seg == seg {
		return min(max(r.hits.rank(doc), lo), hi)
	}
	return lo + sort.Search(hi-lo, func(i int) bool {
		return compareDocs(r.seg, r.hits.pick(lo+i), seg, doc) >= 0
	})
}

// locate says where row k of all runs together is: how many hits of each run come before it. It takes a hit at random,
// counts what comes before it in each run, and goes on in the half that holds the row, as quickselect does: some 30
// rounds at 10 M hits, whichever row is asked for.
func locate(runs []hitList, k int) []int {
	lo, hi := make([]int, len(runs)), make([]int, len(runs))
	left := 0
	for i, r := range runs {
		hi[i] = r.hits.count
		left += r.hits.count
	}
	switch {
	case k <= 0:
		return lo
	case k >= left:
		return hi
	}
	rng := rand.New(rand.NewPCG(uint64(k), uint64(left))) //nolint:gosec // any hit will do
	at := make([]int, len(runs))
	for left > 0 {
		p, m := nth(lo, hi, rng.IntN(left))
		doc := runs[p].hits.pick(m)
		total := 0
		for i := range runs {
			at[i] = runs[i].before(runs[p].seg, doc, lo[i], hi[i])
			total += at[i]
		}
		switch {
		case total == k:
			return at
		case total < k:
			copy(lo, at)
			lo[p]++ // the hit itself comes before the row too
		default:
			copy(hi, at)
		}
		left = 0
		for i := range runs {
			left += hi[i] - lo[i]
		}
	}
	return lo
}

// nth finds hit n of what is left: its run, and its number in the run.
func nth(lo, hi []int, n int) (run, member int) {
	for i := range lo {
		if n < hi[i]-lo[i] {
			return i, lo[i] + n
		}
		n -= hi[i] - lo[i]
	}
	return len(lo) - 1, hi[len(hi)-1] - 1
}

// A walker goes through the hits of all runs in order: a heap with the next hit of each run.
type walker struct {
	runs []hitList
	next []uint32 // the next hit of each run
	heap []int    // runs that are not at their end, the one with the first hit at the top
}

// walk starts at a place that locate found.
func walk(runs []hitList, at []int) *walker {
	w := &walker{runs: runs, next: make([]uint32, len(runs))}
	for i, r := range runs {
		if at[i] < r.hits.count {
			w.next[i] = r.hits.pick(at[i])
			w.heap = append(w.heap, i)
		}
	}
	for i := len(w.heap)/2 - 1; i >= 0; i-- {
		w.down(i)
	}
	return w
}

// step gives the next hit: the number of its run, and the document.
func (w *walker) step() (run int, doc uint32, ok bool) {
	if len(w.heap) == 0 {
		return 0, 0, false
	}
	run = w.heap[0]
	doc = w.next[run]
	if next, more := w.runs[run].hits.next(doc + 1); more {
		w.next[run] = next
	} else {
		last := len(w.heap) - 1
		w.heap[0] = w.heap[last]
		w.heap = w.heap[:last]
	}
	w.down(0)
	return run, doc, true
}

func (w *walker) less(i, j int) bool {
	a, b := w.heap[i], w.heap[j]
	return compareDocs(w.runs[a].seg, w.next[a], w.runs[b].seg, w.next[b]) < 0
}

func (w *walker) down(i int) {
	for {
		kid := 2*i + 1
		if kid >= len(w.heap) {
			return
		}
		if kid+1 < len(w.heap) && w.less(kid+1, kid) {
			kid++
		}
		if !w.less(kid, i) {
			return
		}
		w.heap[i], w.heap[kid] = w.heap[kid], w.heap[i]
		i = kid
	}
}
