package digest_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
)

// signers are the keys of a test run: two of the trail, and a forger's.
var signers = sync.OnceValue(func() (list [3]*rsa.PrivateKey) {
	for i := range list {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		list[i] = k
	}
	return list
})

func der(k *rsa.PrivateKey) []byte { return x509.MarshalPKCS1PublicKey(&k.PublicKey) }

func fingerprint(k *rsa.PrivateKey) string {
	sum := md5.Sum(der(k))
	return hex.EncodeToString(sum[:])
}

func keySet(list ...*rsa.PrivateKey) *digest.KeySet {
	set := &digest.KeySet{}
	for _, k := range list {
		set.Add(digest.NewKey(der(k), fingerprint(k), time.Time{}, time.Time{}, digest.Origin{Text: "test"}))
	}
	return set
}

// An archive is a made-up trail: first its plan, which a case changes before it is signed, then what is stored.
type archive struct {
	bucket, account, region string
	digests                 []*digestPlan
	objects                 map[string]stored
	fail                    map[string]error
	keys                    *digest.KeySet
	to                      time.Time
}

type digestPlan struct {
	bucket        string // "": the archive's
	prefix, trail string
	backfill      bool
	start, end    time.Time
	logs          []*logPlan
	signer        *rsa.PrivateKey
	starting      bool
	previous      int            // index of the one linked to
	fields        map[string]any // replaced before signing
	entries       []map[string]any
	raw           []byte
	signature     string
}

type logPlan struct {
	prefix    string
	at        time.Time
	text      []byte
	algorithm string
	hash      string
}

const hours = 6

var base = time.Date(2026, 3, 10, 0, 17, 28, 0, time.UTC)

// newArchive plans six hours with two log files each; the second hour is without any.
func newArchive() *archive {
	a := &archive{bucket: "trail", account: "111122223333", region: "us-east-1", fail: map[string]error{}, keys: keySet(signers()[0], signers()[1])}
	for i := range hours {
		a.add("audit", base.Add(time.Duration(i)*time.Hour), i-1)
	}
	a.digests[1].logs = nil
	a.to = base.Add(hours * time.Hour)
	return a
}

func (a *archive) add(trail string, start time.Time, previous int) *digestPlan {
	d := &digestPlan{trail: trail, start: start, end: start.Add(time.Hour), signer: signers()[0], starting: previous < 0, previous: previous}
	for j := range 2 {
		d.logs = append(d.logs, newLog(start.Add(time.Duration(10+20*j)*time.Minute), trail))
	}
	a.digests = append(a.digests, d)
	return d
}

func newLog(at time.Time, what string) *logPlan {
	return &logPlan{at: at, algorithm: "SHA-256", text: fmt.Appendf(nil, `{"Records":[{"eventID":"%s %s"}]}`, what, at)}
}

func (a *archive) key(d *digestPlan) string {
	return source.Key{
		Prefix: d.prefix, Account: a.account, Kind: source.KindDigest, Region: a.region, Day: d.end.Truncate(24 * time.Hour), Time: d.end,
		Trail: d.trail, HomeRegion: "us-east-1", Backfill: d.backfill,
	}.String()
}

func (a *archive) logKey(l *logPlan) string {
	sum := sha256.Sum256(fmt.Append(nil, l.at, string(l.text[:40])))
	return source.Key{
		Prefix: l.prefix, Account: a.account, Kind: source.KindCloudTrail, Region: a.region, Day: l.at.Truncate(24 * time.Hour),
		Time: l.at.Truncate(time.Minute), Unique: hex.EncodeToString(sum[:8]),
	}.String()
}

func (a *archive) d(i int) string    { return a.key(a.digests[i]) }
func (a *archive) l(i, j int) string { return a.logKey(a.digests[i].logs[j]) }

// seal signs everything and stores it.
func (a *archive) seal() {
	a.objects = map[string]stored{}
	for _, d := range a.digests {
		a.sign(d)
		for _, l := range d.logs {
			a.objects[a.logKey(l)] = stored{body: zip(l.text)}
		}
		a.put(d)
	}
}

