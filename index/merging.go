package index

import (
	"context"
	"errors"
)

// merging is the merging beside a run: one step at a time is prepared in a goroutine of its own and published by the
// committer, between two batches.
type merging struct {
	r      *run
	policy mergePolicy
	skip   map[uint32]bool // segments that are left as they are
	busy   bool            // a step is being prepared
	done   chan prepared
	stop   context.CancelFunc
	ctx    context.Context //nolint:containedctx // of all steps; it ends with the run
}

// prepared is what became of a step.
type prepared struct {
	m   *merged
	err error
}

func newMerging(ctx context.Context, r *run) *merging {
	m := &merging{r: r, policy: policyFor(r.limits.docs), skip: map[uint32]bool{}, done: make(chan prepared, 1)}
	m.ctx, m.stop = context.WithCancel(ctx)
	return m
}

// start begins a step where one is due and none is at work.
func (m *merging) start() {
	if m.busy || m.ctx.Err() != nil || m.r.x.scans.Load() > 0 {
		return
	}
	ids := m.policy.due(m.r.x.snap.Load().segments, m.skip)
	if ids == nil {
		return
	}
	m.busy = true
	go func() {
		p, err := m.r.x.merge(m.ctx, ids)
		m.done <- prepared{p, err}
	}()
}

// take publishes what was prepared. Where searches read records of the old segments now, it is taken back: another time.
func (m *merging) take(p prepared) error {
	m.busy = false
	if p.m != nil {
		for _, id := range p.m.left {
			m.skip[id] = true
		}
	}
	switch {
	case p.err != nil && (m.ctx.Err() != nil || errors.Is(p.err, errMoved)):
		return m.r.x.dropMerge(p.m)
	case p.err != nil:
		return errors.Join(p.err, m.r.x.dropMerge(p.m))
	case p.m.meta.id == 0:
		return nil
	case m.r.x.scans.Load() > 0:
		return m.r.x.dropMerge(p.m)
	}
	if err := m.r.x.publishMerge(p.m); err != nil {
		return err
	}
	return m.r.filters.moved(p.m, m.r.x)
}

// finish does the steps that are still due, unless the run was cancelled or searches read records, and ends the merging.
func (m *merging) finish(failed error) error {
	defer m.stop()
	if failed != nil {
		m.stop()
	}
	for {
		if failed == nil {
			m.start()
		}
		if !m.busy {
			return failed
		}
		failed = errors.Join(failed, m.take(<-m.done))
		if failed != nil {
			m.stop()
		}
	}
}
