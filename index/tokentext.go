package index

import (
	"encoding/binary"
	"math/rand/v2"
)

// A textHash is a fast hash of whole texts, of 63 bits and never 0. Two texts of a block with one hash are taken for the
// same: the secret, of the process alone, leaves an attacker nothing but chance.
type textHash struct{ k0, k1 uint64 }

func newTextHash() textHash { return textHash{rand.Uint64() | 1, rand.Uint64()} }

func (t textHash) of(text []byte) uint64 {
	n, sum := len(text), t.k1
	var head, tail uint64
	switch {
	case n > 16:
		for rest := text; len(rest) > 16; rest = rest[16:] {
			sum = fold64(binary.LittleEndian.Uint64(rest)^t.k0, binary.LittleEndian.Uint64(rest[8:])^sum)
		}
		head, tail = binary.LittleEndian.Uint64(text[n-16:]), binary.LittleEndian.Uint64(text[n-8:])
	case n >= 8:
		head, tail = binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[n-8:])
	case n >= 4:
		head, tail = uint64(binary.LittleEndian.Uint32(text)), uint64(binary.LittleEndian.Uint32(text[n-4:]))
	case n > 0:
		head = uint64(text[0]) | uint64(text[n/2])<<8 | uint64(text[n-1])<<16
	}
	return fold64(fold64(head^t.k0, tail^sum)^uint64(n), 0x9e3779b97f4a7c15) | 1
}
