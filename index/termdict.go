package index

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"sort"
)

// A termDict holds the terms of a field in a segment, codes 1..len. First come the terms that are GUIDs in lower case,
// packed to 16 bytes each, then all others; each of the two runs is sorted bytewise. It is read in place and valid as
// long as the view it came from; terms it returns are copies.
//
// Bytes per term: 16 for a GUID; else what the term does not share with the one before it, two length bytes or so, and
// a quarter of a byte for the table of blocks.
type termDict struct {
	guids  int
	texts  int
	packed []byte // guids * 16
	blocks []byte // offsets of blocks in data, 4 bytes each
	data   []byte
}

// dictBlock is how many terms a block holds: a look-up decodes half of one, a larger block saves less than 2 % of bytes.
const dictBlock = 16

const guidText = 36

var errDict = errors.New("term dictionary is not well formed")

// len is the number of terms; codes run from 1 to len.
func (d termDict) len() int { return d.guids + d.texts }

// term is the text of a code; nil for a code that is not there.
func (d termDict) term(code uint32) []byte { return d.appendTerm(nil, code) }

// appendTerm appends the text of a code to dst.
func (d termDict) appendTerm(dst []byte, code uint32) []byte {
	i := int(code) - 1
	switch {
	case i < 0 || i >= d.len():
		return dst
	case i < d.guids:
		return appendGUID(dst, [16]byte(d.packed[16*i:]))
	}
	i -= d.guids
	block := d.block(i / dictBlock)
	start := len(dst)
	for k := 0; k <= i%dictBlock; k++ {
		var ok bool
		if dst, block, ok = nextTerm(dst, start, block); !ok {
			return dst[:start]
		}
	}
	return dst
}

// find is the code of a term.
func (d termDict) find(term []byte) (code uint32, ok bool) {
	if g, isGUID := lowerGUID(term); isGUID {
		i := d.searchGUID(g)
		if i < d.guids && [16]byte(d.packed[16*i:]) == g {
			return uint32(i + 1), true
		}
		return 0, false
	}
	i := d.searchText(term)
	if i < d.texts {
		code = uint32(d.guids + i + 1)
		var buf [64]byte
		if bytes.Equal(d.appendTerm(buf[:0], code), term) {
			return code, true
		}
	}
	return 0, false
}

// A codeRange is the codes from lo up to, not including, hi.
type codeRange struct{ lo, hi uint32 }

// prefixRanges gives the codes of the terms that begin with prefix: up to two ranges.
func (d termDict) prefixRanges(prefix []byte) []codeRange {
	var ranges []codeRange
	after := func(next []byte, search func([]byte) int, n int) int {
		if next == nil {
			return n
		}
		return search(next)
	}
	next := successor(prefix)
	guid := func(p []byte) int {
		return sort.Search(d.guids, func(i int) bool {
			var buf [guidText]byte
			return bytes.Compare(appendGUID(buf[:0], [16]byte(d.packed[16*i:])), p) >= 0
		})
	}
	if lo, hi := guid(prefix), after(next, guid, d.guids); lo < hi {
		ranges = append(ranges, codeRange{uint32(lo + 1), uint32(hi + 1)})
	}
	if lo, hi := d.searchText(prefix), after(next, d.searchText, d.texts); lo < hi {
		ranges = append(ranges, codeRange{uint32(d.guids + lo + 1), uint32(d.guids + hi + 1)})
	}
	return ranges
}

// each visits all terms by ascending code until visit returns false. The term is only valid during the call.
func (d termDict) each(visit func(code uint32, term []byte) bool) {
	var buf []byte
	for i := range d.guids {
		buf = appendGUID(buf[:0], [16]byte(d.packed[16*i:]))
		if !visit(uint32(i+1), buf) {
			return
		}
	}
	var block []byte
	for i := range d.texts {
		if i%dictBlock == 0 {
			block, buf = d.block(i/dictBlock), buf[:0]
		}
		var ok bool
		if buf, block, ok = nextTerm(buf, 0, block); !ok || !visit(uint32(d.guids+i+1), buf) {
			return
		}
	}
}

// searchGUID is the number of packed GUIDs below g.
func (d termDict) searchGUID(g [16]byte) int {
	return sort.Search(d.guids, func(i int) bool { return bytes.Compare(d.packed[16*i:16*i+16], g[:]) >= 0 })
}

// searchText is the number of texts below term.
func (d termDict) searchText(term []byte) int {
	blocks := (d.texts + dictBlock - 1) / dictBlock
	// the first block whose first term is above term; the place is in the one before it
	b := sort.Search(blocks, func(i int) bool { return bytes.Compare(d.first(i), term) > 0 }) - 1
	if b < 0 {
		return 0
	}
	var space [64]byte
	buf := space[:0]
	block := d.block(b)
	end := min(d.texts, (b+1)*dictBlock)
	for i := b * dictBlock; i < end; i++ {
		var ok bool
		if buf, block, ok = nextTerm(buf, 0, block); !ok || bytes.Compare(buf, term) >= 0 {
			return i
		}
	}
	return end
}

// first is the first term of a block. It shares nothing with another, so it is read in place.
func (d termDict) first(i int) []byte {
	block := d.block(i)
	shared, n := binary.Uvarint(block)
	if n <= 0 || shared != 0 {
		return nil
	}
	block = block[n:]
	own, n := binary.Uvarint(block)
	if n <= 0 || own > uint64(len(block)-n) {
		return nil
	}
	return block[n : n+int(own)]
}

func (d termDict) block(i int) []byte {
	off := int(binary.LittleEndian.Uint32(d.blocks[4*i:]))
	if off > len(d.data) {
		return nil
	}
	return d.data[off:]
}

