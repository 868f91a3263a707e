package archive

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"

	"github.com/trailsift/trailsift/source"
)

// A body gives the bytes of a member. It holds a reference to its archive.
type body struct {
	ctx  context.Context
	c    *catalog
	m    *member
	r    io.Reader
	z    io.ReadCloser // the inflater
	left int64
	crc  uint32
	done bool
}

// inflaters are used again: one takes more memory than most members.
type inflaters struct{ pool sync.Pool }

func (p *inflaters) get(r io.Reader) io.ReadCloser {
	z, ok := p.pool.Get().(io.ReadCloser)
	if !ok {
		return flate.NewReader(r)
	}
	_ = z.(flate.Resetter).Reset(r, nil) // fails with no dictionary never
	return z
}

func (p *inflaters) put(z io.ReadCloser) { p.pool.Put(z) }

// body opens a member; it takes over a reference of the caller.
func (c *catalog) body(ctx context.Context, m *member) (io.ReadCloser, error) {
	b := &body{ctx: ctx, c: c, m: m, left: m.size}
	if m.form == plainForm {
		b.r = io.NewSectionReader(c.at, m.offset, m.size)
		return b, nil
	}
	data, err := c.dataOf(m)
	if err != nil {
		_ = c.release()
		return nil, err
	}
	if m.form == cutForm {
		b.left = max(c.limits.Free, c.limits.Ratio*m.packed)
	}
	b.r = io.NewSectionReader(c.at, data, m.packed)
	if m.method != stored {
		b.z = c.inflate.get(b.r)
		b.r = b.z
	}
	return b, nil
}

// dataOf is where the bytes of a member of a zip begin: behind its own header (APPNOTE.TXT 4.3.7).
func (c *catalog) dataOf(m *member) (int64, error) {
	var h [localBytes]byte
	if n, err := c.at.ReadAt(h[:], m.offset); n < len(h) || string(h[:4]) != localMagic {
		return 0, &source.Error{Thing: c.key + "/" + string(c.nameOf(m)), Reason: "damaged: no member where the directory of the archive says", Err: err}
	}
	return m.offset + localBytes + namesLength(h[:]), nil
}

// namesLength is how much a local header is longer than its fixed part.
func namesLength(h []byte) int64 {
	return int64(binary.LittleEndian.Uint16(h[26:])) + int64(binary.LittleEndian.Uint16(h[28:]))
}

func (b *body) Read(p []byte) (int, error) {
	switch {
	case b.done:
		return 0, io.EOF
	case b.ctx.Err() != nil:
		return 0, b.ctx.Err()
	case len(p) == 0:
		return 0, nil
	}
	if int64(len(p)) > b.left+1 { // one more, to see whether there is one
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if int64(n) > b.left {
		return int(b.left), b.damage("inflates to more than the directory of the archive says")
	}
	b.left -= int64(n)
	if b.m.form == zipForm {
		b.crc = crc32.Update(b.crc, crc32.IEEETable, p[:n])
	}
	switch {
	case err == nil:
		return n, nil
	case b.m.form == cutForm:
		return n, b.damage("the archive ends in it")
	case errors.Is(err, io.EOF) && b.left > 0:
		return n, b.damage("ends before the size that the archive says")
	case !errors.Is(err, io.EOF):
		return n, b.damage("damaged in the archive")
	case b.m.form == zipForm && b.crc != b.m.crc:
		return n, b.damage("its checksum in the archive does not match")
	}
	b.done = true
	return n, io.EOF
}

// damage ends the body with a reason.
func (b *body) damage(reason string) error {
	b.done = true
	return source.Damage(reason)
}

func (b *body) Close() error {
	if b.c == nil {
		return nil
	}
	c := b.c
	b.c, b.done = nil, true
	if b.z != nil {
		_ = b.z.Close()
		c.inflate.put(b.z)
		b.z = nil
	}
	return c.release()
}
