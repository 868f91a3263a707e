package main

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/trailsift/trailsift/index"
)

// jumps turns to the last row, the middle and a time of all events, in an index just opened and later.
func (b *bench) jumps(ctx context.Context) error {
	x, err := openStore(b.store)
	if err != nil {
		return err
	}
	defer func() { _ = x.Close() }()
	r, err := find(ctx, x, "")
	if err != nil {
		return err
	}
	first, last, _ := r.Span()
	at := func(part int) int { return r.At(ctx, first.Add(last.Sub(first)*time.Duration(part)/1000)) }
	for _, jump := range []struct {
		name string
		to   func(i int) int
	}{
		{"last row", func(int) int { return max(0, r.Count()-50) }},
		{"middle", func(i int) int { return r.Count()/2 + 50*i }},
		{"a time", func(i int) int { return at(100 + 7*i) }},
	} {
		var took []time.Duration
		for i := range 50 {
			began := time.Now()
			if _, err := r.Page(ctx, jump.to(i), 50, columns); err != nil {
				return err
			}
			took = append(took, time.Since(began))
		}
		row("Jump to "+jump.name+": first; p95 of 50", "≤ 50 ms", "%s; %s", ms(took[0]), ms(percentile(took, 95)))
	}
	return nil
}

// unique looks for ids that one record holds, of an index just opened.
func (b *bench) unique(ctx context.Context) error {
	ids, err := b.ids(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []string{"request id", "instance id", "access key"} {
		var took []time.Duration
		matches := 0
		for _, q := range ids[kind] {
			x, err := openStore(b.store)
			if err != nil {
				return err
			}
			began := time.Now()
			r, err := find(ctx, x, q)
			if err == nil {
				_, err = r.Page(ctx, 0, 50, columns)
			}
			took = append(took, time.Since(began))
			_ = x.Close()
			if err != nil {
				return err
			}
			matches += r.Count()
		}
		if len(took) == 0 {
			row("A "+kind+" seen once", "≤ 300 ms", "there is none")
			continue
		}
		row(kind+" seen once, as a word, index just opened: p50; slowest", "≤ 300 ms", "%s; %s of %d, %d events", ms(median(took)), ms(slices.Max(took)), len(took), matches)
	}
	return nil
}

var instanceID = regexp.MustCompile(`"instanceId":"(i-[0-9a-f]{17})"`)

// ids gives up to ten ids of each kind that the store has once, spread over its time.
func (b *bench) ids(ctx context.Context) (map[string][]string, error) {
	x, err := openStore(b.store)
	if err != nil {
		return nil, err
	}
	defer func() { _ = x.Close() }()
	r, err := find(ctx, x, "")
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for i := range 10 {
		rows, err := r.Page(ctx, r.Count()*(2*i+1)/20, 50, []string{"request"})
		if err != nil {
			return nil, err
		}
		if k := slices.IndexFunc(rows, func(row index.Row) bool { return len(row.Values[0]) == 36 }); k >= 0 {
			out["request id"] = append(out["request id"], rows[k].Values[0])
		}
	}
	keys, err := r.Facet(ctx, "key", 0)
	if err != nil {
		return nil, err
	}
	for i := len(keys.Values) - 1; i >= 0 && keys.Values[i].Count == 1 && len(out["access key"]) < 10; i-- {
		if err := once(ctx, x, out, "access key", keys.Values[i].Value); err != nil {
			return nil, err
		}
	}
	return out, instances(ctx, x, out)
}

// instances adds ids of instances that were started and never named again.
func instances(ctx context.Context, x *index.Index, out map[string][]string) error {
	r, err := find(ctx, x, "event=RunInstances -error:*")
	if err != nil {
		return err
	}
	rows, err := r.Page(ctx, 0, r.Count(), nil)
	if err != nil {
		return err
	}
	step := max(1, len(rows)/100)
	for i := 0; i < len(rows) && len(out["instance id"]) < 10; i += step {
		rec, err := x.Record(ctx, rows[i].Ref)
		if err != nil {
			return err
		}
		if m := instanceID.FindSubmatch(rec.Raw); m != nil {
			if err := once(ctx, x, out, "instance id", string(m[1])); err != nil {
				return err
			}
		}
	}
	return nil
}

// once adds an id if one event holds it.
func once(ctx context.Context, x *index.Index, out map[string][]string, kind, id string) error {
	r, err := find(ctx, x, id)
	if err != nil {
		return err
	}
	if r.Count() == 0 {
		return errors.New("not found: " + id)
	}
	if r.Count() == 1 {
		out[kind] = append(out[kind], id)
	}
	return nil
}
