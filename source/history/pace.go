package history

import (
	"context"
	"sync"
	"time"
)

const (
	// slack keeps requests that arrive a little early or late within what is permitted; 98 % of it is used.
	slack = 1.02
	// pauses after being throttled, in requests left out: 1 s at 2 a second, doubled each time in a row up to 16 s. Other
	// tools and open consoles share the limit.
	firstPause = 2
	longPause  = 32
)

// A pace spreads the requests of one Region evenly. It is safe for concurrent use.
type pace struct {
	mu    sync.Mutex
	every time.Duration
	next  time.Time // not before this
	pause time.Duration
}

func newPace(perSecond float64) *pace {
	return &pace{every: time.Duration(slack / perSecond * float64(time.Second))}
}

// wait returns when a request may be sent.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(p.every)
	p.mu.Unlock()
	return sleep(ctx, at.Sub(now))
}

// throttled makes all requests of the Region pause, longer each time in a row.
func (p *pace) throttled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause = min(max(2*p.pause, firstPause*p.every), longPause*p.every)
	if at := time.Now().Add(p.pause); at.After(p.next) {
		p.next = at
	}
}

// answered ends a row of pauses.
func (p *pace) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pause = 0
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
