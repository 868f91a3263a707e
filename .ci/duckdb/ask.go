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
	Nanoseconds [][]int64 // of each way
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
		if err := all[i].measure(ctx, db, q); err != nil {
			return fmt.Errorf("%s: %w", q.Where, err)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

// measure answers a question in both ways: nine statements on the table, and what matches put aside once and nine statements
// on that.
func (a *answer) measure(ctx context.Context, db *sql.DB, q question) error {
	for _, whole := range []func(context.Context, *sql.DB, question) (answer, error){direct, aside} {
		var took []int64
		for n := range times + 1 {
			began := time.Now()
			got, err := whole(ctx, db, q)
			if err != nil {
				return err
			}
			if a.Count, a.Facets = got.Count, got.Facets; n > 0 {
				took = append(took, time.Since(began).Nanoseconds())
			}
		}
		a.Nanoseconds = append(a.Nanoseconds, took)
	}
	return nil
}

func direct(ctx context.Context, db *sql.DB, q question) (answer, error) {
	return whole(ctx, db, "t WHERE ("+q.Where+")", q.Bucket)
}

func aside(ctx context.Context, db *sql.DB, q question) (answer, error) {
	const put = `CREATE OR REPLACE TEMP TABLE hits AS SELECT "time", event, "user", ip, outcome, region, service, error FROM t WHERE `
	if _, err := db.ExecContext(ctx, put+q.Where); err != nil {
		return answer{}, err
	}
	return whole(ctx, db, "hits WHERE true", q.Bucket)
}

// whole gives the newest 50 rows, the count, six facets and the bars.
func whole(ctx context.Context, db *sql.DB, from string, bucket int) (a answer, err error) {
	if err := each(ctx, db, `SELECT "time", event, "user", ip, outcome, region FROM `+from+` ORDER BY "time" DESC LIMIT 50`, 6, nil); err != nil {
		return a, err
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+from).Scan(&a.Count); err != nil {
		return a, err
	}
	for _, f := range facets {
		counts := []int{}
		text := fmt.Sprintf(`SELECT "%s", count(*) AS n FROM %s AND "%s" IS NOT NULL GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20`, f, from, f)
		if err := each(ctx, db, text, 2, func(v []any) { counts = append(counts, int(v[1].(int64))) }); err != nil {
			return a, err
		}
		a.Facets = append(a.Facets, counts)
	}
	text := fmt.Sprintf(`SELECT time_bucket(INTERVAL %d SECOND, "time") AS b, count(*), count(*) FILTER (outcome <> 'ok') FROM %s GROUP BY 1 ORDER BY 1`, bucket, from)
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
