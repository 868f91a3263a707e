package digest_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"github.com/trailsift/trailsift/source/digest"
)

// benchArchive has some 40 MB of content in 120 log files.
func benchArchive() (a *archive, size int64) {
	a = newArchive()
	r := rand.New(rand.NewPCG(1, 2))
	for _, d := range a.digests {
		d.logs = nil
		for j := range 20 {
			l := newLog(d.start.Add(1), fmt.Sprint("file ", j))
			var text bytes.Buffer
			text.WriteString(`{"Records":[{"x":"` + fmt.Sprint(d.start.UnixNano(), j) + `"}`)
			for range 600 {
				fmt.Fprintf(&text, `,{"eventVersion":"1.09","eventTime":"2026-03-10T00:%02d:%02dZ","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.%d","userAgent":"aws-cli/2.15.0","eventID":"%016x-%016x","requestParameters":{"bucketName":"data","key":"k%d"},"recipientAccountId":"111122223333","eventCategory":"Data"}`,
					r.IntN(60), r.IntN(60), r.IntN(256), r.Uint64(), r.Uint64(), r.IntN(1e6))
			}
			text.WriteString("]}")
			l.text = text.Bytes()
			size += int64(text.Len())
			d.logs = append(d.logs, l)
		}
	}
	a.seal()
	return a, size
}

func BenchmarkVerify(b *testing.B) {
	a, size := benchArchive()
	m := a.offline()
	b.SetBytes(size)
	for b.Loop() {
		if _, err := digest.Verify(b.Context(), m, digest.Options{Keys: a.keys, To: a.to}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGunzipSHA256 is what the work cannot be done without: all files inflated and hashed on all cores.
func BenchmarkGunzipSHA256(b *testing.B) {
	a, size := benchArchive()
	m := a.offline()
	b.SetBytes(size)
	for b.Loop() {
		var g errgroup.Group
		g.SetLimit(runtime.NumCPU())
		for _, o := range m.objects {
			g.Go(func() error {
				z, err := gzip.NewReader(bytes.NewReader(o.body))
				if err != nil {
					return err
				}
				_, err = io.Copy(sha256.New(), z)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
	}
}
