package source_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

// BenchmarkShapes reads 200 records in each shape, those as delivered and those that are rebuilt.
func BenchmarkShapes(b *testing.B) {
	records := manyRecords(b)
	files := delivered(b, records)
	maps.Copy(files, rebuiltShapes(b, records))
	files["trail file"] = `{"Records":[` + strings.Join(records, ",") + `]}`
	for _, name := range []string{
		"trail file", "EventBridge lines", "filter-log-events", "subscription in base64", "SQS with SNS with EventBridge", "Splunk table",
		"UTF-16 big endian", "zstd", "Athena table", "Elasticsearch without records",
	} {
		b.Run(name, func(b *testing.B) {
			var d source.Decoder
			b.SetBytes(int64(len(files[name])))
			for b.Loop() {
				for range d.Events(strings.NewReader(files[name])) {
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/event")
		})
	}
}
