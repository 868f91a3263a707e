package index_test

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// arrivedIDs are the ids of the events that came in since a mark.
func arrivedIDs(t *testing.T, x *index.Index, m index.Mark) []string {
	t.Helper()
	r, err := x.Search(t.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := r.Since(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := fresh.Page(t.Context(), 0, 100, []string{"id"})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != fresh.Count() {
		t.Errorf("%d rows of %d", len(rows), fresh.Count())
	}
	ids := []string{}
	for _, row := range rows {
		ids = append(ids, row.Values[0])
	}
	return ids
}

func markOf(t *testing.T, x *index.Index) index.Mark {
	t.Helper()
	m, err := x.Mark()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestEventsSinceAMark(t *testing.T) {
	a, b := newShelf("a"), newShelf("b")
	x := newIndex(t, a, b)
	if ids := arrivedIDs(t, x, markOf(t, x)); len(ids) > 0 {
		t.Errorf("an empty store has %v", ids)
	}
	// Key z: where a copy comes in with a smaller key later, that one is shown instead.
	a.put("z.json", records(record(1, ""), record(2, "")))
	bringIn(t, x, a, index.IngestOptions{})
	first := markOf(t, x)
	b.put("a.json", records(record(2, ""), record(3, `,"x":1`)))
	bringIn(t, x, b, index.IngestOptions{})
	if diff := gocmp.Diff([]string{guid(3)}, arrivedIDs(t, x, first)); diff != "" {
		t.Errorf("since the first log file (-want +got):\n%s", diff)
	}
	// A copy that says otherwise is news; one that says the same, or less, is none.
	second := markOf(t, x)
	a.put("y.json", records(record(1, ""), record(3, `,"x":2`)))
	bringIn(t, x, a, index.IngestOptions{})
	if diff := gocmp.Diff([]string{guid(3)}, arrivedIDs(t, x, second)); diff != "" {
		t.Errorf("a copy in conflict (-want +got):\n%s", diff)
	}
	if ids := arrivedIDs(t, x, markOf(t, x)); len(ids) > 0 {
		t.Errorf("nothing came in, yet there are %v", ids)
	}
}

func TestHoldsIsWhatBringingInPassesBy(t *testing.T) {
	a, b := newShelf("a"), newShelf("b")
	x := newIndex(t, a, b)
	a.put("one.json", records(record(1, "")))
	holds := func(s *shelf) (held []bool) {
		for f, err := range s.List(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			h, err := x.Holds(s.Place(), f)
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, h)
		}
		return held
	}
	if diff := gocmp.Diff([]bool{false}, holds(a)); diff != "" {
		t.Errorf("before:\n%s", diff)
	}
	bringIn(t, x, a, index.IngestOptions{})
	b.put("one.json", records(record(1, "")))
	a.put("two.json", records(record(2, "")))
	if diff := gocmp.Diff([]bool{true, false}, holds(a)); diff != "" {
		t.Errorf("after:\n%s", diff)
	}
	if diff := gocmp.Diff([]bool{false}, holds(b)); diff != "" {
		t.Errorf("the same key elsewhere:\n%s", diff)
	}
}

// Without kept bytes a record is asked of its place again; a large log file keeps nothing either.
func TestNoKeepKeepsNothingOfRemotePlaces(t *testing.T) {
	for _, noKeep := range []bool{false, true} {
		s := newShelf("s")
		s.place.Remote = true
		big := []string{}
		for n := range 100 {
			big = append(big, record(2+n, `,"pad":"`+strings.Repeat("x", 100<<10)+`"`))
		}
		s.put("small.json", records(record(1, "")))
		s.put("big.json", records(big...))
		x := newIndex(t, s)
		bringIn(t, x, s, index.IngestOptions{NoKeep: noKeep})
		st, err := x.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if kept := st.KeptBytes > 0; kept == noKeep {
			t.Errorf("no-keep %v: %d bytes kept", noKeep, st.KeptBytes)
		}
		s.takeOpened()
		r, err := x.Search(t.Context(), query.All{}, index.SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rec, err := range r.Records(t.Context(), index.RecordsOptions{}) {
			if err != nil || rec.Missing != "" {
				t.Errorf("no-keep %v: %s %v", noKeep, rec.Missing, err)
			}
			n++
		}
		if opened := len(s.takeOpened()); n != 101 || (opened == 0) == noKeep {
			t.Errorf("no-keep %v: %d records, %d log files opened", noKeep, n, opened)
		}
	}
}
