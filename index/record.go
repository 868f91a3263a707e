package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// A Record is one stored copy of an event, with where it came from.
type Record struct {
	Ref       Ref
	Raw       []byte // exactly as delivered; nil where Missing says why
	Key       string // of the log file
	Place     string // identity of its place
	Position  int    // number in the log file, from 0
	SHA256    [32]byte
	BroughtIn time.Time
	Version   string // of the program that brought it in
	Flags     RowFlags
	Verdict   string // of the log file
	Copies    []Copy // all copies of the event, this one among them, in the order of preference
	Missing   string // why Raw cannot be read: "no longer at PATH; brought in 2026-11-20, SHA-256 …"
}

// A Copy is one of the copies of an event.
type Copy struct {
	Ref        Ref
	Place, Key string
	Position   int
	Shown      bool
	Variant    bool // hidden, and not equal to the copy shown: the one is contained in the other
	Conflict   bool // shown beside others that say otherwise
	Verdict    string
}

// ErrNoRecord: there is no such document.
var ErrNoRecord = errors.New("there is no such event in the index")

var errNoReopen = errors.New("log files cannot be opened here")

// Record reads one copy of an event back. A record that cannot be read any more is no error: Missing says why.
func (x *Index) Record(ctx context.Context, ref Ref) (Record, error) {
	var rec Record
	var file *storedFile
	var want recordRef
	err := x.view(func(v *storeView) error {
		s := v.segment(ref.Segment)
		if s == nil || int(ref.Doc) >= s.docs() {
			return ErrNoRecord
		}
		var err error
		want = s.record(ref.Doc)
		if file, err = v.storedFile(want.logFile, want.place); err != nil {
			return err
		}
		rec = v.describe(s, ref, file)
		return v.err()
	})
	if err != nil {
		return Record{}, err
	}
	hash, err := newRawHash(x.hashKey)
	if err != nil {
		return Record{}, err
	}
	rec.Raw, rec.Missing, err = file.raw(ctx, want, hash)
	return rec, err
}

// describe fills in all but the bytes.
func (v *storeView) describe(s *segmentView, ref Ref, file *storedFile) Record {
	rec := Record{
		Ref: ref, Key: file.row.Key, Place: file.place.ID, Position: int(s.position(ref.Doc)),
		SHA256: file.row.SHA256, BroughtIn: file.row.BroughtIn, Version: file.row.Program,
		Flags: rowFlags(s, ref.Doc), Verdict: verdictUnchecked,
	}
	id, _ := s.id(ref.Doc)
	var infos []copyInfo
	own := copyInfoOf(s, copyRef{id, 0, ref.Doc})
	segments := v.segments()
	for i, t := range segments {
		t.findID(id, func(doc uint32) {
			if info := copyInfoOf(t, copyRef{id, i, doc}); info.sameIdentity(&own) {
				infos = append(infos, info)
			}
		})
	}
	sortCopies(infos)
	for _, c := range infos {
		o := segments[c.seg].over
		rec.Copies = append(rec.Copies, Copy{
			Ref: Ref{segments[c.seg].segmentID(), c.doc}, Place: c.place, Key: c.key, Position: int(c.position),
			Shown: !o.hidden.Contains(c.doc), Variant: o.variant.Contains(c.doc), Conflict: o.conflict.Contains(c.doc),
			Verdict: verdictUnchecked,
		})
	}
	return rec
}

// A recordRef says where a record lies and how to know it again.
type recordRef struct {
	logFile
	place uint32
	no    uint32
	span  source.Span
	hash  uint64
}

// record is where the record of a document lies.
func (v *segmentView) record(doc uint32) recordRef {
	f := v.file(doc)
	return recordRef{logFile: v.logFile(doc), place: f.place, no: f.no, span: v.span(doc), hash: v.hash(doc)}
}

// A storedFile is a log file whose records can be read back, also after the view it came from has ended.
type storedFile struct {
	x     *Index
	row   *ledgerRow
	place source.Place
	inTx  func(func(tx *bolt.Tx) error) error
	open  func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error)
	coder blockCoder
}

// storedFile finds a log file.
func (v *storeView) storedFile(f logFile, place uint32) (*storedFile, error) {
	row, err := versionRow(v.tx, v.snap.places, place, f.key, f.version)
	if err != nil {
		return nil, v.x.damaged(err)
	}
	x := v.x
	return &storedFile{
		x: x, row: row, place: v.snap.places[place].place, open: x.opt.Reopen,
		inTx: func(fn func(tx *bolt.Tx) error) error { return x.view(func(v *storeView) error { return fn(v.tx) }) },
	}, nil
}

// raw is the record exactly as delivered; nil, and why in words, where it cannot be read any more. What is read is known
// again by its keyed hash, so a log file that was changed since is never taken for the one that came in. The error is
// the context's or the store's. A storedFile is not safe for concurrent use.
func (s *storedFile) raw(ctx context.Context, ref recordRef, hash *rawHash) (raw []byte, gone string, err error) {
	text, err := s.span(ctx, ref.span)
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	if err == nil {
		if raw, err = unwrap(text, ref.span.Form); err == nil && hash.sum64(raw) == ref.hash {
			return raw, "", nil
		}
		s.x.contents.drop(s.row.no)
		err = errChanged
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errChanged // it is shorter
	}
	return nil, missing(readableFile{s.row, s.place}, err), nil
}

var errChanged = errors.New("it has changed")

