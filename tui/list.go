package tui

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// An order is what the list is sorted by; the zero order is the newest event first.
type order struct {
	field string // "": time
	back  bool   // oldest first, or values from the last to the first
}

// String names the order, as the status line says it.
func (o order) String() string {
	switch {
	case o.field != "" && o.back:
		return "sorted by " + o.field + ", Z to A"
	case o.field != "":
		return "sorted by " + o.field + ", A to Z"
	case o.back:
		return "oldest first"
	}
	return "newest first"
}

// A listing is a result in the order of the list. Sorted by a field it is the values in order and, for each of them, its
// events, newest first: no event is touched before it is shown, so any size is sorted at the cost of counting the values.
type listing struct {
	*index.Result
	order  order
	read   rowReader // of its rows
	chosen []chosenColumn
	groups []valueGroup
	group  map[string]int // value → its place in groups
}

// A valueGroup is the events of one value, from line start on; missing are those without one, which come last.
type valueGroup struct {
	value   string
	missing bool
	start   int
	count   int
}

// maxSortValues bounds the values of a field that is sorted by: some 20 MB.
const maxSortValues = 100_000

// newListing puts a result in order.
func newListing(ctx context.Context, r *index.Result, o order) (*listing, error) {
	l := &listing{Result: r, order: o}
	if o.field == "" {
		return l, nil
	}
	if f, ok := index.Schema().Lookup(o.field); ok && f.Kind == query.ID {
		return nil, fmt.Errorf("%s is another one in each event, so an order by it says nothing", o.field)
	}
	f, err := r.Facet(ctx, o.field, maxSortValues)
	switch {
	case err != nil:
		return nil, err
	case f.Multi:
		return nil, fmt.Errorf("an event can have several values of %s, so there is no order by it; F counts them", o.field)
	case f.Distinct > maxSortValues:
		return nil, fmt.Errorf("%s has %s values here; up to %s are sorted: narrow the filter, or count them with F",
			o.field, text.Count(f.Distinct), text.Count(maxSortValues))
	}
	l.sort(f)
	return l, nil
}

func (l *listing) sort(f index.Facet) {
	compare := compareValues(l.order.field)
	slices.SortFunc(f.Values, func(a, b index.ValueCount) int {
		if l.order.back {
			a, b = b, a
		}
		return compare(a.Value, b.Value)
	})
	l.group = make(map[string]int, len(f.Values))
	at := 0
	for i, v := range f.Values {
		l.groups = append(l.groups, valueGroup{value: v.Value, start: at, count: v.Count})
		l.group[v.Value] = i
		at += v.Count
	}
	if f.Missing > 0 {
		l.groups = append(l.groups, valueGroup{missing: true, start: at, count: f.Missing})
	}
}

// compareValues is how the values of a field are ordered: addresses by number, other text without regard to case first.
func compareValues(field string) func(a, b string) int {
	byText := func(a, b string) int {
		return cmp.Or(strings.Compare(strings.ToLower(a), strings.ToLower(b)), strings.Compare(a, b))
	}
	if field != "ip" {
		return byText
	}
	return func(a, b string) int {
		x, errX := netip.ParseAddr(a)
		y, errY := netip.ParseAddr(b)
		switch {
		case errX == nil && errY == nil:
			return cmp.Or(x.Compare(y), strings.Compare(a, b))
		case errX == nil:
			return -1
		case errY == nil:
			return 1
		}
		return byText(a, b)
	}
}

// node is the query for the events of a group.
func (l *listing) node(g valueGroup) query.Node {
	if g.missing {
		return hasAny(l.order.field, true)
	}
	return match(query.Key{Field: l.order.field}, g.value)
}

// Rows gives up to n rows from a line on, with the values of the columns.
func (l *listing) Rows(ctx context.Context, from, n int) ([]index.Row, error) {
	return l.read.page(ctx, l, from, n)
}

// Page gives up to n rows from a line on.
func (l *listing) Page(ctx context.Context, from, n int, names []string) ([]index.Row, error) {
	from = max(from, 0)
	n = min(n, l.Count()-from)
	switch {
	case n <= 0:
		return nil, ctx.Err()
	case l.order.field != "":
		return l.sortedPage(ctx, from, n, names)
	case !l.order.back:
		return l.Result.Page(ctx, from, n, names)
	}
	rows, err := l.Result.Page(ctx, l.Count()-from-n, n, names)
	slices.Reverse(rows)
	return rows, err
}

