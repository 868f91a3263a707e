package index

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/trailsift/trailsift/source"
)

// limits are how much a worker gathers before it hands a segment on.
type limits struct {
	docs      int
	bytes     int // of the builder
	keptBytes int
}

const (
	maxWorkers = 16
	// segmentDocs is the usual size of a segment: 50,000 documents are some 25 MB while they are gathered, and 2 % less
	// than 100,000 on disk.
	segmentDocs = 50_000
	// builderBytes is what all builders together may take.
	builderBytes = 96 << 20
	batchKept    = 8 << 20
	// measureEvery is how many bytes of records a builder takes before it is measured again inside a log file.
	measureEvery = 1 << 20
)

func limitsFor(workers, docs int) limits {
	if docs <= 0 {
		docs = segmentDocs
	}
	return limits{docs: docs, bytes: builderBytes / workers, keptBytes: batchKept}
}

// flushAfter is when a worker hands on what it has, counted from its start: soon at first, so that the first events
// show at once, then seldom, so that segments are of some size.
func flushAfter(n int) time.Duration {
	return min(100*time.Millisecond<<min(n, 20), 30*time.Second)
}

// idleAfter is how long a worker waits for the next log file before it hands on what it has.
const idleAfter = 50 * time.Millisecond

// A worker reads log files, one after the other, into a builder of its own.
type worker struct {
	*run
	limits limits
	dec    source.Decoder
	b      *builder
	tokens *tokenBuilder
	blocks blockCoder
	files  []*fileResult // whole, in the builder, not handed on
	kept   int           // bytes of theirs that are to be kept
	timer  *time.Timer
	flushN int
	broken error // the builder could not be made

	begun   time.Time
	flushed time.Time // when it last handed on what it had
}

// A fileResult is a log file that was read, on its way to the ledger.
type fileResult struct {
	row      *ledgerRow
	prev     *ledgerRow // the version before, if any
	same     bool       // the bytes are those of prev
	chunks   []keptChunk
	ahead    bool          // some of its kept bytes are written already
	segments []segmentMeta // of its own, written already
	stats    source.Stats
	listed   stamp
	content  *source.ContentHash // nil: not looked into
	damaged  bool                // known from an earlier reading: all of its records are salvaged
}

func newWorker(r *run) *worker {
	hash, err := newRawHash(r.x.hashKey)
	if err != nil {
		return &worker{run: r, broken: err}
	}
	now := time.Now()
	return &worker{run: r, limits: r.limits, b: newBuilder(hash), tokens: newTokenBuilder(r.x.hashKey), timer: time.NewTimer(flushAfter(0)), begun: now, flushed: now}
}

func (w *worker) loop(ctx context.Context, jobs <-chan job) {
	if w.broken != nil {
		w.batches <- &batch{err: w.broken}
		return
	}
	defer w.timer.Stop()
	defer w.flush()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.timer.C:
			w.flush()
			w.flushN++
			w.timer.Reset(flushAfter(w.flushN))
			continue
		default:
		}
		select {
		case <-ctx.Done():
			return
		case <-w.idle():
			w.flush()
		case <-w.timer.C:
			w.flush()
			w.flushN++
			w.timer.Reset(flushAfter(w.flushN))
		case j, ok := <-jobs:
			if !ok {
				return
			}
			w.read(ctx, j)
			if j.done != nil {
				j.done()
			}
			if len(w.b.docs) >= w.limits.docs || w.kept >= w.limits.keptBytes || w.b.sizeBytes() >= w.limits.bytes || len(w.files) >= 4096 {
				w.flush()
			}
		}
	}
}

// idle fires when a worker that has nothing to do should hand on what it has: soon at first, then when an eighth of the
// time since it began has passed, so that a slow place (Event history gives two pages a second) shows what it gave, in
// some dozens of segments.
func (w *worker) idle() <-chan time.Time {
	if len(w.files) == 0 {
		return nil
	}
	return time.After(max(idleAfter, time.Since(w.begun)/8-time.Since(w.flushed)))
}

