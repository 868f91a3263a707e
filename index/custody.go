package index

import (
	"bytes"
	"context"
	"iter"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	bolt "go.etcd.io/bbolt"
)

// CustodyOptions choose rows of a custody list.
type CustodyOptions struct {
	// Result, where it is set, leaves only versions of log files that hold an event of it, or a copy of one.
	Result *Result
	// States and Text choose among them as in Files.
	States []FileState
	Text   string
}

// A CustodyRow is one version of a log file as a chain of custody lists it.
type CustodyRow struct {
	FileRow
	First, Last time.Time // of its events, to the second; zero where none has a time
	Matching    int       // events of CustodyOptions.Result in it, copies among them; Events where that is nil
	Content     bool      // kept is its content alone: the bytes as they were stored are gone with their place

	row *ledgerRow
}

// Custody gives every version of every log file the store has heard of, by place and key, newest version first. The loop
// may end early; between batches of rows no transaction is held. Memory: 24 bytes a log file, and a batch.
func (x *Index) Custody(ctx context.Context, opt CustodyOptions) iter.Seq2[CustodyRow, error] {
	return func(yield func(CustodyRow, error) bool) {
		held, err := x.fileEvents(ctx, opt.Result)
		if err != nil {
			yield(CustodyRow{}, err)
			return
		}
		l := newLister(FilesOptions{States: opt.States, Text: opt.Text})
		for !l.done {
			rows, err := l.batch(ctx, x)
			if err != nil {
				yield(CustodyRow{}, err)
				return
			}
			for _, r := range rows {
				row, wanted := held.custody(r, opt.Result != nil)
				if wanted && !yield(row, nil) {
					return
				}
			}
		}
	}
}

// custody is a row with what the events say of it; wanted is false where only files with matching events are asked for
// and it holds none.
func (e fileEvents) custody(r *ledgerRow, asked bool) (row CustodyRow, wanted bool) {
	row = CustodyRow{FileRow: r.FileRow, Matching: r.Events, row: r}
	row.Content = r.keep == keepBlocks && r.Bytes != r.Size
	var h heldEvents
	if int(r.no) < len(e) {
		h = e[r.no]
	}
	if h.timed {
		row.First, row.Last = time.Unix(h.first, 0).UTC(), time.Unix(h.last, 0).UTC()
	}
	if asked {
		row.Matching = int(h.matching)
	}
	return row, !asked || h.matching > 0
}

// heldEvents are the documents of one log file.
type heldEvents struct {
	first, last int64 // Unix seconds
	matching    uint32
	timed       bool
}

// fileEvents says of each log file, by its number, what its documents are.
type fileEvents []heldEvents

// fileEvents goes once through the columns of all segments: some 3 ns a document.
func (x *Index) fileEvents(ctx context.Context, r *Result) (fileEvents, error) {
	var all fileEvents
	err := x.view(func(v *storeView) error {
		all = make(fileEvents, getUint(v.tx.Bucket(bucketMeta), keyNextFile)+1)
		for _, s := range v.segments() {
			if err := ctx.Err(); err != nil {
				return err
			}
			all.span(s)
		}
		if r != nil {
			if err := all.match(ctx, v, r); err != nil {
				return err
			}
		}
		return v.err()
	})
	return all, err
}

// numbersOf are the log file numbers of a segment by local number.
func numbersOf(s *segmentView) []uint32 {
	numbers := make([]uint32, s.dir.files+1)
	for local := range s.dir.files {
		f, _ := s.fileAt(uint32(local + 1))
		numbers[local+1] = f.no
	}
	return numbers
}

// at is what is known of a log file; a number beyond the table is of a damaged segment.
func (e fileEvents) at(numbers []uint32, local uint32) *heldEvents {
	if int(local) >= len(numbers) || int(numbers[local]) >= len(e) {
		return &heldEvents{}
	}
	return &e[numbers[local]]
}

// span takes in the times of a segment, whose documents are newest first.
func (e fileEvents) span(s *segmentView) {
	numbers, files := numbersOf(s), s.files()
	s.openTimes()
	for doc := range uint32(s.timed()) {
		h := e.at(numbers, files.code(doc))
		sec := int64(s.secs.at(doc)) - secsBias
		if !h.timed {
			h.first, h.last, h.timed = sec, sec, true
		}
		h.first, h.last = min(h.first, sec), max(h.last, sec)
	}
}

