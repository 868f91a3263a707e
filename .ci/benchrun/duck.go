package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
)

// compared is how many questions of each class both are asked.
const compared = 3

// besideDuckDB asks DuckDB what the mix asks, of a table of the fields that we index, in the same run.
func (b *bench) besideDuckDB(ctx context.Context) error {
	if b.duckdb == "" {
		row("DuckDB", "", "cannot be had here (cgo and the Go module github.com/duckdb/duckdb-go/v2 are needed): left out")
		return nil
	}
	if b.table == "" {
		b.table = filepath.Join(b.work, "fields.duckdb")
	}
	if _, err := os.Stat(b.table); errors.Is(err, fs.ErrNotExist) {
		if err := b.duckTable(ctx, b.table); err != nil {
			return err
		}
	}
	all, err := b.mixOf(ctx)
	if err != nil {
		return err
	}
	mix := slices.DeleteFunc(slices.Clone(all), func(q question) bool { return q.Variant >= compared || q.Class == "everything" && q.Variant > 0 })
	theirs, err := b.duckAsk(ctx, b.table, mix)
	if err != nil {
		return err
	}
	ours, err := askHot(ctx, b.store, all)
	if err != nil {
		return err
	}
	return compare(mix, ours, theirs)
}

// duckLoads measures how long DuckDB takes to bring the archive in itself.
func (b *bench) duckLoads(ctx context.Context) error {
	if b.duckdb == "" {
		return nil
	}
	archive, err := b.plain()
	if err != nil {
		return err
	}
	db := filepath.Join(b.work, "json.duckdb")
	g, err := b.gunzip(ctx, archive)
	if err != nil {
		return err
	}
	c, err := measure(ctx, nil, b.duckdb, "json", db, archive)
	if err != nil {
		row("DuckDB, bringing the archive in", "", "%s", firstLine(err.Error()))
		return remove(db)
	}
	info, err := os.Stat(db)
	if err != nil {
		return err
	}
	row("DuckDB, bringing the same files in (read_json, 30 values of each record)", "", "%.2f of gunzip: %.1f s, %.0f MB of anonymous memory, file %.1f MB",
		g.wall.Seconds()/c.wall.Seconds(), c.wall.Seconds(), c.anon, float64(info.Size())/1e6)
	return remove(db)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// duckTable makes the table: one row an event, one column a field, in order of time.
func (b *bench) duckTable(ctx context.Context, db string) error {
	if err := remove(db); err != nil {
		return err
	}
	file := filepath.Join(b.work, "fields.csv")
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file) }()
	defer func() { _ = out.Close() }()
	var names []string
	for _, f := range index.Schema() {
		names = append(names, f.Name)
	}
	began := time.Now()
	if err := export(ctx, b.store, names, out); err != nil {
		return err
	}
	tell("fields written in %v", time.Since(began))
	c, err := measure(ctx, nil, b.duckdb, "table", db, file)
	if err != nil {
		return err
	}
	info, err := os.Stat(db)
	if err != nil {
		return err
	}
	st, err := stats(b.store)
	if err != nil {
		return err
	}
	row("DuckDB, file of a table of our fields beside our file", "", "%.1f MB beside %.1f MB; from CSV in %.1f s, %.0f MB of anonymous memory",
		float64(info.Size())/1e6, float64(st.FileBytes)/1e6, c.wall.Seconds(), c.anon)
	return nil
}

// A duckAnswer is what DuckDB gave and took.
type duckAnswer struct {
	Nanoseconds [][]int64 // of each way to ask it
	Count       int
	Facets      [][]int
}

// faster is the median of the faster way.
func (a *duckAnswer) faster() time.Duration {
	var medians []time.Duration
	for _, way := range a.Nanoseconds {
		var took []time.Duration
		for _, ns := range way {
			took = append(took, time.Duration(ns))
		}
		medians = append(medians, median(took))
	}
	return slices.Min(medians)
}

// duckAsk asks DuckDB the same.
func (b *bench) duckAsk(ctx context.Context, db string, mix []question) ([]duckAnswer, error) {
	file := filepath.Join(b.work, "mix.json")
	text, err := json.Marshal(mix)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	c, err := measure(ctx, &out, b.duckdb, "ask", db, file)
	if err != nil {
		return nil, err
	}
	tell("DuckDB answered in %v, %.0f MB", c.wall, c.anon)
	var all []duckAnswer
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		return nil, err
	}
	if len(all) != len(mix) {
		return nil, fmt.Errorf("%d answers of DuckDB to %d questions", len(all), len(mix))
	}
	return all, nil
}

// compare prints whole answers side by side: of each question the median, summed by class. Both must have counted the same.
func compare(mix []question, ours []answer, theirs []duckAnswer) error {
	type pair struct{ us, them time.Duration }
	sums := map[string]*pair{}
	var all pair
	slower := 0
	for i, q := range mix {
		var took []time.Duration
		for _, a := range ours {
			if a.Class != q.Class || a.Variant != q.Variant {
				continue
			}
			took = append(took, a.Whole)
			if a.Count != theirs[i].Count || !slices.EqualFunc(a.Facets, theirs[i].Facets, slices.Equal[[]int]) {
				return fmt.Errorf("%s: we count %d %v, DuckDB %d %v", q.Query, a.Count, a.Facets, theirs[i].Count, theirs[i].Facets)
			}
		}
		duck := theirs[i].faster()
		p := sums[q.Class]
		if p == nil {
			p = &pair{}
			sums[q.Class] = p
		}
		p.us, p.them = p.us+median(took), p.them+duck
		all.us, all.them = all.us+median(took), all.them+duck
		if median(took) > duck {
			slower++
			tell("slower than DuckDB: %s: %v beside %v", q.Query, median(took), duck)
		}
	}
	for _, class := range classes {
		if p := sums[class]; p != nil {
			row("Whole answers beside DuckDB: "+class, "≥ 1 x", "%.1f x: %s beside %s", p.them.Seconds()/p.us.Seconds(), ms(p.us), ms(p.them))
		}
	}
	row("… all of them", "≥ 5 x, none slower", "%.1f x: %s beside %s; %d of %d slower", all.them.Seconds()/all.us.Seconds(), ms(all.us), ms(all.them), slower, len(mix))
	return nil
}
