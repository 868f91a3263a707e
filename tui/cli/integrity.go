package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
	"github.com/trailsift/trailsift/source/trail"
	"github.com/trailsift/trailsift/tui/text"
)

// prove verifies what is held of a place after bringing it in, where digests came with it, and tells the index. What is
// held of a remote place is not asked for again; what is lacking there is, once, so that "gone" is not a guess.
func (c *command) prove(ctx context.Context, ix *index.Index, src source.Source, progress func(index.VerifyProgress)) error {
	p := src.Place()
	if noDigests(p) || !hasDigests(ctx, ix, p) {
		return nil
	}
	s := subject{src: src}
	if a, ok := src.(*trail.Archive); ok {
		s.trail = a.Spot()
	}
	if p.Remote {
		s.src = heldFirst{ix.HeldSource(p), src}
	}
	return c.proveSubject(ctx, ix, s, progress)
}

// proveSubject verifies one place for its store.
func (c *command) proveSubject(ctx context.Context, ix *index.Index, s subject, progress func(index.VerifyProgress)) error {
	p := s.src.Place()
	opt, err := c.proofOptions(ctx, s.src, ix)
	if err != nil {
		return err
	}
	if p.Remote { // a folder comes in whole
		if opt.From, opt.To, err = c.window(c.env.Now()); err != nil {
			return err
		}
	}
	opt.Held, opt.Trail, opt.Home, opt.Bucket = s.held, s.trail.Name, s.trail.HomeRegion, s.trail.Bucket
	if !s.held {
		opt.Ask = c.asker(ctx, p)
	}
	opt.Progress = func(v digest.Progress) {
		progress(index.VerifyProgress{Place: p.Text, Phase: v.Phase, Done: v.Done, Total: v.Total, Bytes: v.Bytes})
	}
	r, err := digest.Verify(ctx, s.src, opt)
	if err != nil {
		return err
	}
	c.proven = append(slices.DeleteFunc(c.proven, func(t string) bool { return strings.HasSuffix(t, provenOf(p)) }), provenText(r, p))
	return c.keepProofs(ctx, ix, p, opt, r)
}

// verify verifies the places of the panes again: those that were reached, else what is held of them.
func (b *behind) verify(ctx context.Context, progress func(index.VerifyProgress)) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	var errs []error
	if len(b.sources) > 0 {
		for _, src := range b.sources {
			errs = append(errs, b.c.prove(ctx, b.ix, src, progress))
		}
		return errors.Join(errs...)
	}
	st, err := b.ix.Stats()
	if err != nil {
		return err
	}
	subjects, err := b.c.heldSubjects(ctx, b.ix, st.Places)
	if err != nil {
		return err
	}
	for _, s := range subjects {
		errs = append(errs, b.c.proveSubject(ctx, b.ix, s, progress))
	}
	return errors.Join(errs...)
}

// heldFirst lists what a store holds of a place, and opens what it lacks in the place itself.
type heldFirst struct {
	source.Source
	live source.Source
}

func (h heldFirst) Open(ctx context.Context, f source.File) (*source.Object, error) {
	obj, err := h.Source.Open(ctx, f)
	if err == nil || ctx.Err() != nil {
		return obj, err
	}
	return h.live.Open(ctx, f)
}

// heldOnly is what a store holds of a place, asking nobody. What it lacks is not called missing: it may never have come
// in. Only what an earlier verification looked for in the place itself is.
type heldOnly struct {
	source.Source
	missing map[string]bool
}

func (h heldOnly) Open(ctx context.Context, f source.File) (*source.Object, error) {
	obj, err := h.Source.Open(ctx, f)
	if errors.Is(err, fs.ErrNotExist) && !h.missing[f.Key] {
		err = &source.Error{Thing: f.Key, Reason: "the store does not hold it, and nobody was asked whether it is there", Hint: "verify the place itself"}
	}
	return obj, err
}

// heldOf is what a store holds of a place.
func heldOf(ctx context.Context, ix *index.Index, p source.Place) source.Source {
	h := heldOnly{ix.HeldSource(p), map[string]bool{}}
	if rep, ok := integrityOf(ctx, ix, p); ok {
		for _, f := range rep.Files {
			switch digest.Class(f.Class) {
			case digest.LogMissing, digest.LogUnknownDeleted, digest.DigestMissing:
				h.missing[f.Key] = true
			default:
			}
		}
	}
	return h
}

