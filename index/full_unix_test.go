//go:build unix

package index_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/trailsift/trailsift/index"
)

const fullEnv = "TRAILSIFT_TEST_FULL"

// fullShelf is some MB, kept in the store.
func fullShelf() *shelf {
	s := newShelf("bucket")
	s.place.Remote = true
	pad := `,"pad":"` + strings.Repeat("x", 2000) + `"`
	for i := range 60 {
		var list []string
		for k := range 40 {
			list = append(list, record(40*i+k, pad))
		}
		s.put(fmt.Sprintf("%02d.json", i), records(list...))
	}
	return s
}

// TestFullChild is run by TestFullDisk in a process of its own, in which files end at some size as they do on a full disk.
func TestFullChild(t *testing.T) {
	path, size, ok := strings.Cut(os.Getenv(fullEnv), "|")
	if !ok {
		t.Skip("only in a process of its own")
	}
	n, err := strconv.ParseUint(size, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // the write is an error then
	limit := syscall.Rlimit{}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = min(limit.Cur, n)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	x, err := index.Open(path, index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	sum, err := x.Ingest(context.Background(), fullShelf(), index.IngestOptions{Workers: 1, SegmentDocs: 200})
	full := func(err error) bool { return err != nil && strings.Contains(err.Error(), syscall.EFBIG.Error()) } // bbolt hides it
	if !full(err) || !strings.Contains(err.Error(), path) || sum.Complete {
		t.Errorf("bringing in: %v, %+v", err, sum)
	}
	if _, err := x.Compact(context.Background(), index.CompactOptions{}); err != nil && !full(err) {
		t.Errorf("compacting: %v", err)
	}
	fmt.Println(sum.Held)
	verify(t, x)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestFullDisk fills the disk while a store grows, at several sizes: the error says so, the store is whole and has what it
// was said to hold, and goes on once there is room.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	for _, size := range []int{1_500_000, 3_000_000, 4_700_000} {
		path := filepath.Join(t.TempDir(), "index.db")
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullChild$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%d", fullEnv, path, size))
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = &said, io.Discard
		if err := cmd.Run(); err != nil {
			t.Fatalf("%d bytes: %v\n%s", size, err, said.String())
		}
		held, err := strconv.Atoi(strings.TrimSpace(strings.Split(said.String(), "\n")[0]))
		if err != nil {
			t.Fatal(err)
		}
		if beside, err := filepath.Glob(path + ".c*"); err != nil || len(beside) > 0 {
			t.Errorf("%v is left, %v", beside, err)
		}
		x := openIndex(t, path, index.Options{})
		verify(t, x)
		if n := count(t, x, "event:*"); n != held || n%40 != 0 || n == 60*40 {
			t.Errorf("%d bytes: %d events, %d were said to be held", size, n, held)
		}
		if sum := bringIn(t, x, fullShelf(), index.IngestOptions{}); sum.Held != 60*40 || sum.Duplicates != 0 {
			t.Errorf("with room again: %+v", sum)
		}
	}
}
