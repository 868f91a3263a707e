package index

import (
	"encoding/binary"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// An overlay says what is shown of a segment. It is replaced as a whole, so whoever holds one may keep it; its bitmaps
// are never nil and must not be changed.
type overlay struct {
	hidden   *roaring.Bitmap // copies that are not shown
	variant  *roaring.Bitmap // of the hidden: contained in the copy shown, not equal to it
	conflict *roaring.Bitmap // shown, but another copy shown says otherwise
	replaced *roaring.Bitmap // of the hidden: a newer version of the same log file has the event too
	extra    *roaring.Bitmap // of the conflicts: not the first one shown of its identity; what is counted
	stale    *roaring.Bitmap // in an older version of its log file; shown where the newer one has not got the event

	// others has, by verdict, the documents another copy of which has that verdict, where it is not their own.
	others [numVerdicts]*roaring.Bitmap

	conflicts []byte // see conflictColumn
}

func newOverlay() *overlay {
	o := &overlay{
		hidden: roaring.New(), variant: roaring.New(), conflict: roaring.New(), replaced: roaring.New(),
		extra: roaring.New(), stale: roaring.New(),
	}
	for i := range o.others {
		o.others[i] = roaring.New()
	}
	return o
}

func (o *overlay) bitmaps() []*roaring.Bitmap {
	return append([]*roaring.Bitmap{o.hidden, o.variant, o.conflict, o.replaced, o.extra, o.stale}, o.others[:]...)
}

// empty says that nothing is marked.
func (o *overlay) empty() bool {
	return !slices.ContainsFunc(o.bitmaps(), func(b *roaring.Bitmap) bool { return !b.IsEmpty() })
}

func (o *overlay) clone() *overlay {
	c := &overlay{
		hidden: o.hidden.Clone(), variant: o.variant.Clone(), conflict: o.conflict.Clone(),
		replaced: o.replaced.Clone(), extra: o.extra.Clone(), stale: o.stale.Clone(),
	}
	for i, b := range o.others {
		c.others[i] = b.Clone()
	}
	return c
}

// encode gives each bitmap in roaring's portable format after its length. Those of others may be missing at the end: they
// came later.
func (o *overlay) encode() ([]byte, error) {
	var out []byte
	for _, b := range o.bitmaps() {
		b.RunOptimize()
		data, err := b.MarshalBinary()
		if err != nil {
			return nil, err
		}
		out = binary.AppendUvarint(out, uint64(len(data)))
		out = append(out, data...)
	}
	return seal(out), nil
}

// decodeOverlay copies what encode wrote; docs is the number of documents of the segment.
func decodeOverlay(b []byte, docs int) (*overlay, error) {
	b, err := unseal(b)
	if err != nil {
		return nil, err
	}
	o := newOverlay()
	r := reader{b: b}
	for _, bitmap := range o.bitmaps() {
		if len(r.b) == 0 && bitmap == o.others[0] {
			break
		}
		data := append([]byte(nil), r.bytes(r.int())...)
		if r.err != nil {
			return nil, r.err
		}
		if err := bitmap.UnmarshalBinary(data); err != nil {
			return nil, err
		}
		if !bitmap.IsEmpty() && int(bitmap.Maximum()) >= docs {
			return nil, errSegment
		}
	}
	o.makeConflicts(docs)
	return o, nil
}

// makeConflicts builds the column of the conflict field.
func (o *overlay) makeConflicts(docs int) {
	if o.conflict.IsEmpty() {
		o.conflicts = nil
		return
	}
	o.conflicts = make([]byte, docs)
	for i := range o.conflicts {
		o.conflicts[i] = 1
	}
	o.conflict.Iterate(func(doc uint32) bool {
		o.conflicts[doc] = 2
		return true
	})
}

// conflictColumn is the column of the conflict field over the terms "false" and "true".
func (o *overlay) conflictColumn(docs int) column {
	if o.conflicts == nil {
		return column{docs: docs, constant: 1}
	}
	return column{docs: docs, width: 1, data: o.conflicts}
}
