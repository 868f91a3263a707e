package index_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// sameRows compares a page, at another place each turn, and the ways to find a row.
func (o *oracle) sameRows(t *testing.T, r *index.Result, want []*plainEvent, turn int) string {
	t.Helper()
	offset := 0
	if len(want) > 0 {
		offset = turn * 37 % len(want)
	}
	shown := []string{"time", "user", "event", "ip", "id", "resource", "conflict", "log", "verdict", "copy-verdict"}
	rows, err := r.Page(t.Context(), offset, 20, shown)
	if err != nil {
		return err.Error()
	}
	wanted := want[offset:min(len(want), offset+20)]
	if len(rows) != len(wanted) {
		return fmt.Sprintf("page at %d has %d rows, want %d", offset, len(rows), len(wanted))
	}
	for i, e := range wanted {
		if rows[i].Ref != e.ref {
			return fmt.Sprintf("row %d is %v, want %v\n%s\n%s", offset+i, rows[i].Ref, e.ref, o.byRef[rows[i].Ref].raw, e.raw)
		}
		if want := plainRow(e, shown); !reflect.DeepEqual(want, rows[i]) {
			return fmt.Sprintf("row %d: %s", offset+i, gocmp.Diff(want, rows[i]))
		}
	}
	return sameFinds(t, r, want, offset)
}

func plainRow(e *plainEvent, shown []string) index.Row {
	row := index.Row{Ref: e.ref, Time: e.at.UTC(), HasTime: e.timed, Verdict: e.value("verdict"), Flags: plainFlags(e)}
	for _, name := range shown {
		v := e.value(name)
		if name == "time" && e.timed {
			v = e.at.UTC().Format(time.RFC3339Nano)
		}
		row.Values = append(row.Values, v)
	}
	if !e.timed {
		row.Time = time.Time{}
	}
	return row
}

func plainFlags(e *plainEvent) index.RowFlags {
	flags := index.RowFlags(e.flags) // the lower bits are those of the decoder
	if e.conflict {
		flags |= index.RowConflict
	}
	if e.value("outcome") != "ok" {
		flags |= index.RowError
	}
	return flags
}

// sameFinds looks up the row of an event by its name, and of a time.
func sameFinds(t *testing.T, r *index.Result, want []*plainEvent, row int) string {
	t.Helper()
	if len(want) == 0 {
		return ""
	}
	e := want[row]
	if got, ok := r.Find(t.Context(), e.ref); !ok || got != row {
		return fmt.Sprintf("Find gives row %d, %v, want %d", got, ok, row)
	}
	if e.timed {
		first := slices.IndexFunc(want, func(w *plainEvent) bool { return !w.timed || !w.at.After(e.at) })
		if got := r.At(t.Context(), e.at); got != first {
			return fmt.Sprintf("At(%v) is row %d, want %d", e.at, got, first)
		}
	}
	return ""
}

// sameSums compares what a result says at a glance.
func (o *oracle) sameSums(_ *testing.T, r *index.Result, want []*plainEvent, _ int) string {
	untimed, conflicts := 0, 0
	var times []time.Time
	for _, e := range want {
		if e.timed {
			times = append(times, e.at)
		} else {
			untimed++
		}
		if e.conflict {
			conflicts++
		}
	}
	if r.Untimed() != untimed || r.Conflicts() != conflicts {
		return fmt.Sprintf("untimed %d, conflicts %d, want %d, %d", r.Untimed(), r.Conflicts(), untimed, conflicts)
	}
	first, last, ok := r.Span()
	if ok != (len(times) > 0) || ok && (!first.Equal(times[len(times)-1]) || !last.Equal(times[0])) {
		return fmt.Sprintf("span %v to %v, %v", first, last, ok)
	}
	return ""
}

