package main

import (
	"bytes"
	"context"
	"strconv"
	"strings"
)

// scan searches through all records, in a process of its own each time.
func (b *bench) scan(ctx context.Context) error {
	archive, err := b.plain()
	if err != nil {
		return err
	}
	for _, s := range []struct {
		what, promise, query string
	}{
		{"Substring", "≥ 1.00", "*0abc1*"},
		{"Regex with a selective literal", "≥ 0.70", "/sgr-[0-9a-f]+77/"},
		{"Regex with a literal that is often there", "", "/i-0[0-9a-f]{4}77/"},
		{"Regex without a literal", "≥ 0.03", "/[g-z]{9}[0-9]{3}[a-f]/"},
	} {
		if err := b.scanOne(ctx, archive, s.what, s.promise, s.query); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) scanOne(ctx context.Context, archive, what, promise, text string) error {
	var r race
	found := 0
	for range b.runs {
		g, err := b.gunzip(ctx, archive)
		if err != nil {
			return err
		}
		c, n, err := b.count(ctx, text)
		if err != nil {
			return err
		}
		r.add(text, g, c)
		if found = n; c.wall > 10*g.wall {
			break // slow enough to be exact
		}
	}
	row(what+" over all records: `"+text+"`", promise, "%s; %d events", r.inWords(), found)
	return nil
}

// count runs a search in a process of its own.
func (b *bench) count(ctx context.Context, text string) (cost, int, error) {
	var out bytes.Buffer
	c, err := measure(ctx, &out, b.program, "search", "--index", b.store, "--quiet", "--count", text)
	if err != nil {
		return c, 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(out.String()))
	return c, n, err
}

// printAll prints every record in order, in a process of its own each time.
func (b *bench) printAll(ctx context.Context) error {
	archive, err := b.plain()
	if err != nil {
		return err
	}
	var r race
	for range b.runs {
		g, err := b.gunzip(ctx, archive)
		if err != nil {
			return err
		}
		c, err := measure(ctx, nil, b.program, "search", "--index", b.store, "--quiet", "--format", "jsonl")
		if err != nil {
			return err
		}
		r.add("printing", g, c)
	}
	row("Printing all records in order", "≥ 0.50", "%s", r.inWords())
	return nil
}
