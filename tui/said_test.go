package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// TestSaid: the event is told above its record; on a small pane how it ended is not what is cut.
func TestSaid(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("e", "enter")
	d.sees("bob-admin, from 203.0.113.10, tried to describe instances").sees("was denied (AccessDenied)")
	d = newDriver(t, small(t), 160, 45).press("j", "k")
	d.sees("alice, from 203.0.113.12, put the object prod-logs in S3; succeeded")

	long := "alice, from 203.0.113.12, deleted " + strings.Repeat("x", 200) + "; was denied (AccessDenied)"
	for cells := 8; cells < 300; cells++ {
		got := cutSentence(long, cells)
		if w := ansi.StringWidth(got); w > cells {
			t.Fatalf("%d cells for %d: %q", w, cells, got)
		}
		if cells > 60 && !strings.HasSuffix(got, "; was denied (AccessDenied)") {
			t.Fatalf("in %d cells: %q", cells, got)
		}
	}

	// Where there is no room for all of it, from where is left out before what was done.
	s := "alice in role ops, from 203.0.113.12, deleted a bucket; was denied"
	if got, want := cutSentence(s, 50), "alice in role ops deleted a bucket; was denied"; got != want {
		t.Errorf("in 50 cells: %q, want %q", got, want)
	}

	// A click on a line of the record is one on that line, with the sentence above it.
	d = newDriver(t, small(t), 80, 24).press("enter", "f2")
	y := 0
	for i, l := range strings.Split(d.screen(), "\n") {
		if strings.Contains(l, "accountId") {
			y = i
		}
	}
	d.update(tea.MouseClickMsg{X: 20, Y: y, Button: tea.MouseLeft})
	d.settle()
	d.sees(">     accountId").sees("$.userIdentity.accountId")
}
