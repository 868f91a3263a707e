package tui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// allRows are the rows of a result in order of time.
func allRows(t *testing.T, r *index.Result, names []string) []index.Row {
	t.Helper()
	rows, err := r.Page(t.Context(), 0, r.Count(), names)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func searchAll(t *testing.T, x *index.Index, text string) *index.Result {
	t.Helper()
	n, err := query.Parse(text, index.Schema(), query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := x.Search(t.Context(), n, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestListing: a listing is what sorting all rows would give, whatever page of it is read, and each event is found on its
// line.
func TestListing(t *testing.T) {
	x := openIndex(t, ordinary(700))
	r := searchAll(t, x, "-event:AssumeRole")
	for _, o := range []order{{}, {back: true}, {field: "user"}, {field: "ip", back: true}, {field: "error"}, {field: "error", back: true}, {field: "log"}, {field: "account"}} {
		want := allRows(t, r, []string{"event", cmp.Or(o.field, "user")})
		switch {
		case o.field != "":
			compare := compareValues(o.field)
			slices.SortStableFunc(want, func(a, b index.Row) int {
				v, w := a.Values[1], b.Values[1]
				if v == "" || w == "" {
					return cmp.Compare(w, v) // those without come last, whichever way
				}
				if o.back {
					v, w = w, v
				}
				return compare(v, w)
			})
		case o.back:
			slices.Reverse(want)
		}
		l, err := newListing(t.Context(), r, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range [][2]int{{0, 1000}, {0, 1}, {3, 130}, {250, 17}, {r.Count() - 1, 5}, {r.Count(), 5}, {-3, 2}} {
			got, err := l.Page(t.Context(), page[0], page[1], []string{"event"})
			if err != nil {
				t.Fatal(err)
			}
			from := min(max(page[0], 0), len(want))
			part := want[from:min(from+page[1], len(want))]
			if len(got) != len(part) {
				t.Fatalf("%v: page %v has %d rows, want %d", o, page, len(got), len(part))
			}
			for i := range got {
				if got[i].Ref != part[i].Ref || len(got[i].Values) != 1 {
					t.Fatalf("%v: row %d of page %v is %v %q, want %v", o, i, page, got[i].Ref, got[i].Values, part[i].Ref)
				}
			}
		}
		for i, row := range want {
			if i%7 == 0 {
				if line, ok := l.Find(t.Context(), row.Ref); !ok || line != i {
					t.Fatalf("%v: %v is found on line %d, %v, want %d", o, row.Ref, line, ok, i)
				}
			}
		}
	}
}

// TestBeside: going from error to error meets each of them once, in the order of the list, from anywhere.
func TestBeside(t *testing.T) {
	x := openIndex(t, ordinary(300))
	all, errs := searchAll(t, x, ""), searchAll(t, x, "error:*")
	for _, o := range []order{{}, {back: true}, {field: "user"}, {field: "ip", back: true}, {field: "error"}} {
		l, err := newListing(t.Context(), all, o)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := l.Page(t.Context(), 0, l.Count(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var want []int
		for i, row := range rows {
			if failed(&row) {
				want = append(want, i)
			}
		}
		for _, d := range []int{1, -1} {
			at, got := 0, []int(nil)
			if d < 0 {
				at = len(rows) - 1
			}
			if failed(&rows[at]) {
				got = append(got, at)
			}
			for range len(want) + 1 {
				_, line, err := beside(t.Context(), l, errs, cursorRow{rows[at].Ref, at}, d)
				if err != nil {
					t.Fatal(err)
				}
				if line < 0 {
					break
				}
				got, at = append(got, line), line
			}
			if d < 0 {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v, direction %d: %v, want %v", o, d, got, want)
			}
		}
	}
}

func TestSortKeys(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("j", "j", "j")
	ref := d.app.events.Selected().Ref
	same := func() {
		t.Helper()
		if got := d.app.events.Selected(); got == nil || got.Ref != ref {
			t.Fatalf("the cursor left %v:\n%s", ref, d.screen())
		}
	}
	before := d.screen()
	d.press("l", "s").sees("sorted by user, A to Z").sees("[WHO ^]")
	same()
	d.press("g").sees("alice").press("G").sees("ci-deployer").press("u", "u", "u")
	same()
	d.press("S").sees("oldest first").sees("TIME ^").press("g").sees("03-05 07:01:00").press("e")
	if !failed(d.app.events.Selected()) || d.app.events.Cursor != 3 {
		t.Errorf("e goes to line %d", d.app.events.Cursor)
	}
	d.press("u", "u", "h", "j", "k")
	if got := d.screen(); got != before {
		t.Errorf("after u:\n%s\nbefore:\n%s", got, before)
	}
	d.press("l", "s", "s").sees("newest first")
	same()
	d.press("S", "t").typed("10:30").press("enter")
	if got := d.app.events.Selected().Time.Format("15:04"); got != "10:30" {
		t.Errorf("oldest first, t 10:30 goes to %s", got)
	}
	d.press("p").sees("same principal").press("esc")
}

// TestSortRefused: what has no order says why, and the list stays as it was.
func TestSortRefused(t *testing.T) {
	d := newDriver(t, small(t), 160, 45)
	for range 10 {
		if d.app.events.Column().field() != "resource" {
			d.press("l")
		}
	}
	d.press("s").sees("not sorted: an event can have several values of resource").sees("03-05 12:00:00").lacks("sorted by resource")
	if _, err := newListing(context.Background(), searchAll(t, d.app.opt.Index, ""), order{field: "id"}); err == nil {
		t.Error("ids are sorted")
	}
}

func TestCompareAddresses(t *testing.T) {
	got := strings.Fields("ec2.amazonaws.com 203.0.113.10 2001:db8::1 203.0.113.9 AWS 9.9.9.9")
	slices.SortFunc(got, compareValues("ip"))
	if want := "[9.9.9.9 203.0.113.9 203.0.113.10 2001:db8::1 AWS ec2.amazonaws.com]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}
