package history

import (
	"cmp"
	"slices"
	"time"
)

const (
	// manyEvents is how many events a window should not hold: a hundred pages, 50 seconds of requests. What is read of a
	// window shows when it is whole, and is asked for again when it is not.
	manyEvents = 5000
)

// A plan cuts a range of time into windows.
//
// A window costs at least one request, and two requests a second are permitted: the hours of 90 days would take 18
// minutes a Region before the first event is counted, its days 45 seconds. But what is not final is asked for again, and a
// window shows when it is whole, so near now windows are small. Older days are days, today and yesterday are hours, and
// hours that are not final are quarters; in a Region that is known to be busy all of them are a step smaller. What is
// rare (Insights, events with one attribute) is asked by the month.
//
// Keys are those of the clock, not of the range, and a day of which hours are held stays hours: a later run finds what the
// first one brought in under the same keys.
type plan struct {
	account  string
	from, to time.Time
	endless  bool // what is older than Reach is asked for too
	now      time.Time
	held     func(key string) bool
	// rate is the events a second of a Region, as far as known.
	rate func(region string) float64

	attribute           Attribute
	management, insight bool
}

// span is the range that is asked for, half-open.
func (p *plan) span() (from, to time.Time) {
	from, to = p.from.UTC(), p.to.UTC()
	if p.to.IsZero() || to.After(p.now) {
		to = p.now
	}
	if oldest := p.now.Add(-Reach).Truncate(day); p.from.IsZero() || from.Before(oldest) && !p.endless {
		from = oldest
	}
	return from, to
}

// windows are those of all Regions, the newest first.
func (p *plan) windows(regions []string) []window {
	var all []window
	for _, r := range regions {
		if p.management {
			all = append(all, p.managementWindows(r)...)
		}
		if p.insight {
			all = append(all, p.rareWindows(r, aboutInsight)...)
		}
	}
	slices.SortStableFunc(all, func(a, b window) int {
		// Insights come when what they are about has come.
		return cmp.Or(b.rank().Compare(a.rank()), cmp.Compare(a.about, b.about))
	})
	return all
}

func (w window) rank() time.Time {
	if w.about == aboutInsight {
		return w.start
	}
	return w.end()
}

func (p *plan) managementWindows(region string) []window {
	about := aboutAttribute(p.attribute)
	if p.attribute.rare() {
		return slices.DeleteFunc(p.rareWindows(region, about), p.heldWhole)
	}
	from, to := p.span()
	var all []window
	for d := to.Truncate(day); !d.Add(day).Before(from) && from.Before(to); d = d.Add(-day) {
		all = append(all, p.dayWindows(region, d, about)...)
	}
	if about != aboutAll {
		all = slices.DeleteFunc(all, p.heldWhole)
	}
	return all
}

// months are the months of the range.
func (p *plan) months(region string, about about) []window {
	from, to := p.span()
	var all []window
	for m := monthOf(to); from.Before(to) && m.AddDate(0, 1, 0).After(from); m = m.AddDate(0, -1, 0) {
		if w := (window{region: region, start: m, unit: month, about: about}); w.overlaps(from, to) {
			all = append(all, w)
		}
	}
	return all
}

func monthOf(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }

// rareWindows are months where the range has all of them and they are final, else days: those of the running month, of
// which today's is asked again and again.
func (p *plan) rareWindows(region string, about about) []window {
	from, to := p.span()
	var all []window
	for _, m := range p.months(region, about) {
		if p.held(m.key(p.account)) || m.final(p.now) && !m.start.Before(from) && !m.end().After(to) {
			all = append(all, m)
			continue
		}
		for d := m.end().Add(-day); !d.Before(m.start); d = d.Add(-day) {
			if w := (window{region: region, start: d, unit: wholeDay, about: about}); w.overlaps(from, to) {
				all = append(all, w)
			}
		}
	}
	return all
}

// heldWhole says that all management events of the window's part of the range are held already.
func (p *plan) heldWhole(w window) bool {
	from, to := p.span()
	whole := func(start time.Time, u unit) window { return window{region: w.region, start: start, unit: u} }
	for d := w.start.Truncate(day); d.Before(w.end()); d = d.Add(day) {
		if p.held(whole(d, wholeDay).key(p.account)) {
			continue
		}
		for h := d; h.Before(d.Add(day)); h = h.Add(time.Hour) {
			if hw := whole(h, hour); !hw.overlaps(from, to) || !hw.overlaps(w.start, w.end()) || p.held(hw.key(p.account)) {
				continue
			}
			for q := h; q.Before(h.Add(time.Hour)); q = q.Add(time.Hour / 4) {
				qw := whole(q, quarter)
				if qw.overlaps(from, to) && qw.overlaps(w.start, w.end()) && !p.held(qw.key(p.account)) {
					return false
				}
			}
		}
	}
	return true
}

// dayWindows are the windows of one day that overlap the range.
func (p *plan) dayWindows(region string, d time.Time, about about) []window {
	from, to := p.span()
	whole := window{region: region, start: d, unit: wholeDay, about: about}
	if !whole.overlaps(from, to) {
		return nil
	}
	if p.held(whole.key(p.account)) {
		return []window{whole}
	}
	recent := !d.Before(p.now.Truncate(day).Add(-day))
	busy := about == aboutAll && p.rate(region)*day.Seconds() > manyEvents
	asHours := recent || busy || d.Before(from) || to.Before(d.Add(day))
	var hours []window
	for h := d.Add(23 * time.Hour); !h.Before(d); h = h.Add(-time.Hour) {
		parts, held := p.hourWindows(window{region: region, start: h, unit: hour, about: about})
		asHours = asHours || held
		hours = append(hours, parts...)
	}
	if !asHours {
		return []window{whole}
	}
	return slices.DeleteFunc(hours, func(w window) bool { return !w.overlaps(from, to) })
}

// hourWindows are an hour, or its quarters where it is not final, quarters of it are held or the Region is very busy; held
// says that any of them is held.
func (p *plan) hourWindows(h window) (parts []window, held bool) {
	if p.held(h.key(p.account)) {
		return []window{h}, true
	}
	asQuarters := !h.final(p.now) || h.about == aboutAll && p.rate(h.region)*time.Hour.Seconds() > manyEvents
	for q := h.end().Add(-time.Hour / 4); !q.Before(h.start); q = q.Add(-time.Hour / 4) {
		w := window{region: h.region, start: q, unit: quarter, about: h.about}
		held = held || p.held(w.key(p.account))
		parts = append(parts, w)
	}
	if !asQuarters && !held {
		return []window{h}, false
	}
	return parts, held
}
