package digest

import (
	"crypto"
	"crypto/md5" // the fingerprint of a public key, as AWS has it
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/source"
)

// worthlessKey is the SHA-256 of the demo's public key as PKCS#1. Its private half is published: it counts for the
// demo and nowhere else.
const worthlessKey = "19be63582e82d722fc629c53e538b5471e89e0f42f855a121d6a60193504c952"

const (
	minKeyBits   = 2048
	maxKeyBits   = 8192
	maxKeyFile   = 16 << 20
	maxKeyFolder = 1000 // files of a folder of keys
)

// An Origin says where keys came from: the root of all trust in what is verified with them.
type Origin struct {
	Text   string    `json:"text"`             // in words: "ListPublicKeys of 111122223333 in us-east-1 at 2026-03-10T07:00:00Z", "keys.json, SHA-256 5a0b…"
	SHA256 string    `json:"sha256,omitempty"` // of the file, in hex; "" for an answer of AWS
	Region string    `json:"region,omitempty"` // whose keys they are; "" where not known
	Time   time.Time `json:"time,omitzero"`    // when AWS was asked; zero for a file
}

// FromAWS is the origin of keys that ListPublicKeys of an account gave for a Region.
func FromAWS(account, region string, at time.Time) Origin {
	at = at.UTC().Truncate(time.Second)
	return Origin{Text: fmt.Sprintf("ListPublicKeys of %s in %s at %s", account, region, at.Format(time.RFC3339)), Region: region, Time: at}
}

// FromFile is the origin of keys in a file that the user vouches for. The Region is told by a name like
// "us-east-1.json".
func FromFile(name string, text []byte) Origin {
	sum := hex.EncodeToString(sum256(text))
	o := Origin{Text: name + ", SHA-256 " + sum, SHA256: sum}
	base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	if parts := strings.Split(base, "-"); len(parts) >= 3 && len(parts[len(parts)-1]) == 1 {
		o.Region = base
	}
	return o
}

func sum256(text []byte) []byte {
	sum := sha256.Sum256(text)
	return sum[:]
}

// A Key is one public key.
type Key struct {
	Fingerprint string // lower-case hex of the MD5 of its DER form, which is how digests name it
	Origin      Origin
	From, To    time.Time // validity as listed; zero where not told. AWS does not hold digests to it, nor do we
	Warning     string    // what is odd about it, in words
	DER         []byte    // as listed: PKCS#1 RSAPublicKey, or SubjectPublicKeyInfo
	public      *rsa.PublicKey
	bad         string // why it is unusable
	worthless   bool
}

// A KeySet holds public keys by fingerprint. The zero value is empty and usable; it is safe for concurrent use once
// it is filled. Keys are never taken from inside a place.
type KeySet struct {
	keys map[string][]*Key
}

// Add puts keys in.
func (s *KeySet) Add(keys ...*Key) {
	if s.keys == nil {
		s.keys = map[string][]*Key{}
	}
	for _, k := range keys {
		if !slices.ContainsFunc(s.keys[k.Fingerprint], func(old *Key) bool {
			return old.bad == k.bad && (old.public == nil && k.public == nil || old.public != nil && k.public != nil && old.public.Equal(k.public))
		}) {
			s.keys[k.Fingerprint] = append(s.keys[k.Fingerprint], k)
		}
	}
}

// clone is a set that can be added to without changing s.
func (s *KeySet) clone() *KeySet {
	out := &KeySet{}
	if s != nil {
		for _, list := range s.keys {
			out.Add(list...)
		}
	}
	return out
}