// integrityOf is what the index knows of a place.
func integrityOf(ctx context.Context, ix *index.Index, p source.Place) (index.Integrity, bool) {
	all, err := ix.Integrity(ctx)
	if err != nil {
		return index.Integrity{}, false
	}
	for _, rep := range all {
		if rep.Place == p.ID {
			return rep, true
		}
	}
	return index.Integrity{}, false
}

// hasDigests tells whether a store holds digests of a place.
func hasDigests(ctx context.Context, ix *index.Index, p source.Place) bool {
	rows, _, err := ix.Files(ctx, index.FilesOptions{States: []index.FileState{index.StateDigest}})
	if err != nil {
		return false
	}
	for i := range rows {
		if rows[i].Place == p.ID {
			return true
		}
	}
	return false
}

// keepProofs tells the index what was established, unless that is of a part of what it knows already, and then remembers
// what was found in the files of a place.
func (c *command) keepProofs(ctx context.Context, ix *index.Index, p source.Place, opt digest.Options, r *digest.Report) error {
	rep := integrityFrom(p, opt, r, c.env.Now())
	before, known := integrityOf(ctx, ix, p)
	if !known || !narrower(&rep, &before, opt) && (!sameIntegrity(rep, before) || unmarked(ctx, ix, p, &rep)) {
		if err := ix.SetIntegrity(ctx, rep); err != nil {
			return err
		}
	}
	proofs, ok := opt.Cache.(*index.Proofs)
	if !ok {
		return nil
	}
	return proofs.Flush() //nolint:contextcheck // what was found is kept, whatever ends the run
}

// unmarked is true where log files that a report speaks of came in after it was given to the index.
func unmarked(ctx context.Context, ix *index.Index, p source.Place, rep *index.Integrity) bool {
	rows, _, err := ix.Files(ctx, index.FilesOptions{States: []index.FileState{index.StateHeld, index.StateProblem}})
	if err != nil {
		return true
	}
	spoken := make(map[string]bool, len(rep.Files))
	for i := range rep.Files {
		spoken[rep.Files[i].Key] = true
	}
	return slices.ContainsFunc(rows, func(r index.FileRow) bool {
		return r.Place == p.ID && r.Class == "" && spoken[r.Key]
	})
}

// narrower is true for a verification of a part of what was verified before.
func narrower(now, before *index.Integrity, opt digest.Options) bool {
	limited := opt.Want != nil || opt.Kinds != nil || !opt.From.IsZero() || !opt.To.IsZero()
	return limited && len(now.Files) < len(before.Files)
}

// sameIntegrity is true where nothing changed but the time.
func sameIntegrity(now, before index.Integrity) bool {
	now.Checked, before.Checked, now.To, before.To = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	return reflect.DeepEqual(now, before)
}

// integrityFrom is a report as the index keeps it.
func integrityFrom(p source.Place, opt digest.Options, r *digest.Report, now time.Time) index.Integrity {
	rep := index.Integrity{Place: p.ID, Checked: now.UTC(), From: opt.From.UTC(), To: r.To.UTC(), Notes: r.Notes}
	for _, k := range r.Keys {
		rep.Keys = append(rep.Keys, index.TrustedKey(k))
	}
	for i := range r.Items {
		it := &r.Items[i]
		rep.Files = append(rep.Files, index.FileVerdict{
			Key: it.File, Digest: it.Kind == "digest", Verdict: string(it.Verdict), Class: string(it.Class), Reason: it.Reason,
			Expected: it.Expected, Computed: it.Computed, KeySource: it.KeySource, Oldest: it.Oldest, Newest: it.Newest,
		})
	}
	for _, g := range r.Ranges {
		rep.Ranges = append(rep.Ranges, index.RangeVerdict{
			Class: string(g.Class), Account: g.Account, Region: g.Region, Trail: g.Trail, From: g.From, To: g.To, Reason: g.Reason,
		})
	}
	for _, ch := range r.Chains {
		out := index.Chain{Org: ch.ID.Org, Account: ch.ID.Account, Region: ch.ID.Region, Trail: ch.ID.Trail, Home: ch.ID.Home, Backfill: ch.ID.Backfill}
		for _, l := range ch.Digests {
			out.Digests = append(out.Digests, index.ChainDigest{File: l.Item, Start: l.Start, End: l.End, Starting: l.Starting, Logs: l.Logs})
		}
		rep.Chains = append(rep.Chains, out)
	}
	for _, pr := range r.Problems {
		reason := pr.Reason
		if pr.Hint != "" {
			reason += " (" + pr.Hint + ")"
		}
		rep.Problems = append(rep.Problems, index.FileProblem{File: pr.Thing, Reason: reason})
	}
	return rep
}

