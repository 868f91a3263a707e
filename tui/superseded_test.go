package tui

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// times is how often a random test does its thing: n, or what a variable says.
func times(t *testing.T, variable string, n int) int {
	t.Helper()
	if s := os.Getenv(variable); s != "" {
		v, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s=%s: %v", variable, s, err)
		}
		return v
	}
	if testing.Short() {
		return n / 4
	}
	return n
}

// TestSupersededNeverPaints edits the filter at random while answers come late and in any order: what answers an older
// question leaves the screen as it is. TRAILSIFT_EDITS=10000 does more.
func TestSupersededNeverPaints(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 4))
	d := newDriver(t, small(t), 160, 45).press("/")
	var late []tea.Msg
	var collect func(tea.Msg)
	collect = func(msg tea.Msg) {
		switch msg := msg.(type) {
		case nil:
		case tea.BatchMsg:
			for _, cmd := range msg {
				if cmd != nil {
					collect(cmd())
				}
			}
		case waitMsg:
			late = append(late, msg.msg)
		default:
			late = append(late, msg)
		}
	}
	old, tried := 0, 0
	deliver := func(i int) {
		msg := late[i]
		late = append(late[:i], late[i+1:]...)
		superseded := isOld(d.app, msg)
		before := d.app.View().Content
		d.update(msg)
		if tried++; superseded {
			old++
			if after := d.app.View().Content; after != before {
				t.Fatalf("%T of an older question paints:\n%s\nbefore:\n%s", msg, after, before)
			}
		}
	}
	text := "user:bob-admin event:Put* error:* ip:203.0.113.9 -region:eu* (alice OR root)"
	for i := range times(t, "TRAILSIFT_EDITS", 600) {
		switch r.IntN(6) {
		case 0:
			d.update(keyMsg("backspace"))
		case 1:
			d.update(keyMsg([]string{"ctrl+w", "ctrl+a", "ctrl+e", "ctrl+u"}[r.IntN(4)]))
		default:
			c := rune(text[(i+r.IntN(5))%len(text)])
			d.update(tea.KeyPressMsg{Code: c, Text: string(c)})
		}
		for _, cmd := range d.queue {
			if cmd != nil {
				collect(cmd())
			}
		}
		d.queue = nil
		for len(late) > 0 && r.IntN(3) > 0 || len(late) > 30 {
			deliver(r.IntN(len(late)))
		}
	}
	if old < 20 {
		t.Errorf("only %d of %d answers came too late", old, tried)
	}
	for len(late) > 0 {
		deliver(0)
	}
	d.settle()
}

// isOld reports whether a message answers an older question than the newest.
func isOld(a *app, msg tea.Msg) bool {
	switch msg := msg.(type) {
	case searchMsg:
		return msg.gen != a.search.gen
	case pageMsg:
		return msg.gen != a.events.gen
	case facetsMsg:
		return msg.gen != a.events.gen
	case timelineMsg:
		return msg.gen != a.events.gen
	case settleMsg:
		return msg.gen != a.bar.edit
	}
	return false
}

// TestTypingNeverWaits: while a search never answers, what is typed stands in the line at once, and wrong text says why.
func TestTypingNeverWaits(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("/")
	for _, c := range "user:alice (" {
		d.update(tea.KeyPressMsg{Code: c, Text: string(c)})
		d.queue = nil // no command is ever run
	}
	d.sees("/ user:alice (").sees("300 match").sees("column 13")
}
