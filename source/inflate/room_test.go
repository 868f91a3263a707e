package inflate_test

import (
	"bytes"
	stdgzip "compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/trailsift/trailsift/source/inflate"
)

// TestReaderStaysInItsRoom: four literals of short codes (two pairs), then a match of 258, may end anywhere in the
// caller's room.
func TestReaderStaysInItsRoom(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	block := make([]byte, 258)
	for i := range block {
		block[i] = byte(128 + rng.IntN(128))
	}
	content := bytes.Clone(block)
	for range 300 {
		for range 4 {
			content = append(content, "abcdefgh"[rng.IntN(8)])
		}
		content = append(content, block...)
	}
	file := compress(t, content, stdgzip.BestCompression)
	z := new(inflate.Reader)
	for room := 4 << 10; room < 4<<10+2*262; room++ {
		if err := z.Reset(bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		got, err := readAll(z, sized(room))
		if !errors.Is(err, io.EOF) || !bytes.Equal(got, content) {
			t.Fatalf("reads of %d: %d bytes, want %d; %v", room, len(got), len(content), err)
		}
	}
}
