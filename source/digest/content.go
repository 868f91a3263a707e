package digest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"sync"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/inflate"
)

// maxDigestBytes is the most content of one digest that is kept; some 300 bytes a log file listed.
const maxDigestBytes = 64 << 20

// A content is what was found when one object was read: CloudTrail hashes the uncompressed bytes of the first gzip
// member, and the hash is taken before anything is concluded, so that a damaged frame around authentic content is told
// apart from changed content.
type content struct {
	sum      [sha256.Size]byte
	size     int64  // uncompressed
	text     []byte // only where asked for
	first    byte   // first byte of the content
	plain    bool   // not gzip: what the tool stored is the content itself
	damage   string // what is wrong with the gzip frame; "" for a sound one
	trailing bool   // bytes follow the first member
	tooLarge bool
	err      error // the bytes as stored could not be read: says nothing about them
}

// A hasher reads objects; it keeps its buffers from one to the next.
type hasher struct {
	stored storedBytes
	in     *bufio.Reader
	gz     *inflate.Reader
	hash   hash.Hash
	buf    []byte
}

var hashers = sync.Pool{New: func() any {
	return &hasher{in: bufio.NewReaderSize(nil, 64<<10), gz: new(inflate.Reader), hash: sha256.New(), buf: make([]byte, 128<<10)}
}}

// storedBytes remembers a failure to read, which is no damage.
type storedBytes struct {
	r   io.Reader
	err error
}

func (s *storedBytes) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// open reads one object of a place whole; keep is how much of its content is kept, 0 for none.
func open(ctx context.Context, src source.Source, f source.File, keep int) (content, map[string]string) {
	obj, err := src.Open(ctx, f)
	if err != nil {
		return content{err: err}, nil
	}
	defer obj.Body.Close()
	return readContent(obj.Body, keep), obj.Meta
}

// readContent reads one object from its bytes as stored.
func readContent(r io.Reader, keep int) content {
	h := hashers.Get().(*hasher)
	defer hashers.Put(h)
	return h.read(r, keep)
}

func (h *hasher) read(r io.Reader, keep int) content {
	h.stored = storedBytes{r: r}
	h.in.Reset(&h.stored)
	h.hash.Reset()
	defer h.in.Reset(nil)
	var c content
	magic, err := h.in.Peek(2)
	switch {
	case h.stored.err != nil:
		return content{err: h.stored.err}
	case err != nil || magic[0] != 0x1f || magic[1] != 0x8b:
		c.plain = true
		_ = h.copy(&c, h.in, keep) // can only fail as stored.err tells
	default:
		h.inflate(&c, keep)
	}
	if h.stored.err != nil {
		return content{err: h.stored.err}
	}
	if c.size == 0 && c.plain {
		c.damage = "it is empty"
	}
	h.hash.Sum(c.sum[:0])
	return c
}

// inflate reads the first gzip member and looks whether anything follows.
func (h *hasher) inflate(c *content, keep int) {
	err := h.gz.Reset(h.in)
	if err == nil {
		h.gz.Multistream(false)
		err = h.copy(c, h.gz, keep)
	}
	switch {
	case err == nil:
		_, err = h.in.Peek(1)
		c.trailing = err == nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		c.damage = "its gzip data ends early"
	case errors.Is(err, gzip.ErrChecksum):
		c.damage = "its gzip checksum is wrong"
	case errors.Is(err, gzip.ErrHeader):
		c.damage = "its gzip header is wrong"
	default:
		c.damage = "its gzip data is damaged"
	}
}

// copy hashes all of r, and keeps it up to a limit; beyond that limit it stops.
func (h *hasher) copy(c *content, r io.Reader, keep int) error {
	var kept bytes.Buffer
	defer func() { c.text = kept.Bytes() }()
	for {
		n, err := r.Read(h.buf)
		if n > 0 && c.size == 0 {
			c.first = h.buf[0]
		}
		c.size += int64(n)
		h.hash.Write(h.buf[:n])
		if keep > 0 {
			if c.size > int64(keep) {
				c.tooLarge = true
				return nil
			}
			kept.Write(h.buf[:n])
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}
