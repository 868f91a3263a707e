package index

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/trailsift/trailsift/source"
)

// A readableFile is a version of a log file whose records are to be read again.
type readableFile struct {
	*ledgerRow
	place source.Place
}

// readable finds the log file with a local number in a segment. It may be kept.
func (v *storeView) readable(seg *segmentView, local uint32) (readableFile, error) {
	f, ok := seg.fileAt(local)
	if !ok {
		return readableFile{}, fmt.Errorf("segment %d: %w: no log file %d", seg.meta.id, errSegment, local)
	}
	key := seg.terms(fieldLog).term(f.key)
	row, err := versionRow(v.tx, v.snap.places, f.place, string(key), f.version)
	if err != nil {
		return readableFile{}, err
	}
	return readableFile{ledgerRow: row, place: v.snap.places[f.place].place}, nil
}

// readRecords reads records of one version of a log file again, inflating it once. spans are by ascending offset. visit
// is given the number of each span and its record, valid only during the call; its error ends the reading. The error
// says why records could not be read; those before it were visited.
func (x *Index) readRecords(ctx context.Context, f readableFile, spans []source.Span, visit func(i int, raw []byte) error) error {
	content, err := x.openContent(ctx, f)
	if err != nil {
		return err
	}
	var raw, text []byte
	for i, span := range spans {
		if err := ctx.Err(); err != nil {
			return err
		}
		if raw, err = content.read(raw[:0], span); err != nil {
			return fmt.Errorf("%s at byte %d: %w", f.Key, span.Offset, err)
		}
		record := raw
		if span.Form == source.FormString {
			var ok bool
			if text, ok = source.Unescape(text[:0], raw); !ok {
				return fmt.Errorf("%s at byte %d: not a JSON string", f.Key, span.Offset)
			}
			record = text
		}
		if err := visit(i, record); err != nil {
			return err
		}
	}
	return nil
}

// contents reads spans of a log file's uncompressed content, by ascending offset.
type contents interface {
	// read appends a span to dst.
	read(dst []byte, span source.Span) ([]byte, error)
}

// openContent opens the content of a version of a log file: from the store where it is kept, else from its place, if
// that still has the same bytes. It holds no transaction between reads.
func (x *Index) openContent(ctx context.Context, f readableFile) (contents, error) {
	if f.keep&keepBlocks != 0 {
		return &blockContents{x: x, no: f.no}, nil
	}
	var stored []byte
	var err error
	if f.keep&keepDelivered != 0 {
		err = x.view(func(v *storeView) error {
			stored, err = io.ReadAll(&deliveredReader{tx: v.tx, no: f.no})
			return err
		})
	} else {
		stored, err = x.reopened(ctx, f)
	}
	if err != nil {
		return nil, err
	}
	return &streamContents{r: bufio.NewReaderSize(newContent(bytes.NewReader(stored)), 64<<10)}, nil
}

// reopened gives the stored bytes of a log file as its place has them now, if they are those that were brought in.
// Large contents are kept in blocks, so these are some megabytes at most.
func (x *Index) reopened(ctx context.Context, f readableFile) ([]byte, error) {
	if x.opt.Reopen == nil {
		return nil, fmt.Errorf("%s is not in the index and its place cannot be asked", f.Key)
	}
	body, err := x.opt.Reopen(ctx, f.place, f.Key)
	if err != nil {
		return nil, err
	}
	stored := bytes.NewBuffer(make([]byte, 0, min(f.Size, keepBlocksAbove)+bytes.MinRead))
	_, err = stored.ReadFrom(io.LimitReader(body, f.Size+1))
	if cerr := body.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Key, err)
	}
	if int64(stored.Len()) != f.Size || sha256.Sum256(stored.Bytes()) != f.SHA256 {
		return nil, fmt.Errorf("%s has changed since it was brought in", f.Key)
	}
	return stored.Bytes(), nil
}

// streamContents reads a content from its beginning to its end.
type streamContents struct {
	r  *bufio.Reader
	at int64
}

func (c *streamContents) read(dst []byte, span source.Span) ([]byte, error) {
	if span.Offset < c.at || span.Length < 0 {
		return dst, fmt.Errorf("records overlap")
	}
	for c.at < span.Offset {
		n, err := c.r.Discard(int(min(span.Offset-c.at, 1<<20)))
		if c.at += int64(n); err != nil {
			return dst, noEOF(err)
		}
	}
	start := len(dst)
	for int64(len(dst)-start) < span.Length { // by pieces: a damaged length must not allocate at will
		n := min(span.Length-int64(len(dst)-start), 1<<20)
		at := len(dst)
		dst = append(dst, make([]byte, n)...)
		got, err := io.ReadFull(c.r, dst[at:])
		if c.at += int64(got); err != nil {
			return dst[:start], noEOF(err)
		}
	}
	return dst, nil
}

func noEOF(err error) error {
	if err == io.EOF { //nolint:errorlint // readers give it as it is
		return io.ErrUnexpectedEOF
	}
	return err
}

// blockContents reads a content kept in blocks; only blocks that are asked for are inflated.
type blockContents struct {
	x     *Index
	no    uint32
	coder blockCoder
	n     int64 // block at hand, if any
	block []byte
}

func (c *blockContents) read(dst []byte, span source.Span) ([]byte, error) {
	for at := span.Offset; at < span.Offset+span.Length; {
		n := at / blockBytes
		if c.block == nil || n != c.n {
			if err := c.load(n); err != nil {
				return dst, err
			}
		}
		from := at - n*blockBytes
		to := min(int64(len(c.block)), span.Offset+span.Length-n*blockBytes)
		if from >= to {
			return dst, io.ErrUnexpectedEOF
		}
		dst = append(dst, c.block[from:to]...)
		at += to - from
	}
	return dst, nil
}

func (c *blockContents) load(n int64) error {
	return c.x.view(func(v *storeView) error {
		data := v.tx.Bucket(bucketKept).Get(keptKey(c.no, keptBlock, uint32(n)))
		if data == nil {
			return io.ErrUnexpectedEOF
		}
		block, err := c.coder.inflate(data)
		c.n, c.block = n, block
		return err
	})
}
