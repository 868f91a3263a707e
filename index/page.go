package index

import (
	"context"
	"fmt"
	"time"

	"github.com/trailsift/trailsift/source"
)

// A Ref names one stored copy of an event by the number of its log file in the store, from 1, and its place in that file.
// It is comparable and means the same while the store lives.
type Ref struct{ File, Position uint32 }

// RowFlags are marks of a row.
type RowFlags uint16

// The marks of a row. The first four are those of [source.Flags].
const (
	RowSalvaged        RowFlags = 1 << iota // from a damaged log file
	RowReconstructed                        // rebuilt from an export
	RowTimeGuessed                          // the time is not from eventTime
	RowReadOnlyGuessed                      // readOnly was missing and is guessed by the event's name
	RowConflict                             // another copy of the event says otherwise
	RowError                                // the outcome is other than ok
	RowStale                                // a newer version of its log file does not have the event any more
)

// A Row is an event of a page.
type Row struct {
	Ref     Ref
	Time    time.Time // UTC
	HasTime bool
	// Values has one text for each field asked for, "" where the event has no value; of several values the first.
	Values  []string
	Flags   RowFlags
	Verdict string // of the log file of the copy shown: "valid", "invalid", "warn", "unverified", "info", "unchecked"
}

// Page gives up to n rows from offset on; row 0 is the newest event. Any offset costs the same. Values are those of the
// fields named; time is written in RFC 3339, in UTC.
func (r *Result) Page(ctx context.Context, offset, n int, names []string) ([]Row, error) {
	numbers := make([]int, len(names))
	for i, name := range names {
		f, ok := Schema().Lookup(name)
		if !ok {
			return nil, fmt.Errorf("page: no field %q", name)
		}
		numbers[i], _ = fieldNumber(f.Name)
	}
	var rows []Row
	err := r.read(ctx, func(_ *storeView, runs []hitList) error {
		w := walk(runs, locate(runs, max(0, offset)))
		readers := make([]*rowReader, len(runs))
		for range n {
			i, doc, ok := w.step()
			if !ok {
				break
			}
			if readers[i] == nil {
				readers[i] = newRowReader(runs[i].seg, numbers)
			}
			rows = append(rows, readers[i].row(doc))
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, pageError(ctx, err)
	}
	return rows, nil
}

func pageError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("page: %w", err)
}

// A rowReader reads the fields of a page from one segment.
type rowReader struct {
	seg     *segmentView
	fields  []int
	columns []column
	dicts   []termDict
	multis  []multi
	buf     []byte
	outcome column
	ok      uint32 // code of the outcome ok; 0: nothing was ok
}

func newRowReader(seg *segmentView, numbers []int) *rowReader {
	r := &rowReader{
		seg: seg, fields: numbers,
		columns: make([]column, len(numbers)), dicts: make([]termDict, len(numbers)), multis: make([]multi, len(numbers)),
	}
	for i, f := range numbers {
		r.dicts[i] = seg.terms(f)
		if isMulti(f) {
			r.multis[i] = seg.multi(f)
		} else {
			r.columns[i] = seg.column(f)
		}
	}
	r.outcome = seg.column(fieldOutcome)
	r.ok, _ = seg.terms(fieldOutcome).find([]byte("ok"))
	return r
}

func (r *rowReader) row(doc uint32) Row {
	row := Row{Ref: r.seg.ref(doc), Values: make([]string, len(r.fields)), Verdict: r.seg.verdict(doc).String()}
	if row.HasTime = int(doc) < r.seg.timed(); row.HasTime {
		row.Time = docTime(r.seg, doc)
	}
	for i := range r.fields {
		row.Values[i] = r.value(i, doc)
	}
	row.Flags = rowFlags(r.seg, doc)
	if code := r.outcome.code(doc); code != 0 && code != r.ok {
		row.Flags |= RowError
	}
	return row
}

func (r *rowReader) value(i int, doc uint32) string {
	f := r.fields[i]
	switch {
	case fields[f].origin == fromTime:
		if int(doc) >= r.seg.timed() {
			return ""
		}
		return docTime(r.seg, doc).Format(time.RFC3339Nano)
	case isMulti(f):
		codes := r.multis[i].values(nil, doc)
		if len(codes) == 0 {
			return ""
		}
		r.buf = r.dicts[i].appendTerm(r.buf[:0], codes[0])
	case r.columns[i].code(doc) != 0:
		r.buf = r.dicts[i].appendTerm(r.buf[:0], r.columns[i].code(doc))
	case fields[f].origin == fromID:
		r.buf = r.seg.appendValue(r.buf[:0], f, doc)
	default:
		return ""
	}
	return string(r.buf)
}

// rowFlags are the marks of a document that its segment and overlay hold.
func rowFlags(seg *segmentView, doc uint32) RowFlags {
	var out RowFlags
	flags := source.Flags(seg.flags(doc) &^ docGUID)
	for _, f := range [...]struct {
		flag source.Flags
		row  RowFlags
	}{
		{source.Salvaged, RowSalvaged},
		{source.Reconstructed, RowReconstructed},
		{source.TimeGuessed, RowTimeGuessed},
		{source.ReadOnlyGuessed, RowReadOnlyGuessed},
	} {
		if flags&f.flag != 0 {
			out |= f.row
		}
	}
	if seg.overlay().conflict.Contains(doc) {
		out |= RowConflict
	}
	if seg.overlay().stale.Contains(doc) {
		out |= RowStale
	}
	return out
}

// Find says in which row an event stands. Where the copy named is not in the result but another copy of the event with
// the same time is, that one's row is given. ok is false where there is none; row is then that of the nearest by time.
func (r *Result) Find(ctx context.Context, ref Ref) (row int, ok bool) {
	err := r.read(ctx, func(v *storeView, runs []hitList) error {
		seg, doc, found := v.document(ref)
		if !found {
			return nil
		}
		at := make([]int, len(runs))
		for i := range runs {
			at[i] = runs[i].before(seg, doc, 0, runs[i].hits.count)
			row += at[i]
			ok = ok || runs[i].seg == seg && runs[i].hits.has(doc)
		}
		if !ok && r.count > 0 {
			row, ok = nearest(runs, at, seg, doc, row)
		}
		return nil
	})
	if err != nil {
		return 0, false
	}
	return row, ok
}

// nearest is the row beside the place where an event would stand: that of a copy of it, else the nearer by time.
func nearest(runs []hitList, at []int, target *segmentView, doc uint32, row int) (int, bool) {
	w := walk(runs, at)
	after, afterDoc, more := w.step()
	if more && sameEvent(runs[after].seg, afterDoc, target, doc) {
		return row, true
	}
	if row == 0 {
		return 0, false
	}
	w = walk(runs, locate(runs, row-1))
	before, beforeDoc, _ := w.step()
	switch {
	case sameEvent(runs[before].seg, beforeDoc, target, doc):
		return row - 1, true
	case !more, distance(runs[before].seg, beforeDoc, target, doc) <= distance(runs[after].seg, afterDoc, target, doc):
		return row - 1, false
	}
	return row, false
}

// sameEvent says that two documents are copies of one event.
func sameEvent(a *segmentView, da uint32, b *segmentView, db uint32) bool {
	aid, aok := a.id(da)
	bid, bok := b.id(db)
	if !aok || !bok || aid != bid {
		return false
	}
	return string(a.appendValue(nil, fieldAccount, da)) == string(b.appendValue(nil, fieldAccount, db))
}

// distance is the time between two documents in seconds; events without a time are far from those with one.
func distance(a *segmentView, da uint32, b *segmentView, db uint32) int64 {
	at, bt := int(da) < a.timed(), int(db) < b.timed()
	switch {
	case !at && !bt:
		return 0
	case at != bt:
		return 1 << 62
	}
	asec, _ := a.time(da)
	bsec, _ := b.time(db)
	return max(asec-bsec, bsec-asec)
}

// At is the first row whose event is not newer than t. It is Count where all are newer.
func (r *Result) At(ctx context.Context, t time.Time) (row int) {
	err := r.read(ctx, func(_ *storeView, runs []hitList) error {
		for i := range runs {
			row += runs[i].hits.rank(runs[i].seg.firstNotAfter(t.Unix(), int32(t.Nanosecond())))
		}
		return nil
	})
	if err != nil {
		return 0
	}
	return row
}

var fieldOutcome = mustField("outcome")
