package source

import (
	"strings"
	"time"
)

// LogKind is the kind of log file, told by the folder of its key.
type LogKind uint8

// The kinds of log file (CloudTrail user guide, "CloudTrail log file name format").
const (
	KindUnknown LogKind = iota
	KindCloudTrail
	KindInsight
	KindNetworkActivity
	KindAggregated
	KindDigest
)

// kindFolders are the folders below an account, by kind; KindUnknown has none.
var kindFolders = [...]string{
	KindUnknown:         "",
	KindCloudTrail:      "CloudTrail",
	KindInsight:         "CloudTrail-Insight",
	KindNetworkActivity: "CloudTrail-NetworkActivity",
	KindAggregated:      "CloudTrail-Aggregated",
	KindDigest:          "CloudTrail-Digest",
}

// String is the kind's folder in a bucket ("CloudTrail-Digest"), "" for an unknown kind.
func (k LogKind) String() string {
	if int(k) < len(kindFolders) {
		return kindFolders[k]
	}
	return ""
}

func parseKind(folder string) LogKind {
	if !strings.HasPrefix(folder, "CloudTrail") {
		return KindUnknown
	}
	for k := KindCloudTrail; int(k) < len(kindFolders); k++ {
		if kindFolders[k] == folder {
			return k
		}
	}
	return KindUnknown
}

// A Key is an object key of a trail's bucket taken apart. It is comparable.
type Key struct {
	Prefix  string // before AWSLogs/, without the last slash
	Org     string // "o-…" of an organization trail, else ""
	Account string // 12 digits
	Kind    LogKind
	Region  string
	Day     time.Time // the date folder (delivery day, UTC); zero where there is none
	Time    time.Time // the time in the name: delivery to the minute, or the digest's end; zero where there is none
	Unique  string    // the meaningless rest of a log file's name, 16 letters and digits as delivered
	// Of digests:
	Trail, HomeRegion string
	Backfill          bool
}

const logsFolder = "AWSLogs/"

// ParseKey takes an object key, or a slash-separated path that ends in one, apart (layout: CloudTrail user guide,
// "Finding your log files"):
//
//	[PREFIX/]AWSLogs/[o-ORG/]ACCOUNT/KIND/REGION/YYYY/MM/DD/NAME
//	NAME of a log file: ACCOUNT_KIND_REGION_YYYYMMDDTHHmmZ_UNIQUE.json.gz
//	NAME of a digest:   ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_YYYYMMDDTHHmmssZ[_backfill].json.gz
//
// A prefix may hold anything, even AWSLogs/: the last AWSLogs/ that an account and a known folder follow counts. What is
// below the folder may be missing or odd; then those fields are zero. Where folder and name differ the folder is right.
// A file outside such folders is taken by its name alone, if that is whole. In all other cases ok is false.
func ParseKey(key string) (k Key, ok bool) {
	for from := 0; ; {
		at := strings.Index(key[from:], logsFolder)
		if at < 0 {
			break
		}
		at += from
		from = at + len(logsFolder)
		if at > 0 && key[at-1] != '/' {
			continue
		}
		if below, found := parseBelowLogs(key[from:]); found {
			k, ok = below, true
			if at > 0 {
				k.Prefix = key[:at-1]
			}
		}
	}
	if ok {
		return k, true
	}
	return parseBareName(key[strings.LastIndexByte(key, '/')+1:])
}

// parseBelowLogs parses what follows "AWSLogs/".
func parseBelowLogs(rest string) (k Key, ok bool) {
	part, rest, _ := strings.Cut(rest, "/")
	if isOrg(part) {
		k.Org = part
		part, rest, _ = strings.Cut(rest, "/")
	}
	if !isAccount(part) {
		return Key{}, false
	}
	k.Account = part
	part, rest, _ = strings.Cut(rest, "/")
	if k.Kind = parseKind(part); k.Kind == KindUnknown {
		return Key{}, false
	}
	part, below, more := strings.Cut(rest, "/")
	if more && isRegion(part) {
		k.Region, rest = part, below
		if len(rest) > len("2006/01/02") && rest[4] == '/' && rest[7] == '/' && rest[10] == '/' {
			k.Day, _ = digitsDate(rest[:4], rest[5:7], rest[8:10])
		}
	}
	k.parseName(rest[strings.LastIndexByte(rest, '/')+1:])
	return k, true
}

// parseBareName takes a file name for a whole key; it must hold account, kind, Region and time.
func parseBareName(name string) (Key, bool) {
	account, rest, _ := strings.Cut(name, "_")
	folder, _, _ := strings.Cut(rest, "_")
	k := Key{Account: account, Kind: parseKind(folder)}
	if !isAccount(account) || k.Kind == KindUnknown {
		return Key{}, false
	}
	k.parseName(name)
	return k, k.Region != "" && !k.Time.IsZero()
}

