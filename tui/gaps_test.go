package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/index"
)

// gapDriver shows events with lines between them, of gaps that no index holds.
func gapDriver(t *testing.T, w, h int, gaps ...index.Gap) *driver {
	t.Helper()
	opt := small(t)
	d := newDriver(t, opt, w, h)
	a := d.app
	r := newReport(established())
	d.update(integrityMsg{generation: opt.Index.Generation(), report: r, ask: a.integrity.ask, rows: r.list(a.integrity.ask)})
	d.settle()
	d.update(gapsMsg{gen: a.events.gen, from: a.events.gaps.from, to: a.events.gaps.to, gaps: gaps})
	return d
}

func missingAt(minute, length int) index.Gap {
	to := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC).Add(time.Duration(-minute)*time.Minute + 30*time.Second)
	return index.Gap{
		Time: to, From: to.Add(-time.Duration(length) * time.Minute), To: to, Class: "log.missing", Files: 1,
		Key:     established()[0].Files[0].Key,
		Account: "111122223333", Region: "us-east-1",
	}
}

// TestGapLines: a line stands between the events around it, and the cursor goes over it without losing its way.
func TestGapLines(t *testing.T) {
	d := gapDriver(t, 80, 24, missingAt(2, 5))
	d.sees("-- log file missing: 03-05 11:53 to 11:58, us-east-1, 111122223333 --")
	lines := strings.Split(d.screen(), "\n")
	for i, l := range lines {
		if strings.Contains(l, "log file missing") && (!strings.Contains(lines[i-1], "11:59:00") || !strings.Contains(lines[i+1], "11:58:00")) {
			t.Errorf("the line stands between %q and %q", lines[i-1], lines[i+1])
		}
	}
	d.press("j").sees("> ?03-05 11:59").press("j").sees("> -- log file missing").press("j").sees("> ?03-05 11:58")
	d.press("k").sees("> -- log file missing").press("k").sees("> ?03-05 11:59").press("j", "=").sees("300 events")
}

// TestGapLinesOldestFirst: with the oldest events first a line stands between the same events.
func TestGapLinesOldestFirst(t *testing.T) {
	d := newDriver(t, verified(t), 80, 24).press("t").typed("08:04").press("enter")
	around := func() (above, below string) {
		t.Helper()
		lines := strings.Split(d.screen(), "\n")
		for i, l := range lines {
			if strings.Contains(l, "-- log file missing: 03-05 07:50 to 07:59") {
				return lines[i-1], lines[i+1]
			}
		}
		t.Fatalf("no line:\n%s", d.screen())
		return "", ""
	}
	above, below := around()
	d.press("S").sees("oldest first")
	if a, b := around(); a != below || b != above {
		t.Errorf("it stands between\n%s\n%s\nand with the oldest first between\n%s\n%s", above, below, a, b)
	}
	d.press("l", "s").lacks("-- log file missing")
}

// TestGapLinesFit: the cursor is always on screen, and no screen is too long, whatever stands between the events.
func TestGapLinesFit(t *testing.T) {
	var gaps []index.Gap
	for m := range 60 {
		for range 5 - m%6 {
			gaps = append(gaps, missingAt(m, 5))
		}
	}
	for _, size := range [][2]int{{80, 24}, {60, 16}, {160, 45}} {
		d := gapDriver(t, size[0], size[1], gaps...)
		if n := strings.Count(d.screen(), "and 2 more"); n == 0 {
			t.Errorf("many lines at one place are not told together:\n%s", d.screen())
		}
		for k := range strings.FieldsSeq("j j j j j j j j j j j j j j j j j j j j j j j j k k k k ctrl+d ctrl+d pgup g ctrl+u pgdn pgdn G k k j j j") {
			d.press(k)
			fits(t, d, size[0], size[1])
			list := d.app.events.View(d.app.th, time.UTC, nil, true)
			cursors := 0
			for _, l := range list {
				if strings.HasPrefix(l, ">") {
					cursors++
				}
			}
			if cursors != 1 || len(list) > d.app.events.room+1 {
				t.Fatalf("%s at %v: %d cursors, %d lines:\n%s", k, size, cursors, len(list), d.screen())
			}
		}
	}
}

// TestGapOpens: enter on the line shows the problem.
func TestGapOpens(t *testing.T) {
	g := missingAt(2, 5)
	r := newReport(established())
	for _, row := range r.list(problemAsk{}) {
		if r.class(row) == "log.missing" {
			g.Key = r.nameOf(row)
		}
	}
	gapDriver(t, 80, 24, g).press("j", "j", "enter").sees("[4 Integrity(!4)]").sees("> invalid    missing")
}

// TestVerdictSigns: blank is only what is proven; nothing is marked where nothing was verified.
func TestVerdictSigns(t *testing.T) {
	th := newTheme(true, true, true)
	f := func(verdict, want string) {
		t.Helper()
		p := eventsPane{verified: true}
		if got := ansi.Strip(p.verdictFlag(th, &index.Row{Verdict: verdict})); got != want {
			t.Errorf("%s is marked %q, want %q", verdict, got, want)
		}
		p.verified = false
		if got := p.verdictFlag(th, &index.Row{Verdict: verdict}); got != " " {
			t.Errorf("%s is marked %q where nothing was verified", verdict, got)
		}
	}
	f("valid", " ")
	f("invalid", "~")
	for _, v := range []string{"warn", "unverified", "unchecked", "info", ""} {
		f(v, "?")
	}
}

// TestHatch: a bucket in which something is missing is hatched, whether events are in it or not.
func TestHatch(t *testing.T) {
	start := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
	tl := index.Timeline{From: start, To: start.Add(4 * time.Hour), Bucket: time.Hour}
	for i, n := range []int{8, 0, 8, 1} {
		tl.Buckets = append(tl.Buckets, index.Bucket{Start: start.Add(time.Duration(i) * time.Hour), Events: n, Gap: i == 1 || i == 2})
	}
	var p stripPane
	p.Install(1, tl)
	f := func(th theme, rows int, want ...string) {
		t.Helper()
		got := p.View(th, time.UTC, nil, 4, rows)
		for i := range want {
			if s := ansi.Strip(got[i]); s != want[i] {
				t.Errorf("line %d is %q, want %q", i, s, want[i])
			}
		}
	}
	f(newTheme(false, false, true), 2, "█░░▁")
	f(newTheme(true, true, true), 3, "#//", "#/#.")
}
