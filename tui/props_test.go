package tui

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
)

// still is the screen without what was said of the last key and how long the search took.
func (d *driver) still() string {
	d.app.toast, d.app.offered, d.app.stale = "", "", true
	d.app.View()
	lines := strings.Split(d.screen(), "\n")
	if d.app.tab == tabEvents && len(lines) > 1 {
		lines[1] = d.app.filter.whole() + " " + text.Count(d.app.events.N)
	}
	return strings.Join(lines, "\n")
}

// nearestTo reports whether no event of the result is nearer to a time than the one under the cursor.
func nearestTo(t *testing.T, d *driver, was *index.Row) bool {
	t.Helper()
	now := d.app.events.Selected()
	for _, r := range allRows(t, d.app.events.result, nil) {
		if r.Time.Sub(was.Time).Abs() < now.Time.Sub(was.Time).Abs() {
			return false
		}
	}
	return true
}

// holdsOn checks that the event under the cursor is the one that was there or, where it is gone, the nearest by time.
func holdsOn(t *testing.T, d *driver, was *index.Row, after string) {
	t.Helper()
	now := d.app.events.Selected()
	if was == nil || now == nil || now.Ref == was.Ref {
		return
	}
	if _, there := d.app.events.result.Find(t.Context(), was.Ref); there {
		t.Fatalf("%s: the cursor left %v for %v, which is still there:\n%s", after, was.Time, now.Time, d.screen())
	}
	if !nearestTo(t, d, was) {
		t.Fatalf("%s: %v is gone, and the cursor is at %v though another is nearer:\n%s", after, was.Time, now.Time, d.screen())
	}
}

// changes are what can be done to what is shown, each as keys; u takes each of them back.
var changes = [][]string{
	{"="},
	{"!"},
	{"W"},
	{"X"},
	{"s"},
	{"S"},
	{"space"},
	{"/", "ctrl+u", "u", "s", "e", "r", ":", "a", "l", "i", "c", "e", "enter"},
	{"f", "j", "=", "esc"},
	{"f", "j", "space", "esc"},
	{"o", "enter"},
	{"o", "j", "enter"},
	{"v", "j", "j", "enter"},
	{"v", "k", "!"},
	{"C", "j", "j", "space", "enter"},
	{"C", "a", "e", "v", "e", "n", "t", "I", "D", "enter", "enter"},
	{"C", "d"},
	{"F", "j", "enter"},
}

// looks change nothing but how it is looked at.
var looks = [][]string{
	{"T"}, {"i"}, {"\\", "\\"}, {"2", "1"}, {"5", "-"}, {"f", "esc"}, {"enter", "esc"}, {"v", "esc"}, {"tab", "shift+tab"}, {"?", "esc"}, {"p", "esc"}, {"ctrl+f", "x", "esc"},
}

