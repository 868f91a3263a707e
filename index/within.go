package index

import (
	"context"
	"fmt"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

// BucketLengths are the round lengths of buckets, shortest first.
func BucketLengths() []time.Duration { return append([]time.Duration(nil), roundBuckets[:]...) }

// Within gives the events of the result that match a query too and lie in [from, to), half-open, zero = open: what a
// search for both would find, in the state of the index the result is of, at the cost of bitmaps. The query must need no
// records (query.Needs); that is an error.
func (r *Result) Within(ctx context.Context, n query.Node, from, to time.Time) (*Result, error) {
	p, err := newPlan(n, from, to)
	if err != nil {
		return nil, err
	}
	if p.root.reads() {
		return nil, fmt.Errorf("within a result: %s needs the records, so it must be searched for", p.text)
	}
	var out *Result
	err = r.read(ctx, func(_ *storeView, runs []hitList) error {
		segs, hits := make([]*segmentView, len(runs)), make([]*docSet, len(runs))
		err := eachParallel(ctx, len(runs), func(i int) error {
			set, err := r.index.meet(ctx, p, &runs[i])
			segs[i], hits[i] = runs[i].seg, set
			return err
		})
		if err == nil {
			out = newResult(segs, hits)
		}
		return err
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, fmt.Errorf("within a result: %w", err)
	}
	out.index, out.generation, out.partial, out.unreadable = r.index, r.generation, r.partial, r.unreadable
	return out, nil
}

// meet is what of a segment's hits an exact plan takes.
func (x *Index) meet(ctx context.Context, p *plan, run *hitList) (*docSet, error) {
	e := newEvaluator(ctx, run.seg, x.cache)
	within := e.none()
	run.hits.copyTo(within)
	a, err := e.eval(p.root, within)
	if err != nil {
		return nil, err
	}
	andWords(within, a.may)
	return sealSet(within, e.docs), nil
}
