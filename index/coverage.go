package index

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/trailsift/trailsift/source"
)

// CoverageOptions say which part of time and how fine.
type CoverageOptions struct {
	From, To time.Time     // half-open; zero: where what is known begins and ends
	Step     time.Duration // length of a cell, whole seconds; 0: an hour, or longer where there would be too many cells
}

// A Coverage is what is held, proven and missing by account, Region and time. Cells follow each other from From on, and
// begin at round times in UTC.
type Coverage struct {
	From, To time.Time
	Step     time.Duration
	Rows     []CoverageRow // in order of account and Region
}

// A CoverageRow is one account and Region; both are "" for log files whose keys do not tell.
type CoverageRow struct {
	Account, Region string
	Cells           []CoverageCell
}

// A CoverageCell counts the log files delivered in one stretch of time, by the time in their keys.
type CoverageCell struct {
	Held    int  // log files in the store
	Proven  int  // of the held: valid
	Missing int  // log files that a proven digest names and that are gone
	Late    int  // of the held: delivered more than 60 minutes after their newest event
	Empty   int  // proven digests that name no log file, by the middle of their window: nothing was delivered
	Unknown bool // proven digests speak of less than half of this time: what is not held may be missing
}

// lateAfter is how long after its newest event a log file is late: CloudTrail delivers within some 15 minutes.
const lateAfter = time.Hour

// maxCells bounds a coverage: 48 bytes each.
const maxCells = 1 << 20

// coverageSteps are the lengths of cells to choose from.
var coverageSteps = [...]time.Duration{
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 7 * day, 30 * day, 365 * day, 10 * 365 * day, 100 * 365 * day,
}

// Coverage says what is held, proven and missing, from the ledger and from what verifications established. It reads both
// whole, and one column of each segment.
func (x *Index) Coverage(ctx context.Context, opt CoverageOptions) (Coverage, error) {
	c := coverer{ctx: ctx, rows: map[accountRegion]*coverageFacts{}}
	err := x.view(func(v *storeView) error {
		newest, err := newestEvents(ctx, v.segments())
		if err == nil {
			err = c.files(v, newest)
		}
		if err == nil {
			err = c.reports(v)
		}
		if err != nil && ctx.Err() == nil {
			return x.damaged(err)
		}
		if err != nil {
			return err
		}
		return v.err()
	})
	if err != nil {
		return Coverage{}, err
	}
	return c.cells(opt)
}

type accountRegion struct{ account, region string }

// coverageFacts are what is known of one account and Region.
type coverageFacts struct {
	points  []coveragePoint
	windows []coverageWindow
}

// A coveragePoint is something that counts in one cell.
type coveragePoint struct {
	sec  int64
	kind coverageKind
}

type coverageKind uint8

const (
	heldFile   coverageKind = 1 << iota
	provenFile              // with heldFile
	lateFile                // with heldFile
	missingLog
	emptyDigest
)

// A coverageWindow is the time that a proven digest speaks of, half-open.
type coverageWindow struct{ from, to int64 }

// A coverer gathers what is known, before it is put into cells.
type coverer struct {
	ctx  context.Context
	rows map[accountRegion]*coverageFacts
}

func (c *coverer) row(account, region string) *coverageFacts {
	at := accountRegion{account, region}
	if c.rows[at] == nil {
		c.rows[at] = &coverageFacts{}
	}
	return c.rows[at]
}

// files takes the newest version of each log file that is held. newest are the times of their newest events, by log file
// number.
func (c *coverer) files(v *storeView, newest map[uint32]int64) error {
	var last []byte
	cursor := v.tx.Bucket(bucketFiles).Cursor()
	for k, value := cursor.First(); k != nil; k, value = cursor.Next() {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		older := len(last) == len(k) && bytes.Equal(last[:len(k)-4], k[:len(k)-4])
		if last = k; older {
			continue
		}
		row, err := parseRow(k, value, v.snap.places)
		if err != nil {
			return err
		}
		if row.State == StateHeld || row.State == StateProblem {
			c.file(row, v.snap.verdicts.of(row.no), newest)
		}
	}
	return nil
}

func (c *coverer) file(row *ledgerRow, of verdict, newest map[uint32]int64) {
	key, _ := source.ParseKey(row.Key)
	event, timed := newest[row.no]
	p := coveragePoint{kind: heldFile}
	switch {
	case !key.Time.IsZero():
		p.sec = key.Time.Unix()
		if timed && key.Time.Sub(time.Unix(event, 0)) > lateAfter {
			p.kind |= lateFile
		}
	case timed:
		p.sec = event
	case !row.Delivered.IsZero():
		p.sec = row.Delivered.Unix()
	default:
		return
	}
	if of == verdictValid {
		p.kind |= provenFile
	}
	r := c.row(key.Account, key.Region)
	r.points = append(r.points, p)
}

// reports takes what verifications established.
func (c *coverer) reports(v *storeView) error {
	gaps, err := v.gaps(c.ctx)
	if err != nil {
		return err
	}
	for _, m := range gaps.missing {
		r := c.row(m.gap.Account, m.gap.Region)
		r.points = append(r.points, coveragePoint{m.at.Unix(), missingLog})
	}
	for _, no := range v.snap.placeNumbers() {
		r, err := openReport(v.tx, no)
		if err != nil {
			return err
		}
		if r == nil {
			continue
		}
		rep, _, err := r.head()
		if err != nil {
			return err
		}
		for i := range rep.Chains {
			c.chain(&rep.Chains[i])
		}
	}
	return nil
}

