package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/s3"
	"github.com/trailsift/trailsift/tui"
	"github.com/trailsift/trailsift/tui/text"
)

// A surveyor is a place that tells what it has before anything of it is fetched: a bucket.
type surveyor interface {
	source.Source
	Survey(ctx context.Context, held func(source.File) bool, progress func(objects int, bytes int64)) (s3.Survey, error)
}

// A survey is what one place has and the store lacks.
type survey struct {
	src      source.Source
	days     []s3.SurveyDay // newest first, then by account, Region and type
	objects  int
	bytes    int64
	unsized  int // objects whose size is not known before they are read
	held     int
	lists    int // listings it took; 0: not of a bucket
	archived int
	problems []error
	err      error // the place could not be listed
}

// priced reports whether fetching costs money.
func (s *survey) priced() bool { return s.lists > 0 }

// surveyAll looks what places have that the store lacks, side by side. ix is nil where there is no store yet. The error
// is the context's.
func surveyAll(ctx context.Context, ix *index.Index, sources []source.Source, progress func(index.Progress)) ([]survey, error) {
	out := make([]survey, len(sources))
	var lock sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for i, src := range sources {
		began := time.Now()
		p := index.Progress{Place: src.Place().Text, Phase: index.PhaseListing}
		tell := func(objects int, bytes int64) {
			p.Listed, p.BytesTotal, p.Elapsed = objects, bytes, time.Since(began)
			lock.Lock()
			defer lock.Unlock()
			if progress != nil {
				progress(p)
			}
		}
		g.Go(func() error {
			s, err := surveyOne(ctx, src, heldIn(ix, src.Place()), tell)
			s.src, s.err = src, err
			out[i] = s
			return ctx.Err()
		})
	}
	return out, g.Wait()
}

// heldIn says of the log files of a place whether the store has them.
func heldIn(ix *index.Index, p source.Place) func(source.File) bool {
	if ix == nil {
		return func(source.File) bool { return false }
	}
	return func(f source.File) bool {
		held, err := ix.Holds(p, f)
		return err == nil && held
	}
}

func surveyOne(ctx context.Context, src source.Source, held func(source.File) bool, tell func(int, int64)) (survey, error) {
	if b, ok := src.(surveyor); ok {
		s, err := b.Survey(ctx, held, tell)
		return survey{
			days: s.Days, objects: s.Objects, bytes: s.Bytes, held: s.Held, lists: s.Requests,
			archived: s.Archived, problems: s.Problems,
		}, err
	}
	return surveyListing(ctx, src, held, tell)
}

// surveyListing counts what a place lists.
func surveyListing(ctx context.Context, src source.Source, held func(source.File) bool, tell func(int, int64)) (survey, error) {
	var s survey
	days := map[s3.SurveyDay]*s3.SurveyDay{}
	for f, err := range src.List(ctx) {
		switch {
		case err != nil && f.Key == "":
			return s, err
		case errors.Is(err, source.ErrIgnored):
			continue
		case err != nil:
			s.problems = append(s.problems, err)
			continue
		case held(f):
			s.held++
			continue
		}
		at := dayOf(f)
		d := days[at]
		if d == nil {
			d = &s3.SurveyDay{Day: at.Day, Account: at.Account, Region: at.Region, Type: at.Type}
			days[at] = d
		}
		size := max(f.SizeBytes, 0)
		if f.SizeBytes < 0 {
			s.unsized++
		}
		d.Objects++
		d.Bytes += size
		s.objects++
		s.bytes += size
		if s.objects%1000 == 0 {
			tell(s.objects, s.bytes)
		}
	}
	for _, d := range days {
		s.days = append(s.days, *d)
	}
	slices.SortFunc(s.days, func(a, b s3.SurveyDay) int {
		return cmp.Or(b.Day.Compare(a.Day), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Type, b.Type))
	})
	return s, ctx.Err()
}

