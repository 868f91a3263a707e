package index_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
)

const (
	childEnv   = "TRAILSIFT_TEST_INDEX"
	verdictEnv = "TRAILSIFT_TEST_VERDICTS" // the child changes verdicts
)

// crashShelf is a remote place, so that bytes are kept, with one log file that is written ahead.
func crashShelf() *shelf {
	s := newShelf("bucket")
	s.place.Remote = true
	for i := range 120 {
		s.put(fmt.Sprintf("%03d.json", i), numbered(20*i, 20*i+20))
	}
	pad := `,"pad":"` + strings.Repeat("x", 4000) + `"`
	var list []string
	for n := range 3000 {
		list = append(list, record(100_000+n, pad))
	}
	s.put("060-large.json", records(list...))
	return s
}

const crashEvents = 120*20 + 3000

var crashOptions = index.IngestOptions{Workers: 2, SegmentDocs: 100}

// TestCrashChild is run by TestKillLosesNothing in a process of its own.
func TestCrashChild(t *testing.T) {
	path := os.Getenv(childEnv)
	if path == "" {
		t.Skip("only in a process of its own")
	}
	x, err := index.Open(path, index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	if os.Getenv(verdictEnv) != "" {
		for turn := 0; ; turn++ {
			setIntegrity(t, x, crashVerdicts(turn))
		}
	}
	if _, err := x.Ingest(context.Background(), crashShelf(), crashOptions); err != nil {
		t.Fatal(err)
	}
	fmt.Println("whole")
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestKillLosesNothing kills a process that brings in, again and again, and expects each time that all that showed still
// shows, that whole log files came in, and that the next run goes on.
func TestKillLosesNothing(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	path := filepath.Join(t.TempDir(), "index.db")
	held, killed := 0, 0
	for round := range rounds {
		if crash(t, path, time.Duration(rand.IntN(250))*time.Millisecond) {
			killed++
		}
		x, err := index.Open(path, index.Options{})
		if err != nil {
			t.Fatal(err)
		}
		verify(t, x)
		st, err := x.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if st.Events < held || st.Events != st.Documents || st.Events%20 != 0 {
			t.Errorf("round %d: %d events after %d, %d documents", round, st.Events, held, st.Documents)
		}
		held = st.Events
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d runs were killed before their end, %d events by then", killed, rounds, held)
	x := openIndex(t, path, index.Options{})
	sum := bringIn(t, x, crashShelf(), crashOptions)
	if sum.Held != crashEvents || sum.Duplicates != 0 || sum.Events != crashEvents-held {
		t.Errorf("summary %+v, want %d events in all", sum, crashEvents)
	}
}

// crash starts a child and kills it after a while; it says whether the child was still at work.
func crash(t *testing.T, path string, after time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Errorf("the child says %q", lines.Text())
	}
	time.Sleep(after) // a real clock: the moment of the kill is what varies
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	whole := lines.Scan() && lines.Text() == "whole"
	_ = cmd.Wait() // killed
	return !whole
}

// crashVerdicts says valid and invalid in turn of all log files, and of many more.
func crashVerdicts(turn int) index.Integrity {
	verdict := []string{"valid", "invalid"}[turn%2]
	rep := index.Integrity{Place: crashShelf().place.ID, Notes: []string{verdict}}
	for i := range 120 {
		rep.Files = append(rep.Files, index.FileVerdict{Key: fmt.Sprintf("%03d.json", i), Verdict: verdict, Class: "log." + verdict})
	}
	for i := range 5000 {
		rep.Files = append(rep.Files, index.FileVerdict{Key: fmt.Sprintf("other-%05d", i), Verdict: verdict, Class: "log.missing"})
	}
	return rep
}

// TestKillChangesVerdictsWholeOrNotAtAll kills a process that changes all verdicts again and again: report, verdicts and
// the copies shown are those of one verification, each time.
func TestKillChangesVerdictsWholeOrNotAtAll(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	s := newShelf("bucket")
	for i := range 120 {
		s.put(fmt.Sprintf("%03d.json", i), numbered(20*i, 20*i+22)) // the last two are in the next one too
	}
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := index.Open(path, index.Options{Write: true, Reopen: reopenShelves(s)})
	if err != nil {
		t.Fatal(err)
	}
	bringIn(t, x, s, crashOptions)
	setIntegrity(t, x, crashVerdicts(0))
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv(verdictEnv, "1")
	for round := range rounds {
		crash(t, path, time.Duration(rand.IntN(150))*time.Millisecond)
		x, err := index.Open(path, index.Options{Write: round%2 == 0})
		if err != nil {
			t.Fatal(err)
		}
		verify(t, x)
		reports, err := x.Integrity(t.Context())
		if err != nil || len(reports) != 1 || len(reports[0].Notes) != 1 {
			t.Fatalf("%d reports, %v", len(reports), err)
		}
		said := reports[0].Notes[0]
		if all, n := count(t, x, "event:*"), count(t, x, "verdict:"+said); n != all || reports[0].Files[0].Verdict != said {
			t.Errorf("the report says %s of all %d events, %d have that verdict", said, all, n)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenSaysWhoHoldsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "index.db")
	x := openIndex(t, path, index.Options{})
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	_, err = index.Open(path, index.Options{Wait: 50 * time.Millisecond})
	var locked *index.LockedError
	if !errors.Is(err, index.ErrLocked) || !errors.As(err, &locked) || locked.PID != os.Getpid() || locked.Since.IsZero() {
		t.Errorf("error %v", err)
	}
	if err := x.Downgrade(); err != nil {
		t.Fatal(err)
	}
	y, err := index.Open(path, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	if _, err := x.Ingest(t.Context(), newShelf("a"), index.IngestOptions{}); !errors.Is(err, index.ErrReadOnly) {
		t.Errorf("bringing in read-only: %v", err)
	}
	if _, err := index.Open(path, index.Options{Write: true, Wait: 50 * time.Millisecond}); !errors.Is(err, index.ErrLocked) {
		t.Errorf("writing beside a reader: %v", err)
	}
}

func TestOpenRefusesWhatIsNoIndex(t *testing.T) {
	dir := t.TempDir()
	if _, err := index.Open(filepath.Join(dir, "none"), index.Options{}); !errors.Is(err, index.ErrNotExist) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	f := func(name string, write func(path string) error) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := write(path); err != nil {
			t.Fatal(err)
		}
		for _, writing := range []bool{false, true} {
			_, err := index.Open(path, index.Options{Write: writing})
			var format *index.FormatError
			if !errors.As(err, &format) || format.Hint() == "" {
				t.Errorf("%s (write %v): %v", name, writing, err)
			}
		}
	}
	f("text", func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("no index\n", 5000)), 0o600) })
	f("another bolt file", func(path string) error {
		return boltFile(path, func(tx *bolt.Tx) error { _, err := tx.CreateBucket([]byte("x")); return err })
	})
	f("newer format", func(path string) error {
		x, err := index.Open(path, index.Options{Write: true})
		if err != nil {
			return err
		}
		if err := x.Close(); err != nil {
			return err
		}
		return boltFile(path, func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("meta")).Put([]byte("format"), []byte{0, 0, 0, 0, 0, 0, 0, 99})
		})
	})
}

