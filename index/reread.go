package index

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	bolt "go.etcd.io/bbolt"

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

// A recordSpan says where a record lies in the content of its log file, and how to know it again.
type recordSpan struct {
	source.Span
	hash uint64
}

// A rereader reads records of log files again: readers in transactions of their own, bringing in inside its own.
type rereader struct {
	hashKey []byte
	inTx    func(fn func(tx *bolt.Tx) error) error
	reopen  func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error) // nil: places cannot be asked
	// room is where records are to lie: they are valid until it is used for others. nil: they are during the visit.
	room []byte
}

// rereader reads records in transactions of its own.
func (x *Index) rereader() rereader {
	return rereader{
		hashKey: x.hashKey, reopen: x.opt.Reopen,
		inTx: func(fn func(tx *bolt.Tx) error) error { return x.view(func(v *storeView) error { return fn(v.tx) }) },
	}
}

// readRecords is rereader.records for readers.
func (x *Index) readRecords(ctx context.Context, f readableFile, spans []recordSpan, visit func(i int, raw []byte) error) error {
	return x.rereader().records(ctx, f, spans, visit)
}

// records reads records of one version of a log file again, inflating it once. spans are by ascending offset. visit
// is given the number of each span and its record; its error ends the reading. A record that is not what came in is
// passed over. The error says why records were not visited.
func (r rereader) records(ctx context.Context, f readableFile, spans []recordSpan, visit func(i int, raw []byte) error) (err error) {
	hash, err := newRawHash(r.hashKey)
	if err != nil {
		return err
	}
	content, err := r.content(ctx, f)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := content.Close(); err == nil {
			err = cerr
		}
	}()
	stretches := stretchReader{content: content, room: r.room, lasting: r.room != nil}
	if !stretches.lasting {
		room := takeRoom()
		stretches.room = *room
		defer func() { giveRoom(room, stretches.room) }()
	}
	k := knower{key: f.Key, hash: hash, visit: visit}
	for done := 0; done < len(spans); {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, part := stretchOf(spans[done:])
		raw, rerr := stretches.read(part)
		if err := k.know(raw, rerr, part.Offset, spans[done:done+n], done); err != nil {
			return err
		}
		done += n
	}
	return k.changed
}

// A knower knows records again in what was read.
type knower struct {
	key      string // of the log file
	hash     *rawHash
	visit    func(i int, raw []byte) error
	restorer source.Restorer
	changed  error // why records were passed over
}

// know visits the records of spans in a stretch of the content that begins at an offset and was read up to an error, nil
// where it is whole. first is the number of the first span.
func (k *knower) know(raw []byte, rerr error, offset int64, spans []recordSpan, first int) error {
	loaded := source.Span{Length: -1}
	for i, span := range spans {
		if span.Span != loaded {
			from := span.Offset - offset
			if span.Length < 0 || from+span.Length > int64(len(raw)) {
				if rerr == nil {
					rerr = errSegment
				}
				return fmt.Errorf("%s at byte %d: %w", k.key, span.Offset, rerr)
			}
			k.restorer.Load(raw[from:from+span.Length:from+span.Length], span.Form)
			loaded = span.Span
		}
		record := k.restorer.Record(func(record []byte) bool { return k.hash.sum64(record) == span.hash })
		if record == nil {
			k.changed = errChanged
			continue
		}
		if err := k.visit(first+i, record); err != nil {
			return err
		}
	}
	return nil
}

// contents reads spans of a log file's uncompressed content, by ascending offset.
type contents interface {
	// read appends a span to dst: as much as there is and an error, where that is not all.
	read(dst []byte, span source.Span) ([]byte, error)
	Close() error
}

// content opens the content of a version of a log file: from the store where it is kept, else from its place. It
// holds no transaction between reads.
func (r rereader) content(ctx context.Context, f readableFile) (contents, error) {
	switch {
	case f.keep&keepBlocks != 0:
		return &blockContents{inTx: r.inTx, no: f.no}, nil
	case f.keep&keepDelivered != 0: // without blocks it is small
		var stored []byte
		err := r.inTx(func(tx *bolt.Tx) (err error) {
			stored, err = io.ReadAll(&deliveredReader{tx: tx, no: f.no})
			return err
		})
		return newStream(io.NopCloser(bytes.NewReader(stored))), err
	case r.reopen == nil:
		return nil, errNoReopen
	}
	body, err := f.open(ctx, r.reopen)
	if err != nil {
		return nil, err
	}
	return newStream(body), nil
}

// streamContents reads a content from its beginning to its end.
type streamContents struct {
	*streamBuffers
	body io.Closer
	at   int64
}

// streamBuffers are what reading a content needs beside it: some 200 KB, used again for the next one.
type streamBuffers struct {
	content *source.ContentReader
	r       *bufio.Reader
}

var streams = sync.Pool{New: func() any {
	return &streamBuffers{content: source.NewContentReader(strings.NewReader("")), r: bufio.NewReaderSize(nil, 64<<10)}
}}

func newStream(stored io.ReadCloser) *streamContents {
	c := &streamContents{streamBuffers: streams.Get().(*streamBuffers), body: stored}
	c.content.Reset(stored)
	c.r.Reset(c.content)
	return c
}

func (c *streamContents) Close() error {
	c.content.Reset(strings.NewReader("")) // holds on to nothing
	streams.Put(c.streamBuffers)
	c.streamBuffers = nil
	return c.body.Close()
}

func (c *streamContents) read(dst []byte, span source.Span) ([]byte, error) {
	if span.Offset < c.at || span.Length < 0 {
		return dst, errSegment
	}
	for c.at < span.Offset {
		n, err := c.r.Discard(int(min(span.Offset-c.at, 1<<20)))
		if c.at += int64(n); err != nil {
			return dst, noEOF(err)
		}
	}
	for left := span.Length; left > 0; { // by pieces: a damaged length must not allocate at will
		n, at := int(min(left, 1<<20)), len(dst)
		dst = slices.Grow(dst, n)[:at+n]
		got, err := io.ReadFull(c.r, dst[at:])
		c.at += int64(got)
		if left -= int64(got); err != nil {
			return dst[:at+got], noEOF(err)
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
	inTx  func(fn func(tx *bolt.Tx) error) error
	no    uint32
	coder blockCoder
	n     int64 // block at hand, if any
	block []byte
}

func (c *blockContents) Close() error { return nil }

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
	return c.inTx(func(tx *bolt.Tx) error {
		data := tx.Bucket(bucketKept).Get(keptKey(c.no, keptBlock, uint32(n)))
		if data == nil {
			return io.ErrUnexpectedEOF
		}
		block, err := c.coder.inflate(data)
		c.n, c.block = n, block
		return err
	})
}
