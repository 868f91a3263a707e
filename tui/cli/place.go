package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/archive"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/disk"
	"github.com/trailsift/trailsift/source/trail"
)

const placesHelp = `Places:
  DIR, FILE                          a folder (walked) or a file: .json, .json.gz, .jsonl, .zst, .bz2, .zip, .tar, .tgz
  -                                  standard input: one of these files
  s3://BUCKET[/PREFIX]               a trail's bucket or any prefix of it
  trail:[NAME or ARN]                the bucket and prefix that trail delivers to; trail: alone lists the trails
  history:[REGION[,REGION...]|all]   Event history (LookupEvents, the last 90 days)
  demo                               a generated archive of one incident`

// A spot is a place of the command line before it is reached: its identity is known without asking anybody, so that its
// store can be opened from what is held. reach checks it and gives the source.
type spot struct {
	place source.Place
	reach func(ctx context.Context) (source.Source, error)
}

// schemes are the beginnings of places; those that are not built yet are refused by name.
var schemes = []struct {
	prefix string
	locate func(c *command, ctx context.Context, text string) (spot, error)
}{
	{"s3://", (*command).bucket},
	{"history:", (*command).history},
	{trail.Scheme, (*command).trailPlace},
	{"logs:", nil},
	{"sqs:", nil},
	{"athena:", nil},
}

// isPlace reports whether a word is a place: it has a scheme, is demo or "-", looks like a path, or exists.
func isPlace(word string) bool {
	if word == "demo" || word == "-" || word == "." || word == ".." || strings.ContainsAny(word, `/\`) {
		return true
	}
	for _, s := range schemes {
		if strings.HasPrefix(word, s.prefix) {
			return true
		}
	}
	_, err := os.Lstat(word)
	return err == nil
}

// locate turns the places of the command line into spots, each place once.
func (c *command) locate(ctx context.Context, texts []string) ([]spot, error) {
	spots, bad, err := c.locateSome(ctx, texts)
	if err == nil {
		err = errors.Join(bad...)
	}
	return spots, err
}

// locateSome is locate that goes on where a place is wrong; the error is one of the command line, or of the context.
func (c *command) locateSome(ctx context.Context, texts []string) (spots []spot, bad []error, err error) {
	for _, t := range texts {
		each, err := c.asEach(ctx, t)
		if err != nil {
			return nil, nil, err
		}
		for _, as := range each {
			s, err := c.spot(as, t) //nolint:contextcheck // as is ctx with a role
			switch {
			case ctx.Err() != nil:
				return nil, nil, ctx.Err()
			case err != nil && asFault(err).code == exitUsage:
				return nil, nil, err
			case err != nil:
				bad = append(bad, err)
				continue
			}
			if !slices.ContainsFunc(spots, func(o spot) bool { return o.place.ID == s.place.ID }) {
				spots = append(spots, s)
			}
		}
	}
	return spots, bad, nil
}

// spot locates one place.
func (c *command) spot(ctx context.Context, text string) (spot, error) {
	for _, s := range schemes {
		if !strings.HasPrefix(text, s.prefix) {
			continue
		}
		if s.locate == nil {
			return spot{}, notBuilt("the place " + s.prefix)
		}
		return s.locate(c, ctx, text)
	}
	switch text {
	case "-":
		return c.standardInput()
	case "demo":
		d := demo.New(demo.Options{Events: c.flag.events})
		return spot{d.Place(), func(context.Context) (source.Source, error) { return d, nil }}, nil
	}
	return c.folder(text)
}

// folder locates a folder or file; reaching it makes sure that it is there, and CloudTrail in it.
func (c *command) folder(path string) (spot, error) {
	src, err := disk.New(path)
	if errors.Is(err, fs.ErrNotExist) {
		abs, aerr := filepath.Abs(path)
		place := source.Place{Text: path, ID: "file:" + filepath.ToSlash(abs)}
		return spot{place, func(context.Context) (source.Source, error) { return nil, err }}, aerr
	}
	if err != nil {
		return spot{}, err
	}
	return c.opened(src), nil
}

// opened is a local place with the archives in it opened; reaching it makes sure that CloudTrail is in it.
func (c *command) opened(src source.Source) spot {
	a := archive.Of(src)
	c.closers = append(c.closers, a)
	return spot{a.Place(), func(ctx context.Context) (source.Source, error) { return a, inspect(ctx, a) }}
}

// standardInput is the place "-": data that is read once a run, so that it is one source for all that ask.
func (c *command) standardInput() (spot, error) {
	if f, ok := c.env.Stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return spot{}, usage("pipe log files into it: cat FILE | trailsift sync -", "standard input is a terminal: nothing is piped in")
	}
	if c.stdin == nil {
		s := archive.NewStream(c.env.Stdin, archive.Limits{})
		c.stdin = archive.Of(s)
		c.closers = append(c.closers, c.stdin, s)
	}
	a := c.stdin
	return spot{a.Place(), func(ctx context.Context) (source.Source, error) { return a, inspect(ctx, a) }}, nil
}

// transient reports whether any of the places is standard input, which is not there another time.
func transient(places []source.Place) bool {
	return slices.ContainsFunc(places, func(p source.Place) bool { return p.ID == archive.StreamID })
}

// reachAll reaches every spot, in order.
func reachAll(ctx context.Context, spots []spot) ([]source.Source, error) {
	sources := make([]source.Source, 0, len(spots))
	for _, s := range spots {
		src, err := s.reach(ctx)
		if err != nil {
			return nil, err
		}
		sources = append(sources, src)
	}
	return sources, nil
}

// placesOf are the identities of spots.
func placesOf(spots []spot) []source.Place {
	places := make([]source.Place, len(spots))
	for i, s := range spots {
		places[i] = s.place
	}
	return places
}

// remote reports whether any spot needs a connection.
func remote(spots []spot) bool {
	return slices.ContainsFunc(spots, func(s spot) bool { return s.place.Remote })
}
