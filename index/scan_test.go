package index_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// tenEach is a place of log files of ten records each; record k of file i is called e-i-k and one second older than the
// one before.
func tenEach(files int) *memory {
	m := newMemory("numbered")
	at := time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)
	for i := range files {
		var records []string
		for k := range 10 {
			at = at.Add(-time.Second)
			records = append(records, fmt.Sprintf(`{"eventTime":%q,"eventName":"e-%d-%d","eventSource":"s3.amazonaws.com","eventID":"00000000-0000-4000-8000-%012x","parity":"p%d"}`,
				at.Format(time.RFC3339), i, k, i*10+k, k%2))
		}
		m.add(fmt.Sprintf("log-%03d.json", i), []byte(`{"Records":[`+strings.Join(records, ",")+`]}`))
	}
	return m
}

func ingested(t *testing.T, m *memory, reopen func(context.Context, source.Place, string) (io.ReadCloser, error)) *index.Index {
	t.Helper()
	x, err := index.Open(t.TempDir()+"/test.db", index.Options{Write: true, Reopen: reopen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := x.Ingest(t.Context(), m, index.IngestOptions{SegmentDocs: 100}); err != nil {
		t.Fatal(err)
	}
	return x
}

func mustSearch(t *testing.T, x *index.Index, text string) *index.Result {
	t.Helper()
	n, err := query.Parse(text, index.Schema(), query.Options{Now: time.Now()})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	r, err := x.Search(t.Context(), n, index.SearchOptions{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

// TestScanShowsFirstHitsAtOnce holds all log files back but those opened first: a partial result comes nevertheless, and
// it holds the newest events.
func TestScanShowsFirstHitsAtOnce(t *testing.T) {
	m := tenEach(40)
	release := make(chan struct{})
	var mu sync.Mutex
	opened := 0
	x := ingested(t, m, func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error) {
		mu.Lock()
		opened++
		wait := opened > 4
		mu.Unlock()
		if wait {
			<-release
		}
		return reopen(m)(ctx, p, key)
	})
	var partial []*index.Result
	var fractions []float64
	r, err := x.Search(t.Context(), parseText(t, "p1"), index.SearchOptions{Partial: func(r *index.Result, done float64) {
		if len(partial) == 0 {
			close(release)
		}
		partial, fractions = append(partial, r), append(fractions, done)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Count() != 200 || r.Partial() {
		t.Errorf("%d events, partial %v, want 200", r.Count(), r.Partial())
	}
	if len(partial) == 0 {
		t.Fatal("no partial result")
	}
	first := partial[0]
	if !first.Partial() || first.Count() == 0 || first.Count() >= 200 || fractions[0] <= 0 || fractions[0] >= 1 {
		t.Errorf("the first partial result has %d events at %v, partial %v", first.Count(), fractions[0], first.Partial())
	}
	rows, err := first.Page(t.Context(), 0, 1, []string{"event"})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := rows[0].Values[0]; !strings.HasPrefix(got, "e-0-") && !strings.HasPrefix(got, "e-1-") {
		t.Errorf("the first event found is %s: not of the newest log files", got)
	}
}

func parseText(t *testing.T, text string) query.Node {
	t.Helper()
	n, err := query.Parse(text, index.Schema(), query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestScanEndsWithItsContext cancels a search whose log files never come.
func TestScanEndsWithItsContext(t *testing.T) {
	m := tenEach(20)
	asked := make(chan struct{}, 100)
	x := ingested(t, m, func(ctx context.Context, _ source.Place, _ string) (io.ReadCloser, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := x.Search(ctx, parseText(t, "p1"), index.SearchOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

// TestScanCountsWhatCannotBeRead takes a log file away and changes another: their events are counted, not forgotten, and
// are found again when the log files are back.
func TestScanCountsWhatCannotBeRead(t *testing.T) {
	m := tenEach(20)
	x := ingested(t, m, reopen(m))
	gone, changed := m.files["log-003.json"], m.files["log-007.json"]
	delete(m.files, "log-003.json")
	m.files["log-007.json"] = bytes.Replace(changed, []byte("p1"), []byte("p0"), 1) // one record reads otherwise
	r := mustSearch(t, x, "p1")
	if r.Count() != 100-5-1 || r.Unreadable() != 10+1 || r.Partial() {
		t.Errorf("%d events, %d unreadable, partial %v, want 94 and 11", r.Count(), r.Unreadable(), r.Partial())
	}
	missing := 0
	for rec, err := range mustSearch(t, x, "").Records(t.Context(), index.RecordsOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Raw == nil {
			missing++
			if !strings.Contains(rec.Missing, rec.Key) {
				t.Errorf("missing record of %s says %q", rec.Key, rec.Missing)
			}
		}
	}
	if missing != 11 {
		t.Errorf("%d records are missing, want 11", missing)
	}
	m.files["log-003.json"], m.files["log-007.json"] = gone, changed
	if r := mustSearch(t, x, "p1"); r.Count() != 100 || r.Unreadable() != 0 {
		t.Errorf("with the log files back: %d events, %d unreadable, want 100 and 0", r.Count(), r.Unreadable())
	}
}

// TestSearchThatGrewReadsLess counts the log files that are opened while a query is typed on.
func TestSearchThatGrewReadsLess(t *testing.T) {
	m := tenEach(40)
	var mu sync.Mutex
	opened := 0
	x := ingested(t, m, func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error) {
		mu.Lock()
		opened++
		mu.Unlock()
		return reopen(m)(ctx, p, key)
	})
	for _, c := range []struct {
		text  string
		count int
		files int // at most
	}{
		{"*e-1*", 110, 44},
		{"*e-12*", 10, 15},
		{"*e-12-3*", 1, 2},
		{"*e-12-3* p1", 1, 2},
		{"*e-12* event=e-12-4", 1, 2},
		{"*e-1*", 110, 0},
		{"*e-4*", 10, 44},
	} {
		opened = 0
		if r := mustSearch(t, x, c.text); r.Count() != c.count {
			t.Errorf("%s: %d events, want %d", c.text, r.Count(), c.count)
		}
		if opened > c.files {
			t.Errorf("%s: opened %d log files, want at most %d", c.text, opened, c.files)
		}
	}
}

// TestResultStandsWhileMoreComesIn asks an old result again and again during an ingest: it says the same each time.
func TestResultStandsWhileMoreComesIn(t *testing.T) {
	m := tenEach(10)
	x := ingested(t, m, reopen(m))
	r := mustSearch(t, x, "event:e-* -p0")
	more := newMemory("more")
	newGenerator(3).fill(30, 20, more)
	done := make(chan error, 1)
	go func() {
		_, err := x.Ingest(context.WithoutCancel(t.Context()), more, index.IngestOptions{SegmentDocs: 50})
		done <- err
	}()
	for ended := false; !ended; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			ended = true
		default:
		}
		rows, err := r.Page(t.Context(), 49, 5, []string{"event"})
		if err != nil || len(rows) != 1 || rows[0].Values[0] != "e-9-9" {
			t.Fatalf("page during ingest: %v, %v", rows, err)
		}
		f, err := r.Facet(t.Context(), "event", 0)
		if err != nil || f.Events != 50 || f.Distinct != 50 {
			t.Fatalf("facet during ingest: %d events, %d values, %v", f.Events, f.Distinct, err)
		}
	}
	if again := mustSearch(t, x, "event:e-* -p0"); again.Count() != 50 || again.Generation() == r.Generation() {
		t.Errorf("after: %d events of generation %d, before %d", again.Count(), again.Generation(), r.Generation())
	}
}
