package index

import (
	"errors"
	"slices"
	"sync"
)

// Results and the names of events outlive segments. An event is named by the number of its log file in the store and its
// place in that file, which never change. A result holds documents of segments; where one of these was merged into
// another, the result goes on with the documents of that one which come from the same log files: they are in the same
// order. A segment that has a log file in common with another one (only very large log files are in several) is never
// merged, so it is enough to know which log files a segment had.

// errMoved says that a segment is not there any more and that nobody knows what became of it: another process had the
// store in between. To search again is the answer.
var errMoved = errors.New("the index was rewritten meanwhile; search again")

// pastFiles are the log file numbers of segments that may go away, by segment id. Safe for concurrent use.
type pastFiles struct {
	mu sync.Mutex
	of map[uint32][]uint32
}

func (p *pastFiles) add(ids []uint32, files [][]uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[uint32][]uint32{}
	}
	for i, id := range ids {
		p.of[id] = files[i]
	}
}

func (p *pastFiles) files(id uint32) []uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of[id]
}

// remember notes the log files of all segments, before the file is given up for a while: another process may merge them.
func (x *Index) remember() error {
	if x.db == nil || x.snap.Load() == nil {
		return nil
	}
	tx, err := x.db.Begin(false)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	snap, err := x.loadSnapshot(tx)
	if err != nil {
		return err
	}
	v := &storeView{x: x, tx: tx, snap: snap}
	for _, s := range v.segments() {
		if id := s.segmentID(); x.past.files(id) == nil {
			x.past.add([]uint32{id}, [][]uint32{s.fileNumbers()})
		}
	}
	return nil
}

// fileNumbers are the numbers of the log files of a segment, in ascending order.
func (v *segmentView) fileNumbers() []uint32 {
	nos := make([]uint32, 0, v.dir.files)
	for local := range v.dir.files {
		f, ok := v.fileAt(uint32(local + 1))
		if !ok {
			v.fail(errSegment)
			break
		}
		nos = append(nos, f.no)
	}
	slices.Sort(nos)
	return nos
}

// sharedFiles tells the log files that are in several segments.
func (v *storeView) sharedFiles() func(no uint32) bool {
	var once, twice []uint64
	for _, s := range v.segments() {
		for _, no := range s.fileNumbers() {
			i := int(no / wordBits)
			if i >= len(once) {
				once, twice = append(once, make([]uint64, i+1-len(once))...), append(twice, make([]uint64, i+1-len(twice))...)
			}
			bit := uint64(1) << (no % wordBits)
			twice[i] |= once[i] & bit
			once[i] |= bit
		}
	}
	return func(no uint32) bool {
		return int(no/wordBits) >= len(twice) || twice[no/wordBits]>>(no%wordBits)&1 != 0
	}
}

// documentsOf are the documents of some log files, all of which must be the segment's; nil where they are not.
func (v *segmentView) documentsOf(files []uint32) *docSet {
	want := newCodeSet(v.dir.files)
	for local := range v.dir.files {
		f, _ := v.fileAt(uint32(local + 1))
		if _, found := slices.BinarySearch(files, f.no); found {
			want.add(uint32(local + 1))
		}
	}
	if len(files) == 0 || len(want.codes) != len(files) {
		return nil
	}
	words := make([]uint64, wordsFor(v.docs()))
	v.files().gather(words, want)
	return sealSet(words, v.docs())
}

// follow gives the hits by the segments of the view.
func (v *storeView) follow(hits []segmentHits) ([]segmentHits, error) {
	words := map[uint32][]uint64{}
	var order []*segmentView
	into := func(s *segmentView) []uint64 {
		if words[s.meta.id] == nil {
			words[s.meta.id] = make([]uint64, wordsFor(s.docs()))
			order = append(order, s)
		}
		return words[s.meta.id]
	}
	for _, h := range hits {
		if s := v.segment(h.id); s != nil {
			w := into(s)
			for i := range w {
				w[i] |= h.hits.wordAt(i)
			}
			continue
		}
		s, now := v.successor(v.x.past.files(h.id))
		if s == nil || now.count != h.hits.docs {
			return nil, errMoved
		}
		w, old := into(s), uint32(0)
		for doc, ok := now.next(0); ok; doc, ok = now.next(doc + 1) {
			if h.hits.has(old) {
				w[doc/wordBits] |= 1 << (doc % wordBits)
			}
			old++
		}
	}
	moved := make([]segmentHits, len(order))
	for i, s := range order {
		moved[i] = segmentHits{id: s.meta.id, hits: sealSet(words[s.meta.id], s.docs())}
	}
	return moved, v.err()
}

// successor is the segment that all of some log files are in now, and their documents; nil where there is none.
func (v *storeView) successor(files []uint32) (*segmentView, *docSet) {
	for _, s := range v.segments() {
		if now := s.documentsOf(files); now != nil {
			return s, now
		}
	}
	return nil, nil
}

// runs gives the hits of the result with views of their segments.
func (r *Result) runs(v *storeView) ([]hitList, error) {
	hits := r.segments
	if moved := r.moved.Load(); moved != nil {
		hits = *moved
	}
	for try := 0; ; try++ {
		runs := make([]hitList, 0, len(hits))
		for _, s := range hits {
			if seg := v.segment(s.id); seg != nil && seg.docs() == s.hits.docs {
				runs = append(runs, hitList{seg: seg, hits: s.hits})
			}
		}
		if len(runs) == len(hits) {
			return runs, nil
		}
		moved, err := v.follow(hits)
		if err != nil || try > 0 {
			return nil, errors.Join(err, errMoved)
		}
		hits = moved
		r.moved.Store(&moved)
	}
}

// ref names a document for good.
func (v *segmentView) ref(doc uint32) Ref {
	return Ref{File: v.file(doc).no, Position: v.position(doc)}
}

// document finds what ref named.
func (v *storeView) document(ref Ref) (seg *segmentView, doc uint32, ok bool) {
	for _, s := range v.segments() {
		for local := range s.dir.files {
			if f, _ := s.fileAt(uint32(local + 1)); f.no == ref.File {
				if doc, ok = s.documentAt(uint32(local+1), ref.Position); ok {
					return s, doc, true
				}
			}
		}
	}
	return nil, 0, false
}

// documentAt finds a document by its log file, a local number, and its place in it.
func (v *segmentView) documentAt(local, position uint32) (doc uint32, ok bool) {
	files, positions := v.files(), v.numbers(partPos, v.docs())
	for doc := range uint32(v.docs()) {
		if files.code(doc) == local && uint32(positions.at(doc)) == position {
			return doc, true
		}
	}
	return 0, false
}
