package index

import (
	"cmp"
	"context"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/trailsift/trailsift/source"
)

// partialEvery is the time between two reports of a search that reads records.
const partialEvery = 250 * time.Millisecond

// A scan asks the records of all documents that the bitmaps leave open. It goes through the log files of one segment
// after the other, the newest first, each inflated once; between log files it holds neither a transaction nor records.
type scan struct {
	x          *Index
	plan       *plan
	began      time.Time
	generation uint64
	segs       []*scanSegment
	total      int // documents to ask

	mu         sync.Mutex // guards what follows
	asked      int
	unreadable int
	hits       int
	queue      []scanFile // of the segment at hand
	ahead      int        // segments whose log files are not queued yet: segs[order[ahead:]]
	order      []int
	first      chan struct{} // closed at the first hit
}

// A scanSegment is what is known of one segment so far.
type scanSegment struct {
	found
	words []uint64 // the matches that sure does not have
	set   *docSet  // all matches when it was last asked; nil: out of date
}

// A scanFile is a log file of a segment with the documents to ask, by their place in it.
type scanFile struct {
	seg  int
	file readableFile
	docs []uint32
	// spans of the documents, by ascending offset.
	spans []recordSpan
}

// newScan gets ready what evaluate found.
func newScan(x *Index, p *plan, found []found) *scan {
	s := &scan{x: x, plan: p, first: make(chan struct{})}
	for i, f := range found {
		seg := &scanSegment{found: f, set: f.sure}
		if f.ask != nil {
			s.total += countBits(f.ask)
			seg.words = make([]uint64, len(f.ask))
			s.order = append(s.order, i)
		}
		s.segs = append(s.segs, seg)
	}
	slices.SortFunc(s.order, func(a, b int) int { return int(max(-1, min(1, found[b].meta.maxSec-found[a].meta.maxSec))) })
	return s
}

// run reads on all cores and reports; it returns when all records were asked.
func (s *scan) run(ctx context.Context, partial func(r *Result, done float64)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	errs := make(chan error, workers)
	for range workers {
		go func() { errs <- s.work(ctx) }()
	}
	tick := time.NewTicker(partialEvery)
	defer tick.Stop()
	first := s.first
	var failed error
	for left := workers; left > 0; {
		select {
		case err := <-errs:
			left--
			if err != nil && failed == nil {
				failed = err
				cancel()
			}
			continue
		case <-first:
			first = nil
			tick.Reset(partialEvery)
		case <-tick.C:
		}
		if partial != nil && failed == nil {
			r, done, err := s.soFar()
			if err != nil {
				failed = err
				cancel()
				continue
			}
			partial(r, done)
		}
	}
	return failed
}

// work asks log file after log file.
func (s *scan) work(ctx context.Context) error {
	for {
		f, ok, err := s.take(ctx)
		if err != nil || !ok {
			return err
		}
		if err := s.ask(ctx, f); err != nil {
			return err
		}
	}
}

// take gives the next log file.
func (s *scan) take(ctx context.Context) (scanFile, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) == 0 {
		if err := ctx.Err(); err != nil || s.ahead == len(s.order) {
			return scanFile{}, false, err
		}
		i := s.order[s.ahead]
		s.ahead++
		err := s.x.view(func(v *storeView) error {
			seg := v.segment(s.segs[i].meta.id)
			if seg == nil {
				return errMoved
			}
			var err error
			if s.queue, err = filesOf(v, seg, i, s.segs[i].ask); err != nil {
				return err
			}
			return v.err()
		})
		if err != nil {
			return scanFile{}, false, err
		}
		s.segs[i].ask = nil
	}
	f := s.queue[0]
	s.queue = s.queue[1:]
	return f, true, nil
}

// A placedDoc is a document with where its record begins.
type placedDoc struct {
	offset uint64
	doc    uint32
}

