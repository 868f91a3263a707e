package digest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
)

func keyFile(der []byte, fingerprint string) []byte {
	text, _ := json.Marshal(map[string]any{"PublicKeyList": []any{map[string]any{
		"Value": base64.StdEncoding.EncodeToString(der), "Fingerprint": fingerprint,
		"ValidityStartTime": 1771372800.5, "ValidityEndTime": "2026-03-30T00:00:00+00:00",
	}}})
	return text
}

func TestKeysOfAFolder(t *testing.T) {
	dir := t.TempDir()
	k := signers()[0]
	if err := os.WriteFile(filepath.Join(dir, "us-east-1.json"), keyFile(der(k), fingerprint(k)), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := digest.ReadKeys(dir)
	if err != nil || set.Len() != 1 || len(set.Warnings()) != 0 {
		t.Fatalf("%d keys, %v, %v", set.Len(), set.Warnings(), err)
	}
	a := newArchive()
	a.seal()
	r := verify(t, a.online(), digest.Options{Keys: set, To: a.to})
	if r.ExitCode() != digest.ExitProven || len(r.Keys) != 1 || r.Keys[0].Region != "us-east-1" || !strings.Contains(r.Keys[0].Origin, "SHA-256 ") {
		t.Errorf("exit %d, keys %+v", r.ExitCode(), r.Keys)
	}
	if _, err := digest.ReadKeys(t.TempDir()); err == nil {
		t.Error("an empty folder gives keys")
	}
	_, err = digest.ReadKeys(filepath.Join(t.TempDir(), "k.json"))
	if missing, ok := errors.AsType[*source.Error](err); !ok || missing.Reason != "no such file of public keys" || missing.Hint == "" {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := digest.ParseKeys([]byte(`{"Records":[]}`), digest.Origin{}); err == nil {
		t.Error("a log file gives keys")
	}
}

func TestFormsOfKeys(t *testing.T) {
	a := newArchive()
	a.seal()
	k := signers()[0]
	spki, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		der      []byte
		exit     int
		warnings int
	}{
		{"SubjectPublicKeyInfo under another's fingerprint", spki, digest.ExitProven, 1},
		{"too short", der(short), digest.ExitUnestablished, 2},
		{"no key", []byte("x"), digest.ExitUnestablished, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, err := digest.ParseKeys(keyFile(c.der, fingerprint(k)), digest.FromAWS("111122223333", "us-east-1", time.Unix(0, 0)))
			if err != nil {
				t.Fatal(err)
			}
			set := &digest.KeySet{}
			set.Add(keys...)
			if r := verify(t, a.online(), digest.Options{Keys: set, To: a.to}); r.ExitCode() != c.exit {
				t.Errorf("exit %d, want %d", r.ExitCode(), c.exit)
			}
			if w := set.Warnings(); len(w) != c.warnings {
				t.Errorf("warnings %v", w)
			}
		})
	}
}

func TestWithoutKeysNothingIsValid(t *testing.T) {
	a := newArchive()
	a.seal()
	r := verify(t, a.online(), digest.Options{To: a.to})
	if r.Digests.Valid+r.LogFiles.Valid+r.Digests.Invalid+r.LogFiles.Invalid != 0 || r.ExitCode() != digest.ExitUnestablished {
		t.Errorf("%+v %+v", r.Digests, r.LogFiles)
	}
	if len(r.Notes) == 0 || !strings.Contains(r.Notes[0], "list-public-keys") {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestCopiedTreeIsAuthenticElsewhere(t *testing.T) {
	a := newArchive()
	a.seal()
	m := a.online()
	m.bucket = "copy"
	r := a.verify(t, m)
	if r.Digests.Warn != hours || r.LogFiles.Valid != 2*hours-2 || r.Digests.Invalid+r.LogFiles.Invalid > 0 {
		t.Errorf("%+v %+v", r.Digests, r.LogFiles)
	}
}

func TestPartialDownloadIsNotDeletion(t *testing.T) {
	a := newArchive()
	for _, d := range a.digests[:3] { // of another day
		d.start, d.end = d.start.Add(-24*time.Hour), d.end.Add(-24*time.Hour)
		d.logs = nil
	}
	a.seal()
	for i := range 3 {
		delete(a.objects, a.d(i))
	}
	r := a.verify(t, a.offline())
	if r.Digests.Invalid != 0 || len(r.Ranges) != 0 || len(r.Notes) == 0 || !strings.Contains(r.Notes[0], "downloaded") {
		t.Errorf("%+v %+v %v", r.Digests, r.Ranges, r.Notes)
	}
	if r := a.verify(t, a.online()); r.Digests.Invalid != 1 {
		t.Errorf("in a bucket: %+v", r.Digests)
	}
}

func TestCancelledAndDocument(t *testing.T) {
	a := newArchive()
	a.seal()
	ctx, cancel := context.WithCancel(t.Context())
	phases := map[string]bool{}
	_, err := digest.Verify(ctx, a.online(), digest.Options{Keys: a.keys, Progress: func(p digest.Progress) {
		phases[p.Phase] = true
		if p.Phase == "log files" {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || !phases["digests"] {
		t.Errorf("%v after %v", err, phases)
	}
	text, err := json.Marshal(a.verify(t, a.online()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"digests":{"valid":6,"invalid":0,"warn":0,"unverified":0},"log_files":{"valid":10,"invalid":0,"warn":0,"unverified":0,"info":0},"keys":[{"fingerprint":`, `"ranges":[]`, `"key":"trail/AWSLogs/`, `"class":"log.valid"`} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("no %s in %.400s", want, text)
		}
	}
}
