package tui

// The sizes at which the screen changes (cells).
const (
	minWidth, minHeight   = 60, 16
	wideWidth, wideHeight = 120, 30 // from here on facets and detail stand beside and below the list
	facetsWidth           = 30
	drawerWidth           = 41
)

// A rect is a part of the screen in cells. An empty one is not drawn.
type rect struct{ x, y, w, h int }

func (r rect) empty() bool { return r.w <= 0 || r.h <= 0 }

// shape is what of the Events view is wanted; arrange says where it goes.
type shape struct {
	strip, facets, detail bool
	focus                 focus // the pane that is shown alone with maximised, and the page on small screens
	maximised             bool
}

// layout says where everything is. All parts together fill the screen exactly.
type layout struct {
	tooSmall bool
	wide     bool // facets and detail have places of their own
	drawer   bool // facets lie over the left of the list
	tabs     rect
	query    rect
	strip    rect
	body     rect // all between strip and status
	facets   rect
	gap      rect // the line between facets and list
	list     rect
	detail   rect
	status   rect
	hints    rect
}

// arrange divides a screen. What does not fit is dropped in this order: detail below the list (it becomes a page),
// facets beside the list (they become a drawer), the second row of the histogram.
func arrange(w, h int, s shape) layout {
	l := layout{tooSmall: w < minWidth || h < minHeight, wide: w >= wideWidth && h >= wideHeight}
	if l.tooSmall {
		return l
	}
	l.tabs = rect{0, 0, w, 1}
	l.status = rect{0, h - 2, w, 1}
	l.hints = rect{0, h - 1, w, 1}
	page := s.focus == onDetail && (s.maximised || !l.wide)
	if page {
		l.body = rect{0, 1, w, h - 3}
		l.detail = l.body
		return l
	}
	l.query = rect{0, 1, w, 1}
	y := 2
	if s.strip {
		rows := 2
		if h >= wideHeight {
			rows = 3
		}
		l.strip = rect{0, y, w, rows}
		y += rows
	}
	l.body = rect{0, y, w, h - 2 - y}
	l.divide(s)
	return l
}

// divide gives the body to facets, list and detail.
func (l *layout) divide(s shape) {
	b := l.body
	switch {
	case s.maximised && s.focus == onFacets:
		l.facets = b
		return
	case s.maximised:
		l.list = b
		return
	case !l.wide && s.facets:
		l.drawer = true
		l.facets = rect{b.x, b.y, min(drawerWidth, b.w), b.h}
		l.list = b
		return
	case !l.wide:
		l.list = b
		return
	}
	if s.facets {
		l.facets = rect{b.x, b.y, facetsWidth, b.h}
		l.gap = rect{b.x + facetsWidth, b.y, 1, b.h}
		b.x += facetsWidth + 1
		b.w -= facetsWidth + 1
	}
	if s.detail {
		h := max(b.h/3, 10)
		l.detail = rect{b.x, b.y + b.h - h, b.w, h}
		b.h -= h
	}
	l.list = b
}
