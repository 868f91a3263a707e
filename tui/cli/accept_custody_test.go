package cli_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index"
)

// A custodyList is what index custody --format json prints, as far as it is checked.
type custodyList struct {
	Files []struct {
		Place, Key, State, SHA256, Kept, Verdict, By, Reason string
		Size                                                 int64
		Events, Matching                                     int
		Offset                                               *int64
	}
}

// An extraction is what index extract --format json prints, as far as it is checked.
type extraction struct {
	Files, Same, Sidecars int
	FromPlace             int `json:"from_place"`
	NotWritten            int `json:"not_written"`
	Complete              bool
	Problems              []index.ExtractProblem
}

// logsOf is a folder of log files: one of the real sets, else the demo.
func logsOf(t *testing.T, u *user) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "logs")
	if set := filepath.Join("../../../shared/data", "invictus-ir-aws_dataset-s3-layout"); os.CopyFS(dir, os.DirFS(set)) == nil {
		return dir
	}
	u.ok("demo", "--events", "2000", "--out", dir, "--quiet")
	return dir
}

// The hashes of the custody list are those of sha256sum, in every format.
func TestCustodyListIsThatOfSha256sum(t *testing.T) {
	u := newUser(t)
	dir := logsOf(t, u)
	u.sync(0, dir)
	want := map[string]string{}
	events := 0
	list := decode[custodyList](t, u.ok("index", "custody", "--format", "json"))
	for _, f := range list.Files {
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Key)))
		if err != nil {
			t.Fatal(err)
		}
		events += f.Events
		if f.State == "ignored" && f.SHA256 == "" {
			continue
		}
		want[f.Key] = f.SHA256
		if sum := sha256.Sum256(content); f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != int64(len(content)) || f.By != "test" {
			t.Errorf("%s: %+v, want SHA-256 %x", f.Key, f, sum)
		}
	}
	if st := u.count(""); events < st || len(want) == 0 {
		t.Errorf("%d events in %d files, %d in the store", events, len(want), st)
	}
	rows, err := csv.NewReader(strings.NewReader(u.ok("index", "custody"))).ReadAll()
	if err != nil || len(rows) != len(list.Files)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	var sums strings.Builder
	for _, row := range rows[1:] {
		if row[6] != want[row[1]] {
			t.Errorf("csv: %s of %s", row[6], row[1])
		}
		if row[6] != "" {
			fmt.Fprintf(&sums, "%s  %s\n", row[6], row[1])
		}
	}
	if path, err := exec.LookPath("sha256sum"); err == nil {
		cmd := exec.CommandContext(t.Context(), path, "-c", "--strict", "--quiet")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(sums.String())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("sha256sum: %v\n%s", err, out)
		}
	}
	// Of a query: those that hold its events.
	name := list.Files[0].Key
	of := decode[custodyList](t, u.ok("index", "custody", "--format", "json", `log="`+name+`"`))
	if len(of.Files) != 1 || of.Files[0].Key != name || of.Files[0].Matching != list.Files[0].Events {
		t.Errorf("of %s: %+v", name, of)
	}
}

// What is kept is written back byte for byte when its place is gone, whatever it came in.
func TestExtractAfterOriginalsAreGone(t *testing.T) {
	if testing.Short() {
		t.Skip("brings one archive in ten times")
	}
	u := newUser(t)
	dir := logsOf(t, u)
	logs := contents(t, dir)
	for name, data := range packed(t, logs) {
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
				if s := u.given(data, "sync", place, "--quiet"); s.code != 0 {
					t.Fatal(s.stderr)
				}
				if !stdin && !oneFile(name) { // this one is a log file that is referred to
					if err := os.Remove(place); err != nil {
						t.Fatal(err)
					}
				}
				out := filepath.Join(t.TempDir(), "out")
				ex := decode[extraction](t, u.ok("index", "extract", out, "--format", "json"))
				if ex.Files == 0 || ex.NotWritten != 0 || !ex.Complete {
					t.Errorf("%+v", ex)
				}
				wantLogs(t, out, name, data, logs)
			})
		}
	}
}

// oneFile says that a packing is a single log file and no archive of many.
func oneFile(name string) bool { return name == "logs.gz" || name == "logs.zst" || name == "logs.json" }

// wantLogs finds each log file, or the one they are all in, in what was extracted.
func wantLogs(t *testing.T, out, name string, packed []byte, logs map[string][]byte) {
	t.Helper()
	got := map[string]bool{}
	for _, content := range contents(t, out) {
		got[string(content)] = true
	}
	if oneFile(name) {
		if !got[string(packed)] {
			t.Error("not as it was delivered")
		}
		return
	}
	for key, content := range logs {
		if strings.Contains(key, "AWSLogs/") && !got[string(content)] {
			t.Errorf("%s is not as it was delivered", key)
		}
	}
}

