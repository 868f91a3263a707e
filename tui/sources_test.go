package tui

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mixed is ordinary log files with everything else a folder may hold.
func mixed() memory {
	m := ordinary(60)
	m["AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/05/d.json"] = []byte(`{"digestS3Object":"x","digestStartTime":"2026-03-05T00:00:00Z"}`)
	for key, text := range ordinary(20) {
		m["damaged\x1b[31m/"+filepath.Base(key)] = append(bytes.Clone(text[:4000]), "{{"...)
	}
	m["note\u202etxt.md"] = []byte("# just a note")
	m["records.json"] = []byte(`{"Records":[{"eventVersion":"1.08","eventName":"Left","eventSource":"s3.amazonaws.com","eventTime":"2026-03-05T10:00:00Z","eventID":"only here"}]}`)
	return m
}

// TestSourcesSaysWhatEachFileIs: states, what is wrong and where, filters, and the way to the events of a log file.
func TestSourcesSaysWhatEachFileIs(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {160, 45}} {
		d := newDriver(t, Options{Index: openIndex(t, mixed()), Places: "./logs"}, size[0], size[1])
		d.press("5").sees("[all 11]").sees("problems 2").sees("digests 1").sees("ignored 1").lacks("\x1b[31m/").lacks("\u202e")
		if at := strings.Index(d.screen(), "held "); strings.Contains(d.screen()[:at+200], "d.json") {
			t.Errorf("digests come first:\n%s", d.screen())
		}
		d.press("G").sees("digest").press("g")
		d.press("X").sees("[problems 2]").sees("not valid JSON at byte").press("X")
		d.press("l", "l", "l", "l").sees("[ignored 1]").sees("text").press("h", "h", "h", "h")
		d.press("/").typed("records.js").press("enter").sees("(1 with records.js)").sees("SHA-256 ")
		d.press("enter").sees("[1 Events]").sees("1 match").sees("Left")
	}
}

// TestSourcesWritesACustodyList: what the pane shows, as csv.
func TestSourcesWritesACustodyList(t *testing.T) {
	d := newDriver(t, Options{Index: openIndex(t, mixed()), Places: "./logs"}, 120, 40)
	path := filepath.Join(t.TempDir(), "custody.csv")
	d.press("5", "ctrl+s").sees("write to: trailsift-custody-20260305T123000Z.csv").press("ctrl+u").typed(path).press("enter").sees("11 log files")
	all := readCustody(t, path)
	if len(all) != 12 || all[0][6] != "sha256" {
		t.Fatalf("%d rows, %q", len(all), all[0])
	}
	problems := 0
	for _, row := range all[1:] {
		if row[3] == "problem" && row[16] != "" && row[17] != "" {
			problems++
		}
	}
	if problems != 2 {
		t.Errorf("%d problems with reason and byte", problems)
	}
	d.press("X", "ctrl+s", "ctrl+u").typed(path).press("enter").sees("exists: enter replaces it").press("enter").sees("2 log files")
	if some := readCustody(t, path); len(some) != 3 {
		t.Errorf("%d rows", len(some))
	}
	d.press("h", "h", "X", "/").typed("nothing has this").press("enter", "ctrl+s").sees("no log file is shown")
}

func readCustody(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestSourcesOfManyFiles goes through pages of a long list, and back.
func TestSourcesOfManyFiles(t *testing.T) {
	m := memory{}
	for i := range 2000 {
		m[fmt.Sprintf("f%04d.json", i)] = []byte(`{"Records":[]}`)
	}
	d := newDriver(t, Options{Index: openIndex(t, m), Places: "./logs"}, 80, 24)
	d.press("5").sees("f0000.json").press("G").sees("f1999.json").press("g").sees("f0000.json")
	for range 60 {
		d.press("pgdown")
	}
	d.press("/").typed("f123").sees("f1230.json").sees("(10 with f123)")
}
