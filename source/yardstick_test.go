package source_test

import (
	"bufio"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// BenchmarkYardstick gunzips every log file of the archive in $TRAILSIFT_BENCH_ARCHIVE on all cores and throws the
// bytes away: the fixed limit that bringing in is measured against, in the same run on the same machine.
func BenchmarkYardstick(b *testing.B) {
	dir := os.Getenv("TRAILSIFT_BENCH_ARCHIVE")
	if dir == "" {
		b.Skip("TRAILSIFT_BENCH_ARCHIVE names no archive")
	}
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".gz") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		var next, inflated atomic.Int64
		var wg sync.WaitGroup
		for range runtime.NumCPU() {
			wg.Go(func() {
				n, err := gunzipAll(files, &next)
				inflated.Add(n)
				if err != nil {
					b.Error(err)
				}
			})
		}
		wg.Wait()
		b.SetBytes(inflated.Load())
	}
	b.ReportMetric(float64(len(files)), "files")
}

// gunzipAll inflates files by a shared counter until none is left, and gives the bytes inflated.
func gunzipAll(files []string, next *atomic.Int64) (total int64, err error) {
	in, z := bufio.NewReaderSize(nil, 64<<10), new(gzip.Reader)
	for {
		i := int(next.Add(1)) - 1
		if i >= len(files) {
			return total, nil
		}
		f, err := os.Open(files[i])
		if err != nil {
			return total, err
		}
		in.Reset(f)
		if err := z.Reset(in); err != nil {
			return total, err
		}
		n, err := io.Copy(io.Discard, z)
		f.Close()
		if err != nil {
			return total, err
		}
		total += n
	}
}
