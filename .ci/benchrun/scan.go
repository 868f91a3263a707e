package main

import (
	"bytes"
	"context"
	"fmt"
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
	var ratios []float64
	var c cost
	found := ""
	for range b.runs {
		g, err := b.gunzip(ctx, archive)
		if err != nil {
			return err
		}
		var count int
		if c, count, err = b.count(ctx, text); err != nil {
			return err
		}
		tell("%s: gunzip %v, search %v, %d events", text, g, c.wall, count)
		ratios = append(ratios, g.Seconds()/c.wall.Seconds())
		found = fmt.Sprint(count)
		if c.wall > 30*g {
			break // slow enough to be exact
		}
	}
	row(what+" over all records: `"+text+"`", promise, "%s of gunzip; %s events, %.0f MB", spread(ratios), found, c.anon)
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
	var ratios []float64
	anon := 0.0
	for range b.runs {
		g, err := b.gunzip(ctx, archive)
		if err != nil {
			return err
		}
		c, err := measure(ctx, nil, b.program, "search", "--index", b.store, "--quiet", "--format", "jsonl")
		if err != nil {
			return err
		}
		tell("gunzip %v, printing %v, CPU %v", g, c.wall, c.cpu)
		ratios, anon = append(ratios, g.Seconds()/c.wall.Seconds()), max(anon, c.anon)
	}
	row("Printing all records in order", "≥ 0.50", "%s of gunzip; %.0f MB", spread(ratios), anon)
	return nil
}
