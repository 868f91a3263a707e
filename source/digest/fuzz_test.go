package digest_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source/digest"
)

// FuzzDigest puts any bytes in the place of a digest: nothing of it may be proven then, unless its content is the same.
func FuzzDigest(f *testing.F) {
	a := newArchive()
	a.seal()
	key := a.d(2)
	good := a.objects[key].body
	f.Add(good, true)
	f.Add(unzip(good), true)
	f.Add(appendMember(good), false)
	f.Add([]byte(`{"previousDigestSignature":null,"logFiles":[{}]}`), true)
	f.Add(bytes.Replace(unzip(good), []byte(`"logFiles":[`), []byte(`"logFiles":[],"logfiles":[`), 1), true)
	f.Fuzz(func(t *testing.T, body []byte, meta bool) {
		if bytes.Contains(body, []byte("\x1f\x8b")) {
			t.Skip("may hold the authentic content")
		}
		m := a.offline()
		if meta {
			m = a.online()
		}
		m.objects = maps.Clone(m.objects)
		m.objects[key] = stored{body: body, meta: m.objects[key].meta}
		r := a.verify(t, m)
		for _, it := range r.Items {
			bad := strings.HasSuffix(it.Key, key) || slices.ContainsFunc([]string{a.l(2, 0), a.l(2, 1)}, func(l string) bool { return strings.HasSuffix(it.Key, l) })
			if bad && it.Verdict == digest.Valid && !bytes.Equal(body, unzip(good)) {
				t.Fatalf("%s is %s", it.Key, it.Class)
			}
		}
		if r.ExitCode() == digest.ExitProven {
			t.Fatal("exit 0")
		}
	})
}

// FuzzKeys gives any text for a file of keys: none of it proves what another key signed.
func FuzzKeys(f *testing.F) {
	a := newArchive()
	a.seal()
	f.Add([]byte(`{"PublicKeyList":[{"Value":"MIIBCgKCAQEA","Fingerprint":"` + fingerprint(signers()[0]) + `","ValidityStartTime":1e300}]}`))
	f.Add([]byte(`{"PublicKeyList":[{"Value":"","Fingerprint":""}]}`))
	f.Add([]byte(`{"PublicKeyList":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := digest.ParseKeys(text, digest.FromFile("us-east-1.json", text))
		if err != nil {
			return
		}
		set := &digest.KeySet{}
		set.Add(keys...)
		set.Warnings()
		r := verify(t, a.online(), digest.Options{Keys: set, To: a.to})
		if r.Digests.Valid+r.LogFiles.Valid > 0 {
			t.Fatal("something is proven by an alien key")
		}
	})
}
