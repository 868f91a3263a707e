package index

import (
	"context"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Integrity gives what is known of each place that was verified, in the order in which the places were first seen. It
// reads all of it: some 300 bytes a file.
func (x *Index) Integrity(ctx context.Context) ([]Integrity, error) {
	var reports []Integrity
	err := x.view(func(v *storeView) error {
		for _, no := range v.snap.placeNumbers() {
			if err := ctx.Err(); err != nil {
				return err
			}
			r, err := openReport(v.tx, no)
			if err == nil && r == nil {
				continue
			}
			var rep Integrity
			if err == nil {
				rep, err = r.whole()
			}
			if err != nil {
				return x.damaged(err)
			}
			reports = append(reports, rep)
		}
		return nil
	})
	return reports, err
}

// placeNumbers are the numbers of all places in order.
func (s *snapshot) placeNumbers() []uint32 {
	numbers := make([]uint32, 0, len(s.places))
	for no := range s.places {
		numbers = append(numbers, no)
	}
	slices.Sort(numbers)
	return numbers
}

// words is what is known of the integrity of a version of a log file.
func (v *storeView) words(row *ledgerRow) (of, class, reason string, err error) {
	r, err := openReport(v.tx, row.place)
	if err != nil {
		return "", "", "", err
	}
	return r.words(row, v.snap.verdicts)
}

// words is what the report, nil where there is none, says of a version of a log file. One of which nothing could be read has no number, and the
// report's word is all there is.
func (r *report) words(row *ledgerRow, table verdictTable) (of, class, reason string, err error) {
	said, err := r.file(row.Key)
	if err != nil {
		return "", "", "", err
	}
	v := table.of(row.no)
	if row.no == 0 {
		v = judge(said, nil, true)
	}
	class, reason = said.word(v)
	return v.String(), class, reason, nil
}

// A wordsReader adds what is known of integrity to rows of the ledger: of each place its report is opened once.
type wordsReader map[uint32]*report

func (w wordsReader) add(v *storeView, row *ledgerRow) (err error) {
	r, opened := w[row.place]
	if !opened {
		if r, err = openReport(v.tx, row.place); err != nil {
			return err
		}
		w[row.place] = r
	}
	row.Verdict, row.Class, row.VerdictReason, err = r.words(row, v.snap.verdicts)
	return err
}

// contentProofOf is what was found in a version of a log file; nil where it was not looked into.
func contentProofOf(tx *bolt.Tx, row *ledgerRow) (*contentProof, error) {
	p, ok, err := contentOf(tx, row.place, row.Key, row.listed())
	if err != nil || !ok {
		return nil, err
	}
	return &p, nil
}
