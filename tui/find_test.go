package tui

import (
	"strings"
	"testing"
)

func TestFindInList(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("j")
	d.press("n").sees("nothing was looked for yet: ctrl+f")
	d.press("ctrl+f").sees("find in the list:").typed("PUTOB").press("enter").sees("hit 2 of 60").sees("300 events")
	if got := d.app.events.Cursor; got != 5 {
		t.Fatalf("the first hit from line 2 on is on line %d", got+1)
	}
	d.sees("next: n next hit").press("n").sees("hit 3 of 60").press("N", "N").sees("hit 1 of 60")
	d.press("N").sees("hit 60 of 60, from the end again").press("n").sees("hit 1 of 60, from the top again")
	d.press("S").sees("oldest first").press("n").sees("hit 1 of 60, from the top").press("n").sees("hit 2 of 60").press("S")
	d.press("ctrl+f", "ctrl+u").typed("user:alice error:*").press("enter").sees("of 14")
	d.press("ctrl+f", "ctrl+u").typed("nobody at all").press("enter").sees("not in these events: nobody at all")
	d.press("ctrl+f", "ctrl+u").typed("user:(").press("enter").sees("find: ")
	d.press("=").press("n").sees("nothing was looked for yet").press("u")
	d.press("g", "l", "*").sees("hit 2 of 100").press("n").sees("hit 3 of 100").press("esc").sees("300 events")
	d.press("n").sees("nothing was looked for yet")
	d.press("g", "h", "h", "*").sees("no value here to look for")
}

// TestFindHighlights: what was found is drawn reversed, also while it is typed; esc gives it up.
func TestFindHighlights(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("ctrl+f").typed("Obj")
	reversed := func() int { return strings.Count(d.app.View().Content, "\x1b[7mObj") }
	if reversed() == 0 {
		t.Fatal("nothing is reversed while it is typed")
	}
	d.press("esc")
	if reversed() != 0 {
		t.Error("esc leaves it reversed")
	}
	d.press("ctrl+f").typed("Obj").press("enter")
	if reversed() < 5 {
		t.Errorf("%d reversed", reversed())
	}
	d.press("/").typed("user:alice").press("enter", "n").sees("of 40")
	d.press("esc").sees("100 match")
	if reversed() != 0 {
		t.Error("esc leaves it reversed")
	}
}

func TestFindInDetail(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("enter", "ctrl+f").sees("find in event:").typed("alice").press("enter").sees(">     arn")
	d.press("n", "*").sees("hits of alice")
	d.press("esc").sees("EVENT").press("esc").sees("300 events")
}
