package index

import (
	"encoding/binary"
	"math/bits"
)

// A codeSet is a set of term codes of one dictionary; 0, no value, is never in it.
type codeSet struct {
	bits  []uint64
	codes []uint32 // each once, in no order
}

func newCodeSet(terms int) *codeSet {
	return &codeSet{bits: make([]uint64, terms/wordBits+1)}
}

func (s *codeSet) add(code uint32) {
	if w := &s.bits[code/wordBits]; *w>>(code%wordBits)&1 == 0 {
		*w |= 1 << (code % wordBits)
		s.codes = append(s.codes, code)
	}
}

// bit is 1 for a member. A code beyond the dictionary, which only a damaged file holds, is none.
func (s *codeSet) bit(code uint32) uint64 {
	if i := int(code / wordBits); i < len(s.bits) {
		return s.bits[i] >> (code % wordBits) & 1
	}
	return 0
}

// gather adds to dst the documents whose code is in the set: about 0.6 ns a document.
func (c column) gather(dst []uint64, want *codeSet) {
	want = c.numbers(want)
	switch c.width {
	case 0:
		if want.bit(c.constant) != 0 {
			setRange(dst, 0, c.docs)
		}
	case 1:
		var table [256]uint64
		for _, code := range want.codes {
			table[code] = 1
		}
		gatherBytes(dst, c.raw(), &table)
	case 2:
		var bits [1 << 16 / wordBits]uint64
		copy(bits[:], want.bits)
		gatherPairs(dst, c.raw(), &bits)
	case 4:
		gatherFours(dst, c.raw(), want)
	}
}

func gatherBytes(dst []uint64, data []byte, table *[256]uint64) {
	for i := range dst {
		var w uint64
		chunk := data[:min(wordBits, len(data))]
		for j, code := range chunk {
			w |= table[code] << j
		}
		dst[i] |= w
		data = data[len(chunk):]
	}
}

func gatherPairs(dst []uint64, data []byte, bits *[1 << 16 / wordBits]uint64) {
	for i := range dst {
		var w uint64
		chunk := data[:min(2*wordBits, len(data))]
		for j := 0; len(chunk) >= 2*j+2; j++ {
			code := binary.LittleEndian.Uint16(chunk[2*j:])
			w |= bits[code/wordBits] >> (code % wordBits) & 1 << j
		}
		dst[i] |= w
		data = data[len(chunk):]
	}
}

func gatherFours(dst []uint64, data []byte, want *codeSet) {
	for i := range dst {
		var w uint64
		chunk := data[:min(4*wordBits, len(data))]
		for j := 0; len(chunk) >= 4*j+4; j++ {
			w |= want.bit(binary.LittleEndian.Uint32(chunk[4*j:])) << j
		}
		dst[i] |= w
		data = data[len(chunk):]
	}
}

// gatherWithin adds to dst the documents of within whose code is in the set: about 4 ns a member.
func (c column) gatherWithin(dst, within []uint64, want *codeSet) {
	want = c.numbers(want)
	for i, w := range within {
		for ; w != 0; w &= w - 1 {
			b := bits.TrailingZeros64(w)
			dst[i] |= want.bit(c.number(uint32(i*wordBits+b))) << b
		}
	}
}

// numbers is what must stand in the column for a code that is wanted.
func (c column) numbers(want *codeSet) *codeSet {
	if !c.table.is() {
		return want
	}
	out := newCodeSet(c.table.len())
	for n := range uint32(c.table.len()) {
		if want.bit(c.table.at(n)) != 0 {
			out.add(n)
		}
	}
	return out
}

// countTable counts numbers and adds them up by code.
func (c column) countTable(counts []uint32, s *docSet) {
	table := c.table
	c.table = codeTable{}
	numbers := make([]uint32, table.len())
	c.count(numbers, s)
	for n, count := range numbers {
		if code := table.at(uint32(n)); int(code) < len(counts) {
			counts[code] += count
		}
	}
}

// count adds to counts, one entry a code, how many members of the set have which code.
func (c column) count(counts []uint32, s *docSet) {
	switch {
	case s.count == 0:
	case c.table.is():
		c.countTable(counts, s)
	case c.width == 0:
		if int(c.constant) < len(counts) {
			counts[c.constant] += uint32(s.count)
		}
	case s.full() && c.width == 1:
		var four [4][256]uint32 // neighbours are often equal: four tables keep the additions apart
		data := c.raw()
		for ; len(data) >= 4; data = data[4:] {
			four[0][data[0]]++
			four[1][data[1]]++
			four[2][data[2]]++
			four[3][data[3]]++
		}
		for _, code := range data {
			four[0][code]++
		}
		for i := range min(len(counts), len(four[0])) {
			counts[i] += four[0][i] + four[1][i] + four[2][i] + four[3][i]
		}
	default:
		c.countMembers(counts, s)
	}
}

func (c column) countMembers(counts []uint32, s *docSet) {
	add := func(code uint32) {
		if int(code) < len(counts) {
			counts[code]++
		}
	}
	data := c.raw()
	for i := range wordsFor(s.docs) {
		w := s.wordAt(i)
		base := i * wordBits
		switch c.width {
		case 1:
			for ; w != 0; w &= w - 1 {
				add(uint32(data[base+bits.TrailingZeros64(w)]))
			}
		case 2:
			for ; w != 0; w &= w - 1 {
				add(uint32(binary.LittleEndian.Uint16(data[2*(base+bits.TrailingZeros64(w)):])))
			}
		case 4:
			for ; w != 0; w &= w - 1 {
				add(binary.LittleEndian.Uint32(data[4*(base+bits.TrailingZeros64(w)):]))
			}
		}
	}
}