// All are the keys, in order of fingerprint.
func (s *KeySet) All() []*Key {
	var out []*Key
	for _, list := range s.keys {
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(a, b *Key) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return out
}

// Len is the number of keys.
func (s *KeySet) Len() int {
	n := 0
	for _, k := range s.keys {
		n += len(k)
	}
	return n
}

// Warnings says what is odd about keys, in order of fingerprint.
func (s *KeySet) Warnings() []string {
	var out []string
	for _, list := range s.keys {
		for _, k := range list {
			for _, text := range []string{k.Warning, k.bad} {
				if text != "" {
					out = append(out, "key "+k.Fingerprint+" from "+k.Origin.Text+": "+text)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// find gives the keys of that fingerprint that count in a place.
func (s *KeySet) find(fingerprint string, demo bool) []*Key {
	if s == nil {
		return nil
	}
	var out []*Key
	for _, k := range s.keys[strings.ToLower(fingerprint)] {
		if demo || !k.worthless {
			out = append(out, k)
		}
	}
	return out
}

type rawKeys struct {
	List []rawKey `json:"PublicKeyList"`
}

type rawKey struct {
	Value       string          `json:"Value"`
	Fingerprint string          `json:"Fingerprint"`
	From        json.RawMessage `json:"ValidityStartTime"`
	To          json.RawMessage `json:"ValidityEndTime"`
}

// ParseKeys reads what "aws cloudtrail list-public-keys" prints. A key that is unusable is kept as such: a digest that
// names it is then not "unknown key".
func ParseKeys(text []byte, origin Origin) ([]*Key, error) {
	var raw rawKeys
	if err := json.Unmarshal(text, &raw); err != nil || raw.List == nil {
		return nil, errors.New(`no public keys: {"PublicKeyList":[…]} is expected, as aws cloudtrail list-public-keys prints it`)
	}
	var keys []*Key
	for _, r := range raw.List {
		der, err := base64.StdEncoding.DecodeString(r.Value)
		k := NewKey(der, r.Fingerprint, parseWhen(r.From), parseWhen(r.To), origin)
		if err != nil {
			k.public, k.bad = nil, "its Value is not base64"
		}
		if k.Fingerprint != "" {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// NewKey is a key from its DER form (PKCS#1 RSAPublicKey, or SubjectPublicKeyInfo) and the fingerprint it is listed
// under.
func NewKey(der []byte, listed string, from, to time.Time, origin Origin) *Key {
	sum := md5.Sum(der)
	computed := hex.EncodeToString(sum[:])
	k := &Key{Fingerprint: strings.ToLower(listed), Origin: origin, From: from, To: to, DER: der}
	if k.Fingerprint == "" {
		k.Fingerprint = computed
	}
	if k.Fingerprint != computed {
		k.Warning = "the fingerprint of its bytes is " + computed
	}
	public, err := parsePublic(der)
	if err != nil {
		k.bad = err.Error()
		return k
	}
	k.public = public
	k.worthless = hex.EncodeToString(sum256(x509.MarshalPKCS1PublicKey(public))) == worthlessKey
	return k
}

func parsePublic(der []byte) (*rsa.PublicKey, error) {
	public, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		info, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			return nil, errors.New("its bytes are no public key")
		}
		var ok bool
		if public, ok = info.(*rsa.PublicKey); !ok {
			return nil, errors.New("it is no RSA key")
		}
	}
	if n := public.N.BitLen(); n < minKeyBits || n > maxKeyBits {
		return nil, fmt.Errorf("it has %d bits, %d to %d are taken", n, minKeyBits, maxKeyBits)
	}
	return public, nil
}

// parseWhen takes a time as the CLI's versions print it: text, or seconds since 1970.
func parseWhen(raw json.RawMessage) time.Time {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return time.Time{}
		}
		return t.UTC()
	}
	var seconds float64
	if json.Unmarshal(raw, &seconds) != nil || math.Abs(seconds) > 1e12 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// ReadKeys reads a file of keys, or all *.json of a folder. Errors are *source.Error.
func ReadKeys(path string) (*KeySet, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, noKeyFile(path, err)
	}
	files := []string{path}
	if info.IsDir() {
		files, _ = filepath.Glob(filepath.Join(escapeGlob(path), "*.json"))
		if len(files) == 0 || len(files) > maxKeyFolder {
			return nil, &source.Error{Thing: path, Reason: "no public keys in it", Hint: saveKeys}
		}
	}
	set := &KeySet{}
	for _, name := range files {
		keys, err := readKeyFile(name)
		if err != nil {
			return nil, err
		}
		set.Add(keys...)
	}
	return set, nil
}

// saveKeys is how one comes by a file of keys.
const saveKeys = "save them with aws cloudtrail list-public-keys --region R --start-time A --end-time B > R.json"

// noKeyFile says why a file of keys could not be read.
func noKeyFile(path string, err error) error {
	reason := "public keys could not be read"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		reason = "no such file of public keys"
	case errors.Is(err, fs.ErrPermission):
		reason = "no permission to read the public keys"
	}
	return &source.Error{Thing: path, Reason: reason, Hint: saveKeys, Err: err}
}

func readKeyFile(name string) ([]*Key, error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return nil, &source.Error{Thing: name, Reason: "not a file of public keys", Err: err}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, noKeyFile(name, err)
	}
	keys, err := ParseKeys(text, FromFile(name, text))
	if err != nil {
		return nil, &source.Error{Thing: name, Reason: err.Error()}
	}
	return keys, nil
}

// escapeGlob takes the meaning from what filepath.Match would interpret.
func escapeGlob(path string) string {
	if os.PathSeparator == '\\' {
		return path // there is no escaping on Windows
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// verify says whether signature, in hex, is the key's over text (RSASSA-PKCS1-v1_5, SHA-256).
func (k *Key) verify(text []byte, signature string) bool {
	if k.public == nil || len(signature) > 2*maxKeyBits/8 {
		return false
	}
	sig, err := hex.DecodeString(signature)
	if err != nil {
		return false
	}
	return rsa.VerifyPKCS1v15(k.public, crypto.SHA256, sum256(text), sig) == nil
}
