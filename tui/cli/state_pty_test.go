//go:build unix

package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// states are the files that say what comes back at the next visit, below a user's folder.
func (h *home) states(t *testing.T) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(h.dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(filepath.Base(path), ".state") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// TestExploreState: what was marked comes back, from a file beside the store that only the user can read; with --no-state
// nothing is read or written; with the store its file is removed.
func TestExploreState(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	logs := filepath.Dir(h.file(t, "logs/a.json", `{"Records":[{"eventTime":"2026-03-05T12:00:00Z","eventName":"GetObject","eventID":"00000000-0000-4000-8000-000000000001"},`+
		`{"eventTime":"2026-03-05T12:01:00Z","eventName":"PutObject","eventID":"00000000-0000-4000-8000-000000000002"}]}`))
	visit := func(see string, args []string, keys ...string) {
		t.Helper()
		p := h.screen(t, 80, 24, append(args, logs)...)
		p.wait(`2 events`)
		p.wait(see)
		p.keys(keys...)
		p.settle()
		p.quit()
	}
	visit(`PutObject`, []string{"--no-state"}, " ", "T")
	if got := h.states(t); len(got) != 0 {
		t.Fatalf("--no-state leaves %q", got)
	}
	visit(`PutObject`, nil, " ")
	got := h.states(t)
	if len(got) != 1 {
		t.Fatalf("kept in %q", got)
	}
	if fi, err := os.Stat(got[0]); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi, err)
	}
	visit(`\* 03-05 12:01:00 PutObject`, nil)
	visit(` {3}03-05 12:00:00 GetObject`, []string{"--no-state"})
	h.must(t, "index", "rm", "--yes", strings.TrimSuffix(got[0], ".state"))
	if got := h.states(t); len(got) != 0 {
		t.Errorf("left after the store was removed: %q", got)
	}
}

// TestExploreTimeline: from the picture of the demo to who did what at its worst hour, and back.
func TestExploreTimeline(t *testing.T) {
	t.Parallel()
	p := newHome(t).screen(t, 80, 24, "demo", "--events", "5000")
	p.wait(`integrity: 1 altered`)
	p.keys("2")
	p.wait(`bars of .* peak`)
	p.keys("E")
	p.wait(`[1-9]\d* errors? +`)
	p.keys("v", "h", "z")
	p.wait(`zoomed`)
	p.keys("s")
	p.wait(`split by service`)
	p.keys("0", "G", enter)
	p.wait(`\[1 Events\]`)
	p.wait(`time:2026-`)
	p.keys("p")
	p.wait(`same principal .*[\d,]+ +[\d,]+`)
	p.esc()
	p.keys("F")
	p.wait(`FREQUENCY of event`)
	p.quit()
}
