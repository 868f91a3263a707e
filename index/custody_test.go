package index_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

func custody(t *testing.T, x *index.Index, opt index.CustodyOptions) map[string]index.CustodyRow {
	t.Helper()
	rows := map[string]index.CustodyRow{}
	var order []string
	for r, err := range x.Custody(t.Context(), opt) {
		if err != nil {
			t.Fatal(err)
		}
		key := r.Key
		if r.State == index.StateChanged {
			key += fmt.Sprint(" ", r.Version)
		}
		rows[key] = r
		order = append(order, r.Key)
	}
	if !slices.IsSorted(order) || len(order) != len(rows) {
		t.Errorf("order %q", order)
	}
	return rows
}

func TestCustodyList(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(10, 20))
	s.put("b.json.gz", zipped(t, numbered(100, 101)))
	s.put("bad.json", append(slices.Clip(numbered(200, 203)[:1000]), 1, 2))
	s.put("empty.json", []byte(`{"Records":[]}`))
	s.put("note.txt", []byte("not a log file at all"))
	s.put("untimed.json", records(`{"eventID":"`+guid(400)+`","eventVersion":"1.08","eventSource":"s3.amazonaws.com","eventName":"X","recipientAccountId":"111111111111"}`))
	s.put("unread.json", nil)
	s.change("unread.json", func(f *shelfFile) { f.fail, f.text = errCable, []byte("x") })
	s.put("was.json", numbered(300, 302))
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	s.put("was.json", numbered(300, 303))
	bringIn(t, x, s, index.IngestOptions{})
	rows := custody(t, x, index.CustodyOptions{})
	if len(rows) != 9 {
		t.Errorf("%d rows", len(rows))
	}
	at := func(minute int) time.Time { return time.Date(2026, 7, 1, 0, minute, 0, 0, time.UTC) }
	for key, want := range map[string]struct {
		state       index.FileState
		events      int
		first, last time.Time
		offset      int64
	}{
		"a.json":       {index.StateHeld, 10, at(10), at(19), -1},
		"b.json.gz":    {index.StateHeld, 1, at(100), at(100), -1},
		"bad.json":     {index.StateProblem, rows["bad.json"].Events, at(200), at(200 + rows["bad.json"].Events - 1), 1000},
		"empty.json":   {index.StateHeld, 0, time.Time{}, time.Time{}, -1},
		"note.txt":     {index.StateIgnored, 0, time.Time{}, time.Time{}, -1},
		"untimed.json": {index.StateHeld, 1, time.Time{}, time.Time{}, -1},
		"unread.json":  {index.StateFailed, 0, time.Time{}, time.Time{}, -1},
		"was.json":     {index.StateHeld, 3, at(300), at(302), -1},
		"was.json 1":   {index.StateChanged, 2, at(300), at(301), -1},
	} {
		r := rows[key]
		if r.State != want.state || r.Events != want.events || r.Matching != want.events || !r.First.Equal(want.first) || !r.Last.Equal(want.last) {
			t.Errorf("%s: %v, %d events (%d), %v to %v", key, r.State, r.Events, r.Matching, r.First, r.Last)
		}
		_, offset, _ := r.Trouble()
		if offset > want.offset || (offset < 0) != (want.offset < 0) { // where the value that is cut off begins
			t.Errorf("%s: offset %d of %+v", key, offset, r.Problems)
		}
		f := s.files[r.Key]
		if r.State != index.StateHeld && r.State != index.StateProblem {
			continue
		}
		if sum := sha256.Sum256(f.text); r.SHA256 != sum || r.Size != int64(len(f.text)) {
			t.Errorf("%s: SHA-256 %x of %d bytes, want %x", key, r.SHA256, r.Size, sum)
		}
	}
	unread := rows["unread.json"]
	if reason, _, wrong := unread.Trouble(); !wrong || !strings.Contains(reason, errCable.Error()) {
		t.Errorf("unread: %q", reason)
	}
}

// TestCustodyOfQuery holds the files of a query, copies among them, to a plain look through the files.
func TestCustodyOfQuery(t *testing.T) {
	s := newShelf("logs")
	var all []int
	for i := range 12 {
		from := 7 * i // 10 records each: neighbours have copies of each other's
		s.put(fmt.Sprintf("%02d.json", i), numbered(from, from+10))
		all = append(all, from)
	}
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{SegmentDocs: 13})
	for _, q := range []string{"id=" + guid(8), "user:u3", "event:*", "event:Nothing", "user:u3 OR user:u4 OR user:u5 OR user:u0"} {
		node := mustParse(t, q)
		r, err := x.Search(t.Context(), node, index.SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		rows := custody(t, x, index.CustodyOptions{Result: r})
		for i, from := range all {
			want := 0
			for n := from; n < from+10; n++ {
				if bytes.Contains(records(record(n, "")), []byte(guid(8))) && strings.HasPrefix(q, "id=") || q == "event:*" ||
					strings.HasPrefix(q, "user:u3") && n%7 == 3 || strings.Contains(q, "OR") && (n%7 == 4 || n%7 == 5 || n%7 == 0) {
					want++
				}
			}
			key := fmt.Sprintf("%02d.json", i)
			if got := rows[key].Matching; got != want {
				t.Errorf("%s: %d of %s match, want %d", q, got, key, want)
			}
			if _, listed := rows[key]; listed != (want > 0) {
				t.Errorf("%s: %s listed %t", q, key, listed)
			}
		}
	}
	// Where no copy is shown of what was looked for, no file is listed.
	none, err := x.Search(t.Context(), query.Not{Node: query.All{}}, index.SearchOptions{})
	if err != nil || len(custody(t, x, index.CustodyOptions{Result: none})) != 0 {
		t.Errorf("of nothing: %v", err)
	}
}
