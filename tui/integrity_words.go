package tui

import "strings"

// A meaning is what a class of docs/integrity.md says in plain words, and what to do about it.
type meaning struct {
	word  string // in lists and in the status line
	means string
	next  string // "" where nothing is to be done
}

// meanings has every class.
var meanings = map[string]meaning{
	"digest.valid": {"proven", "a good signature covers this digest, and it lies where CloudTrail delivered it.", ""},
	"digest.missing": {
		"digest missing", "the digest after it names this one, and it is not there. Which log files were delivered in its hour cannot be proven any more.",
		"look for it in object versions, replicas and older copies of the bucket, and for who deleted it: event:DeleteObject.",
	},
	"digest.format": {
		"digest broken", "it is no digest that can be read: damaged, cut short, or something else put in its place.",
		"fetch it again. If it stays like this, look for an earlier object version.",
	},
	"digest.moved": {
		"digest moved", "it says that it was delivered under another name or to another bucket: copied, renamed, or put in the place of another.",
		"verify the bucket it names. A whole tree copied elsewhere is only a warning.",
	},
	"digest.signature": {
		"digest altered", "no signature at hand fits its content. Somebody changed it, or made it without CloudTrail's private key.",
		"trust none of the log files it lists. Look for an earlier object version, and for who wrote it: event:PutObject.",
	},
	"digest.metadata-tampered": {
		"signature metadata altered", "the signature in its S3 metadata is wrong; the digest after it carries a good one. The content is authentic.",
		"find out who copied or rewrote the object: a plain copy loses metadata, it does not change it.",
	},
	"digest.metadata-missing": {
		"signature metadata missing", "its S3 metadata carries no signature; the digest after it does. The content is authentic, the object was probably copied.",
		"compare the object's time with the delivery; a copy is normal after a migration.",
	},
	"digest.signature-absent": {
		"no signature", "no signature of it is at hand, so nothing is proven and nothing disproven. It is usual for the newest digest of a download.",
		"verify in the bucket, or save the metadata with the download: aws s3api head-object, kept as KEY.meta.json.",
	},
	"digest.key-unknown": {
		"key unknown", "it is signed with a key that was not given, so its signature could not be checked.",
		"aws cloudtrail list-public-keys --start-time .. --end-time .. > keys.json in its Region, then --public-keys keys.json.",
	},
	"digest.key-bad": {
		"key unusable", "the public key with its fingerprint cannot be used: damaged, or shorter than 2,048 bits.",
		"fetch the key again with aws cloudtrail list-public-keys.",
	},
	"digest.unsupported-algorithm": {
		"algorithm unknown", "it is signed in a way other than SHA-256 with RSA, which CloudTrail does not use today.",
		"treat it as made by somebody else until AWS says otherwise.",
	},
	"digest.chain-mismatch": {
		"digest replaced", "it is signed well, but the digest after it recorded another content: one of two versions of this hour was put in the place of the other.",
		"look at the object versions of both, and at who wrote them: event:PutObject.",
	},
	"digest.time-anomaly": {
		"times reversed", "its window ends before it begins. The signature is good, so this is how it was delivered.",
		"read the log files it lists by their own times.",
	},
	"digest.orphan": {
		"outside the chain", "the digest after it links past this one: both were made, only one belongs to the chain.",
		"look whether two trails share the name and prefix.",
	},
	"digest.trailing-data": {
		"digest appended to", "bytes follow the digest in its file. The signed list is authentic, what follows is not part of it.",
		"find out who rewrote the object: event:PutObject.",
	},
	"digest.unreadable": {
		"digest not read", "it could not be read: access, archive storage or network. That says nothing about its content.",
		"allow s3:GetObject (and kms:Decrypt), restore it from archive storage, then r verifies again.",
	},
	"log.valid": {"proven", "a proven digest lists it, and its SHA-256 is the one listed.", ""},
	"log.modified": {
		"altered", "its content is not what CloudTrail delivered: changed afterwards, or cut while it was copied.",
		"do not rely on its events. Look for an earlier object version, and for who wrote it: event:PutObject.",
	},
	"log.missing": {
		"missing", "a proven digest lists it, and it is not there. What it held is unknown.",
		"look for it in object versions, replicas and older copies, and for who deleted it: event:DeleteObject. Event history has 90 days.",
	},
	"log.format": {
		"broken", "it cannot be read as delivered, and its content is not what the digest lists.",
		"fetch it again. If it stays like this, look for an earlier object version.",
	},
	"log.trailing-data": {
		"appended to", "something follows the delivered content in its file: bytes, or records that CloudTrail never wrote.",
		"do not rely on its events. Look for an earlier object version, and for who wrote it: event:PutObject.",
	},
	"log.container-damaged": {
		"container damaged", "the gzip frame is damaged, the content inside is what CloudTrail delivered.",
		"its events can be relied on; fetch the file again where it is to be kept as evidence.",
	},
	"log.conflict": {
		"digests disagree", "two proven digests list it with different hashes; at most one is the content delivered.",
		"compare both digests and their object versions.",
	},
	"log.unsupported-algorithm": {
		"algorithm unknown", "its digest lists it by something other than SHA-256, which is not checked.",
		"treat it as not proven.",
	},
	"log.unverified": {
		"nothing vouches", "no proven digest covers it: digests or keys are missing, or its digest is not proven itself. That is no sign of tampering.",
		"bring in the CloudTrail-Digest folder too, and give the keys: --public-keys. Problems of its digest come first.",
	},
	"log.unlisted": {
		"in no digest", "it lies in a time that proven digests cover, and none lists it: forged, or of a trail without validation.",
		"treat its events as claims. trailsift trails shows which trails deliver here.",
	},
	"log.moved": {
		"renamed", "no digest lists it, and its content is that of a log file that is missing: it was renamed or moved.",
		"find out who did: event:CopyObject or event:PutObject. Its content was delivered by CloudTrail, under the other name.",
	},
	"log.pending": {
		"not yet covered", "it was delivered after the newest digest. The next one, within two hours, should list it.",
		"r verifies again then.",
	},
	"log.unreadable": {
		"not read", "it could not be read: access, archive storage or network, or the download does not hold it. That says nothing about its content.",
		"allow s3:GetObject (and kms:Decrypt), restore it from archive storage or complete the download, then r verifies again.",
	},
	"log.unknown-deleted": {
		"missing", "a digest lists it, and it is not there; the digest that would tell more is gone as well.",
		"look for both in object versions, replicas and older copies, and for who deleted them: event:DeleteObject.",
	},
	"range.gap": {
		"pause", "the chain ended and began anew, and no log files lie between: logging or validation was switched off and on.",
		"see who did: event:StopLogging or event:UpdateTrail.",
	},
	"range.hole": {
		"hole", "digests of this time are not there, or validation was switched off while log files went on: nothing proves what was delivered.",
		"see who did: event:(UpdateTrail OR StopLogging OR DeleteObject). Look for the digests in object versions and other copies.",
	},
	"range.unverifiable": {
		"unverifiable", "the digest of this time is missing, so nothing proves which log files were delivered, or that all are there.",
		"look for the digest in object versions, replicas and older copies. Log files of this time can be read, not proven.",
	},
	"range.tail-missing": {
		"end missing", "the newest digest ends more than two hours before the time asked for: newer ones were not delivered, not copied, or deleted.",
		"bring in what is newer; see whether the trail still logs: trailsift trails, event:StopLogging.",
	},
}

// Words for the lines that are no class.
const (
	problemMeans = "this could not be listed, so nothing is known about what it holds."
	problemNext  = "allow s3:ListBucket there, or mend the path; then r verifies again."
	noteMeans    = "what the verification took for granted, or what would be needed to establish more."
)

// meaningOf is the meaning of a class; one that is not known is named as it is.
func meaningOf(class string) meaning {
	if m, ok := meanings[class]; ok {
		return m
	}
	_, word, _ := strings.Cut(class, ".")
	return meaning{word: strings.ReplaceAll(word, "-", " ")}
}
