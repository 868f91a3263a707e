package query_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index/query"
)

// realRecords are records of an archive beside the module, at most 20,000.
func realRecords(b *testing.B) (records [][]byte, size int64) {
	b.Helper()
	root := filepath.Join("..", "..", "..", "shared", "data", "invictus-ir-aws_dataset")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || len(records) > 20_000 || !strings.Contains(path, ".json") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if zip, err := gzip.NewReader(bytes.NewReader(content)); err == nil {
			if content, err = io.ReadAll(zip); err != nil {
				return err
			}
		}
		var file struct{ Records []json.RawMessage }
		if err := json.Unmarshal(content, &file); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, r := range file.Records {
			records = append(records, r)
			size += int64(len(r))
		}
		return nil
	})
	if err != nil || len(records) == 0 {
		b.Skip("no archive beside the module: ", err)
	}
	return records, size
}

// What a scan of raw records costs; the archive's gunzip is the measure (design.md).
func BenchmarkCompileRaw(b *testing.B) {
	records, size := realRecords(b)
	for _, text := range []string{
		"i-0123456789abcdef0", "*0abc1*", "bucketName", "administrator", "*eventName", "eventNam", "/i-0[0-9a-f]+/", "/(?i)denied/", "/[a-f]{9}z/", `raw:/"userName":"b/`,
		"requestParameters.bucketName:prod-*", "userIdentity.sessionContext.attributes.mfaAuthenticated:true",
	} {
		b.Run(text, func(b *testing.B) {
			holds := query.CompileRaw(parse(b, text))
			b.SetBytes(size)
			n := 0
			for b.Loop() {
				n = 0
				for _, r := range records {
					if holds(r) {
						n++
					}
				}
			}
			b.ReportMetric(float64(n), "hits")
		})
	}
}
