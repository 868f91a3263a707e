package index

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

const (
	// deliveryTime is about how long a trail gathers events for one log file.
	deliveryTime = 5 * time.Minute
	// maxGaps is the most gaps that one question gives.
	maxGaps = 1000
)

// gapCache is the gaps of the last state of the reports that was asked about.
type gapCache struct{ last atomic.Pointer[gapList] }

// A gapList is all gaps, newest first; it never changes.
type gapList struct {
	reports uint64 // generation in which a report was last written
	gaps    []Gap
	missing []missingFile
}

// A missingFile is a log file that a proven digest names and that is gone.
type missingFile struct {
	gap Gap // of this file alone
	at  time.Time
}

// Gaps gives the gaps whose line stands in [oldest, newest], newest first; zero limits are open. They are those of the
// whole store: a log file that is gone cannot be asked whether its events would match. Missing log files that follow each
// other are one gap. At most 1,000.
func (r *Result) Gaps(ctx context.Context, newest, oldest time.Time) ([]Gap, error) {
	var list *gapList
	err := r.index.view(func(v *storeView) (err error) {
		list, err = v.gaps(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	from, to := 0, len(list.gaps)
	if !newest.IsZero() {
		from, _ = slices.BinarySearchFunc(list.gaps, newest, func(g Gap, t time.Time) int { return t.Compare(g.Time) })
	}
	if !oldest.IsZero() {
		to, _ = slices.BinarySearchFunc(list.gaps, oldest.Add(-1), func(g Gap, t time.Time) int { return t.Compare(g.Time) })
	}
	if from >= to {
		return nil, nil
	}
	return slices.Clone(list.gaps[from:min(to, from+maxGaps)]), nil
}

// gaps gives all gaps, from the reports where they are not known yet.
func (v *storeView) gaps(ctx context.Context) (*gapList, error) {
	if list := v.x.gaps.last.Load(); list != nil && list.reports == v.snap.reportsAt {
		return list, nil
	}
	list := &gapList{reports: v.snap.reportsAt}
	for _, no := range v.snap.placeNumbers() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r, err := openReport(v.tx, no)
		if err == nil && r != nil {
			err = list.add(v, r, no)
		}
		if err != nil {
			return nil, v.x.damaged(err)
		}
	}
	list.merge()
	v.x.gaps.last.Store(list)
	return list, nil
}

// add takes the gaps of one report.
func (l *gapList) add(v *storeView, r *report, place uint32) error {
	rep, _, err := r.head()
	if err != nil {
		return err
	}
	for _, g := range rep.Ranges {
		if g.Class != classGap && g.From.Before(g.To) {
			l.gaps = append(l.gaps, Gap{
				Time: g.To, From: g.From, To: g.To, Class: g.Class, Reason: g.Reason, Account: g.Account, Region: g.Region,
			})
		}
	}
	lost, err := r.lost()
	if err != nil {
		return err
	}
	for i := range lost {
		m, ok := missingOf(&lost[i])
		if !ok {
			continue
		}
		row, err := newestRow(v.tx, v.snap.places, place, lost[i].Key)
		if err != nil {
			return err
		}
		if row != nil {
			m.gap.Events = row.Events
		}
		l.missing = append(l.missing, m)
	}
	return nil
}

// missingOf is the gap that a missing log file leaves; false where nothing tells its time.
func missingOf(f *FileVerdict) (m missingFile, ok bool) {
	k, _ := source.ParseKey(f.Key)
	g := Gap{Class: f.Class, Key: f.Key, Reason: f.Reason, Account: k.Account, Region: k.Region, Files: 1, From: f.Oldest, To: f.Newest}
	m.at = cmp.Or(k.Time, k.Day, f.Newest)
	if g.To.IsZero() {
		g.To = m.at
	}
	if g.From.IsZero() || g.From.After(g.To) {
		g.From = g.To.Add(-deliveryTime)
	}
	g.Time = g.To
	m.gap = g
	return m, !g.To.IsZero()
}

// merge puts the gaps in order and makes one of the missing log files of an account and Region that follow each other.
func (l *gapList) merge() {
	slices.SortFunc(l.missing, func(a, b missingFile) int {
		return cmp.Or(cmp.Compare(a.gap.Account, b.gap.Account), cmp.Compare(a.gap.Region, b.gap.Region),
			cmp.Compare(a.gap.Class, b.gap.Class), b.gap.To.Compare(a.gap.To), cmp.Compare(a.gap.Key, b.gap.Key))
	})
	var last *Gap
	for i := range l.missing {
		g := l.missing[i].gap
		if last != nil && last.Account == g.Account && last.Region == g.Region && last.Class == g.Class &&
			!g.To.Before(last.From.Add(-deliveryTime)) {
			last.Files++
			last.Events += g.Events
			if g.From.Before(last.From) {
				last.From = g.From
			}
			continue
		}
		l.gaps = append(l.gaps, g)
		last = &l.gaps[len(l.gaps)-1]
	}
	slices.SortFunc(l.gaps, func(a, b Gap) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
			cmp.Compare(a.Class, b.Class), b.From.Compare(a.From))
	})
}

// mark marks the bars that a gap overlaps.
func (l *gapList) mark(t *Timeline, a axis) {
	for i := range l.gaps {
		g := &l.gaps[i]
		from, to := a.bar(max(g.From.Unix(), a.first)), a.bar(max(g.To.Unix()-1, g.From.Unix()))
		if g.To.Unix() < a.first {
			continue
		}
		for b := max(0, from); b <= min(to, len(t.Buckets)-1); b++ {
			t.Buckets[b].Gap = true
		}
	}
}

var keyLost = []byte("lost")

// putLost writes the files of a report that are missing beside all of them, so that they are found at once.
func putLost(b *bolt.Bucket, p *packer, files []FileVerdict) error {
	var lost []FileVerdict
	for i := range files {
		if gone(files[i].Class) {
			lost = append(lost, files[i])
		}
	}
	if len(lost) == 0 {
		return nil
	}
	value, err := encodeFiles(p, lost)
	return errors.Join(err, b.Put(keyLost, value))
}

// lost are the log files that are missing.
func (r *report) lost() ([]FileVerdict, error) {
	value := r.bucket.Get(keyLost)
	if value == nil {
		return nil, nil
	}
	return decodeFiles(&r.packer, value, r.texts)
}
