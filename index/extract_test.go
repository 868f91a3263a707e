package index_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// extract writes the log files of an index and holds SHA256SUMS to what lies there.
func extract(t *testing.T, x *index.Index, dir string, r *index.Result) index.Extraction {
	t.Helper()
	ex, err := x.Extract(t.Context(), index.ExtractOptions{Dir: dir, Result: r})
	if err != nil {
		t.Fatal(err)
	}
	wantSums(t, dir)
	return ex
}

// wantSums holds SHA256SUMS to the files of a folder: each once, with its hash, and by sha256sum -c where there is one.
func wantSums(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, index.SumsName))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		listed[name] = sum
	}
	there := files(t, dir)
	delete(there, index.SumsName)
	if len(there) != len(listed) || strings.Count(string(text), "\n") != len(listed) {
		t.Errorf("%d files, %d listed:\n%s", len(there), len(listed), text)
	}
	for name, content := range there {
		if sum := sha256.Sum256(content); listed[name] != hex.EncodeToString(sum[:]) {
			t.Errorf("%q is listed as %q, not %x", name, listed[name], sum)
		}
	}
	if path, err := exec.LookPath("sha256sum"); err == nil && len(listed) > 0 {
		cmd := exec.CommandContext(t.Context(), path, "-c", "--strict", "--quiet", index.SumsName)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("sha256sum -c: %v\n%s", err, out)
		}
	}
}

