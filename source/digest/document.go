package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// signatureAlgorithm and hashAlgorithm are the only ones CloudTrail uses.
const (
	signatureAlgorithm = "SHA256withRSA"
	hashAlgorithm      = "SHA-256"
)

// A document is the content of a digest. Nothing in it is to be believed before its signature is verified.
type document struct {
	account                  string
	startText, endText       string // as written: the signature covers the text
	start, end               time.Time
	bucket, object           string
	fingerprint, algorithm   string
	previousSignature        *string // nil for JSON null
	previousBucket, previous string  // the link; previous is "" where there is none
	previousHash             string
	previousHashAlgorithm    string
	logs                     []entry
}

// An entry is one log file listed.
type entry struct {
	bucket, object string
	sum            [sha256.Size]byte
	known          bool // hashAlgorithm is SHA-256 and sum is one
	algorithm      string
	oldest, newest time.Time // of its events, zero where not told
}

// rawDocument keeps apart what is absent, null and a string.
type rawDocument struct {
	Account       string          `json:"awsAccountId"`
	Start         *string         `json:"digestStartTime"`
	End           *string         `json:"digestEndTime"`
	Bucket        *string         `json:"digestS3Bucket"`
	Object        *string         `json:"digestS3Object"`
	Fingerprint   *string         `json:"digestPublicKeyFingerprint"`
	Algorithm     *string         `json:"digestSignatureAlgorithm"`
	PrevBucket    *string         `json:"previousDigestS3Bucket"`
	PrevObject    *string         `json:"previousDigestS3Object"`
	PrevHash      *string         `json:"previousDigestHashValue"`
	PrevAlgorithm *string         `json:"previousDigestHashAlgorithm"`
	PrevSignature json.RawMessage `json:"previousDigestSignature"`
	Logs          *[]rawEntry     `json:"logFiles"`
}

type rawEntry struct {
	Bucket    string `json:"s3Bucket"`
	Object    string `json:"s3Object"`
	Hash      string `json:"hashValue"`
	Algorithm string `json:"hashAlgorithm"`
	Oldest    aside  `json:"oldestEventTime"`
	Newest    aside  `json:"newestEventTime"`
}

// An aside is a time that nothing depends on: what is no time is none.
type aside struct{ time.Time }

// UnmarshalJSON never fails.
func (a *aside) UnmarshalJSON(text []byte) error {
	a.Time = parseWhen(text)
	return nil
}

// parseDocument reads a digest. Its error says what is wrong in words.
func parseDocument(text []byte) (*document, error) {
	var raw rawDocument
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, errors.New("it is not the JSON of a digest")
	}
	required := []struct {
		name  string
		value *string
	}{
		{"digestStartTime", raw.Start},
		{"digestEndTime", raw.End},
		{"digestS3Bucket", raw.Bucket},
		{"digestS3Object", raw.Object},
		{"digestPublicKeyFingerprint", raw.Fingerprint},
	}
	for _, r := range required {
		if r.value == nil {
			return nil, fmt.Errorf("it has no %s", r.name)
		}
	}
	switch {
	case raw.PrevSignature == nil:
		return nil, errors.New("it has no previousDigestSignature")
	case raw.Logs == nil:
		return nil, errors.New("it has no logFiles")
	}
	return raw.document()
}

func (raw *rawDocument) document() (*document, error) {
	d := &document{
		account: raw.Account, startText: *raw.Start, endText: *raw.End, bucket: *raw.Bucket, object: *raw.Object,
		fingerprint: *raw.Fingerprint, algorithm: orElse(raw.Algorithm, signatureAlgorithm),
		previousBucket: orElse(raw.PrevBucket, ""), previous: orElse(raw.PrevObject, ""),
		previousHash: orElse(raw.PrevHash, ""), previousHashAlgorithm: orElse(raw.PrevAlgorithm, hashAlgorithm),
	}
	if err := json.Unmarshal(raw.PrevSignature, &d.previousSignature); err != nil {
		return nil, errors.New("its previousDigestSignature is neither text nor null")
	}
	var err error
	if d.start, err = time.Parse(time.RFC3339, d.startText); err != nil {
		return nil, errors.New("its digestStartTime is no time")
	}
	if d.end, err = time.Parse(time.RFC3339, d.endText); err != nil {
		return nil, errors.New("its digestEndTime is no time")
	}
	d.start, d.end = d.start.UTC(), d.end.UTC()
	d.logs = make([]entry, len(*raw.Logs))
	for i, l := range *raw.Logs {
		e := entry{bucket: l.Bucket, object: l.Object, algorithm: l.Algorithm, oldest: l.Oldest.Time, newest: l.Newest.Time}
		e.sum, e.known = parseSum(l.Hash)
		e.known = e.known && l.Algorithm == hashAlgorithm
		d.logs[i] = e
	}
	return d, nil
}

func orElse(s *string, otherwise string) string {
	if s == nil {
		return otherwise
	}
	return *s
}

// parseSum reads a SHA-256 in hex.
func parseSum(text string) (sum [sha256.Size]byte, ok bool) {
	if len(text) != 2*sha256.Size {
		return sum, false
	}
	_, err := hex.Decode(sum[:], []byte(text))
	return sum, err == nil
}

// stringToSign is what CloudTrail signs (user guide, "Custom implementations of log file integrity validation"): end
// time, place, SHA-256 of the uncompressed bytes, and the signature of the digest before, joined by line feeds.
func (d *document) stringToSign(sum [sha256.Size]byte) []byte {
	previous := "null"
	if d.previousSignature != nil {
		previous = *d.previousSignature
	}
	return fmt.Appendf(nil, "%s\n%s/%s\n%x\n%s", d.endText, d.bucket, d.object, sum, previous)
}

// name is where the digest says it was delivered.
func (d *document) name() string { return d.bucket + "/" + d.object }

// link is where the digest says the one before it was delivered, "" for a starting digest.
func (d *document) link() string {
	if d.previous == "" {
		return ""
	}
	return d.previousBucket + "/" + d.previous
}

// recorded compares the bytes of the digest before with what this one recorded of them.
func (d *document) recorded(sum [sha256.Size]byte) (same, known bool) {
	want, ok := parseSum(d.previousHash)
	if !ok || d.previousHashAlgorithm != hashAlgorithm {
		return false, false
	}
	return want == sum, true
}
