package index

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDocSet compares every operation of a set with a sorted list of its members, over sizes around the word and block
// borders and densities from nothing to everything.
func TestDocSet(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, docs := range []int{1, 63, 64, 65, 511, 512, 513, 1000, 1024, 5000} {
		for _, percent := range []int{0, 1, 50, 99, 100} {
			words := make([]uint64, wordsFor(docs))
			var members []uint32
			for d := range docs {
				if rng.IntN(100) < percent {
					setRange(words, d, d+1)
					members = append(members, uint32(d))
				}
			}
			checkDocSet(t, sealSet(words, docs), words, members)
		}
	}
}

func checkDocSet(t *testing.T, s *docSet, words []uint64, members []uint32) {
	t.Helper()
	if s.count != len(members) {
		t.Fatalf("%d docs: count %d, want %d", s.docs, s.count, len(members))
	}
	for d := range uint32(s.docs + 1) {
		at, found := slices.BinarySearch(members, d)
		if got := s.rank(d); got != at {
			t.Fatalf("%d docs, %d members: rank(%d) = %d, want %d", s.docs, s.count, d, got, at)
		}
		if int(d) < s.docs && s.has(d) != found {
			t.Fatalf("%d docs, %d members: has(%d) = %v", s.docs, s.count, d, !found)
		}
		got, ok := s.next(d)
		if ok != (at < len(members)) || ok && got != members[at] {
			t.Fatalf("%d docs, %d members: next(%d) = %d, %v", s.docs, s.count, d, got, ok)
		}
	}
	for k, want := range members {
		if got := s.pick(k); got != want {
			t.Fatalf("%d docs: pick(%d) = %d, want %d", s.docs, k, got, want)
		}
	}
	copied := make([]uint64, len(words))
	s.copyTo(copied)
	if !slices.Equal(copied, words) {
		t.Fatalf("%d docs, %d members: copyTo gives other words", s.docs, s.count)
	}
	for i := range words {
		if got := s.wordAt(i); got != words[i] {
			t.Fatalf("%d docs, %d members: wordAt(%d) = %x, want %x", s.docs, s.count, i, got, words[i])
		}
	}
}

func TestSetRangeAndNot(t *testing.T) {
	const docs = 200
	for lo := 0; lo <= docs; lo += 7 {
		for hi := 0; hi <= docs; hi += 3 {
			words := make([]uint64, wordsFor(docs))
			setRange(words, lo, hi)
			if got, want := countBits(words), max(0, hi-lo); got != want {
				t.Fatalf("setRange(%d, %d) sets %d bits, want %d", lo, hi, got, want)
			}
			notWords(words, docs)
			if got, want := countBits(words), docs-max(0, hi-lo); got != want {
				t.Fatalf("not of [%d, %d) has %d of %d documents", lo, hi, got, docs)
			}
		}
	}
}
