package index

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"testing"
)

// plainSum64 is what sum64 says, worked out with numbers of any size.
func plainSum64(h *rawHash, text []byte) uint64 {
	prime, two64 := big.NewInt(mersenne61), new(big.Int).Lsh(big.NewInt(1), 64)
	sum, point := big.NewInt(int64(len(text))), new(big.Int).SetUint64(h.point)
	for ; len(text) > 0; text = text[min(len(text), 8*nhWords):] {
		block := make([]byte, 8*nhWords)
		used := copy(block, text)
		nh := new(big.Int)
		word := func(i int) *big.Int {
			w := new(big.Int).SetUint64(binary.LittleEndian.Uint64(block[8*i:]))
			return w.Mod(w.Add(w, new(big.Int).SetUint64(h.words[i])), two64)
		}
		for i := 0; i < (used+63)/64*8; i += 2 {
			nh.Add(nh, new(big.Int).Mul(word(i), word(i+1)))
		}
		nh.Mod(nh, new(big.Int).Lsh(big.NewInt(1), 128))
		for k := range 3 {
			x := new(big.Int).Rsh(nh, uint(43*k))
			if k < 2 {
				x.And(x, big.NewInt(limb))
			}
			sum.Mod(sum.Add(sum.Mul(sum, point), x), prime)
		}
	}
	return sum.Uint64() & (1<<hashBits - 1)
}

func TestHashIsWhatTheNumbersSay(t *testing.T) {
	h, err := newRawHash([]byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint64]int{}
	for n := range 1300 {
		text := bytes.Repeat([]byte{0xff, byte(n)}, n)
		if got, want := h.sum64(text), plainSum64(h, text); got != want {
			t.Fatalf("%d bytes: %x, want %x", len(text), got, want)
		}
		if other, ok := seen[h.sum64(text)]; ok {
			t.Errorf("texts %d and %d agree", other, n)
		}
		seen[h.sum64(text)] = n
	}
	if h.sum64([]byte("a")) == h.sum64([]byte("a\x00")) {
		t.Error("zeros at the end do not count")
	}
}

func BenchmarkHashRecord(b *testing.B) {
	h, err := newRawHash(make([]byte, hashKeySize))
	if err != nil {
		b.Fatal(err)
	}
	text := make([]byte, 1383)
	b.SetBytes(int64(len(text)))
	b.Run("sum64", func(b *testing.B) {
		for b.Loop() {
			h.sum64(text)
		}
	})
	b.Run("sum128", func(b *testing.B) {
		for b.Loop() {
			h.sum128(text)
		}
	})
}
