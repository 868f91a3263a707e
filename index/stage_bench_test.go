package index

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

// stageFiles are the first log files, of some 40,000 events, of the archive in $TRAILSIFT_BENCH_ARCHIVE, as stored.
func stageFiles(b *testing.B) (files [][]byte) {
	b.Helper()
	dir := os.Getenv("TRAILSIFT_BENCH_ARCHIVE")
	if dir == "" {
		b.Skip("TRAILSIFT_BENCH_ARCHIVE names no archive")
	}
	size := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".gz") || strings.Contains(path, "Digest") {
			return err
		}
		text, err := os.ReadFile(path)
		files, size = append(files, text), size+len(text)
		if size > 6<<20 {
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return files
}

// stage runs a part of bringing in over the files; perEvent is called with each event. It reports nanoseconds an event.
func stage(b *testing.B, files [][]byte, perFile func(no uint32), perEvent func(e *source.Event), end func()) {
	b.Helper()
	var d source.Decoder
	events := 0
	for b.Loop() {
		for i, f := range files {
			perFile(uint32(i + 1))
			for e := range d.Events(bytes.NewReader(f)) {
				perEvent(e)
				events++
			}
		}
		end()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
}

// BenchmarkStage tells what the stages of bringing in cost, each with those before it: the difference is its own.
func BenchmarkStage(b *testing.B) {
	files := stageFiles(b)
	hash, err := newRawHash(make([]byte, hashKeySize))
	if err != nil {
		b.Fatal(err)
	}
	nothing, noFile := func() {}, func(uint32) {}
	b.Run("1-inflate", func(b *testing.B) {
		n := int64(0)
		for b.Loop() {
			n = 0
			for _, f := range files {
				k, err := io.Copy(io.Discard, source.NewContentReader(bytes.NewReader(f)))
				if n += k; err != nil {
					b.Fatal(err)
				}
			}
		}
		b.SetBytes(n)
	})
	b.Run("2-scan", func(b *testing.B) { stage(b, files, noFile, func(*source.Event) {}, nothing) })
	build := newBuilder(hash)
	file := func(no uint32) { build.addFile(builtFile{no: no, key: string(rune(no))}) }
	b.Run("3-add", func(b *testing.B) { stage(b, files, file, build.add, build.reset) })
	tokens := newTokenBuilder(make([]byte, hashKeySize))
	withTokens := func(e *source.Event) {
		build.add(e)
		tokens.add(e, &build.now)
	}
	b.Run("4-tokens", func(b *testing.B) {
		stage(b, files, func(no uint32) { file(no); tokens.begin(no) }, withTokens, func() {
			tokens.takeBatch()
			build.reset()
		})
	})
	b.Run("5-encode", func(b *testing.B) {
		stage(b, files, file, build.add, func() {
			build.encode(0, len(build.docs))
			build.reset()
		})
	})
}
