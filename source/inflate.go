package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/trailsift/trailsift/source/inflate"
)

// An input gives the content of a log file: inflated where the bytes as stored are gzip, which its first bytes tell.
// Its errors are damage to the file; a failure to read the bytes as stored is in stored.err.
type input struct {
	stored   storedBytes
	buffered *bufio.Reader
	inflater *inflate.Reader
	gzip     bool
	given    int64 // bytes of content
	done     bool
	follows  bool // something stands behind the first gzip member
	tap      contentTap
	unpacked io.Reader // zstd or bzip2: inflates buffered
	format   string    // its name
}

// A ContentReader gives the uncompressed content of one log file, byte for byte what a Decoder finds there: what the Span
// of an Event is about. Where the file is damaged it ends with an error, behind all bytes that a Decoder was given.
type ContentReader struct {
	in  input
	r   io.Reader
	err error
}

// NewContentReader reads the content of the log file whose bytes as stored are these.
func NewContentReader(stored io.Reader) *ContentReader {
	c := new(ContentReader)
	c.Reset(stored)
	return c
}

// Reset begins another log file and reuses the buffers.
func (c *ContentReader) Reset(stored io.Reader) {
	if c.err = c.in.reset(stored); c.err == nil {
		layers := textLayers{stored: &c.in.stored}
		c.r = layers.through(&c.in)
	}
}

func (c *ContentReader) Read(p []byte) (n int, err error) {
	if c.err == nil {
		n, c.err = c.r.Read(p)
	}
	return n, c.err
}

// storedBytes passes reads on until one fails, and remembers with what.
type storedBytes struct {
	r   io.Reader
	err error
	n   int64 // bytes read
}

// What is compressed may inflate to maxRatio times the bytes as stored, once it has inflated to freeBytes: log files reach
// some 30, gzip can make 1,000 and zstd millions.
const (
	maxRatio  = 200
	freeBytes = 64 << 20
)

// bomb is an error where so many bytes are more than the bytes as stored may inflate to.
func (s *storedBytes) bomb(inflated int64) error {
	if inflated <= freeBytes || inflated <= maxRatio*s.n {
		return nil
	}
	return fmt.Errorf("inflates to more than 200 times its size: what follows the first %s is not read", byteCount(inflated))
}

func (s *storedBytes) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) && !errors.As(err, new(Damage)) {
		s.err = err
	}
	return n, err
}

var gzipMagic = []byte{0x1f, 0x8b}

func (in *input) reset(r io.Reader) error {
	in.stored = storedBytes{r: r}
	in.given, in.done, in.follows, in.unpacked = 0, false, false, nil
	if in.buffered == nil {
		in.buffered = bufio.NewReaderSize(&in.stored, 64<<10)
	} else {
		in.buffered.Reset(&in.stored)
	}
	magic, _ := in.buffered.Peek(len(zstdMagic)) // a failure comes again when it is read
	in.gzip = bytes.HasPrefix(magic, gzipMagic)
	in.tap.reset(!in.gzip)
	if in.gzip {
		return in.member()
	}
	var err error
	in.unpacked, in.format, err = decompressor(in.buffered, magic)
	return err
}

// member begins the next gzip member.
func (in *input) member() error {
	if in.inflater == nil {
		in.inflater = new(inflate.Reader)
	}
	if err := in.inflater.Reset(in.buffered); err != nil {
		return in.damage(err)
	}
	in.inflater.Multistream(false)
	return nil
}

func (in *input) Read(p []byte) (int, error) {
	switch {
	case in.done:
		return 0, io.EOF
	case in.unpacked != nil:
		return in.unpack(p)
	case !in.gzip:
		n, err := in.buffered.Read(p)
		in.tap.write(p[:n])
		in.tap.whole = in.tap.whole || errors.Is(err, io.EOF)
		return n, err
	}
	n, err := in.inflater.Read(p)
	in.given += int64(n)
	in.tap.write(p[:n])
	switch {
	case err == nil:
		if err = in.stored.bomb(in.given); err != nil {
			in.done = true
		}
		return n, err
	case errors.Is(err, io.EOF):
		return n, in.next()
	}
	return n, in.damage(err)
}

// next looks for another member; zero bytes at the end are no damage, as gzip has it.
func (in *input) next() error {
	for {
		c, err := in.buffered.ReadByte()
		if err != nil {
			in.done = true
			in.tap.whole = errors.Is(err, io.EOF) && !in.follows
			return err
		}
		in.follows = true
		if c == 0 {
			continue
		}
		_ = in.buffered.UnreadByte() // cannot fail after ReadByte
		magic, err := in.buffered.Peek(len(gzipMagic))
		if err == nil && string(magic) == string(gzipMagic) {
			return in.member()
		}
		in.done = true
		if in.stored.err != nil {
			return in.stored.err
		}
		return fmt.Errorf("gzip: junk after the end, %s in", byteCount(in.given))
	}
}

// damage puts an inflater's error into words.
func (in *input) damage(err error) error {
	in.done = true
	switch {
	case in.stored.err != nil:
		return in.stored.err
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("gzip: unexpected end after %s", byteCount(in.given))
	case errors.Is(err, gzip.ErrChecksum):
		return fmt.Errorf("gzip: checksum does not match after %s", byteCount(in.given))
	case errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("gzip: not a gzip header after %s", byteCount(in.given))
	}
	return fmt.Errorf("gzip: damaged after %s", byteCount(in.given))
}

// byteCount is a number of bytes in words: "1,203 bytes".
func byteCount(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return thousands(n) + " bytes"
}

// thousands writes a number that is not negative with commas: 1,203.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
