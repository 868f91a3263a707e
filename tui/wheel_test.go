package tui

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// TestWheelFlood: of a flood of wheel events one every 16 ms is handled; keys always are.
func TestWheelFlood(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press("f2")
	began := time.Now()
	through := 0
	for range 500 {
		if d.app.thin(nil, tea.MouseWheelMsg{X: 5, Y: 12, Button: tea.MouseWheelDown}) != nil {
			through++
		}
		if d.app.thin(nil, keyMsg("j")) == nil {
			t.Fatal("a key is dropped")
		}
	}
	if most := int(time.Since(began)/(16*time.Millisecond)) + 1; through < 1 || through > most {
		t.Errorf("%d wheel events in %v are handled, at most %d should be", through, time.Since(began), most)
	}
	if d.app.thin(nil, tea.MouseClickMsg{}) == nil {
		t.Error("a click is dropped")
	}
}
