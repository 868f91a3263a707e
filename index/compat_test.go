package index_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// writeEnv makes TestIndexesOfOldOpen write the index of the format of now: do that once, before a format is released.
const writeEnv = "TRAILSIFT_WRITE_INDEX"

// An oldAnswer is what an index answered when it was written.
type oldAnswer struct {
	Query                     string
	Count, Untimed, Conflicts int
	Records                   string // SHA-256 of all records in order, each with a line break
	Field                     string // counted below
	Values                    []index.ValueCount
	Events, Missing, Distinct int
}

// An oldIndex is what stands beside an index of old.
type oldIndex struct {
	Format                                   int
	Events, Documents, Duplicates, Conflicts int
	Files                                    map[string]int
	Answers                                  []oldAnswer
}

// oldQueries are asked of every index of old. What they mean never changes.
var oldQueries = []string{
	"", "event:*", "user:alice", "user:bob*", "event=GetObject service:s3", "event:Delete* -readonly:true", "ip:10.0.0.0/8",
	"ip:2001:db8::/32", "region:(us-east-1 OR eu-west-1)", "error:*", "-error:*", "outcome:denied", "resource:*prod*", "mfa:true",
	"time:>=2024-03-02", "time:>=2024-03-01T12:00Z time:<2024-03-02T12:00Z", "-time:*", "conflict:true", "salvaged:true",
	"verdict:valid", "verdict:invalid", "copy-verdict:invalid", "log:*log-03*", "key:AKIA*", "id:*", "shared:*", "tls:TLSv1.3",
	"requestParameters.bucketName:prod-*", "requestParameters.n:>500", `"two words"`, "alice", "/i-0[0-9a-f]+5/",
}

// oldFields are counted, one of them with each query.
var oldFields = []string{
	"event", "service", "user", "kind", "role", "session", "arn", "account", "key", "via", "ip", "agent", "region", "error",
	"outcome", "readonly", "mfa", "category", "eventtype", "resource", "vpce", "tls", "host", "id", "request", "log", "verdict",
	"copy-verdict", "conflict", "salvaged",
}

// TestIndexesOfOldOpen opens every index that was ever written in a format that this version reads, checks it, and holds its
// answers to what they were; then compacts it and asks once more.
func TestIndexesOfOldOpen(t *testing.T) {
	if os.Getenv(writeEnv) != "" {
		writeIndexOfNow(t)
	}
	old, err := filepath.Glob(filepath.Join("testdata", "index-*.db.gz"))
	if err != nil || len(old) == 0 {
		t.Fatalf("no index of old: %v", err)
	}
	for _, name := range old {
		t.Run(filepath.Base(name), func(t *testing.T) {
			var want oldIndex
			text, err := os.ReadFile(strings.TrimSuffix(name, ".db.gz") + ".json")
			if err == nil {
				err = json.Unmarshal(text, &want)
			}
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "index.db")
			unpackFile(t, name, path)
			for _, write := range []bool{false, true, true} {
				x, err := index.Open(path, index.Options{Write: write})
				if err != nil {
					t.Fatal(err)
				}
				verify(t, x)
				if diff := gocmp.Diff(want, oldAnswers(t, x, want.Format)); diff != "" {
					t.Errorf("write %v: %s", write, diff)
				}
				if write {
					if _, err := x.Compact(t.Context(), index.CompactOptions{}); err != nil {
						t.Error(err)
					}
				}
				if err := x.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func unpackFile(t *testing.T, from, to string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// oldAnswers asks what every index of old is asked.
func oldAnswers(t *testing.T, x *index.Index, format int) oldIndex {
	t.Helper()
	st, err := x.Stats()
	if err != nil {
		t.Fatal(err)
	}
	said := oldIndex{
		Format: format, Events: st.Events, Documents: st.Documents, Duplicates: st.Duplicates, Conflicts: st.Conflicts,
		Files: map[string]int{},
	}
	for state, n := range st.Files {
		said.Files[state.String()] = n
	}
	for i, text := range oldQueries {
		said.Answers = append(said.Answers, answerOfOld(t, x, text, oldFields[i%len(oldFields)]))
	}
	return said
}

func answerOfOld(t *testing.T, x *index.Index, text, field string) oldAnswer {
	t.Helper()
	n, err := query.Parse(text, index.Schema(), query.Options{Now: time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	r, err := x.Search(t.Context(), n, index.SearchOptions{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	a := oldAnswer{Query: text, Count: r.Count(), Untimed: r.Untimed(), Conflicts: r.Conflicts(), Field: field}
	h := sha256.New()
	for rec, err := range r.Records(t.Context(), index.RecordsOptions{}) {
		if err != nil || rec.Missing != "" {
			t.Fatalf("%s: %v %s", text, err, rec.Missing)
		}
		_, _ = io.WriteString(h, string(rec.Raw)+"\n")
	}
	a.Records = hex.EncodeToString(h.Sum(nil))
	f, err := r.Facet(t.Context(), field, 5)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	a.Values, a.Events, a.Missing, a.Distinct = f.Values, f.Events, f.Missing, f.Distinct
	return a
}

// writeIndexOfNow writes an index with what can be in one: two places, kept bytes, copies, conflicts, damaged log files, a
// newer version of one, verdicts, proofs.
func writeIndexOfNow(t *testing.T) {
	t.Helper()
	a, b := newMemory("a"), newMemory("b")
	g := newGenerator(2024)
	g.fill(24, 6, a, b)
	path := filepath.Join(t.TempDir(), "index.db")
	x := openIndex(t, path, index.Options{Reopen: reopen(a, b), Version: "first"})
	opt := index.IngestOptions{Workers: 1, SegmentDocs: 60, Keep: true}
	for range 2 {
		for _, m := range []*memory{a, b} {
			mustIngest(t, x, m, opt)
		}
		a.files[a.keys[0]] = records(g.next(), g.next(), g.next()) // a new version
		g.fill(6, 6, a, b)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, m := range []*memory{a, b} {
		setIntegrity(t, x, m.judge(rng))
	}
	format, err := strconv.Atoi(os.Getenv(writeEnv))
	if err != nil {
		t.Fatalf("%s is the number of the format: %v", writeEnv, err)
	}
	text, err := json.MarshalIndent(oldAnswers(t, x, format), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Join("testdata", "index-"+strconv.Itoa(format))
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{base + ".db.gz": zipped(t, whole), base + ".json": append(text, '\n')} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
