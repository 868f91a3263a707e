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
// no Raw and says why in Missing. The loop may end early; between records no transaction is held. Memory does not depend
// on the size of the result: up to 24 MB of records, and a log file's stored bytes on each core.
func (r *Result) Records(ctx context.Context, opt RecordsOptions) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		next, end := max(0, opt.Offset), r.count
		var arenas *sync.Pool // of *[]byte: the bytes of windows before
		if opt.Reuse {
			arenas = new(sync.Pool)
		}
		if opt.Limit > 0 {
			end = min(end, next+opt.Limit)
		}
		for size := firstWindow; next < end; size = min(4*size, maxWindow) {
			rows, err := r.window(ctx, next, min(size, end-next), opt.Reverse)
			if err == nil && len(rows) == 0 {
				err = fmt.Errorf("records: %w: row %d of %d is not there", errSegment, next, r.count)
			}
			if err == nil {
				err = r.index.readWindow(ctx, rows, arenas)
			}
			if err != nil {
				if ctx.Err() != nil {
					err = ctx.Err()
				}
				yield(Record{}, err)
				return
			}
			next += len(rows)
			for i := range rows {
				if !yield(rows[i].record, nil) {
					return
				}
				rows[i].record = Record{} // it is the caller's alone now
			}
			for i := range rows {
				if rows[i].arena != nil {
					arenas.Put(rows[i].arena)
				}
			}
		}
	}
}

// A windowRow is a record of a window, before and after its bytes are read.
type windowRow struct {
	file   readableFile
	span   recordSpan
	record Record
	arena  *[]byte // of the first row of a log file: where its records lie
}

// window gives what is known of up to n records without reading them, at least one, so that they fit.
func (r *Result) window(ctx context.Context, offset, n int, reverse bool) ([]windowRow, error) {
	var rows []windowRow
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

// readWindow reads the records of a window, each log file once, on all cores.
func (x *Index) readWindow(ctx context.Context, rows []windowRow, arenas *sync.Pool) error {
	byFile := map[uint32][]*windowRow{}
	var order []uint32
	for i := range rows {
		no := rows[i].file.no
		if byFile[no] == nil {
			order = append(order, no)
		}
		byFile[no] = append(byFile[no], &rows[i])
	}
	return eachParallel(ctx, len(order), func(i int) error {
		return x.readFile(ctx, byFile[order[i]], arenas)
	})
}

// readFile reads records of one log file, into an arena where there are some. What cannot be read says why.
func (x *Index) readFile(ctx context.Context, rows []*windowRow, arenas *sync.Pool) error {
	slices.SortFunc(rows, func(a, b *windowRow) int { return cmp.Compare(a.span.Offset, b.span.Offset) })
	spans := make([]recordSpan, len(rows))
	for i, row := range rows {
		spans[i] = row.span
	}
	var arena []byte
	if arenas != nil {
		rows[0].arena, _ = arenas.Get().(*[]byte)
		if rows[0].arena == nil {
			rows[0].arena = new([]byte)
		}
		arena = (*rows[0].arena)[:0]
	}
	err := x.readRecords(ctx, rows[0].file, spans, func(i int, raw []byte) error {
		if arenas == nil {
			rows[i].record.Raw = bytes.Clone(raw)
			return nil
		}
		from := len(arena) // where it grows, the records before stay where they are
		arena = append(arena, raw...)
		rows[i].record.Raw = arena[from:len(arena):len(arena)]
		return nil
	})
	if arenas != nil {
		*rows[0].arena = arena
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		for _, row := range rows {
			if row.record.Raw == nil {
				row.record.Missing = missing(row.file, err)
			}
		}
	}
	return nil
}
