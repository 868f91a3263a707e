package inflate_test

import (
	"bytes"
	stdgzip "compress/gzip"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/trailsift/trailsift/source/inflate"
)

// A chunkReader gives as many bytes at a time as size says.
type chunkReader struct {
	r    io.Reader
	size func() int
}

func (c chunkReader) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.size())]) }

// FuzzInflate compares with compress/gzip; seed decides how much is read at a time, of the file and of its content.
func FuzzInflate(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 8))
	logs, _ := logFiles(f, 5)
	f.Add(logs[0], uint64(1))
	for shape, content := range contents() {
		f.Add(compress(f, content[:min(len(content), 6000)], stdgzip.DefaultCompression), uint64(len(shape)))
	}
	for range 10 {
		f.Add(oddFile(rng), rng.Uint64())
	}
	f.Fuzz(func(t *testing.T, file []byte, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 0))
		sizes := func(most int) func() int {
			return func() int { return 1 + rng.IntN(most) }
		}
		r := chunkReader{bytes.NewReader(file), sizes(1 << (seed % 17))}
		check(t, new(inflate.Reader), r, file, sizes(1<<(seed/17%18)))
	})
}
