package inflate

import (
	"bufio"
	"encoding/binary"
)

// A bitReader reads single bits, lowest first, from src.
type bitReader struct {
	src    *bufio.Reader
	srcErr error // what ended src
	// in is the part of src's buffer that is looked at. in[:pos] is in buf or was used.
	in   []byte
	pos  int
	buf  uint64 // the next n bits; zero above them
	n    uint   // at most 63
	base int64  // offset of in[0]
}

// offset is how many bytes were used.
func (b *bitReader) offset() int64 { return b.base + int64(b.pos) - int64(b.n>>3) }

// need is true when n ≤ 32 bits are in buf.
func (b *bitReader) need(n uint) bool {
	for b.n < n {
		switch {
		case len(b.in)-b.pos >= 8:
			b.buf |= binary.LittleEndian.Uint64(b.in[b.pos:]) << b.n
			b.pos += int((63 - b.n) >> 3)
			b.n |= 56
			b.buf &= 1<<b.n - 1
		case b.pos < len(b.in):
			b.buf |= uint64(b.in[b.pos]) << b.n
			b.pos++
			b.n += 8
		case !b.more():
			return false
		}
	}
	return true
}

// take is the next n ≤ 32 bits.
func (b *bitReader) take(n uint) (v uint64, ok bool) {
	if !b.need(n) {
		return 0, false
	}
	v = b.buf & (1<<n - 1)
	b.drop(n)
	return v, true
}

func (b *bitReader) drop(n uint) {
	b.buf >>= n
	b.n -= n
}

// align goes to the next whole byte, which is then in[pos].
func (b *bitReader) align() {
	b.pos -= int(b.n >> 3)
	b.buf, b.n = 0, 0
}

// release gives back to src what was not used, at a whole byte.
func (b *bitReader) release() {
	b.align()
	_, _ = b.src.Discard(b.pos) // it is buffered
	b.base += int64(b.pos)
	b.in, b.pos = nil, 0
}

// more gets further bytes into in. It is false when there are none, or src is at its end; then srcErr is set.
func (b *bitReader) more() bool {
	if b.srcErr != nil {
		return false
	}
	used := b.pos - int((b.n+7)>>3)
	_, _ = b.src.Discard(used) // it is buffered
	b.base += int64(used)
	b.n &= 7
	b.buf &= 1<<b.n - 1
	b.pos = int((b.n + 7) >> 3) // a byte that is used in part stays
	if b.src.Buffered() < b.src.Size() {
		_, b.srcErr = b.src.Peek(b.src.Buffered() + 1)
	}
	b.in, _ = b.src.Peek(b.src.Buffered())
	return len(b.in) > b.pos
}
