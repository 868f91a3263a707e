package index_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

const holderEnv = "TRAILSIFT_TEST_HOLD"

// TestHolderChild is run by the tests below in a process of its own: it holds an index until its input ends.
func TestHolderChild(t *testing.T) {
	path := os.Getenv(holderEnv)
	if path == "" {
		t.Skip("only in a process of its own")
	}
	x, err := index.Open(path, index.Options{Write: os.Getenv("TRAILSIFT_TEST_WRITE") != ""})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// hold makes another process hold the index; the function given lets go of it.
func hold(t *testing.T, path string, write bool) (letGo func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHolderChild$")
	cmd.Env = append(os.Environ(), holderEnv+"="+path)
	if write {
		cmd.Env = append(cmd.Env, "TRAILSIFT_TEST_WRITE=1")
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	letGo = sync.OnceFunc(func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	t.Cleanup(letGo)
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	return letGo
}

func readOnly(t *testing.T, wait time.Duration) (*index.Index, *shelf, string) {
	t.Helper()
	s := newShelf("logs")
	s.put("a.json", numbered(0, 20))
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := index.Open(path, index.Options{Write: true, Wait: wait, Reopen: reopenShelves(s)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	mustIngest(t, x, s, index.IngestOptions{})
	if err := x.Downgrade(); err != nil {
		t.Fatal(err)
	}
	return x, s, path
}

// TestPromoteBringsMoreIn takes the write lock again while readers go on, brings more in and gives it back.
func TestPromoteBringsMoreIn(t *testing.T) {
	x, s, _ := readOnly(t, 0)
	if _, err := x.Ingest(t.Context(), s, index.IngestOptions{}); !errors.Is(err, index.ErrReadOnly) {
		t.Fatalf("bringing in while reading: %v", err)
	}
	r, err := x.Search(t.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var reading sync.WaitGroup
	for range 3 {
		reading.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n := 0
				for _, err := range r.Records(t.Context(), index.RecordsOptions{}) {
					if err != nil {
						t.Error(err)
						return
					}
					n++
				}
				if n != 20 {
					t.Errorf("a result from before has %d records", n)
					return
				}
			}
		})
	}
	for i := range 5 {
		s.put(fmt.Sprintf("b%d.json", i), numbered(20+20*i, 40+20*i))
		if err := x.Promote(t.Context()); err != nil {
			t.Fatal(err)
		}
		mustIngest(t, x, s, index.IngestOptions{})
		if err := x.Downgrade(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	reading.Wait()
	if n := count(t, x, "event:*"); n != 120 {
		t.Errorf("%d events", n)
	}
}

// TestPromoteNamesWhoHoldsTheFile finds the file held by another process: it says so, and reading goes on.
func TestPromoteNamesWhoHoldsTheFile(t *testing.T) {
	x, s, path := readOnly(t, 300*time.Millisecond)
	letGo := hold(t, path, false)
	err := x.Promote(t.Context())
	if locked, ok := errors.AsType[*index.LockedError](err); !ok || !errors.Is(err, index.ErrLocked) || locked.Path != path {
		t.Fatalf("beside a reader: %v", err)
	}
	if n := count(t, x, "event:*"); n != 20 {
		t.Errorf("%d events", n)
	}
	rep := index.Integrity{Place: s.place.ID, Files: []index.FileVerdict{{Key: "a.json", Verdict: "valid"}}}
	if err := x.SetIntegrity(t.Context(), rep); !errors.Is(err, index.ErrLocked) {
		t.Errorf("a verdict beside a reader: %v", err)
	}
	letGo()
	setIntegrity(t, x, rep)
	if n := count(t, x, "verdict:valid"); n != 20 {
		t.Errorf("%d valid events", n)
	}
}

// TestReaderComesBack loses the file to a writer, in the moment between the two locks, and reads again when that one is
// done.
func TestReaderComesBack(t *testing.T) {
	x, s, path := readOnly(t, 300*time.Millisecond)
	if err := x.LoseFile(); err != nil {
		t.Fatal(err)
	}
	letGo := hold(t, path, true)
	_, err := x.Search(t.Context(), query.All{}, index.SearchOptions{})
	if locked, ok := errors.AsType[*index.LockedError](err); !ok || locked.PID == 0 {
		t.Fatalf("beside a writer: %v", err)
	}
	if err := x.Promote(t.Context()); !errors.Is(err, index.ErrLocked) {
		t.Fatalf("beside a writer: %v", err)
	}
	letGo()
	if n := count(t, x, "event:*"); n != 20 {
		t.Errorf("%d events", n)
	}
	if err := x.Promote(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.put("b.json", numbered(20, 30))
	mustIngest(t, x, s, index.IngestOptions{})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if err := x.Promote(t.Context()); !errors.Is(err, index.ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
}