// TestPlaceNeverLost does random things (TRAILSIFT_PLACE_STEPS=10000: half a minute). After each the event under the cursor is still under it where the result
// holds it, else the nearest by time; u after a change and esc after "around" bring the exact screen back.
func TestPlaceNeverLost(t *testing.T) {
	steps := 1_500
	if testing.Short() {
		steps = 300
	}
	if s, err := strconv.Atoi(os.Getenv("TRAILSIFT_PLACE_STEPS")); err == nil {
		steps = s
	}
	r := rand.New(rand.NewPCG(11, 5))
	d := newDriver(t, Options{Index: openIndex(t, ordinary(160)), Places: "./logs"}, 80, 24)
	moves := []string{"j", "k", "ctrl+d", "ctrl+u", "pgdn", "pgup", "l", "h", "g", "G", "e", "E"}
	sizes := [][2]int{{80, 24}, {160, 45}, {60, 16}, {120, 30}, {200, 60}}
	for i := range steps {
		was, before := d.app.events.Selected(), d.still()
		switch n := r.IntN(20); {
		case n < 1:
			s := sizes[r.IntN(len(sizes))]
			d.update(sizeMsg(s[0], s[1]))
			d.settle()
			holdsOn(t, d, was, fmt.Sprint("size ", s))
		case n < 4:
			look := looks[r.IntN(len(looks))]
			d.press(look...)
			holdsOn(t, d, was, strings.Join(look, " "))
			if d.app.where() != inEvents {
				t.Fatalf("step %d: after %v keys go to %b:\n%s", i, look, d.app.where(), d.screen())
			}
		case n < 5 && d.app.filter != (filter{}) && was != nil && !d.app.around.on:
			d.press("a")
			holdsOn(t, d, was, "a")
			if d.press("esc"); d.still() != before {
				t.Fatalf("step %d: a, esc:\n%s\nbefore:\n%s", i, d.screen(), before)
			}
		case n < 9:
			change := changes[r.IntN(len(changes))]
			undoes := len(d.app.undone.past)
			d.press(change...)
			if change[0] != "v" && change[0] != "space" && change[0] != "f" && change[0] != "F" {
				holdsOn(t, d, was, strings.Join(change, " "))
			}
			for d.app.where()&(inDetail|inSpan|inFrequency) != 0 { // a key was refused, and enter went elsewhere
				d.press("esc")
			}
			if len(d.app.undone.past) == undoes || change[0] == "v" || change[0] == "f" { // their moves come before the change
				continue
			}
			if after := d.app.where(); after != inEvents {
				t.Fatalf("step %d: after %v keys go to %b:\n%s", i, change, after, d.screen())
			}
			if r.IntN(3) > 0 || d.app.events.N == 0 {
				if d.press("u"); d.still() != before {
					t.Fatalf("step %d: %v, u:\n%s\nbefore:\n%s", i, change, d.screen(), before)
				}
			}
		case n < 10:
			d.press([]string{"u", "ctrl+r", "[", "]"}[r.IntN(4)])
			d.press("1", "esc", "esc")
		default:
			d.press(moves[r.IntN(len(moves))])
		}
	}
}

// TestCountsAgree: whatever is asked, the list, the histogram and the facets tell the same number, and behind each number
// are so many events.
func TestCountsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 14))
	d := newDriver(t, small(t), 160, 45)
	terms := []string{
		"user:alice", "-event:PutObject", "error:*", "ip:203.0.113.9", "(user:bob-admin OR event:AssumeRole)", "time:>=2026-03-05T09:00Z",
		"prod-logs", "requestParameters.amount:>100", "-outcome:ok", "readonly:false", "resource:*", "nothing-at-all", "service=s3",
	}
	for range 60 {
		q := make([]string, r.IntN(3))
		for i := range q {
			q[i] = terms[r.IntN(len(terms))]
		}
		f := filter{text: strings.Join(q, " "), writes: r.IntN(6) == 0, errors: r.IntN(6) == 0}
		if f != d.app.filter {
			d.queue = append(d.queue, d.app.commit(f))
			d.settle()
		}
		agree(t, d)
	}
}

// agree holds all numbers on the screen against each other, and opens some of them.
func agree(t *testing.T, d *driver) {
	t.Helper()
	a := d.app
	n := a.events.N
	if got := len(allRows(t, a.events.result, nil)); got != n {
		t.Fatalf("%s: the list says %d and has %d", a.filter.whole(), n, got)
	}
	sum := a.strip.timeline.Untimed
	for _, b := range a.strip.timeline.Buckets {
		sum += b.Events
	}
	if n > 0 && sum != n {
		t.Fatalf("%s: the histogram has %d of %d events", a.filter.whole(), sum, n)
	}
	for _, f := range a.facets.data {
		if f.Events+f.Missing != n && len(f.chosen) == 0 {
			t.Fatalf("%s: %s has %d events and %d without, of %d", a.filter.whole(), f.field, f.Events, f.Missing, n)
		}
		sum := 0
		for i, v := range f.Values {
			sum += v.Count
			if i == 0 && len(f.chosen) == 0 {
				opens(t, d, f.field, v)
			}
		}
		if !f.Multi && sum != f.Events {
			t.Fatalf("%s: the values of %s make %d, not %d", a.filter.whole(), f.field, sum, f.Events)
		}
	}
}

