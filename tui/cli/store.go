package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"

	"github.com/trailsift/trailsift/tui/text"
)

// dataDir is where stores and the registry lie: $XDG_DATA_HOME/trailsift, made 0700.
func (c *command) dataDir() (string, error) {
	dir := dataHome(c.env.Getenv)
	if dir == "" {
		return "", placeFault("set XDG_DATA_HOME, or name a store with --index FILE", "no folder for stores: the user has no home")
	}
	dir = filepath.Join(dir, "trailsift")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", placeFault("name a store with --index FILE", "make folder %s: %s", dir, plain(err))
	}
	return dir, nil
}

// storeName is the file name of the store of a set of places: whatever their order and spelling, the same.
func storeName(places []source.Place) string {
	ids := make([]string, len(places))
	for i, p := range places {
		ids[i] = p.ID
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(ids), "\n")))
	return hex.EncodeToString(sum[:6]) + ".db"
}

// A chosen store: its file, and what to do when the command ends.
type store struct {
	path  string
	temp  string        // folder to remove at the end, for a temporary store
	named bool          // given by --index or $TRAILSIFT_INDEX
	wait  time.Duration // for the one who has it; 0: as long as the index does
}

// chooseStore picks the store in the order users rely on: --index, $TRAILSIFT_INDEX, the places named, the store used
// last.
func (c *command) chooseStore(places []source.Place) (store, error) {
	if path := c.indexFlag(); path != "" {
		path, err := filepath.Abs(path)
		return store{path: path, named: true}, err
	}
	if len(places) > 0 && (c.flag.noState || transient(places)) {
		dir, err := os.MkdirTemp("", "trailsift-")
		if err != nil {
			return store{}, placeFault("set TMPDIR to a folder that can be written", "make a temporary store: %s", plain(err))
		}
		return store{path: filepath.Join(dir, storeName(places)), temp: dir}, nil
	}
	dir, err := c.dataDir()
	if err != nil {
		return store{}, err
	}
	if len(places) > 0 {
		return store{path: filepath.Join(dir, storeName(places))}, nil
	}
	last, ok := loadRegistry(dir).last()
	if !ok {
		return store{}, usage("bring events in first: trailsift sync PLACE, or name a place with --in", "no store yet")
	}
	return store{path: filepath.Join(dir, last.File)}, nil
}

func (c *command) indexFlag() string {
	if c.flag.index != "" {
		return c.flag.index
	}
	return c.env.Getenv("TRAILSIFT_INDEX")
}

// openStore opens a store; write says whether events will be brought in. The index is closed when the command ends.
func (c *command) openStore(s store, write bool) (*index.Index, error) {
	if err := refuseNetworkFS(s.path); err != nil {
		return nil, err
	}
	if write {
		if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
			return nil, placeFault("", "make folder for the store %s: %s", s.path, plain(err))
		}
	}
	ix, err := c.openWaiting(s.path, index.Options{
		Write: write, Wait: s.wait, Version: c.env.Version, Now: c.env.Now, Reopen: c.reopen,
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage("bring events in first: trailsift sync PLACE --index "+s.path, "no store at %s", s.path)
	case err != nil:
		return nil, err
	}
	c.ix = ix
	c.temp = s.temp
	return ix, nil
}

// waitRound is how long --wait waits before it says again for whom, where that has changed, and sees an interrupt.
const waitRound = 500 * time.Millisecond

// openWaiting opens a store; with --wait it waits as long as another process has it.
func (c *command) openWaiting(path string, opt index.Options) (*index.Index, error) {
	if c.flag.wait {
		opt.Wait = waitRound
	}
	said := ""
	for {
		ix, err := index.Open(path, opt)
		if !c.flag.wait || !errors.Is(err, index.ErrLocked) {
			return ix, err
		}
		if what := err.Error(); what != said {
			said = what
			c.note("waiting: %s", what)
		}
		select {
		case <-c.stopped:
			return nil, context.Canceled
		default:
		}
	}
}

// existing makes sure that a store is there: opening it for writing would make one.
func (c *command) existing(s store) error {
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		return usage("bring events in first: trailsift sync PLACE --index "+s.path, "no store at %s", s.path)
	}
	return nil
}

// openNew opens a store for writing; fresh says that it was not there before.
func (c *command) openNew(s store) (ix *index.Index, fresh bool, err error) {
	_, missing := os.Stat(s.path)
	ix, err = c.openStore(s, true)
	return ix, missing != nil, err
}

// dropStore takes back a store that was made for nothing.
func (c *command) dropStore(s store) error {
	err := c.ix.Close()
	c.ix = nil
	return errors.Join(err, os.Remove(s.path))
}

// remember notes that a store was used, unless nothing may be left behind.
func (c *command) remember(s store, places []source.Place) {
	if c.flag.noState || s.temp != "" || s.named {
		return
	}
	dir, err := c.dataDir()
	if err != nil {
		return
	}
	r := loadRegistry(dir)
	r.use(filepath.Base(s.path), places, c.env.Now())
	if err := r.save(dir); err != nil {
		c.note("the list of stores could not be written: %s", plain(err))
	}
}

// sayStore names the store that was used because no place was given.
func (c *command) sayStore(s store, ix *index.Index) {
	st, err := ix.Stats()
	if err != nil {
		return
	}
	c.note("using %s: %s, %s events", filepath.Base(s.path), placesText(st.Places), text.Count(st.Events))
}

func placesText(places []source.Place) string {
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = p.Text
	}
	return strings.Join(names, ", ")
}

// plain is the cause of a file error without the path, which the message has already.
func plain(err error) string {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err.Error()
	}
	return err.Error()
}

// ago is a duration back from now in the largest unit that fits, for lists.
func ago(now, then time.Time) string {
	d := now.Sub(then)
	switch {
	case then.IsZero():
		return "never"
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d days ago", int(d.Hours()/24))
}

// answerFrom opens the store a question goes to: with --in the places are brought in first.
func (c *command) answerFrom(ctx context.Context) (*index.Index, error) {
	if len(c.flag.in) == 0 {
		s, err := c.chooseStore(nil)
		if err != nil {
			return nil, err
		}
		ix, err := c.openStore(s, false)
		if err != nil {
			return nil, err
		}
		if !s.named {
			c.sayStore(s, ix)
		}
		st, err := ix.Stats()
		if err == nil {
			c.remember(s, st.Places)
		}
		return ix, err
	}
	if ix, out, err := c.held(ctx, c.flag.in); out {
		return ix, err
	}
	ix, _, err := c.bringIn(ctx, c.flag.in)
	return ix, err
}

// held opens the store of places that --offline does not reach, if there is one. out says that they are such places.
func (c *command) held(ctx context.Context, texts []string) (ix *index.Index, out bool, err error) {
	if !c.flag.offline {
		return nil, false, nil
	}
	spots, err := c.locate(ctx, texts)
	if err != nil || !remote(spots) {
		return nil, err != nil, err
	}
	ix, err = c.storeOf(spots)
	return ix, true, err
}

// storeOf opens the store of places for reading; that there is none is an error about --offline.
func (c *command) storeOf(spots []spot) (*index.Index, error) {
	if c.flag.noState && c.indexFlag() == "" {
		return nil, errOffline(spots) // a temporary store holds nothing
	}
	s, err := c.chooseStore(placesOf(spots))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.path); err != nil {
		return nil, errOffline(spots)
	}
	ix, err := c.openStore(s, false)
	if err == nil {
		c.note("offline: answering from what is held")
		c.remember(s, placesOf(spots))
	}
	return ix, err
}