// missing says why records of a log file cannot be read any more.
func missing(f readableFile, err error) string {
	what := "no longer at "
	switch {
	case f.keep != keepNothing:
		what = "damaged in the index: "
	case errors.Is(err, errNoReopen):
		what = "not opened: "
	case errors.Is(err, errChanged):
		what = "changed at "
	}
	path := f.Key
	if text := strings.TrimSuffix(f.place.Text, "/"); !strings.HasSuffix(text, "/"+path) && text != path {
		path = text + "/" + path
	}
	return fmt.Sprintf("%s%s; brought in %s, SHA-256 %x", what, path, f.BroughtIn.Format(time.DateOnly), f.SHA256)
}

// unwrap gives the record that a span of the content holds.
func unwrap(text []byte, form source.Form) ([]byte, error) {
	if form != source.FormString {
		return text, nil
	}
	var inner string
	quoted := make([]byte, 0, len(text)+2)
	quoted = append(append(append(quoted, '"'), text...), '"')
	if err := json.Unmarshal(quoted, &inner); err != nil {
		return nil, err
	}
	return []byte(inner), nil
}

// span reads a part of the content of the log file.
func (s *storedFile) span(ctx context.Context, at source.Span) (text []byte, err error) {
	if at.Offset < 0 || at.Length < 0 {
		return nil, io.ErrUnexpectedEOF
	}
	if s.row.keep&keepBlocks != 0 {
		err = s.inTx(func(tx *bolt.Tx) error {
			text, err = s.coder.readBlocks(tx, s.row.no, at.Offset, at.Length)
			return err
		})
		return text, err
	}
	content, ok := s.x.contents.get(s.row.no)
	if !ok {
		if content, err = s.content(ctx); err != nil {
			return nil, err
		}
		s.x.contents.put(s.row.no, content)
	}
	if at.Offset+at.Length > int64(len(content)) {
		return nil, io.ErrUnexpectedEOF
	}
	return content[at.Offset : at.Offset+at.Length : at.Offset+at.Length], nil
}

// content is the whole content of the log file.
func (s *storedFile) content(ctx context.Context) (content []byte, err error) {
	err = s.read(ctx, func(stored io.Reader) error {
		content, err = io.ReadAll(io.LimitReader(newContent(stored), s.row.Bytes))
		if len(content) > 0 {
			return nil // what came before any damage is what came in
		}
		return err
	})
	return content, err
}

// read gives the stored bytes of the log file to fn, from the store or from where it lies.
func (s *storedFile) read(ctx context.Context, fn func(stored io.Reader) error) error {
	if s.row.keep&keepDelivered != 0 {
		return s.inTx(func(tx *bolt.Tx) error { return fn(&deliveredReader{tx: tx, no: s.row.no}) })
	}
	if s.open == nil {
		return errNoReopen
	}
	body, err := s.open(ctx, s.place, s.row.Key)
	if err != nil {
		return err
	}
	defer body.Close()
	return fn(body)
}

// A rawReader reads records inside a write transaction, to compare copies. It keeps the log files it used last.
type rawReader struct {
	x     *Index
	hash  *rawHash
	tx    *bolt.Tx
	open  func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error)
	files map[uint32]*storedFile
}

// raw is like storedFile.raw for a document.
func (r *rawReader) raw(ctx context.Context, s *segmentView, doc uint32) (raw []byte, gone string, err error) {
	ref := s.record(doc)
	file := r.files[ref.no]
	if file == nil {
		row, err := versionRow(r.tx, s.places, ref.place, ref.key, ref.version)
		if err != nil {
			return nil, "", r.x.damaged(err)
		}
		file = &storedFile{
			x: r.x, row: row, place: s.places[ref.place].place, open: r.open,
			inTx: func(fn func(tx *bolt.Tx) error) error { return fn(r.tx) },
		}
		if len(r.files) >= 1024 {
			clear(r.files)
		}
		if r.files == nil {
			r.files = map[uint32]*storedFile{}
		}
		r.files[ref.no] = file
	}
	return file.raw(ctx, ref, r.hash)
}

// A contentCache holds the contents of the log files read last, by log file number. Safe for concurrent use.
type contentCache struct {
	mu    sync.Mutex
	of    map[uint32][]byte
	order []uint32 // least recently used first
	bytes int
}

// contentCacheBytes is what the cache may hold: four of the largest contents it takes, or a screen of usual ones.
const contentCacheBytes = 4 * keepBlocksAbove

func newContentCache() *contentCache { return &contentCache{of: map[uint32][]byte{}} }

func (c *contentCache) get(no uint32) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	content, ok := c.of[no]
	if ok {
		c.touch(no)
	}
	return content, ok
}

func (c *contentCache) put(no uint32, content []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(no)
	c.of[no], c.order, c.bytes = content, append(c.order, no), c.bytes+len(content)
	for c.bytes > contentCacheBytes && len(c.order) > 1 {
		c.remove(c.order[0])
	}
}

func (c *contentCache) drop(no uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(no)
}

func (c *contentCache) touch(no uint32) {
	for i, n := range c.order {
		if n == no {
			copy(c.order[i:], c.order[i+1:])
			c.order[len(c.order)-1] = no
			return
		}
	}
}

func (c *contentCache) remove(no uint32) {
	content, ok := c.of[no]
	if !ok {
		return
	}
	delete(c.of, no)
	c.bytes -= len(content)
	for i, n := range c.order {
		if n == no {
			c.order = append(c.order[:i], c.order[i+1:]...)
			return
		}
	}
}
