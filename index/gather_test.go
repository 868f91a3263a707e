package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

var genesis = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)

// TestGatherWays compares the ways to find the documents of some codes: by a scan of the column and by looking at some
// documents alone, over all widths of columns and all shapes of sets.
func TestGatherWays(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, terms := range []int{0, 1, 200, 3000, 70_000} {
		for _, docs := range []int{1, 63, 64, 65, 1000} {
			codes := make([]uint32, docs)
			for i := range codes {
				codes[i] = uint32(rng.IntN(terms + 1))
			}
			codes[0] = uint32(terms) // so that the width is that of the terms
			col, err := openColumn(appendColumn(nil, codes), docs)
			if err != nil {
				t.Fatal(err)
			}
			want := newCodeSet(terms)
			for code := range terms {
				if rng.IntN(3) == 0 {
					want.add(uint32(code + 1))
				}
			}
			checkGather(t, rng, col, codes, want)
			checkCount(t, rng, col, codes, terms)
		}
	}
}

func checkGather(t *testing.T, rng *rand.Rand, col column, codes []uint32, want *codeSet) {
	t.Helper()
	docs := len(codes)
	scanned, within := make([]uint64, wordsFor(docs)), make([]uint64, wordsFor(docs))
	plain, plainWithin := make([]uint64, wordsFor(docs)), make([]uint64, wordsFor(docs))
	for doc, code := range codes {
		asked := rng.IntN(2) == 0
		if asked {
			setRange(within, doc, doc+1)
		}
		if slices.Contains(want.codes, code) {
			setRange(plain, doc, doc+1)
			if asked {
				setRange(plainWithin, doc, doc+1)
			}
		}
	}
	col.gather(scanned, want)
	looked := make([]uint64, wordsFor(docs))
	col.gatherWithin(looked, within, want)
	if !slices.Equal(scanned, plain) || !slices.Equal(looked, plainWithin) {
		t.Errorf("width %d, %d documents: gathered %x and %x, want %x and %x", col.width, docs, scanned, looked, plain, plainWithin)
	}
}

func checkCount(t *testing.T, rng *rand.Rand, col column, codes []uint32, terms int) {
	t.Helper()
	for _, percent := range []int{0, 50, 100} {
		words := make([]uint64, wordsFor(len(codes)))
		want := make([]uint32, terms+1)
		for doc, code := range codes {
			if rng.IntN(100) < percent {
				setRange(words, doc, doc+1)
				want[code]++
			}
		}
		got := make([]uint32, terms+1)
		col.count(got, sealSet(words, len(codes)))
		if !slices.Equal(got, want) {
			t.Errorf("width %d, %d documents, %d%% of them: counts differ", col.width, len(codes), percent)
		}
	}
}

