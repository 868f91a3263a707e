package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/archive"
	"github.com/trailsift/trailsift/source/demo"
	"github.com/trailsift/trailsift/source/digest"
	"github.com/trailsift/trailsift/source/disk"
	"github.com/trailsift/trailsift/source/trail"
)

func (c *command) verifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "verify [PLACE…]", Short: "Log file integrity: digests, signatures, hashes",
		Long: "Verify the log files of places against the digests that CloudTrail signed; without a place what the store used\n" +
			"last holds, asking nobody. Public keys are those of --public-keys, else for s3:// and trail: what ListPublicKeys\n" +
			"answers, and those learned before; they are never taken from inside a place. What did not change since it was\n" +
			"looked at is not read again; --no-state reads everything.\n" +
			"Exit code 0: everything is proven valid; 1: something is invalid; 3: something could not be read; 4: nothing is\n" +
			"invalid, but something could not be established. --format aws prints what validate-logs --verbose does: 0, 1, 3.",
		RunE: func(cmd *cobra.Command, args []string) error { return c.verify(cmd.Context(), args) },
	}
	f := cmd.Flags()
	c.flag.places(f)
	c.flag.answer(f)
	c.flag.which(f)
	c.flag.proof(f)
	f.StringVar(&c.flag.format, "format", "", "output: table, json, aws")
	return cmd
}

// A subject is one place to verify.
type subject struct {
	src   source.Source
	held  bool       // src is what a store holds of the place
	trail trail.Spot // of a trail, else zero
}

func (c *command) verify(ctx context.Context, texts []string) error {
	format, err := c.outputFormat("table", "table", "json", "aws")
	if err != nil {
		return err
	}
	from, to, err := c.window(c.env.Now())
	if err != nil {
		return err
	}
	subjects, ix, err := c.subjects(ctx, texts)
	if err != nil {
		return err
	}
	reports := make([]*digest.Report, 0, len(subjects))
	for _, s := range subjects {
		r, err := c.verifyOne(ctx, s, ix, from, to)
		if err != nil {
			return err
		}
		reports = append(reports, r)
	}
	code, err := c.tell(format, subjects, reports)
	if err == nil && code != exitOK {
		return errQuiet(code)
	}
	return err
}

// subjects are the places to verify, and the store that remembers what was found in them; nil for none.
func (c *command) subjects(ctx context.Context, texts []string) ([]subject, *index.Index, error) {
	if len(texts) == 0 {
		ix, err := c.answerFrom(ctx)
		if err != nil {
			return nil, nil, err
		}
		st, err := ix.Stats()
		if err != nil {
			return nil, nil, err
		}
		subjects, err := c.heldSubjects(ctx, ix, st.Places)
		return subjects, ix, err
	}
	for _, t := range texts {
		if scheme, _, _ := strings.Cut(t, ":"); slices.Contains([]string{"history", "logs", "sqs", "athena"}, scheme) {
			return nil, nil, usage("verify the bucket the trail delivers to", "%s has no digests to verify with", t)
		}
	}
	spots, err := c.locate(ctx, texts)
	if err != nil {
		return nil, nil, err
	}
	if c.flag.offline && remote(spots) {
		ix, err := c.storeOf(spots)
		if err != nil {
			return nil, nil, err
		}
		subjects, err := c.heldSubjects(ctx, ix, placesOf(spots))
		return subjects, ix, err
	}
	sources, err := reachAll(ctx, spots)
	if err != nil {
		return nil, nil, err
	}
	subjects := make([]subject, len(sources))
	for i, src := range sources {
		subjects[i].src = src
		if a, ok := src.(*trail.Archive); ok {
			subjects[i].trail = a.Spot()
		}
	}
	return subjects, c.proofStore(placesOf(spots)), nil
}

// noDigests is true for places that no digests vouch for.
func noDigests(p source.Place) bool {
	kind, _, _ := strings.Cut(p.ID, ":")
	return kind != "file" && kind != "demo" && kind != "s3" && kind != "trail" && kind != "stdin"
}

