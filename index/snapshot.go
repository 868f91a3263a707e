package index

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"

	bolt "go.etcd.io/bbolt"
)

// encodeManifest encodes the list of segments, about 30 bytes each.
func encodeManifest(metas []segmentMeta) []byte {
	dst := binary.AppendUvarint(nil, uint64(len(metas)))
	for i := range metas {
		m := &metas[i]
		dst = binary.AppendUvarint(dst, uint64(m.id))
		dst = binary.AppendVarint(dst, m.minSec)
		dst = binary.AppendVarint(dst, m.maxSec)
		for _, n := range []int{m.docs, m.timed, m.shown, m.shownUntimed, m.conflicts, m.variants, m.replaced, m.salvaged} {
			dst = binary.AppendUvarint(dst, uint64(n))
		}
		dst = binary.AppendUvarint(dst, uint64(m.bytes))
		dst = binary.AppendUvarint(dst, m.overlay)
	}
	return seal(dst)
}

func parseManifest(b []byte) ([]segmentMeta, error) {
	b, err := unseal(b)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	r := reader{b: b}
	n := r.int()
	if n > len(b) {
		return nil, errShort
	}
	metas := make([]segmentMeta, n)
	for i := range metas {
		m := &metas[i]
		m.id = uint32(r.int())
		m.minSec, m.maxSec = r.int64(), r.int64()
		for _, p := range []*int{&m.docs, &m.timed, &m.shown, &m.shownUntimed, &m.conflicts, &m.variants, &m.replaced, &m.salvaged} {
			*p = r.int()
		}
		m.bytes = int64(r.uint64())
		m.overlay = r.uint64()
	}
	if r.err != nil {
		return nil, fmt.Errorf("manifest: %w", r.err)
	}
	return metas, nil
}

// A snapshot is what a generation of the store consists of, on the heap; it never changes.
type snapshot struct {
	generation uint64
	segments   []segmentMeta
	overlays   map[uint32]*overlay
	dirs       map[uint32]*segmentDir
	places     map[uint32]placeRow
	verdicts   verdictTable
	verdictsAt uint64 // generation in which they were written; 0: never
	reportsAt  uint64 // the same of reports
}

// placeNumber is the number of a place by its identity.
func (s *snapshot) placeNumber(id string) (no uint32, ok bool) {
	for _, p := range s.places {
		if p.place.ID == id {
			return p.no, true
		}
	}
	return 0, false
}

// loadSnapshot gives the snapshot of a transaction, built on the last one where only a little changed.
func (x *Index) loadSnapshot(tx *bolt.Tx) (*snapshot, error) {
	generation := getUint(tx.Bucket(bucketMeta), keyGeneration)
	old := x.snap.Load()
	if old != nil && old.generation == generation {
		return old, nil
	}
	metas, err := parseManifest(tx.Bucket(bucketManifest).Get(keyCurrent))
	if err != nil {
		return nil, x.damaged(err)
	}
	s := &snapshot{
		generation: generation, segments: metas,
		overlays: make(map[uint32]*overlay, len(metas)), dirs: make(map[uint32]*segmentDir, len(metas)),
	}
	before := map[uint32]uint64{}
	if old != nil {
		for _, m := range old.segments {
			before[m.id] = m.overlay
		}
	}
	for _, m := range metas {
		if err := s.loadSegment(tx, m, old, before); err != nil {
			return nil, x.damaged(err)
		}
	}
	if s.places, err = loadPlaces(tx); err != nil {
		return nil, x.damaged(err)
	}
	if err := s.loadVerdicts(tx, old); err != nil {
		return nil, x.damaged(err)
	}
	if old == nil || old.generation < generation { // a slower transaction must not bring back an older one
		x.snap.CompareAndSwap(old, s)
	}
	return s, nil
}

func (s *snapshot) loadSegment(tx *bolt.Tx, m segmentMeta, old *snapshot, before map[uint32]uint64) error {
	written, known := before[m.id]
	if known {
		s.dirs[m.id] = old.dirs[m.id]
	} else {
		dir, err := readDir(tx, m.id)
		if err != nil {
			return err
		}
		if dir.docs != m.docs || dir.timed != m.timed {
			return fmt.Errorf("segment %d: %w: %d documents, manifest says %d", m.id, errSegment, dir.docs, m.docs)
		}
		s.dirs[m.id] = dir
	}
	switch {
	case known && written == m.overlay:
		s.overlays[m.id] = old.overlays[m.id]
	case m.overlay == 0:
		s.overlays[m.id] = newOverlay()
	default:
		o, err := decodeOverlay(tx.Bucket(bucketOverlays).Get(key32(m.id)), m.docs)
		if err != nil {
			return fmt.Errorf("overlay of segment %d: %w", m.id, err)
		}
		s.overlays[m.id] = o
	}
	return nil
}

func (s *snapshot) loadVerdicts(tx *bolt.Tx, old *snapshot) error {
	s.verdictsAt, s.reportsAt = getUint(tx.Bucket(bucketMeta), keyVerdicts), getUint(tx.Bucket(bucketMeta), keyReports)
	switch {
	case s.verdictsAt == 0:
		return nil
	case old != nil && old.verdictsAt == s.verdictsAt:
		s.verdicts = old.verdicts
		return nil
	case tx.Bucket(bucketIntegrity) == nil:
		return fmt.Errorf("verdicts: %w", errShort)
	}
	table, err := unseal(tx.Bucket(bucketIntegrity).Get(keyTable))
	if err != nil {
		return fmt.Errorf("verdicts: %w", err)
	}
	s.verdicts = bytes.Clone(table)
	return nil
}

func readDir(tx *bolt.Tx, id uint32) (*segmentDir, error) {
	b := tx.Bucket(bucketSegments).Bucket(key32(id))
	if b == nil {
		return nil, fmt.Errorf("segment %d: %w: it is missing", id, errSegment)
	}
	dir, err := parseDir(b.Get(chunkKey(0)))
	if err != nil {
		return nil, fmt.Errorf("segment %d: %w", id, err)
	}
	return dir, nil
}

func chunkKey(n uint32) []byte { return []byte(strconv.FormatUint(uint64(n), 10)) }
