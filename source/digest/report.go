package digest

import (
	"time"
)

// A Report is the outcome of a verification, and the document "verify --format json" prints.
type Report struct {
	Digests  Counts    `json:"digests"`
	LogFiles LogCounts `json:"log_files"`
	Keys     []KeyUse  `json:"keys"`   // the keys that digests named and the set held
	Ranges   []Range   `json:"ranges"` // in order of account, Region, trail, time
	Items    []Item    `json:"items"`  // every digest and log file in the range, in order of key

	Place    string    `json:"-"`
	From, To time.Time `json:"-"`        // the range; To is never zero
	Chains   []Chain   `json:"-"`        // in order of their ID
	Problems []Problem `json:"problems"` // what could not be listed, and keys that could not be had
	Notes    []string  `json:"notes"`    // what was assumed, and what would be needed to establish more

	// Again says that it is the last report, since nothing changed.
	Again bool `json:"-"`

	noKeys map[string]string // Regions for which public keys were asked for in vain, and what was answered
}

// Counts are objects by verdict.
type Counts struct {
	Valid      int `json:"valid"`
	Invalid    int `json:"invalid"`
	Warn       int `json:"warn"`
	Unverified int `json:"unverified"`
}

// LogCounts are log files by verdict.
type LogCounts struct {
	Counts
	Info int `json:"info"`
}

// A KeyUse is a key that was used and where it came from.
type KeyUse struct {
	Fingerprint string `json:"fingerprint"`
	Origin      string `json:"origin"`
	Region      string `json:"region"`
}

// A Range is a stretch of time of a trail that deserves a word; half-open.
type Range struct {
	Class   Class     `json:"class"`
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Trail   string    `json:"trail"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Reason  string    `json:"reason"`
	Place   string    `json:"place,omitempty"` // in a document about several
}

// An Item is one digest or log file. All text is from outside: escape before showing.
type Item struct {
	Key       string  `json:"key"`  // BUCKET/KEY in a bucket, else the path below the place
	Kind      string  `json:"kind"` // "digest" or "log"
	Verdict   Verdict `json:"verdict"`
	Class     Class   `json:"class"`
	Reason    string  `json:"reason"`
	Expected  string  `json:"expected,omitempty"` // what should be, such as the SHA-256 that a digest lists
	Computed  string  `json:"computed,omitempty"` // what was found
	Events    int     `json:"events"`             // of a log file, where Options.Events tells
	KeySource string  `json:"key_source,omitempty"`
	Place     string  `json:"place,omitempty"` // in a document about several

	File string `json:"-"` // the key as listed; where nothing is there, where it was looked for
	// Oldest and Newest are the times of a log file's events as a proven digest tells them; zero where none does.
	Oldest, Newest time.Time `json:"-"`

	said  string // what "validate-logs" would say, where the class does not tell
	fatal bool   // it would abort
	home  string // BUCKET/KEY as delivered, where Key is below a folder that does not tell it; "" else
}

// A Problem is something that could not be listed, or public keys that could not be had.
type Problem struct {
	Thing  string `json:"thing"`
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"` // what to do
}

// A ChainID names a chain of digests. Chains have links of their own.
type ChainID struct {
	Base    string // where the tree begins in the place, such as a copy's folder; "" mostly
	Org     string
	Account string
	Region  string
	Trail   string
	Home    string // home Region of the trail
	// Backfill chains list log files that the standard digests missed.
	Backfill bool
}

// A Chain is the digests of one chain, newest first, the missing ones in their place.
type Chain struct {
	ID      ChainID
	Digests []Link
}

// A Link is one digest of a chain.
type Link struct {
	Item        int       // in Report.Items
	Start, End  time.Time // Start is zero where the digest could not be read
	Starting    bool      // it links to none: validation or logging began here
	Fingerprint string
	Logs        []int // in Report.Items, in the order of the digest; nil unless the digest is proven
}

// Exit codes of verify.
const (
	ExitProven        = 0
	ExitInvalid       = 1
	ExitUnreadable    = 3
	ExitUnestablished = 4
)

// ExitCode is the exit code of "trailsift verify": 1 where something is proven wrong, 3 where something could not be
// read, 4 where something could not be established, else 0.
func (r *Report) ExitCode() int {
	code := ExitProven
	worst := func(c int) {
		rank := map[int]int{ExitInvalid: 3, ExitUnreadable: 2, ExitUnestablished: 1}
		if rank[c] > rank[code] {
			code = c
		}
	}
	if r.Digests == (Counts{}) {
		worst(ExitUnestablished)
	}
	for i := range r.Items {
		switch it := &r.Items[i]; {
		case it.Verdict == Invalid:
			worst(ExitInvalid)
		case it.Class == DigestUnreadable || it.Class == LogUnreadable:
			worst(ExitUnreadable)
		case it.Verdict == Unverified || it.Verdict == Warn:
			worst(ExitUnestablished)
		}
	}
	for _, g := range r.Ranges {
		switch g.Class {
		case RangeHole, RangeUnverifiable:
			worst(ExitInvalid)
		case RangeTailMissing:
			worst(ExitUnestablished)
		default:
		}
	}
	if len(r.Problems) > 0 {
		worst(ExitUnreadable)
	}
	return code
}

// count fills in the numbers.
func (r *Report) count() {
	for i := range r.Items {
		it := &r.Items[i]
		c := &r.Digests
		if it.Kind == "log" {
			c = &r.LogFiles.Counts
		}
		switch it.Verdict {
		case Valid:
			c.Valid++
		case Invalid:
			c.Invalid++
		case Warn:
			c.Warn++
		case Unverified:
			c.Unverified++
		case Info:
			r.LogFiles.Info++
		}
	}
}