// heldSubjects are the places of a store without asking AWS: what is held of the remote ones, the others as they are now.
func (c *command) heldSubjects(ctx context.Context, ix *index.Index, places []source.Place) ([]subject, error) {
	var out []subject
	for _, p := range places {
		switch {
		case noDigests(p):
			c.note("%s has no digests: nothing to verify", p.Text)
			continue
		case strings.HasPrefix(p.ID, "demo:"):
			d, err := demo.FromPlace(p)
			if err != nil {
				return nil, err
			}
			out = append(out, subject{src: d})
			continue
		case p.ID == archive.StreamID: // what is held of it is all there is
		case !p.Remote:
			src, err := disk.New(strings.TrimPrefix(p.ID, "file:"))
			if err == nil {
				a := archive.Of(src)
				c.closers = append(c.closers, a)
				out = append(out, subject{src: a})
				continue
			}
			c.note("%s", err)
		}
		s := subject{src: heldOf(ctx, ix, p), held: true}
		if arn, ok := strings.CutPrefix(p.ID, trail.Scheme); ok {
			if s.trail, ok = c.rememberedTrail(arn); !ok {
				s.trail, _ = trail.SpotOf(arn)
			}
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, usage("verify a folder, a bucket or a trail", "nothing in this store has digests to verify with")
	}
	return out, nil
}

// proofStore opens the store of places to remember what is found, and makes it where there is none; nil where nothing may
// be left behind, or the store cannot be had: then everything is read.
func (c *command) proofStore(places []source.Place) *index.Index {
	if (c.flag.noState || transient(places)) && c.indexFlag() == "" {
		return nil
	}
	s, err := c.chooseStore(places)
	if err == nil {
		s.wait = proofWait
		_, missing := os.Stat(s.path)
		var ix *index.Index
		if ix, err = c.openStore(s, missing != nil); err == nil && missing != nil {
			err = ix.Downgrade()
		}
		if err == nil {
			return ix
		}
	}
	c.note("everything is read, and nothing remembered: %s", asFault(err).message)
	return nil
}

// proofWait is how long a verification waits for its store, which it can do without.
const proofWait = 300 * time.Millisecond

// verifyOne verifies one place, and tells its store what was established.
func (c *command) verifyOne(ctx context.Context, s subject, ix *index.Index, from, to time.Time) (*digest.Report, error) {
	opt, err := c.proofOptions(ctx, s.src, ix)
	if err != nil {
		return nil, err
	}
	opt.From, opt.To, opt.Held = from, to, s.held
	opt.Trail, opt.Home, opt.Bucket = s.trail.Name, s.trail.HomeRegion, s.trail.Bucket
	if !s.held {
		opt.Ask = c.asker(ctx, s.src.Place())
	}
	bar := c.newProgress()
	opt.Progress = func(p digest.Progress) { bar.files(p.Phase, p.Done, p.Total) }
	r, err := digest.Verify(ctx, s.src, opt)
	bar.done()
	if err != nil || ix == nil || r.Again {
		return r, err
	}
	if err := c.keepProofs(ctx, ix, s.src.Place(), opt, r); err != nil {
		c.note("what was established is not remembered: %s", asFault(err).message)
	}
	return r, nil
}

// proofOptions are what verifications of a place have in common; ix is its store, nil for none.
func (c *command) proofOptions(ctx context.Context, src source.Source, ix *index.Index) (opt digest.Options, err error) {
	store := ""
	if ix != nil && c.temp == "" {
		if store, err = filepath.Abs(ix.Path()); err != nil {
			return opt, err
		}
	}
	opt = digest.Options{Now: c.env.Now, Want: c.wanted(), Kinds: c.flag.types}
	if opt.Keys, err = c.publicKeys(ctx, src, store); err != nil {
		return opt, err
	}
	if ix != nil {
		opt.Cache = ix.Proofs(src.Place())
		opt.Events = c.eventsOf(ctx, ix, src.Place())
	}
	return opt, nil
}

// wanted says which accounts and Regions the flags ask for; nil: all.
func (c *command) wanted() func(account, region string) bool {
	if len(c.flag.accounts) == 0 && len(c.flag.regions) == 0 {
		return nil
	}
	in := func(list []string, s string) bool { return len(list) == 0 || s == "" || slices.Contains(list, s) }
	return func(account, region string) bool { return in(c.flag.accounts, account) && in(c.flag.regions, region) }
}

// eventsOf tells how many events the store holds of a log file of a place.
func (c *command) eventsOf(ctx context.Context, ix *index.Index, p source.Place) func(key string) int {
	rows, _, err := ix.Files(ctx, index.FilesOptions{States: []index.FileState{index.StateHeld, index.StateProblem}})
	if err != nil || len(rows) == 0 {
		return nil
	}
	events := make(map[string]int, len(rows))
	for i := range rows {
		if r := &rows[i]; r.Place == p.ID {
			if _, newer := events[r.Key]; !newer {
				events[r.Key] = r.Events
			}
		}
	}
	return func(key string) int { return events[key] }
}
