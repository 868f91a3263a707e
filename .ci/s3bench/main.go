// Command s3bench is what .ci/bench-s3 needs beside the programs it compares:
//
//	s3bench objects DIR N              N log files of a few events of the demo, laid out as a trail delivers them
//	s3bench proxy LISTEN UPSTREAM WAIT a proxy that keeps each request waiting
//	s3bench get BUCKET WORKERS         plain parallel GETs of a whole bucket, thrown away: the server's own floor
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/sourcetest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "s3bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "objects":
		n, err := strconv.Atoi(args[2])
		return errors.Join(err, objects(args[1], n))
	case len(args) == 4 && args[0] == "proxy":
		wait, err := time.ParseDuration(args[3])
		return errors.Join(err, proxy(args[1], args[2], wait))
	case len(args) == 3 && args[0] == "get":
		n, err := strconv.Atoi(args[2])
		return errors.Join(err, getAll(context.Background(), args[1], n))
	}
	return errors.New("objects DIR N | proxy LISTEN UPSTREAM WAIT | get BUCKET WORKERS")
}

// perObject is how many events an object holds: half of real log files hold 5 or less.
const perObject = 4

// objects writes the events of the demo again, a few a log file.
func objects(dir string, n int) error {
	d := demo.New(demo.Options{Events: n * perObject * 2})
	var dec source.Decoder
	var records []string
	written := 0
	for f, err := range d.List(context.Background()) {
		if err != nil {
			return err
		}
		key, ok := source.ParseKey(f.Key)
		if !ok || key.Kind != source.KindCloudTrail {
			continue
		}
		obj, err := d.Open(context.Background(), f)
		if err != nil {
			return err
		}
		for e := range dec.Events(obj.Body) {
			if records = append(records, string(e.Raw)); len(records) < perObject {
				continue
			}
			key.Unique = fmt.Sprintf("%016d", written)
			if err := write(filepath.Join(dir, filepath.FromSlash(key.String())), records); err != nil {
				return err
			}
			records = records[:0]
			if written++; written == n {
				return obj.Body.Close()
			}
		}
		if err := obj.Body.Close(); err != nil {
			return err
		}
	}
	return fmt.Errorf("only %d objects", written)
}

func write(path string, records []string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, sourcetest.Gzip([]byte(`{"Records":[`+strings.Join(records, ",")+`]}`)), 0o600)
}

// proxy passes bytes on both ways. What a client sends waits first: a request without a body, as all here are, arrives
// in one piece, so each waits once.
func proxy(listen, upstream string, wait time.Duration) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		client, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer client.Close()
			server, err := net.Dial("tcp", upstream)
			if err != nil {
				return
			}
			defer server.Close()
			go func() {
				defer server.Close()
				buf := make([]byte, 64<<10)
				for {
					n, err := client.Read(buf)
					time.Sleep(wait)
					if _, werr := server.Write(buf[:n]); err != nil || werr != nil {
						return
					}
				}
			}()
			_, _ = io.Copy(client, server)
		}()
	}
}

// getAll lists a bucket page by page and gets its objects side by side, of the endpoint the environment names.
func getAll(ctx context.Context, bucket string, workers int) error {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(
		func(t *http.Transport) { t.MaxIdleConnsPerHost = workers },
	)))
	if err != nil {
		return err
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle, o.DisableLogOutputChecksumValidationSkipped = true, true
	})
	keys := make(chan string, 1000)
	errs := make(chan error, workers)
	var getting sync.WaitGroup
	for range workers {
		getting.Go(func() {
			for key := range keys {
				out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
				if err == nil {
					_, err = io.Copy(io.Discard, out.Body)
					err = errors.Join(err, out.Body.Close())
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	n := 0
	for pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &bucket}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, o := range page.Contents {
			keys <- *o.Key
			n++
		}
	}
	close(keys)
	getting.Wait()
	select {
	case err := <-errs:
		return err
	default:
		fmt.Println(n, "objects")
		return nil
	}
}
