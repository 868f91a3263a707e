package digest_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"github.com/trailsift/trailsift/source"
)

// TestSignFolder signs an archive on disk for .ci/bench-verify: every log file of TRAILSIFT_SIGN, a folder as "demo --out"
// writes it, is listed by a digest of its hour, account and Region, signed with a key of its own. What is left is a plain download.
func TestSignFolder(t *testing.T) {
	root := os.Getenv("TRAILSIFT_SIGN")
	if root == "" {
		t.Skip("TRAILSIFT_SIGN is not set")
	}
	signer, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	chains := map[[2]string]map[time.Time][]map[string]any{}
	for _, key := range keysBelow(t, root) {
		k, _ := source.ParseKey(key)
		path := filepath.Join(root, filepath.FromSlash(key))
		if k.Kind != source.KindCloudTrail {
			if err := os.Remove(path); err != nil { // the demo's own digests, and what digests do not cover
				t.Fatal(err)
			}
			continue
		}
		sum := sha256.Sum256(unzip(fileBytes(t, path)))
		at := [2]string{k.Account, k.Region}
		if chains[at] == nil {
			chains[at] = map[time.Time][]map[string]any{}
		}
		hour := k.Time.Truncate(time.Hour)
		chains[at][hour] = append(chains[at][hour], map[string]any{
			"s3Bucket": "bench", "s3Object": key, "hashValue": hex.EncodeToString(sum[:]), "hashAlgorithm": "SHA-256",
		})
	}
	for at, byHour := range chains {
		a := &archive{bucket: "bench", account: at[0], region: at[1], objects: map[string]stored{}}
		hours := slices.SortedFunc(maps.Keys(byHour), time.Time.Compare)
		for start := hours[0]; !start.After(hours[len(hours)-1]); start = start.Add(time.Hour) {
			d := a.add("bench", start, len(a.digests)-1)
			d.signer, d.logs, d.entries = signer, nil, byHour[start]
			a.sign(d)
			path := filepath.Join(root, filepath.FromSlash(a.key(d)))
			err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, zip(d.raw), 0o600))
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	text, _ := json.Marshal(map[string]any{"PublicKeyList": []any{map[string]string{
		"Value": base64.StdEncoding.EncodeToString(der(signer)), "Fingerprint": fingerprint(signer),
	}}})
	if err := os.WriteFile(root+".keys.json", text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func fileBytes(tb testing.TB, path string) []byte {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// keysBelow are the log files and digests below a folder.
func keysBelow(tb testing.TB, root string) (keys []string) {
	tb.Helper()
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && filepath.Ext(path) == ".gz" {
			rel, _ := filepath.Rel(root, path)
			keys = append(keys, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

// BenchmarkYardstick inflates (klauspost) and hashes every log file of the folder TRAILSIFT_BENCH_ARCHIVE on all cores:
// what a verification cannot be done without.
func BenchmarkYardstick(b *testing.B) {
	root := os.Getenv("TRAILSIFT_BENCH_ARCHIVE")
	if root == "" {
		b.Skip("TRAILSIFT_BENCH_ARCHIVE is not set")
	}
	keys := keysBelow(b, root)
	for b.Loop() {
		var g errgroup.Group
		g.SetLimit(runtime.NumCPU())
		for _, key := range keys {
			g.Go(func() error {
				body, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(key)))
				if err != nil {
					return err
				}
				z, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					return err
				}
				_, err = io.Copy(sha256.New(), z)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}
