package index

import (
	"context"
	"fmt"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

// TimelineOptions say which part of time and how fine. Bucket wins over Bars; without either it is 60 bars.
type TimelineOptions struct {
	From, To time.Time     // half-open; zero: where the result begins and ends
	Bucket   time.Duration // length of a bar
	Bars     int           // at most so many, with a round length
}

// A Timeline is events by time. The buckets follow each other without gaps, begin at round times in UTC and cover From
// to To; events outside are in none. The sum of the buckets of a whole result and Untimed is its count.
type Timeline struct {
	From, To time.Time
	Bucket   time.Duration
	Untimed  int
	Buckets  []Bucket
}

// A Bucket is one bar. Errors are the events whose outcome is other than ok.
type Bucket struct {
	Start          time.Time
	Events, Errors int
	Gap            bool // a log file is missing here, or a range cannot be verified
}

// defaultBars is how many bars there are at most where nothing is asked for.
const defaultBars = 60

// maxBuckets bounds what a small bucket over a long time may ask for: some 40 MB.
const maxBuckets = 1 << 20

// roundBuckets are lengths that divide a day or are whole days, so that bars begin at round times.
var roundBuckets = [...]time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day, 180 * day, 365 * day,
	5 * 365 * day, 10 * 365 * day, 50 * 365 * day, 100 * 365 * day, 290 * 365 * day,
}

const day = 24 * time.Hour

// Timeline counts the events of the result in buckets of time. It costs two look-ups a bucket and segment, however many
// events there are.
func (r *Result) Timeline(ctx context.Context, opt TimelineOptions) (Timeline, error) {
	t := Timeline{From: opt.From, To: opt.To, Untimed: r.untimed}
	first, last, timed := r.Span()
	if t.From.IsZero() {
		t.From = first
	}
	if t.To.IsZero() && timed {
		t.To = last.Add(1)
	}
	if !t.From.Before(t.To) {
		t.Bucket, t.To = opt.Bucket, t.From
		return t, nil
	}
	axis, err := newAxis(t.From, t.To, opt)
	if err != nil {
		return Timeline{}, err
	}
	t.Bucket = axis.length
	t.Buckets = make([]Bucket, axis.bars)
	for i := range t.Buckets {
		t.Buckets[i].Start = axis.start(i)
	}
	if opt.From.IsZero() {
		t.From = axis.start(0)
	}
	if opt.To.IsZero() {
		t.To = axis.start(axis.bars)
	}
	err = r.read(ctx, func(v *storeView, runs []hitList) error {
		for i := range runs {
			if err := r.addBars(ctx, &t, axis, &runs[i]); err != nil {
				return err
			}
		}
		gaps, err := v.gaps(ctx)
		if err == nil {
			gaps.mark(&t, axis)
		}
		return err
	})
	if err != nil {
		return Timeline{}, fmt.Errorf("timeline: %w", err)
	}
	return t, nil
}

// An axis is a row of buckets of equal length. Seconds, since a duration ends at 292 years and times do not.
type axis struct {
	first  int64 // unix seconds of the first bucket's start
	second int64 // length in seconds; 0 below one second
	length time.Duration
	bars   int
}

func newAxis(from, to time.Time, opt TimelineOptions) (axis, error) {
	if opt.Bucket > 0 {
		a := axisOf(from, to, opt.Bucket)
		if a.bars > maxBuckets || a.bars <= 0 {
			return axis{}, fmt.Errorf("timeline: more than %d buckets of %s between %s and %s",
				maxBuckets, opt.Bucket, limitText(from), limitText(to))
		}
		return a, nil
	}
	bars := opt.Bars
	if bars <= 0 {
		bars = defaultBars
	}
	var a axis
	for _, length := range roundBuckets {
		if a = axisOf(from, to, length); a.bars <= bars {
			break
		}
	}
	return a, nil // beyond 292 years in one bar, bars are what they are
}

// axisOf is the axis of buckets of one length that covers [from, to). Fractions of a second are rounded up.
func axisOf(from, to time.Time, length time.Duration) axis {
	seconds := max(1, int64((length+time.Second-1)/time.Second))
	first := floorTo(from.Unix(), seconds)
	end := to.Unix()
	if to.Nanosecond() > 0 {
		end++
	}
	bars := (end - first + seconds - 1) / seconds
	return axis{first: first, second: seconds, length: time.Duration(seconds) * time.Second, bars: int(max(1, bars))}
}

// floorTo is the last multiple of step that is not after sec; weeks begin on Monday, as 1970-01-05 was one.
func floorTo(sec, step int64) int64 {
	origin := int64(0)
	if step%(7*86400) == 0 {
		origin = 4 * 86400
	}
	rest := (sec - origin) % step
	if rest < 0 {
		rest += step
	}
	return sec - rest
}

// start is where bucket i begins, which is where bucket i-1 ends.
func (a axis) start(i int) time.Time { return time.Unix(a.first+int64(i)*a.second, 0).UTC() }

// bar is the bucket a second lies in.
func (a axis) bar(sec int64) int { return int((sec - a.first) / a.second) }

// addBars counts the hits of one segment: by rank at the edges of the buckets, or hit by hit where those are fewer.
func (r *Result) addBars(ctx context.Context, t *Timeline, a axis, run *hitList) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	lo, hi := between(run.seg, t.From, t.To)
	if run.hits.rank(lo) == run.hits.rank(hi) {
		return nil
	}
	bad, err := r.index.failures(ctx, run)
	if err != nil {
		return err
	}
	newest, _ := run.seg.time(lo)
	oldest, _ := run.seg.time(hi - 1)
	from, to := a.bar(oldest), a.bar(newest)
	if to-from > run.hits.count {
		countEach(t, a, run, bad, lo, hi)
		return nil
	}
	end := lo
	for i := to; i >= from; i-- {
		start := hi
		if i > from {
			start = firstBefore(run.seg, a.start(i))
		}
		t.Buckets[i].Events += run.hits.rank(start) - run.hits.rank(end)
		t.Buckets[i].Errors += bad.rank(start) - bad.rank(end)
		end = start
	}
	return nil
}

func countEach(t *Timeline, a axis, run *hitList, bad *docSet, lo, hi uint32) {
	for doc, ok := run.hits.next(lo); ok && doc < hi; doc, ok = run.hits.next(doc + 1) {
		sec, _ := run.seg.time(doc)
		b := &t.Buckets[a.bar(sec)]
		b.Events++
		if bad.has(doc) {
			b.Errors++
		}
	}
}

// notOK are the events whose outcome is other than ok.
var notOK = query.And{Nodes: []query.Node{
	query.Match{Key: query.Key{Field: "outcome"}, Value: "*"},
	query.Not{Node: query.Match{Key: query.Key{Field: "outcome"}, Exact: true, Value: "ok"}},
}}

// failures are the hits whose outcome is other than ok. What they are in the whole segment is kept.
func (x *Index) failures(ctx context.Context, run *hitList) (*docSet, error) {
	key := setKey{segment: run.seg.meta.id, text: "failures"}
	e := newEvaluator(ctx, run.seg, x.cache)
	set, ok := x.cache.get(key)
	if !ok {
		root, err := compile(notOK)
		if err != nil {
			return nil, err
		}
		a, err := e.eval(root, nil)
		if err != nil {
			return nil, err
		}
		set = sealSet(a.may, e.docs)
		x.cache.put(key, set)
	}
	if run.hits.full() {
		return set, nil
	}
	words := e.none()
	set.copyTo(words)
	run.hits.andWith(words)
	return sealSet(words, e.docs), nil
}
