package index

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/trailsift/trailsift/index/query"
)

// A ValueCount is a value of a field and how many events have it.
type ValueCount struct {
	Value string
	Count int
}

// A Facet is the values of a field in a result. Events have a value, Missing have none: together they are the count of
// the result. Of a field with one value an event, the counts of all values sum up to Events.
type Facet struct {
	Field    string
	Multi    bool
	Events   int
	Missing  int
	Distinct int          // how many values there are
	Values   []ValueCount // most first, ties by value; as many as were asked for
}

// Facet counts the values of a field, exactly. limit bounds the values given, 0: all. It reads one column of each
// segment, whatever the query was.
func (r *Result) Facet(ctx context.Context, name string, limit int) (Facet, error) {
	f, ok := Schema().Lookup(name)
	if !ok {
		return Facet{}, fmt.Errorf("facet: no field %q", name)
	}
	if f.Kind == query.Time {
		return Facet{}, fmt.Errorf("facet: %s has no values to count: see the timeline", f.Name)
	}
	number, _ := fieldNumber(f.Name)
	out := Facet{Field: f.Name, Multi: isMulti(number)}
	err := r.read(ctx, func(_ *storeView, runs []hitList) error {
		table, err := r.index.tables.table(ctx, number, runs)
		switch {
		case err != nil:
			return err
		case table != nil:
			return out.countNumbered(ctx, table, number, runs, limit)
		}
		return out.countTexts(ctx, number, runs, limit)
	})
	switch {
	case ctx.Err() != nil:
		return Facet{}, ctx.Err()
	case err != nil:
		return Facet{}, fmt.Errorf("facet %s: %w", f.Name, err)
	}
	out.Missing = r.count - out.Events
	return out, nil
}

// countTexts counts by text, for fields with more terms than are worth a table.
func (f *Facet) countTexts(ctx context.Context, field int, runs []hitList, limit int) error {
	t := tally{counts: map[string]int{}}
	err := eachParallel(ctx, len(runs), func(i int) error {
		t.add(countTerms(runs[i].seg, field, runs[i].hits))
		return nil
	})
	f.Events, f.Distinct, f.Values = t.events, len(t.counts), t.top(limit)
	return err
}

// countNumbered counts by the numbers of a table, each core by itself.
func (f *Facet) countNumbered(ctx context.Context, table *termTable, field int, runs []hitList, limit int) error {
	_, texts := table.read(0)
	workers := max(1, min(len(runs), runtime.GOMAXPROCS(0)))
	counts := make([][]int, workers)
	events := make([]int, workers)
	err := eachParallel(ctx, workers, func(w int) error {
		counts[w] = make([]int, len(texts))
		for i := w; i < len(runs); i += workers {
			if err := ctx.Err(); err != nil {
				return err
			}
			numbers, _ := table.read(runs[i].seg.segmentID())
			events[w] += addNumbered(counts[w], numbers, runs[i], field)
		}
		return nil
	})
	if err != nil {
		return err
	}
	all := []ValueCount{}
	for n, text := range texts {
		sum := 0
		for w := range workers {
			sum += counts[w][n]
		}
		if sum > 0 {
			all = append(all, ValueCount{text, sum})
		}
	}
	for _, n := range events {
		f.Events += n
	}
	f.Distinct, f.Values = len(all), firstValues(all, limit)
	return nil
}

// addNumbered adds the counts of one segment and gives how many of its hits have a value. Few hits are looked at one by
// one, many are counted by code first.
func addNumbered(counts []int, numbers []uint32, run hitList, field int) (events int) {
	if !isMulti(field) && 2*run.hits.count < len(numbers) {
		col := run.seg.column(field)
		for doc, ok := run.hits.next(0); ok; doc, ok = run.hits.next(doc + 1) {
			if code := col.code(doc); code > 0 && int(code) <= len(numbers) && numbers[code-1] != noNumber {
				counts[numbers[code-1]]++
				events++
			}
		}
		return events
	}
	c := countTerms(run.seg, field, run.hits)
	for i, n := range numbers {
		if n != noNumber {
			counts[n] += int(c.counts[i+1])
		}
	}
	return c.events
}

// A tally adds up the counts of segments.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
	events int
}

