package cli_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// Without --limit search prints every event, however few values facets shows without one.
func TestSearchPrintsAllEvents(t *testing.T) {
	u := newUser(t)
	var records []string
	for n := range 30 {
		records = append(records, strings.Replace(sourcetest.Record(n), "ListBuckets", "Call"+strconv.Itoa(n), 1))
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "log.json"), []byte("["+strings.Join(records, ",")+"]"), 0o600); err != nil {
		t.Fatal(err)
	}
	u.sync(0, folder)
	for format, more := range map[string]int{"jsonl": 0, "json": 0, "csv": 1, "table": 1} {
		if n := len(lines(u.ok("search", "--format", format))); n != 30+more {
			t.Errorf("search --format %s: %d lines, want %d", format, n, 30+more)
		}
	}
	if n := len(lines(u.ok("search", "--limit", "7"))); n != 7 {
		t.Errorf("search --limit 7: %d lines", n)
	}
	if f := u.facet("event", 0); f.Distinct != 30 || len(f.Values) != 30 {
		t.Errorf("facets event --limit 0: %+v", f)
	}
	if f := decode[facet](t, u.ok("facets", "event", "--format", "json")); f.Distinct != 30 || len(f.Values) != 20 {
		t.Errorf("facets event: %+v", f)
	}
}
