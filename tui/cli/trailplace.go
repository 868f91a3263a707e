package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/trail"
	"github.com/trailsift/trailsift/tui"
)

// trailPlace locates trail:NAME-or-ARN. Its identity is its ARN: where a name was resolved before, with this profile and
// endpoint, that is remembered, so that an offline open finds its store; else AWS is asked.
func (c *command) trailPlace(ctx context.Context, text string) (spot, error) {
	name := strings.TrimPrefix(text, trail.Scheme)
	session, err := c.session(ctx)
	if err != nil {
		return spot{}, err
	}
	if name == "" {
		if name, err = c.chooseTrail(ctx, session); err != nil {
			return spot{}, err
		}
	}
	opt, err := c.bucketOptions()
	if err != nil {
		return spot{}, err
	}
	at, known, err := c.trailSpot(ctx, session, name)
	if err != nil {
		return spot{}, err
	}
	return spot{at.Place(), func(ctx context.Context) (source.Source, error) {
		if known {
			if at, err = c.trailNow(ctx, session, name, at); err != nil {
				return nil, err
			}
		}
		a, err := trail.Open(ctx, session, at, opt)
		if err != nil {
			return nil, err
		}
		return a, a.Check(ctx)
	}}, nil
}

// trailSpot is where a trail delivers; known says that it was remembered and nobody was asked.
func (c *command) trailSpot(ctx context.Context, session *aws.Session, name string) (at trail.Spot, known bool, err error) {
	if at, ok := c.rememberedTrail(name); ok {
		return at, true, nil
	}
	if c.flag.offline {
		if at, ok := trail.SpotOf(name); ok {
			return at, true, nil // an ARN is an identity of its own
		}
		return at, false, placeFault("open it once without --offline, name its ARN, or name its store with --index FILE",
			"trail %s is not known yet, and --offline opens no connection to ask", name)
	}
	at, err = trail.Find(ctx, session, name)
	switch {
	case err == nil:
		c.rememberTrail(name, at)
	case errors.Is(err, trail.ErrSeveral), errors.Is(err, trail.ErrName):
		f := asFault(err)
		f.code = exitUsage
		return at, false, f
	}
	return at, false, err
}

// chooseTrail is for "trail:" alone: on a terminal a trail is chosen; elsewhere they are listed.
func (c *command) chooseTrail(ctx context.Context, session *aws.Session) (string, error) {
	if c.flag.offline {
		return "", usage("name it: trail:NAME", "trail: alone asks AWS which trails there are, and --offline opens no connection")
	}
	c.note("asking AWS which trails there are")
	l, err := c.trailsOf(ctx, session)
	if err != nil {
		return "", err
	}
	if len(l.Trails) == 0 {
		return "", placeFault("trailsift history: opens Event history", "%s", noTrails(l))
	}
	if !c.env.fullScreen() {
		if err := c.trailsTable(l); err != nil {
			return "", err
		}
		return "", usage("trailsift trail:"+l.Trails[0].Name, "trail: alone is a list; name the one that is meant")
	}
	place, err := tui.RunTrails(ctx, "TRAILS", trailRows(l, c.env.Now()), c.screen())
	if err != nil {
		return "", err
	}
	if place == "" {
		return "", errQuiet(exitOK)
	}
	return strings.TrimPrefix(place, trail.Scheme), nil
}

// trailNow asks again where a trail that was remembered delivers. Where AWS does not tell, what was remembered counts.
func (c *command) trailNow(ctx context.Context, session *aws.Session, name string, before trail.Spot) (trail.Spot, error) {
	now, err := trail.Find(ctx, session, name)
	switch {
	case ctx.Err() != nil:
		return before, ctx.Err()
	case errors.Is(err, trail.ErrNone) && before.Bucket != "":
		return before, placeFault("its bucket was "+before.URL()+": name that to go on from there", "%s", err)
	case errors.Is(err, trail.ErrNone) || errors.Is(err, trail.ErrSeveral) || err != nil && before.Bucket == "":
		return before, err
	case err != nil:
		return before, nil //nolint:nilerr // the bucket may be read all the same, and tells for itself
	case now.ARN != before.ARN:
		c.rememberTrail(name, now)
		return before, placeFault("run the same command again", "trail %s is now %s, not %s", name, now.ARN, before.ARN)
	}
	c.rememberTrail(name, now)
	return now, nil
}

// trailKey is the name of a trail in what is remembered: names mean something within one account.
func (c *command) trailKey(name string) string { return c.accountKey() + "|" + name }

func (c *command) rememberedTrail(name string) (trail.Spot, bool) {
	dir, err := c.dataDir()
	if err != nil || c.flag.noState {
		return trail.Spot{}, false
	}
	at, ok := loadRegistry(dir).Trails[c.trailKey(name)]
	return at, ok
}

// rememberTrail notes where a trail delivers under the name it was asked by and under its ARN.
func (c *command) rememberTrail(name string, at trail.Spot) {
	dir, err := c.dataDir()
	if err != nil || c.flag.noState {
		return
	}
	r := loadRegistry(dir)
	if r.Trails[c.trailKey(name)] == at && r.Trails[c.trailKey(at.ARN)] == at {
		return
	}
	if r.Trails == nil {
		r.Trails = map[string]trail.Spot{}
	}
	r.Trails[c.trailKey(name)], r.Trails[c.trailKey(at.ARN)] = at, at
	if err := r.save(dir); err != nil {
		c.note("where the trail delivers could not be remembered: %s", plain(err))
	}
}
