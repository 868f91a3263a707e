// Package inflate reads gzip (RFC 1951, 1952) about twice as fast as compress/gzip does, and otherwise like it: the
// same bytes, and the same bytes before the same error, whatever the input.
//
// A match is copied straight into the caller's buffer, so a large buffer (128 KB, say) is what it is fast with. The hot
// loop in fast.go only takes what is plain sailing: it stops before a symbol that ends a block, does not fit or is
// damage, and plain.go, which is written to be read, decides what that symbol is.
package inflate

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"errors"
	"hash/crc32"
	"io"
)

const (
	historyBytes = 32 << 10         // how far back a match may reach
	windowBytes  = 3 * historyBytes // history, and room to decode ahead for small reads
	directBytes  = 4 << 10          // reads of at least this size are decoded into the caller's buffer
	bufferBytes  = 64 << 10         // of gzip that is read at once
	aheadBytes   = windowBytes / 3  // least room for decoding ahead
)

// A Reader gives the content of a gzip file. The zero value is ready for Reset. It holds some 200 KB, reused from file
// to file. Its errors are those of compress/gzip: io.ErrUnexpectedEOF, gzip.ErrHeader, gzip.ErrChecksum,
// flate.CorruptInputError, and what its source failed with. Bytes are only known to be right once io.EOF was returned.
type Reader struct {
	bitReader
	own *bufio.Reader // in front of a source that is no *bufio.Reader

	multi   bool
	scratch [10]byte // for headers
	err     error    // returned when what was decoded ahead is handed out
	crc     uint32   // of the member so far
	size    uint32   // likewise, modulo 2^32

	block
	// window[:to] ends with the last of the content so far; what is before from was handed out.
	window   []byte
	from, to int
	fresh    bool // the next byte begins a member: nothing before it may be copied
}

// NewReader is a Reader that was Reset to r.
func NewReader(r io.Reader) (*Reader, error) {
	z := new(Reader)
	if err := z.Reset(r); err != nil {
		return nil, err
	}
	return z, nil
}

// Reset begins to read the gzip file r, up to the content of its first member: its error is about that member's header;
// io.EOF where r is empty. A *bufio.Reader is read no further than the end of what is given out; it must not be used
// by others until then.
func (z *Reader) Reset(r io.Reader) error {
	b, ok := r.(*bufio.Reader)
	if !ok {
		if z.own == nil {
			z.own = bufio.NewReaderSize(nil, bufferBytes)
		}
		b = z.own
		b.Reset(r)
	}
	z.bitReader = bitReader{src: b}
	z.multi, z.from, z.to = true, 0, 0
	z.err = z.header()
	return z.err
}

// Multistream says whether members that follow are read as well, as they are after Reset. Where not, io.EOF is the end
// of this member; the source, where it is a *bufio.Reader, is then just behind it, and may be given to Reset again.
func (z *Reader) Multistream(on bool) { z.multi = on }

// Read gives content. It fills p, but for the end of a member or an error, which may come with bytes. It may use all of
// p as scratch space.
func (z *Reader) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if z.from < z.to {
			n := copy(p, z.window[z.from:z.to])
			z.from += n
			if z.from < z.to {
				return n, nil
			}
			return n, z.err
		}
		if z.err != nil {
			return 0, z.err
		}
		if z.fresh {
			z.from, z.to, z.fresh = 0, 0, false
		}
		if len(p) < directBytes {
			z.ahead()
		} else if n := z.direct(p); n > 0 || z.err != nil {
			return n, z.err
		}
	}
	return 0, nil
}

// direct decodes into p.
func (z *Reader) direct(p []byte) int {
	n := z.decode(p, 0, z.window[max(0, z.to-historyBytes):z.to])
	z.sum(p[:n])
	if z.ended {
		z.finish()
	} else if z.err == nil {
		z.remember(p[:n])
	}
	return n
}

// remember keeps the end of what was handed out for matches to come.
func (z *Reader) remember(p []byte) {
	p = p[max(0, len(p)-historyBytes):]
	z.makeRoom(len(p))
	z.to += copy(z.window[z.to:], p)
	z.from = z.to
}

// ahead decodes into the window.
func (z *Reader) ahead() {
	z.makeRoom(aheadBytes)
	n := z.decode(z.window, z.to, nil)
	z.sum(z.window[z.to:n])
	z.to = n
	if z.ended {
		z.finish()
	}
}

// makeRoom lets n bytes follow the history, n being at most two thirds of the window.
func (z *Reader) makeRoom(n int) {
	if z.window == nil {
		z.window = make([]byte, windowBytes)
	}
	if len(z.window)-z.to >= n {
		return
	}
	z.to = copy(z.window, z.window[z.to-historyBytes:z.to])
	z.from = z.to
}

func (z *Reader) sum(p []byte) {
	z.crc = crc32.Update(z.crc, crc32.IEEETable, p)
	z.size += uint32(len(p))
}

// finish checks a member's trailer, and begins the next member.
func (z *Reader) finish() {
	z.align()
	crc, ok := z.take(32)
	size, ok2 := z.take(32)
	switch {
	case !ok || !ok2:
		z.err = z.cut()
	case uint32(crc) != z.crc || uint32(size) != z.size:
		z.err = gzip.ErrChecksum
	case z.multi:
		z.err = z.header()
	default:
		z.release()
		z.err = io.EOF
	}
}

// cut is the error for bytes that are not there.
func (b *bitReader) cut() error {
	if errors.Is(b.srcErr, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return b.srcErr
}

// corrupt is the error for what no encoder writes.
func (b *bitReader) corrupt() error {
	return flate.CorruptInputError(b.offset())
}