// TestFoldRangesMissNothing compares patterns over a large dictionary with trying every term.
func TestFoldRangesMissNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	dict, terms := randomDict(t, rng, 3000)
	e := &evaluator{ctx: t.Context()}
	for range 2000 {
		text := []rune(string(terms[rng.IntN(len(terms))]))
		for i, r := range text { // another case here and there
			if rng.IntN(3) == 0 {
				text[i] = []rune(strings.ToUpper(string(r)))[0]
			}
		}
		pattern := string(text[:1+rng.IntN(len(text))])
		if strings.ContainsAny(pattern, `*?\`) {
			continue
		}
		if rng.IntN(2) == 0 {
			pattern += "*"
		}
		m := query.Match{Key: query.Key{Field: "user"}, Value: pattern}
		want := matchWant(m)
		if want.text != strings.TrimSuffix(pattern, "*") {
			t.Fatalf("%s: what terms must begin with is %q", pattern, want.text)
		}
		set := newCodeSet(dict.len())
		if err := e.matching(set, dict, want); err != nil {
			t.Fatal(err)
		}
		for code := range uint32(dict.len()) {
			term := dict.term(code + 1)
			if got := set.bit(code+1) == 1; got != want.accept(term) {
				t.Fatalf("pattern %q takes %q: %v, found %v", pattern, term, !got, got)
			}
		}
	}
}

// randomDict is a dictionary of terms with letters whose case folds to something odd, and GUIDs.
func randomDict(t *testing.T, rng *rand.Rand, n int) (termDict, [][]byte) {
	t.Helper()
	letters := []rune("abcABCkKsSiIſKİıßẞΣσς-._/0123Ω\u212b")
	seen := map[string]bool{}
	var terms [][]byte
	for len(terms) < n {
		var b strings.Builder
		for range 1 + rng.IntN(6) {
			b.WriteRune(letters[rng.IntN(len(letters))])
		}
		text := b.String()
		if rng.IntN(5) == 0 {
			text = fmt.Sprintf("%08x-0000-4000-8000-%012x", rng.Uint32(), rng.Uint32())
		}
		if rng.IntN(20) == 0 {
			text += "\xff"
		}
		if !seen[text] {
			seen[text] = true
			terms = append(terms, []byte(text))
		}
	}
	slices.SortFunc(terms, dictOrder)
	guids := slices.IndexFunc(terms, func(t []byte) bool { _, ok := lowerGUID(t); return !ok })
	dict, err := openDict(appendDict(nil, guids, len(terms), func(i int) []byte { return terms[i] }))
	if err != nil {
		t.Fatal(err)
	}
	return dict, terms
}

// TestImplies checks what narrows a search, and what must not.
func TestImplies(t *testing.T) {
	for _, c := range []struct {
		text, wide string
		want       bool
	}{
		{"alice bob", "alice", true},
		{"alice", "alice bob", false},
		{"alice bob", "bob alice", true},
		{"*abcd*", "*bc*", true},
		{"*abcd*", "*BC*", true},
		{"*bc*", "*abcd*", false},
		{"abcd", "*bc*", true},
		{"*abcd*", "bc", false},
		{"*a?cd*", "*a?c*", false},
		{"alice", "alice OR bob", true},
		{"alice OR bob", "alice OR bob OR carol", true},
		{"alice OR bob", "alice", false},
		{"-(alice OR bob)", "-alice", true},
		{"-alice", "-(alice OR bob)", false},
		{"user:bob alice", "user:bob", true},
		{"time:-2h..now alice", "time:-2h..now", true},
		{"alice", "", true},
	} {
		if got := implies(parsed(t, c.text), parsed(t, c.wide)); got != c.want {
			t.Errorf("%q implies %q: %v, want %v", c.text, c.wide, got, c.want)
		}
	}
	early := query.Range{Key: query.Key{Field: "time"}, Text: "-2h..now", From: genesis}
	late := query.Range{Key: query.Key{Field: "time"}, Text: "-2h..now", From: genesis.AddDate(0, 0, 1)}
	if implies(late, early) {
		t.Error("the same words at another time narrow each other")
	}
}

func parsed(t *testing.T, text string) query.Node {
	t.Helper()
	n, err := query.Parse(text, Schema(), query.Options{Now: genesis})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// TestSetCacheIsBounded fills the cache far beyond its limit: it keeps what was used last.
func TestSetCacheIsBounded(t *testing.T) {
	c := newSetCache(10_000)
	for i := range uint32(1000) {
		set := sealSet([]uint64{1, 5, 7}, 192)
		c.put(setKey{segment: i, text: "q"}, set)
		if _, ok := c.get(setKey{segment: 0, text: "q"}); !ok {
			t.Fatalf("the answer asked for each time is gone after %d others", i)
		}
		if c.bytes > 10_000 {
			t.Fatalf("%d bytes after %d answers", c.bytes, i+1)
		}
	}
	if _, ok := c.get(setKey{segment: 1, text: "q"}); ok {
		t.Error("the oldest answer is still there")
	}
}
