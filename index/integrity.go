package index

import "time"

// An Integrity is what a verification established about the digests and log files of one place. Verdicts and classes are
// the words of docs/integrity.md. Keys, reasons and notes are text from outside: escape before showing.
type Integrity struct {
	Place    string    // identity of the place
	Checked  time.Time // when it was verified
	From, To time.Time // the range of digest windows verified, half-open; zero From is open
	Keys     []TrustedKey
	Files    []FileVerdict  // of every digest and log file looked at, the missing ones too, in order of key
	Ranges   []RangeVerdict // in order of account, Region, trail, time
	Chains   []Chain
	Problems []FileProblem // what could not be listed
	Notes    []string      // what was assumed, and what would be needed to establish more
}

// A TrustedKey is a public key that was used, and where it came from.
type TrustedKey struct{ Fingerprint, Origin, Region string }

// A FileVerdict is what could be established about one digest or log file.
type FileVerdict struct {
	Key      string // as listed in the place; where nothing is there, where it was looked for
	Digest   bool   // else it is a log file
	Verdict  string // "valid", "invalid", "warn", "unverified", "info"
	Class    string // "log.modified", …
	Reason   string
	Expected string // what should be, such as the SHA-256 that a digest lists; "" mostly
	Computed string // what was found
	// KeySource says where the key came from that proved it.
	KeySource string
	// Oldest and Newest are the times of its events as a proven digest tells them; zero where none does.
	Oldest, Newest time.Time
}

// A RangeVerdict is a stretch of time of a trail that deserves a word; half-open.
type RangeVerdict struct {
	Class                  string // "range.gap", "range.hole", "range.unverifiable", "range.tail-missing"
	Account, Region, Trail string
	From, To               time.Time
	Reason                 string
}

// A Chain is the digests of one trail, account and Region, newest first, the missing ones in their place.
type Chain struct {
	Org, Account, Region, Trail, Home string
	Backfill                          bool
	Digests                           []ChainDigest
}

// A ChainDigest is one digest of a chain.
type ChainDigest struct {
	File       int       // in Integrity.Files
	Start, End time.Time // of its window; Start is zero where the digest could not be read
	Starting   bool      // it links to none: validation or logging began here
	Logs       []int     // in Integrity.Files; nil unless the digest is proven
}

// VerifyProgress is how far a verification is. Phase is text for people: "listing", "digests", "log files", "unlisted".
type VerifyProgress struct {
	Place       string // as written
	Phase       string
	Done, Total int // objects; Total 0: not known
	Bytes       int64
}

// A Gap is a stretch of time in which events are missing or nothing is proven: one or more log files that a digest names
// and that are gone, or a range of a trail. It stands between the events of a page, where Time says.
type Gap struct {
	Time            time.Time // where the line stands: its newest end
	From, To        time.Time
	Class           string // "log.missing", "log.unknown-deleted", "range.hole", "range.unverifiable", "range.tail-missing"
	Key             string // of the log file, of several the newest one; "" for a range
	Reason          string
	Account, Region string
	Files           int // log files in one: 1, more where they follow each other; 0 for a range
	Events          int // events held of these log files, from before they went missing
}
