package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
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
	Class     string // why: "log.modified", …; "" where it is unchecked, and in [Result.Records]
	Reason    string // in words; text from outside
	Copies    []Copy // all copies of the event, this one among them, in the order of preference
	Missing   string // why Raw cannot be read: "no longer at PATH; brought in 2026-11-20, SHA-256 …"
	Hint      string // what to do about that; may be empty
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

// ErrNoRecord says that there is no such document.
var ErrNoRecord = errors.New("there is no such event in the index")

var errNoReopen = errors.New("log files cannot be opened here")

// Record reads one copy of an event back. A record that cannot be read any more is no error: Missing says why.
func (x *Index) Record(ctx context.Context, ref Ref) (Record, error) {
	var rec Record
	var file readableFile
	var span recordSpan
	err := x.view(func(v *storeView) (err error) {
		s, doc, found := v.document(ref)
		if !found {
			return ErrNoRecord
		}
		if file, err = v.readable(s, s.files().code(doc)); err != nil {
			return x.damaged(err)
		}
		span = recordSpan{s.span(doc), s.hash(doc)}
		rec = v.describe(s, doc, file)
		if rec.Verdict, rec.Class, rec.Reason, err = v.words(file.ledgerRow); err != nil {
			return x.damaged(err)
		}
		return v.err()
	})
	if err != nil {
		return Record{}, err
	}
	err = x.readRecords(ctx, file, []recordSpan{span}, func(_ int, raw []byte) error {
		rec.Raw = bytes.Clone(raw)
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return Record{}, ctx.Err()
	case err != nil:
		rec.Raw, rec.Missing = nil, missing(file, err)
		if file.keep == keepNothing && !file.place.Remote && !errors.Is(err, errNoReopen) {
			rec.Hint = "if it was moved: trailsift index relocate OLD NEW finds it by its SHA-256"
		}
	}
	return rec, nil
}

// describe fills in all but the bytes.
func (v *storeView) describe(s *segmentView, doc uint32, file readableFile) Record {
	rec := Record{
		Ref: s.ref(doc), Key: file.Key, Place: file.Place, Position: int(s.position(doc)),
		SHA256: file.SHA256, BroughtIn: file.BroughtIn, Version: file.Program,
		Flags: rowFlags(s, doc),
	}
	id, _ := s.id(doc)
	var infos []copyInfo
	own := copyInfoOf(s, copyRef{id, 0, doc})
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
			Ref: Ref{File: c.fileNo, Position: c.position}, Key: c.key, Position: int(c.position),
			Place: v.snap.places[segments[c.seg].file(c.doc).place].place.ID,
			Shown: !o.hidden.Contains(c.doc), Variant: o.variant.Contains(c.doc), Conflict: o.conflict.Contains(c.doc),
			Verdict: c.verdict.String(),
		})
	}
	return rec
}

var errChanged = errors.New("it has changed")

// missing says why records of a log file cannot be read any more.
func missing(f readableFile, err error) string {
	what := "no longer at "
	if f.place.Remote && f.keep == keepNothing {
		return fmt.Sprintf("not read again: %s; brought in %s, SHA-256 %x", reasonOf(err), f.BroughtIn.Format(time.DateOnly), f.SHA256)
	}
	switch {
	case f.keep != keepNothing:
		what = "damaged in the index: "
	case errors.Is(err, errNoReopen):
		what = "not opened: "
	case errors.Is(err, errChanged), errors.Is(err, io.ErrUnexpectedEOF): // or it is shorter
		what = "changed at "
	}
	path := f.lies().text()
	return fmt.Sprintf("%s%s; brought in %s, SHA-256 %x", what, path, f.BroughtIn.Format(time.DateOnly), f.SHA256)
}
