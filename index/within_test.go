package index_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// TestWithin: narrowing a result finds what a search for both queries finds, with the same sums, times or not, also
// where the first query needed records.
func TestWithin(t *testing.T) {
	o := newOracle(t, 21, 12, 12)
	q := &querier{rng: rand.New(rand.NewPCG(5, 0)), events: o.events, schema: index.Schema()}
	found := 0
	for i := range 400 {
		n, m := q.parse(t, q.query(i%8 == 0)), q.parse(t, q.query(false))
		var opt index.SearchOptions
		if a, b := q.event().at, q.event().at; i%3 == 0 && a.Before(b) {
			opt.From, opt.To = a, b
		}
		outer, err := o.x.Search(t.Context(), n, index.SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := outer.Within(t.Context(), m, opt.From, opt.To)
		if err != nil {
			t.Fatalf("%s within %s: %v", m, n, err)
		}
		want, err := o.x.Search(t.Context(), query.And{Nodes: []query.Node{n, m}}, opt)
		if err != nil {
			t.Fatal(err)
		}
		if d := gocmp.Diff(rowRefs(t, want), rowRefs(t, got)); d != "" {
			t.Fatalf("%s within %s, %v to %v:\n%s", m, n, opt.From, opt.To, d)
		}
		if got.Untimed() != want.Untimed() || got.Conflicts() != want.Conflicts() || got.Generation() != outer.Generation() {
			t.Errorf("%s within %s: untimed %d, conflicts %d, want %d, %d", m, n, got.Untimed(), got.Conflicts(), want.Untimed(), want.Conflicts())
		}
		found += got.Count()
	}
	if found < 400 {
		t.Errorf("only %d events in all", found)
	}
	r, err := o.x.Search(t.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Within(t.Context(), query.Word{Text: "x"}, time.Time{}, time.Time{}); err == nil {
		t.Error("a word is looked for without records")
	}
}

// TestBucketLengths: they grow, and what is given is the caller's own.
func TestBucketLengths(t *testing.T) {
	l := index.BucketLengths()
	if !slices.IsSorted(l) || len(l) < 20 {
		t.Errorf("lengths %v", l)
	}
	l[0] = 0
	if index.BucketLengths()[0] == 0 {
		t.Error("the list is shared")
	}
}

func rowRefs(t *testing.T, r *index.Result) []index.Ref {
	t.Helper()
	rows, err := r.Page(t.Context(), 0, r.Count(), nil)
	if err != nil {
		t.Fatal(err)
	}
	list := make([]index.Ref, len(rows))
	for i := range rows {
		list[i] = rows[i].Ref
	}
	return list
}
