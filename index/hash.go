package index

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"hash/maphash"
)

// A rawHash is a keyed hash of a record's bytes: GMAC (AES-GCM without text) under a key drawn for each store. Two
// different texts of n bytes agree in the 64 bits we keep with a probability of about n/16 / 2^64, whoever chose them,
// since nobody outside the store knows the key (polynomial hashing over GF(2^128), NIST SP 800-38D). It runs at several
// GB/s where the processor has carry-less multiplication, SipHash at 1. The nonce is fixed: a tag is never shown.
type rawHash struct {
	aead  cipher.AEAD
	nonce [12]byte
	tag   [16]byte
}

const hashKeySize = 16

func newRawHash(key []byte) (*rawHash, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &rawHash{aead: aead}, nil
}

// sum128 is the hash of text. Not for concurrent use.
func (h *rawHash) sum128(text []byte) [16]byte {
	return [16]byte(h.aead.Seal(h.tag[:0], h.nonce[:], nil, text))
}

// sum64 is half of it.
func (h *rawHash) sum64(text []byte) uint64 {
	tag := h.sum128(text)
	return binary.LittleEndian.Uint64(tag[:])
}

// An interner gives each different text a number, from 1 in order of appearance; the texts lie in one arena. It is an
// open-addressing table: 8 bytes a slot (half of the hash, number), at most three of four slots in use.
type interner struct {
	seed  maphash.Seed
	slots []uint64
	arena []byte
	ends  []uint32 // end of text i in the arena
	// the number given last and its text: values repeat from record to record
	last     uint32
	lastText []byte
}

func newInterner() *interner { return &interner{seed: maphash.MakeSeed()} }

// len is how many texts there are.
func (t *interner) len() int { return len(t.ends) }

// sizeBytes is about what the texts take in memory.
func (t *interner) sizeBytes() int { return len(t.arena) + 12*t.len() }

// text is the text of a number; valid until reset.
func (t *interner) text(n uint32) []byte {
	start := uint32(0)
	if n > 1 {
		start = t.ends[n-2]
	}
	return t.arena[start:t.ends[n-1]]
}

// add is the number of a text.
func (t *interner) add(text []byte) uint32 {
	if t.last != 0 && string(t.lastText) == string(text) {
		return t.last
	}
	if 4*len(t.ends) >= 3*len(t.slots) {
		t.grow()
	}
	h := maphash.Bytes(t.seed, text)
	mask := uint64(len(t.slots) - 1)
	tag := h &^ (1<<32 - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			t.slots[i] = tag | uint64(t.append(text))
			return t.last
		}
		if s&^(1<<32-1) != tag {
			continue
		}
		if found := t.text(uint32(s)); string(found) == string(text) {
			t.last, t.lastText = uint32(s), found
			return t.last
		}
	}
}

// append gives a text a new number without asking whether it has one; for texts that hardly ever repeat. A table is
// filled either by add or by append.
func (t *interner) append(text []byte) uint32 {
	start := len(t.arena)
	t.arena = append(t.arena, text...)
	t.ends = append(t.ends, uint32(len(t.arena)))
	t.last, t.lastText = uint32(len(t.ends)), t.arena[start:]
	return t.last
}

// grow doubles the table. The lower half of a hash is not kept, so texts are hashed again: once each on the average.
func (t *interner) grow() {
	t.slots = make([]uint64, max(64, 2*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for n := range uint32(len(t.ends)) {
		h := maphash.Bytes(t.seed, t.text(n+1))
		i := h & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = h&^(1<<32-1) | uint64(n+1)
	}
}

// reset empties the table and keeps its memory.
func (t *interner) reset() {
	clear(t.slots)
	t.arena, t.ends, t.last, t.lastText = t.arena[:0], t.ends[:0], 0, nil
}