// match counts the documents of a result, and the copies of them that it does not show.
func (e fileEvents) match(ctx context.Context, v *storeView, r *Result) error {
	hidden := 0
	hits := map[uint32]*docSet{}
	for _, h := range r.segments {
		hits[h.id] = h.hits
	}
	for _, s := range v.segments() {
		hidden += s.meta.hidden()
		set := hits[s.meta.id]
		if set == nil {
			continue
		}
		numbers, files := numbersOf(s), s.files()
		for doc, ok := set.next(0); ok; doc, ok = set.next(doc + 1) {
			e.at(numbers, files.code(doc)).matching++
		}
	}
	switch {
	case hidden == 0:
		return nil
	case hidden < r.count:
		return e.matchHidden(ctx, v, hits)
	}
	return e.matchShown(ctx, v, hits)
}

// matchHidden asks of each document that is not shown whether a copy of it is in the result.
func (e fileEvents) matchHidden(ctx context.Context, v *storeView, hits map[uint32]*docSet) error {
	for i, s := range v.segments() {
		numbers, files := numbersOf(s), s.files()
		it := s.over.hidden.Iterator()
		for n := 0; it.HasNext(); n++ {
			if n&0xfff == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			doc := it.Next()
			id, _ := s.id(doc)
			own := copyInfoOf(s, copyRef{id, i, doc})
			if v.anyCopy(&own, func(t *segmentView, other uint32) bool {
				set := hits[t.meta.id]
				return set != nil && set.has(other)
			}) {
				e.at(numbers, files.code(doc)).matching++
			}
		}
	}
	return nil
}

// matchShown looks for the copies of each document of the result.
func (e fileEvents) matchShown(ctx context.Context, v *storeView, hits map[uint32]*docSet) error {
	copies := map[*segmentView]*roaring.Bitmap{} // of events in conflict several documents are shown: each copy counts once
	for i, s := range v.segments() {
		set := hits[s.meta.id]
		if set == nil {
			continue
		}
		n := 0
		for doc, ok := set.next(0); ok; doc, ok = set.next(doc + 1) {
			if n++; n&0xfff == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			id, _ := s.id(doc)
			own := copyInfoOf(s, copyRef{id, i, doc})
			v.anyCopy(&own, func(t *segmentView, other uint32) bool {
				if t.over.hidden.Contains(other) {
					if copies[t] == nil {
						copies[t] = roaring.New()
					}
					copies[t].Add(other)
				}
				return false
			})
		}
	}
	for s, docs := range copies {
		numbers, files := numbersOf(s), s.files()
		for it := docs.Iterator(); it.HasNext(); {
			e.at(numbers, files.code(it.Next())).matching++
		}
	}
	return nil
}

// anyCopy says whether is holds for any copy of an event.
func (v *storeView) anyCopy(own *copyInfo, is func(t *segmentView, doc uint32) bool) bool {
	found := false
	for i, t := range v.segments() {
		t.findID(own.id, func(doc uint32) {
			if found {
				return
			}
			if info := copyInfoOf(t, copyRef{own.id, i, doc}); info.sameIdentity(own) {
				found = is(t, doc)
			}
		})
	}
	return found
}

// A lister goes through the ledger in batches, each in a transaction of its own.
type lister struct {
	opt   FilesOptions
	after []byte // the ledger key read last; nil: none
	done  bool
}

func newLister(opt FilesOptions) *lister { return &lister{opt: opt.lower()} }

// batch gives the next rows that the options choose, with what is known of their integrity; done is set at the end.
func (l *lister) batch(ctx context.Context, x *Index) (rows []*ledgerRow, err error) {
	said := wordsReader{}
	err = x.view(func(v *storeView) error {
		c := v.tx.Bucket(bucketFiles).Cursor()
		k, value := l.seek(c)
		for range heldBatch {
			if k == nil {
				l.done = true
				return nil
			}
			l.after = append(l.after[:0], k...)
			r, err := parseRow(k, value, v.snap.places)
			if err != nil {
				return x.damaged(err)
			}
			if l.opt.takes(&r.FileRow) {
				if err := said.add(v, r); err != nil {
					return x.damaged(err)
				}
				rows = append(rows, r)
			}
			k, value = c.Next()
		}
		return ctx.Err()
	})
	return rows, err
}

func (l *lister) seek(c *bolt.Cursor) (k, value []byte) {
	if l.after == nil {
		return c.First()
	}
	k, value = c.Seek(l.after)
	if bytes.Equal(k, l.after) {
		return c.Next()
	}
	return k, value
}
