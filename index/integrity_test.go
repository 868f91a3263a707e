package index_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

func mustIngest(t *testing.T, x *index.Index, src source.Source, opt index.IngestOptions) {
	t.Helper()
	if _, err := x.Ingest(t.Context(), src, opt); err != nil {
		t.Fatal(err)
	}
}

// count is how many events a query finds.
func count(t *testing.T, x *index.Index, text string) int {
	t.Helper()
	n, err := query.Parse(text, index.Schema(), query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := x.Search(t.Context(), n, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Count()
}

// TestVerdictChangesWithoutIndexingAgain asks the same questions before and after each verification, of an index that
// is open for reading, and again when it is opened anew.
func TestVerdictChangesWithoutIndexingAgain(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(0, 3))
	s.put("b.json", numbered(3, 5))
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := index.Open(path, index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	mustIngest(t, x, s, index.IngestOptions{})
	if err := x.Downgrade(); err != nil {
		t.Fatal(err)
	}
	expect := func(want map[string]int) {
		t.Helper()
		for text, n := range want {
			if got := count(t, x, text); got != n {
				t.Errorf("%s finds %d events, want %d", text, got, n)
			}
		}
		if bad, err := x.Check(t.Context()); err != nil || len(bad) > 0 {
			t.Errorf("check: %v %q", err, bad)
		}
	}
	expect(map[string]int{"verdict:unchecked": 5, "verdict:valid": 0, "verdict:val*": 0, "copy-verdict:invalid": 0, "-verdict:valid": 5, "verdict:*": 5})
	before := x.Generation()
	setIntegrity(t, x, index.Integrity{Place: s.place.ID, Files: []index.FileVerdict{
		{Key: "a.json", Verdict: "valid", Class: "log.valid", Reason: "as listed"},
		{Key: "b.json", Verdict: "invalid", Class: "log.modified", Reason: "another hash"},
	}})
	if x.Generation() <= before {
		t.Error("the generation did not grow")
	}
	expect(map[string]int{"verdict:unchecked": 0, "verdict:valid": 3, "verdict:val*": 3, "copy-verdict:invalid": 2, "-verdict:valid": 2, "verdict:*": 5, "verdict!=valid": 2})
	terms, err := x.Terms(t.Context(), "verdict", "", 0)
	if diff := gocmp.Diff([]index.ValueCount{{Value: "valid", Count: 3}, {Value: "invalid", Count: 2}}, terms); err != nil || diff != "" {
		t.Errorf("terms: %v %s", err, diff)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if x, err = index.Open(path, index.Options{}); err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	expect(map[string]int{"verdict:invalid": 2, "verdict:valid": 3})
	setIntegrity(t, x, index.Integrity{Place: s.place.ID, Files: []index.FileVerdict{{Key: "b.json", Verdict: "valid", Class: "log.valid"}}})
	expect(map[string]int{"verdict:unchecked": 3, "verdict:valid": 2, "verdict:val*": 2, "copy-verdict:invalid": 0})
}

// TestWordsOfAVerdict reads the reasons beside the verdicts: of a record, of its copies, of the ledger.
func TestWordsOfAVerdict(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(0, 1))
	s.put("b.json", numbered(0, 2))
	s.put("c.json", []byte("x"))
	s.change("c.json", func(f *shelfFile) { f.fail = fmt.Errorf("no such luck") })
	x := openShelf(t, s)
	mustIngest(t, x, s, index.IngestOptions{})
	setIntegrity(t, x, index.Integrity{Place: s.place.ID, Files: []index.FileVerdict{
		{Key: "b.json", Verdict: "valid", Class: "log.valid", Reason: "as listed"},
		{Key: "a.json", Verdict: "invalid", Class: "log.modified", Reason: "another hash"},
		{Key: "c.json", Verdict: "unverified", Class: "log.unreadable", Reason: "no such luck"},
	}})
	rows, _, err := x.Files(t.Context(), index.FilesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r.Key+" "+r.Verdict+" "+r.Class+": "+r.VerdictReason)
	}
	want := []string{"a.json invalid log.modified: another hash", "b.json valid log.valid: as listed", "c.json unverified log.unreadable: no such luck"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	r, err := x.Search(t.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := r.Page(t.Context(), 0, 10, []string{"log", "verdict", "copy-verdict"})
	if err != nil || len(page) != 2 {
		t.Fatalf("%v %v", page, err)
	}
	i := slices.IndexFunc(page, func(r index.Row) bool { return r.Values[2] == "invalid" })
	if i < 0 || page[i].Values[1] != "valid" || page[i].Verdict != "valid" {
		t.Fatalf("%v: want an event of valid b.json with an invalid copy", page)
	}
	rec, err := x.Record(t.Context(), page[i].Ref)
	if err != nil || rec.Key != "b.json" || rec.Verdict != "valid" || rec.Class != "log.valid" || rec.Reason != "as listed" {
		t.Errorf("%+v %v", rec, err)
	}
	if len(rec.Copies) != 2 || rec.Copies[1].Verdict != "invalid" || rec.Copies[1].Shown {
		t.Errorf("%+v", rec.Copies)
	}
}

func openShelf(t *testing.T, s *shelf) *index.Index {
	t.Helper()
	return openIndex(t, filepath.Join(t.TempDir(), "index.db"), index.Options{Reopen: reopenShelves(s)})
}

// TestIntegrityIsKept puts all that a verification can say in and reads it back.
func TestIntegrityIsKept(t *testing.T) {
	at := time.Date(2026, 7, 1, 10, 0, 0, 5, time.UTC)
	rep := index.Integrity{
		Place: "shelf:logs", Checked: at, From: at.Add(-time.Hour), To: at,
		Keys:     []index.TrustedKey{{Fingerprint: "ab", Origin: "ListPublicKeys", Region: "eu-west-1"}},
		Ranges:   []index.RangeVerdict{{Class: "range.hole", Account: "1", Region: "r", Trail: "t", From: at, To: at.Add(time.Hour), Reason: "why"}},
		Problems: []index.FileProblem{{File: "x", Reason: "y"}}, Notes: []string{"a", "b"},
	}
	for i := range 1300 { // more than two chunks
		v := index.FileVerdict{Key: fmt.Sprintf("log-%05d", i), Verdict: "valid", Class: "log.valid", Expected: "00", Computed: "00", KeySource: "k"}
		if i%7 == 0 {
			v.Computed, v.Verdict, v.Class, v.Reason = "11", "invalid", "log.modified", "changed"
			v.Oldest, v.Newest = at, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		v.Digest = i%100 == 0
		rep.Files = append(rep.Files, v)
	}
	rep.Chains = []index.Chain{{Org: "o", Account: "1", Region: "r", Trail: "t", Home: "h", Backfill: true, Digests: []index.ChainDigest{
		{File: 100, Start: at, End: at.Add(time.Hour), Starting: true, Logs: []int{1299, 3, 4}},
		{File: 0, End: at, Logs: []int{}},
		{File: 200},
	}}}
	x := openShelf(t, newShelf("logs"))
	shuffled := rep
	shuffled.Files = slices.Clone(rep.Files) // in another order: files are put in order, and named anew in the chains
	slices.Reverse(shuffled.Files)
	last := len(rep.Files) - 1
	shuffled.Chains = []index.Chain{rep.Chains[0]}
	shuffled.Chains[0].Digests = []index.ChainDigest{
		{File: last - 100, Start: at, End: at.Add(time.Hour), Starting: true, Logs: []int{last - 1299, last - 3, last - 4}},
		{File: last, End: at, Logs: []int{}},
		{File: last - 200},
	}
	for _, given := range []index.Integrity{rep, shuffled} {
		setIntegrity(t, x, given, index.Integrity{Place: "shelf:other"})
		got, err := x.Integrity(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]index.Integrity{rep, {Place: "shelf:other"}}, got, cmpopts.IgnoreFields(index.Integrity{}, "Files")); diff != "" {
			t.Error(diff)
		}
		if !slices.Equal(got[0].Files, rep.Files) {
			t.Error("the files differ")
		}
	}
	if bad, err := x.Check(t.Context()); err != nil || len(bad) > 0 {
		t.Errorf("check: %v %q", err, bad)
	}
}

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// TestVerdictIsOfTheVersionHeld changes a log file in its place before and after it came in: what is said of the bytes
// there now holds for the version held only if its content is what a proven digest lists.
func TestVerdictIsOfTheVersionHeld(t *testing.T) {
	delivered, altered := numbered(0, 2), numbered(0, 3)
	valid := index.FileVerdict{Key: "a.json", Verdict: "valid", Class: "log.valid", Expected: sumOf(delivered), Computed: sumOf(delivered)}
	modified := index.FileVerdict{Key: "a.json", Verdict: "invalid", Class: "log.modified", Expected: sumOf(delivered), Computed: sumOf(altered)}
	missing := index.FileVerdict{Key: "a.json", Verdict: "invalid", Class: "log.missing", Expected: sumOf(delivered)}
	unproven := index.FileVerdict{Key: "a.json", Verdict: "unverified", Class: "log.unverified", Expected: sumOf(delivered), Computed: sumOf(delivered)}
	hash := index.IngestOptions{HashContent: func(source.File) bool { return true }}
	for _, c := range []struct {
		name  string
		held  []byte
		said  index.FileVerdict
		want  string
		class string
	}{
		{"as it is", delivered, valid, "valid", "log.valid"},
		{"altered when it came in, restored since", altered, valid, "invalid", "log.modified"},
		{"altered since", delivered, modified, "valid", "log.valid"},
		{"altered when it came in", altered, modified, "invalid", "log.modified"},
		{"gone since", delivered, missing, "valid", "log.valid"},
		{"altered, and gone", altered, missing, "invalid", "log.missing"},
		{"unproven", delivered, unproven, "unverified", "log.unverified"},
		{"unproven, another one is there now", altered, unproven, "unchecked", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			verdictOf := func(x *index.Index) (string, string) {
				rows, _, err := x.Files(t.Context(), index.FilesOptions{})
				if err != nil || len(rows) != 1 {
					t.Fatal(rows, err)
				}
				return rows[0].Verdict, rows[0].Class
			}
			s := newShelf("logs")
			s.put("a.json", c.held)
			rep := index.Integrity{Place: s.place.ID, Files: []index.FileVerdict{c.said}}
			after, before := openShelf(t, s), openShelf(t, s)
			mustIngest(t, after, s, hash)
			setIntegrity(t, after, rep)
			setIntegrity(t, before, rep)
			mustIngest(t, before, s, hash)
			for _, x := range []*index.Index{after, before} {
				if v, class := verdictOf(x); v != c.want || class != c.class {
					t.Errorf("%s %s, want %s %s", v, class, c.want, c.class)
				}
				if n := count(t, x, "verdict:"+c.want); n == 0 {
					t.Errorf("no event is %s", c.want)
				}
			}
		})
	}
}

// TestNewVersionIsUnchecked brings in another version of a verified log file: nothing is known of that one.
func TestNewVersionIsUnchecked(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(0, 2))
	x := openShelf(t, s)
	mustIngest(t, x, s, index.IngestOptions{})
	setIntegrity(t, x, index.Integrity{Place: s.place.ID, Files: []index.FileVerdict{{Key: "a.json", Verdict: "valid", Class: "log.valid"}}})
	s.put("a.json", numbered(1, 4))
	mustIngest(t, x, s, index.IngestOptions{})
	if v, u := count(t, x, "verdict:valid"), count(t, x, "verdict:unchecked"); v != 2 || u != 2 {
		t.Errorf("%d valid, %d unchecked; want 2 of the first version and 2 that only the second has", v, u)
	}
}

// TestProofsRemember puts what was found in files, and asks for it as the listing changes.
func TestProofsRemember(t *testing.T) {
	place := source.Place{ID: "shelf:logs", Text: "./logs"}
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := index.Open(path, index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Downgrade(); err != nil {
		t.Fatal(err)
	}
	f := source.File{Key: "a.json.gz", SizeBytes: 12, ETag: "e", ModTime: time.Unix(5, 7).UTC()}
	c := source.ContentHash{Sum: sha256.Sum256([]byte("x")), Size: 99, First: '{', Trailing: true, Damage: "odd"}
	meta := map[string]string{"x-amz-meta-signature": "00"}
	p := x.Proofs(place)
	p.PutContent(f, c)
	p.PutObject(f, []byte("digest"), meta)
	for round := range 3 {
		if got, ok := p.Content(f); !ok || got != c {
			t.Errorf("round %d: %v %v", round, got, ok)
		}
		if data, m, ok := p.Object(f); !ok || string(data) != "digest" || m["x-amz-meta-signature"] != "00" {
			t.Errorf("round %d: %q %v %v", round, data, m, ok)
		}
		for name, change := range map[string]func(*source.File){
			"size": func(f *source.File) { f.SizeBytes++ },
			"etag": func(f *source.File) { f.ETag = "f" },
			"time": func(f *source.File) { f.ModTime = f.ModTime.Add(1) },
			"key":  func(f *source.File) { f.Key = "b" },
		} {
			g := f
			change(&g)
			if _, ok := p.Content(g); ok {
				t.Errorf("round %d: found in spite of another %s", round, name)
			}
			if _, _, ok := p.Object(g); ok {
				t.Errorf("round %d: a digest in spite of another %s", round, name)
			}
		}
		switch round {
		case 0:
			if err := p.Flush(); err != nil {
				t.Fatal(err)
			}
			p = x.Proofs(place)
		case 1:
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			if x, err = index.Open(path, index.Options{}); err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			p = x.Proofs(place)
		}
	}
	if _, ok := x.Proofs(source.Place{ID: "shelf:other"}).Content(f); ok {
		t.Error("found in another place")
	}
	g := f
	g.ETag = "second version"
	p.PutContent(g, source.ContentHash{Size: 1})
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, v := range []source.File{f, g} {
		if _, ok := p.Content(v); !ok {
			t.Errorf("version %s was forgotten", v.ETag)
		}
	}
}

// TestHeldSourceGivesWhatIsHeld lists and opens what a store holds: kept with its metadata, referred to, changed, failed.
func TestHeldSourceGivesWhatIsHeld(t *testing.T) {
	for _, remote := range []bool{true, false} {
		t.Run(fmt.Sprintf("remote %v", remote), func(t *testing.T) {
			s := newShelf("logs")
			s.place.Remote = remote
			s.put("a.json", numbered(0, 2))
			s.put("b.json", numbered(2, 4))
			s.put("c.json", numbered(4, 6))
			s.change("c.json", func(f *shelfFile) { f.fail = fmt.Errorf("no such luck") })
			x, err := index.Open(filepath.Join(t.TempDir(), "index.db"), index.Options{Write: true, Reopen: reopenShelves(s)})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			mustIngest(t, x, s, index.IngestOptions{})
			changed := numbered(7, 9)
			s.put("b.json", changed)
			held := x.HeldSource(s.place)
			var keys []string
			got := map[string]string{}
			for f, err := range held.List(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				keys = append(keys, f.Key)
				obj, err := held.Open(t.Context(), f)
				if err != nil {
					got[f.Key] = err.Error()
					continue
				}
				text, err := io.ReadAll(obj.Body)
				if got[f.Key] = string(text); err != nil {
					got[f.Key] = err.Error()
				}
				obj.Body.Close()
			}
			want := map[string]string{
				"a.json": string(numbered(0, 2)), "b.json": string(numbered(2, 4)),
				"c.json": "c.json: it could not be read when it was brought in: no such luck",
			}
			if !remote {
				want["b.json"] = "b.json: it has changed since it was brought in"
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if !slices.Equal(keys, []string{"a.json", "b.json", "c.json"}) {
				t.Error(keys)
			}
			if _, err := held.Open(t.Context(), source.File{Key: "d.json"}); err == nil {
				t.Error("d.json was opened")
			}
		})
	}
}

// TestContentIsHashedOnTheWay brings log files in with their content hashed, and finds it where nothing is odd.
func TestContentIsHashedOnTheWay(t *testing.T) {
	text := numbered(0, 3)
	s := newShelf("logs")
	s.put("plain.json", text)
	s.put("sound.json.gz", zipped(t, text))
	s.put("two.json.gz", append(zipped(t, text), zipped(t, text)...))
	s.put("cut.json.gz", zipped(t, text)[:60])
	s.put("unasked.json.gz", zipped(t, text))
	x := openShelf(t, s)
	mustIngest(t, x, s, index.IngestOptions{HashContent: func(f source.File) bool { return f.Key != "unasked.json.gz" }})
	p := x.Proofs(s.place)
	want := source.ContentHash{Sum: sha256.Sum256(text), Size: int64(len(text)), First: text[0]}
	for f, err := range s.List(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got, ok := p.Content(f)
		switch f.Key {
		case "plain.json":
			plain := want
			plain.Plain = true
			if got != plain {
				t.Errorf("%s: %+v, want %+v", f.Key, got, plain)
			}
		case "sound.json.gz":
			if got != want {
				t.Errorf("%s: %+v, want %+v", f.Key, got, want)
			}
		default:
			if ok {
				t.Errorf("%s: %+v, want nothing", f.Key, got)
			}
		}
	}
	if bytes.Equal(want.Sum[:], make([]byte, 32)) {
		t.Error("nothing was hashed")
	}
}

// TestVerdictNeedsTheSameBytes verifies bytes in a place that are not those held: nothing is said of those. Where the log
// file is gone, its kept bytes speak for themselves.
func TestVerdictNeedsTheSameBytes(t *testing.T) {
	held := numbered(0, 2)
	s := newShelf("bucket")
	s.place.Remote = true
	s.put("a.json", held)
	x := openShelf(t, s)
	mustIngest(t, x, s, index.IngestOptions{})
	expect := func(said index.FileVerdict, want string) {
		t.Helper()
		setIntegrity(t, x, index.Integrity{Place: s.place.ID, Files: []index.FileVerdict{said}})
		if n := count(t, x, "verdict:"+want); n != 2 {
			t.Errorf("%s: %d events are %s", said.Class, n, want)
		}
	}
	gone := index.FileVerdict{Key: "a.json", Verdict: "invalid", Class: "log.missing", Expected: sumOf(held)}
	expect(gone, "valid")
	gone.Expected = sumOf([]byte("another"))
	expect(gone, "invalid")
	p := x.Proofs(s.place)
	p.PutContent(source.File{Key: "a.json", SizeBytes: 7, ETag: "later"}, source.ContentHash{})
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	expect(index.FileVerdict{Key: "a.json", Verdict: "valid", Class: "log.valid", Expected: sumOf(held), Computed: sumOf(held)}, "unchecked")
}

// TestReportNamesItsOwnFiles refuses a report whose chains point beyond its files.
func TestReportNamesItsOwnFiles(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(0, 3))
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	for _, d := range []index.ChainDigest{{File: 2}, {File: -1}, {File: 0, Logs: []int{1, 2}}, {File: 1, Logs: []int{-1}}} {
		rep := index.Integrity{
			Place:  s.place.ID,
			Files:  []index.FileVerdict{{Key: "b", Verdict: "valid", Digest: true}, {Key: "a.json", Verdict: "valid"}},
			Chains: []index.Chain{{Trail: "main", Digests: []index.ChainDigest{d}}},
		}
		if err := x.SetIntegrity(t.Context(), rep); err == nil || !strings.Contains(err.Error(), "not in the report") {
			t.Errorf("%+v: %v", d, err)
		}
	}
	if n := count(t, x, "verdict:unchecked"); n != 3 {
		t.Errorf("%d events are unchecked", n)
	}
}
