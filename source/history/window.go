package history

import (
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
)

const (
	keyPrefix = "history/"
	hourEnd   = "Z_PT1H.json"
	dayEnd    = "Z_P1D.json"

	day = 24 * time.Hour
)

// A window is one hour or one day (UTC) of one Region, half-open.
type window struct {
	region string
	start  time.Time
	days   bool
}

func (w window) end() time.Time {
	if w.days {
		return w.start.Add(day)
	}
	return w.start.Add(time.Hour)
}

// key is "history/ACCOUNT/REGION/2026/11/20/20261120T1300Z_PT1H.json": an ISO 8601 start and duration.
func (w window) key(account string) string {
	end := hourEnd
	if w.days {
		end = dayEnd
	}
	return keyPrefix + account + "/" + w.region + "/" + w.start.Format("2006/01/02/20060102T1504") + end
}

// parseWindow is the inverse of key for one account.
func parseWindow(key, account string) (window, bool) {
	rest, ok := strings.CutPrefix(key, keyPrefix+account+"/")
	if !ok {
		return window{}, false
	}
	region, path, ok := strings.Cut(rest, "/")
	text, isHour := strings.CutSuffix(path, hourEnd)
	w := window{region: region, days: !isHour}
	if !isHour {
		text = strings.TrimSuffix(path, dayEnd)
	}
	at, err := time.Parse("2006/01/02/20060102T1504", text)
	w.start = at
	if !ok || err != nil || w.key(account) != key {
		return window{}, false
	}
	return w, true
}

// file is the window as listed at a time. The entity tag changes when the window settles: what was brought in before is
// then asked for once more.
func (w window) file(account string, now time.Time) source.File {
	f := source.File{Key: w.key(account), SizeBytes: -1, ETag: Final, ModTime: w.end()}
	if w.end().Add(settle).After(now) {
		f.ETag, f.Volatile = "growing", true
	}
	return f
}

// A plan cuts a range of time into windows.
//
// A window costs at least one request, and two requests a second are permitted: the hours of 90 days would take 18
// minutes a Region before the first event is counted, its days 45 seconds. But a window that is not final is asked for
// again, so near now it should be small. Today and yesterday are hours, older days are days. Keys are those of the
// clock, not of the range, and a day of which hours are held stays hours: a later run finds what the first one brought
// in under the same keys.
type plan struct {
	account  string
	from, to time.Time
	endless  bool // what is older than Reach is asked for too
	now      func() time.Time
	held     func(key string) bool
}

// windows are those of all Regions, the newest first.
func (p plan) windows(regions []string) []window {
	now := p.now().UTC()
	from, to := p.from.UTC(), p.to.UTC()
	if p.to.IsZero() || to.After(now) {
		to = now
	}
	if oldest := now.Add(-Reach).Truncate(day); p.from.IsZero() || from.Before(oldest) && !p.endless {
		from = oldest
	}
	recent := now.Truncate(day).Add(-day)
	var all []window
	for _, r := range regions {
		for d := to.Truncate(day); !d.Add(day).Before(from) && from.Before(to); d = d.Add(-day) {
			all = append(all, p.dayWindows(r, d, from, to, d.Before(recent))...)
		}
	}
	slices.SortStableFunc(all, func(a, b window) int { return b.end().Compare(a.end()) })
	return all
}

// dayWindows are the windows of one day that overlap [from, to).
func (p plan) dayWindows(region string, d, from, to time.Time, old bool) []window {
	whole := window{region: region, start: d, days: true}
	if !whole.overlaps(from, to) {
		return nil
	}
	if p.held(whole.key(p.account)) {
		return []window{whole}
	}
	var hours []window
	asHours := !old || d.Before(from) || to.Before(d.Add(day))
	for h := d.Add(23 * time.Hour); !h.Before(d); h = h.Add(-time.Hour) {
		w := window{region: region, start: h}
		asHours = asHours || p.held(w.key(p.account))
		if w.overlaps(from, to) {
			hours = append(hours, w)
		}
	}
	if asHours {
		return hours
	}
	return []window{whole}
}

func (w window) overlaps(from, to time.Time) bool {
	return w.start.Before(to) && w.end().After(from)
}
