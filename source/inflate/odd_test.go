package inflate_test

import (
	"bytes"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/trailsift/trailsift/source/inflate"
)

// A bitWriter writes what DEFLATE reads.
type bitWriter struct {
	out  []byte
	free uint // bits of the last byte
}

// write puts out n bits, lowest first.
func (w *bitWriter) write(v uint64, n uint) {
	for ; n > 0; n-- {
		if w.free == 0 {
			w.out = append(w.out, 0)
			w.free = 8
		}
		w.out[len(w.out)-1] |= byte(v&1) << (8 - w.free)
		w.free--
		v >>= 1
	}
}

// randomLengths are lengths of a complete code for some of n symbols, mostly: now and then one length is off.
func randomLengths(rng *rand.Rand, n int) []uint8 {
	leaves := []uint8{0}
	for target := 1 + rng.IntN(n); len(leaves) < target; {
		i := rng.IntN(len(leaves))
		if rng.IntN(3) == 0 {
			i = len(leaves) - 1 // makes long codes
		}
		if leaves[i] < 15 {
			leaves[i]++
			leaves = append(leaves, leaves[i])
		}
	}
	lengths := make([]uint8, n)
	for i, s := range rng.Perm(n)[:len(leaves)] {
		lengths[s] = leaves[i]
	}
	if rng.IntN(8) == 0 {
		lengths[rng.IntN(n)] = uint8(rng.IntN(16))
	}
	return lengths
}

// oddFile is a block with a code that no encoder would make, or the fixed one, and random bits as its content.
func oddFile(rng *rand.Rand) []byte {
	w := bitWriter{out: []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}}
	for range 1 + rng.IntN(3) {
		w.write(rng.Uint64()&1, 1)
		if rng.IntN(4) == 0 {
			w.write(1, 2)
		} else {
			literals, distances := 257+rng.IntN(30), 1+rng.IntN(30)
			w.write(2, 2)
			w.write(uint64(literals-257), 5)
			w.write(uint64(distances-1), 5)
			w.write(15, 4)
			for _, s := range []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15} {
				w.write(map[bool]uint64{true: 4}[s < 16], 3)
			}
			for _, l := range append(randomLengths(rng, literals), randomLengths(rng, distances)...) {
				w.write(uint64(bits.Reverse8(l)>>4), 4)
			}
		}
		for range rng.IntN(60) {
			w.write(rng.Uint64(), uint(1+rng.IntN(64)))
		}
	}
	return w.out
}

func TestReaderGivesWhatGzipGivesWithOddCodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	z := new(inflate.Reader)
	classes := map[string]int{}
	long := 0
	for range 8000 {
		file := oddFile(rng)
		check(t, z, bytes.NewReader(file), file, sized(16<<10))
		content, err := want(file)
		classes[class(err)]++
		if len(content) > 400 {
			long++
		}
	}
	if classes["corrupt"] < 100 || classes["cut"] < 100 || long < 50 {
		t.Errorf("the files are not odd enough: %v, %d with content", classes, long)
	}
}