func (c *coverer) chain(chain *Chain) {
	if chain.Backfill {
		return // its windows are those of other digests
	}
	r := c.row(chain.Account, chain.Region)
	for i := range chain.Digests {
		d := &chain.Digests[i]
		if d.Logs == nil || d.Start.IsZero() || !d.Start.Before(d.End) {
			continue
		}
		w := coverageWindow{d.Start.Unix(), d.End.Unix()}
		r.windows = append(r.windows, w)
		if len(d.Logs) == 0 {
			r.points = append(r.points, coveragePoint{w.from + (w.to-w.from)/2, emptyDigest})
		}
	}
}

// cells puts what was gathered into cells.
func (c *coverer) cells(opt CoverageOptions) (Coverage, error) {
	from, to, ok := c.span(opt)
	if !ok {
		return Coverage{From: opt.From, To: opt.To, Step: cmp.Or(opt.Step, time.Hour)}, nil
	}
	a, err := coverageAxis(from, to, opt.Step, len(c.rows))
	if err != nil {
		return Coverage{}, err
	}
	out := Coverage{From: a.start(0), To: a.start(a.bars), Step: a.length}
	for at, facts := range c.rows {
		out.Rows = append(out.Rows, CoverageRow{Account: at.account, Region: at.region, Cells: facts.cells(a)})
	}
	slices.SortFunc(out.Rows, func(a, b CoverageRow) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	return out, nil
}

func coverageAxis(from, to time.Time, step time.Duration, rows int) (axis, error) {
	if step > 0 {
		a := axisOf(from, to, step)
		if a.bars > maxCells || a.bars <= 0 || a.bars*rows > maxCells {
			return axis{}, fmt.Errorf("coverage: more than %d cells of %s between %s and %s", maxCells, step, limitText(from), limitText(to))
		}
		return a, nil
	}
	var a axis
	for _, step := range coverageSteps {
		if a = axisOf(from, to, step); a.bars <= maxCells/max(1, rows) {
			break
		}
	}
	return a, nil
}

// span is the range of time asked for, or known.
func (c *coverer) span(opt CoverageOptions) (from, to time.Time, ok bool) {
	lo, hi := int64(0), int64(0)
	take := func(from, to int64) {
		if !ok || from < lo {
			lo = from
		}
		if !ok || to > hi {
			hi = to
		}
		ok = true
	}
	for _, r := range c.rows {
		for _, p := range r.points {
			take(p.sec, p.sec+1)
		}
		for _, w := range r.windows {
			take(w.from, w.to)
		}
	}
	from, to = opt.From, opt.To
	if from.IsZero() {
		from = time.Unix(lo, 0).UTC()
	}
	if to.IsZero() {
		to = time.Unix(hi, 0).UTC()
	}
	return from, to, ok && from.Before(to)
}

// cells counts what is known by cell.
func (f *coverageFacts) cells(a axis) []CoverageCell {
	cells := make([]CoverageCell, a.bars)
	end := a.start(a.bars).Unix()
	for _, p := range f.points {
		if p.sec < a.first || p.sec >= end {
			continue
		}
		cell := &cells[a.bar(p.sec)]
		for _, of := range [...]struct {
			kind  coverageKind
			count *int
		}{
			{heldFile, &cell.Held},
			{provenFile, &cell.Proven},
			{lateFile, &cell.Late},
			{missingLog, &cell.Missing},
			{emptyDigest, &cell.Empty},
		} {
			if p.kind&of.kind != 0 {
				*of.count++
			}
		}
	}
	for i, seconds := range f.spoken(a, end) {
		cells[i].Unknown = 2*seconds < a.second
	}
	return cells
}

// spoken is of how many seconds of each cell proven digests speak.
func (f *coverageFacts) spoken(a axis, end int64) []int64 {
	seconds := make([]int64, a.bars)
	slices.SortFunc(f.windows, func(a, b coverageWindow) int { return cmp.Compare(a.from, b.from) })
	reached := a.first
	for _, w := range f.windows {
		from, to := max(w.from, reached), min(w.to, end)
		for from < to {
			i := a.bar(from)
			stop := min(to, a.first+int64(i+1)*a.second)
			seconds[i] += stop - from
			from = stop
		}
		reached = max(reached, to)
	}
	return seconds
}

// newestEvents gives the time of the newest event of each log file, by its number, in Unix seconds.
func newestEvents(ctx context.Context, segs []*segmentView) (map[uint32]int64, error) {
	parts := make([][]int64, len(segs)) // by local number; 0: no event with a time
	err := eachParallel(ctx, len(segs), func(i int) error {
		s := segs[i]
		parts[i] = make([]int64, s.dir.files+1)
		files, left := s.files(), s.dir.files
		for doc := uint32(0); int(doc) < s.timed() && left > 0; doc++ { // newest first
			if local := files.code(doc); int(local) < len(parts[i]) && parts[i][local] == 0 {
				parts[i][local], _ = s.time(doc)
				left--
			}
		}
		return s.err
	})
	if err != nil {
		return nil, err
	}
	newest := map[uint32]int64{}
	for i, s := range segs {
		for local := uint32(1); int(local) < len(parts[i]); local++ {
			if f, ok := s.fileAt(local); ok && parts[i][local] != 0 {
				newest[f.no] = max(newest[f.no], parts[i][local])
			}
		}
	}
	return newest, nil
}
