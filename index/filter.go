package index

import (
	"hash/maphash"
)

// A filter says which ids a segment certainly does not hold: a Bloom filter in blocks of 64 bytes, so that a question
// touches one cache line. 14 bits an id and 8 probes answer one foreign id in a thousand with "perhaps". The ids are
// hashed with a seed of the process, so nobody can craft ids that fill it. Only a writer has them: 1.75 bytes a document.
type filter struct{ blocks [][8]uint64 }

const (
	filterBits   = 14
	filterProbes = 8
)

// filters are those of all segments of a run, by segment id. The zero value is ready.
type filters struct {
	seed  maphash.Seed
	ready bool
	of    map[uint32]*filter
}

// load makes the filters of segments from their id columns.
func (f *filters) load(segments []*segmentView) error {
	if !f.ready {
		f.seed, f.of, f.ready = maphash.MakeSeed(), map[uint32]*filter{}, true
	}
	for _, s := range segments {
		f.of[s.segmentID()] = f.make(s.ids())
		if s.err != nil {
			return s.err
		}
	}
	return nil
}

// hash is the hash of an id, to be asked of any filter.
func (f *filters) hash(id []byte) uint64 { return maphash.Bytes(f.seed, id) }

func (f *filters) make(ids []byte) *filter {
	n := len(ids) / 16
	g := &filter{blocks: make([][8]uint64, (n*filterBits+511)/512)}
	for i := range n {
		h := f.hash(ids[16*i : 16*i+16])
		b := g.block(h)
		for range filterProbes {
			h = h*0x9e3779b97f4a7c15 + 1
			b[h>>61] |= 1 << (h >> 55 & 63)
		}
	}
	return g
}

// perhaps is false where the segment certainly does not hold the id.
func (g *filter) perhaps(h uint64) bool {
	b := g.block(h)
	for range filterProbes {
		h = h*0x9e3779b97f4a7c15 + 1
		if b[h>>61]&(1<<(h>>55&63)) == 0 {
			return false
		}
	}
	return true
}

func (g *filter) block(h uint64) *[8]uint64 {
	// the upper half of h scaled to the number of blocks
	return &g.blocks[(h>>32)*uint64(len(g.blocks))>>32]
}
