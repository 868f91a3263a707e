package index

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
)

// RecordsOptions choose records of a result.
type RecordsOptions struct {
	Reverse       bool // oldest first; Offset then counts from the oldest
	Offset, Limit int  // Limit 0: all
	Reuse         bool // Raw is valid only until the loop goes on, which saves a copy of its own for each record
}

// A window of records is read at a time. It grows, so that the first records come at once and many come fast: each log
// file of a window is inflated once.
const (
	firstWindow = 64
	maxWindow   = 16 << 10
	windowBytes = 24 << 20 // of records; a larger one is a window by itself
)

// Records gives the records of the result in order, with what is known of them. A record that cannot be read back has
// no Raw and says why in Missing. The loop may end early; meanwhile the records that follow are read. Memory does not
// depend on the size of the result: up to 48 MB of records, and a log file's stored bytes on each core.
func (r *Result) Records(ctx context.Context, opt RecordsOptions) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		next, end := max(0, opt.Offset), r.count
		if opt.Limit > 0 {
			end = min(end, next+opt.Limit)
		}
		var reading sync.WaitGroup
		defer reading.Wait()
		within, stop := context.WithCancel(ctx)
		defer stop()
		windows, free := make(chan *window), make(chan *window, 2)
		free <- new(window)
		free <- new(window)
		reading.Go(func() {
			defer close(windows)
			r.readAhead(within, next, end, opt, free, windows)
		})
		for w := range windows {
			for i := range w.rows {
				if !yield(w.rows[i].record, nil) {
					return
				}
				w.rows[i] = windowRow{} // it is the caller's alone now
			}
			if next += len(w.rows); w.err != nil {
				yield(Record{}, w.err)
				return
			}
			free <- w
		}
		if err := ctx.Err(); err != nil && next < end {
			yield(Record{}, err)
		}
	}
}

// A window is records that are read at a time.
type window struct {
	rows []windowRow
	room []byte // where records lie that are not the caller's
	err  error  // why there are no rows
}

// readAhead reads the windows of rows next to end, each while the one before is looked at, until one fails.
func (r *Result) readAhead(ctx context.Context, next, end int, opt RecordsOptions, free <-chan *window, windows chan<- *window) {
	for size := firstWindow; next < end; size = min(4*size, maxWindow) {
		var w *window
		select {
		case w = <-free:
		case <-ctx.Done():
			return
		}
		w.rows, w.err = r.window(ctx, w.rows[:0], next, min(size, end-next), opt.Reverse)
		if w.err == nil && len(w.rows) == 0 {
			w.err = fmt.Errorf("records: %w: row %d of %d is not there", errSegment, next, r.count)
		}
		if w.err == nil {
			w.err = r.index.readWindow(ctx, w, opt.Reuse)
		}
		if w.err != nil {
			w.rows = nil
		}
		next += len(w.rows)
		failed := w.err != nil
		select {
		case windows <- w:
		case <-ctx.Done():
			return
		}
		if failed {
			return
		}
	}
}

// A windowRow is a record of a window, before and after its bytes are read.
type windowRow struct {
	file   readableFile
	span   recordSpan
	record Record
}