// files are the regular files below a folder by their slash-separated paths. It fails where one is open to others.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 && info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		if !d.Type().IsRegular() {
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		all[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// caseShelf is a place that is called logs, as a folder would be.
func caseShelf() *shelf {
	s := newShelf("logs")
	s.place.ID = "file:/cases/logs"
	return s
}

// largeLog is more than 8 MB of records that gzip to little.
func largeLog() []byte {
	pad := `,"pad":"` + strings.Repeat("0123456789abcdef", 300) + `"`
	list := make([]string, 2000)
	for n := range list {
		list[n] = record(n, pad)
	}
	return records(list...)
}

// TestExtractAfterOriginalsAreGone brings in what is kept in each of its forms and finds it again byte for byte.
func TestExtractAfterOriginalsAreGone(t *testing.T) {
	large := largeLog()
	for _, remote := range []bool{true, false} {
		s := caseShelf()
		s.place.Remote = remote
		s.put("small.json.gz", zipped(t, numbered(5000, 5010)))
		s.put("plain/large.json", large)
		s.put("packed/large.json.gz", zipped(t, large))
		want := map[string][]byte{}
		for key, f := range s.files {
			if remote || strings.Contains(key, "large") {
				want["logs/"+key] = f.text
			}
		}
		x := newIndex(t, s)
		bringIn(t, x, s, index.IngestOptions{Workers: 1})
		s.files = nil
		dir := t.TempDir()
		ex := extract(t, x, dir, nil)
		got := files(t, dir)
		for name, content := range want {
			if !bytes.Equal(got[name], content) {
				t.Errorf("remote %t: %s is not as delivered", remote, name)
			}
		}
		if ex.Files != len(want) || !ex.Complete || ex.NotThere != 3-len(want) || len(got) != len(want)+1 {
			t.Errorf("remote %t: %+v; %d files", remote, ex, len(got))
		}
		if !remote && (len(ex.Problems) != 1 || ex.Problems[0].File != "small.json.gz" || ex.Problems[0].SHA256 == "") {
			t.Errorf("what is gone: %+v", ex.Problems)
		}
	}
}

// TestExtractReadsWhatIsUnchanged writes what is only referred to from its place, as long as it is what came in.
func TestExtractReadsWhatIsUnchanged(t *testing.T) {
	s := caseShelf()
	s.put("a.json", numbered(1, 5))
	s.put("b.json", numbered(5, 9))
	s.put("c.json", numbered(20, 29))
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	s.change("b.json", func(f *shelfFile) { f.text = bytes.Replace(f.text, []byte("192.0.2.5"), []byte("192.0.2.9"), 1) })
	delete(s.files, "c.json")
	dir := t.TempDir()
	ex := extract(t, x, dir, nil)
	if ex.Files != 1 || ex.FromPlace != 1 || ex.NotThere != 2 {
		t.Errorf("%+v", ex)
	}
	if got := files(t, dir); !bytes.Equal(got["logs/a.json"], numbered(1, 5)) || len(got) != 2 {
		t.Errorf("%d files", len(got))
	}
	for i, want := range []string{"changed at ./logs/b.json", "no longer at ./logs/c.json: "} {
		if !strings.HasPrefix(ex.Problems[i].Reason, want) {
			t.Errorf("%s, want %s", ex.Problems[i].Reason, want)
		}
	}
}

// TestExtractHostileKeys gives keys that would lead elsewhere, hide what they are, or take each other's place.
func TestExtractHostileKeys(t *testing.T) {
	s := newShelf("..")
	s.place = source.Place{Text: "s3://../../x", ID: "s3:x", Remote: true}
	keys := []string{
		"../outside.json", "/absolute.json", "a/../../b.json", "./c.json", "d//e.json", "x/..", "x/.", "f/", "g\\..\\h.json", "i\x00j.json",
		"k\nl.json", "m\x1b[31m.json", "n\u202eo.json", "\xff\xfe.json", " leading", "trailing ", "-rf", "*", "q%2F..%2Fr", "q/../r", "%",
		"both", "both/below", "both/below/it", strings.Repeat("long", 200), strings.Repeat("deep/", 400) + "x", "SHA256SUMS", "con", "~", "日本.json",
		strings.Repeat("long", 200) + "2", "q%252F..%252Fr",
	}
	for i, key := range keys {
		s.put(key, numbered(10*i, 10*i+2))
	}
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	dir := filepath.Join(t.TempDir(), "inner", "out")
	ex := extract(t, x, dir, nil)
	if ex.Files != len(keys) || ex.NotThere != 0 {
		t.Errorf("%+v", ex)
	}
	got := files(t, dir)
	if len(got) != len(keys)+1 {
		t.Errorf("%d files for %d keys", len(got), len(keys))
	}
	for name := range got {
		if strings.ContainsAny(name, "\\\n\r\x00\x1b") || strings.Contains(name, "\u202e") {
			t.Errorf("a file is called %q", name)
		}
	}
	for name, key := range map[string]string{"-rf": "-rf", "日本.json": "日本.json", "%2E%2E/outside.json": "../outside.json"} {
		if _, ok := got["%2E%2E/"+name]; !ok {
			t.Errorf("%q is not %q", key, name)
		}
	}
	if all := files(t, filepath.Dir(filepath.Dir(dir))); len(all) != len(got) {
		t.Errorf("%d files lie outside of the folder", len(all)-len(got))
	}
}

// TestExtractWritesNothingOver leaves what is there: other files, and links, wherever they lead.
func TestExtractWritesNothingOver(t *testing.T) {
	s := caseShelf()
	s.place.Remote = true
	for i, key := range []string{"a.json", "b/c.json", "d.json", "e.json", "f/g.json"} {
		s.put(key, numbered(10*i, 10*i+2))
	}
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	outside, dir := t.TempDir(), t.TempDir()
	for _, name := range []string{"logs/d.json", "victim"} {
		path := filepath.Join(dir, name)
		if name == "victim" {
			path = filepath.Join(outside, name)
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("mine"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	err := errors.Join(
		os.Symlink(filepath.Join(outside, "victim"), filepath.Join(dir, "logs/a.json")),
		os.Symlink(outside, filepath.Join(dir, "logs/b")),
		os.Symlink(".", filepath.Join(dir, "logs/f")),
	)
	if err != nil {
		t.Skip("no links here: ", err)
	}
	ex, err := x.Extract(t.Context(), index.ExtractOptions{Dir: dir})
	if err != nil || ex.Files != 1 || ex.NotThere != 4 {
		t.Errorf("%+v, %v", ex, err)
	}
	if got := files(t, outside); len(got) != 1 || string(got["victim"]) != "mine" {
		t.Errorf("outside: %q", got)
	}
	if got := files(t, dir); string(got["logs/d.json"]) != "mine" || !bytes.Equal(got["logs/e.json"], numbered(30, 32)) {
		t.Errorf("%d files", len(got))
	}
}

// TestExtractGoesOn begins again after an interruption and after another query, and lists all that was written.
func TestExtractGoesOn(t *testing.T) {
	s := newShelf("bucket")
	s.place.Remote = true
	s.place.Text = "s3://bucket/prefix"
	for i := range 9 {
		s.put(fmt.Sprintf("prefix/%d.json", i), numbered(10*i, 10*i+10))
	}
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{})
	dir := t.TempDir()
	one, err := x.Search(t.Context(), mustParse(t, "id="+guid(42)), index.SearchOptions{})
	if err != nil || one.Count() != 1 {
		t.Fatalf("%d events, %v", one.Count(), err)
	}
	if ex := extract(t, x, dir, one); ex.Files != 1 || ex.NotThere != 0 {
		t.Errorf("of one event: %+v", ex)
	}
	if got := files(t, dir); !bytes.Equal(got["bucket/prefix/4.json"], numbered(40, 50)) || len(got) != 2 {
		t.Errorf("%d files", len(got))
	}
	if ex := extract(t, x, dir, nil); ex.Files != 8 || ex.Same != 1 {
		t.Errorf("all: %+v", ex)
	}
	if ex := extract(t, x, dir, one); ex.Files != 0 || ex.Same != 1 {
		t.Errorf("again: %+v", ex)
	}
}

func mustParse(t *testing.T, text string) query.Node {
	t.Helper()
	node, err := query.Parse(text, index.Schema(), query.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return node
}
