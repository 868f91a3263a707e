package digest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trailsift/trailsift/source"
)

const (
	// metaGenerated is when a backfill digest was made, and signed with a key of that time.
	metaGenerated = source.MetaPrefix + "backfill-generation-timestamp"
	// maxRegions bounds whom is asked for keys: names of Regions come from outside.
	maxRegions = 100
)

// A question is for the public keys of a Region.
type question struct {
	region   string
	from, to time.Time
}

// askKeys asks for the public keys that digests in the range name and nobody gave: once for each Region, and once more
// for each backfill digest that was signed at another time. A key is asked for in the Region of the digest.
func (v *verifier) askKeys(ctx context.Context) error {
	if v.opt.Ask == nil {
		return nil
	}
	v.opt.Keys = v.opt.Keys.clone()
	spans := map[string]*question{}
	var order []string
	for _, d := range v.unknown() {
		q := spans[d.name.Region]
		if q == nil {
			q = &question{d.name.Region, d.doc.start, d.doc.end}
			spans[d.name.Region] = q
			order = append(order, d.name.Region)
		}
		if d.doc.start.Before(q.from) {
			q.from = d.doc.start
		}
		if d.doc.end.After(q.to) {
			q.to = d.doc.end
		}
	}
	questions := make([]question, 0, len(order))
	for _, region := range order[:min(len(order), maxRegions)] {
		q := spans[region]
		questions = append(questions, question{region, q.from, q.to.Add(late)})
	}
	if err := v.ask(ctx, questions); err != nil {
		return err
	}
	questions = questions[:0]
	for _, d := range v.unknown() {
		q := question{d.name.Region, d.generated.Add(-time.Hour), d.generated.Add(time.Hour)}
		if d.name.Backfill && !d.generated.IsZero() && !slices.Contains(questions, q) && len(questions) < maxRegions {
			questions = append(questions, q)
		}
	}
	return v.ask(ctx, questions)
}

// unknown are digests in the range whose key is not there.
func (v *verifier) unknown() []*digestFile {
	var out []*digestFile
	for _, d := range v.digests {
		if d.doc != nil && d.inRange && d.name.Region != "" && len(v.opt.Keys.find(d.doc.fingerprint, v.p.demo)) == 0 {
			out = append(out, d)
		}
	}
	return out
}

func (v *verifier) ask(ctx context.Context, questions []question) error {
	if len(questions) == 0 {
		return nil
	}
	var mu sync.Mutex
	got := map[string]bool{}
	err := v.each(ctx, "public keys", len(questions), func(ctx context.Context, i int) int64 {
		q := questions[i]
		keys, err := v.opt.Ask(ctx, q.region, q.from, q.to)
		mu.Lock()
		defer mu.Unlock()
		v.opt.Keys.Add(keys...)
		switch {
		case len(keys) > 0:
			got[q.region] = true
		case err == nil:
			v.noKeys[q.region] = "No public keys found between " + stamp(q.from) + " and " + stamp(q.to)
		case v.noKeys[q.region] == "":
			v.noKeys[q.region] = reasonOf(err)
			v.report.Problems = append(v.report.Problems, Problem{"public keys of " + q.region, reasonOf(err), hintOf(err)})
		}
		return 0
	})
	maps.DeleteFunc(v.noKeys, func(region, _ string) bool { return got[region] })
	slices.SortFunc(v.report.Problems, func(a, b Problem) int { return strings.Compare(a.Thing, b.Thing) })
	return err
}
