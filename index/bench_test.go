package index_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// benchEvents is how many events the benchmarks ask about; TRAILSIFT_BENCH_EVENTS sets another number.
const benchEvents = 50_000

// generated is a place whose log files are made from their numbers when they are opened, some 400 events each.
type generated struct {
	files int
	gzip  bool
}

func (g generated) Place() source.Place { return source.Place{Text: "generated", ID: "generated"} }

func (g generated) List(context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for i := g.files - 1; i >= 0; i-- {
			if !yield(source.File{Key: fmt.Sprintf("log-%06d.json", i), SizeBytes: -1}, nil) {
				return
			}
		}
	}
}

func (g generated) Open(_ context.Context, f source.File) (*source.Object, error) {
	i, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(f.Key, "log-"), ".json"))
	if err != nil {
		return nil, err
	}
	gen := newGenerator(uint64(i))
	gen.wide = true
	gen.start, gen.span = gen.start.Add(time.Duration(i)*4*time.Minute), 5*time.Minute
	var b bytes.Buffer
	b.WriteString(`{"Records":[`)
	for k := range 400 {
		if k > 0 {
			b.WriteByte(',')
		}
		b.WriteString(gen.record())
	}
	b.WriteString("]}")
	if !g.gzip {
		return &source.Object{Body: io.NopCloser(&b)}, nil
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(b.Bytes()); err != nil {
		return nil, err
	}
	return &source.Object{Body: io.NopCloser(&packed)}, z.Close()
}

func (g generated) reopen(ctx context.Context, _ source.Place, key string) (io.ReadCloser, error) {
	o, err := g.Open(ctx, source.File{Key: key})
	if err != nil {
		return nil, err
	}
	return o.Body, nil
}

// benchSize is how many events there are to be.
func benchSize(b *testing.B) int {
	b.Helper()
	text := os.Getenv("TRAILSIFT_BENCH_EVENTS")
	if text == "" {
		return benchEvents
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// benchIndex is an index of generated events; TRAILSIFT_BENCH_INDEX names one that is kept from run to run.
func benchIndex(b *testing.B) *index.Index {
	b.Helper()
	path := b.TempDir() + "/bench.db"
	if kept := os.Getenv("TRAILSIFT_BENCH_INDEX"); kept != "" {
		path = kept
	}
	x, _ := filled(b, path, generated{files: max(1, benchSize(b)/400)}, index.IngestOptions{})
	return x
}

func filled(b *testing.B, path string, g generated, opt index.IngestOptions) (*index.Index, index.Summary) {
	b.Helper()
	x, err := index.Open(path, index.Options{Write: true, Reopen: g.reopen})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = x.Close() })
	sum, err := x.Ingest(b.Context(), g, opt)
	if err != nil {
		b.Fatal(err)
	}
	return x, sum
}

// fiftyUsers is an OR of 50 principals.
func fiftyUsers() string {
	var of []string
	for i := range 50 {
		of = append(of, fmt.Sprintf("user-%04d", 7*i))
	}
	return "user:(" + strings.Join(of, " OR ") + ")"
}

// benchQueries are the mix that every figure is about.
var benchQueries = []struct{ name, text string }{
	{"one term", "user=user-0042"},
	{"and of three", "service:s3 region=us-east-1 -error:*"},
	{"wildcard", "event:*Delete*"},
	{"negation", "-readonly:true"},
	{"cidr", "ip:10.1.0.0/16"},
	{"time", "time:2024-03-02..2024-03-03"},
	{"or of 50", fiftyUsers()},
	{"all", ""},
}

// benchFacets are the facets of the screen.
var benchFacets = []string{"user", "service", "event", "error", "ip", "region"}

// BenchmarkRows is from the key to the rows: search and the first page.
func BenchmarkRows(b *testing.B) {
	x := benchIndex(b)
	for _, q := range benchQueries {
		b.Run(q.name, func(b *testing.B) {
			n := parseBench(b, q.text)
			for b.Loop() {
				x.ForgetAnswers()
				firstPage(b, search(b, x, n))
			}
		})
	}
}

