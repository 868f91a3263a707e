package tui

import (
	"slices"
	"testing"
)

// TestFollowUps: each key that is named after another does something in a place where the other does.
func TestFollowUps(t *testing.T) {
	modes := func(act action) (in mode) {
		for _, b := range bindings() {
			if b.act == act && len(b.Keys()) > 0 {
				in |= b.in
			}
		}
		return in
	}
	for act, next := range followUps {
		if modes(act) == 0 {
			t.Errorf("action %d has no key", act)
		}
		for _, n := range next {
			if modes(n)&inPanes == 0 {
				t.Errorf("action %d follows %d and has no key in a pane", n, act)
			}
		}
	}
	d := newDriver(t, small(t), 80, 24).press("=").sees("next: u undo").press("j").lacks("next:").press("u", "=").lacks("next: u undo")
	if !slices.Contains(followUps[actMark], actRange) {
		t.Fatal("the test is about another table")
	}
	d.press("space").sees("v range")
}
