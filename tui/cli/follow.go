package cli

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/archive"
	"github.com/trailsift/trailsift/tui"
)

// How long following waits between two looks at a place. CloudTrail delivers every five minutes or so, Event history has
// an event within minutes; a look at AWS that found something is followed by another one sooner.
const (
	lookSoonAWS, lookLateAWS       = 15 * time.Second, 30 * time.Second
	lookSoonFolder, lookLateFolder = 2 * time.Second, 10 * time.Second
	// tryAgainAfter is when a log file that could not be read is asked for again.
	tryAgainAfter = 2 * time.Minute
	// midnightSlack is how long after midnight the folder of the day before is still listed.
	midnightSlack = time.Hour
	// historySlack is how much further than its last look a look at Event history reaches.
	historySlack = 5 * time.Minute
)

// A follower looks at one place again and again.
type follower struct {
	src        source.Source
	soon, late time.Duration
	wait       time.Duration
	last, due  time.Time                 // the last look, and the next one
	days       *dayFolders               // of a bucket
	tried      map[source.File]time.Time // what looks found, and when it was asked for
}

// canFollow reports whether something may still arrive at a place.
func canFollow(p source.Place) bool {
	return !strings.HasPrefix(p.ID, "demo:") && p.ID != archive.StreamID
}

// followers are what there is to follow of an intake.
func (in *intake) followers() ([]*follower, error) {
	now := time.Now()
	var all []*follower
	for _, src := range in.sources {
		if !canFollow(src.Place()) {
			continue
		}
		f := &follower{src: src, soon: lookSoonFolder, late: lookLateFolder, last: now, tried: map[source.File]time.Time{}}
		if src.Place().Remote {
			f.soon, f.late = lookSoonAWS, lookLateAWS
		}
		if every := in.c.env.FollowEvery; every > 0 {
			f.soon, f.late = every, every
		}
		f.wait = f.soon
		f.due = now.Add(f.wait)
		all = append(all, f)
	}
	if len(all) == 0 {
		return nil, errNothingNew()
	}
	return all, nil
}

func errNothingNew() error {
	return usage("follow a folder, a bucket, a trail or Event history", "--follow: nothing new will ever arrive there")
}

// followable is an error where --follow was given and nothing new arrives at any of the places.
func (c *command) followable(spots []spot) error {
	if c.flag.follow && len(spots) > 0 && !slices.ContainsFunc(spots, func(s spot) bool { return canFollow(s.place) }) {
		return errNothingNew()
	}
	return nil
}

// follow looks at the places until the context ends, brings in what is new and tells of each look. The store is written
// to only where there is something, so that others can read it meanwhile; writing is held then.
func (in *intake) follow(ctx context.Context, ix *index.Index, writing *sync.Mutex, look func(tui.Look)) error {
	all, err := in.followers()
	if err != nil {
		return err
	}
	came := 0
	in.followed.Complete = true
	look(tui.Look{At: in.c.env.Now(), Generation: ix.Generation()})
	for {
		next := all[0]
		for _, f := range all {
			if f.due.Before(next.due) {
				next = f
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(next.due)):
		}
		n, err := in.lookAt(ctx, ix, writing, next)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		came += n
		look(tui.Look{At: in.c.env.Now(), New: came, Err: err, Generation: ix.Generation()})
	}
}

// lookAt looks at one place once and gives how many events came in.
func (in *intake) lookAt(ctx context.Context, ix *index.Index, writing *sync.Mutex, f *follower) (n int, err error) {
	began := time.Now()
	recent, err := in.recent(ctx, ix, f, began)
	var files []source.File
	if err == nil {
		files, err = f.fresh(ctx, ix, recent)
	}
	if len(files) > 0 {
		var sum index.Summary
		writing.Lock()
		sum, err = in.take(ctx, ix, listed{recent, files})
		writing.Unlock()
		n = sum.Events
		for _, file := range files {
			if err == nil {
				f.tried[file] = began
			}
		}
	}
	if err == nil {
		f.last = began
	}
	took := time.Since(began)
	f.wait = min(f.wait*3/2, f.late)
	if n > 0 {
		f.wait = f.soon
	}
	// A place that is slow to list is looked at seldom.
	f.due = time.Now().Add(max(f.wait, 10*took))
	return n, err
}

// take brings in what a look found, with the store open for writing meanwhile.
func (in *intake) take(ctx context.Context, ix *index.Index, src source.Source) (index.Summary, error) {
	if err := ix.Promote(ctx); err != nil {
		return index.Summary{}, err
	}
	sum, err := in.ingest(ctx, ix, []source.Source{src}, func(index.Progress) {})
	addSummary(&in.followed, sum)
	if sum.DigestFiles > 0 && err == nil {
		err = in.prove(ctx, ix, func(index.Progress) {})
	}
	return sum, errors.Join(err, ix.Downgrade())
}

// followOn goes on after places were brought in, and says what arrives, until the context ends.
func (c *command) followOn(ctx context.Context, ix *index.Index) (index.Summary, error) {
	if err := ix.Downgrade(); err != nil {
		return index.Summary{}, err
	}
	said := 0
	bar := c.newProgress()
	defer bar.done()
	var writing sync.Mutex
	failed := ""
	err := c.came.follow(ctx, ix, &writing, func(l tui.Look) {
		bar.look(l, l.New-said)
		said = l.New
		failed = c.noteLook(l, failed)
	})
	return c.came.followed, err
}

// noteLook says once why a look failed; it gives what was said last.
func (c *command) noteLook(l tui.Look, said string) string {
	if l.Err == nil {
		return ""
	}
	if l.Err.Error() != said {
		c.note("following: %s; trying again", asFault(l.Err).message)
	}
	return l.Err.Error()
}
