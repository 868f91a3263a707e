package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// queryCommand is a command whose arguments are a query.
func (c *command) queryCommand(use, short, formats string, run func(ctx context.Context, args []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs,
		Annotations: map[string]string{"query": "yes"},
		RunE:        func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), args) },
	}
	c.flag.ask(cmd.Flags(), formats)
	return cmd
}

// answer parses a query, opens its store (bringing --in places in first) and searches it. The query and the flags are
// checked before anything is opened.
func (c *command) answer(ctx context.Context, q string) (*index.Result, error) {
	asked, err := c.checkQuery(q)
	if err != nil {
		return nil, err
	}
	c.pushed = pushDown(asked)
	ix, err := c.answerFrom(ctx)
	if ix == nil {
		return nil, err
	}
	c.later = err // what could be brought in is answered; the error is told at the end
	r, st, err := c.find(ctx, ix, q)
	if err == nil && r.Count() == 0 && (c.flag.from != "" || c.flag.to != "") && st.Events > 0 && !st.First.IsZero() {
		c.note("no events in this range; the store covers %s to %s (try --from end-1d)",
			st.First.UTC().Format(time.DateOnly), st.Last.UTC().Format(time.DateOnly))
	}
	return r, err
}

// checkQuery finds what is wrong with a query and its range before a store is opened.
func (c *command) checkQuery(q string) (query.Node, error) {
	// Times before the newest event held ("end-2h") are resolved once the store is open; any end will do for the check.
	asked, err := c.parse(q, c.env.Now())
	if err != nil {
		return nil, err
	}
	_, _, err = c.window(c.env.Now())
	return asked, err
}

// find searches an open store for a query within --from and --to.
func (c *command) find(ctx context.Context, ix *index.Index, q string) (*index.Result, index.Stats, error) {
	st, err := ix.Stats()
	if err != nil {
		return nil, st, err
	}
	node, err := c.parse(q, st.Last)
	if err != nil {
		return nil, st, err
	}
	from, to, err := c.window(st.Last)
	if err != nil {
		return nil, st, err
	}
	r, err := ix.Search(ctx, node, index.SearchOptions{From: from, To: to})
	return r, st, err
}

// parse parses a query; end is the newest event held, for times relative to it.
func (c *command) parse(q string, end time.Time) (query.Node, error) {
	node, err := query.Parse(q, index.Schema(), query.Options{Now: c.env.Now(), End: end, Location: time.UTC, ReadFile: c.lists.read})
	if err != nil {
		return nil, queryFault(q, err)
	}
	return node, nil
}

// window is the range of --from and --to, half-open; zero where open.
func (c *command) window(end time.Time) (from, to time.Time, err error) {
	if from, err = c.when("from", c.flag.from, end); err != nil {
		return
	}
	if to, err = c.when("to", c.flag.to, end); err != nil {
		return
	}
	moving := strings.Contains(c.flag.from+c.flag.to, "end") // before the newest event held, which end may not be yet
	if !from.IsZero() && !to.IsZero() && !moving && !to.After(from) {
		err = usage("--to is the end, and not included", "--from %s --to %s: ends before it begins", c.flag.from, c.flag.to)
	}
	return
}

// when reads a time of the command line.
func (c *command) when(flag, s string, end time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, _, err := query.ParseTime(s, query.Options{Now: c.env.Now(), End: end, Location: time.UTC})
	if err != nil {
		return time.Time{}, usage("2026-07-01T10:00Z, 2026-07-01, 15:04, -2h, 7d, now, end-2h", "--%s %s: not a time", flag, s)
	}
	return t, nil
}
