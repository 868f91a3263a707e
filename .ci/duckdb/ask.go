package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// A question is one of the mix.
type question struct {
	Where  string // condition
	Bucket int    // seconds of a bar
}

// An answer is what it gave and took each time.
type answer struct {
	Nanoseconds []int64
	Count       int
	Facets      [][]int
}

var facets = []string{"user", "service", "event", "error", "ip", "region"}

// times is how often each question is asked.
const times = 5

func ask(ctx context.Context, db *sql.DB, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var mix []question
	if err := json.Unmarshal(text, &mix); err != nil {
		return err
	}
	all := make([]answer, len(mix))
	for i, q := range mix {
		for n := range times + 1 {
			began := time.Now()
			a, err := whole(ctx, db, q)
			if err != nil {
				return fmt.Errorf("%s: %w", q.Where, err)
			}
			if all[i].Count, all[i].Facets = a.Count, a.Facets; n > 0 {
				all[i].Nanoseconds = append(all[i].Nanoseconds, time.Since(began).Nanoseconds())
			}
		}
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

// whole gives the newest 50 rows, the count, six facets and the bars.
func whole(ctx context.Context, db *sql.DB, q question) (a answer, err error) {
	where := " FROM t WHERE " + q.Where
	if err := each(ctx, db, `SELECT "time", event, "user", ip, outcome, region`+where+` ORDER BY "time" DESC LIMIT 50`, 6, nil); err != nil {
		return a, err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*)"+where).Scan(&a.Count); err != nil {
		return a, err
	}
	for _, f := range facets {
		counts := []int{}
		text := fmt.Sprintf(`SELECT "%s", count(*) AS n FROM t WHERE (%s) AND "%s" IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20`, f, q.Where, f)
		if err := each(ctx, db, text, 2, func(v []any) { counts = append(counts, int(v[1].(int64))) }); err != nil {
			return a, err
		}
		a.Facets = append(a.Facets, counts)
	}
	text := fmt.Sprintf(`SELECT time_bucket(INTERVAL %d SECOND, "time") AS b, count(*), count(*) FILTER (outcome <> 'ok')%s GROUP BY 1 ORDER BY 1`, q.Bucket, where)
	return a, each(ctx, db, text, 3, nil)
}

// each reads all rows of a statement.
func each(ctx context.Context, db *sql.DB, text string, width int, visit func([]any)) error {
	rows, err := db.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	values, into := make([]any, width), make([]any, width)
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if visit != nil {
			visit(values)
		}
	}
	return rows.Err()
}
