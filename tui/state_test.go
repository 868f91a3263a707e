package tui

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// visit opens the explorer with a file of what was kept, presses keys and leaves.
func visit(t *testing.T, opt Options, keys ...string) *driver {
	t.Helper()
	d := newDriver(t, opt, 80, 24).press(keys...)
	if err := d.app.saveState(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestState: marks, zone and layout come back, also in another store of the same events; the filter is offered.
func TestState(t *testing.T) {
	opt := small(t)
	opt.State = filepath.Join(t.TempDir(), "x.state")
	visit(t, opt)
	if b, err := os.ReadFile(opt.State); err == nil {
		t.Errorf("a visit that changed nothing wrote %s", b)
	}
	visit(t, opt, "j", "j", "space", "space", "T", "i", "l", "X")
	fi, err := os.Stat(opt.State)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", fi, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(opt.State)); err != nil || len(entries) != 1 {
		t.Errorf("beside it lies %v, %v", entries, err)
	}
	again := opt
	files := ordinary(300)
	maps.Copy(files, hostile(50))
	again.Index = openIndex(t, files) // other places of the same events
	d := visit(t, again).sees("[ the filter of the last visit: -outcome:ok  / filter").sees("350 events").lacks("errors only").lacks("▇")
	d.press("j").sees("marked 2").lacks("last visit")
	d.press("[").sees("[errors only]").press("]").sees("350 events").press("u", "u")
	names := 0
	for ref := range d.app.marks {
		if _, ok := d.app.events.result.Find(t.Context(), ref); ok {
			names++
		}
	}
	if names != 2 {
		t.Errorf("%d of 2 marks are events of the store", names)
	}
	if d.press("T"); d.app.local {
		t.Error("the zone did not come back")
	}
	visit(t, opt, "ctrl+\\")
	visit(t, opt, "j").lacks("marked")
}

// TestStateLost: marks whose events are not held are told; a file that cannot be read is told, and not replaced.
func TestStateLost(t *testing.T) {
	opt := small(t)
	opt.State = filepath.Join(t.TempDir(), "x.state")
	visit(t, opt, "space")
	other := Options{Index: openIndex(t, hostile(5)), State: opt.State}
	visit(t, other).sees("1 marked event of the last visit not found")
	for _, s := range []string{"{", `{"version":99}`, "\x1b[31m\x00", `{"version":1,"marks":[{"time":"x"}]}`, strings.Repeat("[", 1<<20)} {
		if err := os.WriteFile(opt.State, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		visit(t, opt, "space", "k")
		d := newDriver(t, opt, 80, 24).sees("cannot be used")
		clean(t, d.app.View().Content)
		if b, err := os.ReadFile(opt.State); err != nil || string(b) != s {
			t.Errorf("%.20q was replaced by %.60q, %v", s, b, err)
		}
	}
	odd := `{"version":1,"column":-4,"filter":{"text":"user:("},"recall":["\u001b[31m"],"marks":[{},{"id":"\u202e"},{"log":"x"}]}`
	if err := os.WriteFile(opt.State, []byte(odd), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, opt, 80, 24).sees("3 marked events").lacks("the last visit: ").press("/", "ctrl+r", "up")
	clean(t, d.app.View().Content)
	opt.State = ""
	visit(t, opt, "space", "T")
	opt.State = filepath.Join(t.TempDir(), "no", "folder", "x")
	if err := newDriver(t, opt, 80, 24).press("space").app.saveState(t.Context()); err == nil {
		t.Error("a file that cannot be written is no error")
	}
}
