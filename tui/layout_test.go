package tui

import (
	"fmt"
	"testing"
)

func TestArrange(t *testing.T) {
	all := shape{strip: true, facets: true, detail: true}
	f := func(w, h int, s shape, want string) {
		t.Helper()
		l := arrange(w, h, s)
		got := fmt.Sprintf("strip %v list %v facets %v detail %v", l.strip, l.list, l.facets, l.detail)
		if l.tooSmall {
			got = "too small"
		}
		if got != want {
			t.Errorf("arrange(%d, %d, %+v)\n got %s\nwant %s", w, h, s, got, want)
		}
	}
	f(59, 40, all, "too small")
	f(200, 15, all, "too small")
	f(80, 24, shape{strip: true}, "strip {0 2 80 2} list {0 4 80 18} facets {0 0 0 0} detail {0 0 0 0}")
	f(80, 24, all, "strip {0 2 80 2} list {0 4 80 18} facets {0 4 41 18} detail {0 0 0 0}")
	f(80, 24, shape{focus: onDetail, strip: true}, "strip {0 0 0 0} list {0 0 0 0} facets {0 0 0 0} detail {0 1 80 21}")
	f(60, 16, shape{strip: true}, "strip {0 2 60 2} list {0 4 60 10} facets {0 0 0 0} detail {0 0 0 0}")
	f(160, 45, all, "strip {0 2 160 3} list {31 5 129 26} facets {0 5 30 38} detail {31 31 129 12}")
	f(160, 45, shape{detail: true}, "strip {0 0 0 0} list {0 2 160 28} facets {0 0 0 0} detail {0 30 160 13}")
	f(160, 45, shape{detail: true, focus: onDetail, maximised: true}, "strip {0 0 0 0} list {0 0 0 0} facets {0 0 0 0} detail {0 1 160 42}")
	f(120, 29, all, "strip {0 2 120 2} list {0 4 120 23} facets {0 4 41 23} detail {0 0 0 0}")
}

// TestArrangeFills checks for every size that the parts lie inside the screen, cover each line once and are not negative.
func TestArrangeFills(t *testing.T) {
	for w := 1; w <= 200; w += 7 {
		for h := 1; h <= 60; h++ {
			for bits := range 64 {
				s := shape{
					strip: bits&1 != 0, facets: bits&2 != 0, detail: bits&4 != 0, maximised: bits&8 != 0,
					focus: focus(bits >> 4 % 3),
				}
				checkFill(t, w, h, s)
			}
		}
	}
}

func checkFill(t *testing.T, w, h int, s shape) {
	t.Helper()
	l := arrange(w, h, s)
	if l.tooSmall {
		return
	}
	cells := 0
	for _, r := range []rect{l.tabs, l.query, l.strip, l.facets, l.gap, l.list, l.detail, l.status, l.hints} {
		if r.w < 0 || r.h < 0 || r.x < 0 || r.y < 0 || r.x+r.w > w || r.y+r.h > h {
			t.Fatalf("%dx%d %+v: %v lies outside", w, h, s, r)
		}
		cells += r.w * r.h
	}
	if l.drawer {
		cells -= l.facets.w * l.facets.h
	}
	if cells != w*h {
		t.Fatalf("%dx%d %+v: the parts fill %d cells of %d", w, h, s, cells, w*h)
	}
}
