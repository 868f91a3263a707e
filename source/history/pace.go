package history

import (
	"context"
	"sync"
	"time"
)

const (
	// slack keeps requests that arrive a little early or late within what is permitted; 98 % of it is used.
	slack = 1.02
	// A throttled Region goes at less of its rate, and wins that back little by little as it answers: other tools and open
	// consoles share the limit.
	slower    = 0.8
	regain    = 0.025
	leastRate = 1.0 / 32
)

// A pace spreads the requests of one Region evenly: a token bucket that holds one request. It is safe for concurrent use.
type pace struct {
	mu    sync.Mutex
	every time.Duration // at the full rate
	rate  float64       // of the full rate, in (0, 1]
	next  time.Time     // not before this
	cut   time.Time     // when the rate was lowered last
	slows int64         // how often the Region asked to slow down
	heard bool          // it answered once
}

func newPace(perSecond float64) *pace {
	return &pace{every: time.Duration(slack / perSecond * float64(time.Second)), rate: 1}
}

func (p *pace) interval() time.Duration { return time.Duration(float64(p.every) / p.rate) }

// wait returns when a request may be sent. Each attempt waits, repeated ones too.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(p.interval())
	p.mu.Unlock()
	return sleep(ctx, at.Sub(now))
}

// throttled lowers the rate. Requests that were under way when it was lowered last do not count again.
func (p *pace) throttled(sent time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slows++
	if !sent.After(p.cut) {
		return
	}
	now := time.Now()
	p.rate, p.cut = max(slower*p.rate, leastRate), now
	if at := now.Add(p.interval()); at.After(p.next) {
		p.next = at
	}
}

// answered wins some of the rate back. The first request may have had to wait for a connection: the time to the next one is
// counted from its answer.
func (p *pace) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := time.Now().Add(p.interval()); !p.heard && at.After(p.next) {
		p.next = at
	}
	p.heard = true
	p.rate = min(1, p.rate+regain)
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
