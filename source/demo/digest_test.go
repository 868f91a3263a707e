package demo_test

import (
	"crypto"
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
)

// A digest is a digest file's content, with the verdicts of a plain reading of CloudTrail's user guide.
type digest struct {
	AWSAccountID, DigestStartTime, DigestEndTime, DigestS3Bucket, DigestS3Object string
	DigestPublicKeyFingerprint, DigestSignatureAlgorithm                         string
	NewestEventTime, OldestEventTime                                             *string
	PreviousDigestS3Bucket, PreviousDigestS3Object                               *string
	PreviousDigestHashValue, PreviousDigestSignature                             *string
	LogFiles                                                                     []struct {
		S3Bucket, S3Object, HashValue, HashAlgorithm, NewestEventTime, OldestEventTime string
	}

	file *held
}

func publicKey(t *testing.T) (key *rsa.PublicKey, fingerprint string) {
	t.Helper()
	var list struct {
		PublicKeyList []struct {
			Value       []byte
			Fingerprint string
		}
	}
	if err := json.Unmarshal(demo.New(demo.Options{Events: 1}).PublicKeys(), &list); err != nil || len(list.PublicKeyList) != 1 {
		t.Fatalf("the list of public keys: %v, %d keys", err, len(list.PublicKeyList))
	}
	der := list.PublicKeyList[0].Value
	if want := fmt.Sprintf("%x", md5.Sum(der)); list.PublicKeyList[0].Fingerprint != want {
		t.Errorf("fingerprint %s, want %s", list.PublicKeyList[0].Fingerprint, want)
	}
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, list.PublicKeyList[0].Fingerprint
}

// chains gives the digests by Region, oldest first.
func chains(t *testing.T) map[string][]digest {
	t.Helper()
	all := map[string][]digest{}
	files := archive()
	for i := range files {
		if files[i].key.Kind != source.KindDigest {
			continue
		}
		d := digest{file: &files[i]}
		if err := json.Unmarshal(files[i].text, &d); err != nil {
			t.Fatalf("%s: %v", files[i].name, err)
		}
		all[files[i].key.Region] = append(all[files[i].key.Region], d)
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b digest) int { return strings.Compare(a.DigestEndTime, b.DigestEndTime) })
	}
	return all
}

func TestDigestsAreSigned(t *testing.T) {
	key, fingerprint := publicKey(t)
	for _, list := range chains(t) {
		for _, d := range list {
			previous := "null"
			if d.PreviousDigestSignature != nil {
				previous = *d.PreviousDigestSignature
			}
			text := fmt.Sprintf("%s\n%s/%s\n%x\n%s", d.DigestEndTime, d.DigestS3Bucket, d.DigestS3Object, sha256.Sum256(d.file.text), previous)
			sum := sha256.Sum256([]byte(text))
			signature, err := hex.DecodeString(d.file.meta["x-amz-meta-signature"])
			if err != nil {
				t.Fatal(err)
			}
			if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature); err != nil {
				t.Errorf("%s: %v", d.file.name, err)
			}
			if d.DigestS3Object != d.file.name || d.DigestPublicKeyFingerprint != fingerprint || d.file.meta["x-amz-meta-signature-algorithm"] != "SHA256withRSA" {
				t.Errorf("%s: names %s, key %s, metadata %v", d.file.name, d.DigestS3Object, d.DigestPublicKeyFingerprint, d.file.meta)
			}
		}
	}
}

func TestDigestsAreChained(t *testing.T) {
	truth := demo.Truth()
	all := chains(t)
	if len(all) != 2 {
		t.Errorf("chains in %d Regions, want 2", len(all))
	}
	for region, list := range all {
		if len(list) < 14*24-2 || len(list) > 14*24+2 {
			t.Errorf("%s: %d digests in 14 days", region, len(list))
		}
		var starts []string
		for i, d := range list {
			if d.PreviousDigestS3Object == nil {
				starts = append(starts, d.DigestStartTime)
				continue
			}
			before := list[i-1]
			if *d.PreviousDigestS3Object != before.DigestS3Object || *d.PreviousDigestHashValue != fmt.Sprintf("%x", sha256.Sum256(before.file.text)) ||
				*d.PreviousDigestSignature != before.file.meta["x-amz-meta-signature"] || d.DigestStartTime != before.DigestEndTime {
				t.Errorf("%s does not link to %s", d.file.name, before.file.name)
			}
		}
		if len(starts) != 2 || starts[1] != truth.Restarted.Format("2006-01-02T15:04:05Z") {
			t.Errorf("%s: chains start at %v, want a second one when the trail started again", region, starts)
		}
	}
}

// TestDigestsTellWhatWasAltered: every log file of the two Regions is listed, and all but two agree.
func TestDigestsTellWhatWasAltered(t *testing.T) {
	truth := demo.Truth()
	held := map[string]*held{}
	files := archive()
	for i := range files {
		held[files[i].name] = &files[i]
	}
	listed := map[string]bool{}
	var wrong, missing []string
	for region, list := range chains(t) {
		for _, d := range list {
			for _, l := range d.LogFiles {
				if listed[l.S3Object] {
					t.Errorf("%s is listed twice", l.S3Object)
				}
				listed[l.S3Object] = true
				switch f := held[l.S3Object]; {
				case f == nil:
					missing = append(missing, l.S3Object)
				case fmt.Sprintf("%x", sha256.Sum256(f.text)) != l.HashValue:
					wrong = append(wrong, l.S3Object)
				case f.delivered.Format("2006-01-02T15:04:05Z") > d.DigestEndTime || f.key.Region != region:
					t.Errorf("%s is listed in the digest that ends at %s", l.S3Object, d.DigestEndTime)
				}
			}
		}
		checkRange(t, list, held)
	}
	if len(wrong) != 1 || wrong[0] != truth.AlteredKey {
		t.Errorf("altered: %v, want %s", wrong, truth.AlteredKey)
	}
	if len(missing) != 1 || missing[0] != truth.DeletedKey {
		t.Errorf("missing: %v, want %s", missing, truth.DeletedKey)
	}
	pending := 0
	for name, f := range held {
		covered := f.key.Kind == source.KindCloudTrail && f.key.Account == truth.Steps[0].Account && (f.key.Region == "us-east-1" || f.key.Region == "eu-west-1")
		if covered && !listed[name] {
			if pending++; f.delivered.Format("2006-01-02T15") < "2026-03-15T23" {
				t.Errorf("%s is in no digest", name)
			}
		}
	}
	if pending == 0 {
		t.Error("no log file is newer than the last digest")
	}
}

// checkRange compares the event times a digest gives for its log files with the records.
func checkRange(t *testing.T, list []digest, held map[string]*held) {
	t.Helper()
	for _, d := range list {
		for _, l := range d.LogFiles {
			f := held[l.S3Object]
			if f == nil {
				continue
			}
			var times []string
			for _, part := range strings.Split(string(f.text), `"eventTime":"`)[1:] {
				times = append(times, part[:20])
			}
			if slices.Max(times) != l.NewestEventTime || slices.Min(times) != l.OldestEventTime {
				t.Errorf("%s: %s to %s, listed as %s to %s", l.S3Object, slices.Min(times), slices.Max(times), l.OldestEventTime, l.NewestEventTime)
			}
		}
		if (len(d.LogFiles) == 0) != (d.NewestEventTime == nil) {
			t.Errorf("%s: %d log files, newest event %v", d.file.name, len(d.LogFiles), d.NewestEventTime)
		}
	}
}
