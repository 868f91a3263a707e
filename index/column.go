package index

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// A column holds one term code a document: 0 where the document has no value, else 1..n in the order of the terms.
// It is read in place; raw is valid as long as the view it came from.
//
// Bytes per document: 0 where all documents have the same code, else 1, 2 or 4 by the largest code, little-endian.
type column struct {
	width    int    // bytes per document: 0, 1, 2, 4
	constant uint32 // the code of all documents where width is 0
	docs     int
	data     []byte
	table    codeTable // where it is one: what stands in the column is a number, and this gives the code for each
}

// A codeTable holds a code for each number; the zero value is no table.
type codeTable struct {
	width int // bytes a code: 1, 2, 4
	data  []byte
}

func (t codeTable) is() bool { return t.width != 0 }

// len is how many numbers there are, from 0.
func (t codeTable) len() int { return len(t.data) / t.width }

// at is the code of a number; 0 for one beyond the table, which only a damaged file holds.
func (t codeTable) at(number uint32) uint32 {
	if int(number) >= t.len() {
		return 0
	}
	return column{width: t.width, data: t.data}.number(number)
}

// code is the code of a document.
func (c column) code(doc uint32) uint32 {
	if c.table.is() {
		return c.table.at(c.number(doc))
	}
	return c.number(doc)
}

// number is what stands in the column.
func (c column) number(doc uint32) uint32 {
	switch c.width {
	case 1:
		return uint32(c.data[doc])
	case 2:
		return uint32(binary.LittleEndian.Uint16(c.data[2*int(doc):]))
	case 4:
		return binary.LittleEndian.Uint32(c.data[4*int(doc):])
	}
	return c.constant
}

// raw is the codes of all documents, width bytes each; nil where width is 0.
func (c column) raw() []byte { return c.data }

// appendColumn encodes codes: width, constant, then the codes.
func appendColumn(dst []byte, codes []uint32) []byte {
	if len(codes) == 0 {
		return append(dst, 0, 0, 0, 0, 0)
	}
	largest, same := codes[0], true
	for _, c := range codes {
		largest = max(largest, c)
		same = same && c == codes[0]
	}
	width := 0
	switch {
	case same:
	case largest < 1<<8:
		width = 1
	case largest < 1<<16:
		width = 2
	default:
		width = 4
	}
	dst = append(dst, byte(width))
	dst = binary.LittleEndian.AppendUint32(dst, codes[0])
	switch width {
	case 1:
		for _, c := range codes {
			dst = append(dst, byte(c))
		}
	case 2:
		for _, c := range codes {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(c))
		}
	case 4:
		for _, c := range codes {
			dst = binary.LittleEndian.AppendUint32(dst, c)
		}
	}
	return dst
}

// openColumn reads what appendColumn wrote.
func openColumn(b []byte, docs int) (column, error) {
	if len(b) < 5 {
		return column{docs: docs}, fmt.Errorf("column of %d bytes", len(b))
	}
	c := column{width: int(b[0]), constant: binary.LittleEndian.Uint32(b[1:]), docs: docs, data: b[5:]}
	if c.width != 0 && c.width != 1 && c.width != 2 && c.width != 4 || len(c.data) != c.width*docs {
		return column{docs: docs}, fmt.Errorf("column of %d bytes for %d documents, width %d", len(b), docs, c.width)
	}
	if c.width == 0 {
		c.data = nil
	}
	return c, nil
}

// A numbers part holds one number a document, as its distance from the smallest, in as few whole bytes as the largest
// distance needs (0 to 8), little-endian.
type numbers struct {
	width int
	base  uint64
	data  []byte
}

func (n numbers) at(i uint32) uint64 {
	p := n.data[n.width*int(i):]
	switch n.width {
	case 0:
		return n.base
	case 1:
		return n.base + uint64(p[0])
	case 2:
		return n.base + uint64(binary.LittleEndian.Uint16(p))
	case 3:
		return n.base + (uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16)
	case 4:
		return n.base + uint64(binary.LittleEndian.Uint32(p))
	case 8:
		return n.base + binary.LittleEndian.Uint64(p)
	}
	var v uint64
	for k := n.width - 1; k >= 0; k-- {
		v = v<<8 | uint64(p[k])
	}
	return n.base + v
}

// appendNumbers encodes values: width, smallest, then the distances. Wrapping arithmetic makes it right for any values.
func appendNumbers(dst []byte, values []uint64) []byte {
	var lo, hi uint64
	for i, v := range values {
		if i == 0 {
			lo, hi = v, v
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	width := (bits.Len64(hi-lo) + 7) / 8
	dst = append(dst, byte(width))
	dst = binary.LittleEndian.AppendUint64(dst, lo)
	at := len(dst)
	dst = slices.Grow(dst, width*len(values)+8)[:at+width*len(values)+8] // 8 more: every value is written as 8 bytes
	for _, v := range values {
		binary.LittleEndian.PutUint64(dst[at:], v-lo) // what is above width is zero, and written over by the next
		at += width
	}
	return dst[:at]
}

func openNumbers(b []byte, n int) (numbers, error) {
	if len(b) < 9 {
		return numbers{}, fmt.Errorf("numbers of %d bytes", len(b))
	}
	c := numbers{width: int(b[0]), base: binary.LittleEndian.Uint64(b[1:]), data: b[9:]}
	if c.width > 8 || len(c.data) != c.width*n {
		return numbers{}, fmt.Errorf("numbers of %d bytes for %d entries, width %d", len(b), n, c.width)
	}
	return c, nil
}
