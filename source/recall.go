package source

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// Bounds of a recall: at most recallSets*recallWays objects of up to recallBytes
// each, kept with their leaves: 4 MB.
const (
	recallSets  = 512
	recallWays  = 4
	recallBytes = 1024
)

// MaxIdentities is one above the largest IdentityRef.Place.
const MaxIdentities = recallSets * recallWays

// An IdentityRef tells records of one Decoder that have the same userIdentity, byte by byte: theirs are equal. Serial is
// 0 where nothing is known of it, else never given to another text; Place is from 0 up to, not including, MaxIdentities,
// and goes to another text when it has a new Serial.
type IdentityRef struct {
	Place  int
	Serial uint64
}

// Identity is the reference of the record's userIdentity.
func (e *Event) Identity() IdentityRef { return e.identity }

// The leaves of userIdentity stand side by side.
const (
	identityFirst = LeafIdentityType
	identityEnd   = LeafSignInSession + 1
)

// A recall remembers userIdentity objects as they were read: in most logs the same few stand in most records and are a
// quarter of their bytes. An object that stands there again is compared, not read again.
type recall struct {
	seed   maphash.Seed
	places []recalled // recallWays for each set; made with the first
	turn   [recallSets]uint8
	serial uint64
}

type recalled struct {
	serial uint64
	buf    []byte // the text, and behind it the leaves
	text   []byte
	leaves [identityEnd - identityFirst][]byte
}

// identity reads userIdentity at its opening brace.
func (s *scanner) identity(i, depth int) int {
	head := bytes.IndexByte(s.text[i:min(s.n, i+recallBytes)], '}')
	if head < 0 {
		return s.object(i, inIdentity, depth)
	}
	set := s.recall.set(s.text[i : i+head+1])
	if r := s.recall.find(set, s.text[i:s.n]); r >= 0 {
		known := &s.recall.places[r]
		copy(s.e.leaves[identityFirst:identityEnd], known.leaves[:])
		s.e.identity = IdentityRef{r, known.serial}
		return i + len(known.text)
	}
	slow, arena := s.slow, len(s.arena)
	end := s.object(i, inIdentity, depth)
	// What is decoded, or for the tree to answer, is not in the text alone.
	if end > 0 && end-i <= recallBytes && !slow && !s.slow && s.badText < 0 && len(s.arena) == arena {
		s.e.identity = s.recall.remember(set, s.text[i:end], s.e)
	}
	return end
}

// set is where an object that begins with head, up to its first closing brace, is looked for.
func (r *recall) set(head []byte) int {
	if r.places == nil {
		r.seed, r.places = maphash.MakeSeed(), make([]recalled, MaxIdentities)
	}
	return int(maphash.Bytes(r.seed, head) % recallSets)
}

// find is the place of the object that text begins with, -1 where there is none. An object ends where its braces do, so
// that nothing behind it could make it another.
func (r *recall) find(set int, text []byte) int {
	for p := set * recallWays; p < (set+1)*recallWays; p++ {
		if known := r.places[p].text; len(known) > 0 && len(known) <= len(text) && string(text[:len(known)]) == string(known) {
			return p
		}
	}
	return -1
}

// remember keeps an object and copies of the leaves that e has of it. The places of a set take turns.
func (r *recall) remember(set int, text []byte, e *Event) IdentityRef {
	p := set*recallWays + int(r.turn[set]%recallWays)
	r.turn[set]++
	r.serial++
	known := &r.places[p]
	known.serial = r.serial
	known.buf = slices.Grow(known.buf[:0], 2*len(text)) // leaves lie in the text side by side: they are no longer
	known.buf = append(known.buf, text...)
	known.text = known.buf
	for i, value := range e.leaves[identityFirst:identityEnd] {
		known.leaves[i] = nil
		if value != nil {
			from := len(known.buf)
			known.buf = append(known.buf, value...)
			known.leaves[i] = known.buf[from:len(known.buf):len(known.buf)]
		}
	}
	return IdentityRef{p, r.serial}
}
