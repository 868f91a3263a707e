package source

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// zstdWindow is the largest window of zstd that is read: --ultra -22 and --long=26 of the command stay below it.
const zstdWindow = 64 << 20

var (
	zstdMagic  = []byte{0x28, 0xb5, 0x2f, 0xfd}
	bzip2Magic = []byte("BZh")
)

// decompressor gives the content below zstd or bzip2, nil where the bytes as stored are neither. name is that of the
// format, for what is told of damage.
func decompressor(stored io.Reader, head []byte) (r io.Reader, name string, err error) {
	switch {
	case bytes.HasPrefix(head, zstdMagic):
		z, err := zstd.NewReader(stored, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, "zstd", err
		}
		return &zstdReader{z}, "zstd", nil
	case bytes.HasPrefix(head, bzip2Magic) && len(head) > 3 && '1' <= head[3] && head[3] <= '9':
		return bzip2.NewReader(stored), "bzip2", nil
	}
	return nil, "", nil
}

// A zstdReader gives its decoder's memory back at the end.
type zstdReader struct{ z *zstd.Decoder }

func (r *zstdReader) Read(p []byte) (int, error) {
	if r.z == nil {
		return 0, io.EOF
	}
	n, err := r.z.Read(p)
	if err != nil {
		r.z.Close()
		r.z = nil
	}
	return n, err
}

// unpack reads what zstd or bzip2 hold.
func (in *input) unpack(p []byte) (int, error) {
	n, err := in.unpacked.Read(p)
	in.given += int64(n)
	in.tap.write(p[:n])
	if err == nil {
		if err = in.stored.bomb(in.given); err != nil {
			in.done = true
		}
		return n, err
	}
	in.done = true
	in.tap.whole = errors.Is(err, io.EOF)
	return n, in.unpackDamage(err)
}

// unpackDamage puts an error of a decompressor into words.
func (in *input) unpackDamage(err error) error {
	switch {
	case in.stored.err != nil:
		return in.stored.err
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return fmt.Errorf("%s: needs more than 64 MB of memory", in.format)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: unexpected end after %s", in.format, byteCount(in.given))
	case errors.Is(err, zstd.ErrCRCMismatch):
		return fmt.Errorf("%s: checksum does not match after %s", in.format, byteCount(in.given))
	}
	return fmt.Errorf("%s: damaged after %s", in.format, byteCount(in.given))
}