// sameFacets compares one facet a turn, and its laws.
func (o *oracle) sameFacets(t *testing.T, r *index.Result, want []*plainEvent, turn int) string {
	t.Helper()
	schema := index.Schema()
	field := schema[turn%len(schema)]
	if field.Kind == query.Time {
		return ""
	}
	limit := turn % 7 // 0: all
	got, err := r.Facet(t.Context(), field.Name, limit)
	if err != nil {
		return err.Error()
	}
	if plain := plainFacet(field, want, limit); !reflect.DeepEqual(plain, got) {
		return "facet " + field.Name + ": " + gocmp.Diff(plain, got)
	}
	if got.Events+got.Missing != r.Count() {
		return fmt.Sprintf("facet %s: %d events and %d missing are not %d", field.Name, got.Events, got.Missing, r.Count())
	}
	return ""
}

func plainFacet(field query.Field, events []*plainEvent, limit int) index.Facet {
	f := index.Facet{Field: field.Name, Multi: field.Kind == query.Multi}
	counts := map[string]int{}
	for _, e := range events {
		seen := map[string]bool{}
		for _, v := range e.values[field.Name] {
			seen[string(v)] = true
		}
		for v := range seen {
			counts[v]++
		}
		if len(seen) > 0 {
			f.Events++
		} else {
			f.Missing++
		}
	}
	f.Distinct = len(counts)
	f.Values = []index.ValueCount{}
	for v, n := range counts {
		f.Values = append(f.Values, index.ValueCount{Value: v, Count: n})
	}
	slices.SortFunc(f.Values, func(a, b index.ValueCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	if limit > 0 && limit < len(f.Values) {
		f.Values = f.Values[:limit]
	}
	return f
}

// sameTimeline compares the bars with a plain count, and their sum with the count of the result.
func (o *oracle) sameTimeline(t *testing.T, r *index.Result, want []*plainEvent, turn int) string {
	t.Helper()
	opt := index.TimelineOptions{Bars: 1 + turn%80}
	if turn%3 == 0 {
		opt = index.TimelineOptions{Bucket: []time.Duration{time.Minute, time.Hour, 24 * time.Hour}[turn%9/3]}
	}
	got, err := r.Timeline(t.Context(), opt)
	if err != nil {
		return err.Error()
	}
	plain := make([]index.Bucket, len(got.Buckets))
	for i := range plain {
		plain[i].Start = got.Buckets[0].Start.Add(time.Duration(i) * got.Bucket)
	}
	for _, e := range want {
		if !e.timed {
			continue
		}
		b := &plain[int(e.at.Sub(plain[0].Start)/got.Bucket)]
		b.Events++
		if e.value("outcome") != "ok" {
			b.Errors++
		}
	}
	if !slices.Equal(got.Buckets, plain) {
		return "bars: " + gocmp.Diff(plain, got.Buckets)
	}
	sum := got.Untimed
	for _, b := range got.Buckets {
		sum += b.Events
	}
	if sum != r.Count() || opt.Bars > 0 && len(got.Buckets) > opt.Bars {
		return fmt.Sprintf("%d bars of %v sum up to %d with untimed, count is %d", len(got.Buckets), got.Bucket, sum, r.Count())
	}
	return ""
}

// TestValueCountsAreTheirFilters follows each count of a facet through its door: the filter finds as many events.
func TestValueCountsAreTheirFilters(t *testing.T) {
	o := newOracle(t, 8, 20, 20)
	r, err := o.x.Search(t.Context(), nil, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range index.Schema() {
		if f.Kind == query.Time {
			continue
		}
		facet, err := r.Facet(t.Context(), f.Name, 0)
		if err != nil {
			t.Fatal(err)
		}
		doors := []struct {
			node query.Node
			want int
		}{
			{query.Match{Key: query.Key{Field: f.Name}, Value: "*"}, facet.Events},
			{query.Not{Node: query.Match{Key: query.Key{Field: f.Name}, Value: "*"}}, facet.Missing},
		}
		for _, v := range facet.Values {
			exact := query.Match{Key: query.Key{Field: f.Name}, Exact: true, Value: v.Value}
			doors = append(doors, struct {
				node query.Node
				want int
			}{exact, v.Count})
		}
		for _, door := range doors {
			behind, err := o.x.Search(t.Context(), door.node, index.SearchOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if behind.Count() != door.want {
				t.Errorf("%s finds %d events, the facet says %d", door.node, behind.Count(), door.want)
			}
		}
	}
}
