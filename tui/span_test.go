package tui

import "testing"

func TestSpan(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("j", "v").sees("a range begins here").sees(" space mark all  enter keep its time  ! drop its time  v give up").press("j", "j", "j").sees("range of 4").sees("|  03-05 11:58:00")
	d.press("space").sees("4 events marked").sees("next: ").lacks("range of").press("u").lacks("marked 4")
	d.press("ctrl+r").press("j").sees("marked 4").press("ctrl+\\")
	d.press("v", "k", "k", "enter").sees("3 match").sees("time:").press("u").sees("300 events")
	d.press("v", "j", "!").sees("298 match").press("u")
	d.press("v", "esc").lacks("range of").press("v", "v").lacks("range of").press("v", "q").sees("300 events")
	if d.done {
		t.Error("q leaves the program instead of the range")
	}
	d.press("l", "s", "v", "j", "enter").sees("needs the list in order of time").press("space").sees("2 events marked")
	d.press("v", "[").sees("range was given up")
}

// TestSpanBounded: no key marks more than is kept.
func TestSpanBounded(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("v")
	d.app.events.span.from = -maxMarks
	d.press("space").sees("up to 10,000 are marked at once")
}

func TestEmptyKeys(t *testing.T) {
	d := newDriver(t, Options{Index: openIndex(t, memory{})}, 80, 24)
	d.press("v").sees("no event here").press("m").sees("no event here").press("ctrl+s", "g", "enter").sees("not now: no event is marked").press("esc")
	d.press("P").sees("not now: no event here").press("esc", "*").sees("no event here").press("S", "s", "n", "N")
}
