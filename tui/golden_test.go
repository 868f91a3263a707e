package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

// steps bring the screen to a view.
var views = []struct {
	name string
	keys []string
}{
	{"events", nil},
	{"facets", []string{"f", "j"}},
	{"detail", []string{"enter", "j", "j", "j", "j"}},
	{"filter", []string{"/", "u", "s", "e", "r", ":"}},
	{"error", []string{"/", "u", "s", "e", "r", ":", "("}},
	{"help", []string{"?"}},
	{"timeline", []string{"2"}},
	{"sources", []string{"5"}},
}

// TestGolden compares every view at every size with testdata; go test ./tui -update writes it.
func TestGolden(t *testing.T) {
	opt := small(t)
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}, {160, 45}} {
		for _, v := range views {
			d := newDriver(t, opt, size[0], size[1])
			d.press(v.keys...)
			checkGolden(t, fmt.Sprintf("%s-%dx%d", v.name, size[0], size[1]), d.screen())
		}
	}
	d := drive(t, startApp(t), 80, 24)
	checkGolden(t, "start-80x24", d.screen())
}

// TestGoldenPlain: without colours, and without characters above 0x7E, cursor, mark, error and focus are still told.
func TestGoldenPlain(t *testing.T) {
	opt := small(t)
	opt.NoColor = true
	d := newDriver(t, opt, 80, 24).press("space", "j")
	checkGolden(t, "nocolor-80x24", d.app.View().Content)
	opt.ASCII = true
	d = newDriver(t, opt, 160, 45).press("space", "f", "j")
	for _, r := range d.app.View().Content {
		if r > 0x7e && r != '\n' {
			t.Fatalf("%q is drawn with --ascii", r)
		}
	}
	checkGolden(t, "ascii-160x45", d.screen())
}

// TestGoldenIntegrity: the views that show verdicts, in colour, without colours and without characters above 0x7E.
func TestGoldenIntegrity(t *testing.T) {
	opt := verified(t)
	for _, v := range []struct {
		name string
		keys []string
	}{{"verified-events", []string{"t", "0", "8", ":", "0", "4", "enter"}}, {"verified-integrity", []string{"4", "j"}}, {"verified-sources", []string{"5"}}, {"verified-timeline", []string{"2", "ctrl+u", "v", "l", "l"}}, {"verified-split", []string{"2", "s", "s"}}, {"pivot", []string{"e", "X", "p", "j"}}, {"frequency", []string{"l", "F", "space", "j"}}} {
		for _, size := range [][2]int{{80, 24}, {160, 45}} {
			for _, look := range []string{"colour", "nocolor", "ascii"} {
				opt.NoColor, opt.ASCII = look != "colour", look == "ascii"
				d := newDriver(t, opt, size[0], size[1]).press(v.keys...)
				content := strings.ReplaceAll(d.app.View().Content, "\x1b", "^[")
				checkGolden(t, fmt.Sprintf("%s-%s-%dx%d", v.name, look, size[0], size[1]), content)
			}
		}
	}
}

func startApp(t *testing.T) *app {
	t.Helper()
	now := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	a := newApp(t.Context(), Options{})
	a.start = newStartPane(Start{
		Now: now, Profiles: []string{"default", "audit"},
		Stores: []RecentStore{
			{Path: "/a.db", Places: "./logs", Events: 1_204_331, Bytes: 48_100_000, Used: now.Add(-3 * time.Hour)},
			{Path: "/b.db", Places: "s3://org-trail/AWSLogs/o-1", Note: "in use by another trailsift", Used: now.Add(-80 * time.Hour)},
		},
	})
	return a
}

// timeless is a screen without the times and sizes that differ from run to run.
func timeless(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if before, _, ok := strings.Cut(l, "brought in 2"); ok {
			lines[i] = before + "brought in TIME"
		}
		if before, _, ok := strings.Cut(l, "index "); ok && strings.Contains(l, "copies") {
			lines[i] = before + "index SIZE"
		}
		if before, _, ok := strings.Cut(l, " ms"); ok && strings.Contains(l, "match") {
			lines[i] = strings.TrimRight(before, "0123456789") + "N ms"
		}
	}
	return strings.Join(lines, "\n")
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	got = timeless(got) + "\n"
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (go test ./tui -update writes it):\n%s", path, d)
	}
}

