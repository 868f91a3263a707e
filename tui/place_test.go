package tui

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
)

// TestPlaceKept does random things and checks after each that the event under the cursor is still under it where the
// result holds it, and that u brings back what was there before a change.
func TestPlaceKept(t *testing.T) {
	opt := small(t)
	r := rand.New(rand.NewPCG(7, 7))
	d := newDriver(t, opt, 80, 24)
	change := []string{"=", "!", "u", "ctrl+r", "W", "X", "[", "]"}
	move := []string{"j", "k", "ctrl+d", "ctrl+u", "pgdn", "pgup", "l", "h"}
	sizes := [][2]int{{80, 24}, {160, 45}, {60, 16}, {120, 30}, {200, 60}}
	for i := range 1500 {
		before := d.app.events.Selected()
		switch r.IntN(4) {
		case 0:
			s := sizes[r.IntN(len(sizes))]
			d.update(sizeMsg(s[0], s[1]))
			d.settle()
		case 1:
			k := change[r.IntN(len(change))]
			d.press(k)
			if k != "=" && k != "!" && k != "W" && k != "X" { // undo and back return to where they were
				continue
			}
		default:
			d.press(move[r.IntN(len(move))])
			continue
		}
		now := d.app.events.Selected()
		if before == nil || now == nil || now.Ref == before.Ref {
			continue
		}
		if _, there := d.app.events.result.Find(t.Context(), before.Ref); there {
			t.Fatalf("step %d: the cursor left %v for %v, which is still there:\n%s", i, before.Time, now.Time, d.screen())
		}
		if d.app.filter.whole() == "" {
			t.Fatalf("step %d: no filter, and the event is gone", i)
		}
	}
}

// TestUndoRestores: after a change and u the screen is what it was.
func TestUndoRestores(t *testing.T) {
	for _, change := range []string{"=", "!", "W", "X", "space"} {
		d := newDriver(t, small(t), 80, 24).press("j", "j", "ctrl+d", "j")
		before := d.screen()
		d.press(change)
		if d.screen() == before {
			t.Errorf("%s changes nothing", change)
		}
		d.press("u", "k", "j")
		if got := d.screen(); got != before {
			t.Errorf("after %s and u:\n%s\nbefore:\n%s", change, got, before)
		}
	}
}

// TestRecordGone: a record whose log file is no longer there says so; the event stays in the list.
func TestRecordGone(t *testing.T) {
	files := ordinary(20)
	x, err := index.Open(filepath.Join(t.TempDir(), "x.db"), index.Options{
		Write: true,
		Reopen: func(context.Context, source.Place, string) (io.ReadCloser, error) {
			return nil, errors.New("gone \x1b[31m")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if _, err := x.Ingest(t.Context(), files, index.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, Options{Index: x}, 80, 24).press("enter")
	d.sees("EVENT PutObject").sees("SHA-256").sees("no longer at")
	clean(t, d.app.View().Content)
	d.press("j", "l", "=", "y", "y").sees("no longer at")
}

// TestEmpty: without events every pane says so and takes every key.
func TestEmpty(t *testing.T) {
	d := newDriver(t, Options{Index: openIndex(t, memory{})}, 80, 24)
	d.sees("there are no events here")
	for _, k := range fuzzKeys {
		if k != "ctrl+c" && k != "q" {
			d.press(k)
			fits(t, d, 80, 24)
		}
	}
}

// TestQuitDuringIngest: Run's wait for the bringing in ends, whether it began or not.
func TestQuitDuringIngest(t *testing.T) {
	var b background
	if !b.begin() {
		t.Fatal("does not begin")
	}
	done := make(chan bool)
	go func() { b.close(); close(done) }()
	b.end()
	<-done
	if b.begin() {
		t.Error("begins after the end")
	}
}
