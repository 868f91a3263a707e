package history

import (
	"context"
	"sync"
	"time"
)

const (
	// slack keeps requests that arrive a little early or late within what is permitted; 98 % of it is used.
	slack = 1.02
	// leastApart is how much of the usual distance is enough from what has arrived: what is permitted, and a little.
	leastApart = 1.002 / slack
	// A throttled Region goes at less of its rate, and wins that back little by little as it answers: other tools and open
	// consoles share the limit.
	slower    = 0.85
	regain    = 0.015
	leastRate = 1.0 / 32
)

// A pace spreads the requests of one Region evenly: a token bucket that holds one request. Whoever counts requests by the
// second sees them arrive, not leave, so the one after the next keeps its distance from the time a request may have arrived:
// what an answer took longer than the quickest one may have been on its way there. It is safe for concurrent use.
type pace struct {
	mu       sync.Mutex
	every    time.Duration // at the full rate
	rate     float64       // of the full rate, in (0, 1]
	next     time.Time     // not before this
	n        int           // requests so far
	sent     [remembered]time.Time
	arrived  [remembered]time.Time // at the latest
	quickest time.Duration         // of all answers; 0: none yet
	cut      time.Time             // when the rate was lowered last
	slows    int64                 // how often the Region asked to slow down
}

// remembered is how many requests are; more than may be under way.
const remembered = 16

func newPace(perSecond float64) *pace {
	return &pace{every: time.Duration(slack / perSecond * float64(time.Second)), rate: 1}
}

func (p *pace) interval() time.Duration { return time.Duration(float64(p.every) / p.rate) }

// wait returns when a request may be sent, and its number. Each attempt waits, repeated ones too.
func (p *pace) wait(ctx context.Context) (n int, err error) {
	p.mu.Lock()
	now := time.Now()
	n = p.n
	p.n++
	at := later(now, p.next)
	if n >= 2 {
		at = later(at, p.arrived[(n-2)%remembered].Add(time.Duration(2*leastApart*float64(p.interval()))))
	}
	p.next = at.Add(p.interval())
	p.sent[n%remembered], p.arrived[n%remembered] = at, at
	p.mu.Unlock()
	if err := sleep(ctx, at.Sub(now)); err != nil {
		return n, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now = time.Now()
	p.sent[n%remembered] = now
	p.arrived[n%remembered] = later(now, p.arrived[n%remembered])
	return n, nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// throttled lowers the rate. Requests that were under way when it was lowered last do not count again.
func (p *pace) throttled(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slows++
	if !p.sent[n%remembered].After(p.cut) {
		return
	}
	p.cut = time.Now()
	p.rate = max(slower*p.rate, leastRate)
	p.next = later(p.next, p.cut.Add(p.interval()))
}

// answered wins some of the rate back.
func (p *pace) answered(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rate = min(1, p.rate+regain)
	took := time.Since(p.sent[n%remembered])
	if p.quickest > 0 {
		p.quickest = min(p.quickest, took)
		took -= p.quickest
	} else {
		p.quickest = took // and all of it may have been the way there: connecting
	}
	p.arrived[n%remembered] = later(p.arrived[n%remembered], p.sent[n%remembered].Add(took))
}

func (p *pace) slowed() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.slows
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
