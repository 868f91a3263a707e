package demo

import (
	"cmp"
	"slices"

	"github.com/trailsift/trailsift/source"
)

const (
	firstSecond = 1772409600 // 2026-03-02T00:00:00Z, a Monday
	days        = 14
	lastSecond  = firstSecond + days*86400
	markSeconds = 300 // log files are delivered at five minute marks
	blockMarks  = 6   // activity comes in half hours
	blocks      = days * 48
	// maxFileEvents is the most one log file holds; a busier mark has several files, as in real archives.
	maxFileEvents = 3000
)

// A file is one log file: what it holds is made when it is opened. About 100 bytes each.
type file struct {
	kind    source.LogKind
	account int
	region  int
	mark    int64  // delivery, Unix seconds; of digests the end of their window
	written int64  // the mark its events were first delivered at: earlier than mark for a repeated delivery
	content uint64 // names the stream its events are drawn from
	unique  uint64 // names the 16 letters at the end of the key
	events  int    // background events
	limit   int    // a repeated delivery holds only the first records; 0: all
	group   int    // 1 + number of the group of told events in it; 0: none
	fate    fate
	chain   *chain // of digests
	link    int
}

// fate is what became of a file after it was delivered.
type fate uint8

const (
	fateKept fate = iota
	fateAltered
	fateDeleted
)

// presence is the chance in 1,000 that an account is busy in a Region during a half hour at the height of the day;
// volume is how much is done then.
var (
	presence = [3][len(regions)]int{{400, 300, 80, 65, 45}, {80, 170, 18, 18, 18}, {60, 30, 9, 9, 9}}
	volume   = [3][len(regions)]int{{100, 90, 40, 40, 30}, {60, 100, 20, 20, 20}, {50, 30, 10, 10, 10}}
)

// dayShape is how busy each hour of a local day is, at most 100.
var dayShape = [24]int{12, 10, 16, 9, 8, 9, 14, 28, 62, 92, 100, 96, 78, 90, 100, 97, 88, 66, 40, 28, 22, 18, 15, 13}

// bustle is how busy a Region is at a time, 0 to 100: day and night, weekdays and weekend.
func bustle(unix int64, r region) int {
	local := unix - int64(r.shift)*3600
	shape := dayShape[(local/3600%24+24)%24]
	if weekday := (local/86400 + 3) % 7; weekday >= 5 { // 1970-01-01 was a Thursday; 0 is Monday
		return max(shape*35/100, 4)
	}
	return shape
}

// spread is a log-normal shape in eight steps: what a busy half hour weighs.
var spread = [8]int{12, 25, 45, 70, 110, 180, 340, 900}

// plan lays out the log files of background traffic: which exist and how many events each holds, n in all.
func plan(seed uint64, n int, quiet func(account int, mark int64) bool) []file {
	r := newRNG(seed, hashText("plan"))
	var files []file
	var weights []int
	total := 0
	for a := range presence {
		for reg := range regions {
			for b := range blocks {
				busy := bustle(firstSecond+int64(b)*blockMarks*markSeconds, regions[reg])
				active := r.n(100_000) < presence[a][reg]*busy
				level := spread[r.n(len(spread))] * volume[a][reg] * (busy + 15)
				for m := range blockMarks {
					mark := firstSecond + int64(b*blockMarks+m+1)*markSeconds
					jitter, trickle, few := r.between(40, 160), r.perMille(5), 1+r.skewed(6)
					if quiet(a, mark) || !active && !trickle {
						continue
					}
					f := file{kind: source.KindCloudTrail, account: a, region: reg, mark: mark, written: mark, events: few}
					w := 0
					if active {
						w = level * jitter / 100
					}
					total += w
					files = append(files, f)
					weights = append(weights, w)
				}
			}
		}
	}
	return number(seed, share(files, weights, total, n))
}

// share gives the trickle its few events each and divides the rest among the busy files by weight, exactly n in all.
func share(files []file, weights []int, total, n int) []file {
	left := n
	for i := range files {
		if weights[i] == 0 {
			files[i].events = min(files[i].events, left)
			left -= files[i].events
		}
	}
	var out []file
	reached, given := 0, 0
	for i, f := range files {
		if weights[i] > 0 {
			reached += weights[i]
			upTo := mulDiv(reached, left, total)
			f.events = upTo - given
			given = upTo
		}
		for parts := (f.events + maxFileEvents - 1) / maxFileEvents; parts > 0; parts-- {
			part := f
			part.events = f.events / parts
			f.events -= part.events
			out = append(out, part)
		}
	}
	return out
}

// number names each file's stream and letters by its place in the plan.
func number(seed uint64, files []file) []file {
	for i := range files {
		files[i].content = hash(seed, uint64(i), 1)
		files[i].unique = hash(seed, uint64(i), 2)
	}
	return files
}

// repeat adds repeated deliveries of n records in all: files that come once more at the next mark, whole or in part.
func repeat(seed uint64, files []file, n int, quiet func(account int, mark int64) bool) []file {
	r := newRNG(seed, hashText("repeat"))
	count := len(files)
	seen := map[int]bool{}
	for tries := 0; n > 0 && tries < 20*count; tries++ {
		i := r.n(count)
		again := files[i]
		again.mark += markSeconds
		if seen[i] || again.group != 0 || again.events == 0 || again.events > 40+n/4 || quiet(again.account, again.mark) {
			continue
		}
		seen[i] = true
		again.limit = min(again.events, n)
		again.unique = hash(seed, uint64(i), 3)
		n -= again.limit
		files = append(files, again)
	}
	return files
}

// inOrder sorts log files by delivery, then by key.
func inOrder(files []file) {
	slices.SortFunc(files, func(a, b file) int {
		return cmp.Or(cmp.Compare(a.mark, b.mark), cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region),
			cmp.Compare(a.kind, b.kind), cmp.Compare(a.unique, b.unique))
	})
}

// key is the object key of a file.
func (d *Demo) key(f *file) string {
	if f.kind == source.KindDigest {
		return f.chain.links[f.link].key
	}
	return logKey(&d.accounts[f.account], f)
}

// logKey is the object key of a log file.
func logKey(a *account, f *file) string {
	var folder string
	switch f.kind {
	case source.KindInsight:
		folder = "CloudTrail-Insight"
	case source.KindNetworkActivity:
		folder = "CloudTrail-NetworkActivity"
	default:
		folder = "CloudTrail"
	}
	where := regions[f.region].name
	b := appendFolder(make([]byte, 0, 128), a.id, folder, where, f.mark)
	b = append(append(append(append(b, a.id...), '_'), folder...), '_')
	b = append(append(b, where...), '_')
	b = append(appendCompactTime(b, f.mark, false), '_')
	b = appendHashed(b, f.unique, 16, keyDigits, 6)
	return string(append(b, ".json.gz"...))
}

// keyDigits are letters and digits, 64 so that six bits choose one.
const keyDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789aZ"

func appendFolder(b []byte, account, kind, region string, unix int64) []byte {
	b = append(append(append(b, "AWSLogs/"...), account...), '/')
	b = append(append(append(append(b, kind...), '/'), region...), '/')
	c := toCivil(unix)
	b = appendPadded(appendPadded(b, c.year/100), c.year%100)
	b = appendPadded(append(b, '/'), c.month)
	return append(appendPadded(append(b, '/'), c.day), '/')
}
