package source

import (
	"errors"
	"io"
)

// Sizes of the window.
const (
	windowBytes = 128 << 10 // at first: fits the second-level cache beside the inflater's own 32 KB
	keepBytes   = 1 << 20   // a window grown beyond this is given back at the end of the log file
)

// A window is the part of a log file's content that is looked at: text[from:n] is read but not done with, and pad zero
// bytes follow it. It slides over the content, and grows while one record needs it.
type window struct {
	r       io.Reader
	text    []byte
	from, n int
	base    int64 // offset of text[0] in the content
	end     bool  // there is no more content
	err     error // what ended the content; nil for its true end
}

func (w *window) reset(r io.Reader, size int) {
	if len(w.text) == 0 || len(w.text) > keepBytes {
		w.text = make([]byte, size+pad)
	}
	*w = window{r: r, text: w.text}
	clear(w.text[:pad])
}

// offset is the place of position i in the content.
func (w *window) offset(i int) int64 { return w.base + int64(i) }

// more reads on behind n. It is false, and changes nothing, where the end of the content is known to be there. What is
// before from is dropped: positions shift by from, which becomes 0. A window more than half full doubles, so a record
// that is begun again each time costs twice at most.
func (w *window) more() bool {
	if w.end {
		return false
	}
	if w.n-w.from > (len(w.text)-pad)/2 {
		grown := make([]byte, 2*(len(w.text)-pad)+pad)
		w.n = copy(grown, w.text[w.from:w.n])
		w.text = grown
	} else {
		w.n = copy(w.text, w.text[w.from:w.n])
	}
	w.base += int64(w.from)
	w.from = 0
	w.fill()
	clear(w.text[w.n : w.n+pad])
	return true
}

// ahead reads on until n bytes from from are there, or the content ends.
func (w *window) ahead(n int) {
	for more := true; more && w.n-w.from < n; {
		more = w.more()
	}
}

func (w *window) fill() {
	limit := len(w.text) - pad
	for empty := 0; w.n < limit && !w.end; {
		k, err := w.r.Read(w.text[w.n:limit])
		w.n += k
		if empty++; k > 0 {
			empty = 0
		}
		switch {
		case errors.Is(err, io.EOF):
			w.end = true
		case err != nil:
			w.end, w.err = true, err
		case empty == 100:
			w.end, w.err = true, io.ErrNoProgress
		}
	}
}
