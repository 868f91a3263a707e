package index

import (
	"context"
	"slices"
	"sync"

	"github.com/trailsift/trailsift/index/query"
)

// numberedBytes bounds the tables of all fields together.
const numberedBytes = 32 << 20

// termEntryBytes is about what a text costs beside its letters: a map entry and two headers.
const termEntryBytes = 64

// A termTable numbers the terms of one field over all segments, from 0 in order of appearance, so that counts of
// segments are added up by number instead of by text: 2 instead of 130 ns a term. It grows with the segments asked
// about. Safe for concurrent use.
type termTable struct {
	mu      sync.RWMutex
	numbers map[string]uint32
	texts   []string
	of      map[uint32][]uint32 // by segment: the number of each code, from code 1
	bytes   int
}

// termTables are those of the fields that were counted. When they grow beyond their bound all are forgotten.
type termTables struct {
	mu sync.Mutex
	of map[int]*termTable
}

func newTermTables() *termTables { return &termTables{of: map[int]*termTable{}} }

// table gives the table of a field with all these segments in it; nil where the field has too many terms for one.
func (t *termTables) table(ctx context.Context, field int, runs []hitList) (*termTable, error) {
	if fields[field].Kind == query.ID {
		return nil, nil //nolint:nilnil // no table is no error
	}
	terms := 0
	for _, r := range runs {
		terms += r.seg.terms(field).len()
	}
	if 4*terms > numberedBytes/2 {
		return nil, nil //nolint:nilnil // as above
	}
	table := t.room(field, 4*terms)
	err := eachParallel(ctx, len(runs), func(i int) error {
		table.learn(runs[i].seg, field)
		return nil
	})
	return table, err
}

// room gives the table of a field; all tables begin anew where another segment's numbers might not fit.
func (t *termTables) room(field, more int) *termTable {
	t.mu.Lock()
	defer t.mu.Unlock()
	total := more
	for _, table := range t.of {
		table.mu.RLock()
		total += table.bytes
		table.mu.RUnlock()
	}
	if own := t.of[field]; total > numberedBytes && (own == nil || total-own.bytes > numberedBytes) {
		clear(t.of)
	}
	if t.of[field] == nil {
		t.of[field] = &termTable{numbers: map[string]uint32{}, of: map[uint32][]uint32{}}
	}
	return t.of[field]
}

// noNumber stands for a term that could not be read.
const noNumber = ^uint32(0)

// learn numbers the terms of a segment. Most are known from others: those are looked up beside other goroutines.
func (t *termTable) learn(seg *segmentView, field int) {
	id := seg.segmentID()
	t.mu.RLock()
	_, known := t.of[id]
	t.mu.RUnlock()
	if known {
		return
	}
	dict := seg.terms(field)
	numbers := slices.Repeat([]uint32{noNumber}, dict.len())
	var fresh []uint32
	t.mu.RLock()
	dict.each(func(code uint32, term []byte) bool {
		n, ok := t.numbers[string(term)]
		if !ok {
			n = noNumber
			fresh = append(fresh, code)
		}
		numbers[code-1] = n
		return true
	})
	t.mu.RUnlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	var buf []byte
	for _, code := range fresh {
		buf = dict.appendTerm(buf[:0], code)
		n, ok := t.numbers[string(buf)]
		if !ok {
			n = uint32(len(t.texts))
			text := string(buf)
			t.numbers[text], t.texts = n, append(t.texts, text)
			t.bytes += len(text) + termEntryBytes
		}
		numbers[code-1] = n
	}
	t.of[id] = numbers
	t.bytes += 4 * len(numbers)
}

// read gives the numbers of a segment's codes, from code 1, and all texts by number. Both never change.
func (t *termTable) read(segment uint32) (numbers []uint32, texts []string) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.of[segment], t.texts
}

// A numberedWant is what a step takes, by the numbers of a table: each text is tried once a search instead of once a
// segment. Safe for concurrent use.
type numberedWant struct {
	step  *step
	table *termTable
	texts []string
	once  sync.Once
	takes []uint64 // a bit a number
}

// numbered is for steps whose field has a table, which some facet has made; else nil.
func (t *termTables) numbered(s *step) *numberedWant {
	t.mu.Lock()
	table := t.of[s.field]
	t.mu.Unlock()
	if table == nil {
		return nil
	}
	_, texts := table.read(0)
	return &numberedWant{step: s, table: table, texts: texts}
}

// codes are those of a segment that are taken; ok is false where the table does not know the segment.
func (w *numberedWant) codes(ctx context.Context, segment uint32) (set *codeSet, ok bool) {
	numbers, _ := w.table.read(segment)
	if numbers == nil {
		return nil, false
	}
	w.once.Do(func() { w.try(ctx) })
	set = newCodeSet(len(numbers))
	for i, n := range numbers {
		if int(n) >= len(w.texts) { // learned since
			return nil, false
		}
		if w.takes[n/wordBits]>>(n%wordBits)&1 != 0 {
			set.add(uint32(i + 1))
		}
	}
	return set, ctx.Err() == nil
}

func (w *numberedWant) try(ctx context.Context) {
	w.takes = make([]uint64, wordsFor(len(w.texts)))
	for n, text := range w.texts {
		if n%4096 == 0 && ctx.Err() != nil {
			return
		}
		if w.step.takes([]byte(text)) {
			w.takes[n/wordBits] |= 1 << (n % wordBits)
		}
	}
}

// takes says whether a term is wanted.
func (s *step) takes(term []byte) bool {
	for _, w := range s.wants {
		if w.any || w.exact && w.text == string(term) || !w.exact && w.accept(term) {
			return true
		}
	}
	return false
}
