package archive

import (
	"bytes"
	"compress/bzip2"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

type kind uint8

const (
	noArchive kind = iota
	zipArchive
	tarArchive
	tarGzip
	tarZstd
	tarBzip2
)

const (
	headBytes  = 512 // a tar header
	zstdWindow = 64 << 20
)

// A sniffer tells archives by their beginning. Not for concurrent use.
type sniffer struct {
	head, text [headBytes]byte
	gz         *gzip.Reader
	zst        *zstd.Decoder
}

// kind tells what a stream is.
func (s *sniffer) kind(r io.Reader) kind {
	n, _ := io.ReadFull(r, s.head[:])
	head := s.head[:n]
	rest := io.MultiReader(bytes.NewReader(head), r)
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipArchive
	case isTar(head):
		return tarArchive
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return s.below(s.gzip(rest), tarGzip)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return s.below(s.zstd(rest), tarZstd)
	case bytes.HasPrefix(head, []byte("BZh")):
		return s.below(bzip2.NewReader(rest), tarBzip2)
	}
	return noArchive
}

func (s *sniffer) gzip(r io.Reader) io.Reader {
	if s.gz == nil {
		s.gz = new(gzip.Reader)
	}
	if s.gz.Reset(r) != nil {
		return nil
	}
	return s.gz
}

func (s *sniffer) zstd(r io.Reader) io.Reader {
	if s.zst == nil {
		z, err := newZstd(r)
		if err != nil {
			return nil
		}
		s.zst = z
		return z
	}
	if s.zst.Reset(r) != nil {
		return nil
	}
	return s.zst
}

func newZstd(r io.Reader) (*zstd.Decoder, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
}

func (s *sniffer) close() {
	if s.zst != nil {
		s.zst.Close()
	}
}

// below is compressed where a tar begins below the compression.
func (s *sniffer) below(r io.Reader, compressed kind) kind {
	if r == nil {
		return noArchive
	}
	n, _ := io.ReadFull(r, s.text[:])
	if isTar(s.text[:n]) {
		return compressed
	}
	return noArchive
}

// isTar tells the first header of a tar by its checksum, as all kinds of tar have one (POSIX.1-2001, pax; "ustar" is
// lacking in those of Unix V7).
func isTar(head []byte) bool {
	const at, to = 148, 156
	if len(head) < headBytes || head[0] == 0 {
		return false
	}
	want, err := strconv.ParseInt(strings.Trim(string(head[at:to]), " \x00"), 8, 64)
	if err != nil {
		return false
	}
	sum := int64(8 * ' ')
	for i, c := range head {
		if i < at || i >= to {
			sum += int64(c)
		}
	}
	return sum == want
}
