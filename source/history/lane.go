package history

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/trailsift/trailsift/source"
)

const (
	// askers is how many requests of a Region may be under way: at two a second that keeps the pace with answers that take
	// up to a second and a half.
	askers = 3
	// aheadPages is how far ahead of its reader a window is asked for.
	aheadPages = 8
	// spoolBytes is how much may wait for readers that have not come yet, gzipped, in all Regions: some 300,000 events.
	spoolBytes = 48 << 20
	// staleAfter is how long what was asked ahead is kept for its reader from one listing to the next.
	staleAfter = time.Minute
)

// A lane asks for the windows of one Region, page by page at its pace. Requests are sent while somebody reads the history, of
// whatever Region: for windows that are being read first, then ahead for those that were listed. It is safe for concurrent
// use.
type lane struct {
	h      *History
	region string
	pace   *pace
	turn   chan struct{} // held by the asker that waits for the pace

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever something below changes
	shelf   []*stream     // begun, in this order
	coming  []window      // listed and not begun, the newest first
	askers  int
	heard   bool    // the Region gave an answer, a refusal too
	perSec  float64 // events, as far as known
	refused error
	short   string // why, beside Regions that answer
}

func newLane(h *History, region string) *lane {
	return &lane{
		h: h, region: region, pace: newPace(h.opt.PerSecond), turn: make(chan struct{}, 1), changed: make(chan struct{}),
	}
}

// tell wakes all that wait for a change; the lock is held.
func (l *lane) tell() {
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *lane) refusal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

// partly is the refusal of this Region where others answer.
func (l *lane) partly() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.h.opt.All {
		return l.refused
	}
	return &source.Error{Thing: l.region, Reason: l.short, Err: errors.Join(source.ErrRefused, l.refused)}
}

func (l *lane) answered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard
}

func (l *lane) rate() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.perSec
}

// expect takes what a listing gave. What was asked ahead long ago is asked again.
func (l *lane) expect(windows []window) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shelf = slices.DeleteFunc(l.shelf, func(s *stream) bool {
		stale := !s.open && time.Since(s.begun) > staleAfter
		if stale {
			l.drop(s)
		}
		return stale
	})
	l.coming = slices.DeleteFunc(windows, func(w window) bool {
		return slices.ContainsFunc(l.shelf, func(s *stream) bool { return s.window == w })
	})
	l.tell()
}

// attach gives the stream of a window to a reader; one that was begun ahead, if nobody has it.
func (l *lane) attach(ctx context.Context, w window) (*stream, error) {
	l.mu.Lock()
	if l.refused != nil {
		defer l.mu.Unlock()
		return nil, named(l.refused, w.key(l.h.account))
	}
	i := slices.IndexFunc(l.shelf, func(s *stream) bool { return !s.open && s.look == nil && s.window == w })
	if i < 0 {
		i = len(l.shelf)
		l.shelf = append(l.shelf, newStream(l.h, w))
		l.coming = slices.DeleteFunc(l.coming, func(c window) bool { return c == w })
	}
	s := l.shelf[i]
	s.open = true
	l.tell()
	l.mu.Unlock()
	l.h.enter(ctx)
	return s, nil
}

// adopt takes a stream of its reader's own making.
func (l *lane) adopt(ctx context.Context, s *stream) {
	l.mu.Lock()
	s.open = true
	l.shelf = append(l.shelf, s)
	l.tell()
	l.mu.Unlock()
	l.h.enter(ctx)
}

// detach ends reading. What was not read to the end is forgotten unless keep is set.
func (l *lane) detach(ctx context.Context, s *stream, keep bool) {
	l.mu.Lock()
	s.open = false
	if !keep {
		l.drop(s)
		l.shelf = slices.DeleteFunc(l.shelf, func(o *stream) bool { return o == s })
	}
	l.tell()
	l.mu.Unlock()
	l.h.leave(ctx)
}

// start makes sure that there are askers.
func (l *lane) start() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ; l.askers < askers; l.askers++ {
		go l.run()
	}
}

// wake makes all that wait look again.
func (l *lane) wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell()
}

