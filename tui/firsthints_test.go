package tui

import "testing"

// TestFirstHints: what a first visit needs is said where it is needed.
func TestFirstHints(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).sees("all events   o: searches to begin with")
	d.press("2").sees("all events").lacks("searches to begin with")
	d.press("3").sees("o lists").press("o").sees("SEARCHES").press("enter").sees("[1 Events]").sees("readonly:false")
}

// TestFilterNextTerm: what is typed behind a filter is a term of its own, and a filter that is only looked at stays.
func TestFilterNextTerm(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("/").typed("user:bob-admin").press("enter").sees("100 match")
	d.press("/").typed("event:PutObject").press("enter").sees("user:bob-admin event:PutObject").sees("20 match")
	before := d.app.filter.text
	if d.press("/", "enter"); d.app.filter.text != before {
		t.Errorf("the filter was %q and is %q", before, d.app.filter.text)
	}
}
