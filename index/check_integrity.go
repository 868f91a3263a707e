package index

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// integrity checks the table of verdicts, the reports of verifications, and the proofs.
func (c *checker) integrity() {
	for no, of := range c.v.snap.verdicts {
		if int(of) > numVerdicts {
			c.report("verdicts: log file %d has verdict %d", no, of)
			return
		}
	}
	for _, no := range c.v.snap.placeNumbers() {
		if err := c.ctx.Err(); err != nil {
			return
		}
		r, err := openReport(c.v.tx, no)
		if err == nil && r != nil {
			err = c.reportOn(r, c.v.snap.places[no].place.ID)
		}
		if err != nil {
			c.report("integrity of %s: %v", c.v.snap.places[no].place.ID, err)
		}
	}
	c.proofs()
}

// reportOn checks one report: that all of it can be read, in order, and that what is missing stands beside it.
func (c *checker) reportOn(r *report, place string) error {
	rep, err := r.whole()
	if err != nil {
		return err
	}
	if rep.Place != place {
		c.report("integrity of %s: its report is about %s", place, rep.Place)
	}
	var missing []FileVerdict
	for i := range rep.Files {
		if i > 0 && rep.Files[i-1].Key >= rep.Files[i].Key {
			c.report("integrity of %s: %q is not after the file before", place, rep.Files[i].Key)
			break
		}
		if f := &rep.Files[i]; gone(f.Class) {
			missing = append(missing, *f)
		}
	}
	lost, err := r.lost()
	if err != nil {
		return err
	}
	if !slices.Equal(lost, missing) {
		c.report("integrity of %s: %d log files are missing, %d stand beside its report", place, len(missing), len(lost))
	}
	return nil
}

// proofs checks that what was found in files can be read, and is of places that are known.
func (c *checker) proofs() {
	b := c.v.tx.Bucket(bucketProofs)
	if b == nil {
		return
	}
	for cursor, k := first(b); k != nil; k, _ = cursor.Next() {
		if len(k) < 7 {
			c.report("proofs: key %x", k)
			continue
		}
		if _, ok := c.v.snap.places[binary.BigEndian.Uint32(k)]; !ok && !c.placed(k[:4]) {
			c.report("proofs: no place %d", binary.BigEndian.Uint32(k))
		}
		var err error
		switch proofKind(k[len(k)-1]) {
		case proofContent:
			_, err = parseContents(b.Get(k))
		case proofObject:
			_, err = parseObject(b.Get(k))
		default:
			c.report("proofs: key %x", k)
		}
		if err != nil {
			c.report("proofs: %q: %v", k, err)
		}
	}
}

// placed says that a place is there, though no generation has shown it yet.
func (c *checker) placed(no []byte) bool { return c.v.tx.Bucket(bucketPlaces).Get(no) != nil }

// others checks that a copy shown is marked with the verdicts of its other copies, where they are not its own.
func (c *checker) others(infos []copyInfo, i int) {
	var want, got []byte
	for k := range infos {
		if of := infos[k].verdict; of != infos[i].verdict && !bytes.Contains(want, []byte{byte(of)}) {
			want = append(want, byte(of))
		}
	}
	for k, b := range c.v.segments()[infos[i].seg].over.others {
		if b.Contains(infos[i].doc) {
			got = append(got, byte(k+1))
		}
	}
	if slices.Sort(want); !bytes.Equal(want, got) {
		c.report("%x: the copy shown is marked with the verdicts %v, its other copies have %v", infos[i].id, got, want)
	}
}

// tokens checks the filters of tokens.
func (c *checker) tokens() {
	b := c.v.tx.Bucket(bucketTokens)
	if b == nil {
		return
	}
	for cursor, k := first(b); k != nil; k, _ = cursor.Next() {
		if err := checkTokens(b.Get(k)); err != nil {
			c.report("token filters %x: %v", k, err)
		}
	}
}
