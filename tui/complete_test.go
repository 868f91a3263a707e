package tui

import "testing"

// TestCompletionOfNewestText: tab right after a letter, before the completion of the new text has come, takes that one
// when it comes, and never the one of the text before.
func TestCompletionOfNewestText(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("/").typed("user:").sees("alice")
	for _, k := range []string{"b", "tab"} {
		d.update(keyMsg(k)) // both before any answer
	}
	d.settle()
	d.sees("/ user:bob-admin").sees("100 match")

	d.press("ctrl+u").typed("user:").sees("alice")
	for _, k := range []string{"b", "down", "enter"} {
		d.update(keyMsg(k))
	}
	d.settle()
	d.sees("/ user:bob-admin").sees("100 match")

	d.press("ctrl+u").typed("user:")
	for _, k := range []string{"b", "tab", "o", "b"} {
		d.update(keyMsg(k))
	}
	d.settle()
	d.sees("/ user:bob ")
}

// TestLateAnswerAfterCompletion: an answer without events to what stood in the filter before a completion was taken
// arrives after it. It is not shown, and the search that follows is for the whole text.
func TestLateAnswerAfterCompletion(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.press("/").typed("user:").sees("alice")
	d.update(keyMsg("a"))
	late := d.holdSearch()
	if late.result.Count() != 0 {
		t.Fatalf("user:a finds %d events", late.result.Count())
	}
	d.update(keyMsg("tab"))
	d.sees("/ user:alice")
	d.update(late)
	d.lacks("no match yet")
	d.settle()
	d.sees("/ user:alice").sees("100 match").lacks("no match yet")
	if got := d.app.node.String(); got != "user:alice" {
		t.Errorf("searched for %q", got)
	}
}

// holdSearch runs commands and waits until a search has answered, and gives the answer in place of showing it.
func (d *driver) holdSearch() searchMsg {
	d.t.Helper()
	for len(d.queue)+len(d.waits) > 0 {
		if len(d.queue) == 0 {
			msg := d.waits[0]
			d.waits = d.waits[1:]
			d.update(msg)
			continue
		}
		cmd := d.queue[0]
		d.queue = d.queue[1:]
		if cmd == nil {
			continue
		}
		msg := cmd()
		if found, ok := msg.(searchMsg); ok {
			return found
		}
		d.take(msg)
	}
	d.t.Fatal("nothing was searched for")
	return searchMsg{}
}
