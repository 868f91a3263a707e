package archive

import (
	"compress/flate"
	"context"
	"errors"
	"hash/crc32"
	"io"

	"github.com/trailsift/trailsift/source"
)

// A body gives the bytes of a member. It holds a reference to its archive.
type body struct {
	ctx  context.Context
	c    *catalog
	m    *member
	r    io.Reader
	z    io.Closer // the inflater
	left int64
	crc  uint32
	done bool
}

// body opens a member; it takes over a reference of the caller.
func (c *catalog) body(ctx context.Context, m *member) io.ReadCloser {
	b := &body{ctx: ctx, c: c, m: m, left: m.size}
	if m.form == cutForm {
		b.left = max(c.limits.Free, c.limits.Ratio*m.packed)
	}
	switch {
	case m.form == plainForm:
		b.r = io.NewSectionReader(c.at, m.offset, m.size)
	case m.method == stored:
		b.r = io.NewSectionReader(c.at, m.offset, m.packed)
	default:
		z := flate.NewReader(io.NewSectionReader(c.at, m.offset, m.packed))
		b.r, b.z = z, z
	}
	return b
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
	}
	return c.release()
}
