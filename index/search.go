package index

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

// SearchOptions limit a search and report on it.
type SearchOptions struct {
	From, To time.Time // half-open event time; zero = open
	// Partial is called at most 4 times a second while records are being read, with what is found so far (counts are
	// lower bounds) and how far the reading is, from 0 to 1. It is called from one goroutine and should return soon.
	Partial func(r *Result, done float64)
}

// Search answers a query with the events it matches, of what is visible now; nil matches all. Only queries that look at
// records (words, regular expressions, paths) read log files; the others take milliseconds. A cancelled context ends
// the search within 10 ms with the context's error.
func (x *Index) Search(ctx context.Context, q query.Node, opt SearchOptions) (*Result, error) {
	p, err := newPlan(q, opt.From, opt.To)
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		r, err := x.search(ctx, p, opt)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, errMoved) && try < movedTries:
			continue // segments were merged between two steps
		case err != nil:
			return nil, fmt.Errorf("search: %w", err)
		}
		return r, nil
	}
}

// movedTries is how often a search begins anew because segments were merged in its midst.
const movedTries = 5

func (x *Index) search(ctx context.Context, p *plan, opt SearchOptions) (*Result, error) {
	s, err := x.evaluate(ctx, p)
	if err != nil {
		return nil, err
	}
	if s.total > 0 {
		x.scans.Add(1) // puts merging off
		defer x.scans.Add(-1)
		if err := s.run(ctx, opt.Partial); err != nil {
			return nil, err
		}
	}
	r, _, err := s.soFar()
	if err == nil {
		s.keep()
	}
	return r, err
}

// evaluate answers a plan as far as the bitmaps go, on all cores.
func (x *Index) evaluate(ctx context.Context, p *plan) (*scan, error) {
	began := time.Now()
	wider := x.wider(p)
	numbered := map[*step]*numberedWant{}
	x.numbered(p.root, numbered)
	var s *scan
	err := x.view(func(v *storeView) error {
		segs := v.segments()
		out := make([]found, len(segs))
		asks := map[*step]*tokenAsk{}
		if err := v.tokenAsks(p.root, asks); err != nil {
			return err
		}
		err := eachParallel(ctx, len(segs), func(i int) error {
			e := newEvaluator(ctx, segs[i], x.cache)
			e.numbered, e.asks = numbered, asks
			f, err := evaluateSegment(e, p, wider)
			out[i] = f
			return err
		})
		s = newScan(x, p, out)
		s.began, s.generation = began, v.generation()
		return err
	})
	return s, err
}

// wider gives the earlier queries that can narrow this one. Only where records must be read is it worth the asking.
func (x *Index) wider(p *plan) []string {
	if !p.root.reads() {
		return nil
	}
	return x.cache.wider(p.node)
}

// found is what the segments' bitmaps say about one segment.
type found struct {
	key    setKey
	meta   segmentMeta
	sure   *docSet   // these match
	ask    []uint64  // these may, as their records say; nil: none
	rest   *residual // what to ask the records
	cached bool      // sure comes from the cache
}

// numbered collects the steps that look through dictionaries of fields with a table.
func (x *Index) numbered(s *step, into map[*step]*numberedWant) {
	for _, kid := range s.kids {
		x.numbered(kid, into)
	}
	if s.kind == stepTerms && s.cost() > 1 {
		into[s] = x.tables.numbered(s)
	}
}

func evaluateSegment(e *evaluator, p *plan, wider []string) (found, error) {
	seg := e.seg
	f := found{key: setKey{segment: seg.meta.id, overlay: seg.meta.overlay, text: p.text}, meta: seg.meta}
	if set, ok := e.cache.get(f.key); ok {
		f.sure, f.cached = set, true
		return f, nil
	}
	within := e.narrowed(f.key, wider)
	a, err := e.eval(p.root, within)
	if err != nil {
		return f, err
	}
	hidden := e.hidden()
	for _, words := range [][]uint64{a.may, a.must} {
		if words != nil && within != nil {
			andWords(words, within)
		}
		if words != nil && hidden != nil {
			andNotWords(words, hidden)
		}
	}
	f.sure = sealSet(a.surely(), e.docs)
	if a.must != nil {
		andNotWords(a.may, a.must)
		if anyBit(a.may) {
			f.ask, f.rest = a.may, a.rest
		}
	}
	return f, seg.err
}

// narrowed is where the query can match at all, as the answers to wider queries say; nil: everywhere.
func (e *evaluator) narrowed(key setKey, wider []string) []uint64 {
	var within []uint64
	for _, text := range wider {
		key.text = text
		set, ok := e.cache.get(key)
		if !ok {
			continue
		}
		if within == nil {
			within = e.none()
			set.copyTo(within)
		} else {
			set.andWith(within)
		}
	}
	return within
}

// hidden are the documents that are not shown; nil: none.
func (e *evaluator) hidden() []uint64 {
	bitmap := e.seg.overlay().hidden
	if bitmap.IsEmpty() {
		return nil
	}
	words := e.none()
	bitmap.WriteDenseTo(words)
	return words
}

// eachParallel calls do for 0 to n-1 on all cores, in about this order, until one fails or the context ends.
func eachParallel(ctx context.Context, n int, do func(i int) error) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	var next atomic.Int64
	work := func() error {
		for {
			i := int(next.Add(1)) - 1
			if i >= n {
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(i); err != nil {
				next.Store(int64(n))
				return err
			}
		}
	}
	if workers <= 1 {
		return work()
	}
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { errs[w] = work() })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