// parseName fills in what the file name tells; a name of another form tells nothing.
func (k *Key) parseName(name string) {
	account, rest, _ := strings.Cut(name, "_")
	folder, rest, _ := strings.Cut(rest, "_")
	region, rest, ok := strings.Cut(rest, "_")
	if !ok || !isAccount(account) || !strings.HasPrefix(folder, "CloudTrail") || !isRegion(region) {
		return
	}
	if k.Kind == KindDigest {
		ok = k.parseDigestName(rest)
	} else {
		ok = k.parseLogName(rest)
	}
	if ok && k.Region == "" {
		k.Region = region
	}
}

// parseLogName parses "YYYYMMDDTHHmmZ_UNIQUE.json.gz". Old names have no "_" there, copies may have other endings.
func (k *Key) parseLogName(rest string) bool {
	rest, _, _ = strings.Cut(rest, ".")
	for _, n := range [...]int{len("20060102T1504Z"), len("20060102T150405Z")} {
		if len(rest) >= n {
			if t, ok := compactTime(rest[:n]); ok {
				k.Time, k.Unique = t, strings.TrimPrefix(rest[n:], "_")
				return true
			}
		}
	}
	return false
}

// parseDigestName parses "TRAIL_HOMEREGION_YYYYMMDDTHHmmssZ[_backfill].json.gz" from the right, since a trail's name may
// hold "_" and "." and look like a Region.
func (k *Key) parseDigestName(rest string) bool {
	if at := strings.LastIndex(rest, ".json"); at >= 0 {
		rest = rest[:at]
	}
	rest, backfill := strings.CutSuffix(rest, "_backfill")
	rest, stamp, ok := cutLast(rest)
	if !ok || len(stamp) != len("20060102T150405Z") {
		return false
	}
	t, ok := compactTime(stamp)
	if !ok {
		return false
	}
	trail, home, ok := cutLast(rest)
	if !ok || trail == "" || !isRegion(home) {
		return false
	}
	k.Trail, k.HomeRegion, k.Time, k.Backfill = trail, home, t, backfill
	return true
}

// cutLast cuts s at its last "_".
func cutLast(s string) (before, after string, ok bool) {
	at := strings.LastIndexByte(s, '_')
	if at < 0 {
		return s, "", false
	}
	return s[:at], s[at+1:], true
}

// String is the key as CloudTrail would write it, up to where a field is missing: without Region the folder of the kind,
// without Day no date folder, without Time no file name. A log file without Unique gives the name cut off after the time
// (what S3's StartAfter needs). ParseKey gives the same Key again for every Key it returned.
func (k Key) String() string {
	if k.Kind.String() == "" {
		return ""
	}
	b := make([]byte, 0, 200)
	if k.Prefix != "" {
		b = append(append(b, k.Prefix...), '/')
	}
	b = append(b, logsFolder...)
	if k.Org != "" {
		b = append(append(b, k.Org...), '/')
	}
	b = append(append(b, k.Account...), '/')
	b = append(append(b, k.Kind.String()...), '/')
	if k.Region == "" {
		return string(b)
	}
	b = append(append(b, k.Region...), '/')
	if !k.Day.IsZero() {
		b = k.Day.AppendFormat(b, "2006/01/02/")
	}
	if k.Time.IsZero() {
		return string(b)
	}
	return string(k.appendName(b))
}

func (k Key) appendName(b []byte) []byte {
	for _, part := range [...]string{k.Account, k.Kind.String(), k.Region} {
		b = append(append(b, part...), '_')
	}
	switch {
	case k.Kind == KindDigest:
		for _, part := range [...]string{k.Trail, k.HomeRegion} {
			b = append(append(b, part...), '_')
		}
		b = k.Time.AppendFormat(b, "20060102T150405Z")
		if k.Backfill {
			b = append(b, "_backfill"...)
		}
		return append(b, ".json.gz"...)
	case k.Time.Second() != 0:
		b = k.Time.AppendFormat(b, "20060102T150405Z")
	default:
		b = k.Time.AppendFormat(b, "20060102T1504Z")
	}
	if k.Unique == "" {
		return b
	}
	return append(append(append(b, '_'), k.Unique...), ".json.gz"...)
}

// isAccount tells an account id: 12 digits.
func isAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

// isOrg tells an organization id. AWS says 10 to 32 letters and digits; shorter ones occur in examples.
func isOrg(s string) bool {
	return len(s) > 2 && len(s) <= 34 && s[:2] == "o-" && isLowerAlnum(s[2:])
}

// isRegion tells a Region's form: lower-case letters, digits and "-", as new partitions invent names.
func isRegion(s string) bool {
	return len(s) > 2 && len(s) <= 64 && s[0] >= 'a' && s[0] <= 'z' && isLowerAlnum(s)
}

// isLowerAlnum allows "-" too.
func isLowerAlnum(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isDigit(c) && (c < 'a' || c > 'z') && c != '-' {
			return false
		}
	}
	return true
}
