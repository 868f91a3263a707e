package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/tui"
)

// An intake is the bringing in of some places: those that were reached, and why others were not.
type intake struct {
	c       *command
	places  []source.Place  // all whose identity is known, reached or not: they name the store
	sources []source.Source // reached
	bad     []error

	followed index.Summary // what came in by following
}

// reach finds the places of the command line. One that can't be reached does not keep the others out; where none can,
// or the command line is wrong, that is the error.
func (c *command) reach(ctx context.Context, texts []string) (*intake, error) {
	spots, bad, err := c.locateSome(ctx, texts)
	if err != nil {
		return nil, err
	}
	if err := c.followable(spots); err != nil {
		return nil, err
	}
	if c.flag.offline && remote(spots) {
		return nil, errOffline(spots)
	}
	in := &intake{c: c, places: placesOf(spots), bad: bad}
	in.reach(ctx, spots)
	if len(in.sources) == 0 {
		return nil, errors.Join(in.bad...)
	}
	return in, ctx.Err()
}

// reach reaches every spot, in order.
func (in *intake) reach(ctx context.Context, spots []spot) {
	for _, s := range spots {
		src, err := s.reach(ctx)
		if err != nil {
			in.bad = append(in.bad, err)
			continue
		}
		in.sources = append(in.sources, src)
	}
}

// tryOut says what bringing places in would ask for.
func (c *command) tryOut(ctx context.Context, texts []string, format string) error {
	in, err := c.reach(ctx, texts)
	if err != nil {
		return err
	}
	s, err := c.chooseStore(in.places)
	if err != nil {
		return err
	}
	err = c.dryRun(ctx, s, in.sources, format)
	if len(in.bad) > 0 && errors.As(err, new(errQuiet)) {
		err = nil // the places that could not be reached say it
	}
	return errors.Join(append(in.bad, err)...)
}

// bringIn reaches places, opens their store and brings in what is new. What could be brought in was, also where an
// error is returned: the index is then open.
func (c *command) bringIn(ctx context.Context, texts []string) (*index.Index, index.Summary, error) {
	in, err := c.reach(ctx, texts)
	if err != nil {
		return nil, index.Summary{}, err
	}
	s, err := c.chooseStore(in.places)
	if err != nil {
		return nil, index.Summary{}, err
	}
	ix, sum, err := in.into(ctx, s)
	if ix != nil {
		c.came = in
	}
	return ix, sum, err
}

// into opens a store and brings in.
func (in *intake) into(ctx context.Context, s store) (*index.Index, index.Summary, error) {
	c := in.c
	bar := c.newProgress()
	defer bar.done()
	ix, fresh, err := c.openNew(s)
	if err != nil {
		return nil, index.Summary{}, err
	}
	sources, err := in.guard(ctx, ix, tui.Intake{Progress: bar.update, Choose: c.choose})
	bar.done()
	if err != nil {
		if fresh {
			err = errors.Join(err, c.dropStore(s))
		}
		return nil, index.Summary{}, err
	}
	c.remember(s, in.places)
	if c.flag.noKeep && remotePlace(in.sources) {
		c.note("--no-keep: log files of AWS are not kept, so that offline verify and index extract are lost, and records are asked for again when they are read")
	}
	sum, err := in.bring(ctx, ix, sources, bar.update)
	return ix, sum, err
}

// guard looks how much AWS places have before anything is fetched. Where that is too much it asks what is wanted of it;
// the sources it gives leave the rest out.
func (in *intake) guard(ctx context.Context, ix *index.Index, to tui.Intake) ([]source.Source, error) {
	buckets := make([]source.Source, 0, len(in.sources))
	for _, src := range in.sources {
		if _, ok := src.(surveyor); ok {
			buckets = append(buckets, src)
		}
	}
	if len(buckets) == 0 || in.c.flag.maxBytes == 0 && !to.Ask {
		return in.sources, nil
	}
	all, err := surveyAll(ctx, ix, buckets, to.Progress)
	if err != nil {
		return nil, err
	}
	if in.drop(all); len(in.sources) == 0 {
		return nil, errors.Join(in.bad...)
	}
	offer := in.c.offerOf(all)
	if !offer.TooMuch() && !to.Ask {
		return in.sources, nil
	}
	if to.Choose == nil {
		return nil, in.c.errTooMuch(&offer)
	}
	pick, err := to.Choose(ctx, offer)
	if err != nil {
		return nil, err
	}
	chosen := make([]source.Source, len(in.sources))
	for i, src := range in.sources {
		chosen[i] = src
		if _, ok := src.(surveyor); ok {
			chosen[i] = picked{src, pick}
		}
	}
	return chosen, nil
}

