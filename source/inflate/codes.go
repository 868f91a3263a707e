package inflate

import "math/bits"

// Widths of the primary tables, and the entries that these and the secondary tables need at most for complete codes of
// up to 15 bits (288 and 32 symbols; by zlib's "enough").
const (
	literalBits     = 11
	distanceBits    = 8
	lengthBits      = 7
	literalEntries  = 2342
	distanceEntries = 402
	maxBits         = 15
	endSymbol       = 256
	literalSymbols  = 288 // two of them invalid
	distanceSymbols = 32  // likewise
)

// An entry of a table says what a symbol means:
//
//	bits 0-5    bits of the code (of both, for a pair); 0 for what is no code
//	isLiteral   byte in bits 16-23; with isPair another in bits 24-31, bits 8-11 being the bits of the first
//	isStop      with isEnd the end of the block, with isInvalid damage, with isSub the start of a secondary table in bits
//	            16-31 and its width in bits 8-11
//	else        base of a length or distance in bits 16-31, extra bits in bits 8-11; or a plain value
const (
	bitsMask   = 63
	isLiteral  = 1 << 6
	isPair     = 1 << pairShift
	pairShift  = 7
	isStop     = 1 << 15
	extraShift = 8
	extraMask  = 15
	isEnd      = 1 << 12
	isInvalid  = 1 << 13
	isSub      = 1 << 14
	valueShift = 16
)

// codes are the tables of a block.
type codes struct {
	literal  [literalEntries]uint32
	distance [distanceEntries]uint32
	// No symbol is tried with fewer bits. This is compress/gzip's rule, and decides what a truncated file gives.
	literalMin, distanceMin uint
}

// lookUp finds the entry for the code that bits begin with; a pair as its first literal. Where only some of the bits are
// known and zeros follow them, an entry with no more bits than those is right, and one with more says how many the code
// has at least: in canonical codes, going on with zeros gives the shortest code with a given beginning.
func lookUp(table []uint32, width uint, bits uint64) uint32 {
	e := table[bits&(1<<width-1)]
	switch {
	case e&isSub != 0:
		return table[uint64(e>>valueShift)+bits>>width&(1<<(e>>extraShift&extraMask)-1)]
	case e&isPair != 0:
		return single(e)
	}
	return e
}

// single is the first literal of a pair.
func single(e uint32) uint32 {
	return isLiteral | e>>extraShift&extraMask | e&(0xff<<valueShift)
}

// A builder makes tables. It is scratch space: its fields are about the code last built.
type builder struct {
	count  [maxBits + 1]int       // symbols by length
	sorted [literalSymbols]uint16 // symbols by length, then by themselves
	code   [literalSymbols]uint16 // of the first of these symbols, first bit lowest
	coded  int                    // symbols with a code
	short  int                    // symbols that the primary table has; 0 where the code is not complete
}

// build fills a table for the code with these lengths by symbol; meaning has the entries by symbol, without bits. least
// is the shortest length. It is false where the code is not complete, unless it is empty or one code of one bit.
func (b *builder) build(table []uint32, width uint, lengths []uint8, meaning []uint32) (least uint, ok bool) {
	b.count = [maxBits + 1]int{}
	for _, l := range lengths {
		b.count[l&maxBits]++
	}
	var start [maxBits + 2]int
	space := 1
	for l := 1; l <= maxBits; l++ {
		if b.count[l] > 0 && least == 0 {
			least = uint(l)
		}
		space = space<<1 - b.count[l]
		start[l+1] = start[l] + b.count[l]
	}
	if b.coded = start[maxBits+1]; space != 0 {
		return least, b.partial(table[:1<<width], lengths, meaning)
	}
	for s, l := range lengths {
		if l != 0 {
			b.sorted[start[l&maxBits]] = uint16(s)
			start[l&maxBits]++
		}
	}
	b.fill(table, width, least, meaning)
	return least, true
}

// partial is build for codes that are not complete.
func (b *builder) partial(table []uint32, lengths []uint8, meaning []uint32) bool {
	if b.coded > 0 && (b.coded != 1 || b.count[1] != 1) {
		return false
	}
	for i := range table {
		table[i] = isStop | isInvalid
	}
	for s, l := range lengths {
		for i := 0; l != 0 && i < len(table); i += 2 {
			table[i] = meaning[s] | 1
		}
	}
	b.short = 0
	return true
}

// fill puts in the symbols of a complete code, shortest code first. Codes are kept with their first bit lowest, as they
// arrive; the table doubles with each further bit, so that shorter codes repeat with that period.
func (b *builder) fill(table []uint32, width, least uint, meaning []uint32) {
	code, next := 0, 0
	for l := least; l <= width; l++ {
		for range b.count[l] {
			table[code] = meaning[b.sorted[next]] | uint32(l)
			b.code[next] = uint16(code)
			next++
			code = increment(code, l)
		}
		if l < width {
			copy(table[1<<l:2<<l], table[:1<<l])
		}
	}
	b.short = next
	prefix, from, to := -1, 0, 1<<width
	for l := max(least, width+1); next < b.coded; l++ {
		for left := b.count[l]; left > 0; left-- {
			if p := code & (1<<width - 1); p != prefix {
				w := b.subWidth(l, width, left)
				prefix, from, to = p, to, to+1<<w
				table[p] = isStop | isSub | uint32(w)<<extraShift | uint32(from)<<valueShift
			}
			e := meaning[b.sorted[next]] | uint32(l)
			for i := from + code>>width; i < to; i += 1 << (l - width) {
				table[i] = e
			}
			next++
			code = increment(code, l)
		}
	}
}

// increment is the code of l bits after this one; after the last one anything.
func increment(code int, l uint) int {
	zeros := ^code & (1<<l - 1)
	if zeros == 0 {
		return code
	}
	highest := 1 << (bits.Len(uint(zeros)) - 1)
	return code&(highest-1) | highest
}

// subWidth is the width of a secondary table whose first code has l bits, left of which are not placed yet.
func (b *builder) subWidth(l, width uint, left int) uint {
	w := l - width
	for used := left; used < 1<<w; {
		w++
		used = used<<1 + b.count[width+w]
	}
	return w
}

// pair lets entries of the table just built stand for two literals where both codes fit in.
func (b *builder) pair(table *[literalEntries]uint32) {
	var short [literalSymbols]struct{ entry, code uint32 }
	n := 0
	for i, s := range b.sorted[:b.short] {
		if s < endSymbol {
			code := uint32(b.code[i])
			short[n].entry, short[n].code = table[code], code
			n++
		}
	}
	for _, first := range short[:n] {
		l := first.entry & bitsMask
		for _, second := range short[:n] {
			both := l + second.entry&bitsMask
			if both > literalBits {
				break
			}
			e := isLiteral | isPair | both | l<<extraShift | first.entry&(0xff<<valueShift) | second.entry<<8&(0xff<<24)
			for i := first.code | second.code<<l; i < 1<<literalBits; i += 1 << both {
				table[i] = e
			}
		}
	}
}
