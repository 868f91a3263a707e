package history

import (
	"net/url"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
)

const (
	keyPrefix = "history/"
	keyEnd    = ".json.gz"
	stampForm = "20060102T1504Z"

	day = 24 * time.Hour
)

// A unit is the length of a window.
type unit uint8

const (
	quarter unit = iota // of an hour
	hour
	wholeDay
	month
)

// durations are the units as ISO 8601 writes them.
var durations = [...]string{quarter: "PT15M", hour: "PT1H", wholeDay: "P1D", month: "P1M"}

// A window is a span of time of one Region (UTC, half-open) and what is asked about it.
type window struct {
	region string
	start  time.Time
	unit   unit
	about  about
}

// about is what is asked of a window: "" for all management events, "insight" for Insights, "EventName=DeleteTrail" for the
// management events with an attribute.
type about string

const (
	aboutAll     about = ""
	aboutInsight about = "insight"
)

func aboutAttribute(a Attribute) about {
	if a == (Attribute{}) {
		return aboutAll
	}
	return about(a.Key + "=" + a.Value)
}

// attribute is the inverse of aboutAttribute; the zero one for the others.
func (a about) attribute() Attribute {
	key, value, ok := strings.Cut(string(a), "=")
	if !ok {
		return Attribute{}
	}
	return Attribute{Key: key, Value: value}
}

func (w window) end() time.Time {
	switch w.unit {
	case quarter:
		return w.start.Add(time.Hour / 4)
	case hour:
		return w.start.Add(time.Hour)
	case wholeDay:
		return w.start.Add(day)
	default:
		return w.start.AddDate(0, 1, 0)
	}
}

func (w window) overlaps(from, to time.Time) bool {
	return w.start.Before(to) && w.end().After(from)
}

// final says that the window gets no more events at a time.
func (w window) final(now time.Time) bool { return !w.end().Add(settle).After(now) }

// key is "history/ACCOUNT/REGION/2026/11/20/20261120T1300Z_PT1H.json.gz": an ISO 8601 start and duration, and what was
// asked about it where that is not all: "…_P1M_insight.json.gz", "…_P1D_EventName=DeleteTrail.json.gz". So a window asked
// with an attribute never stands for the whole one.
func (w window) key(account string) string {
	key := keyPrefix + account + "/" + w.region + "/" + w.start.Format("2006/01/02/"+stampForm) + "_" + durations[w.unit]
	if w.about != aboutAll {
		key += "_" + url.PathEscape(string(w.about))
	}
	return key + keyEnd
}

// parseWindow is the inverse of key for one account.
func parseWindow(key, account string) (window, bool) {
	rest, ok := strings.CutPrefix(key, keyPrefix+account+"/")
	if !ok {
		return window{}, false
	}
	region, _, _ := strings.Cut(rest, "/")
	name, ok := strings.CutSuffix(rest[strings.LastIndexByte(rest, '/')+1:], keyEnd)
	parts := append(strings.SplitN(name, "_", 3), "", "")
	at, err := time.Parse(stampForm, parts[0])
	text, escapeErr := url.PathUnescape(parts[2])
	if !ok || err != nil || escapeErr != nil {
		return window{}, false
	}
	w := window{region: region, start: at, about: about(text)}
	for u, duration := range durations {
		w.unit = unit(u)
		if duration == parts[1] && w.key(account) == key {
			return w, true
		}
	}
	return window{}, false
}

// file is the window as listed at a time. The entity tag changes when the window settles: what was brought in before is
// then asked for once more.
func (w window) file(account string, now time.Time) source.File {
	f := source.File{Key: w.key(account), SizeBytes: -1, ETag: Final, ModTime: w.end()}
	if !w.final(now) {
		f.ETag, f.Volatile = "growing", true
	}
	return f
}
