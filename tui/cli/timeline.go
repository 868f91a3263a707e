package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"

	"github.com/trailsift/trailsift/tui/text"
)

// maxBuckets is how many buckets are printed at most.
const maxBuckets = 1_000_000

// timelineBars is how many buckets a timeline has at most where --bucket is not given.
const timelineBars = 60

func (c *command) timelineCommand() *cobra.Command {
	cmd := c.queryCommand("timeline [QUERY…]", "Events per bucket of time", "table, json, csv", c.timeline)
	cmd.Flags().StringVar(&c.flag.bucket, "bucket", "", "`LENGTH` of a bucket: 5m, 1h, 1d (default: at most 60 buckets)")
	return cmd
}

func (c *command) timeline(ctx context.Context, args []string) error {
	format, err := c.outputFormat("json", "table", "json", "csv")
	if err != nil {
		return err
	}
	bucket, err := parseBucket(c.flag.bucket)
	if err != nil {
		return err
	}
	r, err := c.answer(ctx, queryArgs(args))
	if err != nil {
		return err
	}
	if first, last, ok := r.Span(); ok && bucket > 0 && last.Sub(first)/bucket > maxBuckets {
		return usage("a longer --bucket, or a shorter range with --from and --to",
			"--bucket %s: more than %s buckets from %s to %s", c.flag.bucket, text.Count(maxBuckets),
			first.UTC().Format(time.DateOnly), last.UTC().Format(time.DateOnly))
	}
	t, err := r.Timeline(ctx, index.TimelineOptions{Bucket: bucket, Bars: timelineBars})
	if err != nil {
		return err
	}
	switch format {
	case "json":
		err = c.writeJSON(timelineOut(t))
	case "csv":
		w := c.newCSV(c.env.Stdout)
		_ = w.row("start", "events", "errors")
		for _, b := range t.Buckets {
			_ = w.row(b.Start.UTC().Format(time.RFC3339), strconv.Itoa(b.Events), strconv.Itoa(b.Errors))
		}
		err = w.flush()
	default:
		err = c.timelineTable(t)
	}
	return c.ended(err)
}

func (c *command) timelineTable(t index.Timeline) error {
	most := 0
	for _, b := range t.Buckets {
		most = max(most, b.Events)
	}
	rows := make([][]string, len(t.Buckets))
	for i, b := range t.Buckets {
		bar := ""
		if b.Events > 0 {
			bar = c.bar(b.Events, most)
		}
		rows[i] = []string{b.Start.UTC().Format("2006-01-02 15:04:05"), text.Count(b.Events), text.Count(b.Errors), bar}
	}
	cols := []column{{head: "START (UTC)", min: 19}, {head: "EVENTS", min: 6, right: true}, {head: "ERRORS", min: 6, right: true}, {}}
	if err := table(c.env.Stdout, cols, rows, c.env.Width); err != nil {
		return err
	}
	if t.Untimed > 0 {
		c.note("%s without a usable time", plural(t.Untimed, "event", "events"))
	}
	return nil
}

// maxDays is the longest length of time that is taken, some 273 years; a Duration ends at 292.
const maxDays = 100_000

// parseBucket reads a length of time in s, m, h or d.
func parseBucket(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s)
	if n, cut := strings.CutSuffix(s, "d"); cut {
		var days int
		days, err = strconv.Atoi(n)
		d = time.Duration(min(days, maxDays)) * 24 * time.Hour
	}
	if err != nil || d < time.Second {
		return 0, usage("5m, 1h, 1d", "%s: not a length of time of at least 1s", s)
	}
	return d, nil
}
