package index_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
)

const (
	benchFiles     = 150
	benchPerFile   = 400
	benchUserAgent = "aws-cli/2.15.38 Python/3.11.8 Linux/6.1.0 source/x86_64.amzn.2023 prompt/off command/s3api.get-object"
)

// usual is a record of the size and the variety that accounts usually deliver: some 1,300 bytes.
func usual(rng *rand.Rand, n int) string {
	at := time.Date(2026, 7, 1, 0, 0, n/10, 0, time.UTC).Format(time.RFC3339)
	role, session := fmt.Sprintf("role-%d", n%37), fmt.Sprintf("session-%d", n%611)
	return fmt.Sprintf(`{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE%[2]s:%[3]s",`+
		`"arn":"arn:aws:sts::111111111111:assumed-role/%[2]s/%[3]s","accountId":"111111111111","accessKeyId":"ASIA%016[7]d",`+
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE%[2]s","arn":"arn:aws:iam::111111111111:role/%[2]s",`+
		`"accountId":"111111111111","userName":"%[2]s"},"attributes":{"creationDate":"2026-07-01T00:00:00Z","mfaAuthenticated":"false"}}},`+
		`"eventTime":%[4]q,"eventSource":"s3.amazonaws.com","eventName":"GetObject%[5]d","awsRegion":"eu-central-1",`+
		`"sourceIPAddress":"192.0.2.%[6]d","userAgent":"[%[9]s]","requestParameters":{"bucketName":"bucket-%[5]d",`+
		`"Host":"bucket-%[5]d.s3.eu-central-1.amazonaws.com","key":"data/2026/07/01/%08[1]d.parquet"},"responseElements":null,`+
		`"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredOut":%[1]d},`+
		`"requestID":%[8]q,"eventID":%[10]q,"readOnly":true,"resources":[{"type":"AWS::S3::Object",`+
		`"ARN":"arn:aws:s3:::bucket-%[5]d/data/2026/07/01/%08[1]d.parquet"}],"eventType":"AwsApiCall","managementEvent":false,`+
		`"recipientAccountId":"111111111111","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3"}}`,
		n, role, session, at, n%23, n%251, n%611, randomGUID(rng), benchUserAgent, randomGUID(rng))
}

func randomGUID(rng *rand.Rand) string {
	a, b := rng.Uint64(), rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}

func benchShelf(b *testing.B) (s *shelf, compressed, content int) {
	b.Helper()
	s = newShelf("bench")
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range benchFiles {
		var list []string
		for n := range benchPerFile {
			list = append(list, usual(rng, i*benchPerFile+n))
		}
		text := records(list...)
		stored := zipped(b, text)
		s.put(fmt.Sprintf("%03d.json.gz", i), stored)
		compressed, content = compressed+len(stored), content+len(text)
	}
	return s, compressed, content
}

// BenchmarkIngest brings 60,000 events in 150 log files in; BenchmarkGunzip inflates the same files on all cores, the
// yardstick.
func BenchmarkIngest(b *testing.B) { benchIngest(b, index.IngestOptions{}) }

// BenchmarkIngestHashed does the same with the content of each log file hashed on the way.
func BenchmarkIngestHashed(b *testing.B) {
	benchIngest(b, index.IngestOptions{HashContent: func(source.File) bool { return true }})
}

func benchIngest(b *testing.B, opt index.IngestOptions) {
	b.Helper()
	s, compressed, content := benchShelf(b)
	b.SetBytes(int64(content))
	events, bytesTaken, n := 0, int64(0), 0
	for b.Loop() {
		x, err := index.Open(filepath.Join(b.TempDir(), fmt.Sprintf("%d.db", n)), index.Options{Write: true})
		if err != nil {
			b.Fatal(err)
		}
		sum, err := x.Ingest(b.Context(), s, opt)
		if err != nil {
			b.Fatal(err)
		}
		events, bytesTaken, n = events+sum.Events, sum.IndexBytes, n+1
		if err := x.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytesTaken)/(benchFiles*benchPerFile), "B/event")
	b.ReportMetric(float64(bytesTaken)/float64(compressed), "index/gzip")
}

func BenchmarkGunzip(b *testing.B) {
	s, _, content := benchShelf(b)
	b.SetBytes(int64(content))
	for b.Loop() {
		files := make(chan []byte)
		var working sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			working.Go(func() {
				for stored := range files {
					if err := gunzip(stored); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for _, f := range s.files {
			files <- f.text
		}
		close(files)
		working.Wait()
	}
}

func gunzip(stored []byte) error {
	z, err := gzip.NewReader(bytes.NewReader(stored))
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, z)
	return err
}

// BenchmarkReadRecord reads records of log files of 400 back where they lie.
func BenchmarkReadRecord(b *testing.B) {
	s, _, _ := benchShelf(b)
	x, err := index.Open(filepath.Join(b.TempDir(), "i.db"), index.Options{Write: true, Reopen: reopenShelves(s)})
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	if _, err := x.Ingest(b.Context(), s, index.IngestOptions{}); err != nil {
		b.Fatal(err)
	}
	all := refs(b, x)
	i := 0
	for b.Loop() {
		mustRecord(b, x, all[i%len(all)])
		i += 7919
	}
}
