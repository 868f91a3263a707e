package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// oddFiles writes records in shapes whose records are worked out from their file, not read from a place in it.
func oddFiles(t *testing.T, records []string) map[string]string {
	t.Helper()
	text := func(v any) string {
		t.Helper()
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var events []any
	var twice, utf16 strings.Builder
	var table bytes.Buffer
	w := csv.NewWriter(&table)
	_ = w.Write([]string{"eventTime", "eventJson"})
	utf16.WriteString("\xff\xfe")
	for _, r := range records {
		events = append(events, map[string]any{"id": "1", "message": r})
		twice.WriteString(text(text(r)) + "\n")
		_ = w.Write([]string{"t", r})
		for _, c := range []byte(r + "\r\n") {
			utf16.Write([]byte{c, 0})
		}
	}
	w.Flush()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(text(map[string]any{"messageType": "DATA_MESSAGE", "logEvents": events})))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	zs, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"packed.json": text(map[string]any{"awslogs": map[string]any{"data": base64.StdEncoding.EncodeToString(packed.Bytes())}}),
		"twice.json":  twice.String(),
		"lake.csv":    table.String(),
		"power.json":  utf16.String(),
		"trail.zst":   string(zs.EncodeAll([]byte(`{"Records":[`+strings.Join(records, ",")+`]}`), nil)),
	}
}

// The same records in shapes that do not hold them as they are give the same answers, and the same bytes.
func TestOddShapesAnswerAsTheLogFile(t *testing.T) {
	folder := realLogs(t, "stratus-red-team")
	all, _ := plainFolder(t, folder) // licences are no JSON
	var records []string
	for _, e := range all {
		if isASCII(e.line) {
			records = append(records, e.line)
		}
	}
	answers := func(content string) []string {
		t.Helper()
		u := newUser(t)
		u.store = filepath.Join(t.TempDir(), "store.db")
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		u.sync(0, dir)
		got := lines(u.ok("search", "--format", "jsonl"))
		for _, query := range []string{"error:*", "readonly:false", "us-east-1", "*amazon*", "raw:/arn:aws:[a-z]+/", "requestParameters.bucketName:*"} {
			got = append(got, query+" "+u.ok("search", "--count", query))
		}
		return append(got, u.ok("facets", "event"), u.ok("facets", "ip"))
	}
	want := answers(`{"Records":[` + strings.Join(records, ",") + `]}`)
	for name, content := range oddFiles(t, records) {
		if diff := gocmp.Diff(want, answers(content)); diff != "" {
			t.Errorf("%s (-log file +odd):\n%.3000s", name, diff)
		}
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Names say nothing, and half a file gives its half.
func TestNamesAndHalvesAreForgiven(t *testing.T) {
	record := func(i string) string {
		return `{"eventVersion":"1.08","eventTime":"2026-01-02T03:04:05Z","eventSource":"s","eventName":"A","eventID":"0000000` + i + `-1111-4111-8111-111111111111"}`
	}
	zip := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	zs, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	whole := zip(record("3"))
	dir := t.TempDir()
	for name, content := range map[string]string{
		"plain.json.gz": record("1"), "gzip.txt": zip(record("2")), "half.json.gz": whole[:len(whole)-9], "behind.json.gz": zip(record("4")) + "junk",
		"zstd.json": string(zs.EncodeAll([]byte(record("5")), nil)), "lines.csv": record("6") + "\n", "no-name": record("7"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	u := newUser(t)
	u.store = filepath.Join(t.TempDir(), "store.db")
	if s := u.sync(3, dir); s.Events != 7 || s.Salvaged != 2 || len(s.Problems) != 2 {
		t.Errorf("%+v", s)
	}
}