// drop gives the room of a stream back; the lock is held.
func (l *lane) drop(s *stream) {
	for _, member := range s.ready {
		l.h.spooled.Add(-int64(len(member)))
	}
	s.ready, s.gone = nil, true
}

// open waits for the first page of a window.
func (l *lane) open(ctx context.Context, w window) (*reader, error) {
	s, err := l.attach(ctx, w)
	if err != nil {
		return nil, err
	}
	if err := l.first(ctx, s); err != nil {
		l.detach(ctx, s, false)
		return nil, err
	}
	return &reader{ctx: ctx, l: l, s: s}, nil
}

// first waits until a stream has something or failed.
func (l *lane) first(ctx context.Context, s *stream) error {
	for {
		l.mu.Lock()
		changed := l.changed
		begun, err := s.pages > 0 || s.done, s.err
		l.mu.Unlock()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		case begun:
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// probe finds out whether the Region answers, and how busy it is.
func (l *lane) probe(ctx context.Context, w window) {
	s, err := l.attach(ctx, w)
	if err != nil {
		return
	}
	_ = l.first(ctx, s) // what fails is told to the reader, and a refusal is remembered
	l.detach(ctx, s, true)
}

// run asks until nobody reads any more.
func (l *lane) run() {
	for {
		s, n, ctx := l.next()
		if s == nil {
			return
		}
		l.ask(ctx, s, n)
	}
}

// next waits for something to ask for and for the pace; nil says that nobody reads any more. One asker at a time waits for
// the pace and decides then, so that what is newest or most wanted goes first. n is the number of the request.
func (l *lane) next() (s *stream, n int, ctx context.Context) {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	for {
		if ctx = l.worth(); ctx == nil {
			return nil, 0, nil
		}
		var err error
		if n, err = l.pace.wait(ctx); err != nil {
			continue
		}
		l.mu.Lock()
		s = l.pick()
		if s != nil {
			s.busy = true
		}
		l.mu.Unlock()
		if s != nil {
			return s, n, ctx
		}
	}
}

// worth waits until there is something to ask for, and gives the context for it. Where nobody reads any more it counts the
// asker out.
func (l *lane) worth() context.Context {
	for {
		l.mu.Lock()
		ctx := l.h.toAsk()
		if ctx == nil {
			l.askers--
			l.mu.Unlock()
			return nil
		}
		changed, some := l.changed, l.some()
		l.mu.Unlock()
		if some {
			return ctx
		}
		select {
		case <-changed:
		case <-time.After(time.Second): // room that other Regions made
		}
	}
}

// some says whether pick would find something; the lock is held.
func (l *lane) some() bool {
	return l.wanted() != nil || l.h.spooled.Load() < spoolBytes && (l.begun() != nil || len(l.coming) > 0)
}

// pick gives the stream to ask for next, nil where there is none; the lock is held.
func (l *lane) pick() *stream {
	if s := l.wanted(); s != nil {
		return s
	}
	if l.h.spooled.Load() >= spoolBytes || l.refused != nil {
		return nil
	}
	if s := l.begun(); s != nil {
		return s
	}
	if len(l.coming) == 0 {
		return nil
	}
	s := newStream(l.h, l.coming[0])
	l.coming = l.coming[1:]
	l.shelf = append(l.shelf, s)
	return s
}

// wanted is the first stream whose reader is waiting or will soon.
func (l *lane) wanted() *stream {
	for _, s := range l.shelf {
		if s.open && s.askable() && len(s.ready) < aheadPages {
			return s
		}
	}
	return nil
}

// begun is the first stream that was begun ahead of its reader and has more to come.
func (l *lane) begun() *stream {
	for _, s := range l.shelf {
		if !s.open && s.askable() {
			return s
		}
	}
	return nil
}

// refuse remembers that the Region will not answer; the lock is held.
func (l *lane) refuse(err error, short string) {
	l.refused, l.short = named(err, "Event history of "+l.region), short
	l.coming = nil
	for _, s := range l.shelf {
		if s.err == nil && !s.done {
			s.err = named(err, s.key)
		}
	}
}
