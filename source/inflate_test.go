package source_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source"
)

func zipped(t *testing.T, content string) []byte {
	t.Helper()
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	z.Write([]byte(content))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestContentReaderGivesWhatSpansAreAbout(t *testing.T) {
	record := `{"eventVersion":"1.08","eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"GetObject"}`
	content := `{"Records":[` + strings.Repeat(record+",", 500) + record + `]}`
	file := zipped(t, content)
	flagged := bytes.Clone(file)
	flagged[3] |= 0x80
	for name, stored := range map[string][]byte{
		"plain": []byte(content), "gzip": file, "members": append(zipped(t, content[:5000]), zipped(t, content[5000:])...),
		"zeros behind": append(bytes.Clone(file), make([]byte, 512)...), "reserved flag": flagged,
		"cut": file[:len(file)/2], "junk behind": append(bytes.Clone(file), "junk"...),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := io.ReadAll(source.NewContentReader(bytes.NewReader(stored)))
			if damaged := name == "cut" || name == "junk behind"; (err != nil) != damaged {
				t.Error(err)
			}
			var d source.Decoder
			events := 0
			for e := range d.Events(bytes.NewReader(stored)) {
				at := e.Span.Offset
				if at+e.Span.Length > int64(len(got)) || string(got[at:at+e.Span.Length]) != string(e.Raw) {
					t.Fatalf("%s is not at %d of %d bytes", e.Raw, at, len(got))
				}
				events++
			}
			if events == 0 {
				t.Error("no events")
			}
		})
	}
}

func TestContentReaderPassesOnAFailure(t *testing.T) {
	file, failure := zipped(t, strings.Repeat("content ", 1000)), errors.New("connection reset")
	for _, end := range []int{0, 1, 5, 20, len(file) - 1} {
		c := source.NewContentReader(io.MultiReader(bytes.NewReader(file[:end]), iotest.ErrReader(failure)))
		for range 2 {
			if _, err := io.ReadAll(c); !errors.Is(err, failure) {
				t.Errorf("after %d bytes: %v, want %v", end, err, failure)
			}
		}
	}
}
