package tui

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exported exports by the keys of a menu line and gives what was written.
func exported(t *testing.T, d *driver, line, path string) []byte {
	t.Helper()
	d.press("ctrl+s", "g").sees("EXPORT")
	for range 20 {
		if rows := d.app.menu.rows; strings.HasPrefix(strings.Join(rows[d.app.menu.Cursor].cells, " "), line+" ") {
			break
		}
		d.press("j")
	}
	d.press("enter").sees("write to: ").press("ctrl+u").typed(path).press("enter").sees(filepath.Base(path))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", path, fi.Mode(), err)
	}
	return b
}

func TestExport(t *testing.T) {
	folder := t.TempDir()
	d := newDriver(t, small(t), 80, 24)
	lines := exported(t, d, "shown: 300 events jsonl", filepath.Join(folder, "a.jsonl"))
	d.sees("300 events, 236 kB, 300 session tokens: ")
	if n := bytes.Count(lines, []byte("\n")); n != 300 || !bytes.Contains(lines, []byte(`{"eventVersion":"1.11","userIdentity":`)) {
		t.Errorf("%d lines of %.80s", n, lines)
	}
	var doc struct{ Records []map[string]any }
	d.press("S")
	if err := json.Unmarshal(exported(t, d, "shown: 300 events json", filepath.Join(folder, "a.json")), &doc); err != nil || len(doc.Records) != 300 {
		t.Fatalf("%d records, %v", len(doc.Records), err)
	}
	if at := doc.Records[0]["eventTime"]; at != "2026-03-05T07:01:00Z" {
		t.Errorf("oldest first begins with %v", at)
	}
	d.press("S", "l", "s", "/").typed("event:PutObject").press("enter")
	table, err := csv.NewReader(bytes.NewReader(exported(t, d, "shown: 60 events csv", filepath.Join(folder, "a.csv")))).ReadAll()
	if err != nil || len(table) != 61 {
		t.Fatalf("%d lines, %v", len(table), err)
	}
	if got := strings.Join(table[0], " "); got != "time event user ip outcome" {
		t.Errorf("the columns are %s", got)
	}
	if got := strings.Join(table[1], " "); got != "2026-03-05T12:00:00Z PutObject alice 203.0.113.12 ok" {
		t.Errorf("the first line is %s", got)
	}
	// Marked events are written also where the filter hides them, in the order of the list.
	d.press("u", "u", "g", "space", "space", "/").typed("event:AssumeRole").press("enter", "space")
	marked := exported(t, d, "marked: 3 events jsonl", filepath.Join(folder, "m.jsonl"))
	if n := bytes.Count(marked, []byte("\n")); n != 3 || !bytes.Contains(marked, []byte("AssumeRole")) {
		t.Errorf("%d lines", n)
	}
	d.out = nil
	d.press("y", "m").sees("3 marked events").sees("contains 3 sessi")
	if len(d.out) != 1 || d.out[0] != string(marked) {
		t.Errorf("ym copies %.80q", d.out)
	}
}

// TestExportKeepsFiles: a file that is there is replaced only where its name is given twice; what fails leaves nothing.
func TestExportKeepsFiles(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "there")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, small(t), 80, 24)
	d.press("ctrl+s", "G", "k", "k", "enter", "ctrl+u").typed(path).press("enter").sees("exists: enter replaces it")
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Fatal("it was replaced at once")
	}
	d.press("esc").press("ctrl+s", "G", "k", "k", "enter", "ctrl+u").typed(path).press("enter").sees("exists: enter")
	d.press("enter").sees(filepath.Base(path))
	if b, _ := os.ReadFile(path); !strings.HasPrefix(string(b), "time,event") {
		t.Errorf("it holds %.40q", b)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	d.press("ctrl+s", "G", "k", "k", "enter", "ctrl+u").typed(filepath.Join(folder, "no", "x")).press("enter").sees("not exported: ")
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

// TestExportStops: ctrl+c ends an export and what it had written.
func TestExportStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	d := newDriver(t, small(t), 80, 24).press("ctrl+s", "enter", "ctrl+u").typed(path)
	d.update(keyMsg("enter"))
	if !d.app.export.on {
		t.Fatal("no export runs")
	}
	d.sees("exporting 0 of 300").update(keyMsg("q"))
	if d.sees("q again leaves"); d.done {
		t.Error("q leaves at once")
	}
	d.update(keyMsg("ctrl+c"))
	d.settle()
	d.sees("export stopped, nothing was left behind")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is there: %v", err)
	}
	if d.done {
		t.Error("ctrl+c quits")
	}
}

// TestExportHostile: cells that a spreadsheet would run are not formulas, and values keep what they are.
func TestExportHostile(t *testing.T) {
	m := memory{"a.json": []byte(`{"Records":[{"eventTime":"2026-03-05T11:00:00Z","eventName":"=cmd|' /C calc'!A0","userIdentity":{"type":"IAMUser","userName":"@x"}}]}`)}
	d := newDriver(t, Options{Index: openIndex(t, m)}, 80, 24)
	s := string(exported(t, d, "shown: 1 event csv", filepath.Join(t.TempDir(), "x.csv")))
	if !strings.Contains(s, ",'=cmd|' /C calc'!A0,'@x,") {
		t.Errorf("%q", s)
	}
}

// TestPrint: what is printed is escaped unless raw was asked for, with a notice.
func TestPrint(t *testing.T) {
	d := newDriver(t, Options{Index: openIndex(t, hostile(len(attacks)))}, 80, 24)
	printed := func(what exportWhat, raw bool) string {
		t.Helper()
		var out bytes.Buffer
		p := &printer{ctx: t.Context(), from: d.app.exportWriter(exportJob{what: what}), what: what, raw: raw, in: strings.NewReader("x"), out: &out}
		if r := d.app.events.Selected(); r != nil {
			p.event = r.Ref
		}
		p.value = d.app.valueUnderCursor()
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "any key comes back") {
			t.Error("it does not wait")
		}
		return out.String()
	}
	for _, what := range []exportWhat{exportShown, exportEvent, printValue} {
		for range 8 {
			clean(t, printed(what, false))
			d.press("j")
		}
	}
	if !strings.Contains(printed(exportShown, true), "\u202e") {
		t.Error("raw is not what was delivered")
	}
	d.press("P").sees("this event").sees("readable").press("r").sees("raw: nothing is escaped").sees("RAW: the bytes").press("r").lacks("RAW").press("esc")
	d.press("P", "G").sees("shown: 31 events").press("k").sees("not now: no event is marked").press("enter").press("esc")
}

// TestPrintMany: no more is printed than a person looks at, and it says so.
func TestPrintMany(t *testing.T) {
	d := newDriver(t, Options{Index: openIndex(t, ordinary(maxPrint+20))}, 80, 24)
	var out bytes.Buffer
	p := &printer{ctx: t.Context(), from: d.app.exportWriter(exportJob{what: exportShown}), what: exportShown, raw: true, in: io.MultiReader(), out: &out}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), `{"eventVersion"`); n != maxPrint || !strings.Contains(out.String(), "the first 1,000") {
		t.Errorf("%d records are printed", n)
	}
}