// A bucket that is gone is written back with its metadata, so that what was written verifies as the bucket did.
func TestExtractedBucketVerifies(t *testing.T) {
	_, folder, keys := simulatedFolder(t, "clean")
	u, _ := behindProxy(t, "clean")
	u.sync(0, "s3://ct-clean")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1") // gone
	out := filepath.Join(t.TempDir(), "out")
	ex := decode[extraction](t, u.ok("index", "extract", out, "--format", "json", "--offline"))
	if ex.Files != 30 || ex.Sidecars != 6 || ex.NotWritten != 0 || ex.FromPlace != 0 {
		t.Errorf("%+v", ex)
	}
	got := contents(t, filepath.Join(out, "ct-clean"))
	for key, content := range contents(t, folder) {
		at := strings.Index(key, "AWSLogs/")
		if at >= 0 && !bytes.Equal(got[key[at:]], content) {
			t.Errorf("%s is not as delivered", key)
		}
	}
	v := u.run("verify", out, "--public-keys", keys, "--format", "json", "--no-state")
	if r := decode[verified](t, v.out); v.code != 0 || r.Digests.Valid != 6 || r.LogFiles.Valid != 24 {
		t.Errorf("exit %d, %+v %+v\n%s", v.code, r.Digests, r.LogFiles, v.stderr)
	}
}

// A folder that was moved is found again by its hashes; a file that was changed on the way is named.
func TestRelocateFolder(t *testing.T) {
	u := newUser(t)
	dir := logsOf(t, u)
	u.sync(0, dir)
	all := u.count("")
	var list custodyList
	for _, f := range decode[custodyList](t, u.ok("index", "custody", "--format", "json")).Files {
		if f.State == "held" && f.Events > 0 {
			list.Files = append(list.Files, f)
		}
	}
	moved := filepath.Join(t.TempDir(), "evidence")
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	changed := list.Files[0]
	path := filepath.Join(moved, filepath.FromSlash(changed.Key))
	content, err := os.ReadFile(path)
	if err == nil {
		content[len(content)/2] ^= 1
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if s := u.run("search", "--format", "jsonl", "--quiet"); s.code != 3 || s.out != "" {
		t.Errorf("before: exit %d, %d bytes", s.code, len(s.out))
	}
	dry := u.run("index", "relocate", dir, moved, "--dry-run")
	if dry.code != 3 || !strings.Contains(dry.out, "nothing was changed") || !strings.Contains(dry.out, changed.SHA256) {
		t.Errorf("dry run: exit %d\n%s%s", dry.code, dry.out, dry.stderr)
	}
	s := u.run("index", "relocate", dir, moved)
	if s.code != 3 || !strings.Contains(s.out, "the place is "+moved+" now") || !strings.Contains(s.out, "problem: "+changed.Key+": no file with its SHA-256") {
		t.Errorf("exit %d\n%s%s", s.code, s.out, s.stderr)
	}
	read := strings.Count(u.run("search", "--format", "jsonl", "--quiet").out, "\n")
	if read < all-changed.Events || read == all {
		t.Errorf("%d records of %d are read, %d of them in the changed file", read, all, changed.Events)
	}
	if got := u.run("index", "relocate", "nowhere", moved); got.code != 2 || !strings.Contains(got.stderr, "no place of this store") {
		t.Errorf("exit %d, %s", got.code, got.stderr)
	}
	// The store is that of the new place now, and has what is there but for the file that changed.
	before := len(stores(t))
	if sum := u.run("sync", moved, "--format", "json"); sum.code != 0 && sum.code != 3 || len(stores(t)) != before {
		t.Errorf("exit %d, %d stores\n%s", sum.code, len(stores(t)), sum.stderr)
	}
}

func stores(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.Getenv("XDG_DATA_HOME"), "trailsift", "*.db"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestIndexCommandsOfFiles(t *testing.T) {
	u := newUser(t)
	dir := logsOf(t, u)
	u.sync(0, dir)
	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{2, "needs a folder", []string{"index", "extract"}},
		{2, "query:", []string{"index", "extract", filepath.Join(t.TempDir(), "x"), "nosuch:("}},
		{2, "needs where", []string{"index", "relocate", dir}},
		{2, "--format xml", []string{"index", "custody", "--format", "xml"}},
		{3, "no such file", []string{"index", "relocate", dir, filepath.Join(dir, "nosuch")}},
		{0, "", []string{"index", "custody", "-event:*", "--in", dir}},
		{3, "write to", []string{"index", "extract", filepath.Join(dir, "..", "logs", "LICENSE", "x")}},
	} {
		if c.says == "write to" {
			if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("x"), 0o600); err != nil && !os.IsPermission(err) {
				t.Fatal(err)
			}
		}
		if s := u.run(c.args...); s.code != c.code || !strings.Contains(s.stderr, c.says) {
			t.Errorf("%q: exit %d, %s", c.args, s.code, s.stderr)
		}
	}
}
