package archive

import (
	"bufio"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source"
)

// A spool holds bytes to be read at any place: few in memory, many in a temporary file that only its owner may read and
// that has no name where the system allows it.
type spool struct {
	mu     sync.RWMutex
	memory []byte
	limits Limits
	file   *os.File
	size   int64
	asked  int64 // the size when the disk was last asked for room
}

// roomEvery is after how many bytes the disk is asked again.
const roomEvery = 16 << 20

// errNoRoom is about a disk that would get too full.
var errNoRoom = errors.New("too little is free")

// room is an error where the disk has not enough for n bytes more beside what is left alone.
func (s *spool) room(n int) error {
	if s.asked != 0 && s.size+int64(n) < s.asked+roomEvery {
		return nil
	}
	s.asked = s.size + int64(n)
	folder := os.TempDir()
	if free, ok := s.limits.Room(folder); ok && free-roomEvery < s.limits.Leave {
		return fmt.Errorf("%w: %d MB in %s, of which %d MB are left alone", errNoRoom, free>>20, folder, s.limits.Leave>>20)
	}
	return nil
}

func (s *spool) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil && len(s.memory)+len(p) <= s.limits.Memory {
		s.memory = append(s.memory, p...)
		s.size += int64(len(p))
		return len(p), nil
	}
	if err := s.room(len(p)); err != nil {
		return 0, err
	}
	if s.file == nil {
		if err := s.toFile(); err != nil {
			return 0, err
		}
	}
	n, err := s.file.Write(p)
	s.size += int64(n)
	return n, err
}

func (s *spool) toFile() error {
	f, err := os.CreateTemp("", "trailsift-*") // 0600
	if err != nil {
		return err
	}
	_ = os.Remove(f.Name()) // where that does not work on an open file, Close does it
	s.file = f
	_, err = f.Write(s.memory)
	s.memory = nil
	return err
}

func (s *spool) ReadAt(p []byte, off int64) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.file != nil {
		return s.file.ReadAt(p, off)
	}
	if off >= int64(len(s.memory)) {
		return 0, io.EOF
	}
	n := copy(p, s.memory[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (s *spool) Size() (int64, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.size, nil
}

func (s *spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory = nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if rerr := os.Remove(s.file.Name()); rerr != nil && !errors.Is(rerr, os.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	return err
}

// spool reads an archive into one, uncompressed. What stands before damage, or before a limit, is enough for the members
// in it; the rest is named as a problem.
func (c *catalog) spool(ctx context.Context, body io.Reader, k kind) (*spool, error) {
	in := &counted{r: body, ctx: ctx}
	var content io.Reader = in
	format := ""
	switch k {
	case tarGzip:
		z, err := gzip.NewReader(bufio.NewReaderSize(in, 64<<10))
		if err != nil {
			return nil, archiveError(c.key, "not a gzip header", err)
		}
		content, format = z, "gzip"
	case tarZstd:
		z, err := newZstd(in)
		if err != nil {
			return nil, archiveError(c.key, "zstd: "+err.Error(), err)
		}
		defer z.Close()
		content, format = z, "zstd"
	case tarBzip2:
		content, format = bzip2.NewReader(in), "bzip2"
	default: // as it is
	}
	s := &spool{limits: c.limits}
	reason, err := c.fill(s, content, in)
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case in.err != nil:
		err = in.err
	case err != nil:
		err = &source.Error{
			Thing: c.key, Reason: "could not be held while it is read: " + err.Error(), Err: err,
			Hint: "set TMPDIR to a folder with more room",
		}
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if reason != "" && format != "" {
		c.part = true
		c.problem(fmt.Sprintf("%s after %d bytes: the rest is not read", reason, s.size))
	}
	return s, nil
}

// fill copies into a spool. reason says why not all of it, "" where all; err is one of the spool.
func (c *catalog) fill(s *spool, content io.Reader, in *counted) (reason string, err error) {
	buf := make([]byte, 64<<10)
	var end error
	for end == nil {
		var n int
		n, end = content.Read(buf)
		if _, err := s.Write(buf[:n]); err != nil {
			return "", err
		}
		switch {
		case end != nil:
		case s.size > c.limits.Spool:
			return "larger than what is read of one archive", nil
		case s.size > c.limits.Free && s.size > c.limits.Ratio*in.n:
			return fmt.Sprintf("inflates to more than %d times its size", c.limits.Ratio), nil
		}
	}
	switch {
	case errors.Is(end, io.EOF):
		return "", nil
	case errors.Is(end, io.ErrUnexpectedEOF):
		return "unexpected end of what is compressed", nil
	}
	return "damaged", nil
}

// counted counts what is read, ends with its context, and tells errors of reading from those of what is read.
type counted struct {
	r   io.Reader
	ctx context.Context
	n   int64
	err error
}

func (c *counted) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}
