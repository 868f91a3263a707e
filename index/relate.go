package index

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	bolt "go.etcd.io/bbolt"
)

func differentBytes(infos []copyInfo) bool {
	return slices.ContainsFunc(infos[1:], func(i copyInfo) bool { return i.hash != infos[0].hash })
}

// readRaws reads records into c.raws. One that cannot be read any more is left out.
func (c *copies) readRaws(ctx context.Context, wanted []copyInfo) error {
	c.raws = map[uint64][]byte{}
	r := rereader{
		hashKey: c.x.hashKey, reopen: c.reopen,
		inTx: func(fn func(tx *bolt.Tx) error) error { return fn(c.tx) },
	}
	slices.SortFunc(wanted, func(a, b copyInfo) int {
		return cmp.Or(cmp.Compare(a.fileNo, b.fileNo), cmp.Compare(a.position, b.position))
	})
	for len(wanted) > 0 {
		n := 1
		for n < len(wanted) && wanted[n].fileNo == wanted[0].fileNo {
			n++
		}
		if err := c.readFile(ctx, r, wanted[:n]); err != nil {
			return err
		}
		wanted = wanted[n:]
	}
	return nil
}

// readFile reads records of one log file into c.raws.
func (c *copies) readFile(ctx context.Context, r rereader, wanted []copyInfo) error {
	s := c.segs[wanted[0].seg]
	f := s.file(wanted[0].doc)
	row, err := versionRow(c.tx, s.places, f.place, wanted[0].key, f.version)
	if err != nil {
		return c.x.damaged(err)
	}
	spans := make([]recordSpan, len(wanted))
	for i, w := range wanted {
		spans[i] = recordSpan{c.segs[w.seg].span(w.doc), w.hash}
	}
	err = r.records(ctx, readableFile{row, s.places[f.place].place}, spans, func(i int, raw []byte) error {
		c.raws[wanted[i].hash] = bytes.Clone(raw)
		return nil
	})
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil // a record that is not there any more is no failure of bringing in
}

// relate compares two copies: by the keyed hash of their bytes, and as JSON values only where it differs. Where one of
// them cannot be read any more, they are taken to differ, unless they were seen to be the same before.
func (c *copies) relate(g *copyGroup, a, b *copyInfo) relation {
	if a.hash == b.hash || !a.guid { // the id of a record without a GUID stands for all of its values
		return equal
	}
	if g.before != nil {
		return g.before(a, b)
	}
	rawA, rawB := c.raws[a.hash], c.raws[b.hash]
	if rawA == nil || rawB == nil {
		return g.unread
	}
	switch {
	case a.reconstructed && !b.reconstructed:
		return compareRebuilt(rawA, rawB)
	case b.reconstructed && !a.reconstructed:
		return compareRebuilt(rawB, rawA)
	}
	return compareRecords(rawA, rawB)
}
