package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// A postings part holds one posting list for each code of a field: the documents that have the term. It is read in
// place and valid as long as the view it came from; bitmaps it returns are copies.
//
// A list is its documents' distances as varints, mostly 1 byte each, or a roaring bitmap in the portable format where that
// is not much larger and the list is long: it is read faster. Both come after one byte that says which. A table of offsets
// takes 1 to 4 bytes a term.
type postings struct {
	offsets numbers // n+1 of them
	n       int
	data    []byte
}

const (
	listVarint  byte = 0
	listRoaring byte = 1
	// smallList is where a roaring bitmap (16 bytes and 2 a document) becomes no larger than varints of 2 bytes.
	smallList = 64
	// denseList is where distances are so small that a bitmap is no larger.
	denseList = bitmapBytes
)

var errPostings = errors.New("posting list is not well formed")

// list is the bytes of the list of a code; nil where there is none.
func (p postings) list(code uint32) []byte {
	if code == 0 || int(code) > p.n {
		return nil
	}
	lo, hi := p.offsets.at(code-1), p.offsets.at(code)
	if lo > hi || hi > uint64(len(p.data)) {
		return nil
	}
	return p.data[lo:hi]
}

// count is the number of documents that have the term, without reading the list where it is a bitmap.
func (p postings) count(code uint32) int {
	b := p.list(code)
	if len(b) == 0 {
		return 0
	}
	if b[0] == listVarint {
		return countVarints(b[1:])
	}
	n := 0
	_ = eachContainer(b[1:], func(c container) error {
		n += c.card
		return nil
	})
	return n
}

// bitmap is the list of a code as a bitmap of its own, on the heap.
func (p postings) bitmap(code uint32) *roaring.Bitmap {
	out := roaring.New()
	b := p.list(code)
	if len(b) == 0 {
		return out
	}
	if b[0] == listVarint {
		eachVarint(b[1:], func(doc uint32) { out.Add(doc) })
		return out
	}
	if err := out.UnmarshalBinary(append([]byte(nil), b[1:]...)); err != nil {
		return roaring.New()
	}
	return out
}

// or sets the bits of the documents that have the term, document 0 in the lowest bit of words[0]. Documents beyond the
// words are left out. It touches no heap.
func (p postings) or(code uint32, words []uint64) {
	b := p.list(code)
	if len(b) == 0 {
		return
	}
	if b[0] == listVarint {
		eachVarint(b[1:], func(doc uint32) {
			if i := int(doc / 64); i < len(words) {
				words[i] |= 1 << (doc % 64)
			}
		})
		return
	}
	_ = eachContainer(b[1:], func(c container) error {
		c.or(words)
		return nil
	})
}

// countVarints counts the bytes that end a varint.
func countVarints(b []byte) int {
	n := len(b)
	for ; len(b) >= 8; b = b[8:] {
		n -= bits.OnesCount64(binary.LittleEndian.Uint64(b) & (everyByte << 7))
	}
	for _, c := range b {
		n -= int(c >> 7)
	}
	return n
}

func eachVarint(b []byte, visit func(doc uint32)) {
	doc := uint64(0)
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		if n <= 0 {
			return
		}
		doc += d
		visit(uint32(doc))
		b = b[n:]
	}
}

// appendPostings encodes the lists of n codes. docs holds the documents of code i+1, ascending, at
// docs[starts[i]:starts[i+1]].
func appendPostings(dst []byte, docs, starts []uint32) []byte {
	n := len(starts) - 1
	offsets := make([]uint64, n+1)
	data := make([]byte, 0, 2*len(docs)+8*n) // an array's 2 bytes a document are the most, and what stands before it
	for i := range n {
		offsets[i] = uint64(len(data))
		data = appendList(data, docs[starts[i]:starts[i+1]])
	}
	offsets[n] = uint64(len(data))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(n))
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = appendNumbers(dst, offsets)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return append(dst, data...)
}

