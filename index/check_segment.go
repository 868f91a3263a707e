package index

import (
	"bytes"
	"fmt"
	"hash/crc32"
)

// segment checks one segment by itself.
func (c *checker) segment(s *segmentView) {
	if name := s.unsound(); name != "" {
		c.report("segment %d: checksum of %s", s.segmentID(), name)
		return // whatever is in it would be reported again, in riddles
	}
	c.order(s)
	c.ids(s)
	c.files(s)
	c.overlay(s)
	for f := range fields {
		if fields[f].read == nil {
			continue
		}
		if isMulti(f) {
			c.multi(s, f)
		} else {
			c.single(s, f)
		}
	}
	if s.err != nil {
		c.report("%v", s.err)
	}
}

// unsound names a part whose checksum does not fit; "" where all do.
func (v *segmentView) unsound() string {
	for name, ref := range v.dir.parts {
		if crc32.Checksum(v.part(ref), castagnoli) != ref.sum {
			return name
		}
	}
	return ""
}

// order checks that documents are in order.
func (c *checker) order(s *segmentView) {
	m := s.meta
	if m.timed > 0 {
		newest, _ := s.time(0)
		oldest, _ := s.time(uint32(m.timed - 1))
		if newest != m.maxSec || oldest != m.minSec {
			c.report("segment %d: times from %d to %d, manifest says %d to %d", m.id, oldest, newest, m.minSec, m.maxSec)
		}
	}
	c.some(s.docs()-1, func(i int) string {
		if c.inOrder(s, uint32(i)) {
			return ""
		}
		return fmt.Sprintf("segment %d: document %d is not before the next one", m.id, i)
	})
}

// inOrder says that a document comes before the next one.
func (c *checker) inOrder(s *segmentView, doc uint32) bool {
	next := doc + 1
	if int(next) < s.timed() {
		sec, nsec := s.time(doc)
		nextSec, nextNsec := s.time(next)
		if sec != nextSec || nsec != nextNsec {
			return sec > nextSec || sec == nextSec && nsec > nextNsec
		}
	} else if int(doc) < s.timed() {
		return true
	}
	id, guid := s.id(doc)
	nextID, nextGUID := s.id(next)
	if guid != nextGUID {
		return guid
	}
	if guid && id != nextID {
		return bytes.Compare(id[:], nextID[:]) < 0
	}
	file, nextFile := s.files().code(doc), s.files().code(next)
	return file < nextFile || file == nextFile && s.position(doc) < s.position(next)
}

// ids checks that the order of ids is one, of all documents.
func (c *checker) ids(s *segmentView) {
	ids, order := s.ids(), s.idOrder()
	if len(ids) != 16*s.docs() {
		c.report("segment %d: %d bytes of ids for %d documents", s.segmentID(), len(ids), s.docs())
		return
	}
	seen := make([]bool, s.docs())
	var last []byte
	c.some(s.docs(), func(i int) string {
		doc := order.at(uint32(i))
		if doc >= uint64(len(seen)) || seen[doc] {
			return fmt.Sprintf("segment %d: order of ids names document %d twice or too far", s.segmentID(), doc)
		}
		seen[doc] = true
		id := ids[16*doc : 16*doc+16]
		defer func() { last = id }()
		if bytes.Compare(last, id) > 0 {
			return fmt.Sprintf("segment %d: ids are not in order at %d", s.segmentID(), i)
		}
		return ""
	})
}

// files checks the table of log files and counts their documents.
func (c *checker) files(s *segmentView) {
	column, logs, keys := s.files(), s.column(fieldLog), s.terms(fieldLog)
	counts := make([]int, s.dir.files+1)
	c.some(s.docs(), func(i int) string {
		local := column.code(uint32(i))
		f, ok := s.fileAt(local)
		if !ok || f.key != logs.code(uint32(i)) || int(f.key) > keys.len() {
			return fmt.Sprintf("segment %d: document %d: log file %d", s.segmentID(), i, local)
		}
		counts[local]++
		return ""
	})
	for local := 1; local <= s.dir.files; local++ {
		f, _ := s.fileAt(uint32(local))
		if counts[local] == 0 {
			c.report("segment %d: log file %d has no documents", s.segmentID(), f.no)
		}
		c.events[f.no] += counts[local]
	}
	c.dictionary(s, fieldLog)
}

