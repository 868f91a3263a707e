package index

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// maxFindings bounds what Check reports of one thing: a damaged column is wrong in every document.
const maxFindings = 5

// Check verifies the index: checksums, orders, dictionaries, that posting lists say what columns say, that overlays fit
// the identities, that ledger, kept bytes and segments agree, and that what is known of integrity and the filters of tokens
// can be read. It returns what is wrong, in words; nothing where the index is clean. What a killed run left behind and nobody names is no finding. It reads everything once; memory is
// bounded. The error is the context's, or that the file could not be read at all.
func (x *Index) Check(ctx context.Context) ([]string, error) {
	c := &checker{ctx: ctx, events: map[uint32]int{}}
	err := x.view(func(v *storeView) error {
		c.v = v
		for _, s := range v.segments() {
			if err := ctx.Err(); err != nil {
				return err
			}
			c.segment(s)
		}
		c.manifest()
		c.identities()
		c.ledger()
		c.integrity()
		c.tokens()
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return c.found, nil
}

type checker struct {
	ctx    context.Context
	v      *storeView
	found  []string
	events map[uint32]int // documents by log file number
}

func (c *checker) report(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// some reports up to maxFindings of what bad gives for 0..n-1.
func (c *checker) some(n int, bad func(i int) string) {
	left := maxFindings
	for i := 0; i < n && left > 0; i++ {
		if text := bad(i); text != "" {
			c.report("%s", text)
			left--
		}
	}
}

func (c *checker) manifest() {
	next := uint32(getUint(c.v.tx.Bucket(bucketMeta), keyNextSegment))
	seen := map[uint32]bool{}
	for _, m := range c.v.snap.segments {
		if m.id >= next || seen[m.id] {
			c.report("manifest: segment %d is named twice or was never given", m.id)
		}
		seen[m.id] = true
	}
}

// identities checks that of each identity at least one copy is shown, several only in conflict, and of equal copies one.
func (c *checker) identities() {
	docs := 0
	for _, m := range c.v.snap.segments {
		docs += m.docs
	}
	// some million ids at a time, by their first byte
	passes := min(256, docs>>20+1)
	for pass := range passes {
		var refs []copyRef
		for i, s := range c.v.segments() {
			ids := s.ids()
			for doc := 0; 16*doc+16 <= len(ids); doc++ {
				if int(ids[16*doc])*passes/256 == pass {
					refs = append(refs, copyRef{[16]byte(ids[16*doc:]), i, uint32(doc)})
				}
			}
		}
		slices.SortFunc(refs, func(a, b copyRef) int { return bytes.Compare(a.id[:], b.id[:]) })
		for len(refs) > 0 {
			n := 1
			for n < len(refs) && refs[n].id == refs[0].id {
				n++
			}
			c.sameID(refs[:n])
			refs = refs[n:]
		}
	}
}

func (c *checker) sameID(refs []copyRef) {
	if len(refs) == 1 {
		s := c.v.segments()[refs[0].seg]
		for _, b := range s.over.bitmaps() {
			if b != s.over.stale && b.Contains(refs[0].doc) {
				c.report("segment %d, document %d is marked, but it is the only copy of its event", s.segmentID(), refs[0].doc)
			}
		}
		return
	}
	infos := make([]copyInfo, len(refs))
	for i, r := range refs {
		infos[i] = copyInfoOf(c.v.segments()[r.seg], r)
	}
	sortCopies(infos)
	for len(infos) > 0 {
		n := 1
		for n < len(infos) && infos[n].sameIdentity(&infos[0]) {
			n++
		}
		c.sameIdentity(infos[:n])
		infos = infos[n:]
	}
}

func (c *checker) sameIdentity(infos []copyInfo) {
	shown, conflicts, extra := 0, 0, 0
	hashes := map[uint64]bool{}
	for i := range infos {
		o := c.v.segments()[infos[i].seg].over
		doc := infos[i].doc
		if o.hidden.Contains(doc) {
			continue
		}
		shown++
		c.others(infos, i)
		if o.conflict.Contains(doc) {
			conflicts++
		}
		if o.extra.Contains(doc) {
			extra++
		}
		if hashes[infos[i].hash] {
			c.report("%x: two equal copies are shown", infos[i].id)
		}
		hashes[infos[i].hash] = true
		if i > 0 && shown == 1 {
			c.report("%x: the copy shown first is not the preferred one", infos[i].id)
		}
	}
	switch {
	case shown == 0:
		c.report("%x: no copy is shown", infos[0].id)
	case shown == 1 && conflicts+extra > 0, shown > 1 && (conflicts != shown || extra != shown-1):
		c.report("%x: %d copies are shown, %d marked as conflict, %d counted", infos[0].id, shown, conflicts, extra)
	}
}

// ledger checks rows against segments and kept bytes.
func (c *checker) ledger() {
	kept, sizes := c.kept()
	total, rows := int64(0), 0
	cursor := c.v.tx.Bucket(bucketFiles).Cursor()
	seen := map[uint32]bool{}
	for k, value := cursor.First(); k != nil; k, value = cursor.Next() {
		rows++
		total += int64(len(k) + len(value))
		r, err := parseRow(k, value, c.v.snap.places)
		if err != nil {
			c.report("%v", err)
			continue
		}
		c.row(r, kept, seen)
	}
	for no, n := range c.events {
		c.report("log file %d has %d documents and no row in the ledger", no, n)
	}
	for no := range kept {
		c.report("log file %d has bytes kept and no row in the ledger", no)
	}
	meta := c.v.tx.Bucket(bucketMeta)
	if got := int64(getUint(meta, keyLedgerBytes)); got != total {
		c.report("ledger: %d bytes counted, %d there", got, total)
	}
	if got := int64(getUint(meta, keyKeptBytes)); got != sizes {
		c.report("kept bytes: %d counted, %d there", got, sizes)
	}
}

func (c *checker) row(r *ledgerRow, kept map[uint32]keepForm, seen map[uint32]bool) {
	if _, ok := c.v.snap.places[r.place]; !ok {
		c.report("ledger: %s: no place %d", r.Key, r.place)
	}
	if r.no == 0 {
		return
	}
	if seen[r.no] {
		c.report("ledger: %s: log file number %d is given twice", r.Key, r.no)
	}
	seen[r.no] = true
	if c.events[r.no] != r.Events {
		c.report("ledger: %s: %d events, %d documents", r.Key, r.Events, c.events[r.no])
	}
	delete(c.events, r.no)
	if kept[r.no] != r.keep && r.Size > 0 {
		c.report("ledger: %s: kept as %d, found %d", r.Key, r.keep, kept[r.no])
	}
	delete(kept, r.no)
	if r.keep&keepDelivered == 0 {
		return
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, &deliveredReader{tx: c.v.tx, no: r.no}); err != nil || [32]byte(sum.Sum(nil)) != r.SHA256 {
		c.report("ledger: %s: the bytes kept are not those that came in", r.Key)
	}
}

// kept says in which forms log files are in the store, and the bytes of all of them. Those written ahead of a row are
// left out of the forms.
func (c *checker) kept() (forms map[uint32]keepForm, size int64) {
	forms = map[uint32]keepForm{}
	cursor := c.v.tx.Bucket(bucketKept).Cursor()
	for k, v := cursor.First(); k != nil; k, v = cursor.Next() {
		if len(k) != 9 {
			c.report("kept bytes: key %x", k)
			continue
		}
		size += int64(len(v))
		switch keptKind(k[4]) {
		case keptDelivered:
			forms[binary.BigEndian.Uint32(k)] |= keepDelivered
		case keptBlock:
			forms[binary.BigEndian.Uint32(k)] |= keepBlocks
		default:
			c.report("kept bytes: key %x", k)
		}
	}
	for p, k := first(c.v.tx.Bucket(bucketPending)); k != nil; k, _ = p.Next() {
		delete(forms, binary.BigEndian.Uint32(k))
	}
	return forms, size
}
