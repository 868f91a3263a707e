package index

import (
	"bytes"
	"context"
	"errors"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// SetIntegrity replaces what is known of the place that a verification was about: the verdicts of its log files, and with
// them those of their events, of which copy is shown. All of it shows at once, in a new generation. On an index open for
// reading it takes the write lock for that time and waits for it as Promote does. A report whose chains name files that it
// does not have is an error.
func (x *Index) SetIntegrity(ctx context.Context, rep Integrity) error {
	if err := rep.valid(); err != nil {
		return err
	}
	rep = inOrder(rep)
	x.ingest.Lock()
	defer x.ingest.Unlock()
	return x.writing(ctx, func() error {
		no, err := x.putReport(&rep)
		if err != nil {
			return err
		}
		err = x.update(func(tx *bolt.Tx) error {
			place, err := placeByID(tx, source.Place{ID: rep.Place, Text: rep.Place})
			if err != nil {
				return err
			}
			if err := nameReport(tx, place, no); err != nil {
				return err
			}
			return x.changeVerdicts(ctx, tx, place)
		})
		if err != nil {
			return err
		}
		return x.view(func(*storeView) error { return nil }) // loads the new snapshot
	})
}

// changeVerdicts brings the verdicts of a place, and whatever depends on them, up to date with its report.
func (x *Index) changeVerdicts(ctx context.Context, tx *bolt.Tx, place uint32) error {
	snap, err := x.loadSnapshot(tx)
	if err != nil {
		return err
	}
	table, changed, err := newVerdicts(tx, snap, place)
	if err != nil {
		return x.damaged(err)
	}
	generation := getUint(tx.Bucket(bucketMeta), keyGeneration) + 1
	if len(changed) > 0 {
		c := &copies{x: x, tx: tx, reopen: x.opt.Reopen, generation: generation, verdicts: table}
		if err := c.open(snap, nil); err != nil {
			return err
		}
		if err := c.resettle(ctx, snap.verdicts, changed); err != nil {
			return err
		}
		metas, err := c.write()
		if err != nil {
			return err
		}
		if err := tx.Bucket(bucketManifest).Put(keyCurrent, encodeManifest(metas)); err != nil {
			return err
		}
		if err := putVerdicts(tx, table, generation); err != nil {
			return err
		}
	}
	meta := tx.Bucket(bucketMeta)
	return errors.Join(putUint(meta, keyReports, generation), putUint(meta, keyGeneration, generation))
}

func putVerdicts(tx *bolt.Tx, table verdictTable, generation uint64) error {
	b, err := tx.CreateBucketIfNotExists(bucketIntegrity)
	if err != nil {
		return err
	}
	if err := b.Put(keyTable, seal(slices.Clone(table))); err != nil {
		return err
	}
	return putUint(tx.Bucket(bucketMeta), keyVerdicts, generation)
}

// newVerdicts works out the verdicts of all log files of a place, and which of them changed.
func newVerdicts(tx *bolt.Tx, snap *snapshot, place uint32) (table verdictTable, changed map[uint32]bool, err error) {
	r, err := openReport(tx, place)
	if err != nil {
		return nil, nil, err
	}
	table = make(verdictTable, max(len(snap.verdicts), int(getUint(tx.Bucket(bucketMeta), keyNextFile))))
	copy(table, snap.verdicts)
	changed = map[uint32]bool{}
	prefix, last := key32(place), ""
	c := tx.Bucket(bucketFiles).Cursor()
	for k, v := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, v = c.Next() {
		row, err := parseRow(k, v, snap.places)
		if err != nil {
			return nil, nil, err
		}
		newest := row.Key != last
		last = row.Key
		if row.no == 0 || int(row.no) >= len(table) {
			continue
		}
		of, err := r.judge(tx, row, newest)
		if err != nil {
			return nil, nil, err
		}
		if of != table.of(row.no) {
			table[row.no] = byte(of)
			changed[row.no] = true
		}
	}
	return table, changed, nil
}

// judge is the verdict of a version of a log file.
func (r *report) judge(tx *bolt.Tx, row *ledgerRow, newest bool) (verdict, error) {
	said, err := r.file(row.Key)
	if err != nil || said == nil {
		return verdictUnchecked, err
	}
	all, err := contentsOf(tx, row.place, row.Key)
	if err != nil {
		return verdictUnchecked, err
	}
	for i := range all {
		if all[i].stamp.same(row.listed()) {
			return judge(said, &all[i].hash, newest), nil
		}
	}
	if len(all) > 0 {
		return judge(said, nil, false), nil // other bytes than these were looked at
	}
	if gone(said.Class) && row.keep&keepDelivered != 0 {
		if c, ok := source.HashContent(&deliveredReader{tx: tx, no: row.no}); ok {
			return judge(said, &c, newest), nil
		}
	}
	return judge(said, nil, newest), nil
}
