package tui

import (
	"strings"
	"testing"
)

// TestPivot: the menu counts before one chooses, and choosing shows as many events as it said.
func TestPivot(t *testing.T) {
	opt := small(t)
	d := newDriver(t, opt, 80, 24).press("e", "X", "p").sees("PIVOT from DescribeInstances").sees("same principal").sees("same access key")
	d.sees("AccessDenied").sees("five minutes around it").sees("of all").sees("of these").press("esc").lacks("PIVOT")
	if d.app.pivot.stop != nil {
		t.Error("what counts goes on after esc")
	}
	for i := range 6 {
		for _, key := range []string{"enter", "="} {
			d := newDriver(t, opt, 80, 24).press("e", "X", "p")
			for range i {
				d.press("j")
			}
			p := &d.app.pivot
			if p.Cursor >= len(p.rows) || p.Cursor != i {
				t.Fatalf("%d lines, the cursor is on %d", len(p.rows), p.Cursor)
			}
			row, ref := p.rows[p.Cursor], d.app.events.Selected().Ref
			want := map[string]int{"enter": row.all, "=": row.here}[key]
			d.press(key)
			if d.app.events.N != want || want < 1 {
				t.Errorf("%s on %q shows %d events, not %d", key, row.name, d.app.events.N, want)
			}
			if got := d.app.events.Selected().Ref; got != ref {
				t.Errorf("%s on %q: the cursor left its event", key, row.name)
			}
			d.press("u").sees("43 match")
		}
	}
}

// TestPivotLate: counts of an event that is no longer asked about are not shown.
func TestPivotLate(t *testing.T) {
	d := newDriver(t, small(t), 60, 16).press("p").sees("300")
	d.update(pivotCountMsg{ask: d.app.pivot.ask - 1, row: 0, all: 7_777, here: 7_777})
	d.lacks("7,777")
	d.update(pivotMsg{ask: d.app.pivot.ask - 1})
	d.sees("same principal").press("p").lacks("PIVOT")
	d.press("/").typed("user:nobody").press("enter", "p").sees("no event here").press("a").sees("no event here")
}

// TestAround: the filter is lifted, the event stays; esc brings filter, row and screen back.
func TestAround(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("a").sees("there is no filter to lift")
	d.press("/").typed("user:alice event:GetObject").press("enter", "j", "j", "j", "j", "j")
	before, ref := d.screen(), d.app.events.Selected().Ref
	d.press("a").sees("300 events").sees("around this event: without the filter")
	if got := d.app.events.Selected().Ref; got != ref {
		t.Errorf("the cursor is on %v, not on %v", got, ref)
	}
	d.press("j", "j", "j", "esc")
	if got := d.screen(); strings.SplitN(got, "ms", 2)[0] != strings.SplitN(before, "ms", 2)[0] {
		t.Errorf("after esc:\n%s\nbefore:\n%s", got, before)
	}
	d.press("a", "a").sees("20 match").press("a", "=", "esc").lacks("20 match")
}
