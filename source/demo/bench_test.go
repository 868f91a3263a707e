package demo_test

import (
	"io"
	"testing"

	"github.com/trailsift/trailsift/source/demo"
)

// BenchmarkOpen makes the default archive as a reader gets it, on one core.
func BenchmarkOpen(b *testing.B) {
	d := demo.New(demo.Options{})
	var bytes int64
	for b.Loop() {
		bytes = 0
		for f, err := range d.List(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			o, err := d.Open(b.Context(), f)
			if err != nil {
				b.Fatal(err)
			}
			n, err := io.Copy(io.Discard, o.Body)
			if err != nil {
				b.Fatal(err)
			}
			bytes += n
		}
	}
	b.SetBytes(bytes)
	b.ReportMetric(demo.DefaultEvents*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkWriteTo writes a million events to a folder.
func BenchmarkWriteTo(b *testing.B) {
	const events = 1_000_000
	for b.Loop() {
		if err := demo.New(demo.Options{Events: events}).WriteTo(b.Context(), b.TempDir(), demo.WriteOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(events*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkReopen opens one log file of a place that is only known by name, as showing a record does.
func BenchmarkReopen(b *testing.B) {
	d := demo.New(demo.Options{})
	key := demo.Truth().AlteredKey
	for b.Loop() {
		if _, err := demo.Reopen(b.Context(), d.Place(), key); err != nil {
			b.Fatal(err)
		}
	}
}
