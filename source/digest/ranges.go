package digest

import (
	"cmp"
	"slices"
	"time"
)

// ranges finds the stretches of time that deserve a word. Backfill chains have no windows that meet.
func (v *verifier) ranges(runs []run) []Range {
	var out []Range
	for _, r := range runs {
		if r.id.Backfill {
			continue
		}
		var list []*digestFile
		for _, d := range r.digests {
			if d.doc != nil && d.inRange && d.moved != movedAway && d.doc.start.Before(d.doc.end) {
				list = append(list, d)
			}
		}
		var reached time.Time
		for _, d := range list {
			if g, ok := v.between(reached, d); ok {
				out = append(out, g)
			}
			if d.doc.end.After(reached) {
				reached = d.doc.end
			}
		}
		if len(list) > 0 && v.opt.To.Sub(reached) > late {
			out = append(out, r.id.rangeOf(RangeTailMissing, reached, v.opt.To,
				"the newest digest ends here: the trail was stopped or deleted, or the digests since were; only who knows can tell"))
		}
	}
	slices.SortFunc(out, func(a, b Range) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Trail, b.Trail), a.From.Compare(b.From))
	})
	return out
}

func (id ChainID) rangeOf(c Class, from, to time.Time, reason string) Range {
	return Range{Class: c, Account: id.Account, Region: id.Region, Trail: id.Trail, From: from, To: to, Reason: reason}
}

// between is about the time before a digest that begins where no older one ends.
func (v *verifier) between(reached time.Time, d *digestFile) (Range, bool) {
	for _, m := range v.missing {
		if m.by == d && m.item.Class == DigestMissing {
			from, least := reached, ""
			if from.IsZero() {
				from, least = m.name.Time.Add(-time.Hour), ", or earlier"
			}
			return d.id.rangeOf(RangeUnverifiable, from, d.doc.start, "the digest of this time is missing"+least+": nothing tells which log files were delivered"), true
		}
	}
	if reached.IsZero() || !d.doc.start.After(reached) {
		return Range{}, false
	}
	if d.doc.link() != "" {
		at := v.p.resolve(d.key, d.doc, d.doc.previousBucket, d.doc.previous)
		if before := v.byAt[at.at]; before == nil || before.doc == nil || before.moved == movedAway {
			return Range{}, false // what is there is broken, unreadable or another digest: that is said of it
		}
		return d.id.rangeOf(RangeHole, reached, d.doc.start, "the windows of two linked digests do not meet"), true
	}
	if n := v.inside(d.id, reached, d.doc.start); n > 0 {
		return d.id.rangeOf(RangeHole, reached, d.doc.start,
			"the chain began anew, but log files were delivered meanwhile: digests were deleted, or validation was switched off"), true
	}
	return d.id.rangeOf(RangeGap, reached, d.doc.start, "the chain began anew; no log files were delivered meanwhile"), true
}

// inside counts unlisted log files delivered between two times.
func (v *verifier) inside(id ChainID, from, to time.Time) int {
	n := 0
	for _, l := range v.logs {
		if len(l.claims) > 0 || l.at < 0 || l.item.Class != LogUnverified {
			continue
		}
		if k := v.keyOf(l); k.Account == id.Account && k.Region == id.Region && k.Time.After(from) && k.Time.Before(to) {
			n++
		}
	}
	return n
}