// window appends to rows what is known of up to n records without reading them, at least one, so that they fit.
func (r *Result) window(ctx context.Context, rows []windowRow, offset, n int, reverse bool) ([]windowRow, error) {
	rows = slices.Grow(rows, n)
	err := r.read(ctx, func(v *storeView, runs []hitList) error {
		from := offset
		if reverse {
			from = r.count - offset - n
		}
		w := walk(runs, locate(runs, from))
		readers := make([]*windowReader, len(runs))
		files := map[uint32]readableFile{}
		total := int64(0)
		for len(rows) < n {
			i, doc, ok := w.step()
			if !ok {
				break
			}
			if readers[i] == nil {
				readers[i] = newWindowReader(v, runs[i].seg, files)
			}
			row, err := readers[i].row(doc)
			if err != nil {
				return err
			}
			if total += row.span.Length; total > windowBytes && len(rows) > 0 && !reverse {
				break
			}
			rows = append(rows, row)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("records: %w", err)
	}
	if reverse {
		slices.Reverse(rows)
		rows = rows[:fitting(rows)]
	}
	return rows, nil
}

// fitting is how many of the rows, at least one, are no more than a window may hold.
func fitting(rows []windowRow) int {
	total := int64(0)
	for i := range rows {
		if total += rows[i].span.Length; total > windowBytes && i > 0 {
			return i
		}
	}
	return len(rows)
}

// A windowReader reads what a segment knows of records.
type windowReader struct {
	v     *storeView
	seg   *segmentView
	local column
	spans spanReader
	place numbers
	files map[uint32]readableFile // by log file number
}

func newWindowReader(v *storeView, seg *segmentView, files map[uint32]readableFile) *windowReader {
	return &windowReader{
		v: v, seg: seg, local: seg.files(), spans: newSpanReader(seg),
		place: seg.numbers(partPos, seg.docs()), files: files,
	}
}

func (r *windowReader) row(doc uint32) (windowRow, error) {
	local := r.local.code(doc)
	f, _ := r.seg.fileAt(local)
	file, known := r.files[f.no]
	if !known {
		var err error
		if file, err = r.v.readable(r.seg, local); err != nil {
			return windowRow{}, err
		}
		r.files[f.no] = file
	}
	return windowRow{
		file: file,
		span: r.spans.at(doc),
		record: Record{
			Ref: Ref{File: f.no, Position: uint32(r.place.at(doc))}, Key: file.Key, Place: file.Place,
			Position: int(r.place.at(doc)), SHA256: file.SHA256, BroughtIn: file.BroughtIn, Version: file.Program,
			Flags: rowFlags(r.seg, doc), Verdict: r.seg.verdicts.of(f.no).String(),
		},
	}, nil
}

// A fileRows is the rows of a window that lie in one log file, by ascending offset.
type fileRows struct {
	rows  []*windowRow
	spans []recordSpan
	room  []byte
}

// readWindow reads the records of a window, each log file once, on all cores.
func (x *Index) readWindow(ctx context.Context, w *window, reuse bool) error {
	place := map[uint32]int{}
	var files []fileRows
	for i := range w.rows {
		no := w.rows[i].file.no
		at, seen := place[no]
		if !seen {
			at = len(files)
			place[no] = at
			files = append(files, fileRows{})
		}
		files[at].rows = append(files[at].rows, &w.rows[i])
	}
	total := int64(0)
	for i := range files {
		f := &files[i]
		slices.SortFunc(f.rows, func(a, b *windowRow) int { return cmp.Compare(a.span.Offset, b.span.Offset) })
		f.spans = make([]recordSpan, len(f.rows))
		for k, row := range f.rows {
			f.spans[k] = row.span
		}
		total = min(total+min(roomFor(f.spans), windowRoom), windowRoom)
	}
	if reuse {
		w.share(files, int(total))
	}
	return eachParallel(ctx, len(files), func(i int) error { return x.readFile(ctx, &files[i], reuse) })
}

// windowRoom is the most that is set aside for the records of a window and what lies between them.
const windowRoom = windowBytes + 4<<20

// share gives each log file its part of the room, those that need more than is left none.
func (w *window) share(files []fileRows, total int) {
	if cap(w.room) < total {
		w.room = make([]byte, 0, min(total+total/8, windowRoom))
	}
	room := w.room[:cap(w.room)]
	for i := range files {
		if n := roomFor(files[i].spans); n <= int64(len(room)) {
			files[i].room = room[:0:n]
			room = room[n:]
		}
	}
}

// readFile reads records of one log file, into its room if they are only lent. What cannot be read says why.
func (x *Index) readFile(ctx context.Context, f *fileRows, lent bool) error {
	r := x.rereader()
	if lent {
		r.room = f.room
		if r.room == nil {
			r.room = []byte{}
		}
	}
	file := f.rows[0].file
	err := r.records(ctx, file, f.spans, func(i int, raw []byte) error {
		if lent {
			f.rows[i].record.Raw = slices.Clip(raw)
		} else {
			f.rows[i].record.Raw = bytes.Clone(raw)
		}
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		for _, row := range f.rows {
			if row.record.Raw == nil {
				row.record.Missing = missing(file, err)
			}
		}
	}
	return nil
}
