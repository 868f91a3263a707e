package inflate_test

import (
	"bufio"
	"bytes"
	stdgzip "compress/gzip"
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/inflate"
)

const benchEvents = 20_000

// demoRecords are the demo's first records as delivered.
var demoRecords = sync.OnceValues(func() ([][]byte, error) {
	place := demo.New(demo.Options{Events: benchEvents + 2000})
	var d source.Decoder
	var records [][]byte
	for file, err := range place.List(context.Background()) {
		if err != nil || len(records) >= benchEvents {
			return records, err
		}
		object, err := place.Open(context.Background(), file)
		if err != nil {
			return nil, err
		}
		for e := range d.Events(object.Body) {
			records = append(records, bytes.Clone(e.Raw))
		}
		object.Body.Close()
	}
	return records, nil
})

// logFiles are log files of so many events each, compressed as Go's own gzip does it, and the size of their content.
func logFiles(tb testing.TB, events int) (files [][]byte, size int64) {
	tb.Helper()
	records, err := demoRecords()
	if err != nil {
		tb.Fatal(err)
	}
	for i := 0; i+events <= min(len(records), benchEvents); i += events {
		content := `{"Records":[` + string(bytes.Join(records[i:i+events], []byte(","))) + `]}`
		files = append(files, compress(tb, []byte(content), stdgzip.DefaultCompression))
		size += int64(len(content))
	}
	return files, size
}

func compress(tb testing.TB, content []byte, level int) []byte {
	tb.Helper()
	var file bytes.Buffer
	z, err := stdgzip.NewWriterLevel(&file, level)
	if err != nil {
		tb.Fatal(err)
	}
	_, err = z.Write(content)
	if err := errors.Join(err, z.Close()); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

type gunzipper interface {
	io.Reader
	Reset(r io.Reader) error
}

// benchGunzip reads files of 400 and of 5 events into a buffer of the decoder's size.
func benchGunzip(b *testing.B, z gunzipper) {
	b.Helper()
	for _, events := range []int{400, 5} {
		b.Run("events="+strconv.Itoa(events), func(b *testing.B) {
			files, size := logFiles(b, events)
			var r bytes.Reader
			buffered := bufio.NewReaderSize(nil, 64<<10)
			buf := make([]byte, 128<<10)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				for _, file := range files {
					r.Reset(file)
					buffered.Reset(&r)
					if err := z.Reset(buffered); err != nil {
						b.Fatal(err)
					}
					for {
						_, err := z.Read(buf)
						if errors.Is(err, io.EOF) {
							break
						}
						if err != nil {
							b.Fatal(err)
						}
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(files)*events), "ns/event")
		})
	}
}

func BenchmarkInflate(b *testing.B)   { benchGunzip(b, new(inflate.Reader)) }
func BenchmarkKlauspost(b *testing.B) { benchGunzip(b, new(gzip.Reader)) }
func BenchmarkStdlib(b *testing.B)    { benchGunzip(b, new(stdgzip.Reader)) }
