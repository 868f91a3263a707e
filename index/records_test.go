package index_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
)

// eventNames gives the names of the events of records, in their order.
func eventNames(t *testing.T, r *index.Result, opt index.RecordsOptions) []string {
	t.Helper()
	var names []string
	for rec, err := range r.Records(t.Context(), opt) {
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(rec.Raw), `"eventName":"`)
		name, _, _ := strings.Cut(rest, `"`)
		names = append(names, name)
	}
	return names
}

// TestRecordsInOrder reads parts of a result from both ends.
func TestRecordsInOrder(t *testing.T) {
	m := tenEach(100)
	x := ingested(t, m, reopen(m))
	var all []string
	for i := range 100 {
		for k := range 10 {
			all = append(all, fmt.Sprintf("e-%d-%d", i, k))
		}
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	r := mustSearch(t, x, "")
	for _, opt := range []index.RecordsOptions{
		{},
		{Limit: 1},
		{Offset: 63, Limit: 2},
		{Offset: 64, Limit: 700},
		{Offset: 999},
		{Offset: 1000},
		{Offset: 5, Limit: 10_000},
	} {
		for _, reverse := range []bool{false, true} {
			opt.Reverse = reverse
			of := all
			if reverse {
				of = backwards
			}
			want := of[opt.Offset:]
			if opt.Limit > 0 {
				want = want[:min(opt.Limit, len(want))]
			}
			if got := eventNames(t, r, opt); !slices.Equal(got, want) {
				t.Errorf("%+v: %d records from %v, want %d from %v", opt, len(got), first(got), len(want), first(want))
			}
		}
	}
}

func first(of []string) string {
	if len(of) == 0 {
		return "none"
	}
	return of[0]
}

// TestRecordsEndEarly leaves the loop after one record.
func TestRecordsEndEarly(t *testing.T) {
	m := tenEach(10)
	x := ingested(t, m, reopen(m))
	for rec, err := range mustSearch(t, x, "").Records(t.Context(), index.RecordsOptions{}) {
		if err != nil || rec.Position != 0 || rec.Key != "log-000.json" {
			t.Errorf("%s number %d, %v", rec.Key, rec.Position, err)
		}
		break
	}
}

// TestFindNearest looks for events that are not in the result: the row of the nearest by time.
func TestFindNearest(t *testing.T) {
	m := tenEach(10)
	x := ingested(t, m, reopen(m))
	rows, err := mustSearch(t, x, "").Page(t.Context(), 0, 100, []string{"event"})
	if err != nil {
		t.Fatal(err)
	}
	some := mustSearch(t, x, "event:(e-2-0 OR e-2-9 OR e-7-0)") // rows 20, 29 and 70 of all
	for _, c := range []struct{ of, want int }{{0, 0}, {19, 0}, {21, 0}, {24, 0}, {25, 1}, {28, 1}, {49, 1}, {50, 2}, {99, 2}} {
		got, ok := some.Find(t.Context(), rows[c.of].Ref)
		if ok || got != c.want {
			t.Errorf("nearest to row %d is %d, %v, want %d", c.of, got, ok, c.want)
		}
	}
	none := mustSearch(t, x, "event:nothing")
	if got, ok := none.Find(t.Context(), rows[3].Ref); ok || got != 0 {
		t.Errorf("in nothing: row %d, %v", got, ok)
	}
	if got, ok := some.Find(t.Context(), index.Ref{File: 999, Position: 1}); ok || got != 0 {
		t.Errorf("an event that never was: row %d, %v", got, ok)
	}
}

// TestFindGivesTheCopyShown looks for copies that are hidden: the row of the one that stands for them.
func TestFindGivesTheCopyShown(t *testing.T) {
	o := newOracle(t, 9, 20, 20)
	r := mustSearch(t, o.x, "")
	hidden := 0
	for i, e := range o.events {
		rec, err := o.x.Record(t.Context(), e.ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range rec.Copies {
			if c.Shown || e.id == "" || e.conflict {
				continue
			}
			hidden++
			if row, ok := r.Find(t.Context(), c.Ref); !ok || row != i {
				t.Errorf("the copy in %s number %d stands in row %d, %v, want %d", c.Key, c.Position, row, ok, i)
			}
		}
	}
	if hidden == 0 {
		t.Error("no copy is hidden")
	}
}

// TestOrderWithinOneLogFile has events without ids at one time: their order is that of the log file, also where it is
// longer than a segment.
func TestOrderWithinOneLogFile(t *testing.T) {
	m := newMemory("long")
	var records []string
	for i := range 3000 {
		records = append(records, fmt.Sprintf(`{"eventTime":"2024-03-01T00:00:00Z","eventName":"e-%d"}`, i))
	}
	m.add("long.json", []byte(`{"Records":[`+strings.Join(records, ",")+`]}`))
	x := ingested(t, m, reopen(m))
	for i, name := range eventNames(t, mustSearch(t, x, ""), index.RecordsOptions{}) {
		if want := fmt.Sprintf("e-%d", i); name != want {
			t.Fatalf("row %d is %s, want %s", i, name, want)
		}
	}
}

// TestTimelineAtTheEndsOfTime counts events of the years 1 and 9999, in rounds of any number of bars.
func TestTimelineAtTheEndsOfTime(t *testing.T) {
	m := newMemory("ends")
	var records []string
	for i, at := range []string{"0001-01-02T00:00:00Z", "1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z", "2024-03-01T12:00:00Z", "9999-12-31T23:59:59Z"} {
		records = append(records, fmt.Sprintf(`{"eventTime":%q,"eventName":"e%d","eventID":"00000000-0000-4000-8000-%012x"}`, at, i, i))
	}
	m.add("log.json", []byte(`{"Records":[`+strings.Join(records, ",")+`]}`))
	x := ingested(t, m, reopen(m))
	r := mustSearch(t, x, "")
	for _, bars := range []int{1, 40, 60, 1000} {
		got, err := r.Timeline(t.Context(), index.TimelineOptions{Bars: bars})
		if err != nil {
			t.Fatal(err)
		}
		sum := got.Untimed
		for _, b := range got.Buckets {
			sum += b.Events
		}
		if sum != 5 || len(got.Buckets) > max(40, bars) {
			t.Errorf("%d bars asked for: %d bars of %v with %d events", bars, len(got.Buckets), got.Bucket, sum)
		}
	}
	if _, err := r.Timeline(t.Context(), index.TimelineOptions{Bucket: time.Second}); err == nil {
		t.Error("a bucket of a second over 10,000 years is no error")
	}
}

// TestTimelineBuckets checks where bars begin, how long they are, and what a part of time holds.
func TestTimelineBuckets(t *testing.T) {
	m := tenEach(100) // one event a second, back from midnight
	x := ingested(t, m, reopen(m))
	r := mustSearch(t, x, "")
	midnight := time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)
	f := func(opt index.TimelineOptions, start time.Time, bucket time.Duration, events ...int) {
		t.Helper()
		got, err := r.Timeline(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		var counts []int
		for _, b := range got.Buckets {
			counts = append(counts, b.Events)
		}
		if got.Bucket != bucket || !got.Buckets[0].Start.Equal(start) || !slices.Equal(counts, events) {
			t.Errorf("%+v: from %v, buckets of %v: %v, want from %v, of %v: %v", opt, got.Buckets[0].Start, got.Bucket, counts, start, bucket, events)
		}
	}
	f(index.TimelineOptions{Bars: 4}, midnight.Add(-20*time.Minute), 5*time.Minute, 100, 300, 300, 300)
	f(index.TimelineOptions{Bars: 1}, midnight.Add(-30*time.Minute), 30*time.Minute, 1000)
	f(index.TimelineOptions{Bucket: 15 * time.Minute}, midnight.Add(-30*time.Minute), 15*time.Minute, 100, 900)
	f(index.TimelineOptions{From: midnight.Add(-90 * time.Second), To: midnight.Add(-30 * time.Second), Bucket: time.Minute},
		midnight.Add(-2*time.Minute), time.Minute, 30, 30)
	f(index.TimelineOptions{From: midnight, To: midnight.Add(time.Hour), Bucket: time.Hour}, midnight, time.Hour, 0)
}

// TestTerms completes values from token borders, most frequent first.
func TestTerms(t *testing.T) {
	m := tenEach(30)
	m.add("more.json", []byte(`{"Records":[
		{"eventTime":"2024-03-01T00:00:00Z","eventName":"PutUserPolicy","eventID":"10000000-0000-4000-8000-000000000001","userIdentity":{"type":"IAMUser","userName":"bob-admin"}},
		{"eventTime":"2024-03-01T00:00:00Z","eventName":"PutUserPolicy","eventID":"10000000-0000-4000-8000-000000000002","userIdentity":{"type":"IAMUser","userName":"bob-admin"}},
		{"eventTime":"2024-03-01T00:00:00Z","eventName":"PutUserPolicy","eventID":"10000000-0000-4000-8000-000000000003","userIdentity":{"type":"IAMUser","userName":"Admin"}},
		{"eventTime":"2024-03-01T00:00:00Z","eventName":"PutUserPolicy","eventID":"10000000-0000-4000-8000-000000000004","userIdentity":{"type":"IAMUser","userName":"sysadmin"}}]}`))
	x := ingested(t, m, reopen(m))
	f := func(field, text string, limit int, want ...index.ValueCount) {
		t.Helper()
		got, err := x.Terms(t.Context(), field, text, limit)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("terms of %s from %q: %v, want %v", field, text, got, want)
		}
	}
	f("user", "adm", 0, index.ValueCount{Value: "bob-admin", Count: 2}, index.ValueCount{Value: "Admin", Count: 1})
	f("who", "", 2, index.ValueCount{Value: "unknown", Count: 300}, index.ValueCount{Value: "bob-admin", Count: 2})
	f("user", "dmin", 0)
	f("service", "s", 0, index.ValueCount{Value: "s3", Count: 300})
	f("id", "10000000-0000-4000-8000-00000000000", 1, index.ValueCount{Value: "10000000-0000-4000-8000-000000000001", Count: 1})
	f("id", "", 0)
	if _, err := x.Terms(t.Context(), "nofield", "", 0); err == nil {
		t.Error("terms of a field that is none: no error")
	}
}

// TestRecordsEndWithTheirContext cancels in the middle of a long result: what was read ahead is not waited for, and the
// loop ends with why.
func TestRecordsEndWithTheirContext(t *testing.T) {
	m := tenEach(100)
	x := ingested(t, m, reopen(m))
	r := mustSearch(t, x, "")
	for _, reuse := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		var last error
		n := 0
		for _, err := range r.Records(ctx, index.RecordsOptions{Reuse: reuse}) {
			if n++; n == 10 {
				cancel()
			}
			last = err
		}
		if cancel(); !errors.Is(last, context.Canceled) || n >= 1000 {
			t.Errorf("reuse %v: %d records, %v", reuse, n, last)
		}
	}
}