func (a *archive) put(d *digestPlan) {
	meta := map[string]string{source.MetaPrefix + "signature": d.signature, source.MetaPrefix + "signature-algorithm": "SHA256withRSA"}
	if d.backfill {
		meta[source.MetaPrefix+"backfill-generation-timestamp"] = "2026-05-01T12:00:00Z"
	}
	a.objects[a.key(d)] = stored{body: zip(d.raw), meta: meta}
}

func (a *archive) sign(d *digestPlan) {
	doc := map[string]any{
		"awsAccountId": a.account, "digestStartTime": stamp(d.start), "digestEndTime": stamp(d.end),
		"digestS3Bucket": cmp.Or(d.bucket, a.bucket), "digestS3Object": a.key(d), "digestPublicKeyFingerprint": fingerprint(d.signer),
		"digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": nil, "oldestEventTime": nil,
		"previousDigestS3Bucket": nil, "previousDigestS3Object": nil, "previousDigestHashValue": nil,
		"previousDigestHashAlgorithm": nil, "previousDigestSignature": nil,
	}
	if !d.starting {
		p := a.digests[d.previous]
		sum := sha256.Sum256(p.raw)
		doc["previousDigestS3Bucket"], doc["previousDigestS3Object"] = cmp.Or(p.bucket, a.bucket), a.key(p)
		doc["previousDigestHashValue"], doc["previousDigestHashAlgorithm"] = hex.EncodeToString(sum[:]), "SHA-256"
		doc["previousDigestSignature"] = p.signature
	}
	list := append([]map[string]any{}, d.entries...)
	for _, l := range d.logs {
		sum := sha256.Sum256(l.text)
		hash := hex.EncodeToString(sum[:])
		if l.hash != "" {
			hash = l.hash
		}
		list = append(list, map[string]any{"s3Bucket": cmp.Or(d.bucket, a.bucket), "s3Object": a.logKey(l), "hashValue": hash, "hashAlgorithm": l.algorithm})
	}
	doc["logFiles"] = list
	maps.Copy(doc, d.fields)
	d.raw, _ = json.Marshal(doc)
	previous := "null"
	if s, ok := doc["previousDigestSignature"].(string); ok {
		previous = s
	}
	sum := sha256.Sum256(d.raw)
	text := fmt.Sprintf("%s\n%s/%s\n%x\n%s", doc["digestEndTime"], doc["digestS3Bucket"], doc["digestS3Object"], sum, previous)
	hash := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, d.signer, crypto.SHA256, hash[:])
	if err != nil {
		panic(err)
	}
	d.signature = hex.EncodeToString(signature)
}

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

func zip(text []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(text)
	_ = w.Close()
	return out.Bytes()
}

func unzip(body []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	var out bytes.Buffer
	_, _ = out.ReadFrom(r)
	return out.Bytes()
}

// change replaces the content of an object and keeps its metadata.
func (a *archive) change(key string, edit func([]byte) []byte) {
	o := a.objects[key]
	a.objects[key] = stored{body: zip(edit(unzip(o.body))), meta: o.meta}
}

// store replaces the bytes of an object and keeps its metadata.
func (a *archive) store(key string, body []byte) {
	a.objects[key] = stored{body: body, meta: a.objects[key].meta}
}

func (a *archive) online() *memory {
	return &memory{bucket: a.bucket, remote: true, objects: a.objects, fail: a.fail}
}

func (a *archive) offline() *memory {
	m := &memory{objects: map[string]stored{}, fail: a.fail}
	for key, o := range a.objects {
		m.objects[key] = stored{body: o.body}
	}
	return m
}

func (a *archive) verify(t *testing.T, m *memory) *digest.Report {
	t.Helper()
	return verify(t, m, digest.Options{Keys: a.keys, To: a.to})
}
