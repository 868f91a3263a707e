package history

import (
	"context"
	"iter"
	"time"

	"github.com/trailsift/trailsift/source"
)

// Recent is the same place again, limited to what may have changed in the last d: to follow Event history, bring it in
// every few seconds. It keeps the pace of h, so that following and bringing in never ask more together than each alone.
// d is at least the time since the last call; late events come up to half an hour later, so ask with a longer d now and
// then (some 45 minutes every few minutes).
func (h *History) Recent(d time.Duration) source.Source { return &recent{h, d} }

type recent struct {
	*History
	reach time.Duration
}

// List yields the windows that overlap the last d and are not final, the newest first.
func (r *recent) List(ctx context.Context) iter.Seq2[source.File, error] {
	now := r.plan.now()
	return func(yield func(source.File, error) bool) {
		for f, err := range r.History.List(ctx) {
			if err == nil && (!f.Volatile || f.ModTime.Before(now.Add(-r.reach))) {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
}
