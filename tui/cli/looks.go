package cli

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/source/trail"
)

// recent is a place limited to where new log files arrive: the newest day folders of a bucket, the latest events of
// Event history, a folder as a whole.
func (in *intake) recent(ctx context.Context, ix *index.Index, f *follower, now time.Time) (source.Source, error) {
	var bucket *s3.Bucket
	switch src := f.src.(type) {
	case *history.History:
		return src.Recent(now.Sub(f.last) + historySlack), nil
	case *trail.Archive:
		bucket = src.Bucket
	case *s3.Bucket:
		bucket = src
	default:
		return f.src, nil
	}
	opt, err := in.sinceOptions(f.last)
	if f.days == nil {
		f.days = &dayFolders{Bucket: bucket, place: f.src.Place(), active: deliveredTo(ctx, ix, f.src.Place(), now)}
	}
	f.days.opt = opt
	return f.days, err
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

// Looks at a bucket list the day folders of the accounts and Regions in which something was delivered lately: an
// organisation has thousands without. Now and then a look descends from the root and finds others.
const (
	// descendEvery is how often; where descending takes long it is descendShare times as long.
	descendEvery, descendShare = 2 * time.Minute, 100
	// besideLooks are day folders listed side by side.
	besideLooks = 16
	// Of more folders than fewFolders only those are listed in which something was delivered within lately.
	fewFolders, lately = 64, 7 * 24 * time.Hour
)

// deliveredTo are the folders of accounts and Regions of which the store holds log files.
func deliveredTo(ctx context.Context, ix *index.Index, p source.Place, now time.Time) map[string]bool {
	rows, _, err := ix.Files(ctx, index.FilesOptions{})
	if err != nil {
		return map[string]bool{} // the first look descends
	}
	newest := map[string]time.Time{}
	for i := range rows {
		if folder := regionFolder(rows[i].Key); rows[i].Place == p.ID && folder != "" && !rows[i].Delivered.Before(newest[folder]) {
			newest[folder] = rows[i].Delivered
		}
	}
	active := map[string]bool{}
	for folder, at := range newest {
		if len(newest) <= fewFolders || now.Sub(at) < lately {
			active[folder] = true
		}
	}
	return active
}

// dayFolders are the newest day folders of a bucket, listed again and again.
type dayFolders struct {
	*s3.Bucket
	place    source.Place
	opt      s3.Options      // From: the first day
	active   map[string]bool // folders of Regions: "AWSLogs/111122223333/CloudTrail/us-east-1"
	descends time.Time       // when the bucket is listed from its root again
}

// Place is the bucket as it was brought in.
func (d *dayFolders) Place() source.Place { return d.place }

// List yields the log files of the newest days.
func (d *dayFolders) List(ctx context.Context) iter.Seq2[source.File, error] {
	if time.Now().After(d.descends) {
		return d.descend(ctx)
	}
	return func(yield func(source.File, error) bool) {
		files, err := d.look(ctx)
		for _, f := range files {
			if !yield(f, nil) {
				return
			}
		}
		if err != nil {
			d.descends = time.Time{}
			yield(source.File{}, err)
		}
	}
}

// descend lists from the root and notes where something was delivered.
func (d *dayFolders) descend(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		_, prefix, _ := s3.Parse(d.Bucket.Place().Text)
		began, flat := time.Now(), false
		for f, err := range d.Narrow(d.opt).List(ctx) {
			switch folder := regionFolder(f.Key); {
			case err != nil:
			case folder == "" || !strings.HasPrefix(folder+"/", prefix):
				flat = true // log files that lie otherwise: only the whole listing finds new ones
			default:
				d.active[folder] = true
			}
			if !yield(f, err) {
				return
			}
		}
		if now := time.Now(); !flat {
			d.descends = now.Add(max(descendEvery, descendShare*now.Sub(began)))
		}
	}
}

// look lists the folders where something was delivered.
func (d *dayFolders) look(ctx context.Context) (files []source.File, err error) {
	var lock sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(besideLooks)
	for folder := range d.active {
		g.Go(func() error {
			for f, err := range d.At(folder, d.opt).List(ctx) {
				switch {
				case err != nil && f.Key == "":
					return err
				case err == nil:
					lock.Lock()
					files = append(files, f)
					lock.Unlock()
				}
			}
			return nil
		})
	}
	return files, g.Wait()
}

// regionFolder is the folder above the day folders, "" where a key has none.
func regionFolder(key string) string {
	k, ok := source.ParseKey(key)
	if !ok || k.Day.IsZero() {
		return ""
	}
	at := strings.LastIndex(key, k.Day.Format("/2006/01/02/"))
	return key[:max(at, 0)]
}

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

// maxTried bounds what a follower remembers of log files.
const maxTried = 10_000

// fresh lists what the store lacks of a place and was not asked for just now. Things that can't be listed are left out: they
// were named when the place was brought in.
func (f *follower) fresh(ctx context.Context, ix *index.Index, src source.Source) (files []source.File, err error) {
	held, now := heldIn(ix, src.Place()), time.Now()
	if len(f.tried) > maxTried {
		clear(f.tried)
	}
	for file, err := range src.List(ctx) {
		switch {
		case err != nil && file.Key == "":
			return files, err
		case err != nil || held(file) || !file.Volatile && now.Sub(f.tried[file]) < tryAgainAfter:
			continue
		}
		files = append(files, file)
	}
	return files, ctx.Err()
}
