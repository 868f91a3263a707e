package cli

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui"
)

// searchOn prints what a query finds, oldest first, and then what arrives, each event once, until the context ends.
func (c *command) searchOn(ctx context.Context, q, format string) error {
	switch {
	case format == "json":
		return usage("--format jsonl prints one event a line", "--follow: json is one document, which never ends")
	case c.flag.count || c.flag.reverse || c.flag.failEmpty:
		return usage("", "--follow does not go with --count, --reverse or --fail-if-empty")
	case c.flag.offline:
		return usage("leave --offline out", "--follow has to look, and --offline opens no connection")
	}
	r, err := c.answer(ctx, q)
	if err != nil {
		return err
	}
	if c.later != nil {
		c.note("%s; following the others", asFault(c.later).message)
	}
	if err := c.ix.Downgrade(); err != nil {
		return err
	}
	if err := c.comeFromStore(ctx); err != nil {
		return err
	}
	// What is new is told by what the store held when the first events were searched: nothing has come in since.
	mark, err := c.ix.Mark()
	if err != nil {
		return err
	}
	if r, err = c.newestOf(ctx, r, q, format); err != nil {
		return err
	}
	c.flag.reverse, c.flag.limit = true, 0
	if err := c.printEvents(ctx, r, format); err != nil {
		return err
	}
	return c.printArrivals(ctx, q, format, mark)
}

// comeFromStore makes the places of the open store those that are followed, where none were named.
func (c *command) comeFromStore(ctx context.Context) error {
	if c.came != nil {
		return nil
	}
	st, err := c.ix.Stats()
	if err != nil {
		return err
	}
	in := &intake{c: c, places: st.Places}
	for _, p := range st.Places {
		if !canFollow(p) {
			continue
		}
		s, err := c.spotOf(ctx, p)
		if err != nil {
			return err
		}
		in.reach(ctx, []spot{s})
	}
	if len(in.sources) == 0 && len(in.bad) > 0 {
		return errors.Join(in.bad...)
	}
	for _, err := range in.bad {
		c.note("%s; following the others", asFault(err).message)
	}
	in.bad = nil
	c.came = in
	return nil
}

// newestOf is a result without what --limit leaves out, which are the oldest.
func (c *command) newestOf(ctx context.Context, r *index.Result, q, format string) (*index.Result, error) {
	limit := c.flag.limit
	if limit < 0 && format == "table" && c.env.StdoutTTY {
		limit = c.oneScreen()
	}
	if limit <= 0 || limit >= r.Count() {
		return r, nil
	}
	rows, err := r.Page(ctx, limit-1, 1, nil)
	if err != nil || len(rows) == 0 || !rows[0].HasTime {
		return r, err
	}
	return c.again(ctx, q, rows[0].Time)
}

// again searches what is held now, from a time on.
func (c *command) again(ctx context.Context, q string, from time.Time) (*index.Result, error) {
	st, err := c.ix.Stats()
	if err != nil {
		return nil, err
	}
	node, err := c.parse(q, st.Last)
	if err != nil {
		return nil, err
	}
	begin, end, err := c.window(st.Last)
	if err != nil {
		return nil, err
	}
	if from.After(begin) {
		begin = from
	}
	return c.ix.Search(ctx, node, index.SearchOptions{From: begin, To: end})
}

// printArrivals prints what comes in, until the context ends or nobody reads any more.
func (c *command) printArrivals(ctx context.Context, q, format string, mark index.Mark) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var writing sync.Mutex
	failed, generation := "", c.ix.Generation()
	err := c.came.follow(ctx, c.ix, &writing, func(l tui.Look) {
		failed = c.noteLook(l, failed)
		if l.Generation == generation {
			return
		}
		generation = l.Generation
		next, err := c.printSince(ctx, q, format, mark)
		if mark = next; err != nil {
			stop(err)
		}
	})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// printSince prints what came in since a mark and gives the mark of now.
func (c *command) printSince(ctx context.Context, q, format string, mark index.Mark) (index.Mark, error) {
	next, err := c.ix.Mark()
	if err != nil {
		return mark, err
	}
	r, err := c.again(ctx, q, time.Time{})
	if err != nil {
		return mark, err
	}
	if r, err = r.Since(ctx, mark); err != nil || r.Count() == 0 {
		return next, err
	}
	return next, c.printEvents(ctx, r, format)
}
