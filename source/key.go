package source

import "time"

// Kind of log file by the folder of its key.
type LogKind uint8

const (
	KindUnknown LogKind = iota
	KindCloudTrail
	KindInsight
	KindNetworkActivity
	KindAggregated
	KindDigest
)

// A Key is an object key of a trail's bucket taken apart.
type Key struct {
	Prefix  string // before AWSLogs/, without the last slash
	Org     string // "o-…" of an organization trail, else ""
	Account string // 12 digits
	Kind    LogKind
	Region  string
	Day     time.Time // the date folder (delivery day, UTC); zero where there is none
	Time    time.Time // the time in the name: delivery to the minute, or the digest's end; zero where there is none
	// Of digests:
	Trail, HomeRegion string
	Backfill          bool
}

// ParseKey takes an object key, or a path that ends in one, apart (layout: CloudTrail user guide, "Finding your log
// files"). ok is false where the text does not hold AWSLogs/, an account and a known folder.
func ParseKey(key string) (k Key, ok bool) { return Key{}, false }
