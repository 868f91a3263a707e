package index

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// An answer is what a step says about the documents of a segment. It holds for the documents the step was asked about
// and says nothing of others. Where records must be read, it is a pair of bounds: must are documents that match whatever
// the records say, may those that can match, and rest tells which of the latter do.
type answer struct {
	may  []uint64
	must []uint64  // nil: the answer is exact and may is it
	rest *residual // nil where exact
}

// A residual decides about one document between must and may, given its record.
type residual struct {
	kind   stepKind
	kids   []*residual
	words  []uint64 // stepTerms: an exact part of the query
	record func(raw []byte) bool
}

// holds says whether the document matches.
func (r *residual) holds(doc uint32, raw []byte) bool {
	switch r.kind {
	case stepRecord:
		return r.record(raw)
	case stepAnd:
		for _, kid := range r.kids {
			if !kid.holds(doc, raw) {
				return false
			}
		}
		return true
	case stepOr:
		for _, kid := range r.kids {
			if kid.holds(doc, raw) {
				return true
			}
		}
		return false
	case stepNot:
		return !r.kids[0].holds(doc, raw)
	default:
		return r.words[doc/wordBits]>>(doc%wordBits)&1 != 0
	}
}

// An evaluator answers steps for one segment. It belongs to one goroutine and one view.
type evaluator struct {
	ctx   context.Context
	seg   *segmentView
	docs  int
	cache *setCache
	free  [][]uint64 // words to use again
	// numbered has steps that were answered by the numbers of terms; may be nil.
	numbered map[*step]*numberedWant
	// asks has what steps that read records ask the token filters; may be nil.
	asks map[*step]*tokenAsk
}

func newEvaluator(ctx context.Context, seg *segmentView, cache *setCache) *evaluator {
	return &evaluator{ctx: ctx, seg: seg, docs: seg.docs(), cache: cache}
}

// none is a set of nothing, to be filled and given back with release.
func (e *evaluator) none() []uint64 {
	if n := len(e.free); n > 0 {
		words := e.free[n-1]
		e.free = e.free[:n-1]
		clear(words)
		return words
	}
	return make([]uint64, wordsFor(e.docs))
}

// all is the set of within, or of every document where within is nil.
func (e *evaluator) all(within []uint64) []uint64 {
	words := e.none()
	if within != nil {
		copy(words, within)
	} else {
		setRange(words, 0, e.docs)
	}
	return words
}

func (e *evaluator) release(sets ...[]uint64) {
	for _, words := range sets {
		if words != nil {
			e.free = append(e.free, words)
		}
	}
}

// eval answers a step about the documents of within; nil: about all.
func (e *evaluator) eval(s *step, within []uint64) (answer, error) {
	if err := e.ctx.Err(); err != nil {
		return answer{}, err
	}
	switch s.kind {
	case stepAll:
		return answer{may: e.all(within)}, nil
	case stepTime:
		words := e.none()
		lo, hi := between(e.seg, s.from, s.to)
		setRange(words, int(lo), int(hi))
		return answer{may: words}, nil
	case stepTerms:
		words, err := e.terms(s, within)
		return answer{may: words}, err
	case stepRecord:
		may := e.all(within)
		if holding := e.holding(e.asks[s]); holding != nil {
			andWords(may, holding)
			e.release(holding)
		}
		return answer{may: may, must: e.none(), rest: &residual{kind: stepRecord, record: s.record}}, nil
	case stepNot:
		return e.not(s, within)
	case stepAnd:
		return e.and(s, within)
	case stepOr:
		return e.or(s, within)
	}
	return answer{}, fmt.Errorf("search: unknown step %d", s.kind)
}

// between is the range of documents with a time in [from, to); zero limits are open.
func between(seg *segmentView, from, to time.Time) (lo, hi uint32) {
	hi = uint32(seg.timed())
	if !to.IsZero() {
		lo = firstBefore(seg, to)
	}
	if !from.IsZero() {
		hi = firstBefore(seg, from)
	}
	return lo, max(lo, hi)
}

// firstBefore is the first document with a time before t.
func firstBefore(seg *segmentView, t time.Time) uint32 {
	return seg.firstBefore(t.Unix(), int32(t.Nanosecond()))
}

// and meets its parts one after the other, each asked only about what is left; exact parts come first.
func (e *evaluator) and(s *step, within []uint64) (answer, error) {
	out := answer{may: e.all(within)}
	for _, kid := range s.kids {
		a, err := e.eval(kid, out.may)
		if err != nil {
			return answer{}, err
		}
		if a.must != nil && out.must == nil {
			out.must = e.all(out.may)
			out.rest = &residual{kind: stepAnd, kids: []*residual{exactRest(out.may)}}
		}
		if out.must != nil {
			andWords(out.must, a.surely())
			out.rest.add(a)
		}
		andWords(out.may, a.may)
		e.recycle(a)
		if !anyBit(out.may) {
			e.release(out.must)
			return answer{may: out.may}, nil
		}
	}
	return out, nil
}

func (e *evaluator) or(s *step, within []uint64) (answer, error) {
	out := answer{may: e.none()}
	for _, kid := range s.kids {
		a, err := e.eval(kid, within)
		if err != nil {
			return answer{}, err
		}
		if a.must != nil && out.must == nil {
			out.must = e.all(out.may)
			out.rest = &residual{kind: stepOr, kids: []*residual{exactRest(out.may)}}
		}
		if out.must != nil {
			orWords(out.must, a.surely())
			out.rest.add(a)
		}
		orWords(out.may, a.may)
		e.recycle(a)
	}
	return out, nil
}

func (e *evaluator) not(s *step, within []uint64) (answer, error) {
	a, err := e.eval(s.kids[0], within)
	if err != nil {
		return answer{}, err
	}
	out := answer{may: e.all(within)}
	andNotWords(out.may, a.surely())
	if a.must != nil {
		out.must = e.all(within)
		andNotWords(out.must, a.may)
		out.rest = &residual{kind: stepNot, kids: []*residual{a.rest}}
	}
	e.recycle(a)
	return out, nil
}

// surely are the documents that match whatever their records say.
func (a answer) surely() []uint64 {
	if a.must != nil {
		return a.must
	}
	return a.may
}

// recycle gives the words of an answer back; what its rest needs was copied.
func (e *evaluator) recycle(a answer) { e.release(a.may, a.must) }

// exactRest is the residual of an exact answer; it keeps a copy of the words.
func exactRest(words []uint64) *residual {
	return &residual{kind: stepTerms, words: slices.Clone(words)}
}

// add adds a part to the residual of an AND or OR.
func (r *residual) add(a answer) {
	if a.rest != nil {
		r.kids = append(r.kids, a.rest)
		return
	}
	r.kids = append(r.kids, exactRest(a.may))
}
