package index

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestKeySorter compares with the standard library on keys that differ in few bits, many, and in the highest and lowest.
func TestKeySorter(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var s keySorter
	for _, mask := range []uint64{0, 1, 0x7ff, 1<<stableBits - 1, ^uint64(0), 1<<63 | 1, 0xff << 56, 3<<62 | 3} {
		for _, n := range []int{0, 1, 2, radixFrom - 1, radixFrom, 3000} {
			list := make([]keyed, n)
			for i := range list {
				list[i] = keyed{rng.Uint64()&mask | 1<<40&^mask, uint32(i)}
			}
			want := slices.Clone(list)
			slices.SortStableFunc(want, func(x, y keyed) int { return cmp.Compare(x.key, y.key) })
			s.sort(list)
			if mask>>stableBits != 0 { // order of equal keys is left open
				for _, l := range [][]keyed{list, want} {
					slices.SortFunc(l, func(x, y keyed) int { return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.no, y.no)) })
				}
			}
			if !slices.Equal(list, want) {
				t.Errorf("mask %x, %d keys: not sorted", mask, n)
			}
		}
	}
}

// TestKeySorterOrder asks for the order of keys alone, which the comparison above restores where it is not stable.
func TestKeySorterOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	var s keySorter
	list := make([]keyed, 5000)
	for i := range list {
		list[i] = keyed{rng.Uint64N(40) << 58 >> rng.IntN(58), uint32(i)}
	}
	s.sort(list)
	if !slices.IsSortedFunc(list, func(x, y keyed) int { return cmp.Compare(x.key, y.key) }) {
		t.Error("not sorted")
	}
}

func TestSortTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	var s keySorter
	for _, prefix := range []string{"", "arn:aws:", "arn:aws:s3:::some-longer-bucket/"} {
		for _, n := range []int{0, 1, 100, 5000} {
			texts := [][]byte{nil}
			for range n {
				switch rng.IntN(5) {
				case 0:
					texts = append(texts, bytes.Repeat([]byte{0}, rng.IntN(30)))
				case 1:
					texts = append(texts, append([]byte(prefix), bytes.Repeat([]byte{0}, rng.IntN(20))...))
				case 2:
					texts = append(texts, []byte(fmt.Sprintf("%s%d", prefix, rng.IntN(n))))
				case 3:
					texts = append(texts, []byte(prefix[:rng.IntN(len(prefix)+1)]))
				default:
					texts = append(texts, []byte(fmt.Sprintf("%s\xff%x", prefix, rng.Uint64()>>rng.IntN(64))))
				}
			}
			list := make([]keyed, len(texts))
			for i := range list {
				list[i].no = uint32(i)
			}
			s.sortTexts(list, func(no uint32) []byte { return texts[no] }, 0)
			var got [][]byte
			for _, e := range list {
				got = append(got, texts[e.no])
			}
			slices.SortFunc(texts, bytes.Compare)
			for i := range texts {
				if !bytes.Equal(texts[i], got[i]) {
					t.Fatalf("%q, %d texts, at %d: %s", prefix, n, i, gocmp.Diff(texts[i], got[i]))
				}
			}
		}
	}
}
