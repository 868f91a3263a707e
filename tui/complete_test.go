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
