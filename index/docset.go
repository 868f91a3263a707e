package index

import (
	"math/bits"
	"slices"
	"sort"
)

// wordBits is the number of documents in one word of a set.
const wordBits = 64

// rankWords is the number of words between two entries of docSet.ranks: 512 documents, one entry of 4 bytes.
const rankWords = 8

// A docSet is a set of documents of one segment: one bit each, document 0 in the lowest bit of the first word. It never
// changes once sealed, so results and the cache share it between goroutines. Sets that hold nothing or everything have
// no words. At 100,000 documents a set is 12.5 KB and 0.8 KB of ranks; a boolean step over it takes about 1 µs, which is
// why sets are dense here and compressed only in the file.
type docSet struct {
	docs  int      // documents in the segment
	count int      // members
	words []uint64 // nil where count is 0 or docs
	ranks []uint32 // members before word i*rankWords; nil where words is nil
}

func emptySet(docs int) *docSet { return &docSet{docs: docs} }
func fullSet(docs int) *docSet  { return &docSet{docs: docs, count: docs} }

// wordsFor is the number of words a set of so many documents needs.
func wordsFor(docs int) int { return (docs + wordBits - 1) / wordBits }

// sealSet makes a set of words; it copies them, so the caller may go on using its slice.
func sealSet(words []uint64, docs int) *docSet {
	n := countBits(words)
	switch n {
	case 0:
		return emptySet(docs)
	case docs:
		return fullSet(docs)
	}
	s := &docSet{docs: docs, count: n, words: slices.Clone(words)}
	s.ranks = make([]uint32, (len(words)+rankWords-1)/rankWords)
	sum := uint32(0)
	for i, w := range words {
		if i%rankWords == 0 {
			s.ranks[i/rankWords] = sum
		}
		sum += uint32(bits.OnesCount64(w))
	}
	return s
}

// sizeBytes is about what the set takes in memory.
func (s *docSet) sizeBytes() int { return 8*len(s.words) + 4*len(s.ranks) + 64 }

// full says that every document is a member.
func (s *docSet) full() bool { return s.count == s.docs }

// has says whether a document is a member.
func (s *docSet) has(doc uint32) bool {
	if s.words == nil {
		return s.full() && int(doc) < s.docs
	}
	return s.words[doc/wordBits]>>(doc%wordBits)&1 != 0
}

// rank is the number of members before doc, which may be the number of documents.
func (s *docSet) rank(doc uint32) int {
	switch {
	case s.count == 0:
		return 0
	case s.full():
		return int(doc)
	case int(doc) >= s.docs:
		return s.count
	}
	w := int(doc / wordBits)
	n := int(s.ranks[w/rankWords])
	for _, word := range s.words[w/rankWords*rankWords : w] {
		n += bits.OnesCount64(word)
	}
	return n + bits.OnesCount64(s.words[w]&(1<<(doc%wordBits)-1))
}

// pick is the member with k members before it; k must be below count.
func (s *docSet) pick(k int) uint32 {
	if s.full() {
		return uint32(k)
	}
	block := sort.Search(len(s.ranks), func(i int) bool { return int(s.ranks[i]) > k }) - 1
	k -= int(s.ranks[block])
	for i := block * rankWords; ; i++ {
		n := bits.OnesCount64(s.words[i])
		if k < n {
			return uint32(i*wordBits + pickBit(s.words[i], k))
		}
		k -= n
	}
}

// pickBit is the place of the set bit of w with k set bits below it.
func pickBit(w uint64, k int) int {
	for ; k > 0; k-- {
		w &= w - 1
	}
	return bits.TrailingZeros64(w)
}

// next is the first member that is not before doc.
func (s *docSet) next(doc uint32) (member uint32, ok bool) {
	if int(doc) >= s.docs || s.count == 0 {
		return 0, false
	}
	if s.full() {
		return doc, true
	}
	i := int(doc / wordBits)
	w := s.words[i] &^ (1<<(doc%wordBits) - 1)
	for w == 0 {
		if i++; i == len(s.words) {
			return 0, false
		}
		w = s.words[i]
	}
	return uint32(i*wordBits + bits.TrailingZeros64(w)), true
}

// copyTo writes the set as words.
func (s *docSet) copyTo(dst []uint64) {
	switch {
	case s.words != nil:
		copy(dst, s.words)
	case s.count == 0:
		clear(dst)
	default:
		clear(dst)
		setRange(dst, 0, s.docs)
	}
}

// andWith takes from dst what is not in the set.
func (s *docSet) andWith(dst []uint64) {
	switch {
	case s.words != nil:
		andWords(dst, s.words)
	case s.count == 0:
		clear(dst)
	}
}

// wordAt is word i of the set, also where it holds no words.
func (s *docSet) wordAt(i int) uint64 {
	switch {
	case s.words != nil:
		return s.words[i]
	case s.count == 0:
		return 0
	case (i+1)*wordBits > s.docs:
		return 1<<(s.docs%wordBits) - 1
	}
	return ^uint64(0)
}

// countBits is the number of set bits.
func countBits(words []uint64) int {
	n := 0
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	return n
}

// anyBit says whether a bit is set.
func anyBit(words []uint64) bool {
	for _, w := range words {
		if w != 0 {
			return true
		}
	}
	return false
}

func andWords(dst, src []uint64) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] &= src[i]
	}
}

func orWords(dst, src []uint64) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] |= src[i]
	}
}

func andNotWords(dst, src []uint64) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] &^= src[i]
	}
}

// notWords turns a set of docs documents into what is not in it.
func notWords(words []uint64, docs int) {
	for i := range words {
		words[i] = ^words[i]
	}
	if rest := docs % wordBits; rest != 0 {
		words[len(words)-1] &= 1<<rest - 1
	}
}

// setRange adds the documents of [lo, hi).
func setRange(words []uint64, lo, hi int) {
	if lo >= hi {
		return
	}
	first, last := lo/wordBits, (hi-1)/wordBits
	head, tail := ^uint64(0)<<(lo%wordBits), ^uint64(0)>>(wordBits-1-(hi-1)%wordBits)
	if first == last {
		words[first] |= head & tail
		return
	}
	words[first] |= head
	for i := first + 1; i < last; i++ {
		words[i] = ^uint64(0)
	}
	words[last] |= tail
}
