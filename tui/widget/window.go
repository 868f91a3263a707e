package widget

// A Window is the cursor of a list of N lines and the part of it that is seen: H lines from Top on.
// The zero value is an empty list.
type Window struct {
	N, H        int
	Cursor, Top int
	// Jump makes the list scroll by half a page at its edges. Where something stands beside the list, each scroll is a
	// rewrite of the whole list (a terminal scrolls whole lines only), so it is done seldom.
	Jump bool
}

// Resize sets the number of lines there are and that are seen.
func (w *Window) Resize(n, h int) {
	w.N, w.H = max(n, 0), max(h, 0)
	w.To(w.Cursor)
}

// Move moves the cursor by d lines.
func (w *Window) Move(d int) { w.To(w.Cursor + d) }

// To moves the cursor to line i and scrolls no further than needed.
func (w *Window) To(i int) {
	w.Cursor = min(max(i, 0), max(w.N-1, 0))
	switch {
	case w.Cursor < w.Top:
		w.Top = w.Cursor - w.leap()
	case w.Cursor >= w.Top+w.H:
		w.Top = w.Cursor - w.H + 1 + w.leap()
	}
	w.clampTop()
}

func (w *Window) leap() int {
	if w.Jump {
		return w.H / 2
	}
	return 0
}

// Page moves cursor and part seen by num/den of the height, at least by one line.
func (w *Window) Page(num, den int) {
	d := w.H * num / den
	if d == 0 {
		d = sign(num)
	}
	w.Top += d
	w.clampTop()
	jump := w.Jump
	w.Jump = false
	w.Move(d)
	w.Jump = jump
}

// Place puts the cursor on line i and shows that line at row of the window, as far as the ends of the list allow.
func (w *Window) Place(i, row int) {
	w.Cursor = min(max(i, 0), max(w.N-1, 0))
	w.Top = w.Cursor - min(max(row, 0), max(w.H-1, 0))
	w.clampTop()
}

// Row is the cursor's row in the window.
func (w *Window) Row() int { return w.Cursor - w.Top }

// End is the line behind the last one seen.
func (w *Window) End() int { return min(w.Top+w.H, w.N) }

func (w *Window) clampTop() {
	w.Top = max(min(w.Top, w.N-w.H), 0)
	if w.H > 0 {
		w.Top = min(max(w.Top, w.Cursor-w.H+1), w.Cursor)
	}
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}