// nextTerm reads an entry of a block: how many bytes are shared with the term before, how many follow, the bytes.
// buf[start:] holds the term before and then this one.
func nextTerm(buf []byte, start int, block []byte) (_, rest []byte, ok bool) {
	shared, n := binary.Uvarint(block)
	if n <= 0 || shared > uint64(len(buf)-start) {
		return buf[:start], nil, false
	}
	block = block[n:]
	own, n := binary.Uvarint(block)
	if n <= 0 || own > uint64(len(block)-n) {
		return buf[:start], nil, false
	}
	block = block[n:]
	return append(buf[:start+int(shared)], block[:own]...), block[own:], true
}

// dictOrder says how terms are ordered: lower-case GUIDs first, then bytewise.
func dictOrder(a, b []byte) int {
	_, ga := lowerGUID(a)
	_, gb := lowerGUID(b)
	if ga != gb {
		if ga {
			return -1
		}
		return 1
	}
	return bytes.Compare(a, b)
}

// appendDict encodes n terms that are already in dictOrder and different from each other; the first of them are GUIDs.
func appendDict(dst []byte, guids, n int, term func(i int) []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(guids))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(n-guids))
	for i := range guids {
		g, _ := lowerGUID(term(i))
		dst = append(dst, g[:]...)
	}
	table := len(dst)
	blocks := (n - guids + dictBlock - 1) / dictBlock
	dst = slices.Grow(dst, 4*blocks)[:table+4*blocks]
	data := len(dst)
	var before []byte
	for i := range n - guids {
		t := term(guids + i)
		shared := 0
		if i%dictBlock == 0 {
			binary.LittleEndian.PutUint32(dst[table+4*(i/dictBlock):], uint32(len(dst)-data))
		} else {
			shared = commonPrefix(before, t)
		}
		dst = binary.AppendUvarint(dst, uint64(shared))
		dst = binary.AppendUvarint(dst, uint64(len(t)-shared))
		dst = append(dst, t[shared:]...)
		before = t
	}
	return dst
}

// openDict reads what appendDict wrote. A nil part is the empty dictionary.
func openDict(b []byte) (termDict, error) {
	if len(b) == 0 {
		return termDict{}, nil
	}
	if len(b) < 8 {
		return termDict{}, errDict
	}
	d := termDict{guids: int(binary.LittleEndian.Uint32(b)), texts: int(binary.LittleEndian.Uint32(b[4:]))}
	b = b[8:]
	packed, blocks := 16*d.guids, 4*((d.texts+dictBlock-1)/dictBlock)
	if packed+blocks > len(b) {
		return termDict{}, errDict
	}
	d.packed, d.blocks, d.data = b[:packed], b[packed:packed+blocks], b[packed+blocks:]
	return d, nil
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// successor is the smallest text above every text that begins with prefix; nil where there is none.
func successor(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			next := bytes.Clone(prefix[:i+1])
			next[i]++
			return next
		}
	}
	return nil
}

// lowerGUID packs a GUID of the form 8-4-4-4-12 in lower case, which alone prints back to the same text.
func lowerGUID(text []byte) (g [16]byte, ok bool) {
	g, lower, ok := packGUID(text)
	return g, ok && lower
}

// packGUID packs a GUID of the form 8-4-4-4-12 in any case; lower says that no letter is upper case.
func packGUID(text []byte) (g [16]byte, lower, ok bool) {
	if len(text) != guidText || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return g, false, false
	}
	p0, n0, u0 := hexDigits(binary.LittleEndian.Uint64(text))
	p1, n1, u1 := hexDigits(uint64(binary.LittleEndian.Uint32(text[9:])) | uint64(binary.LittleEndian.Uint32(text[14:]))<<32)
	p2, n2, u2 := hexDigits(uint64(binary.LittleEndian.Uint32(text[19:])) | uint64(binary.LittleEndian.Uint32(text[24:]))<<32)
	p3, n3, u3 := hexDigits(binary.LittleEndian.Uint64(text[28:]))
	binary.LittleEndian.PutUint64(g[:], join(p0, p1))
	binary.LittleEndian.PutUint64(g[8:], join(p2, p3))
	return g, (u0|u1|u2|u3)&upperBits == 0, (n0|n1|n2|n3)&upperBits == 0
}

const upperBits = everyByte << 7

// hexDigits packs eight hexadecimal digits, from the lowest byte of w on, into two bytes of each half of packed. The upper bit of a byte of none
// says that one is no digit, of large that it is an upper-case letter; other bits of these two say nothing.
func hexDigits(w uint64) (packed, none, large uint64) {
	// Adding 0x80-c to a byte below 0x80 sets its upper bit where it is at least c, and carries nothing over.
	lower := w | ' '*everyByte
	letter := (lower + (0x80-'a')*everyByte) &^ (lower + (0x7f-'f')*everyByte)
	digit := (w + (0x80-'0')*everyByte) &^ (w + (0x7f-'9')*everyByte)
	n := w&(0x0f*everyByte) + 9*(letter&upperBits>>7)
	n = (n<<4 | n>>8) & 0x00ff00ff00ff00ff // two digits each
	return (n | n>>8) & 0x0000ffff0000ffff, w | ^(letter | digit), letter &^ (w << 2)
}

// join is the eight bytes of two packed words.
func join(a, b uint64) uint64 { return uint64(uint32(a|a>>16)) | (b|b>>16)<<32 }

// appendGUID prints 16 bytes as a GUID in lower case.
func appendGUID(dst []byte, g [16]byte) []byte {
	for i, part := range [][]byte{g[:4], g[4:6], g[6:8], g[8:10], g[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}
