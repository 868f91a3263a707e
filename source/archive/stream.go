package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"sync"

	"github.com/trailsift/trailsift/source"
)

// StreamID is the identity of the place that is standard input.
const StreamID = "stdin:"

// A Stream is what comes in on standard input: one log file, or an archive where Of wraps it. It is read whole, once, when
// it is first listed, and held until Close. Its key is made of its SHA-256, so that the same bytes are the same log file.
type Stream struct {
	in     io.Reader
	limits Limits
	start  sync.Once
	read   chan struct{} // closed when all is read
	stop   chan struct{} // closed by Close
	end    sync.Once

	// Set before read is closed.
	held *spool
	file source.File
	err  error
}

var _ source.Source = (*Stream)(nil)

// NewStream is a place that a reader gives. With zero limits those of DefaultLimits hold.
func NewStream(in io.Reader, l Limits) *Stream {
	return &Stream{in: in, limits: l.withDefaults(), read: make(chan struct{}), stop: make(chan struct{})}
}

// Place is "-".
func (s *Stream) Place() source.Place { return source.Place{Text: "-", ID: StreamID} }

// List reads the stream to its end, and yields it.
func (s *Stream) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		switch err := s.wait(ctx); {
		case err != nil:
			yield(source.File{}, err)
		case s.file.SizeBytes > 0:
			yield(s.file, nil)
		}
	}
}

// wait waits until all is read. A read that never returns does not keep it from ending with its context.
func (s *Stream) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.start.Do(func() { go s.readAll() })
	select {
	case <-s.read:
		return s.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Stream) readAll() {
	defer close(s.read)
	s.held = &spool{limits: s.limits}
	hash := sha256.New()
	buf := make([]byte, 256<<10)
	for s.err == nil {
		n, err := s.in.Read(buf)
		hash.Write(buf[:n])
		if _, werr := s.held.Write(buf[:n]); werr != nil {
			s.fail("could not be held while it is read: "+werr.Error(), "set TMPDIR to a folder with more room", werr)
			return
		}
		select {
		case <-s.stop:
			s.err = fs.ErrClosed
		default:
		}
		switch {
		case s.held.size > s.limits.Spool:
			s.fail(fmt.Sprintf("longer than %d bytes", s.limits.Spool), "save it to a file, and name that", nil)
		case errors.Is(err, io.EOF):
			s.file = source.File{
				Key: "stdin-" + hex.EncodeToString(hash.Sum(nil)[:6]), SizeBytes: s.held.size,
				ETag: hex.EncodeToString(hash.Sum(nil)), Fleeting: true,
			}
			return
		case err != nil:
			s.fail("could not be read: "+err.Error(), "", err)
		}
	}
}

func (s *Stream) fail(reason, hint string, err error) {
	s.err = &source.Error{Thing: "standard input", Reason: reason, Hint: hint, Err: err}
}

// Open gives what was read.
func (s *Stream) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if err := s.wait(ctx); err != nil {
		return nil, err
	}
	if f.Key != s.file.Key {
		return nil, &source.Error{Thing: f.Key, Reason: "is not what standard input gave", Err: fs.ErrNotExist}
	}
	return &source.Object{Body: &streamBody{SectionReader: io.NewSectionReader(s.held, 0, s.file.SizeBytes), ctx: ctx}}, nil
}

// Close gives back what is held of it.
func (s *Stream) Close() error {
	s.end.Do(func() { close(s.stop) })
	select {
	case <-s.read:
		return s.held.Close()
	default: // never begun, or waiting for more
		return nil
	}
}

type streamBody struct {
	*io.SectionReader
	ctx context.Context
}

func (b *streamBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.SectionReader.Read(p)
}

func (b *streamBody) Size() (int64, error) { return b.SectionReader.Size(), nil }

func (b *streamBody) Close() error { return nil }