func boltFile(path string, change func(tx *bolt.Tx) error) error {
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	return errors.Join(db.Update(change), db.Close())
}

// TestCheckFindsDamage changes a byte of each value of an index and expects a finding or an error each time, and no
// panic.
func TestCheckFindsDamage(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(0, 50))
	s.put("b.json", numbered(40, 60))
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := index.Open(path, index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	bringIn(t, x, s, index.IngestOptions{Workers: 1, SegmentDocs: 30, HashContent: func(source.File) bool { return true }})
	setIntegrity(t, x, index.Integrity{Place: s.place.ID, Files: []index.FileVerdict{
		{Key: "a.json", Verdict: "valid", Class: "log.valid"},
		{Key: "b.json", Verdict: "invalid", Class: "log.modified"},
		{Key: "c.json", Verdict: "invalid", Class: "log.missing"},
	}})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, bucket := range []string{"manifest", "overlays", "places", "files", "segments", "integrity", "proofs", "tokens"} {
		for range 40 {
			if err := os.WriteFile(path, good, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := boltFile(path, func(tx *bolt.Tx) error { return damage(tx.Bucket([]byte(bucket)), rng) }); err != nil {
				t.Fatal(err)
			}
			if !noticed(t, path) {
				t.Errorf("damage in %s was not found", bucket)
			}
		}
	}
}

// damage changes one byte of one value.
func damage(b *bolt.Bucket, rng *rand.Rand) error {
	n := rng.IntN(b.Stats().KeyN)
	c := b.Cursor()
	k, v := c.First()
	for ; n > 0; n-- {
		if next, value := c.Next(); next != nil {
			k, v = next, value
		}
	}
	if v == nil {
		return damage(b.Bucket(k), rng)
	}
	v = append([]byte(nil), v...)
	v[rng.IntN(len(v))] ^= 1 << rng.IntN(8)
	return b.Put(k, v)
}

func noticed(t *testing.T, path string) bool {
	t.Helper()
	x, err := index.Open(path, index.Options{})
	if err != nil {
		return true
	}
	defer x.Close()
	found, err := x.Check(t.Context())
	return err != nil || len(found) > 0
}