// filesOf groups documents by log file: the log file with the newest document first, documents by their offset.
func filesOf(v *storeView, seg *segmentView, number int, ask []uint64) ([]scanFile, error) {
	local := seg.files()
	place := map[uint32]int{}
	var out []scanFile
	for i, w := range ask {
		for ; w != 0; w &= w - 1 {
			doc := uint32(i*wordBits + bits.TrailingZeros64(w))
			code := local.code(doc)
			at, seen := place[code]
			if !seen {
				file, err := v.readable(seg, code)
				if err != nil {
					return nil, err
				}
				at = len(out)
				place[code] = at
				out = append(out, scanFile{seg: number, file: file})
			}
			out[at].docs = append(out[at].docs, doc)
		}
	}
	spans := newSpanReader(seg)
	var order []placedDoc
	for i := range out {
		f := &out[i]
		order = order[:0]
		for _, doc := range f.docs {
			order = append(order, placedDoc{spans.offset.at(doc), doc})
		}
		slices.SortFunc(order, func(a, b placedDoc) int { return cmp.Compare(a.offset, b.offset) })
		for k := range order {
			f.docs[k] = order[k].doc
		}
		f.spans = make([]recordSpan, len(f.docs))
		for k, doc := range f.docs {
			f.spans[k] = spans.at(doc)
		}
	}
	return out, nil
}

// ask asks the records of one log file. Those that cannot be read are counted.
func (s *scan) ask(ctx context.Context, f scanFile) error {
	seg := s.segs[f.seg]
	var hits []uint32
	told := 0 // records whose answers are taken in
	flush := func(n int) {
		s.takeIn(seg, hits, n-told)
		hits, told = hits[:0], n
	}
	read := 0
	err := s.x.readRecords(ctx, f.file, f.spans, func(i int, raw []byte) error {
		if seg.rest.holds(f.docs[i], raw) {
			hits = append(hits, f.docs[i])
		}
		if read++; read%256 == 0 || read == 1 && len(hits) > 0 {
			flush(read)
		}
		return ctx.Err()
	})
	flush(read)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if lost := len(f.docs) - read; lost > 0 || err != nil {
		s.mu.Lock()
		s.unreadable += lost
		s.asked += lost
		s.mu.Unlock()
	}
	return nil
}

func (s *scan) takeIn(seg *scanSegment, hits []uint32, asked int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked += asked
	if len(hits) == 0 {
		return
	}
	for _, doc := range hits {
		seg.words[doc/wordBits] |= 1 << (doc % wordBits)
	}
	seg.set = nil
	if s.hits == 0 {
		close(s.first)
	}
	s.hits += len(hits)
}

// sets gives the matches of each segment so far; s.mu is held.
func (s *scan) sets() []*docSet {
	out := make([]*docSet, len(s.segs))
	for i, seg := range s.segs {
		if seg.set == nil {
			words := slices.Clone(seg.words)
			for k := range words {
				words[k] |= seg.sure.wordAt(k)
			}
			seg.set = sealSet(words, seg.meta.docs)
		}
		out[i] = seg.set
	}
	return out
}

// soFar is the result so far, and how far the reading is.
func (s *scan) soFar() (r *Result, done float64, err error) {
	s.mu.Lock()
	sets, asked, unreadable := s.sets(), s.asked, s.unreadable
	s.mu.Unlock()
	err = s.x.view(func(v *storeView) error {
		segs := make([]*segmentView, len(s.segs))
		for i := range segs {
			if segs[i] = v.segment(s.segs[i].meta.id); segs[i] == nil {
				return errMoved
			}
		}
		r = newResult(segs, sets)
		return v.err()
	})
	if err != nil {
		return nil, 0, err
	}
	r.index, r.generation, r.unreadable = s.x, s.generation, unreadable
	r.took = time.Since(s.began)
	r.partial = asked < s.total
	return r, float64(asked) / float64(max(1, s.total)), nil
}

// keep puts the answers where later searches find them. Answers that lack unreadable records are not kept: the log file
// may be there again next time.
func (s *scan) keep() {
	if s.unreadable > 0 {
		return
	}
	for i, set := range s.sets() {
		if !s.segs[i].cached {
			s.x.cache.put(s.segs[i].key, set)
		}
	}
	s.x.cache.remember(s.plan.node, s.plan.text)
}

// A spanReader reads where the records of a segment lie.
type spanReader struct{ offset, length, form, hash numbers }

func newSpanReader(seg *segmentView) spanReader {
	n := seg.docs()
	return spanReader{
		seg.numbers(partOffset, n), seg.numbers(partLength, n), seg.numbers(partForm, n), seg.numbers(partHashes, n),
	}
}

func (r *spanReader) at(doc uint32) recordSpan {
	return recordSpan{
		Span: source.Span{
			Offset: int64(r.offset.at(doc)), Length: int64(r.length.at(doc)), Form: source.Form(r.form.at(doc)),
		},
		hash: r.hash.at(doc),
	}
}
