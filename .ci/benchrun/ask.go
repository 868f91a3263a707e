package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source/disk"
)

// bars is how many bars the timeline of an answer has at most.
const bars = 120

var (
	columns = []string{"time", "event", "user", "ip", "outcome", "region"}
	facets  = []string{"user", "service", "event", "error", "ip", "region"}
)

// An answer is what one question gave and took.
type answer struct {
	question
	Rows, Whole time.Duration // to the first page; to page, count, facets and bars
	Count       int
	Facets      [][]int // of each facet the 20 largest counts
}

// openStore opens the store as the explorer does.
func openStore(store string) (*index.Index, error) {
	return index.Open(store, index.Options{Reopen: disk.Reopen})
}

// put asks one question whole.
func put(ctx context.Context, x *index.Index, q question) (answer, error) {
	a := answer{question: q}
	began := time.Now()
	r, err := find(ctx, x, q.Query)
	if err != nil {
		return a, err
	}
	if _, err := r.Page(ctx, 0, 50, columns); err != nil {
		return a, err
	}
	a.Rows, a.Count = time.Since(began), r.Count()
	for _, name := range facets {
		f, err := r.Facet(ctx, name, 20)
		if err != nil {
			return a, err
		}
		counts := []int{}
		for _, v := range f.Values {
			counts = append(counts, v.Count)
		}
		a.Facets = append(a.Facets, counts)
	}
	_, err = r.Timeline(ctx, index.TimelineOptions{Bars: bars})
	a.Whole = time.Since(began)
	return a, err
}

// rounds is how often the mix is asked, of an index opened anew each time.
const rounds = 5

// askHot asks all questions in random order of an index that was asked others before. None is asked twice of the same
// index, so that no answer is one that was kept. The last variant of each class is what was asked before.
func askHot(ctx context.Context, store string, mix []question) ([]answer, error) {
	var all []answer
	for round := range rounds {
		x, err := openStore(store)
		if err != nil {
			return nil, err
		}
		order := rand.New(rand.NewPCG(uint64(round), 1)).Perm(len(mix))
		for _, before := range []bool{true, false} {
			for _, i := range order {
				q := mix[i]
				if before != (q.Variant == variants-1) || q.Class == "everything" && q.Variant != 0 {
					continue
				}
				a, err := put(ctx, x, q)
				if err != nil {
					_ = x.Close()
					return nil, fmt.Errorf("%s: %w", q.Query, err)
				}
				if !before {
					all = append(all, a)
				}
			}
		}
		if err := x.Close(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// askFirst asks each question of an index that was opened for it alone; opening counts. cold drops what the system keeps
// of the file before.
func askFirst(ctx context.Context, store string, mix []question, some int, cold bool) ([]answer, error) {
	var all []answer
	for _, q := range mix {
		if q.Variant >= some {
			continue
		}
		if cold {
			if err := forget(store); err != nil {
				return nil, err
			}
		}
		began := time.Now()
		x, err := openStore(store)
		if err != nil {
			return nil, err
		}
		opening := time.Since(began)
		a, err := put(ctx, x, q)
		_ = x.Close()
		if err != nil {
			return nil, err
		}
		a.Rows, a.Whole = a.Rows+opening, a.Whole+opening
		all = append(all, a)
	}
	return all, nil
}

// read reads the store once, so that the system keeps it as it does after use.
func read(store string) error {
	f, err := os.Open(store)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	buf := make([]byte, 1<<20)
	for {
		if _, err := f.Read(buf); err != nil {
			return nil
		}
	}
}

// times are the rows and the whole answers of a class; "" is all.
func times(all []answer, class string) (rows, whole []time.Duration) {
	for _, a := range all {
		if class == "" || a.Class == class {
			rows, whole = append(rows, a.Rows), append(whole, a.Whole)
		}
	}
	return rows, whole
}

// in writes p50 and p95.
func in(d []time.Duration) string {
	return fmt.Sprintf("%s / %s", ms(percentile(d, 50)), ms(percentile(d, 95)))
}

// mixOf is the mix for the store.
func (b *bench) mixOf(ctx context.Context) ([]question, error) {
	x, err := openStore(b.store)
	if err != nil {
		return nil, err
	}
	defer func() { _ = x.Close() }()
	return choose(ctx, x)
}

func (b *bench) askMix(ctx context.Context) error {
	mix, err := b.mixOf(ctx)
	if err != nil {
		return err
	}
	hot, err := askHot(ctx, b.store, mix)
	if err != nil {
		return err
	}
	for _, class := range classes {
		rows, whole := times(hot, class)
		row(class+": first page; whole answer", "", "%s; %s", in(rows), in(whole))
	}
	rows, whole := times(hot, "")
	row("All of the mix: first page, p50 / p95", "p95 ≤ 50 ms", "%s of %d", in(rows), len(rows))
	row("… whole answer, p50 / p95", "p95 ≤ 150 ms", "%s", in(whole))
	if err := read(b.store); err != nil {
		return err
	}
	first, err := askFirst(ctx, b.store, mix, 5, false)
	if err != nil {
		return err
	}
	rows, whole = times(first, "")
	row("First question of an index just opened, opening included: first page; whole answer", "", "%s; %s", in(rows), in(whole))
	cold, err := askFirst(ctx, b.store, mix, 1, true)
	if err != nil {
		return err
	}
	rows, whole = times(cold, "")
	row("… and nothing of the file in the system's memory", "", "%s; %s", in(rows), in(whole))
	return nil
}
