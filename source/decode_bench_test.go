package source_test

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source"
)

// benchContents are real trail files, plain: 2,288 events of some 1.4 KB.
func benchContents(b *testing.B) (contents [][]byte, size int64) {
	b.Helper()
	for _, dir := range []string{"invictus-ir-aws_dataset", "opensearch-catalog"} {
		files := logFiles(b, dir)
		var paths []string
		for path := range files {
			paths = append(paths, path)
		}
		slices.Sort(paths)
		for _, path := range paths {
			contents = append(contents, files[path])
			size += int64(len(files[path]))
		}
	}
	return contents, size
}

func compressed(b *testing.B, contents [][]byte) (files [][]byte) {
	b.Helper()
	for _, content := range contents {
		var file bytes.Buffer
		z := gzip.NewWriter(&file)
		if _, err := z.Write(content); err != nil {
			b.Fatal(err)
		}
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
		files = append(files, file.Bytes())
	}
	return files
}

func benchDecode(b *testing.B, files [][]byte, size int64) {
	b.Helper()
	var d source.Decoder
	var r bytes.Reader
	events := 0
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, file := range files {
			r.Reset(file)
			for range d.Events(&r) {
				events++
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkDecode(b *testing.B) {
	contents, size := benchContents(b)
	benchDecode(b, contents, size)
}

func BenchmarkDecodeGzip(b *testing.B) {
	contents, size := benchContents(b)
	benchDecode(b, compressed(b, contents), size)
}

// BenchmarkGunzip is the inflater alone on the same files: the yardstick of bringing in.
func BenchmarkGunzip(b *testing.B) {
	contents, size := benchContents(b)
	files := compressed(b, contents)
	var z gzip.Reader
	b.SetBytes(size)
	for b.Loop() {
		for _, file := range files {
			if err := z.Reset(bytes.NewReader(file)); err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, &z); err != nil {
				b.Fatal(err)
			}
		}
	}
}
