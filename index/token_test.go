package index_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// A wordQuerier writes queries for what stands somewhere in records.
type wordQuerier struct {
	querier
}

// query is a word, a phrase or a path to a value of some record, now and then with a part of it only.
func (q *wordQuerier) query() string {
	path, text := q.leaf()
	switch q.rng.IntN(8) {
	case 0:
		return schemaPath(q.schema, path) + "=" + quoted(text, false)
	case 1:
		return schemaPath(q.schema, path) + ":" + quoted(strings.ToUpper(text), true)
	case 2:
		_, other := q.leaf()
		return quoted(text, true) + q.one(" ", " OR ", " -") + quoted(other, true)
	case 3:
		return "-" + quoted(text, true)
	case 4:
		return quoted(path[len(path)-1], true)
	case 5:
		return quoted(strings.ToLower(text), true)
	}
	return quoted(q.part(text), true)
}

// part is a text from one place between its tokens to another.
func (q *wordQuerier) part(text string) string {
	cut := func(r rune) bool { return !query.IsToken(r) }
	if i := strings.IndexFunc(text, cut); i > 0 && q.chance(60) {
		text = q.one(text[:i], text[i:])
	}
	if i := strings.LastIndexFunc(text, cut); i > 0 && q.chance(60) {
		text = q.one(text[:i], text[i:])
	}
	return strings.ToValidUTF8(text, "?")
}

// leaf is a value of some record with its path.
func (q *wordQuerier) leaf() (path []string, text string) {
	seen := 0
	_ = source.Walk(q.event().raw, func(steps []source.Step, v source.Scalar) bool {
		if v.Kind > source.Bool || len(v.Text) == 0 {
			return true
		}
		if seen++; q.rng.IntN(seen) > 0 {
			return true
		}
		text, path = string(v.Text), nil
		for _, s := range steps {
			if s.Index < 0 {
				path = append(path, string(s.Key))
			}
		}
		return true
	})
	return path, strings.ToValidUTF8(text, "?")
}

// schemaPath writes a path, each step in quotes.
func schemaPath(s query.Schema, path []string) string {
	steps := make([]string, len(path))
	for i, step := range path {
		steps[i] = query.PathStep(step)
	}
	return s.PathKey(steps...).String()
}

// TestTokenFiltersMissNothing: words, phrases and paths find what a plain loop over all records finds, in log files of a
// few records and of many, and where no filters are.
func TestTokenFiltersMissNothing(t *testing.T) {
	for _, c := range []struct {
		name    string
		make    func(t *testing.T) *oracle
		queries int
	}{
		{"small log files", func(t *testing.T) *oracle { t.Helper(); return newOracle(t, 21, 40, 4) }, 60},
		{"a large log file", func(t *testing.T) *oracle { t.Helper(); return newOracle(t, 22, 1, 900) }, 25},
		{"written ahead", writtenAhead, 25},
		{"no filters", func(t *testing.T) *oracle {
			t.Helper()
			o := newOracle(t, 24, 10, 4)
			o.x = withoutTokens(t, o)
			return o
		}, 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() {
				c.queries /= 5
			}
			checkWords(t, c.make(t), c.queries)
		})
	}
}

func checkWords(t *testing.T, o *oracle, n int) {
	t.Helper()
	q := &wordQuerier{querier{rng: rand.New(rand.NewPCG(5, 6)), events: o.events, schema: index.Schema()}}
	found := 0
	for range n {
		text := q.query()
		node := q.parse(t, text)
		r, err := o.x.Search(t.Context(), node, index.SearchOptions{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		want := 0
		for _, e := range o.events {
			if query.Eval(node, e) {
				want++
			}
		}
		if r.Count() != want {
			t.Errorf("%s finds %d events, a plain loop %d", text, r.Count(), want)
		}
		found += min(want, 1)
	}
	if found < n/2 {
		t.Errorf("only %d of %d queries find anything", found, n)
	}
}

// writtenAhead is an index of a log file whose documents are written before it is whole.
func writtenAhead(t *testing.T) *oracle {
	t.Helper()
	a := newMemory("a")
	g := newGenerator(23)
	g.fill(1, 450, a)
	x := open(t, a)
	if _, err := x.Ingest(t.Context(), a, index.IngestOptions{SegmentDocs: 50, Workers: 1}); err != nil {
		t.Fatal(err)
	}
	o := &oracle{x: x, places: []*memory{a}}
	o.pair(t)
	return o
}

// withoutTokens is the index as an earlier version would have made it.
func withoutTokens(t *testing.T, o *oracle) *index.Index {
	t.Helper()
	path := o.x.Path()
	if err := o.x.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Update(func(tx *bolt.Tx) error { return tx.DeleteBucket([]byte("tokens")) }); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	x, err := index.Open(path, index.Options{Reopen: reopen(o.places...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

// TestUniqueWordsOpenOneLogFile: an id that one record holds is found by reading hardly any other log file.
func TestUniqueWordsOpenOneLogFile(t *testing.T) {
	m := newMemory("a")
	const files, each = 40, 50
	for i := range files {
		var list []string
		for k := range each {
			n := i*each + k
			list = append(list, fmt.Sprintf(`{"eventTime":"2026-03-01T10:%02d:00Z","eventSource":"ec2.amazonaws.com","eventName":"Run",`+
				`"eventID":"%08x-0000-4000-8000-%012x","requestID":"%08x-1111-4000-8000-%012x","requestParameters":{"instance":"i-%017x",`+
				`"note":"Größe %d"}}`, i, n, n+1<<20, n, n+7, n*7919, n))
		}
		m.add(fmt.Sprintf("%03d.json", i), []byte(`{"Records":[`+strings.Join(list, ",")+`]}`))
	}
	var mu sync.Mutex
	opened := map[string]bool{}
	again := reopen(m)
	x, err := index.Open(t.TempDir()+"/x.db", index.Options{Write: true, Reopen: func(ctx context.Context, p source.Place, key string) (io.ReadCloser, error) {
		mu.Lock()
		defer mu.Unlock()
		opened[key] = true
		return again(ctx, p, key)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if _, err := x.Ingest(t.Context(), m, index.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text   string
		events int
		most   int // log files opened
	}{
		{fmt.Sprintf("i-%017x", 1234*7919), 1, files / 2},
		{fmt.Sprintf("%08x-1111-4000-8000-%012x", 777, 784), 1, 1},
		{fmt.Sprintf("%08x-0000-4000-8000-%012X", 777, 777+1<<20), 1, 1},
		{fmt.Sprintf("%012x", 784), 1, 1},
		{fmt.Sprintf("requestParameters.instance:i-%017x", 55*7919), 1, files / 2},
		{`"GRÖSSE 1999"`, 0, 1}, // ß is no SS
		{`"grÖße 1999"`, 1, 10}, // those of its block
		{"nowhere", 0, 1},
		{"-nowhere", files * each, 1},
	} {
		clear(opened)
		n, err := query.Parse(c.text, index.Schema(), query.Options{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := x.Search(t.Context(), n, index.SearchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Count() != c.events || len(opened) > c.most {
			t.Errorf("%s finds %d events in %d log files opened, want %d in at most %d", c.text, r.Count(), len(opened), c.events, c.most)
		}
	}
}
