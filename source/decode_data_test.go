package source_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

const dataDir = "../../shared/data"

// logFiles is every file of a folder of real logs, by path; the test is skipped where the logs are not there.
func logFiles(tb testing.TB, dir string) map[string][]byte {
	tb.Helper()
	if _, err := os.Stat(dataDir); err != nil {
		tb.Skip("no real logs beside the module: " + err.Error())
	}
	files := map[string][]byte{}
	err := filepath.WalkDir(filepath.Join(dataDir, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

// Every source of real logs gives the number of events that two other programs counted.
func TestRealLogsGiveTheirEvents(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(dataDir, "facts.json"))
	if err != nil {
		t.Skip("no real logs beside the module: " + err.Error())
	}
	var facts struct {
		Sources map[string]struct{ Events int }
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		t.Fatal(err)
	}
	for dir, want := range facts.Sources {
		var d source.Decoder
		var got int
		for path, content := range logFiles(t, dir) {
			n := 0
			for e := range d.Events(strings.NewReader(string(content))) {
				n++
				if e.Flags&source.Reconstructed != 0 {
					got-- // in lower case: the two programs did not know them
				}
				if !json.Valid(e.Raw) {
					t.Errorf("%s: record %d is not JSON: %s", path, e.Position, e.Raw)
				}
			}
			s := d.Stats()
			if d.Err() != nil || s.Events != n || s.Salvaged != 0 && s.Salvaged != n {
				t.Errorf("%s: %d yielded, err %v, %+v", path, n, d.Err(), s)
			}
			got += s.Events - s.Salvaged
		}
		if got != want.Events {
			t.Errorf("%s: %d events, want %d", dir, got, want.Events)
		}
	}
}