// opens: the filter with a value has as many events as stand beside the value.
func opens(t *testing.T, d *driver, field string, v index.ValueCount) {
	t.Helper()
	a := d.app
	r, err := a.opt.Index.Search(t.Context(), query.Keep(a.node, query.Key{Field: field}, v.Value), index.SearchOptions{})
	if err != nil || r.Count() != v.Count {
		t.Fatalf("%s: %s=%s says %d and opens %d, %v", a.filter.whole(), field, v.Value, v.Count, r.Count(), err)
	}
}

// TestNumbersOpen: enter on a number shows exactly so many events.
func TestNumbersOpen(t *testing.T) {
	for _, keys := range [][]string{{"l", "F"}, {"F"}, {"l", "l", "F"}, {"X", "F"}} {
		for line := range 4 {
			d := newDriver(t, small(t), 80, 24).press(keys...)
			d.app.frequency.To(line)
			row, ok := d.app.frequency.current()
			if d.press("enter"); !ok || d.app.events.N != row.count {
				t.Errorf("%v: %q says %d and opens %d", keys, row.value, row.count, d.app.events.N)
			}
		}
	}
	d := newDriver(t, small(t), 160, 45).press("p")
	for i := range d.app.pivot.rows {
		d := newDriver(t, small(t), 160, 45).press("p")
		d.app.pivot.To(i)
		row := d.app.pivot.rows[i]
		if d.press("enter"); d.app.events.N != row.all {
			t.Errorf("%s says %d and opens %d", row.name, row.all, d.app.events.N)
		}
	}
}

// TestEscLeadsHome: from wherever keys lead, at most five esc lead back to the list, and none quits.
func TestEscLeadsHome(t *testing.T) {
	sessions := 400
	if testing.Short() {
		sessions = 60
	}
	keys := append(slices.Clone(fuzzKeys), "m", "'", "o", "C", "P", "ctrl+s", "S", "ctrl+f", "*")
	opt := Options{Index: openIndex(t, ordinary(60)), Places: "./logs"}
	t.Chdir(t.TempDir()) // what the keys export
	r := rand.New(rand.NewPCG(8, 1))
	for range sessions {
		size := [][2]int{{80, 24}, {160, 45}}[r.IntN(2)]
		d := newDriver(t, opt, size[0], size[1])
		var pressed []string
		for range 1 + r.IntN(25) {
			k := keys[r.IntN(len(keys))]
			if k == "q" || k == "ctrl+c" {
				continue
			}
			pressed = append(pressed, k)
			if d.press(k); d.done {
				break
			}
		}
		if d.done {
			continue // :q and the like
		}
		d.press("esc", "esc", "esc", "esc", "esc")
		if d.done || d.app.where() != inEvents || d.app.maximised || d.app.around.on || d.app.events.find.text != "" {
			t.Fatalf("%v and five esc (quit: %v):\n%s", pressed, d.done, d.screen())
		}
	}
}

// TestCancel: ctrl+c ends the search that runs at once, and only then quits.
func TestCancel(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("/").typed("/x.*y/")
	d.update(keyMsg("enter"))
	if !d.app.search.running {
		t.Fatal("no search runs")
	}
	ctx := d.app.search.ctx
	d.update(keyMsg("ctrl+c"))
	if ctx.Err() == nil || d.done {
		t.Errorf("the search goes on: %v, quit %v", ctx.Err(), d.done)
	}
	d.settle()
	if d.sees("search stopped").press("ctrl+c"); !d.done {
		t.Error("ctrl+c does not quit when nothing runs")
	}
}

// TestFirstVisit: open, filter, read, copy and export take at most twelve keys, and the screen names each before it is
// pressed.
func TestFirstVisit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	t.Chdir(filepath.Dir(path))
	d := newDriver(t, small(t), 80, 24)
	keys := []struct{ key, shown string }{
		{"=", "= only"},
		{"enter", "enter detail"},
		{"y", "y copy"},
		{"y", "y event"},
		{"esc", ""},
		{"ctrl+s", "ctrl+s export"},
		{"enter", "enter write"},
		{"enter", "enter accept"},
	}
	if len(keys) > 12 {
		t.Fatalf("%d keys", len(keys))
	}
	for _, k := range keys {
		d.sees(k.shown).press(k.key)
	}
	d.sees("60 events, ")
	if len(d.out) != 1 {
		t.Errorf("copied %d times", len(d.out))
	}
}
