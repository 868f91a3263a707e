package tui

import "strings"

// A meaning is what follows from a class of docs/integrity.md, in plain words, and what to do about it. What was found is
// said by the verification itself.
type meaning struct {
	word  string // in lists and in the status line
	means string
	next  string // "" where nothing is to be done
}

// meanings has every class.
var meanings = map[string]meaning{
	"digest.valid": {"proven", "CloudTrail wrote it, and nobody changed it since. What it lists is what was delivered.", ""},
	"digest.missing": {
		"digest missing", "which log files were delivered in its hour cannot be proven any more, nor that all of them are here.",
		"look for it in object versions, replicas and older copies of the bucket, and for who deleted it: event:DeleteObject.",
	},
	"digest.format": {
		"digest broken", "what it listed cannot be told: it was damaged or cut short, or something else was put in its place.",
		"fetch it again. If it stays like this, look for an earlier object version.",
	},
	"digest.moved": {
		"digest moved", "it was copied, renamed, or put in the place of another digest: what it lists belongs elsewhere.",
		"verify the place it names. A whole tree copied elsewhere is only a warning.",
	},
	"digest.signature": {
		"digest altered", "somebody changed it, or made it without CloudTrail's private key. What it lists proves nothing.",
		"trust none of the log files it lists. Look for an earlier object version, and for who wrote it: event:PutObject.",
	},
	"digest.metadata-tampered": {
		"metadata altered", "the content is authentic; the signature in its S3 metadata was written by somebody else.",
		"find out who wrote the object again: a plain copy loses metadata, it does not change it.",
	},
	"digest.metadata-missing": {
		"metadata missing", "the content is authentic; the object was probably copied without its S3 metadata.",
		"compare the object's time with the delivery; a copy is normal after a migration.",
	},
	"digest.signature-absent": {
		"no signature", "nothing is proven and nothing disproven. It is usual for the newest digest of a download.",
		"verify in the bucket, or save the metadata with the download: aws s3api head-object, kept as KEY.meta.json.",
	},
	"digest.key-unknown": {
		"key unknown", "its signature could not be checked, so it proves nothing yet.",
		"aws cloudtrail list-public-keys --start-time .. --end-time .. > keys.json in its Region, then --public-keys keys.json.",
	},
	"digest.key-bad": {
		"key unusable", "its signature could not be checked: the key is damaged, or shorter than 2,048 bits.",
		"fetch the key again with aws cloudtrail list-public-keys.",
	},
	"digest.unsupported-algorithm": {
		"algorithm unknown", "CloudTrail signs with SHA-256 and RSA and nothing else today; this was not checked.",
		"treat it as made by somebody else until AWS says otherwise.",
	},
	"digest.chain-mismatch": {
		"digest replaced", "two versions of this hour were signed, and one was put in the place of the other.",
		"look at the object versions of both, and at who wrote them: event:PutObject.",
	},
	"digest.time-anomaly": {
		"times reversed", "its window ends before it begins; the signature is good, so this is how it was delivered.",
		"read the log files it lists by their own times.",
	},
	"digest.orphan": {
		"outside the chain", "it is authentic, and the chain goes past it: two digests were made for one time.",
		"look whether two trails share the name and prefix.",
	},
	"digest.trailing-data": {
		"digest appended to", "the signed list is authentic; somebody wrote the object again with something behind it.",
		"find out who did: event:PutObject.",
	},
	"digest.unreadable": {
		"digest not read", "that says nothing about its content, and what it lists is not proven.",
		"allow s3:GetObject (and kms:Decrypt), restore it from archive storage, then r verifies again.",
	},
	"log.valid": {"proven", "CloudTrail delivered it like this, and nobody changed it since.", ""},
	"log.modified": {
		"altered", "somebody wrote other content over it, or it was cut while it was copied. Its events may be changed, invented or incomplete.",
		"do not rely on its events. Look for an earlier object version, and for who wrote it: event:PutObject.",
	},
	"log.missing": {
		"missing", "somebody deleted or renamed it, or it was not copied here. Events of its time are lacking, and nothing here tells which.",
		"look for it in object versions, replicas and older copies, and for who deleted it: event:DeleteObject. Event history has 90 days.",
	},
	"log.format": {
		"broken", "it is not what CloudTrail delivered, and it cannot be read as a log file.",
		"fetch it again. If it stays like this, look for an earlier object version.",
	},
	"log.trailing-data": {
		"appended to", "programs that read the whole file take what follows for events that CloudTrail never wrote.",
		"do not rely on its events. Look for an earlier object version, and for who wrote it: event:PutObject.",
	},
	"log.container-damaged": {
		"frame damaged", "its events can be relied on: the content inside is what CloudTrail delivered.",
		"fetch the file again where it is to be kept as evidence.",
	},
	"log.conflict": {
		"digests disagree", "at most one of two signed contents is the one delivered; which is not told.",
		"compare both digests and their object versions.",
	},
	"log.unsupported-algorithm": {
		"hash unknown", "CloudTrail uses SHA-256 and nothing else today; this was not checked.",
		"treat it as not proven.",
	},
	"log.unverified": {
		"not vouched for", "nothing proves it and nothing disproves it: digests or keys are missing, or its digest is not proven. That is no sign of tampering.",
		"bring in the CloudTrail-Digest folder too, and give the keys: --public-keys. Problems of its digest come first.",
	},
	"log.unlisted": {
		"in no digest", "CloudTrail does not say that it delivered it: it may be forged, or of a trail without validation.",
		"treat its events as claims. trailsift trails shows which trails deliver here.",
	},
	"log.moved": {
		"renamed", "CloudTrail delivered this content, under another name; somebody renamed or copied it.",
		"find out who did: event:CopyObject or event:PutObject.",
	},
	"log.pending": {
		"not yet covered", "that is normal: the next digest, within two hours, should list it.",
		"r verifies again then.",
	},
	"log.unreadable": {
		"not read", "that says nothing about its content: access, archive storage, network, or a download that does not hold it.",
		"allow s3:GetObject (and kms:Decrypt), restore it from archive storage or complete the download, then r verifies again.",
	},
	"log.unknown-deleted": {
		"missing", "a log file and the digest of its time are both gone. Events of that time are lacking, and nothing here tells which.",
		"look for both in object versions, replicas and older copies, and for who deleted them: event:DeleteObject.",
	},
	"range.gap": {
		"pause", "logging or validation was switched off and on again, or the trail is new; nothing was delivered meanwhile.",
		"see who did: event:StopLogging or event:UpdateTrail.",
	},
	"range.hole": {
		"hole", "nothing proves which log files were delivered in this time, or that all are here.",
		"see who did: event:(UpdateTrail OR StopLogging OR DeleteObject). Look for the digests in object versions and other copies.",
	},
	"range.unverifiable": {
		"unverifiable", "log files of this time can be read, but not proven, nor that all of them are here.",
		"look for the digest in object versions, replicas and older copies.",
	},
	"range.tail-missing": {
		"end missing", "what happened after it is not covered: newer digests were not delivered, not copied, or deleted.",
		"bring in what is newer; see whether the trail still logs: trailsift trails, event:StopLogging.",
	},
}

// Words for the lines that are no class.
const (
	problemMeans = "nothing is known about what it holds."
	problemNext  = "allow s3:ListBucket there, or mend the path; then r verifies again."
	noteMeans    = "the verification took this for granted, or would need it to establish more."
)

// meaningOf is the meaning of a class; one that is not known is named as it is.
func meaningOf(class string) meaning {
	if m, ok := meanings[class]; ok {
		return m
	}
	_, word, _ := strings.Cut(class, ".")
	return meaning{word: strings.ReplaceAll(word, "-", " ")}
}