// flush hands on what was read whole.
func (w *worker) flush() {
	if len(w.files) == 0 {
		return
	}
	b := &batch{files: w.files, tokens: w.tokens.takeBatch()}
	if len(w.b.docs) > 0 {
		b.segments = append(b.segments, w.b.encode(0, len(w.b.docs)))
	}
	w.batches <- b
	w.b.reset()
	w.files, w.kept, w.flushed = nil, 0, time.Now()
}

// newResult is a log file before anything is known of it.
func (w *worker) newResult(j job) *fileResult {
	row := &ledgerRow{place: w.place, no: w.nextNo.Add(1)}
	row.Key, row.Version, row.Program = j.file.Key, 1, w.x.opt.Version
	row.BroughtIn = w.x.opt.Now().UTC().Truncate(time.Second)
	if j.prev != nil {
		row.Version = j.prev.Version
		if j.prev.State != StateFailed {
			row.Version++
		}
	}
	row.stamp(j.file)
	return &fileResult{row: row, prev: j.prev, listed: stampOf(j.file)}
}

// begin adds a log file to the builder and gives the number of its first document.
func (w *worker) begin(row *ledgerRow) (start int) {
	w.b.addFile(builtFile{
		key: row.Key, placeID: w.born, place: w.place, no: row.no, version: uint32(row.Version),
	})
	w.tokens.begin(row.no)
	return len(w.b.docs)
}

// drop takes back the log file at hand, whose first document in the builder is start.
func (w *worker) drop(start int) {
	w.b.dropFrom(start)
	w.tokens.drop()
}

// read brings one log file in.
func (w *worker) read(ctx context.Context, j job) {
	f := w.newResult(j)
	k := &keeper{w: w, f: f}
	keep := w.src.Place().Remote && !w.opt.NoKeep || w.opt.Keep || j.file.Fleeting
	start := w.begin(f.row)
	err := w.decode(ctx, j, f, k, keep, &start)
	if err == nil && f.stats.Salvaged > 0 && len(f.segments) > 0 {
		// The damage was found after documents were written ahead without the mark: once more, with it.
		w.discard(f)
		w.drop(start)
		f = w.newResult(j)
		f.damaged = true
		k = &keeper{w: w, f: f}
		start = w.begin(f.row)
		err = w.decode(ctx, j, f, k, keep, &start)
	}
	row := f.row
	if err == nil && !f.same {
		err = w.keepContent(ctx, j, f, k)
	}
	cancelled := ctx.Err() != nil // asked once: what becomes of the documents and of the row must agree
	if err != nil || cancelled || f.same || row.Events == 0 {
		w.drop(start)
	}
	switch {
	case cancelled:
		w.discard(f)
		return
	case err != nil:
		w.discard(f)
		w.count(func(_ *Progress, s *Summary) { s.hint(err) })
		f = &fileResult{row: row.failed(reasonOf(err), j.file), prev: j.prev}
	case f.same:
		w.discard(f)
		f.chunks, f.segments = nil, nil
	}
	for _, c := range f.chunks {
		w.kept += len(c.data)
	}
	w.files = append(w.files, f)
}

// discard takes back what was written ahead of a log file that does not come in.
func (w *worker) discard(f *fileResult) {
	if f.ahead || len(f.segments) > 0 {
		w.batches <- &batch{discard: f}
	}
}

