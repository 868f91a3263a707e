//go:build unix

package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/cli"
)

// smallStore syncs a folder again and again while it grows and gives its store: many small segments.
func smallStore(u *user) (folder, store string) {
	u.t.Helper()
	folder = u.t.TempDir()
	for i := range 6 {
		for k := range 2 {
			n := 20*i + 10*k
			text := container(record(n, "alice", "GetUser", "192.0.2.1"), record(n+1, "bob", "ListRoles", "192.0.2.2"))
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%d-%d.json", i, k)), text, 0o600); err != nil {
				u.t.Fatal(err)
			}
		}
		u.sync(0, folder)
	}
	return folder, storesOf(u.t)[0]
}

// TestCompactCommand compacts a store: the same answers from a smaller file with fewer segments, told as text and as JSON.
func TestCompactCommand(t *testing.T) {
	u := newUser(t)
	_, store := smallStore(u)
	before := u.ok("search", "--format", "jsonl")
	got := decode[struct {
		Store          string
		Events         int
		BytesBefore    int64 `json:"bytes_before"`
		BytesAfter     int64 `json:"bytes_after"`
		SegmentsBefore int   `json:"segments_before"`
		SegmentsAfter  int   `json:"segments_after"`
	}](t, u.ok("index", "compact", "--format", "json"))
	info, err := os.Stat(store)
	if err != nil || got.Store != store || got.Events != 24 || got.SegmentsBefore < 3 || got.SegmentsAfter != 1 ||
		got.BytesAfter >= got.BytesBefore || info.Size() != got.BytesAfter {
		t.Errorf("%+v, %v", got, err)
	}
	if after := u.ok("search", "--format", "jsonl"); after != before || len(lines(after)) != 24 {
		t.Errorf("%d events after, %d before", len(lines(after)), len(lines(before)))
	}
	if text := u.ok("index", "compact", filepath.Base(store)[:4]); !strings.Contains(text, "1 segment, were 1") {
		t.Errorf("once more: %q", text)
	}
	u.ok("index", "check")
	if s := u.run("index", "compact", "--index", filepath.Join(t.TempDir(), "none.db")); s.code != 2 || !strings.Contains(s.stderr, "no store at") {
		t.Errorf("no such store: %d, %s", s.code, s.stderr)
	}
}

// TestCompactNeedsRoom refuses where the disk has no room for another file, and leaves the store as it is.
func TestCompactNeedsRoom(t *testing.T) {
	u := newUser(t)
	_, store := smallStore(u)
	before := modified(t, []string{store})
	var out, stderr bytes.Buffer
	code := cli.Run([]string{"index", "compact"}, cli.Env{
		Stdout: &out, Stderr: &stderr, Getenv: os.Getenv, Now: time.Now, Version: "test",
		Free: func(string) (int64, bool) { return 500_000_100, true },
	})
	if code != 3 || !strings.Contains(stderr.String(), "are needed on its disk and --min-free 500 MB are to stay") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	if after := modified(t, []string{store}); after[store] != before[store] {
		t.Error("the store was changed")
	}
}

// TestWaitsForTheStore finds the store in another's hands: without --wait it says whose, with it goes on once it is free.
func TestWaitsForTheStore(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for some seconds")
	}
	u := newUser(t)
	folder, store := smallStore(u)
	x, err := index.Open(store, index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"sync", folder}} {
		s := u.run(args...)
		if s.code != 3 || !strings.Contains(s.stderr, fmt.Sprintf("is in use by process %d (", os.Getpid())) || !strings.Contains(s.stderr, "--wait") {
			t.Errorf("%v: exit code %d: %s", args, s.code, s.stderr)
		}
	}
	freed := make(chan error, 1)
	go func() {
		time.Sleep(3 * time.Second) // longer than a command waits by itself
		freed <- x.Close()
	}()
	s := u.run("search", "--wait", "--count")
	if s.code != 0 || strings.TrimSpace(s.out) != "24" || !strings.Contains(s.stderr, "waiting: ") || strings.Count(s.stderr, "waiting") != 1 {
		t.Errorf("exit code %d: %q, %s", s.code, s.out, s.stderr)
	}
	if err := <-freed; err != nil {
		t.Fatal(err)
	}
}
