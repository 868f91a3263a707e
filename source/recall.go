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
	sets   []*recallSet // recallSets of them, each made when it is needed
	serial uint64
}

// A recallSet holds objects of one hash; its places take turns.
type recallSet struct {
	places [recallWays]recalled
	turn   int
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
	n := s.recall.number(s.text[i : i+head+1])
	set := s.recall.sets[n]
	if p := set.find(s.text[i:s.n]); p >= 0 {
		known := &set.places[p]
		copy(s.e.leaves[identityFirst:identityEnd], known.leaves[:])
		s.e.identity, s.e.identityText = IdentityRef{n*recallWays + p, known.serial}, known.text
		return i + len(known.text)
	}
	slow, arena := s.slow, len(s.arena)
	end := s.object(i, inIdentity, depth)
	// What is decoded, or for the tree to answer, is not in the text alone.
	if end > 0 && end-i <= recallBytes && !slow && !s.slow && s.badText < 0 && len(s.arena) == arena {
		s.e.identity, s.e.identityText = s.recall.remember(n, s.text[i:end], s.e), s.text[i:end:end]
	}
	return end
}

// number is that of the set where an object that begins with head, up to its first closing brace, is looked for.
func (r *recall) number(head []byte) int {
	if r.sets == nil {
		r.seed, r.sets = maphash.MakeSeed(), make([]*recallSet, recallSets)
	}
	return int(maphash.Bytes(r.seed, head) % recallSets)
}

// find is the place of the object that text begins with, -1 where there is none. An object ends where its braces do, so
// that nothing behind it could make it another.
func (s *recallSet) find(text []byte) int {
	if s == nil {
		return -1
	}
	for p := range s.places {
		if known := s.places[p].text; len(known) > 0 && len(known) <= len(text) && string(text[:len(known)]) == string(known) {
			return p
		}
	}
	return -1
}

// remember keeps an object, and copies of the leaves that e has of it, in set n.
func (r *recall) remember(n int, text []byte, e *Event) IdentityRef {
	if r.sets[n] == nil {
		r.sets[n] = new(recallSet)
	}
	set := r.sets[n]
	p := set.turn % recallWays
	set.turn++
	r.serial++
	known := &set.places[p]
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
	return IdentityRef{n*recallWays + p, r.serial}
}