// decode reads the events of a log file into the builder and fills its row.
func (w *worker) decode(ctx context.Context, j job, f *fileResult, k *keeper, keep bool, start *int) error {
	obj, err := w.open(ctx, j)
	if err != nil {
		return err
	}
	defer obj.Body.Close()
	m := newMeter(obj.Body)
	m.count = func(n int) { w.count(func(p *Progress, _ *Summary) { p.BytesCompressed += int64(n) }) }
	whole := j.got != nil && !j.got.part // in memory: kept as it is there
	if keep && !whole {
		m.keep = k.delivered
	}
	var ahead error
	unchecked := 0 // bytes of records since the builder was last measured
	w.dec.HashContent(w.opt.HashContent != nil && w.opt.HashContent(j.file))
	for e := range w.dec.Events(m) {
		if f.damaged {
			e.Flags |= source.Salvaged
		}
		w.b.add(e)
		w.tokens.add(e, &w.b.now)
		if unchecked += len(e.Raw) + 1024; unchecked < measureEvery {
			continue
		}
		unchecked = 0
		if len(w.b.docs) >= 2*w.limits.docs || w.b.sizeBytes() >= w.limits.bytes {
			if ahead = w.writeAhead(f, start); ahead != nil {
				break
			}
		}
	}
	if err := errors.Join(ahead, w.dec.Err()); err != nil {
		return err
	}
	f.stats = w.dec.Stats()
	if f.stats.Salvaged > 0 {
		w.b.salvage(*start)
	}
	keep = keep && (f.stats.Content != source.ContentOther || w.opt.Keep || !k.foreign(j.file.Key))
	if f.stats.Content != source.ContentOther || keep {
		if _, err := io.Copy(io.Discard, m); err != nil {
			return err
		}
		m.sum.Sum(f.row.SHA256[:0])
	}
	if c, ok := w.dec.ContentHash(); ok {
		f.content = &c
	}
	f.row.Meta = obj.Meta
	f.row.take(f.stats, m.n, j.file)
	f.same = j.prev != nil && j.prev.State != StateFailed && f.row.SHA256 != [32]byte{} && j.prev.SHA256 == f.row.SHA256
	switch {
	case !keep || f.same:
		return nil
	case whole:
		return errors.Join(k.share(j.got.data), k.finish())
	}
	return k.finish()
}

// take fills in what decoding found.
func (r *ledgerRow) take(s source.Stats, size int64, f source.File) {
	r.Size, r.Bytes, r.Events, r.Salvaged, r.Skipped = size, s.Bytes, s.Events, s.Salvaged, s.Skipped
	r.Problems, r.Reason, r.Other = s.Problems, s.Damage, s.Other
	switch {
	case s.Content == source.ContentOther:
		r.State = StateIgnored
		r.Size = max(size, f.SizeBytes)
	case s.Content == source.ContentDigest:
		r.State = StateDigest
	case s.Damage != "" || s.Skipped > 0:
		r.State = StateProblem
	default:
		r.State = StateHeld
	}
}

// failed is the row of a log file that nothing could be read of.
func (r *ledgerRow) failed(reason string, f source.File) *ledgerRow {
	failed := &ledgerRow{place: r.place}
	failed.Key, failed.Version, failed.Program, failed.BroughtIn = r.Key, r.Version, r.Program, r.BroughtIn
	failed.State, failed.Reason, failed.Size = StateFailed, reason, max(0, f.SizeBytes)
	failed.stamp(f)
	return failed
}

// writeAhead writes the documents of a very large log file while it is still being read; they show when it is whole.
// What came before it in the builder is handed on first.
func (w *worker) writeAhead(f *fileResult, start *int) error {
	if *start > 0 {
		w.batches <- &batch{files: w.files, segments: []encodedSegment{w.b.encode(0, *start)}}
		w.files, w.kept = nil, 0
	}
	b := &batch{ahead: f, segments: []encodedSegment{w.b.encode(*start, len(w.b.docs))}, done: make(chan error, 1)}
	file := w.b.files[len(w.b.files)-1]
	w.b.reset()
	w.b.addFile(file)
	*start = 0
	w.batches <- b
	return <-b.done
}

// A keeper gathers the bytes of a log file that are to be kept.
type keeper struct {
	w    *worker
	f    *fileResult
	buf  []byte
	n    uint32 // chunks so far
	size int    // of the chunks in f
}

