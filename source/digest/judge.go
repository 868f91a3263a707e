package digest

import (
	"encoding/hex"
	"fmt"
	"time"
)

// judgeDigests gives each digest its verdict.
func (v *verifier) judgeDigests() {
	orphans := v.orphans()
	for _, d := range v.digests {
		it := Item{Key: v.p.display(d.key), File: d.key, Kind: "digest"}
		it.Computed = hex.EncodeToString(d.found.sum[:])
		if d.found.err != nil || d.doc == nil {
			it.Computed = ""
		}
		it.Verdict, it.Class, it.Reason = v.judgeDigest(d, orphans[d])
		if d.contradict != nil {
			it.Expected = d.contradict.doc.previousHash
		}
		if d.key1 != nil {
			it.KeySource = d.key1.Origin.Text
		}
		it.said, it.fatal = v.oracleOf(d, it.Class)
		if d.doc != nil && v.p.bucket == "" {
			it.home = d.doc.name()
		}
		d.item = it
	}
}

func (v *verifier) judgeDigest(d *digestFile, orphan bool) (Verdict, Class, string) {
	switch {
	case d.found.err != nil && notFound(d.found.err):
		return Invalid, DigestMissing, "it was listed, and is gone"
	case d.found.err != nil:
		return Unverified, DigestUnreadable, "it could not be read: " + reasonOf(d.found.err)
	case d.doc == nil:
		return Invalid, DigestFormat, d.format
	case d.moved == movedAway:
		return Invalid, DigestMoved, "it says of itself that it was delivered as " + d.doc.name()
	case d.by == "":
		return v.judgeUnproven(d)
	case d.contradict != nil:
		return Invalid, DigestChainMismatch, "its signature is good, but the digest after it recorded another content: one of two was put in place of the other"
	}
	return v.judgeProven(d, orphan)
}

// judgeUnproven is about digests that no signature at hand proves.
func (v *verifier) judgeUnproven(d *digestFile) (Verdict, Class, string) {
	against := ""
	if d.contradict != nil {
		against = "; the digest after it, which is proven, recorded another content"
	} else if d.agrees {
		against = "; its content is what the digest after it, which is proven, recorded"
	}
	verdict := Unverified
	if d.contradict != nil {
		verdict = Invalid
	}
	switch {
	case d.doc.algorithm != signatureAlgorithm && d.contradict != nil:
		return Invalid, DigestChainMismatch, "signature algorithm " + d.doc.algorithm + against
	case d.doc.algorithm != signatureAlgorithm:
		return Unverified, DigestAlgorithm, "signature algorithm " + d.doc.algorithm + " is not known" + against
	case len(d.keys) == 0:
		reason := "no public key with fingerprint " + d.doc.fingerprint + " was given"
		if v.opt.Keys.find(d.doc.fingerprint, true) != nil {
			reason = "it names the demo's key, which everybody can sign with: it counts for nothing here"
		}
		return verdict, DigestKeyUnknown, reason + against
	case !usable(d.keys):
		return verdict, DigestKeyBad, "the public key " + d.doc.fingerprint + " is unusable: " + d.keys[0].bad + against
	case d.disproved:
		return Invalid, DigestSignature, "no signature of it is good: it was changed after it was signed" + against
	case d.contradict != nil:
		return Invalid, DigestChainMismatch, "the digest after it, which is proven, recorded another content"
	case d.unproven:
		return Unverified, DigestSignatureAbsent, "the only signature at hand is carried by the digest after it, does not fit, and that digest is not proven either: one of the two was changed"
	}
	return Unverified, DigestSignatureAbsent, "its signature is not at hand: it is in the object's S3 metadata, or in the digest after it"
}

// judgeProven is about digests with a good signature.
func (v *verifier) judgeProven(d *digestFile, orphan bool) (Verdict, Class, string) {
	how := "the signature in its metadata is good"
	if d.by != metaPath {
		how = "the signature that the digest after it carries is good"
	}
	switch {
	case d.found.trailing:
		return Warn, DigestTrailingData, how + ", but bytes follow its content in the file; they are not looked at"
	case d.found.damage != "":
		return Warn, DigestFormat, how + " and its content whole, but " + d.found.damage
	case d.moved == copied:
		return Warn, DigestMoved, how + "; it lies in a copy of the tree it was delivered to: " + d.doc.name()
	case !d.doc.start.Before(d.doc.end):
		return Warn, DigestTimeAnomaly, how + ", but its window ends before it begins"
	case orphan:
		return Warn, DigestOrphan, how + ", but the digest after it links past it"
	case d.metaWrong:
		return Warn, DigestMetadataTampered, how + ", but that in its metadata is not: the metadata was changed"
	case d.by != metaPath && v.p.remote:
		return Warn, DigestMetadataMissing, how + ", but its metadata holds none: it was lost or taken away"
	case d.found.plain && v.p.remote:
		return Warn, DigestFormat, how + ", but it is not compressed any more"
	case d.found.plain:
		return Valid, DigestValid, how + "; it was stored uncompressed"
	}
	return Valid, DigestValid, how
}

// orphans are proven digests that a link passes over: something proven that is newer links to something older.
func (v *verifier) orphans() map[*digestFile]bool {
	out := map[*digestFile]bool{}
	linked := map[string]bool{}
	spans := map[ChainID][]*digestFile{}
	for _, d := range v.digests {
		if d.doc != nil && d.doc.link() != "" {
			linked[d.doc.link()] = true
			if d.by != "" && d.moved != movedAway {
				spans[d.id] = append(spans[d.id], d)
			}
		}
	}
	ends := map[string]time.Time{}
	for _, list := range spans {
		for _, s := range list {
			ends[s.doc.link()] = keyTime(s.doc.previous)
		}
	}
	for _, d := range v.digests {
		if d.by == "" || d.moved == movedAway || linked[d.doc.name()] {
			continue
		}
		for _, s := range spans[d.id] {
			if to := ends[s.doc.link()]; !to.IsZero() && to.Before(d.doc.end) && d.doc.end.Before(s.doc.end) {
				out[d] = true
			}
		}
	}
	return out
}

// oracleOf is what validate-logs would say of a digest; fatal where it would stop altogether.
func (v *verifier) oracleOf(d *digestFile, c Class) (said string, fatal bool) {
	switch c {
	case DigestMissing:
		return "INVALID: not found", false
	case DigestUnreadable:
		return "INVALID: " + reasonOf(d.found.err), true
	case DigestFormat:
		if d.by == "" {
			return "INVALID: invalid format", false
		}
	case DigestMoved:
		return "INVALID: has been moved from its original location", false
	case DigestKeyUnknown:
		return fmt.Sprintf("INVALID: public key not found in region %s for fingerprint %s", d.name.HomeRegion, d.doc.fingerprint), false
	case DigestKeyBad:
		return "INVALID: Unable to load PKCS #1 key with fingerprint " + d.doc.fingerprint, false
	case DigestSignature, DigestSignatureAbsent, DigestAlgorithm:
		return "INVALID: signature verification failed", false
	case DigestChainMismatch:
		return "INVALID: the following digest recorded another hash value", false
	default:
	}
	return "valid", false
}
