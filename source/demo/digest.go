package demo

import (
	"context"
	"crypto"
	"crypto/md5" // the fingerprint of a public key, as AWS has it
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"sync"

	"github.com/trailsift/trailsift/source"
)

// worthlessKey is a private key everybody has. It signs made-up digests and must never be used for anything else.
//
//go:embed worthless_demo_key.pem
var worthlessKey []byte

// signatureAlgorithm is the only one CloudTrail uses.
const signatureAlgorithm = "SHA256withRSA"

// A chain is the digests of one account's trail in one Region, oldest first. The windows are known from the start;
// hashes and signatures are made when they are first asked for and kept, some 600 bytes a link.
type chain struct {
	account, region int
	links           []link
	mu              sync.Mutex
	signed          int // links before this one have their sum and signature
}

type link struct {
	start, end int64 // delivery times covered: after start, up to end
	starting   bool  // no digest before it: the trail had just been started
	key        string
	files      []int // the log files listed, by their place among the demo's
	sum        string
	signature  string
}

// chainOffsets are the minute and second of the hour at which a Region's digests end.
var chainOffsets = [...]int64{usEast1: 17*60 + 28, euWest1: 41*60 + 5}

// newChain lays out the windows: hourly, with a last one when the trail is stopped and a first one when it starts again.
func newChain(a *account, region int) *chain {
	c := &chain{account: a.index, region: region}
	// What is delivered until a few minutes after the stop belongs to the last digest before the silence.
	lastBefore := stopped.Unix() + 4*60 + 54
	for start := int64(firstSecond); ; {
		l := link{start: start, end: (start/3600)*3600 + chainOffsets[region], starting: start == firstSecond || start == restarted.Unix()}
		if l.end <= start {
			l.end += 3600
		}
		if l.end >= lastSecond {
			return c // not delivered yet: the newest log files are listed in no digest
		}
		next := l.end
		if start < lastBefore && l.end >= lastBefore {
			l.end, next = lastBefore, restarted.Unix()
		}
		l.key = digestKey(a, regions[region].name, l.end)
		c.links = append(c.links, l)
		start = next
	}
}

func digestKey(a *account, where string, end int64) string {
	b := appendFolder(nil, a.id, "CloudTrail-Digest", where, end)
	b = fmt.Appendf(b, "%s_CloudTrail-Digest_%s_%s_%s_", a.id, where, trailName, homeRegion)
	return string(append(appendCompactTime(b, end, true), ".json.gz"...))
}

// list notes which log files each digest lists, and adds the digests to the files.
func (c *chain) list(files []file) []file {
	at := 0
	for i, f := range files {
		if f.kind != source.KindCloudTrail || f.account != c.account || f.region != c.region {
			continue
		}
		for at < len(c.links) && f.mark > c.links[at].end {
			at++
		}
		if at == len(c.links) {
			break
		}
		c.links[at].files = append(c.links[at].files, i)
	}
	for i := range c.links {
		files = append(files, file{kind: source.KindDigest, account: c.account, region: c.region, mark: c.links[i].end, chain: c, link: i})
	}
	return files
}

// A fingerprint is what a digest says of a log file.
type fingerprint struct {
	known          bool
	sum            [sha256.Size]byte // of the uncompressed content as delivered
	oldest, newest int64
}

// A signer signs with the worthless key.
type signer struct {
	key         *rsa.PrivateKey
	public      []byte // PKCS#1 DER
	fingerprint string
}

func newSigner() *signer {
	block, _ := pem.Decode(worthlessKey)
	if block == nil {
		panic("demo: worthless_demo_key.pem holds no key")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		panic("demo: worthless_demo_key.pem: " + err.Error())
	}
	public := x509.MarshalPKCS1PublicKey(&key.PublicKey)
	sum := md5.Sum(public)
	return &signer{key: key, public: public, fingerprint: hex.EncodeToString(sum[:])}
}

// sign gives the signature in lower-case hex (RSASSA-PKCS1-v1_5, always the same for the same text).
func (s *signer) sign(text string) string {
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, sum[:])
	if err != nil {
		panic("demo: sign: " + err.Error()) // the key is long enough, and nothing else can go wrong
	}
	return hex.EncodeToString(signature)
}

