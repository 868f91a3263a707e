package index

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// A rawHash is a keyed hash of a record's bytes, under a key drawn for each store. Whoever does not know the key, which
// is never shown, cannot make two texts that agree better than by chance: see sum64 and sum128.
type rawHash struct {
	aead  cipher.AEAD
	nonce [12]byte
	tag   [16]byte

	words [nhWords]uint64 // keys of sum64
	point uint64
	last  [8 * nhWords]byte
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
	h := &rawHash{aead: aead}
	var random [8 * (nhWords + 1)]byte
	counter := [aes.BlockSize]byte{0: 1} // far from the counters that sum128 uses
	cipher.NewCTR(block, counter[:]).XORKeyStream(random[:], random[:])
	for i := range h.words {
		h.words[i] = binary.LittleEndian.Uint64(random[8*i:])
	}
	h.point = binary.LittleEndian.Uint64(random[8*nhWords:]) % mersenne61
	return h, nil
}

// sum128 is GMAC (AES-GCM without text): two different texts of n bytes agree with a probability of about n/16 / 2^128
// (polynomial hashing over GF(2^128), NIST SP 800-38D). The nonce is fixed: a tag is never shown. Not for concurrent use.
func (h *rawHash) sum128(text []byte) [16]byte {
	return [16]byte(h.aead.Seal(h.tag[:0], h.nonce[:], nil, text))
}

const (
	nhWords    = 64        // words of a block
	mersenne61 = 1<<61 - 1 // a prime
	limb       = 1<<43 - 1
	// hashBits is how much is kept: 7 bytes a document.
	hashBits = 56
)

// sum64 is a hash of 56 bits, four times as fast as sum128: blocks of 512 bytes are hashed with NH (Black et al., UMAC:
// two different blocks agree with 2^-64), and what it gives with a polynomial modulo 2^61-1, as VMAC does. Two different
// texts of n bytes agree with a probability of about n/150 / 2^55. Not for concurrent use.
func (h *rawHash) sum64(text []byte) uint64 {
	sum := uint64(len(text)) % mersenne61
	for ; len(text) >= 8*nhWords; text = text[8*nhWords:] {
		sum = h.fold(sum, text[:8*nhWords])
	}
	if len(text) > 0 {
		padded := h.last[:(len(text)+63)&^63]
		clear(padded[len(text):])
		copy(padded, text)
		sum = h.fold(sum, padded)
	}
	return sum & (1<<hashBits - 1)
}

// fold takes a block of up to nhWords words, eight at a time.
func (h *rawHash) fold(sum uint64, block []byte) uint64 {
	var high, low, carry uint64
	for i := 0; i+64 <= len(block); i += 64 {
		m, k := (*[64]byte)(block[i:]), (*[8]uint64)(h.words[i/8:])
		a, b := bits.Mul64(binary.LittleEndian.Uint64(m[0:])+k[0], binary.LittleEndian.Uint64(m[8:])+k[1])
		c, d := bits.Mul64(binary.LittleEndian.Uint64(m[16:])+k[2], binary.LittleEndian.Uint64(m[24:])+k[3])
		low, carry = bits.Add64(low, b, 0)
		high, _ = bits.Add64(high, a, carry)
		low, carry = bits.Add64(low, d, 0)
		high, _ = bits.Add64(high, c, carry)
		a, b = bits.Mul64(binary.LittleEndian.Uint64(m[32:])+k[4], binary.LittleEndian.Uint64(m[40:])+k[5])
		c, d = bits.Mul64(binary.LittleEndian.Uint64(m[48:])+k[6], binary.LittleEndian.Uint64(m[56:])+k[7])
		low, carry = bits.Add64(low, b, 0)
		high, _ = bits.Add64(high, a, carry)
		low, carry = bits.Add64(low, d, 0)
		high, _ = bits.Add64(high, c, carry)
	}
	for _, x := range [...]uint64{low & limb, (low>>43 | high<<21) & limb, high >> 22} {
		a, b := bits.Mul64(sum, h.point)
		sum = b&mersenne61 + (b>>61 | a<<3) + x // below 2^62 + 2^43
		sum = sum&mersenne61 + sum>>61
	}
	if sum >= mersenne61 {
		sum -= mersenne61
	}
	return sum
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

// addLike is the number of a text that is mostly that of number *like, which becomes this one; nil: nothing is known.
func (t *interner) addLike(text []byte, like *uint32) uint32 {
	if like == nil {
		return t.add(text)
	}
	if *like == 0 || string(t.text(*like)) != string(text) {
		*like = t.add(text)
	}
	return *like
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