// termCounts are the counts of one segment by code of its dictionary, and of GUIDs that stand in no dictionary.
type termCounts struct {
	dict   termDict
	counts []uint32 // by code; 0 counts what has no value
	guids  map[[16]byte]int
	events int
}

// add takes the counts of a segment in.
func (t *tally) add(c termCounts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events += c.events
	c.each(func(term []byte, count uint32) {
		if n, ok := t.counts[string(term)]; ok {
			t.counts[string(term)] = n + int(count)
		} else {
			t.counts[string(term)] = int(count)
		}
	})
	var buf []byte
	for g, n := range c.guids {
		buf = appendGUID(buf[:0], g)
		t.counts[string(buf)] += n
	}
}

// each visits the terms that occur. Few are looked up by code, many read in order.
func (c termCounts) each(visit func(term []byte, count uint32)) {
	used := 0
	for _, n := range c.counts[min(1, len(c.counts)):] {
		if n > 0 {
			used++
		}
	}
	if used > c.dict.len()/8 {
		c.dict.each(func(code uint32, term []byte) bool {
			if n := c.counts[code]; n > 0 {
				visit(term, n)
			}
			return true
		})
		return
	}
	var buf []byte
	for code, n := range c.counts {
		if code > 0 && n > 0 {
			buf = c.dict.appendTerm(buf[:0], uint32(code))
			visit(buf, n)
		}
	}
}

// top gives the values with the most events first.
func (t *tally) top(limit int) []ValueCount {
	all := make([]ValueCount, 0, len(t.counts))
	for v, n := range t.counts {
		all = append(all, ValueCount{v, n})
	}
	return firstValues(all, limit)
}

// firstValues gives the values with the most events, ties by value; limit 0: all.
func firstValues(all []ValueCount, limit int) []ValueCount {
	order := func(a, b ValueCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) }
	if limit > 0 && limit < len(all) {
		all = selectFirst(all, limit, order)
	}
	slices.SortFunc(all, order)
	return all
}

// selectFirst keeps the first n in order without sorting the others: most are smaller than the nth so far.
func selectFirst(all []ValueCount, n int, order func(a, b ValueCount) int) []ValueCount {
	kept := make([]ValueCount, 0, 2*n)
	for _, v := range all {
		if len(kept) >= n && order(kept[n-1], v) <= 0 {
			continue
		}
		if kept = append(kept, v); len(kept) == n || len(kept) == cap(kept) {
			slices.SortFunc(kept, order)
			kept = kept[:n]
		}
	}
	slices.SortFunc(kept, order)
	return kept[:n]
}

// countTerms counts the values of a field among hits of a segment.
func countTerms(seg *segmentView, field int, hits *docSet) termCounts {
	c := termCounts{dict: seg.terms(field)}
	if isMulti(field) {
		c.countSets(seg.multi(field), hits)
		return c
	}
	c.counts = make([]uint32, c.dict.len()+1)
	seg.column(field).count(c.counts, hits)
	for _, n := range c.counts[1:] {
		c.events += int(n)
	}
	if fields[field].origin == fromID {
		c.countGUIDs(seg, hits)
	}
	return c
}

// countSets counts sets of values, and then the values of each set. A record may name a value twice: it counts once.
func (c *termCounts) countSets(m multi, hits *docSet) {
	sets := make([]uint32, m.sets()+1)
	m.count(sets, hits)
	c.counts = make([]uint32, c.dict.len()+1)
	var codes []uint32
	for set, n := range sets {
		if set == 0 || n == 0 {
			continue
		}
		codes = m.set(codes[:0], uint32(set))
		if len(codes) > 0 {
			c.events += int(n)
		}
		slices.Sort(codes)
		for _, code := range slices.Compact(codes) {
			if int(code) < len(c.counts) {
				c.counts[code] += n
			}
		}
	}
}

// countGUIDs counts the eventIDs that stand in the id column.
func (c *termCounts) countGUIDs(seg *segmentView, hits *docSet) {
	c.guids = map[[16]byte]int{}
	other := seg.column(fieldID)
	for doc, ok := hits.next(0); ok; doc, ok = hits.next(doc + 1) {
		if id, guid := seg.id(doc); guid && other.code(doc) == 0 {
			c.guids[id]++
			c.events++
		}
	}
}
