package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
)

// views are all views and menus, and the keys that lead there.
var views = []struct {
	name string
	keys string
}{
	{"events", "t 0 8 : 0 4 enter space"},
	{"gap", "t 0 8 : 5 5 enter"},
	{"filter", "/ u s e r :"},
	{"error", "/ u s e r : ("},
	{"facets", "f j"},
	{"detail", "enter j j j j"},
	{"failed", "e enter"},
	{"timeline", "2 ctrl+u v l l"},
	{"split", "2 s s"},
	{"findings", "3"},
	{"integrity", "4 j"},
	{"sources", "5"},
	{"frequency", "l F space j"},
	{"pivot", "e X p j"},
	{"help", "?"},
	{"palette", ": t h e"},
	{"copy", "y"},
	{"bookmarks", "m n o t e enter '"},
	{"searches", "o"},
	{"columns", "C j"},
	{"export", "ctrl+s"},
	{"print", "P"},
	{"find", "ctrl+f a l i c e enter n"},
	{"range", "j v j j"},
}

// sizes of golden screens; the smallest as text alone.
var goldenSizes = [][2]int{{60, 16}, {80, 24}, {120, 40}, {160, 45}}

// TestGolden compares every view at every size with testdata: its text, its inks in colour and without, and the lines that
// differ with --ascii. go test ./tui -update writes it.
func TestGolden(t *testing.T) {
	opt := verified(t)
	for _, size := range goldenSizes {
		for _, v := range views {
			looks := map[string]string{}
			for _, look := range []string{"colour", "nocolor", "ascii"} {
				if size[0] == 60 && look != "colour" {
					continue
				}
				opt.NoColor, opt.ASCII = look == "nocolor", look == "ascii"
				d := newDriver(t, opt, size[0], size[1]).press(strings.Fields(v.keys)...)
				fits(t, d, size[0], size[1])
				looks[look] = d.app.View().Content
			}
			checkGolden(t, fmt.Sprintf("%s-%dx%d", v.name, size[0], size[1]), golden(t, looks))
		}
	}
}

// TestGoldenAlone: what stands on the screen instead of the views.
func TestGoldenAlone(t *testing.T) {
	for _, size := range goldenSizes[1:] {
		start, choose := map[string]string{}, map[string]string{}
		for _, look := range []string{"colour", "nocolor", "ascii"} {
			th := newTheme(look == "nocolor", look == "ascii", true)
			a := startApp(t)
			a.th = th
			start[look] = drive(t, a, size[0], size[1]).app.View().Content
			c := choosing(t, anOffer(17e6), size[0], size[1])
			c.a.th = th
			c.a.Update(sizeMsg(size[0], size[1]))
			choose[look] = c.a.View().Content
		}
		checkGolden(t, fmt.Sprintf("start-%dx%d", size[0], size[1]), golden(t, start))
		checkGolden(t, fmt.Sprintf("choose-%dx%d", size[0], size[1]), golden(t, choose))
	}
}

// golden is the looks of one screen as text: the lines, then for each line in which cells which inks are (SGR), then what
// differs with --ascii.
func golden(t *testing.T, looks map[string]string) string {
	t.Helper()
	plain := timed(lines(looks["colour"]))
	out := strings.Join(plain, "\n")
	for _, look := range []string{"colour", "nocolor"} {
		if looks[look] == "" {
			continue
		}
		out += "\n== " + look
		for y, line := range strings.Split(looks[look], "\n") {
			if runs := inks(line); runs != "" {
				out += fmt.Sprintf("\n%d:%s", y, runs)
			}
		}
	}
	if looks["ascii"] == "" {
		return out
	}
	if without := timed(lines(looks["nocolor"])); !slices.Equal(without, plain) {
		t.Errorf("without colour the text is another one:\n%s", cmp.Diff(plain, without))
	}
	out += "\n== ascii"
	for y, line := range timed(lines(looks["ascii"])) {
		for _, r := range line {
			if r > 0x7e {
				t.Errorf("%q is drawn with --ascii in %q", r, line)
			}
		}
		if y >= len(plain) || line != plain[y] {
			out += fmt.Sprintf("\n%d:%s", y, line)
		}
	}
	return out
}

// lines are the lines of a screen without colours and without blanks at their ends.
func lines(content string) []string {
	all := strings.Split(ansi.Strip(content), "\n")
	for i := range all {
		all[i] = strings.TrimRight(all[i], " ")
	}
	return all
}

// timed are lines without what differs from run to run.
func timed(all []string) []string { return strings.Split(timeless(strings.Join(all, "\n")), "\n") }

// inks are the cells of a line that have one: " 3+12=1;36" is twelve cells from the third on in SGR 1;36.
func inks(line string) string {
	var out strings.Builder
	state, x, from, ink := byte(0), 0, 0, ""
	flush := func() {
		if ink != "" && x > from {
			fmt.Fprintf(&out, " %d+%d=%s", from, x-from, ink)
		}
		from = x
	}
	for line != "" {
		seq, width, n, next := ansi.DecodeSequence(line, state, nil)
		state, line = next, line[n:]
		if params, ok := strings.CutPrefix(seq, "\x1b["); ok && strings.HasSuffix(seq, "m") {
			flush()
			ink = strings.TrimSuffix(params, "m")
			continue
		}
		x += width
	}
	flush()
	return out.String()
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
			lines[i] = strings.Join(strings.Fields(strings.TrimRight(before, "0123456789")), " ") + " N ms"
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
	"m", "'", "o", "S", "C", "P", "ctrl+f", "N", "d", "K", "<", ">",
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