// delivered takes the next delivered bytes.
func (k *keeper) delivered(p []byte) error {
	for len(p) > 0 {
		n := min(len(p), deliveredChunk-len(k.buf))
		k.buf = append(k.buf, p[:n]...)
		p = p[n:]
		if len(k.buf) == deliveredChunk {
			if err := k.chunk(keptDelivered, k.buf); err != nil {
				return err
			}
			k.buf = make([]byte, 0, deliveredChunk)
		}
	}
	return nil
}

// share takes all delivered bytes without copying them; they do not change any more.
func (k *keeper) share(p []byte) error {
	for len(p) > 0 {
		n := min(len(p), deliveredChunk)
		if err := k.chunk(keptDelivered, p[:n:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

func (k *keeper) finish() error {
	k.f.row.keep |= keepDelivered
	if len(k.buf) == 0 {
		return nil
	}
	return k.chunk(keptDelivered, k.buf)
}

// foreign drops what was gathered of a file of which nothing is a log file, so that it need not be read to its end: not
// its content and not its key, since a log file that was written over is evidence.
func (k *keeper) foreign(key string) bool {
	if _, named := source.ParseKey(key); named || k.f.ahead {
		return false
	}
	k.buf, k.f.chunks, k.size = nil, nil, 0
	return true
}

// chunk adds a value; many of them are written ahead.
func (k *keeper) chunk(kind keptKind, data []byte) error {
	k.f.chunks = append(k.f.chunks, keptChunk{k.f.row.no, kind, k.n, data})
	k.n++
	k.size += len(data)
	if k.size < batchKept {
		return nil
	}
	b := &batch{ahead: k.f, chunks: k.f.chunks, done: make(chan error, 1)}
	k.f.chunks, k.size = nil, 0
	k.w.batches <- b
	return <-b.done
}

// keepContent keeps the content of a log file in blocks where reading it back would be slow. It reads the file a second
// time, so that all others need no copy of their content.
func (w *worker) keepContent(ctx context.Context, j job, f *fileResult, k *keeper) error {
	if f.stats.Bytes <= keepBlocksAbove || f.row.Events == 0 || w.src.Place().Remote && w.opt.NoKeep {
		return nil
	}
	stored, err := w.again(ctx, j, f)
	if err != nil {
		return err
	}
	defer stored.Close()
	m := newMeter(stored)
	// Blocks of a file that is its content give it back as it was delivered; of a compressed one its bytes are kept, too.
	packed := &keeper{w: w, f: f}
	if f.row.keep&keepDelivered == 0 && f.stats.Bytes != f.row.Size {
		m.keep = packed.delivered
	}
	content := source.NewContentReader(m)
	k.n = 0
	for {
		block := make([]byte, blockBytes)
		n, err := io.ReadFull(content, block)
		if n > 0 {
			data, zerr := w.blocks.compress(block[:n])
			if zerr != nil {
				return zerr
			}
			if zerr = k.chunk(keptBlock, data); zerr != nil {
				return zerr
			}
		}
		if err != nil {
			break // the end, or the damage that decoding found too
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, err := io.Copy(io.Discard, m); err != nil {
		return err
	}
	var sum [32]byte
	m.sum.Sum(sum[:0])
	if sum != f.row.SHA256 {
		return errors.New("it changed while it was read")
	}
	f.row.keep |= keepBlocks
	if m.keep == nil {
		return nil
	}
	return packed.finish()
}

// again gives the stored bytes of a log file a second time: from memory where all of them are there, to be kept.
func (w *worker) again(ctx context.Context, j job, f *fileResult) (io.ReadCloser, error) {
	if f.row.keep&keepDelivered == 0 || f.ahead {
		obj, err := w.open(ctx, j)
		if err != nil {
			return nil, err
		}
		return obj.Body, nil
	}
	var parts []io.Reader
	for _, c := range f.chunks {
		parts = append(parts, bytes.NewReader(c.data))
	}
	return io.NopCloser(io.MultiReader(parts...)), nil
}
