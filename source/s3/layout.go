package s3

import (
	"slices"
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
	// outside is true for a folder that is not in the layout of CloudTrail, though it may lead there.
	outside bool
}

// A verdict says what becomes of a folder.
type verdict uint8

const (
	wanted verdict = iota
	unwanted
	foreign // logs of another service
)

// folder judges a folder by its path.
func (l *limits) folder(prefix string) (node, verdict) {
	at := folderOf(prefix)
	c := node{prefix: prefix, kind: at.kind, outside: at.level < levelAccount}
	from, to, dated := newest.FolderSpan(prefix)
	if dated {
		c.dated, c.to, c.leaf = true, to, to.Sub(from) <= day
	}
	switch {
	case at.level >= levelKind && at.other():
		return c, foreign
	case at.level >= levelAccount && !l.wantsAccount(at.account),
		at.level >= levelKind && !l.wantsKind(at.kind),
		at.level >= levelRegion && !l.wantsRegion(at.region),
		dated && !l.holds(from, to):
		return c, unwanted
	}
	return c, wanted
}

// dayFolder is the folder of a day below a Region's.
func dayFolder(region string, d time.Time) string { return region + d.Format("2006/01/02/") }

// level says how deep a folder lies in the layout AWSLogs/[o-ID/]ACCOUNT/KIND/REGION/YYYY/MM/DD/.
type level uint8

const (
	levelOutside level = iota
	levelAccount
	levelKind
	levelRegion
	levelDate
)

// A folder is what the path of one says.
type folder struct {
	level   level
	account string
	service string // the folder below the account
	kind    source.LogKind
	region  string
}

// folderOf takes the path of a folder apart: the last AWSLogs/ that an account follows counts, as in [source.ParseKey].
func folderOf(prefix string) folder {
	parts := strings.Split(strings.TrimSuffix(prefix, "/"), "/")
	for at, part := range slices.Backward(parts) {
		if part != logsFolder {
			continue
		}
		rest := parts[at+1:]
		if len(rest) > 0 && strings.HasPrefix(rest[0], "o-") {
			rest = rest[1:]
		}
		if len(rest) == 0 || !isAccount(rest[0]) {
			continue
		}
		f := folder{level: level(min(len(rest), int(levelDate))), account: rest[0]}
		if len(rest) > 1 {
			f.service = rest[1]
			f.kind = kindOf(f.service)
		}
		if len(rest) > 2 {
			f.region = rest[2]
		}
		return f
	}
	return folder{}
}

const logsFolder = "AWSLogs"

// other is true where a folder of an account holds logs of another service; what begins like CloudTrail's own may be a
// kind that is new.
func (f folder) other() bool {
	return !strings.HasPrefix(f.service, "CloudTrail") && f.service != logsFolder && f.service != ""
}

func kindOf(name string) source.LogKind {
	for k := source.KindCloudTrail; k <= source.KindDigest; k++ {
		if k.String() == name {
			return k
		}
	}
	return source.KindUnknown
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

func nameTime(key string) (time.Time, bool) { return newest.NameTime(lastName(key)) }

func lastName(prefix string) string {
	prefix = strings.TrimSuffix(prefix, "/")
	return prefix[strings.LastIndexByte(prefix, '/')+1:]
}
