package s3

import (
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
)

// limits are what of a bucket is wanted.
type limits struct {
	span
	accounts, regions []string // empty: all
	kinds             []source.LogKind
	kindsGiven        bool
}

func newLimits(opt Options) limits {
	l := limits{span: newSpan(opt), accounts: opt.Accounts, regions: opt.Regions, kindsGiven: len(opt.Types) > 0}
	for _, t := range opt.Types {
		if k, err := ParseType(t); err == nil {
			l.kinds = append(l.kinds, k)
		}
	}
	return l
}

// typeNames are the short names of the kinds of log file, as --types takes them.
var typeNames = map[string]source.LogKind{
	"cloudtrail":      source.KindCloudTrail,
	"insight":         source.KindInsight,
	"networkactivity": source.KindNetworkActivity,
	"network":         source.KindNetworkActivity,
	"aggregated":      source.KindAggregated,
	"digest":          source.KindDigest,
}

// ParseType takes the name of a kind of log file: its folder ("CloudTrail-Insight") or the end of that ("insight"), in
// any case. Management and data events lie in CloudTrail.
func ParseType(text string) (source.LogKind, error) {
	name := strings.ToLower(strings.TrimSpace(text))
	if k, ok := typeNames[strings.TrimPrefix(name, "cloudtrail-")]; ok {
		return k, nil
	}
	return source.KindUnknown, &source.Error{
		Thing: text, Reason: "not a type of log file", Hint: "types: cloudtrail, insight, network, aggregated, digest",
	}
}

// given is true where anything at all is limited.
func (l *limits) given() bool {
	return len(l.accounts) > 0 || len(l.regions) > 0 || l.kindsGiven || !l.first.IsZero() || !l.end.IsZero()
}

func (l *limits) wantsAccount(a string) bool {
	return len(l.accounts) == 0 || slices.Contains(l.accounts, a)
}

func (l *limits) wantsRegion(r string) bool {
	return len(l.regions) == 0 || slices.Contains(l.regions, r)
}

// wantsKind is true for digests wherever it is for the log files they are about.
func (l *limits) wantsKind(k source.LogKind) bool {
	return !l.kindsGiven || slices.Contains(l.kinds, k) ||
		k == source.KindDigest && slices.Contains(l.kinds, source.KindCloudTrail)
}

// wantsKey judges an object by its key. One that does not say what it is, is wanted where only time is limited.
func (l *limits) wantsKey(key string) bool {
	k, ok := source.ParseKey(key)
	if !ok {
		at, timed := nameTime(key)
		return len(l.accounts) == 0 && len(l.regions) == 0 && !l.kindsGiven && (!timed || l.holds(at, at.Add(time.Second)))
	}
	if !l.wantsAccount(k.Account) || !l.wantsKind(k.Kind) || k.Region != "" && !l.wantsRegion(k.Region) {
		return false
	}
	switch {
	case !k.Time.IsZero():
		return l.holds(k.Time, k.Time.Add(time.Second))
	case !k.Day.IsZero():
		return l.holds(k.Day, k.Day.Add(day))
	}
	return true
}

// within is true where all that l wants, o wants too.
func (l *limits) within(o *limits) bool {
	return subset(l.accounts, o.accounts) && subset(l.regions, o.regions) &&
		(!o.kindsGiven || l.kindsGiven && subset(l.kinds, o.kinds)) &&
		(o.first.IsZero() || !l.first.IsZero() && !l.first.Before(o.first)) &&
		(o.end.IsZero() || !l.end.IsZero() && !l.end.After(o.end))
}

// subset is true where every one of few is in many; an empty list is all there are.
func subset[T comparable](few, many []T) bool {
	if len(many) == 0 {
		return true
	}
	if len(few) == 0 {
		return false
	}
	for _, f := range few {
		if !slices.Contains(many, f) {
			return false
		}
	}
	return true
}