// TestRecordsOnLoan gives the same records lent as owned, whatever the order and the part.
func TestRecordsOnLoan(t *testing.T) {
	m := tenEach(700) // more than three windows
	x := ingested(t, m, reopen(m))
	r := mustSearch(t, x, "")
	for _, opt := range []index.RecordsOptions{{}, {Reverse: true}, {Offset: 77, Limit: 5000}} {
		owned := eventNames(t, r, opt)
		opt.Reuse = true
		if lent := eventNames(t, r, opt); !slices.Equal(lent, owned) {
			t.Errorf("%+v: %d records, want %d", opt, len(lent), len(owned))
		}
	}
}

// TestRecordsBeforeACut reads a log file that has lost its end: the records before the cut are there, lent and owned, and
// those behind it say why they are not.
func TestRecordsBeforeACut(t *testing.T) {
	m := tenEach(3)
	x := ingested(t, m, reopen(m))
	whole := m.files["log-001.json"]
	m.files["log-001.json"] = whole[:len(whole)-len(whole)/4]
	r := mustSearch(t, x, "")
	for _, reuse := range []bool{false, true} {
		var there, missing []int
		for rec, err := range r.Records(t.Context(), index.RecordsOptions{Reuse: reuse}) {
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case rec.Missing != "":
				missing = append(missing, rec.Position)
			case rec.Key == "log-001.json":
				there = append(there, rec.Position)
			}
		}
		slices.Sort(there)
		slices.Sort(missing)
		if !slices.Equal(there, []int{0, 1, 2, 3, 4, 5, 6}) || !slices.Equal(missing, []int{7, 8, 9}) {
			t.Errorf("reuse %v: records %v are there and %v missing", reuse, there, missing)
		}
	}
}