func (l *listing) sortedPage(ctx context.Context, from, n int, names []string) ([]index.Row, error) {
	var rows []index.Row
	for at, end := from, from+n; at < end; {
		g := l.groupAt(at)
		last := g + 1
		for last < len(l.groups) && l.groups[last].start < end && !l.groups[last].missing {
			last++
		}
		if l.groups[g].missing {
			last = g + 1
		}
		run, err := l.run(ctx, g, last, at, end, names)
		if err != nil {
			return nil, err
		}
		if len(run) == 0 {
			return nil, fmt.Errorf("sort by %s: the events of %q are not found", l.order.field, l.groups[g].value)
		}
		rows = append(rows, run...)
		at += len(run)
	}
	return rows, nil
}

// groupAt is the group a line is in.
func (l *listing) groupAt(line int) int {
	return max(sort.Search(len(l.groups), func(i int) bool { return l.groups[i].start > line })-1, 0)
}

// run reads lines from..to of some groups that follow each other. Where there are several the events of all are read in
// one go and put in order; a large group is read by itself.
func (l *listing) run(ctx context.Context, first, last, from, to int, names []string) ([]index.Row, error) {
	const large = 4 * chunkRows
	if l.groups[first].count > large {
		last = first + 1
	}
	for i := first; i < last; i++ {
		if l.groups[i].count > large {
			last = max(i, first+1)
			break
		}
	}
	if last == first+1 {
		g := l.groups[first]
		r, err := l.Within(ctx, l.node(g), time.Time{}, time.Time{})
		if err != nil {
			return nil, err
		}
		return r.Page(ctx, from-g.start, min(to, g.start+g.count)-from, names)
	}
	nodes := make([]query.Node, 0, last-first)
	total := 0
	for _, g := range l.groups[first:last] {
		nodes = append(nodes, l.node(g))
		total += g.count
	}
	r, err := l.Within(ctx, query.Or{Nodes: nodes}, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	key := len(names)
	rows, err := r.Page(ctx, 0, total, append(slices.Clone(names), l.order.field))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b index.Row) int { return cmp.Compare(l.group[a.Values[key]], l.group[b.Values[key]]) })
	for i := range rows {
		rows[i].Values = rows[i].Values[:key:key]
	}
	start := l.groups[first].start
	return rows[min(from-start, len(rows)):min(to-start, len(rows))], nil
}

// Find says on which line an event stands, else, with ok false, on which the nearest by time does.
func (l *listing) Find(ctx context.Context, ref index.Ref) (line int, ok bool) {
	i, ok := l.Result.Find(ctx, ref)
	line, err := l.line(ctx, i)
	return line, ok && err == nil
}

// At is the line of the first event, from new to old, that is not newer than t.
func (l *listing) At(ctx context.Context, t time.Time) int {
	line, err := l.line(ctx, min(l.Result.At(ctx, t), max(l.Count()-1, 0)))
	if err != nil {
		return 0
	}
	return line
}

// line is where the event that is number i by time stands.
func (l *listing) line(ctx context.Context, i int) (int, error) {
	switch {
	case l.Count() == 0:
		return 0, nil
	case l.order.field == "" && l.order.back:
		return l.Count() - 1 - i, nil
	case l.order.field == "":
		return i, nil
	}
	rows, err := l.Result.Page(ctx, i, 1, []string{l.order.field})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	line, _, err := l.lineOf(ctx, rows[0].Ref, rows[0].Values[0])
	return line, err
}

// lineOf is where an event with a value of the order's field stands or, with ok false, would stand.
func (l *listing) lineOf(ctx context.Context, ref index.Ref, value string) (line int, ok bool, err error) {
	g, known := l.group[value]
	switch {
	case known:
	case value == "" && len(l.groups) > 0 && l.groups[len(l.groups)-1].missing:
		g = len(l.groups) - 1
	default:
		return l.wouldBe(value), false, nil
	}
	r, err := l.Within(ctx, l.node(l.groups[g]), time.Time{}, time.Time{})
	if err != nil {
		return 0, false, err
	}
	i, ok := r.Find(ctx, ref)
	return l.groups[g].start + i, ok, nil
}

// wouldBe is the first line of the values that come after one that no event has.
func (l *listing) wouldBe(value string) int {
	compare := compareValues(l.order.field)
	i := sort.Search(len(l.groups), func(i int) bool {
		g := l.groups[i]
		if g.missing {
			return true
		}
		if value == "" {
			return false
		}
		if l.order.back {
			return compare(g.value, value) <= 0
		}
		return compare(g.value, value) >= 0
	})
	if i == len(l.groups) {
		return max(l.Count()-1, 0)
	}
	return l.groups[i].start
}
