package cli_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
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
	gz := bytes.Clone(logs.Bytes())
	r, err := gzip.NewReader(&logs) // of all members
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"logs.zip": z.Bytes(), "logs.tar": plain.Bytes(), "logs.tgz": tgz.Bytes(), "logs.tar.zst": zst.EncodeAll(plain.Bytes(), nil),
		"logs.gz": gz, "logs.zst": zst.EncodeAll(text, nil), "logs.json": text,
	}
}

// answers is what a store says: how many events each query finds, and of each 50th one their records by hash.
func answers(t *testing.T, path string, queries []string) (said []string) {
	t.Helper()
	ix, err := index.Open(path, index.Options{Reopen: disk.Reopen})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	for i, text := range queries {
		node, err := query.Parse(text, index.Schema(), query.Options{Location: time.UTC, Now: time.Now()})
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
		answer := fmt.Sprintf("%s: %d", text, r.Count())
		if i%50 == 0 {
			answer += fmt.Sprintf(" %x", recordsOf(t, r))
		}
		said = append(said, answer)
	}
	return said
}

// recordsOf is a hash of the records that were found, in any order.
func recordsOf(t *testing.T, r *index.Result) [sha256.Size]byte {
	t.Helper()
	var sums []string
	for rec, err := range r.Records(t.Context(), index.RecordsOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(rec.Raw)))
	}
	slices.Sort(sums)
	return sha256.Sum256([]byte(strings.Join(sums, "\n")))
}

// A querier makes queries that a store may answer.
type querier struct {
	r     *rand.Rand
	terms []string
}

// newQuerier takes terms from what a store holds: values of fields, words, paths, ids, times.
func newQuerier(u *user, seed uint64) *querier {
	q := &querier{r: rand.New(rand.NewPCG(seed, 9))}
	for _, field := range []string{
		"event", "user", "service", "ip", "region", "account", "error", "kind", "outcome", "role", "session", "arn", "key", "via", "agent",
		"category", "eventtype", "resource", "readonly", "mfa", "id", "request", "vpce", "tls",
	} {
		for _, v := range u.facet(field, 40).Values {
			q.terms = append(q.terms, field+"="+quoted(v.Value), field+":"+quoted(v.Value))
			if len(v.Value) > 4 && field != "mfa" && field != "readonly" && !strings.ContainsAny(v.Value, `*?"\\ `) {
				q.terms = append(q.terms, field+":"+quoted(v.Value[:4])[:5]+`*"`)
			}
		}
		q.terms = append(q.terms, field+":*")
	}
	for _, at := range u.column("eventTime", "--limit", "60") {
		q.terms = append(q.terms, "time:>="+at, "time:<"+at)
	}
	for _, path := range []string{"requestParameters.bucketName", "userIdentity.sessionContext.attributes.mfaAuthenticated", "eventVersion", "tlsDetails.tlsVersion", "responseElements.credentials.accessKeyId"} {
		for _, v := range u.column(path, "--limit", "20") {
			q.terms = append(q.terms, path+":"+quoted(v))
		}
		q.terms = append(q.terms, path+":*")
	}
	q.terms = append(q.terms, "AccessDenied", "bucketName", `"assumed-role"`, "amazonaws.com", "us-east-1", "nothing-has-this")
	return q
}

// next is a query of one to four terms. A few are scans.
func (q *querier) next() string {
	if q.r.IntN(50) == 0 {
		return []string{"/Get.*Policy/", "*Bucket*", "raw:/arn:aws:[a-z]+/", "*:user/*"}[q.r.IntN(4)]
	}
	text := q.term()
	for range q.r.IntN(4) {
		switch q.r.IntN(3) {
		case 0:
			text += " " + q.term()
		case 1:
			text = "(" + text + ") OR " + q.term()
		case 2:
			text = "(" + text + " OR " + q.term() + ") " + q.term()
		}
	}
	return text
}

func (q *querier) term() string {
	t := q.terms[q.r.IntN(len(q.terms))]
	if q.r.IntN(4) == 0 {
		return "NOT " + t
	}
	return t
}

// TestAllPackingsGiveTheSame brings one archive in as a folder, as each kind of archive, as one concatenated file, plain and
// compressed, and through standard input: 1,000 queries find the same.
func TestAllPackingsGiveTheSame(t *testing.T) {
	number, events := 1000, "600"
	if testing.Short() {
		number, events = 50, "300"
	}
	u := newUser(t)
	folder := filepath.Join(t.TempDir(), "logs")
	u.ok("demo", "--events", events, "--out", folder)
	u.store = filepath.Join(t.TempDir(), "folder.db")
	want := u.sync(0, folder)
	q := newQuerier(u, 1)
	queries := []string{""}
	for len(queries) < number {
		queries = append(queries, q.next())
	}
	wantAnswers := answers(t, u.store, queries)
	found := map[string]bool{}
	for _, a := range wantAnswers {
		_, n, _ := strings.Cut(a, ": ")
		found[n] = true
	}
	if len(found) < number/10 {
		t.Fatalf("the queries have only %d different answers", len(found))
	}
	for name, data := range packed(t, contents(t, folder)) {
		for _, stdin := range []bool{false, true} {
			if testing.Short() && stdin != (name == "logs.zip") {
				continue
			}
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
				if isArchive := !slices.Contains([]string{"logs.gz", "logs.zst", "logs.json"}, name); isArchive && !stdin {
					if err := os.Remove(place); err != nil { // the store holds what is in it
						t.Fatal(err)
					}
				}
				got := answers(t, u.store, queries)
				for i := range got {
					if got[i] != wantAnswers[i] {
						t.Errorf("%s, want %s", got[i], wantAnswers[i])
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
