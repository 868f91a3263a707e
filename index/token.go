package index

import (
	"encoding/binary"
	"math/bits"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// A token filter says of a block of some 400 records, of one log file or of several small ones, which tokens none of its
// keys and values holds: a Bloom filter like those of ids. What a query looks for anywhere in a record is then asked only
// of the records of few blocks. Filters are kept by log file number and position, beside the segments, so that merging
// does not touch them. Left out are lower-case GUIDs that are an eventID or requestID, which columns hold, the tokens of
// eventTime's minute and second, and what stands in about every record: see isCommon.
const (
	tokenBlockDocs   = 400
	tokenBlockTokens = 16 << 10
	// tokensAhead bounds the filters that wait for a log file that is still being read: a million records or so. Records
	// beyond have a block that holds everything.
	tokensAhead = 12 << 20
)

// A tokenHash is the hash of tokens of a store: keyed, so that nobody can craft tokens that fill filters.
type tokenHash struct{ k0, k1 uint64 }

func newTokenHash(key []byte) tokenHash {
	return tokenHash{binary.LittleEndian.Uint64(key) | 1, binary.LittleEndian.Uint64(key[8:])}
}

// of is the hash of a token.
func (h tokenHash) of(token []byte) uint64 {
	n, sum := uint64(len(token)), h.k1
	for ; len(token) >= 8; token = token[8:] {
		sum = fold64(sum^binary.LittleEndian.Uint64(token), h.k0)
	}
	if len(token) > 0 {
		var last [8]byte
		copy(last[:], token)
		sum = fold64(sum^binary.LittleEndian.Uint64(last[:]), h.k0)
	}
	return h.end(sum, n)
}

func (h tokenHash) end(sum, n uint64) uint64 { return fold64(sum^n, 0x9e3779b97f4a7c15) }

// whole is the hash of a folded text; other than that of any token.
func (h tokenHash) whole(folded []byte) uint64 { return tokenHash{h.k0, ^h.k1}.of(folded) }

// fold64 is the product of two numbers with its upper half folded into the lower.
func fold64(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// A hashSet is a set of 64-bit hashes, emptied for each block.
type hashSet struct {
	slots []uint64
	n     int
	zero  bool // 0 is a member
}

// add is false where the hash was a member already.
func (s *hashSet) add(h uint64) bool {
	if h == 0 {
		fresh := !s.zero
		s.zero = true
		return fresh
	}
	if 4*s.n >= 3*len(s.slots) {
		s.grow()
	}
	mask := uint64(len(s.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case h:
			return false
		case 0:
			s.slots[i] = h
			s.n++
			return true
		}
	}
}

func (s *hashSet) grow() {
	old := s.slots
	s.slots = make([]uint64, max(1024, 2*len(old)))
	mask := uint64(len(s.slots) - 1)
	for _, h := range old {
		if h == 0 {
			continue
		}
		i := h & mask
		for s.slots[i] != 0 {
			i = (i + 1) & mask
		}
		s.slots[i] = h
	}
}

// maxSlots is how large a set may stay: one block of odd records must not make all that follow slow.
const maxSlots = 32 << 10

func (s *hashSet) reset() {
	if len(s.slots) > maxSlots {
		s.slots = nil
	}
	clear(s.slots)
	s.n, s.zero = 0, false
}

// A tokenSpan is the records of a log file from one position to another, both included.
type tokenSpan struct{ no, from, to uint32 }

// A tokenBuilder makes filters of records that come log file by log file.
type tokenBuilder struct {
	hash   tokenHash
	secret textHash
	folder query.Folder
	walker source.Walker
	// identities are those that the decoder knows, by IdentityRef.Place.
	identities []identityTokens
	hashes     []uint64 // of the text at hand

	// of the block at hand
	number  uint64 // from 1
	held    heldTexts
	spans   []tokenSpan
	docs    int
	recent  [1 << recentBits]uint64 // hashes of texts whose tokens are in it: most texts of a record are those of few
	members hashSet                 // tokens
	list    []uint64
	hour    [13]byte // the beginning of the last eventTime: 2026-07-01T10

	file tokenSpan // the log file at hand, as far as it is in the block
	in   bool      // file has records in the block

	done  tokenBatch
	ahead int // bytes of done when the log file at hand began
}

// recentBits sizes the table of recent texts: a block has some 2,000 that differ, and the table stays near the processor.
const recentBits = 12

func newTokenBuilder(key []byte) *tokenBuilder {
	return &tokenBuilder{
		hash: newTokenHash(key), secret: newTextHash(), number: 1,
		identities: make([]identityTokens, source.MaxIdentities),
	}
}

// begin starts a log file, or goes on with it.
func (b *tokenBuilder) begin(no uint32) {
	b.leave()
	if b.file.no != no {
		b.file, b.ahead = tokenSpan{no: no}, len(b.done.data)
	}
}

// full says that the filters of the log file at hand take as much as they may.
func (b *tokenBuilder) full() bool { return len(b.done.data)-b.ahead >= tokensAhead }

// drop takes the log file at hand back. Tokens that are in the block stay there: they only let more pass.
func (b *tokenBuilder) drop() {
	b.in = false
	b.done.forget(b.file.no)
}

// leave ends the part of the log file in the block.
func (b *tokenBuilder) leave() {
	if b.in {
		b.spans = append(b.spans, b.file)
	}
	b.in = false
}

// add takes a record of the log file at hand, which a builder took last.
func (b *tokenBuilder) add(e *source.Event, last *lastEvent) {
	position := uint32(e.Position)
	if !b.in {
		b.file.from, b.in = position, true
	}
	b.file.to = position
	if !b.full() {
		b.event(e, last)
	}
	if b.docs++; b.docs >= tokenBlockDocs || len(b.list) >= tokenBlockTokens {
		b.close()
	}
}

// event adds the tokens of a record.
func (b *tokenBuilder) event(e *source.Event, last *lastEvent) {
	loose, ok := e.Loose()
	if !ok {
		b.walk(e.Raw, b.text)
		return
	}
	for _, text := range loose {
		b.text(text)
	}
	b.leaves(e, last)
	b.time(e.Text(source.LeafEventTime))
	b.identity(e)
}

// text adds the tokens of a text, where the block does not have them as of late.
func (b *tokenBuilder) text(text []byte) {
	h := b.secret.of(text)
	r := &b.recent[h>>(64-recentBits)]
	if *r == h {
		return
	}
	*r = h
	b.cut(b.folder.Fold(text))
	for _, h := range b.hashes {
		b.take(h)
	}
}

// cut puts the hashes of the tokens of a folded text in b.hashes, and of the text itself where it has several.
func (b *tokenBuilder) cut(folded []byte) {
	n := len(folded)
	padded, hashes := folded[:n+8], b.hashes[:0]
	for i := 0; i < n; {
		if folded[i] == 0 {
			i++
			continue
		}
		start, sum := i, b.hash.k1
		for {
			word := binary.LittleEndian.Uint64(padded[i:])
			zero := (word - everyByte) & ^word & (everyByte << 7)
			if zero == 0 {
				sum = fold64(sum^word, b.hash.k0)
				i += 8
				continue
			}
			if at := bits.TrailingZeros64(zero) &^ 7; at > 0 {
				sum = fold64(sum^word&(1<<at-1), b.hash.k0)
				i += at >> 3
			}
			break
		}
		hashes = append(hashes, b.hash.end(sum, uint64(i-start)))
	}
	if len(hashes) > 1 && n <= query.MaxWhole {
		hashes = append(hashes, b.hash.whole(folded))
	}
	b.hashes = hashes
}

const everyByte = 0x0101010101010101

func (b *tokenBuilder) take(h uint64) {
	if b.members.add(h) {
		b.list = append(b.list, h)
	}
}

// time adds the tokens of eventTime but for those of minute and second, which isCommon knows.
func (b *tokenBuilder) time(text []byte) {
	const form = "2006-01-02T15:04:05Z"
	if len(text) != len(form) || text[10] != 'T' || text[13] != ':' || text[16] != ':' || text[19] != 'Z' {
		b.text(text)
		return
	}
	for _, c := range [...]byte{text[14], text[15], text[17], text[18]} {
		if c-'0' > 9 {
			b.text(text)
			return
		}
	}
	if string(b.hour[:]) != string(text[:13]) {
		copy(b.hour[:], text)
		b.text(text[:13])
	}
}

// An identityTokens is the hashes of what a userIdentity holds.
type identityTokens struct {
	serial uint64
	block  uint64 // the one that has them
	hashes []uint64
}

// identity adds the texts of userIdentity, once a block where it is known again.
func (b *tokenBuilder) identity(e *source.Event) {
	ref := e.Identity()
	if ref.Serial == 0 {
		for l := range source.NumLeaves {
			if source.IdentityLeaf(l) {
				b.text(e.Text(l))
			}
		}
		return
	}
	known := &b.identities[ref.Place]
	if known.serial != ref.Serial {
		known.serial, known.block, known.hashes = ref.Serial, 0, known.hashes[:0]
		b.walk(e.IdentityText(), func(text []byte) {
			b.cut(b.folder.Fold(text))
			known.hashes = append(known.hashes, b.hashes...)
		})
	}
	if known.block != b.number {
		known.block = b.number
		for _, h := range known.hashes {
			b.take(h)
		}
	}
}

// walk visits all keys and values of a JSON text.
func (b *tokenBuilder) walk(raw []byte, visit func(text []byte)) {
	_ = b.walker.Walk(raw, func(path []source.Step, v source.Scalar) bool {
		for _, s := range path {
			if s.Index < 0 {
				visit(s.Key)
			}
		}
		visit(v.Text)
		return true
	})
}

// close ends the block.
func (b *tokenBuilder) close() {
	b.leave()
	if len(b.spans) > 0 {
		units := 0
		if !b.full() {
			g := newFilter(max(1, len(b.list)), filterBits)
			for _, h := range b.list {
				g.add(h)
			}
			units = len(g.blocks)
			b.done.data = g.append(b.done.data)
		}
		b.done.add(b.spans, units)
	}
	b.spans, b.docs, b.list = b.spans[:0], 0, b.list[:0]
	b.number++
	b.held.forget()
	clear(b.recent[:])
	b.members.reset()
	b.hour = [13]byte{}
}
