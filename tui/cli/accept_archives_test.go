package cli_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source/disk"
	"github.com/trailsift/trailsift/tui/cli"
)

// given runs a command line with data on standard input.
func (u *user) given(stdin []byte, args ...string) said {
	var out, stderr bytes.Buffer
	if u.store != "" {
		args = append(args, "--index", u.store)
	}
	code := cli.Run(args, cli.Env{
		Stdin: bytes.NewReader(stdin), Stdout: &out, Stderr: &stderr,
		Getenv: os.Getenv, Now: func() time.Time { return u.now }, Version: "test",
	})
	return said{args, code, out.String(), stderr.String()}
}

// packed are files as one file, by its name.
func packed(t *testing.T, files map[string][]byte) map[string][]byte {
	t.Helper()
	var z, plain, logs bytes.Buffer
	zw, tw := zip.NewWriter(&z), tar.NewWriter(&plain)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		w, err := zw.Create(name)
		if err == nil {
			_, err = w.Write(files[name])
		}
		if err == nil {
			err = tw.WriteHeader(&tar.Header{Name: "./" + name, Size: int64(len(files[name])), Mode: 0o600})
		}
		if err == nil {
			_, err = tw.Write(files[name])
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(name, "AWSLogs/") && !strings.Contains(name, "-Digest/") {
			logs.Write(files[name])
		}
	}
	var tgz bytes.Buffer
	gw := gzip.NewWriter(&tgz)
	zst, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, close := range []func() error{zw.Close, tw.Close, func() error { _, err := gw.Write(plain.Bytes()); return err }, gw.Close} {
		if err := close(); err != nil {
			t.Fatal(err)
		}
	}
	return map[string][]byte{
		"logs.zip": z.Bytes(), "logs.tar": plain.Bytes(), "logs.tgz": tgz.Bytes(),
		"logs.tar.zst": zst.EncodeAll(plain.Bytes(), nil), "logs.gz": logs.Bytes(),
	}
}

// answers is what a store says: its records by their hash, and how many events each query finds.
func answers(t *testing.T, path string, queries []string) (records string, counts []int) {
	t.Helper()
	ix, err := index.Open(path, index.Options{Reopen: disk.Reopen})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	for _, text := range queries {
		node, err := query.Parse(text, index.Schema(), query.Options{Location: time.UTC})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		r, err := ix.Search(t.Context(), node, index.SearchOptions{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if r.Unreadable() > 0 {
			t.Errorf("%s: %d records cannot be read back", text, r.Unreadable())
		}
		counts = append(counts, r.Count())
		if text != "" {
			continue
		}
		var sums []string
		for rec, err := range r.Records(t.Context(), index.RecordsOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(rec.Raw)))
		}
		slices.Sort(sums)
		records = fmt.Sprintf("%d %x", len(sums), sha256.Sum256([]byte(strings.Join(sums, "\n"))))
	}
	return records, counts
}

// packedQueries are some 200 queries that a store of the demo answers; the first is for all.
func packedQueries(u *user) []string {
	queries := []string{"", "readOnly:true", "readOnly:false OR error:AccessDenied", "AccessDenied", "/Get.*Policy/"}
	for _, field := range []string{"event", "user", "service", "ip", "region", "account", "error", "type", "outcome"} {
		for i, v := range u.facet(field, 20).Values {
			q := fmt.Sprintf("%s:%q", field, v.Value)
			queries = append(queries, q)
			if i%2 == 0 {
				queries = append(queries, q+" -error:*")
			}
		}
	}
	return queries
}

// TestAllPackingsGiveTheSame brings one archive in as a folder, as each kind of archive, as one concatenated file and
// through standard input.
func TestAllPackingsGiveTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("brings one archive in eleven times")
	}
	u := newUser(t)
	folder := filepath.Join(t.TempDir(), "logs")
	u.ok("demo", "--events", "4000", "--out", folder)
	u.store = filepath.Join(t.TempDir(), "folder.db")
	want := u.sync(0, folder)
	queries := packedQueries(u)
	if len(queries) < 150 {
		t.Fatalf("only %d queries", len(queries))
	}
	wantRecords, wantCounts := answers(t, u.store, queries)
	for name, data := range packed(t, contents(t, folder)) {
		for _, stdin := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, standard input %v", name, stdin), func(t *testing.T) {
				u := &user{t: t, now: u.now, store: filepath.Join(t.TempDir(), "store.db")}
				place := "-"
				if !stdin {
					place = filepath.Join(t.TempDir(), name)
					if err := os.WriteFile(place, data, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				s := u.given(data, "sync", "--format", "json", place)
				if got := decode[synced](t, s.out); s.code != 0 || got.Events != want.Events || got.Duplicates != want.Duplicates {
					t.Fatalf("exit code %d, %+v, want as %+v\n%s", s.code, got, want, s.stderr)
				}
				if !stdin && name != "logs.gz" {
					if err := os.Remove(place); err != nil { // the store holds what is in it
						t.Fatal(err)
					}
				}
				records, counts := answers(t, u.store, queries)
				if records != wantRecords {
					t.Errorf("records %s, want %s", records, wantRecords)
				}
				for i, n := range counts {
					if n != wantCounts[i] {
						t.Errorf("%s: %d, want %d", queries[i], n, wantCounts[i])
					}
				}
			})
		}
	}
}

// A store of standard input is left behind only where it was named.
func TestStandardInputLeavesNothingBehind(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	u := newUser(t)
	log := []byte(`{"Records":[{"eventVersion":"1.08","eventName":"A","eventSource":"s.amazonaws.com","eventTime":"2026-01-01T00:00:00Z","eventID":"1"}]}`)
	if s := u.given(log, "search", "-i", "-", "event:A", "--count"); s.code != 0 || strings.TrimSpace(s.out) != "1" {
		t.Errorf("exit code %d, %q, %q", s.code, s.out, s.stderr)
	}
	for _, dir := range []string{tmp, filepath.Join(os.Getenv("XDG_DATA_HOME"), "trailsift")} {
		if left, err := os.ReadDir(dir); err == nil && len(left) > 0 {
			t.Errorf("left in %s: %v", dir, left)
		}
	}
	for stdin, want := range map[string]string{"": "standard input: nothing came in", "hello\n": "1 text"} {
		if s := u.given([]byte(stdin), "sync", "-"); s.code != 3 || !strings.Contains(s.stderr, want) {
			t.Errorf("%q: exit code %d, %q", stdin, s.code, s.stderr)
		}
	}
}
