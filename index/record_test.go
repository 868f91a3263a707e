package index_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// refs gives all documents shown, newest first.
func refs(tb testing.TB, x *index.Index) []index.Ref {
	tb.Helper()
	r, err := x.Search(tb.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := r.Page(tb.Context(), 0, r.Count(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	var out []index.Ref
	for _, row := range rows {
		out = append(out, row.Ref)
	}
	return out
}

func mustRecord(tb testing.TB, x *index.Index, ref index.Ref) index.Record {
	tb.Helper()
	rec, err := x.Record(tb.Context(), ref)
	if err != nil {
		tb.Fatal(err)
	}
	return rec
}

func TestRecordIsReadWhereItLies(t *testing.T) {
	s := newShelf("logs")
	text := zipped(t, records(record(1, ""), record(2, `,"x":"é\u00e9"`)))
	s.put("a/b.json.gz", text)
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	rec := mustRecord(t, x, refs(t, x)[0])
	if got, want := string(rec.Raw), record(2, `,"x":"é\u00e9"`); got != want {
		t.Errorf("raw %s\nwant %s", got, want)
	}
	if rec.Key != "a/b.json.gz" || rec.Place != "shelf:logs" || rec.Position != 1 || rec.SHA256 != sha256.Sum256(text) || len(rec.Copies) != 1 {
		t.Errorf("record %+v", rec)
	}
	if _, err := x.Record(t.Context(), index.Ref{File: 99}); err == nil {
		t.Error("a record that is not there was read")
	}
}

func TestRecordSaysWhyItIsMissing(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(1, 2))
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	ref := refs(t, x)[0]
	sum := fmt.Sprintf("./logs/a.json; brought in 2026-11-20, SHA-256 %x", sha256.Sum256(numbered(1, 2)))
	f := func(change func(*shelfFile), want string) {
		t.Helper()
		before := s.files["a.json"]
		defer s.change("a.json", func(f *shelfFile) { *f = before })
		s.change("a.json", change)
		// another log file pushes the content out of the cache
		y, err := index.Open(x.Path(), index.Options{Reopen: reopenShelves(s)})
		if err != nil {
			t.Fatal(err)
		}
		defer y.Close()
		if rec := mustRecord(t, y, ref); rec.Missing != want || rec.Raw != nil {
			t.Errorf("missing %q, want %q, raw %s", rec.Missing, want, rec.Raw)
		}
	}
	if err := x.Downgrade(); err != nil {
		t.Fatal(err)
	}
	f(func(f *shelfFile) { f.fail = errCable }, "no longer at "+sum)
	f(func(f *shelfFile) { f.text = numbered(3, 4) }, "changed at "+sum)
	f(func(f *shelfFile) { f.text = bytes.Replace(f.text, []byte("192.0.2.1"), []byte("192.0.2.9"), 1) }, "changed at "+sum)
	f(func(f *shelfFile) { f.text = f.text[:50] }, "changed at "+sum)
}

func TestRemotePlaceIsKept(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s := newShelf("bucket")
		s.place.Remote = !keep
		for i := range 5 {
			s.put(fmt.Sprintf("%d.gz", i), zipped(t, numbered(10*i, 10*i+10)))
		}
		x := newIndex(t, s)
		bringIn(t, x, s, index.IngestOptions{Keep: keep})
		s.files = nil // gone
		for i, ref := range refs(t, x) {
			if got, want := string(mustRecord(t, x, ref).Raw), record(49-i, ""); got != want {
				t.Errorf("record %d is %s, want %s", i, got, want)
			}
		}
		rows, _, err := x.Files(t.Context(), index.FilesOptions{})
		if err != nil || len(rows) != 5 || !rows[0].Kept {
			t.Errorf("rows %+v, %v", rows, err)
		}
		if st, err := x.Stats(); err != nil || st.KeptBytes == 0 {
			t.Errorf("%d bytes kept, %v", st.KeptBytes, err)
		}
	}
}

// TestLargeFileIsKeptInBlocks brings in a log file of more than 8 MB: its segments are written ahead, its content is kept
// in blocks, and records across the borders of blocks are whole.
func TestLargeFileIsKeptInBlocks(t *testing.T) {
	pad := `,"pad":"` + strings.Repeat("0123456789abcdef", 300) + `"`
	var list []string
	for n := range 2500 {
		list = append(list, record(n, pad))
	}
	for _, remote := range []bool{false, true} {
		s := newShelf("logs")
		s.place.Remote = remote
		s.put("0.json", numbered(5000, 5010))
		s.put("large.json", records(list...))
		s.put("more.json", numbered(6000, 6010))
		x := newIndex(t, s)
		sum := bringIn(t, x, s, index.IngestOptions{Workers: 1, SegmentDocs: 500})
		wantSummary(t, sum, index.Summary{Files: 3, Events: 2520, Held: 2520, Complete: true})
		s.files = nil
		found := 0
		for _, ref := range refs(t, x) {
			rec := mustRecord(t, x, ref)
			if rec.Key != "large.json" {
				continue
			}
			if want := list[rec.Position]; string(rec.Raw) != want {
				t.Fatalf("record %d is %.80s (%d bytes), want %.80s", rec.Position, rec.Raw, len(rec.Raw), want)
			}
			found++
		}
		if found != len(list) {
			t.Errorf("%d records, want %d", found, len(list))
		}
		if st, err := x.Stats(); err != nil || st.Segments < 3 {
			t.Errorf("%d segments, %v", st.Segments, err)
		}
	}
}

// TestLargeFileThatFailsLeavesNothing reads a large log file whose reading breaks off late, and then whole.
func TestLargeFileThatFailsLeavesNothing(t *testing.T) {
	pad := `,"pad":"` + strings.Repeat("0123456789abcdef", 300) + `"`
	var list []string
	for n := range 2500 {
		list = append(list, record(n, pad))
	}
	s := newShelf("bucket")
	s.place.Remote = true
	s.put("large.json", records(list...))
	s.change("large.json", func(f *shelfFile) { f.failAt = len(f.text) - 1000 })
	x := newIndex(t, s)
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{SegmentDocs: 500}), index.Summary{SkippedFiles: 1, Complete: true})
	if st, err := x.Stats(); err != nil || st.Documents != 0 || st.KeptBytes != 0 {
		t.Errorf("%d documents and %d bytes stay, %v", st.Documents, st.KeptBytes, err)
	}
	s.change("large.json", func(f *shelfFile) { f.failAt = 0 })
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{SegmentDocs: 500}), index.Summary{Files: 1, Events: 2500, Held: 2500, Complete: true})
}

// TestLargeDamagedFileIsSalvagedWhole damages the end of a log file whose first records are written ahead by then.
func TestLargeDamagedFileIsSalvagedWhole(t *testing.T) {
	var list []string
	for n := range 5000 {
		list = append(list, record(n, ""))
	}
	text := records(list...)
	s := newShelf("logs")
	s.put("large.json", text[:len(text)-100])
	x := newIndex(t, s)
	sum := bringIn(t, x, s, index.IngestOptions{SegmentDocs: 500})
	if sum.Events != 4999 || sum.Salvaged != 4999 {
		t.Errorf("summary %+v, want 4,999 salvaged events", sum)
	}
	if st, err := x.Stats(); err != nil || st.Salvaged != 4999 || st.Documents != 4999 || st.Segments < 2 {
		t.Errorf("%d of %d documents in %d segments are salvaged, %v", st.Salvaged, st.Documents, st.Segments, err)
	}
	found, err := x.Search(t.Context(), query.Match{Key: query.Key{Field: "salvaged"}, Value: "true"}, index.SearchOptions{})
	if err != nil || found.Count() != 4999 {
		t.Errorf("%d events are found as salvaged, %v", found.Count(), err)
	}
}
