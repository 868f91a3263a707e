package index_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// A shownCopy is a shown document by what does not depend on the order of arrival.
type shownCopy struct {
	Raw, Place, Key string
	Position        int
	Conflict        bool
	Copies          string // of all copies: key, then h for hidden, v for variant, c for conflict
}

// shownCopies gives what the index shows, in its order.
func shownCopies(tb testing.TB, x *index.Index) []shownCopy {
	tb.Helper()
	r, err := x.Search(tb.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := r.Page(tb.Context(), 0, r.Count(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	var shown []shownCopy
	for _, row := range rows {
		rec, err := x.Record(tb.Context(), row.Ref)
		if err != nil {
			tb.Fatal(err)
		}
		if rec.Missing != "" {
			tb.Errorf("%s: %s", rec.Key, rec.Missing)
		}
		s := shownCopy{Raw: string(rec.Raw), Place: rec.Place, Key: rec.Key, Position: rec.Position, Conflict: row.Flags&index.RowConflict != 0}
		for _, c := range rec.Copies {
			s.Copies += " " + c.Key
			if !c.Shown {
				s.Copies += "h"
			}
			if c.Variant {
				s.Copies += "v"
			}
			if c.Conflict {
				s.Copies += "c"
			}
		}
		shown = append(shown, s)
	}
	return shown
}

// lookup is the output of lookup-events for records.
func lookup(list ...string) []byte {
	var events []string
	for _, r := range list {
		events = append(events, fmt.Sprintf(`{"EventName":"GetObject","CloudTrailEvent":%q}`, r))
	}
	return []byte(`{"Events":[` + strings.Join(events, ",") + `]}`)
}

func TestCopiesAreShownOnce(t *testing.T) {
	forged := strings.Replace(record(2, ""), "192.0.2.2", "198.51.100.9", 1)
	f := func(name string, files map[string][]byte, want []string, sum index.Summary) {
		t.Helper()
		s := newShelf(name)
		for key, text := range files {
			s.put(key, text)
		}
		x := newIndex(t, s)
		got := bringIn(t, x, s, index.IngestOptions{})
		sum.Complete, sum.Files, sum.Held = true, len(files), sum.Events
		if diff := gocmp.Diff(sum, got, counted); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		var copies []string
		for _, c := range shownCopies(t, x) {
			copies = append(copies, strings.TrimSpace(c.Copies))
		}
		if diff := gocmp.Diff(want, copies); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	f("equal", map[string][]byte{"a": numbered(1, 2), "b": numbered(1, 2)}, []string{"a bh"}, index.Summary{Events: 1, Duplicates: 1})
	f("in one file", map[string][]byte{"a": records(record(1, ""), record(1, ""))}, []string{"a ah"}, index.Summary{Events: 1, Duplicates: 1})
	f("written otherwise", map[string][]byte{"a": numbered(1, 2), "b": []byte(strings.ReplaceAll(string(numbered(1, 2)), ",", ", "))},
		[]string{"a bh"}, index.Summary{Events: 1, Duplicates: 1})
	f("contained", map[string][]byte{"a": numbered(1, 2), "b": records(record(1, `,"eventContext":{"x":1}`))},
		[]string{"a bhv"}, index.Summary{Events: 1, Duplicates: 1})
	f("Event history", map[string][]byte{"a": numbered(1, 2), "b": lookup(record(1, ""))}, []string{"a bh"}, index.Summary{Events: 1, Duplicates: 1})
	f("forged", map[string][]byte{"a": numbered(2, 3), "b": records(forged)}, []string{"ac bc", "ac bc"}, index.Summary{Events: 2, Conflicts: 1})
	f("forged among three", map[string][]byte{"a": numbered(2, 3), "b": records(forged), "c": lookup(record(2, ""))},
		[]string{"ac bc ch", "ac bc ch"}, index.Summary{Events: 2, Conflicts: 1, Duplicates: 1})
	f("another account", map[string][]byte{"a": numbered(1, 2), "b": []byte(strings.ReplaceAll(string(numbered(1, 2)), "1111", "2222"))},
		[]string{"a", "b"}, index.Summary{Events: 2})
	noID := `{"eventVersion":"1.0","eventName":"X","eventSource":"s3.amazonaws.com","eventTime":"2026-07-01T00:00:00Z","n":%s}`
	f("no id, equal", map[string][]byte{"a": records(fmt.Sprintf(noID, "1")), "b": records(fmt.Sprintf(noID, "1 "))},
		[]string{"a bh"}, index.Summary{Events: 1, Duplicates: 1})
	f("no id, another", map[string][]byte{"a": records(fmt.Sprintf(noID, "1")), "b": records(fmt.Sprintf(noID, "1.0"))},
		[]string{"a", "b"}, index.Summary{Events: 2})
	f("an id that is no GUID never conflicts", map[string][]byte{
		"a": records(strings.Replace(record(1, ""), guid(1), "same", 1)), "b": records(strings.Replace(record(2, ""), guid(2), "same", 1)),
	}, []string{"b", "a"}, index.Summary{Events: 2})
}

// TestArrivalNeverShows brings the same log files of three places in, in many orders, split over several runs, and
// expects the same events, the same copies shown, and the same conflict each time.
func TestArrivalNeverShows(t *testing.T) {
	type file struct {
		place, key string
		text       []byte
	}
	forged := strings.Replace(record(33, ""), "GetObject", "PutObject", 1)
	var files []file
	for i := range 6 {
		lo := 10 * i
		files = append(files,
			file{"one", fmt.Sprintf("t1/%d.json.gz", i), zipped(t, numbered(lo, lo+10))},
			file{"two", fmt.Sprintf("t2/%d.json.gz", i), zipped(t, numbered(lo+5, lo+15))},
		)
	}
	files = append(files,
		file{"two", "t2/forged.json", records(forged, record(34, `,"errorCode":"X"`), record(34, ""))},
		file{"history", "us-east-1/window", lookup(record(33, ""), record(12, `,"sharedEventID":"s"`), record(59, ""), record(90, ""))},
	)
	places := []string{"one", "two", "history"}
	var want []shownCopy
	var wantStats index.Stats
	rng := rand.New(rand.NewPCG(7, 7))
	for turn := range 20 {
		shelves := map[string]*shelf{}
		var all []*shelf
		for _, name := range places {
			shelves[name] = newShelf(name)
			all = append(all, shelves[name])
		}
		if turn%2 == 1 {
			shelves["history"].place.Remote = true // and its bytes are kept
		}
		x := openIndex(t, filepath.Join(t.TempDir(), "i.db"), index.Options{Reopen: reopenShelves(all...)})
		rng.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		for _, f := range files {
			s := shelves[f.place]
			s.put(f.key, f.text)
			s.order = append(s.order, f.key)
			if rng.IntN(3) == 0 {
				bringIn(t, x, s, index.IngestOptions{Workers: 1 + rng.IntN(3), SegmentDocs: 1 + rng.IntN(30)})
			}
		}
		for _, s := range all {
			bringIn(t, x, s, index.IngestOptions{Workers: 1 + rng.IntN(3), SegmentDocs: 1 + rng.IntN(30)})
		}
		got := shownCopies(t, x)
		st, err := x.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if turn == 0 {
			want, wantStats = got, st
			continue
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatalf("turn %d (-want +got):\n%s", turn, diff)
		}
		if st.Events != wantStats.Events || st.Duplicates != wantStats.Duplicates || st.Variants != wantStats.Variants || st.Conflicts != wantStats.Conflicts {
			t.Errorf("turn %d: %+v, want %+v", turn, st, wantStats)
		}
	}
	conflicts := slices.DeleteFunc(slices.Clone(want), func(c shownCopy) bool { return !c.Conflict })
	if wantStats.Conflicts != 1 || len(conflicts) != 2 {
		t.Errorf("%d conflicts, want 1: %+v", wantStats.Conflicts, conflicts)
	}
	if len(want) != wantStats.Events || wantStats.Documents != wantStats.Events+wantStats.Duplicates {
		t.Errorf("%d shown, %+v", len(want), wantStats)
	}
}

func TestCopyThatCannotBeReadIsAConflict(t *testing.T) {
	s := newShelf("logs")
	s.put("a", numbered(1, 2))
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	s.change("a", func(f *shelfFile) { f.fail = errCable })
	s.put("b", records(record(1, `,"eventContext":{}`)))
	s.order = []string{"b"}
	if sum := bringIn(t, x, s, index.IngestOptions{}); sum.Conflicts != 1 || sum.Events != 1 {
		t.Errorf("summary %+v", sum)
	}
}

// Many records of one id, made to keep a reader busy, cost what as many others do: equal ones are one event, and of more
// contents than a service ever gives each is shown.
func TestFloodOfOneID(t *testing.T) {
	const n = 60_000
	flood := func(name func(i int) int) []byte {
		var b bytes.Buffer
		for i := range n {
			fmt.Fprintf(&b, `{"eventVersion":"1.08","eventID":"11111111-2222-4333-8444-555555555555","eventTime":"2026-11-01T00:00:00Z",`+
				`"eventSource":"s3.amazonaws.com","eventName":"Call%d","awsRegion":"us-east-1","recipientAccountId":"111122223333"}`+"\n", name(i))
		}
		return b.Bytes()
	}
	s := newShelf("logs")
	s.put("a", flood(func(int) int { return 0 }))
	x := newIndex(t, s)
	opt := index.IngestOptions{SegmentDocs: n / 8}
	wantSummary(t, bringIn(t, x, s, opt), index.Summary{Files: 1, Events: 1, Held: 1, Duplicates: n - 1, Complete: true})

	s = newShelf("others")
	s.put("a", flood(func(i int) int { return i % (n / 2) }))
	x = newIndex(t, s)
	wantSummary(t, bringIn(t, x, s, opt), index.Summary{Files: 1, Events: n / 2, Held: n / 2, Duplicates: n / 2, Conflicts: n/2 - 1, Complete: true})
}
