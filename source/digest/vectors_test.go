package digest

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"testing"
	"time"
)

type vectors struct {
	DocumentedKeys       []rawKey `json:"documented_keys"`
	DocumentedSignatures struct {
		Items []struct {
			Signature, Key string
			Inside         string `json:"sha256_inside"`
		}
	} `json:"documented_signatures"`
	PublicKey rawKey `json:"public_key"`
	Digests   []struct {
		JSON     string
		Sum      string `json:"sha256_of_json"`
		Text     string `json:"string_to_sign"`
		Metadata map[string]string
		Object   string `json:"object_gzip_base64"`
	}
	Log struct {
		HashValue string
		Object    string `json:"object_gzip_base64"`
	}
}

func readVectors(t *testing.T) *vectors {
	t.Helper()
	text, err := os.ReadFile("../../../shared/reference/integrity-vectors.json")
	if err != nil {
		t.Skip("no vectors beside the module")
	}
	v := &vectors{}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unpack(t *testing.T, object string) content {
	t.Helper()
	body, err := base64.StdEncoding.DecodeString(object)
	if err != nil {
		t.Fatal(err)
	}
	return hashers.New().(*hasher).read(bytes.NewReader(body), maxDigestBytes)
}

func keyOf(t *testing.T, r rawKey) *Key {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(r.Value)
	if err != nil {
		t.Fatal(err)
	}
	return NewKey(der, r.Fingerprint, time.Time{}, time.Time{}, Origin{})
}

func TestDocumentedKeys(t *testing.T) {
	v := readVectors(t)
	byName := map[string]*Key{}
	for _, r := range v.DocumentedKeys {
		k := keyOf(t, r)
		if k.bad != "" || k.Warning != "" || k.Fingerprint != r.Fingerprint {
			t.Errorf("%s: %s %s", r.Fingerprint, k.bad, k.Warning)
		}
		byName[k.Fingerprint] = k
	}
	for _, s := range v.DocumentedSignatures.Items {
		opened := openSignature(t, byName[s.Key].public, s.Signature)
		if got := hex.EncodeToString(opened[len(opened)-32:]); got != s.Inside {
			t.Errorf("hash inside %s, want %s", got, s.Inside)
		}
	}
}

// openSignature is the public operation of RSA.
func openSignature(t *testing.T, k *rsa.PublicKey, signature string) []byte {
	t.Helper()
	n, ok := new(big.Int).SetString(signature, 16)
	if !ok {
		t.Fatal("no hex")
	}
	return new(big.Int).Exp(n, big.NewInt(int64(k.E)), k.N).Bytes()
}

func TestVectors(t *testing.T) {
	v := readVectors(t)
	k := keyOf(t, v.PublicKey)
	for _, d := range v.Digests {
		c := unpack(t, d.Object)
		if string(c.text) != d.JSON || hex.EncodeToString(c.sum[:]) != d.Sum || c.damage != "" || c.trailing {
			t.Errorf("content %s", c.text)
		}
		doc, err := parseDocument(c.text)
		if err != nil {
			t.Fatal(err)
		}
		text := doc.stringToSign(c.sum)
		if string(text) != d.Text {
			t.Errorf("string to sign %s, want %s", text, d.Text)
		}
		if !k.verify(text, d.Metadata["signature"]) {
			t.Error("a good signature is refused")
		}
		if k.verify(append(text, ' '), d.Metadata["signature"]) {
			t.Error("a bad signature is taken")
		}
	}
	if c := unpack(t, v.Log.Object); hex.EncodeToString(c.sum[:]) != v.Log.HashValue {
		t.Errorf("log %x, want %s", c.sum, v.Log.HashValue)
	}
}

func TestStringToSign(t *testing.T) {
	d := &document{endText: "a", bucket: "b", object: "c"}
	want := "a\nb/c\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\nnull"
	if got := string(d.stringToSign([32]byte(sum256([]byte("abc"))))); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
