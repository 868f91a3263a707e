package s3

import (
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/internal/newest"
)

// directDays is the longest range whose day folders are asked for by name; descending costs three listings more a
// Region, asking for a day that has no folder costs one.
const directDays = 14

const day = 24 * time.Hour

// A span limits deliveries to the days [first, end); zero ends are open.
type span struct {
	first, end time.Time
	now        func() time.Time
}

func newSpan(opt Options) span {
	s := span{now: opt.Now}
	if s.now == nil {
		s.now = time.Now
	}
	if !opt.From.IsZero() {
		s.first = opt.From.UTC().Truncate(day)
	}
	if !opt.To.IsZero() {
		s.end = opt.To.UTC().Add(-1).Truncate(day).Add(2 * day)
	}
	return s
}

// holds is true where a delivery in [from, to) is wanted.
func (s span) holds(from, to time.Time) bool {
	return (s.first.IsZero() || to.After(s.first)) && (s.end.IsZero() || from.Before(s.end))
}

// days are the wanted days where they are few, newest first.
func (s span) days() []time.Time {
	if s.first.IsZero() {
		return nil
	}
	last := s.now().UTC().Truncate(day)
	if !s.end.IsZero() && s.end.Add(-day).Before(last) {
		last = s.end.Add(-day)
	}
	if last.Sub(s.first) >= directDays*day {
		return nil
	}
	days := []time.Time{}
	for d := last; !d.Before(s.first); d = d.Add(-day) {
		days = append(days, d)
	}
	return days
}

// A node is a prefix to list: a folder of the bucket, ending in "/", or "" for the whole bucket.
type node struct {
	prefix string
	// dated is true where the path tells the time: then no delivery in it is as late as to.
	dated bool
	to    time.Time
	// leaf is a day folder: what it holds are log files.
	leaf bool
	kind source.LogKind
}

// child is a folder within n; wanted is false outside the time range.
func (s span) child(n node, prefix string) (c node, wanted bool) {
	c = node{prefix: prefix, dated: n.dated, to: n.to, leaf: n.leaf, kind: n.kind}
	if from, to, ok := newest.FolderSpan(prefix); ok {
		c.dated, c.to = true, to
		c.leaf = to.Sub(from) <= day
		return c, s.holds(from, to)
	}
	if at, ok := levelOf(prefix); ok && at == levelKind {
		c.kind = kindOf(lastName(prefix))
	}
	return c, true
}

func kindOf(name string) source.LogKind {
	for k := source.KindCloudTrail; k <= source.KindDigest; k++ {
		if k.String() == name {
			return k
		}
	}
	return source.KindUnknown
}

// dayFolder is the folder of a day below a Region's.
func dayFolder(region string, d time.Time) string { return region + d.Format("2006/01/02/") }

// level says what a folder is for in the layout AWSLogs/[o-ID/]ACCOUNT/KIND/REGION/.
type level uint8

const (
	levelAccount level = iota
	levelKind
	levelRegion
)

// levelOf tells the level of a folder by its path; ok is false outside of the layout.
func levelOf(prefix string) (level, bool) {
	parts := strings.Split(strings.TrimSuffix(prefix, "/"), "/")
	for at := range parts {
		if parts[at] != "AWSLogs" {
			continue
		}
		rest := parts[at+1:]
		if len(rest) > 0 && strings.HasPrefix(rest[0], "o-") {
			rest = rest[1:]
		}
		if n := len(rest); n > 0 && n <= 3 && isAccount(rest[0]) {
			return level(n - 1), true
		}
	}
	return 0, false
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// otherService is true for a folder of an account that holds logs of another service.
func otherService(prefix string) bool {
	at, ok := levelOf(prefix)
	return ok && at == levelKind && !strings.HasPrefix(lastName(prefix), "CloudTrail")
}

func lastName(prefix string) string {
	prefix = strings.TrimSuffix(prefix, "/")
	return prefix[strings.LastIndexByte(prefix, '/')+1:]
}