// openPostings reads what appendPostings wrote. A nil part has no lists.
func openPostings(b []byte) (postings, error) {
	if len(b) == 0 {
		return postings{}, nil
	}
	if len(b) < 8 {
		return postings{}, errPostings
	}
	n, size := int(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint32(b[4:]))
	if size > len(b)-8 {
		return postings{}, errPostings
	}
	offsets, err := openNumbers(b[8:8+size], n+1)
	if err != nil {
		return postings{}, fmt.Errorf("posting lists: %w", err)
	}
	return postings{offsets: offsets, n: n, data: b[8+size:]}, nil
}

// appendList encodes one ascending list. It writes roaring's portable format itself: filling a bitmap and running
// RunOptimize takes four to eight times as long.
func appendList(dst []byte, docs []uint32) []byte {
	if len(docs) > denseList {
		return appendRoaring(append(dst, listRoaring), docs)
	}
	start, runs := len(dst), 0
	dst = append(dst, listVarint)
	last := uint32(0)
	for i, d := range docs {
		if i == 0 || d != last+1 {
			runs++
		}
		dst = binary.AppendUvarint(dst, uint64(d-last))
		last = d
	}
	// as a bitmap: an array, all bits, or runs
	if packed := min(2*len(docs), bitmapBytes, 4*runs); len(docs) <= smallList || 4*(len(dst)-start) < 3*packed {
		return dst
	}
	return appendRoaring(append(dst[:start], listRoaring), docs)
}

// A container of roaring's format holds the documents that share their upper 16 bits.
type container struct {
	key  uint16
	card int
	kind byte   // 'a' array, 'b' bitmap, 'r' runs
	data []byte // without the count of runs
}

const (
	cookiePlain = 12346
	cookieRuns  = 12347
	arrayMax    = 4096 // an array of more documents is larger than a bitmap
	bitmapBytes = 8192
)

func appendRoaring(dst []byte, docs []uint32) []byte {
	var parts [][]uint32
	anyRuns := false
	for rest := docs; len(rest) > 0; {
		n := len(rest)
		if rest[n-1]>>16 != rest[0]>>16 {
			n, _ = slices.BinarySearch(rest, (rest[0]>>16+1)<<16)
		}
		parts, rest = append(parts, rest[:n]), rest[n:]
	}
	runs := make([]int, len(parts)) // number of runs where runs are smallest, else 0
	for i, p := range parts {
		if r := countRuns(p); 2+4*r < min(2*len(p), bitmapBytes) {
			runs[i], anyRuns = r, true
		}
	}
	base := len(dst)
	if anyRuns {
		dst = binary.LittleEndian.AppendUint32(dst, cookieRuns|uint32(len(parts)-1)<<16)
		flags := make([]byte, (len(parts)+7)/8)
		for i, r := range runs {
			if r > 0 {
				flags[i/8] |= 1 << (i % 8)
			}
		}
		dst = append(dst, flags...)
	} else {
		dst = binary.LittleEndian.AppendUint32(dst, cookiePlain)
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(parts)))
	}
	for _, p := range parts {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(p[0]>>16))
		dst = binary.LittleEndian.AppendUint16(dst, uint16(len(p)-1))
	}
	table := -1
	if !anyRuns || len(parts) >= 4 {
		table = len(dst)
		dst = append(dst, make([]byte, 4*len(parts))...)
	}
	for i, p := range parts {
		if table >= 0 {
			binary.LittleEndian.PutUint32(dst[table+4*i:], uint32(len(dst)-base))
		}
		dst = appendContainer(dst, p, runs[i])
	}
	return dst
}

