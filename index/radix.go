package index

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

// A keyed is a number that is sorted by a key.
type keyed struct {
	key uint64
	no  uint32
}

const (
	// digitBits is how many bits of the keys a pass of sortKeyed looks at: its 2,048 counters stay in the first-level cache.
	digitBits = 11
	// stableBits is how many bits all passes look at.
	stableBits = 3 * digitBits
	// radixFrom is how long a list must be for counters to pay.
	radixFrom = 300
)

// A keySorter sorts by keys of 64 bits: a third of the time that comparing takes on 50,000 of them. Its memory is used
// again.
type keySorter struct {
	spare  []keyed
	counts [1 << digitBits]uint32
}

// sort sorts by key. It is stable where no key differs from another above its lowest stableBits.
func (s *keySorter) sort(list []keyed) {
	if len(list) < radixFrom {
		slices.SortStableFunc(list, func(x, y keyed) int { return cmp.Compare(x.key, y.key) })
		return
	}
	var differ uint64
	for _, e := range list {
		differ |= e.key ^ list[0].key
	}
	width := bits.Len64(differ)
	shift := max(0, width-stableBits)
	s.spare = slices.Grow(s.spare[:0], len(list))[:len(list)]
	from, to := list, s.spare
	for at := shift; at < width; at += digitBits {
		s.pass(from, to, at)
		from, to = to, from
	}
	if width > 0 && &from[0] != &list[0] {
		copy(list, from)
	}
	if shift == 0 {
		return
	}
	eachRun(list, func(x, y keyed) bool { return x.key>>shift == y.key>>shift }, func(run []keyed) {
		slices.SortFunc(run, func(x, y keyed) int { return cmp.Compare(x.key, y.key) })
	})
}

// pass sorts by one digit, from bit at on.
func (s *keySorter) pass(from, to []keyed, at int) {
	clear(s.counts[:])
	for i := range from {
		s.counts[from[i].key>>at%(1<<digitBits)]++
	}
	start := uint32(0)
	for i, n := range s.counts {
		s.counts[i] = start
		start += n
	}
	for i := range from {
		n := &s.counts[from[i].key>>at%(1<<digitBits)]
		to[*n] = from[i]
		*n++
	}
}

// eachRun visits the longest parts of list, of more than one, that are the same by their neighbours.
func eachRun(list []keyed, same func(x, y keyed) bool, visit func(run []keyed)) {
	for lo := 0; lo < len(list); {
		hi := lo + 1
		for hi < len(list) && same(list[hi-1], list[hi]) {
			hi++
		}
		if hi-lo > 1 {
			visit(list[lo:hi])
		}
		lo = hi
	}
}

// sortTexts sorts numbers by their texts, bytewise; equal texts end up side by side. The texts agree in their first
// depth bytes, zeros behind their ends counted: names and ARNs share long beginnings, which are looked at once a level of 8 bytes, not once a comparison.
func (s *keySorter) sortTexts(list []keyed, text func(no uint32) []byte, depth int) {
	longest := 0
	for i := range list {
		t := text(list[i].no)
		longest = max(longest, len(t))
		list[i].key = textKey(t, depth)
	}
	if len(list) < radixFrom {
		slices.SortFunc(list, func(x, y keyed) int {
			if x.key != y.key {
				return cmp.Compare(x.key, y.key)
			}
			return compareFrom(depth+8, text(x.no), text(y.no))
		})
		return
	}
	s.sort(list)
	eachRun(list, func(x, y keyed) bool { return x.key == y.key }, func(run []keyed) {
		if longest > depth+8 {
			s.sortTexts(run, text, depth+8)
			return
		}
		slices.SortFunc(run, func(x, y keyed) int { return compareFrom(depth+8, text(x.no), text(y.no)) })
	})
}

// compareFrom compares texts that agree in their first depth bytes, as if zeros stood behind their ends. Where these
// zeros are all that is compared the shorter text comes first.
func compareFrom(depth int, x, y []byte) int {
	return cmp.Or(bytes.Compare(x[min(depth, len(x)):], y[min(depth, len(y)):]), cmp.Compare(len(x), len(y)))
}

// textKey is the 8 bytes of text from depth on as a number; zeros stand behind its end.
func textKey(text []byte, depth int) uint64 {
	if len(text) >= depth+8 {
		return binary.BigEndian.Uint64(text[depth:])
	}
	var head [8]byte
	if len(text) > depth {
		copy(head[:], text[depth:])
	}
	return binary.BigEndian.Uint64(head[:])
}
