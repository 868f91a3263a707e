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
	var seen byte
	for i, at := range guidPlaces {
		high, low := hexDigits[text[at]], hexDigits[text[at+1]]
		g[i] = high<<4 | low&0x0f
		seen |= high | low
	}
	return g, seen&hexUpper == 0, seen&hexNone == 0
}

// guidPlaces is where the two digits of each byte of a GUID stand.
var guidPlaces = [16]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

// hexDigits gives the value of a digit, with hexUpper for A to F and hexNone for what is none.
var hexDigits = func() (digits [256]byte) {
	for i := range digits {
		switch c := byte(i); {
		case c >= '0' && c <= '9':
			digits[i] = c - '0'
		case c >= 'a' && c <= 'f':
			digits[i] = c - 'a' + 10
		case c >= 'A' && c <= 'F':
			digits[i] = c - 'A' + 10 | hexUpper
		default:
			digits[i] = hexNone
		}
	}
	return digits
}()

const (
	hexUpper = 1 << 6
	hexNone  = 1 << 7
)

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
