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
	all   idSet // of the segments that were asked, or known before
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
	g := newFilter(n, filterBits)
	for i := range n {
		g.add(f.hash(ids[16*i : 16*i+16]))
	}
	return g
}

// know makes the filters of segments that stand in the store already, where they are not made yet, and puts their ids into
// the set of all. It reads 16 bytes a document, so it waits until something comes in.
func (f *filters) know(segments []*segmentView) error {
	for _, s := range segments {
		if f.of[s.segmentID()] != nil {
			continue
		}
		if err := f.load([]*segmentView{s}); err != nil {
			return err
		}
		ids := s.ids()
		for i := range len(ids) / 16 {
			f.all.add(f.hash(ids[16*i : 16*i+16]))
		}
	}
	return nil
}

// moved makes the filter of a merged segment in the place of those of its sources. Its ids are known already.
func (f *filters) moved(m *merged, x *Index) error {
	if !f.ready {
		return nil
	}
	for _, id := range m.sources {
		delete(f.of, id)
	}
	return x.view(func(v *storeView) error {
		return f.load([]*segmentView{v.segment(m.meta.id)})
	})
}

// An idSet says which ids no segment holds, so that a new id is asked of a few filters and not of one a segment. It is a
// list of filters, each for twice as many ids as the one before; 10 bits an id let some 1 % pass. The zero value is ready.
type idSet struct {
	filters []*filter
	size    int // ids the last one is made for
	room    int // ids it still takes
}

const (
	idSetFirst = 1 << 18
	idSetBits  = 10
)

func (s *idSet) add(h uint64) {
	if s.room == 0 {
		s.size = max(idSetFirst, 2*s.size)
		s.room = s.size
		s.filters = append(s.filters, newFilter(s.size, idSetBits))
	}
	s.room--
	s.filters[len(s.filters)-1].add(h)
}

// perhaps is false where no segment holds the id.
func (s *idSet) perhaps(h uint64) bool {
	for _, f := range s.filters {
		if f.perhaps(h) {
			return true
		}
	}
	return false
}

func newFilter(n, bits int) *filter { return &filter{blocks: make([][8]uint64, (n*bits+511)/512)} }

func (g *filter) add(h uint64) {
	b := g.block(h)
	for range filterProbes {
		h = h*0x9e3779b97f4a7c15 + 1
		b[h>>61] |= 1 << (h >> 55 & 63)
	}
}

// perhaps is false where what the filter is made of certainly does not hold the id.
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
