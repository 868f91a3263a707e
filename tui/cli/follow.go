package cli

import (
	"context"
	"errors"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/source/trail"
	"github.com/trailsift/trailsift/tui"
)

// How long following waits between two looks at a place. CloudTrail delivers every five minutes or so, Event history has
// an event within minutes; a look at AWS that found something is followed by another one sooner.
const (
	lookSoonAWS, lookLateAWS       = 15 * time.Second, 30 * time.Second
	lookSoonFolder, lookLateFolder = 2 * time.Second, 10 * time.Second
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
	last, due  time.Time // the last look, and the next one
}

// canFollow reports whether something may still arrive at a place.
func canFollow(p source.Place) bool { return !strings.HasPrefix(p.ID, "demo:") }

// followers are what there is to follow of an intake.
func (in *intake) followers() ([]*follower, error) {
	now := time.Now()
	var all []*follower
	for _, src := range in.sources {
		if !canFollow(src.Place()) {
			continue
		}
		f := &follower{src: src, soon: lookSoonFolder, late: lookLateFolder, last: now}
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
		return nil, usage("follow a folder, a bucket, a trail or Event history", "--follow: nothing new will ever arrive in the demo")
	}
	return all, nil
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
	recent, err := in.recent(f, began)
	var files []source.File
	if err == nil {
		files, err = fresh(ctx, ix, recent)
	}
	if len(files) > 0 {
		var sum index.Summary
		writing.Lock()
		sum, err = in.take(ctx, ix, listed{recent, files})
		writing.Unlock()
		n = sum.Events
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

// recent is a place limited to where new log files arrive: the day folders of a bucket since the last look, the latest
// events of Event history, a folder as a whole.
func (in *intake) recent(f *follower, now time.Time) (source.Source, error) {
	switch src := f.src.(type) {
	case *history.History:
		return src.Recent(now.Sub(f.last) + historySlack), nil
	case *trail.Archive:
		opt, err := in.sinceOptions(f.last)
		return placed{src.Narrow(opt), src.Place()}, err
	case *s3.Bucket:
		opt, err := in.sinceOptions(f.last)
		return src.Narrow(opt), err
	}
	return f.src, nil
}

// sinceOptions limit a bucket to what was delivered on the day of the last look and after; an hour into a day that is
// the day before, too.
func (in *intake) sinceOptions(last time.Time) (s3.Options, error) {
	opt, err := in.c.bucketOptions()
	now := in.c.env.Now()
	since := now.Add(-time.Since(last) - midnightSlack).UTC().Truncate(24 * time.Hour)
	if opt.From.Before(since) {
		opt.From = since
	}
	return opt, err
}

// placed is a source under the identity of another one.
type placed struct {
	source.Source
	place source.Place
}

func (p placed) Place() source.Place { return p.place }

// listed is a source whose listing is known.
type listed struct {
	source.Source
	files []source.File
}

func (l listed) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for _, f := range l.files {
			if ctx.Err() != nil || !yield(f, nil) {
				return
			}
		}
	}
}

// fresh lists what the store lacks of a place. Things that can't be listed are left out: they were named when the place
// was brought in.
func fresh(ctx context.Context, ix *index.Index, src source.Source) (files []source.File, err error) {
	held := heldIn(ix, src.Place())
	for f, err := range src.List(ctx) {
		switch {
		case err != nil && f.Key == "":
			return files, err
		case err == nil && !held(f):
			files = append(files, f)
		}
	}
	return files, ctx.Err()
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