// provenText is a line of a summary: "integrity: 672 of 673 digests valid, 1 log file altered, 1 missing; trailsift verify
// demo". Keys from a file are named: they are trusted because the user said so.
func provenText(r *digest.Report, p source.Place) string {
	d, l := r.Digests, r.LogFiles
	var b strings.Builder
	fmt.Fprintf(&b, "integrity: %s of %s valid", text.Count(d.Valid), plural(d.Valid+d.Invalid+d.Warn+d.Unverified, "digest", "digests"))
	fmt.Fprintf(&b, ", %s of %s", text.Count(l.Valid), plural(l.Valid+l.Invalid+l.Warn+l.Unverified+l.Info, "log file", "log files"))
	classes := map[digest.Class]int{}
	for i := range r.Items {
		classes[r.Items[i].Class]++
	}
	missing := classes[digest.LogMissing] + classes[digest.LogUnknownDeleted]
	altered := l.Invalid - missing
	add := func(n int, words string) {
		if n > 0 {
			fmt.Fprintf(&b, ", %s %s", text.Count(n), words)
		}
	}
	add(altered, "altered")
	add(missing, "missing")
	add(d.Invalid, plural(d.Invalid, "digest", "digests")[len(text.Count(d.Invalid))+1:]+" invalid")
	add(d.Warn+l.Warn, "odd")
	add(d.Unverified+l.Unverified, "not established")
	add(l.Info, "pending")
	ranges := 0
	for _, g := range r.Ranges {
		if g.Class != digest.RangeGap {
			ranges++
		}
	}
	if ranges > 0 {
		fmt.Fprintf(&b, ", %s of time not covered", plural(ranges, "stretch", "stretches"))
	}
	if from := fileOrigins(r); from != "" {
		b.WriteString("; keys from " + from)
	}
	for _, pr := range r.Problems {
		fmt.Fprintf(&b, "; %s: %s", text.Visible(pr.Thing), text.Visible(pr.Reason))
		if pr.Hint != "" {
			fmt.Fprintf(&b, " (%s)", text.Visible(pr.Hint))
		}
	}
	if n := classes[digest.DigestKeyUnknown]; n > 0 && len(r.Problems) == 0 {
		fmt.Fprintf(&b, "; %s public keys that were not given (--public-keys)", plural(n, "digest names", "digests name"))
	}
	return b.String() + provenOf(p)
}

// provenOf is how the line about a place ends.
func provenOf(p source.Place) string { return "; trailsift verify " + text.Visible(p.Text) + "\n" }

// fileOrigins are the files that public keys were taken from.
func fileOrigins(r *digest.Report) string {
	var names []string
	for _, k := range r.Keys {
		if name, _, ok := strings.Cut(k.Origin, ", SHA-256 "); ok {
			if name = text.Visible(filepath.Base(name)); !strings.Contains(strings.Join(names, "\n"), name) {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}

// watchDigests gives a source to bring in instead, and says of which of its log files the content is hashed on the way, so
// that it need not be read again to verify it: of all of AWS, and of a folder from the first digest on that is listed.
func watchDigests(src source.Source) (source.Source, func(f source.File) bool) {
	p := src.Place()
	switch {
	case noDigests(p):
		return src, nil
	case p.Remote:
		return src, func(f source.File) bool { return !isDigest(f.Key) }
	}
	w := &digestWatch{Source: src}
	return w, func(f source.File) bool { return w.seen.Load() && !isDigest(f.Key) }
}

// A digestWatch notices digests as it lists.
type digestWatch struct {
	source.Source
	seen atomic.Bool
}

func (w *digestWatch) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for f, err := range w.Source.List(ctx) {
			if err == nil && !w.seen.Load() && isDigest(f.Key) {
				w.seen.Store(true)
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

func isDigest(key string) bool {
	k, _ := source.ParseKey(key)
	return k.Kind == source.KindDigest
}