// drop leaves out places that could not be listed.
func (in *intake) drop(all []survey) {
	for i := range all {
		if err := all[i].err; err != nil {
			in.bad = append(in.bad, err)
			in.sources = slices.DeleteFunc(in.sources, func(s source.Source) bool { return s == all[i].src })
		}
	}
}

// choose asks on the terminal what of an offer is wanted; without one that is an error with the flag to pass.
func (c *command) choose(ctx context.Context, o tui.Offer) (tui.Pick, error) {
	if !c.env.fullScreen() {
		return nil, c.errTooMuch(&o)
	}
	pick, err := tui.RunChoose(ctx, o, c.screen())
	if errors.Is(err, tui.ErrNotWanted) {
		return nil, c.errTooMuch(&o)
	}
	return pick, err
}

// errOffline is the refusal to reach a place that needs a connection.
func errOffline(spots []spot) error {
	for _, s := range spots {
		if s.place.Remote {
			return placeFault("leave --offline out, or ask what is held: trailsift search --index STORE",
				"%s: bringing in needs a connection, and --offline opens none", s.place.Text)
		}
	}
	return nil
}

// bring brings sources in, and verifies what digests came with.
func (in *intake) bring(ctx context.Context, ix *index.Index, sources []source.Source, progress func(index.Progress)) (index.Summary, error) {
	sum, err := in.ingest(ctx, ix, sources, progress)
	if ctx.Err() == nil {
		err = errors.Join(err, in.prove(ctx, ix, progress))
	}
	return sum, err
}

// ingest brings sources in, one after the other; one that can't be read does not keep the others out. It stops where
// the disk of the store gets full.
func (in *intake) ingest(ctx context.Context, ix *index.Index, sources []source.Source, progress func(index.Progress)) (index.Summary, error) {
	total := index.Summary{Complete: len(in.bad) == 0, Problems: []index.FileProblem{}}
	errs := in.bad
	in.bad = nil
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	room := in.c.roomFor(ix.Path())
	if err := room.check(); err != nil {
		return total, errors.Join(append(errs, err)...)
	}
	for _, src := range sources {
		src, hash := watchDigests(src)
		sum, err := ix.Ingest(ctx, src, index.IngestOptions{
			NoKeep:      in.c.flag.noKeep && !isHistory(src.Place()),
			HashContent: hash,
			Progress: func(p index.Progress) {
				if err := room.check(); err != nil {
					stop(err)
				}
				progress(p)
			},
		})
		addSummary(&total, sum)
		in.c.remarks(src)
		if err != nil {
			if full := context.Cause(ctx); full != nil {
				err = full
			}
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return total, errors.Join(errs...)
}

// prove verifies what is held of each place, where digests came with it.
func (in *intake) prove(ctx context.Context, ix *index.Index, progress func(index.Progress)) error {
	var errs []error
	for _, src := range in.sources {
		if ctx.Err() != nil {
			break
		}
		errs = append(errs, in.c.prove(ctx, ix, src, func(v index.VerifyProgress) {
			progress(filesProgress("verifying "+v.Place, v.Done, v.Total))
		}))
	}
	return errors.Join(errs...)
}

// remotePlace reports whether --no-keep makes a difference for any of the sources.
func remotePlace(all []source.Source) bool {
	return slices.ContainsFunc(all, func(s source.Source) bool { return s.Place().Remote && !isHistory(s.Place()) })
}

func isHistory(p source.Place) bool { return strings.HasPrefix(p.ID, "history:") }

// addSummary adds what came in from one place to a total. Held and IndexBytes are about the store as a whole.
func addSummary(total *index.Summary, s index.Summary) {
	total.Files += s.Files
	total.Events += s.Events
	total.Held, total.IndexBytes = s.Held, s.IndexBytes
	total.Duplicates += s.Duplicates
	total.Conflicts += s.Conflicts
	total.Salvaged += s.Salvaged
	total.Untimed += s.Untimed
	total.SkippedRecords += s.SkippedRecords
	total.SkippedFiles += s.SkippedFiles
	total.IgnoredFiles += s.IgnoredFiles
	if len(s.Ignored) > 0 && total.Ignored == nil {
		total.Ignored = map[string]int{}
	}
	for kind, n := range s.Ignored {
		total.Ignored[kind] += n
	}
	total.DigestFiles += s.DigestFiles
	total.BytesCompressed += s.BytesCompressed
	total.Bytes += s.Bytes
	total.Seconds += s.Seconds
	total.Complete = total.Complete && s.Complete
	total.Refused = append(total.Refused, s.Refused...)
	total.Problems = append(total.Problems, s.Problems...)
	for _, hint := range s.Hints {
		if !slices.Contains(total.Hints, hint) {
			total.Hints = append(total.Hints, hint)
		}
	}
}
