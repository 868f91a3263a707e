package cli

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/tui"
)

// explore opens the panes on places, or on the start page where none is given. Without a terminal it brings in and
// prints a summary.
func (c *command) explore(ctx context.Context, texts []string) error {
	if _, _, err := c.window(c.env.Now()); err != nil {
		return err
	}
	if !c.env.fullScreen() {
		if len(texts) == 0 {
			return c.noPlace()
		}
		return c.lines(ctx, texts)
	}
	if len(texts) == 0 && c.indexFlag() == "" {
		return c.start(ctx)
	}
	return c.panes(ctx, texts)
}

// noPlace is the usage for a run with nothing to do.
func (c *command) noPlace() error {
	c.root.SetOut(c.env.Stderr)
	if err := c.root.Help(); err != nil {
		return err
	}
	return errQuiet(exitUsage)
}

// panes opens the store of places and takes the screen; what is new comes in behind it. Places are checked before,
// except where a store with events of a remote place is at hand: that opens at once, whatever AWS says.
func (c *command) panes(ctx context.Context, texts []string) error {
	spots, err := c.locate(ctx, texts)
	if err != nil {
		return err
	}
	places := placesOf(spots)
	s, err := c.chooseStore(places)
	if err != nil {
		return err
	}
	_, missing := os.Stat(s.path)
	quiet := c.flag.offline && remote(spots)
	if quiet && missing != nil {
		return errOffline(spots)
	}
	var sources []source.Source
	late := remote(spots) && missing == nil
	if !late {
		if sources, err = reachAll(ctx, spots); err != nil {
			return err
		}
	}
	ix, err := c.openStore(s, len(spots) > 0 && !quiet)
	var busy error
	if errors.Is(err, index.ErrLocked) && missing == nil {
		// Another explorer is open on it: what is held can be seen, bringing in has to wait.
		busy = err
		ix, err = c.openStore(store{path: s.path, temp: s.temp, named: s.named, wait: 100 * time.Millisecond}, false)
	}
	if err != nil {
		return cmp.Or(busy, err)
	}
	c.remember(s, places)
	opt, err := c.screenOf(ix, places)
	if err != nil {
		return err
	}
	if len(spots) > 0 && !quiet {
		opt.Ingest = func(ctx context.Context, progress func(index.Progress)) (index.Summary, error) {
			if busy != nil {
				return index.Summary{}, placeFault("", "another process has the store open: %s", busy)
			}
			if late {
				var err error
				if sources, err = reachAll(ctx, spots); err != nil {
					return index.Summary{}, errors.Join(err, ix.Downgrade())
				}
			}
			sum, err := ingestAll(ctx, ix, sources, progress)
			return sum, errors.Join(err, ix.Downgrade()) // from here on others may read, too
		}
	}
	c.onScreen = true
	return tui.Run(ctx, opt)
}

// screenOf are the options of the panes over one store.
func (c *command) screenOf(ix *index.Index, places []source.Place) (tui.Options, error) {
	opt := c.screen()
	st, err := ix.Stats()
	if err != nil {
		return opt, err
	}
	if len(places) == 0 {
		places = st.Places
	}
	opt.Index, opt.Places, opt.Trails = ix, placesText(places), c.screenTrails()
	for _, p := range places {
		opt.In = append(opt.In, p.Text)
	}
	opt.From, opt.To, err = c.window(st.Last)
	return opt, err
}

// screen are the options of the panes that come from the environment.
func (c *command) screen() tui.Options {
	return tui.Options{
		ASCII: c.env.ascii(c.flag.ascii), NoColor: c.env.noColor(c.flag.noColor),
		Input: c.env.Stdin, Output: os.Stdout, Now: c.env.Now,
	}
}

// start shows recent stores and what can be opened, then opens what was chosen. Nothing is asked of AWS before.
func (c *command) start(ctx context.Context) error {
	stores, err := c.stores()
	if err != nil {
		return err
	}
	page := tui.Start{Now: c.env.Now(), Profiles: awsProfiles(c.env.Getenv)}
	for _, s := range stores {
		page.Stores = append(page.Stores, tui.RecentStore{
			Path: s.Path, Places: strings.Join(s.Places, ", "), Events: s.Events, Bytes: s.Bytes, Used: s.Used, Note: s.Note,
		})
	}
	choice, err := tui.RunStart(ctx, page, c.screen())
	if err != nil {
		return err
	}
	switch {
	case choice.Store != "":
		c.flag.index = choice.Store
		return c.panes(ctx, nil)
	case choice.Profile != "":
		c.flag.profile = choice.Profile
		return c.panes(ctx, []string{"history:"})
	case choice.Place != "":
		return c.panes(ctx, []string{choice.Place})
	}
	return nil
}
