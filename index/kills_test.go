package index_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
)

const (
	killEnv = "TRAILSIFT_TEST_KILLED"
	// killFiles log files of killEvents events each come in one or two at a time: some hundred small segments.
	killFiles  = 240
	killEvents = 5
)

// killShelf has the first n of the log files. It is remote, so that bytes are kept.
func killShelf(n int) *shelf {
	s := newShelf("bucket")
	s.place.Remote = true
	for i := range n {
		s.put(fmt.Sprintf("%04d.json", i), numbered(killEvents*i, killEvents*(i+1)))
	}
	return s
}

// TestKilledChild is run by TestKillsAtRandom in a process of its own: it brings in a little at a time, which merges, and
// compacts often or seldom, until it is killed. Each line it prints is a promise.
func TestKilledChild(t *testing.T) {
	path := os.Getenv(killEnv)
	if path == "" {
		t.Skip("only in a process of its own")
	}
	x, err := index.Open(path, index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	st, err := x.Stats()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	files := st.Events / killEvents
	often := 1 + 40*rand.IntN(2) // to meet the kills in compacting, or in merging what is left small
	for turn := 1; ; turn++ {
		files = min(killFiles, files+1+turn%2)
		sum, err := x.Ingest(context.Background(), killShelf(files), index.IngestOptions{
			Workers: 1, SegmentDocs: 600, HashContent: func(source.File) bool { return true },
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println(sum.Held)
		if turn%often == 0 || files == killFiles {
			if _, err := x.Compact(context.Background(), index.CompactOptions{}); err != nil {
				t.Fatal(err)
			}
			fmt.Println(sum.Held)
		}
	}
}

// TestKillsAtRandom kills a process that brings in, merges and compacts (TRAILSIFT_KILLS times, else ten). Each time the
// store must be sound, hold all that was promised, and nothing twice.
func TestKillsAtRandom(t *testing.T) {
	kills := 10
	if testing.Short() {
		kills = 3
	}
	if n, err := strconv.Atoi(os.Getenv("TRAILSIFT_KILLS")); err == nil {
		kills = n
	}
	path := filepath.Join(t.TempDir(), "index.db")
	rounds, segments, midst := 1, 0, 0
	for kill := range kills {
		promised := killOne(t, path, time.Duration(rand.IntN(120))*time.Millisecond)
		if _, err := os.Stat(path + ".compact"); err == nil {
			midst++
		}
		x, err := index.Open(path, index.Options{Write: true})
		if err != nil {
			t.Fatalf("kill %d: %v", kill, err)
		}
		verify(t, x)
		st, err := x.Stats()
		if err != nil {
			t.Fatal(err)
		}
		if st.Events < promised || st.Events != st.Documents || st.Events%killEvents != 0 || st.Duplicates+st.Conflicts > 0 {
			t.Fatalf("kill %d: %d events in %d documents, %d were promised", kill, st.Events, st.Documents, promised)
		}
		segments = max(segments, st.Segments)
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		if st.Events == killFiles*killEvents { // begin anew
			wholeAfterKills(t, path)
			rounds++
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d kills, %d in the midst of compacting; %d stores, %d segments at most", kills, midst, rounds, segments)
	wholeAfterKills(t, path)
	if beside, err := filepath.Glob(path + ".compact"); err != nil || len(beside) > 0 {
		t.Errorf("%v is left, %v", beside, err)
	}
}

// wholeAfterKills lets the bringing in end: every record is there once, as it was delivered.
func wholeAfterKills(t *testing.T, path string) {
	t.Helper()
	x := openIndex(t, path, index.Options{})
	sum := bringIn(t, x, killShelf(killFiles), index.IngestOptions{})
	if sum.Held != killFiles*killEvents || sum.Duplicates != 0 {
		t.Fatalf("summary %+v", sum)
	}
	seen := map[string]bool{}
	for rec, err := range mustSearch(t, x, "").Records(t.Context(), index.RecordsOptions{}) {
		if err != nil || rec.Missing != "" || seen[string(rec.Raw)] {
			t.Fatalf("%s number %d: %v %s, twice %v", rec.Key, rec.Position, err, rec.Missing, seen[string(rec.Raw)])
		}
		seen[string(rec.Raw)] = true
	}
	for n := range killFiles * killEvents {
		if !seen[record(n, "")] {
			t.Fatalf("record %d is lost", n)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// killOne starts a child, kills it a while after it began, and gives what it promised.
func killOne(t *testing.T, path string, after time.Duration) (promised int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledChild$")
	cmd.Env = append(os.Environ(), killEnv+"="+path)
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
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // a real clock: the moment is what varies
	defer timer.Stop()
	for lines.Scan() {
		n, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			t.Fatalf("the child says %q", lines.Text())
		}
		promised = n
	}
	_ = cmd.Wait() // killed
	return promised
}
