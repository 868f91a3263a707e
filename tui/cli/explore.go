package cli

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
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
	if c.flag.dryRun {
		if len(texts) == 0 {
			return usage("trailsift s3://BUCKET --dry-run", "--dry-run needs a place")
		}
		return c.tryOut(ctx, texts, "table")
	}
	if !c.env.fullScreen() {
		if len(texts) == 0 {
			return c.noPlace()
		}
		return c.lines(ctx, texts)
	}
	if err := c.styled(&c.style); err != nil {
		return err
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
	spots, bad, err := c.locateSome(ctx, texts)
	if err == nil && len(spots) == 0 {
		err = errors.Join(bad...)
	}
	if err == nil {
		err = c.followable(spots)
	}
	if err != nil {
		return err
	}
	b := &behind{intake: intake{c: c, places: placesOf(spots), bad: bad}, spots: spots}
	s, err := c.chooseStore(b.places)
	if err != nil {
		return err
	}
	_, missing := os.Stat(s.path)
	quiet := c.flag.offline && remote(spots)
	if quiet && missing != nil {
		return errOffline(spots)
	}
	if !remote(spots) || missing != nil {
		if err := b.arrive(ctx); err != nil {
			return err
		}
	}
	b.ix, err = c.openStore(s, len(spots) > 0 && !quiet)
	if errors.Is(err, index.ErrLocked) && missing == nil {
		// Another explorer is open on it: what is held can be seen, bringing in has to wait.
		b.busy = err
		b.ix, err = c.openStore(store{path: s.path, temp: s.temp, named: s.named, wait: 100 * time.Millisecond}, false)
	}
	if err != nil {
		return cmp.Or(b.busy, err)
	}
	c.remember(s, b.places)
	opt, err := c.screenOf(b.ix, b.places)
	if err != nil {
		return err
	}
	if transient(b.places) {
		keys, err := os.OpenFile(ttyPath, os.O_RDWR, 0)
		if err != nil {
			return placeFault("", "open %s for keys: %s", ttyPath, plain(err))
		}
		defer func() { _ = keys.Close() }()
		opt.Input = keys
	}
	if len(spots) > 0 && !quiet {
		opt.Ingest = b.ingest
	}
	opt.Verify = b.verify
	if !c.flag.offline && b.busy == nil {
		opt.Follow, opt.Following = b.follow, c.flag.follow
	}
	if !c.flag.noState && s.temp == "" {
		opt.State = s.path + stateSuffix
		opt.StateFailed = func(err error) {
			c.onScreen = false
			c.note("what should come back at the next visit could not be kept: %s", plain(err))
		}
	}
	c.onScreen = true
	return tui.Run(ctx, opt)
}

// stateSuffix makes the name of the file beside a store that says what comes back at the next visit.
const stateSuffix = ".state"

// behind is the bringing in behind the panes.
type behind struct {
	intake
	ix      *index.Index
	spots   []spot
	arrived bool
	busy    error      // why the store can't be written to
	writing sync.Mutex // one at a time writes
}

// arrive reaches the places, once.
func (b *behind) arrive(ctx context.Context) error {
	if !b.arrived {
		b.reach(ctx, b.spots)
		b.arrived = len(b.sources) > 0
	}
	if !b.arrived && len(b.bad) > 0 {
		bad := b.bad
		b.bad = nil
		return errors.Join(bad...)
	}
	return ctx.Err()
}

// ingest brings in what is new. While the person chooses, and from its end on, others may read the store, too.
func (b *behind) ingest(ctx context.Context, to tui.Intake) (sum index.Summary, err error) {
	if b.busy != nil {
		return sum, placeFault("", "another process has the store open: %s", b.busy)
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	defer func() { err = errors.Join(err, b.ix.Downgrade()) }()
	if err := b.arrive(ctx); err != nil {
		return sum, err
	}
	if choose := to.Choose; choose != nil {
		to.Choose = func(ctx context.Context, o tui.Offer) (tui.Pick, error) {
			if err := b.ix.Downgrade(); err != nil {
				return nil, err
			}
			return choose(ctx, o)
		}
	}
	sources, err := b.guard(ctx, b.ix, to)
	if err != nil {
		return sum, err
	}
	if err := b.ix.Promote(ctx); err != nil {
		return sum, err
	}
	return b.bring(ctx, b.ix, sources, to.Progress)
}

// follow looks for new events until the context ends. A store that was opened without its places names them.
func (b *behind) follow(ctx context.Context, look func(tui.Look)) error {
	if len(b.spots) == 0 {
		st, err := b.ix.Stats()
		if err != nil {
			return err
		}
		for _, p := range st.Places {
			s, err := b.c.spotOf(ctx, p)
			if err != nil {
				return err
			}
			b.spots = append(b.spots, s)
		}
	}
	if err := b.arrive(ctx); err != nil {
		return err
	}
	return b.intake.follow(ctx, b.ix, &b.writing, look)
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
	opt := c.style
	opt.ReadFile = c.lists.read
	opt.ASCII, opt.NoColor = c.env.ascii(c.flag.ascii), c.env.noColor(c.flag.noColor)
	opt.Input, opt.Output, opt.Now = c.env.Stdin, os.Stdout, c.env.Now
	return opt
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
		place, err := tui.RunProfile(ctx, choice.Profile, c.screen())
		if err != nil || place == "" {
			return err
		}
		return c.panes(ctx, []string{place})
	case choice.Place != "":
		return c.panes(ctx, []string{choice.Place})
	}
	return nil
}
