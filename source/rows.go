package source

import (
	"bytes"
	"errors"
	"io"
)

// maxRow is the largest row of a table that is held: a cell in quotes of 16 MB, and a line.
const maxRow = 2 * maxRecord

// A rowReader gives a text line by line, and lets lines of the row at hand be read again.
type rowReader struct {
	r       io.Reader
	buf     []byte
	from    int // of the row
	at      int // behind its last line
	scanned int // no line break stands between at and here
	n       int
	err     error
}

func newRowReader(r io.Reader) *rowReader { return &rowReader{r: r, buf: make([]byte, 64<<10)} }

// begin begins a row behind the last one.
func (r *rowReader) begin() { r.from = r.at }

// row is what was read of the row; it is valid until the next line is read.
func (r *rowReader) row() []byte { return r.buf[r.from:r.at] }

// back goes back to n bytes behind the beginning of the row.
func (r *rowReader) back(n int) { r.at, r.scanned = r.from+n, r.from+n }

// line adds the next line, with its line break, to the row. The last one comes with the error that ended the text.
func (r *rowReader) line() error {
	for {
		if i := bytes.IndexByte(r.buf[r.scanned:r.n], '\n'); i >= 0 {
			r.at = r.scanned + i + 1
			r.scanned = r.at
			return nil
		}
		r.scanned = r.n
		switch {
		case r.err != nil:
			r.at = r.n
			return r.err
		case r.n-r.from > maxRow:
			r.at = r.n
			r.err = errors.New("table: a line of more than 16 MB")
			return r.err
		}
		r.fill()
	}
}

func (r *rowReader) fill() {
	if r.from > 0 {
		copy(r.buf, r.buf[r.from:r.n])
		r.at, r.scanned, r.n, r.from = r.at-r.from, r.scanned-r.from, r.n-r.from, 0
	}
	if r.n > len(r.buf)/2 {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
	for empty := 0; ; empty++ {
		n, err := r.r.Read(r.buf[r.n:])
		r.n += n
		if err == nil && n == 0 && empty == 100 {
			err = io.ErrNoProgress
		}
		if r.err = err; n > 0 || err != nil {
			return
		}
	}
}
