package source

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// Of a file's content the first headBytes tell what text it is.
const headBytes = 64 << 10

// maxLayers is how many readers may stand between: gzip, UTF-16 and a table.
const maxLayers = 3

// textLayers are the readers between the content of a log file and the JSON in it, where it is not JSON in UTF-8: gzip
// inside gzip, UTF-16, a table. What a Span is about is what they give.
type textLayers struct {
	table  *tableReader
	stored *storedBytes
}

// layer looks at the beginning of the content and puts readers before it. It names what holds no records, "" for the rest.
func (d *Decoder) layer() (other string) {
	w := &d.impl.window
	d.impl.layers = textLayers{stored: &d.impl.in.stored}
	for range maxLayers {
		w.ahead(headBytes) // the same head as a ContentReader has
		head := w.text[:min(w.n, headBytes)]
		if !d.impl.layers.fits(head) {
			return sniff(head)
		}
		all := bytes.Clone(w.text[:w.n])
		rest := io.Reader(&windowRest{w.r, w.end, w.err})
		r, err := d.impl.layers.add(head, io.MultiReader(bytes.NewReader(all), rest))
		size := d.impl.size
		w.reset(r, size)
		if err != nil {
			w.end, w.err = true, err
			return ""
		}
		if d.impl.layers.table != nil {
			d.impl.flags |= d.impl.layers.table.flags
			return ""
		}
	}
	return sniff(w.text[:min(w.n, headBytes)])
}

// A windowRest is what a window had still to read.
type windowRest struct {
	r   io.Reader
	end bool
	err error
}

func (w *windowRest) Read(p []byte) (int, error) {
	switch {
	case w.err != nil:
		return 0, w.err
	case w.end:
		return 0, io.EOF
	}
	return w.r.Read(p)
}

// fits tells content that is not itself text with JSON in it.
func (l *textLayers) fits(head []byte) bool {
	if l.table != nil || len(head) < 2 {
		return false
	}
	return bytes.HasPrefix(head, gzipMagic) || isUTF16(head) || isTable(head)
}

// add puts the reader before content that its head asks for.
func (l *textLayers) add(head []byte, content io.Reader) (io.Reader, error) {
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		z, err := gzip.NewReader(content)
		if err != nil {
			return content, fmt.Errorf("gzip inside the file: not a gzip header")
		}
		return &innerGzip{r: z, stored: l.stored}, nil
	case isUTF16(head):
		return newUTF16Reader(content, head), nil
	}
	l.table = newTableReader(content, head)
	return l.table, nil
}

// An innerGzip puts errors of gzip inside the file into words.
type innerGzip struct {
	r      io.Reader
	given  int64
	stored *storedBytes
}

func (z *innerGzip) Read(p []byte) (int, error) {
	n, err := z.r.Read(p)
	z.given += int64(n)
	if err == nil {
		return n, z.stored.bomb(z.given)
	}
	if err != io.EOF { //nolint:errorlint // readers give it as it is
		err = fmt.Errorf("gzip inside the file: damaged after %s: %w", byteCount(z.given), err)
	}
	return n, err
}

// through puts the same readers before the content of a ContentReader.
func (l *textLayers) through(content io.Reader) io.Reader {
	for range maxLayers {
		head := make([]byte, headBytes)
		n, err := io.ReadFull(content, head)
		head = head[:n]
		rest := &windowRest{r: content}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			rest.end = true
		} else {
			rest.err = err
		}
		whole := io.MultiReader(bytes.NewReader(head), rest)
		if !l.fits(head) {
			return whole
		}
		if content, err = l.add(head, whole); err != nil {
			return &windowRest{err: err}
		}
		if l.table != nil {
			return content
		}
	}
	return content
}