func TestStart(t *testing.T) {
	d := drive(t, startApp(t), 80, 24)
	d.sees("./logs").sees("1,204,331 events").sees("in use by another trailsift").sees("demo").sees("audit")
	f := func(want Choice, keys ...string) {
		t.Helper()
		d := drive(t, startApp(t), 80, 24).press(keys...)
		if got := d.app.start.choice; got != want || !d.done {
			t.Errorf("%v chooses %+v (done %v), want %+v", keys, got, d.done, want)
		}
	}
	f(Choice{Store: "/a.db"}, "enter")
	f(Choice{Store: "/b.db"}, "j", "enter")
	f(Choice{Place: "demo"}, "j", "j", "j", "enter")
	f(Choice{Profile: "audit"}, "G", "enter")
	f(Choice{Place: "./x"}, "o", ".", "/", "x", "enter")
	f(Choice{}, "q")
	f(Choice{Store: "/a.db"}, "G", "g", "enter")
}

// fits checks that no line of a screen is wider than it, and that there are no more lines than it has.
func fits(t *testing.T, d *driver, w, h int) {
	t.Helper()
	content := d.app.View().Content
	lines := strings.Split(content, "\n")
	if content != "" && len(lines) > h { // a terminal may say that it has no lines at all
		t.Fatalf("%d lines at %dx%d:\n%s", len(lines), w, h, d.screen())
	}
	for i, l := range lines {
		if got := ansi.StringWidth(l); got > w {
			t.Fatalf("line %d has %d cells at %dx%d: %q", i, got, w, h, l)
		}
	}
	if c := d.app.View().Cursor; c != nil && (c.X < 0 || c.X >= w || c.Y < 0 || c.Y >= h) {
		t.Fatalf("the cursor stands at %d,%d of %dx%d", c.X, c.Y, w, h)
	}
}

// fuzzKeys are the keys a fuzzed session presses.
var fuzzKeys = []string{
	"j", "k", "G", "g", "ctrl+d", "ctrl+u", "h", "l", "enter", "esc", "tab", "shift+tab", "f", "/", "=", "!", "u", "ctrl+r",
	"[", "]", "-", "1", "2", "5", "space", "e", "E", "t", "i", "T", "w", "\\", "?", ":", "W", "X", "J", "K", "y", "c", "a", "n",
	"s", "backspace", "down", "up", "pgdn", "pgup", "f2", "ctrl+c", "b", ":", "*", "(", "日", "4", "r", "v", "z", "Z", "0", "}", "{", "p", "F",
}

// FuzzScreen presses any keys at any sizes: no screen is ever wider or higher than the terminal, and nothing panics.
func FuzzScreen(f *testing.F) {
	x := openIndexAt(f, f.TempDir(), hostile(60))
	if err := x.SetIntegrity(f.Context(), hostileIntegrity()); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("\x00\x01\x0c\x08\x0d\x05\x08\x21"), uint8(80), uint8(24))
	f.Add([]byte{12, 1, 8, 9, 13, 51, 52, 53, 54, 8, 33, 9}, uint8(160), uint8(45))
	f.Add([]byte{23, 0, 1, 2, 13, 9, 32, 0, 8, 21, 20, 19}, uint8(60), uint8(16))
	f.Fuzz(func(t *testing.T, keys []byte, w, h uint8) {
		d := newDriver(t, Options{Index: x, Places: "\x1b[31mevil\u202e"}, int(w), int(h))
		for i, k := range keys[:min(len(keys), 60)] {
			if int(k) < len(fuzzKeys) {
				d.press(fuzzKeys[k])
			} else {
				w, h = k, uint8(i*7)+h
				d.update(sizeMsg(int(w), int(h)))
				d.settle()
			}
			fits(t, d, int(w), int(h))
			clean(t, d.app.View().Content)
			if d.done {
				return
			}
		}
	})
}