// BenchmarkScreen is the whole answer: rows, count, six facets, bars.
func BenchmarkScreen(b *testing.B) {
	x := benchIndex(b)
	for _, q := range benchQueries {
		b.Run(q.name, func(b *testing.B) {
			n := parseBench(b, q.text)
			for b.Loop() {
				x.ForgetAnswers()
				r := search(b, x, n)
				firstPage(b, r)
				for _, f := range benchFacets {
					if _, err := r.Facet(b.Context(), f, 20); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := r.Timeline(b.Context(), index.TimelineOptions{Bars: 120}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkResult is what is asked of a result that stands: each facet, the bars, pages anywhere, a row by time.
func BenchmarkResult(b *testing.B) {
	x := benchIndex(b)
	r := search(b, x, query.All{})
	for _, f := range append([]string{"resource", "request"}, benchFacets...) {
		b.Run("facet "+f, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Facet(b.Context(), f, 20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("timeline", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Timeline(b.Context(), index.TimelineOptions{Bars: 120}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, offset := range map[string]int{"first": 0, "middle": r.Count() / 2, "last": r.Count() - 50} {
		b.Run("page "+name, func(b *testing.B) {
			for b.Loop() {
				page(b, r, offset)
			}
		})
	}
	first, last, _ := r.Span()
	b.Run("at", func(b *testing.B) {
		for b.Loop() {
			r.At(b.Context(), first.Add(last.Sub(first)/2))
		}
	})
	b.Run("terms", func(b *testing.B) {
		for b.Loop() {
			if _, err := x.Terms(b.Context(), "user", "b", 20); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkScan is a search through all records, and printing all of them, out of gzip files that are kept in the store.
// MB/s are of uncompressed content.
func BenchmarkScan(b *testing.B) {
	g := generated{files: max(1, min(benchSize(b), benchEvents)/400), gzip: true}
	x, sum := filled(b, b.TempDir()+"/bench.db", g, index.IngestOptions{Keep: true})
	for _, text := range []string{"alice", "*0abc1*", "/i-0[0-9a-f]+77/", "requestParameters.bucketName:prod-*"} {
		b.Run(text, func(b *testing.B) {
			n := parseBench(b, text)
			b.SetBytes(sum.Bytes)
			for b.Loop() {
				x.ForgetAnswers()
				search(b, x, n)
			}
		})
	}
	b.Run("records", func(b *testing.B) {
		r := search(b, x, query.All{})
		b.SetBytes(sum.Bytes)
		for b.Loop() {
			for _, err := range r.Records(b.Context(), index.RecordsOptions{}) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func parseBench(b *testing.B, text string) query.Node {
	b.Helper()
	n, err := query.Parse(text, index.Schema(), query.Options{})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func search(b *testing.B, x *index.Index, n query.Node) *index.Result {
	b.Helper()
	r, err := x.Search(b.Context(), n, index.SearchOptions{})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

func firstPage(b *testing.B, r *index.Result) {
	b.Helper()
	page(b, r, 0)
}

func page(b *testing.B, r *index.Result, offset int) {
	b.Helper()
	if _, err := r.Page(b.Context(), offset, 50, []string{"time", "event", "user", "ip", "outcome", "region"}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkVerdicts is what is asked about verdicts, and changing all of them, where one log file in ten is invalid and
// every second one unverified.
func BenchmarkVerdicts(b *testing.B) {
	x := benchIndex(b)
	place := generated{}.Place().ID
	report := func(turn int) index.Integrity {
		rep := index.Integrity{Place: place}
		for i := range max(1, benchSize(b)/400) {
			v := []string{"invalid", "valid", "unverified", "valid", "unverified", "valid", "unverified", "valid", "unverified", "valid"}[(i+turn)%10]
			rep.Files = append(rep.Files, index.FileVerdict{Key: fmt.Sprintf("log-%06d.json", i), Verdict: v, Class: "log." + v})
		}
		return rep
	}
	b.Run("set", func(b *testing.B) {
		for turn := 0; b.Loop(); turn++ {
			if err := x.SetIntegrity(b.Context(), report(turn)); err != nil {
				b.Fatal(err)
			}
		}
	})
	if err := x.SetIntegrity(b.Context(), report(0)); err != nil {
		b.Fatal(err)
	}
	for _, text := range []string{"verdict:invalid", "-verdict:valid", "verdict:un*", "copy-verdict:invalid", "verdict:invalid service:s3"} {
		b.Run(text, func(b *testing.B) {
			n := parseBench(b, text)
			for b.Loop() {
				x.ForgetAnswers()
				search(b, x, n)
			}
		})
	}
	r := search(b, x, query.All{})
	for _, f := range []string{"verdict", "copy-verdict", "region"} {
		b.Run("facet "+f, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Facet(b.Context(), f, 20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			firstPage(b, r)
		}
	})
	b.Run("coverage", func(b *testing.B) {
		for b.Loop() {
			if _, err := x.Coverage(b.Context(), index.CoverageOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
