// Command benchrun is what .ci/bench and .ci/bench-scale measure with. It brings an archive in with the built program, asks
// the store in its own process, runs what stands beside it (plain gunzip, DuckDB, jq) in the same run, and prints tables in
// Markdown. What is going on is told on standard error.
//
//	benchrun all -program FILE -yardstick FILE [-duckdb FILE] -archive DIR -work DIR   the table of docs/benchmarks.md
//	benchrun scale -program FILE -yardstick FILE -work DIR ARCHIVE…                    the table of docs/scale.md
//	benchrun keys -program FILE -store FILE -for 10m                                   anonymous memory under random keys
//	benchrun small DIR                                                                 200,000 events in 40,000 files of 5
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

// A bench is one run.
type bench struct {
	program, yardstick, duckdb string // programs; duckdb "": it cannot be had here
	archive, work, small       string
	runs                       int
	parts                      string
	store                      string // the store that is asked
	table                      string // DuckDB's table of the same events; made where it is not there
	time                       time.Duration
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "benchrun:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("all | scale | keys | small")
	}
	var b bench
	f := flag.NewFlagSet(args[0], flag.ExitOnError)
	f.StringVar(&b.program, "program", "", "trailsift")
	f.StringVar(&b.yardstick, "yardstick", "", "test binary of package source, for BenchmarkYardstick")
	f.StringVar(&b.duckdb, "duckdb", "", "program of .ci/duckdb")
	f.StringVar(&b.archive, "archive", "", "archive with digests, as `trailsift demo --out` writes it")
	f.StringVar(&b.small, "small", "", "archive of small files; none: made anew")
	f.StringVar(&b.work, "work", "", "folder for stores")
	f.StringVar(&b.store, "store", "", "store to ask; all: none is brought in for it")
	f.StringVar(&b.table, "table", "", "file of DuckDB with the table of the same events; made where it is not there")
	f.StringVar(&b.parts, "parts", "ingest,hashed,small,mix,jumps,unique,scan,print,duckload,duckdb,jq", "what to measure")
	f.IntVar(&b.runs, "runs", 3, "how often what brings in is run")
	f.DurationVar(&b.time, "for", 10*time.Minute, "how long keys are pressed")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	switch {
	case args[0] == "all":
		return b.all(ctx)
	case args[0] == "scale":
		return b.scale(ctx, f.Args())
	case args[0] == "keys":
		return b.keys(ctx)
	case args[0] == "small" && f.NArg() == 1:
		return writeSmall(ctx, f.Arg(0))
	}
	return fmt.Errorf("%s: not all, scale, keys or small", args[0])
}

// all measures the parts that were asked for, those that write first.
func (b *bench) all(ctx context.Context) error {
	tell("work in %s", b.work)
	fmt.Println("| What | Promise | Measured |")
	fmt.Println("|---|---|---|")
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"ingest", b.ingestPlain},
		{"hashed", b.ingestHashed},
		{"small", b.ingestSmall},
		{"mix", b.askMix},
		{"jumps", b.jumps},
		{"unique", b.unique},
		{"scan", b.scan},
		{"print", b.printAll},
		{"duckload", b.duckLoads},
		{"duckdb", b.besideDuckDB},
		{"jq", b.besideJQ},
	} {
		if !strings.Contains(","+b.parts+",", ","+part.name+",") {
			continue
		}
		tell("%s", part.name)
		if err := part.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// tell says what goes on.
func tell(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// row prints one line of the table.
func row(what, promise, measured string, args ...any) {
	fmt.Printf("| %s | %s | %s |\n", what, promise, fmt.Sprintf(measured, args...))
}