// PublicKeys is what "aws cloudtrail list-public-keys" prints for the key the digests are signed with.
func (d *Demo) PublicKeys() []byte {
	s := d.signer()
	return fmt.Appendf(nil, `{
    "PublicKeyList": [
        {
            "Value": %q,
            "ValidityStartTime": "2026-02-15T00:00:00+00:00",
            "ValidityEndTime": "2026-04-15T00:00:00+00:00",
            "Fingerprint": %q
        }
    ]
}
`, base64.StdEncoding.EncodeToString(s.public), s.fingerprint)
}

// digest appends the content of link i of a chain and gives its signature. Links before it are signed first, back to
// where the trail was last started: that costs the generation of all log files they list, once.
func (d *Demo) digest(ctx context.Context, dst []byte, c *chain, i int, p *pen) (text []byte, signature string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ; c.signed < i; c.signed++ {
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		d.sign(c, c.signed, p)
	}
	text = d.sign(c, i, p)
	if c.signed == i {
		c.signed++
	}
	return append(dst, text...), c.links[i].signature, nil
}

// sign writes link i, whose predecessor is signed, and signs it unless it is.
func (d *Demo) sign(c *chain, i int, p *pen) []byte {
	l := &c.links[i]
	text := d.digestText(c, i, p)
	if l.signature != "" {
		return text
	}
	sum := sha256.Sum256(text)
	l.sum = hex.EncodeToString(sum[:])
	previous := "null"
	if !l.starting {
		previous = c.links[i-1].signature
	}
	l.signature = d.signer().sign(string(appendTime(nil, l.end)) + "\n" + bucketName + "/" + l.key + "\n" + l.sum + "\n" + previous)
	return text
}

// digestText is the content of a digest.
func (d *Demo) digestText(c *chain, i int, p *pen) []byte {
	l := &c.links[i]
	var list []byte
	var oldest, newest int64
	for n, at := range l.files {
		f := d.fingerprintOf(at, p)
		if n == 0 || f.oldest < oldest {
			oldest = f.oldest
		}
		newest = max(newest, f.newest)
		if n > 0 {
			list = append(list, ',')
		}
		list = fmt.Appendf(list, `{"s3Bucket":%q,"s3Object":%q,"hashValue":"%x","hashAlgorithm":"SHA-256","newestEventTime":"%s","oldestEventTime":"%s"}`,
			bucketName, d.key(&d.files[at]), f.sum, appendTime(nil, f.newest), appendTime(nil, f.oldest))
	}
	text := fmt.Appendf(nil, `{"awsAccountId":%q,"digestStartTime":"%s","digestEndTime":"%s","digestS3Bucket":%q,"digestS3Object":%q,`+
		`"digestPublicKeyFingerprint":%q,"digestSignatureAlgorithm":%q,`,
		d.accounts[c.account].id, appendTime(nil, l.start), appendTime(nil, l.end), bucketName, l.key, d.signer().fingerprint, signatureAlgorithm)
	if len(l.files) == 0 {
		text = append(text, `"newestEventTime":null,"oldestEventTime":null,`...)
	} else {
		text = fmt.Appendf(text, `"newestEventTime":"%s","oldestEventTime":"%s",`, appendTime(nil, newest), appendTime(nil, oldest))
	}
	if l.starting {
		text = append(text, `"previousDigestS3Bucket":null,"previousDigestS3Object":null,"previousDigestHashValue":null,`+
			`"previousDigestHashAlgorithm":null,"previousDigestSignature":null,`...)
	} else {
		b := &c.links[i-1]
		text = fmt.Appendf(text, `"previousDigestS3Bucket":%q,"previousDigestS3Object":%q,"previousDigestHashValue":%q,`+
			`"previousDigestHashAlgorithm":"SHA-256","previousDigestSignature":%q,`, bucketName, b.key, b.sum, b.signature)
	}
	return append(append(append(text, `"logFiles":[`...), list...), "]}"...)
}

// fingerprintOf gives what the digest says of a log file, writing the file if nobody did before.
func (d *Demo) fingerprintOf(at int, p *pen) fingerprint {
	d.mu.Lock()
	f := d.prints[at]
	d.mu.Unlock()
	if !f.known {
		p.text = d.content(p.text[:0], &d.files[at], p)
		f = d.note(at, p)
	}
	return f
}

// note keeps the fingerprint of the log file a pen has just written.
func (d *Demo) note(at int, p *pen) fingerprint {
	f := fingerprint{known: true, sum: sha256.Sum256(p.text), oldest: p.oldest, newest: p.newest}
	d.mu.Lock()
	d.prints[at] = f
	d.mu.Unlock()
	return f
}