func appendContainer(dst []byte, docs []uint32, runs int) []byte {
	switch {
	case runs > 0:
		dst = binary.LittleEndian.AppendUint16(dst, uint16(runs))
		for i := 0; i < len(docs); {
			j := i + 1
			if runs == 1 {
				j = len(docs)
			}
			for j < len(docs) && docs[j] == docs[j-1]+1 {
				j++
			}
			dst = binary.LittleEndian.AppendUint16(dst, uint16(docs[i]))
			dst = binary.LittleEndian.AppendUint16(dst, uint16(j-i-1))
			i = j
		}
	case len(docs) <= arrayMax:
		for _, d := range docs {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(d))
		}
	default:
		at := len(dst)
		dst = append(dst, make([]byte, bitmapBytes)...)
		for _, d := range docs {
			dst[at+int(uint16(d)>>3)] |= 1 << (d & 7)
		}
	}
	return dst
}

func countRuns(docs []uint32) int {
	if isRun(docs) {
		return 1
	}
	n := 1
	for i := 1; i < len(docs); i++ {
		if docs[i] != docs[i-1]+1 {
			n++
		}
	}
	return n
}

// isRun says that no document is left out between the first and the last, as in the lists of what every record has.
func isRun(docs []uint32) bool { return int(docs[len(docs)-1]-docs[0]) == len(docs)-1 }

// eachContainer walks the containers of a bitmap in roaring's portable format.
func eachContainer(b []byte, visit func(container) error) error {
	if len(b) < 8 {
		return errPostings
	}
	cookie := binary.LittleEndian.Uint32(b)
	var flags []byte
	var n int
	rest := b[4:]
	switch {
	case cookie&0xffff == cookieRuns:
		n = int(cookie>>16) + 1
		if len(rest) < (n+7)/8 {
			return errPostings
		}
		flags, rest = rest[:(n+7)/8], rest[(n+7)/8:]
	case cookie == cookiePlain:
		n = int(binary.LittleEndian.Uint32(rest))
		rest = rest[4:]
	default:
		return errPostings
	}
	if n > 1<<16 || len(rest) < 4*n {
		return errPostings
	}
	head := rest[:4*n]
	rest = rest[4*n:]
	if flags == nil || n >= 4 {
		if len(rest) < 4*n {
			return errPostings
		}
		rest = rest[4*n:]
	}
	for i := range n {
		c := container{key: binary.LittleEndian.Uint16(head[4*i:]), card: int(binary.LittleEndian.Uint16(head[4*i+2:])) + 1}
		size := bitmapBytes
		switch {
		case flags != nil && flags[i/8]&(1<<(i%8)) != 0:
			if len(rest) < 2 {
				return errPostings
			}
			c.kind, size, rest = 'r', 4*int(binary.LittleEndian.Uint16(rest)), rest[2:]
		case c.card <= arrayMax:
			c.kind, size = 'a', 2*c.card
		default:
			c.kind = 'b'
		}
		if len(rest) < size {
			return errPostings
		}
		c.data, rest = rest[:size], rest[size:]
		if err := visit(c); err != nil {
			return err
		}
	}
	return nil
}

// or sets the bits of the container's documents.
func (c container) or(words []uint64) {
	first := int(c.key) << 10
	if first >= len(words) {
		return
	}
	words = words[first:min(len(words), first+1024)]
	switch c.kind {
	case 'a':
		for i := 0; i+1 < len(c.data); i += 2 {
			d := binary.LittleEndian.Uint16(c.data[i:])
			if w := int(d >> 6); w < len(words) {
				words[w] |= 1 << (d & 63)
			}
		}
	case 'b':
		for i := range words {
			words[i] |= binary.LittleEndian.Uint64(c.data[8*i:])
		}
	case 'r':
		for i := 0; i+3 < len(c.data); i += 4 {
			lo := int(binary.LittleEndian.Uint16(c.data[i:]))
			orRange(words, lo, lo+int(binary.LittleEndian.Uint16(c.data[i+2:]))+1)
		}
	}
}

// orRange sets the bits lo up to, not including, hi.
func orRange(words []uint64, lo, hi int) {
	hi = min(hi, 64*len(words))
	for lo < hi {
		n := min(64-lo%64, hi-lo)
		words[lo/64] |= (^uint64(0) >> (64 - n)) << (lo % 64)
		lo += n
	}
}
