package digest

import "strings"

// A Verdict is what could be established about one object.
type Verdict string

// The verdicts. They are kept apart everywhere: "changed", "gone", "not readable" and "nothing vouches for it" are
// different things.
const (
	Valid      Verdict = "valid"      // proven authentic
	Invalid    Verdict = "invalid"    // proven wrong or missing
	Warn       Verdict = "warn"       // authentic, but something is off
	Unverified Verdict = "unverified" // no claim: nothing vouches for it, or it could not be read
	Info       Verdict = "info"       // normal, not provable yet
)

// A Class says why an object or a stretch of time got its verdict; docs/integrity.md has the rule of each.
type Class string

// Classes of digests.
const (
	DigestValid            Class = "digest.valid"
	DigestMissing          Class = "digest.missing"
	DigestFormat           Class = "digest.format"
	DigestMoved            Class = "digest.moved"
	DigestSignature        Class = "digest.signature"
	DigestMetadataTampered Class = "digest.metadata-tampered"
	DigestMetadataMissing  Class = "digest.metadata-missing"
	DigestSignatureAbsent  Class = "digest.signature-absent"
	DigestKeyUnknown       Class = "digest.key-unknown"
	DigestKeyBad           Class = "digest.key-bad"
	DigestAlgorithm        Class = "digest.unsupported-algorithm"
	DigestChainMismatch    Class = "digest.chain-mismatch"
	DigestTimeAnomaly      Class = "digest.time-anomaly"
	DigestOrphan           Class = "digest.orphan"
	DigestTrailingData     Class = "digest.trailing-data"
	DigestUnreadable       Class = "digest.unreadable"
)

// Classes of log files.
const (
	LogValid            Class = "log.valid"
	LogModified         Class = "log.modified"
	LogMissing          Class = "log.missing"
	LogFormat           Class = "log.format"
	LogTrailingData     Class = "log.trailing-data"
	LogContainerDamaged Class = "log.container-damaged"
	LogConflict         Class = "log.conflict"
	LogAlgorithm        Class = "log.unsupported-algorithm"
	LogUnverified       Class = "log.unverified"
	LogUnlisted         Class = "log.unlisted"
	LogMoved            Class = "log.moved"
	LogPending          Class = "log.pending"
	LogUnreadable       Class = "log.unreadable"
	LogUnknownDeleted   Class = "log.unknown-deleted"
)

// Classes of stretches of time.
const (
	RangeGap          Class = "range.gap"
	RangeHole         Class = "range.hole"
	RangeUnverifiable Class = "range.unverifiable"
	RangeTailMissing  Class = "range.tail-missing"
)

// Kind is "digest", "log" or "range".
func (c Class) Kind() string {
	kind, _, _ := strings.Cut(string(c), ".")
	return kind
}