// dayOf is the day, account, Region and type of a log file, as far as its key tells.
func dayOf(f source.File) s3.SurveyDay {
	k, _ := source.ParseKey(f.Key)
	d := k.Day
	if d.IsZero() {
		d = f.Delivered().UTC().Truncate(24 * time.Hour)
	}
	return s3.SurveyDay{Day: d, Account: k.Account, Region: k.Region, Type: k.Kind.String()}
}

// offerOf joins what several places have into one offer.
func (c *command) offerOf(all []survey) tui.Offer {
	o := tui.Offer{Limit: int64(c.flag.maxBytes)}
	var names []string
	cells := map[tui.Where]*tui.Cell{}
	for i := range all {
		s := &all[i]
		names = append(names, s.src.Place().Text)
		o.Lists += s.lists
		o.Held += s.held
		o.Archived += s.archived
		for _, d := range s.days {
			at := tui.Where{Account: d.Account, Region: d.Region, Day: d.Day}
			if cells[at] == nil {
				cells[at] = &tui.Cell{Where: at}
			}
			cells[at].Objects += d.Objects
			cells[at].Bytes += d.Bytes
		}
	}
	for at := range maps.Values(cells) {
		o.Cells = append(o.Cells, *at)
	}
	o.Sort()
	o.Places = strings.Join(names, ", ")
	o.Price = func(objects int, bytes int64) (requests, transfer float64) {
		p := s3.Estimate(0, objects, bytes, true) // the listings were made already
		return p.Gets, p.Transfer
	}
	return o
}

// picked is what is wanted of a place.
type picked struct {
	source.Source
	pick tui.Pick
}

// List leaves out what was not chosen.
func (p picked) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for f, err := range p.Source.List(ctx) {
			if err == nil {
				d := dayOf(f)
				if !p.pick[tui.Where{Account: d.Account, Region: d.Region, Day: d.Day}] {
					continue
				}
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// errTooMuch says what would be asked for and which flag lets it pass.
func (c *command) errTooMuch(o *tui.Offer) error {
	objects, bytes := o.Total(nil)
	hint := fmt.Sprintf("pass --max-bytes %s to bring all of it in, or less with --from, --to, --accounts, --regions; --dry-run shows it by day", roundUp(bytes))
	if len(c.flag.in) > 0 { // a command that answers has no such flag
		hint = fmt.Sprintf("bring it in first: trailsift sync PLACE --max-bytes %s; sync --dry-run shows it by day", roundUp(bytes))
	}
	return usage(hint, "%s, above --max-bytes %s: nothing was fetched", estimateText(o, objects, bytes), text.Bytes(o.Limit))
}

// estimateText is what fetching objects asks for, in words.
func estimateText(o *tui.Offer, objects int, bytes int64) string {
	requests, transfer := o.Price(objects, bytes)
	return fmt.Sprintf("%s to fetch, %s, %s requests, %s (outside of AWS %s for the transfer, too)",
		plural(objects, "object", "objects"), text.Bytes(bytes), text.Count(objects), tui.Cost(requests), tui.Cost(transfer))
}

// roundUp is a size for --max-bytes that holds so many bytes: two digits and a unit.
func roundUp(bytes int64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}} {
		if n := float64(bytes) / u.size; n >= 1 {
			if n < 10 {
				return fmt.Sprintf("%g%s", math.Ceil(n*10)/10, u.name)
			}
			step := math.Pow(10, math.Max(0, math.Floor(math.Log10(n))-1))
			return fmt.Sprintf("%.0f%s", math.Ceil(n/step)*step, u.name)
		}
	}
	return fmt.Sprint(bytes)
}

// sumOf sums surveys up.
func sumOf(all []survey) (sum survey) {
	for i := range all {
		s := &all[i]
		sum.objects += s.objects
		sum.bytes += s.bytes
		sum.unsized += s.unsized
		sum.held += s.held
		sum.lists += s.lists
		sum.archived += s.archived
		sum.problems = slices.Concat(sum.problems, s.problems)
	}
	return sum
}
