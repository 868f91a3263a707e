package tui

import (
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
)

// TestPaceOfProgress: of a flood of progress messages one a second is drawn, and what is shown of the store is asked for
// again ever more seldom, but for an empty screen.
func TestPaceOfProgress(t *testing.T) {
	d := newDriver(t, small(t), 80, 24)
	d.app.intake.on = true
	drawn := 0
	for i := range 6000 { // a minute, 100 a second
		d.app.stale = false
		d.update(progressMsg{index.Progress{Listed: 10_000, Done: i, Elapsed: time.Duration(i) * 10 * time.Millisecond}})
		if d.app.drawn != "" && d.app.intake.progress.Done == i {
			drawn++
		}
	}
	if drawn < 50 || drawn > 70 {
		t.Errorf("%d of 6,000 progress messages of a minute are drawn", drawn)
	}

	var p pace
	asked := 0
	for at := time.Duration(0); at < 10*time.Minute; at += 250 * time.Millisecond {
		if p.progress(at) && p.refresh(at, false) {
			asked++
		}
	}
	if asked < 20 || asked > 30 {
		t.Errorf("the store is asked %d times in ten minutes", asked)
	}
	if !p.progress(0) || !p.refresh(0, true) {
		t.Error("another run does not begin anew")
	}
	if !p.progress(2*time.Second) || !p.refresh(2*time.Second, true) {
		t.Error("an empty screen waits")
	}
}
