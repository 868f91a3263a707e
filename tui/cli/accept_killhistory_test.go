//go:build unix

package cli_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// After a kill only windows that were not finished, or are not final, are asked for again.
func TestKilledHistoryGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	a := sourcetest.NewAWS(t)
	regions := []string{"us-east-1", "us-west-2", "eu-west-1"}
	now := time.Now().UTC().Truncate(time.Second)
	busyHistory(a, now, regions)
	h := killUser(t, a)
	args := []string{"sync", "history:" + strings.Join(regions, ","), "--from", "-5d", "--lookup-rate", "100", "--index", filepath.Join(h.dir, "x.db")}
	var held map[string]bool
	for i := range 6 {
		a.Forget()
		c := h.command(args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(300+150*i) * time.Millisecond)
		_ = c.Process.Kill()
		_ = c.Wait()
		again(t, a, held)
		held = finalWindows(t, filepath.Join(h.dir, "x.db"))
	}
	a.Forget()
	h.must(t, args...)
	again(t, a, held)
	if n, final := len(lookups(a)), len(held); final < 20 {
		t.Errorf("%d windows were held before the last run, which asked for %d", final, n)
	}
	if n := h.must(t, "search", "--count", "--index", filepath.Join(h.dir, "x.db")); n != "9000\n" {
		t.Errorf("%s events, want 9000", n)
	}
}

// again checks that no window that was held for good was asked for.
func again(t *testing.T, a *sourcetest.AWS, held map[string]bool) {
	t.Helper()
	for w, n := range lookups(a) {
		if held[w] {
			t.Errorf("%s was held and was asked for %d times", w, n)
		}
	}
}

// finalWindows are the windows a store has for good, as lookups names them.
func finalWindows(t *testing.T, store string) map[string]bool {
	t.Helper()
	ix, err := index.Open(store, index.Options{})
	if err != nil {
		return nil // killed before there was one
	}
	defer ix.Close()
	held := map[string]bool{}
	rows, _, err := ix.Files(t.Context(), index.FilesOptions{States: []index.FileState{index.StateHeld}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		parts := strings.Split(r.Key, "/")
		name := strings.TrimSuffix(parts[len(parts)-1], ".json.gz")
		fields := append(strings.SplitN(name, "_", 3), "")
		at, err := time.Parse("20060102T1504Z", fields[0])
		if err != nil {
			t.Fatal(err)
		}
		if r.ETag == history.Final {
			held[parts[2]+" "+fields[2]+" "+at.Format(time.RFC3339)] = true
		}
	}
	return held
}
