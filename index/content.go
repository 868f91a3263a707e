package index

import (
	"crypto/sha256"
	"hash"
	"io"
)

// A meter reads through: it counts and hashes the stored bytes, and hands them to keep.
type meter struct {
	r     io.Reader
	sum   hash.Hash
	n     int64
	keep  func([]byte) error // may be nil
	count func(n int)        // progress; may be nil
}

func newMeter(r io.Reader) *meter { return &meter{r: r, sum: sha256.New()} }

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if n > 0 {
		m.sum.Write(p[:n])
		m.n += int64(n)
		if m.count != nil {
			m.count(n)
		}
		if m.keep != nil {
			if kerr := m.keep(p[:n]); kerr != nil {
				return n, kerr
			}
		}
	}
	return n, err
}