// overlay checks the overlay against itself and the manifest.
func (c *checker) overlay(s *segmentView) {
	o, m := s.over, s.meta
	for _, pair := range []struct {
		name string
		ok   bool
	}{
		{"variants that are shown", o.variant.AndCardinality(o.hidden) == o.variant.GetCardinality()},
		{"replaced copies that are shown", o.replaced.AndCardinality(o.hidden) == o.replaced.GetCardinality()},
		{"conflicts that are hidden", o.conflict.AndCardinality(o.hidden) == 0},
		{"counted conflicts that are none", o.extra.AndCardinality(o.conflict) == o.extra.GetCardinality()},
	} {
		if !pair.ok {
			c.report("segment %d: %s", m.id, pair.name)
		}
	}
	untimed := m.docs - m.timed - int(o.hidden.CardinalityInRange(uint64(m.timed), uint64(m.docs)))
	salvaged := 0
	for doc := range uint32(s.docs()) {
		salvaged += int(s.flags(doc) & 1)
	}
	want := segmentMeta{
		shown: m.docs - int(o.hidden.GetCardinality()), shownUntimed: untimed, salvaged: salvaged,
		conflicts: int(o.extra.GetCardinality()), variants: int(o.variant.GetCardinality()), replaced: int(o.replaced.GetCardinality()),
	}
	got := segmentMeta{
		shown: m.shown, shownUntimed: m.shownUntimed, salvaged: m.salvaged,
		conflicts: m.conflicts, variants: m.variants, replaced: m.replaced,
	}
	if got != want {
		c.report("segment %d: the manifest counts %+v, the overlay %+v", m.id, got, want)
	}
}

// dictionary checks that terms are in order and can be found.
func (c *checker) dictionary(s *segmentView, f int) {
	d := s.terms(f)
	var last []byte
	n := 0
	d.each(func(code uint32, term []byte) bool {
		if found, ok := d.find(term); !ok || found != code {
			c.report("segment %d: %s: term %q is not found", s.segmentID(), fields[f].Name, term)
			return false
		}
		if n > 0 && dictOrder(last, term) >= 0 {
			c.report("segment %d: %s: term %q is not after the one before", s.segmentID(), fields[f].Name, term)
			return false
		}
		last = append(last[:0], term...)
		n++
		return true
	})
	if n != d.len() {
		c.report("segment %d: %s: %d terms, %d can be read", s.segmentID(), fields[f].Name, d.len(), n)
	}
}

// single checks a field with at most one value a document.
func (c *checker) single(s *segmentView, f int) {
	c.dictionary(s, f)
	column := s.column(f)
	lists := make([][]uint32, s.terms(f).len()+1)
	c.some(s.docs(), func(i int) string {
		code := column.code(uint32(i))
		if int(code) >= len(lists) {
			return fmt.Sprintf("segment %d: %s: document %d has term %d of %d", s.segmentID(), fields[f].Name, i, code, len(lists)-1)
		}
		lists[code] = append(lists[code], uint32(i))
		return ""
	})
	c.lists(s, f, lists)
}

// multi checks a field with any number of values a document.
func (c *checker) multi(s *segmentView, f int) {
	c.dictionary(s, f)
	m := s.multi(f)
	lists := make([][]uint32, s.terms(f).len()+1)
	var codes []uint32
	c.some(s.docs(), func(i int) string {
		set := m.code(uint32(i))
		if int(set) > m.sets() {
			return fmt.Sprintf("segment %d: %s: document %d has set %d of %d", s.segmentID(), fields[f].Name, i, set, m.sets())
		}
		codes = m.values(codes[:0], uint32(i))
		for _, code := range codes {
			if code == 0 || int(code) >= len(lists) {
				return fmt.Sprintf("segment %d: %s: document %d has term %d of %d", s.segmentID(), fields[f].Name, i, code, len(lists)-1)
			}
			if l := lists[code]; len(l) == 0 || l[len(l)-1] != uint32(i) {
				lists[code] = append(l, uint32(i))
			}
		}
		return ""
	})
	c.lists(s, f, lists)
}

// lists checks that posting lists say what the column says, and that no term is without documents.
func (c *checker) lists(s *segmentView, f int, want [][]uint32) {
	p := s.lists(f)
	words := make([]uint64, wordsFor(s.docs()))
	c.some(len(want)-1, func(i int) string {
		code := uint32(i + 1)
		docs := want[code]
		if len(docs) == 0 {
			return fmt.Sprintf("segment %d: %s: term %d has no documents", s.segmentID(), fields[f].Name, code)
		}
		if !fields[f].listed() {
			return ""
		}
		clear(words)
		p.or(code, words)
		got := p.bitmap(code)
		same := p.count(code) == len(docs) && int(got.GetCardinality()) == len(docs) && countBits(words) == len(docs)
		for _, d := range docs {
			same = same && got.Contains(d) && words[d/wordBits]&(1<<(d%wordBits)) != 0
		}
		if !same {
			return fmt.Sprintf("segment %d: %s: posting list of term %d", s.segmentID(), fields[f].Name, code)
		}
		return ""
	})
}
