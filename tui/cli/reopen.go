package cli

import (
	"context"
	"io"
	"strings"
	"sync"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/disk"
	"github.com/trailsift/trailsift/source/trail"
)

// sources are places that were reached to read log files of them again.
type sources struct {
	mu   sync.Mutex
	demo *demo.Demo               // the one last read from
	of   map[string]source.Source // by identity of the place
}

// reopen opens a log file again that the store only refers to: a local one, or one of AWS brought in with --no-keep.
func (c *command) reopen(ctx context.Context, p source.Place, key string) (io.ReadCloser, error) {
	var src source.Source
	var err error
	switch {
	case strings.HasPrefix(p.ID, "demo:"):
		src, err = c.demoOf(p)
	case p.Remote:
		src, err = c.remoteOf(ctx, p)
	default:
		return disk.Reopen(ctx, p, key)
	}
	if err != nil {
		return nil, err
	}
	o, err := src.Open(ctx, source.File{Key: key, SizeBytes: -1})
	if err != nil {
		return nil, err
	}
	return o.Body, nil
}

// demoOf is the demo of a place, made once.
func (c *command) demoOf(p source.Place) (source.Source, error) {
	c.reached.mu.Lock()
	defer c.reached.mu.Unlock()
	if c.reached.demo == nil || c.reached.demo.Place().ID != p.ID {
		d, err := demo.FromPlace(p)
		if err != nil {
			return nil, err
		}
		c.reached.demo = d
	}
	return c.reached.demo, nil
}

// remoteOf reaches a place of AWS, once a run.
func (c *command) remoteOf(ctx context.Context, p source.Place) (source.Source, error) {
	if c.flag.offline {
		return nil, placeFault("leave --offline out", "its bytes were not kept (--no-keep), and --offline opens no connection to ask for them")
	}
	c.reached.mu.Lock()
	defer c.reached.mu.Unlock()
	if src := c.reached.of[p.ID]; src != nil {
		return src, nil
	}
	s, err := c.spotOf(ctx, p)
	if err != nil {
		return nil, err
	}
	src, err := s.reach(ctx)
	if err != nil {
		return nil, err
	}
	if c.reached.of == nil {
		c.reached.of = map[string]source.Source{}
	}
	c.reached.of[p.ID] = src
	return src, nil
}

// spotOf locates a place that a store names.
func (c *command) spotOf(ctx context.Context, p source.Place) (spot, error) {
	text := p.Text
	if path, ok := strings.CutPrefix(p.ID, "file:"); ok {
		text = path // as it was typed depends on the folder it was typed in
	} else if strings.HasPrefix(p.ID, trail.Scheme) {
		text = p.ID // its name may be that of several
	}
	each, err := c.asEach(ctx, text)
	if err != nil {
		return spot{}, err
	}
	for _, as := range each {
		s, err := c.spot(as, text) //nolint:contextcheck // as is ctx with a role
		if err != nil || s.place.ID == p.ID {
			return s, err
		}
	}
	return spot{}, placeFault("use the profile, roles, Region and endpoint it was brought in with", "%s: another place now (another account or endpoint)", p.Text)
}
