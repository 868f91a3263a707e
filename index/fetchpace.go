package index

import (
	"context"
	"sync"
	"time"

	"github.com/trailsift/trailsift/source"
)

const (
	// firstGets are the requests side by side at first, minGets and maxGets the bounds: at 20 ms an answer and a limit of
	// 256 that is 12,800 small objects a second, more than a core decodes. Below usualGets the limit goes only where it is
	// asked for: on a busy machine what looks like no gain is often none but ours.
	firstGets = 16
	usualGets = 64
	minGets   = 8
	maxGets   = 256
	// An epoch is measured as a whole: at least this long, and as many answers as requests are permitted.
	epoch = 150 * time.Millisecond
	// perAnswer is what a small answer weighs beside its bytes: requests, not bytes, are what small objects cost.
	perAnswer = 32 << 10
	// gain is by how much an epoch must beat the best one at a lower limit for the limit to grow on.
	gain = 1.05
	// tooSlow is the share of answers asking to slow down at which the limit halves; a few among many are noise.
	tooSlow = 0.1
	// calm epochs follow before the limit may grow again where it was too high.
	calm = 8
)

// slowed is a source that counts the answers that asked to slow down, those it asked for again included.
type slowed interface{ Slowed() int64 }

// A pacer says when the next log file may be asked for: as many are under way as the place answers gladly, and what is
// in memory is bounded. The limit doubles while more is answered with it, halves where many answers ask to slow down, and
// shrinks where answers only take longer. It is safe for concurrent use.
type pacer struct {
	src slowed // nil: the source does not tell

	mu      sync.Mutex
	changed *sync.Cond
	files   int   // under way or waiting for a worker
	bytes   int64 // of those
	gets    int   // under way
	limit   int

	began   time.Time // of the epoch
	full    bool      // the limit kept a request waiting in it
	answers int
	weight  float64       // of the answers
	waited  time.Duration // for them
	slowed  int64         // when it began
	best    float64       // weight a second so far at limits up to this
	quick   time.Duration // the shortest mean wait of an epoch
	back    int           // the limit before it was doubled, until that has proved right
	calm    int
}

func newPacer(src source.Source) *pacer {
	p := &pacer{limit: firstGets, began: time.Now()}
	p.changed = sync.NewCond(&p.mu)
	if s, ok := src.(slowed); ok {
		p.src, p.slowed = s, s.Slowed()
	}
	return p
}

// take waits until a log file of so many bytes may be asked for; false where ctx has ended.
func (p *pacer) take(ctx context.Context, size int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ctx.Err() == nil {
		room := p.files == 0 || p.files < aheadFiles && p.bytes+size <= aheadBytes
		if room && p.gets < p.limit {
			p.files++
			p.bytes += size
			p.gets++
			return true
		}
		p.full = p.full || room
		p.changed.Wait()
	}
	return false
}

// gave notes an answer.
func (p *pacer) gave(size int64, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gets--
	p.answers++
	p.weight += float64(size + perAnswer)
	p.waited += took
	if now := time.Now(); p.answers >= p.limit && now.Sub(p.began) >= epoch {
		p.settle(now)
	}
	p.changed.Broadcast()
}

// free gives back the room of a log file that is no longer in memory.
func (p *pacer) free(size int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files--
	p.bytes -= size
	p.changed.Broadcast()
}

// hold counts a log file that is in memory without having been permitted, and gives its size, to be freed.
func (p *pacer) hold(size int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files++
	p.bytes += size
	return size
}

// wake lets take look at its context again.
func (p *pacer) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed.Broadcast()
}

// settle ends an epoch and sets the limit for the next one.
func (p *pacer) settle(now time.Time) {
	rate := p.weight / now.Sub(p.began).Seconds()
	wait := p.waited / time.Duration(p.answers)
	if p.quick == 0 || wait < p.quick {
		p.quick = wait
	}
	var asked int64
	if p.src != nil {
		n := p.src.Slowed()
		asked, p.slowed = n-p.slowed, n
	}
	switch {
	case float64(asked) > tooSlow*float64(p.answers):
		p.limit, p.calm, p.best, p.back = max(minGets, p.limit/2), calm, 0, 0
	case p.calm > 0:
		p.calm--
	case !p.full:
	case rate > gain*p.best, p.limit < usualGets:
		p.back, p.limit = p.limit, min(maxGets, 2*p.limit)
	case p.back > 0: // twice as many brought no more
		p.limit, p.calm, p.back = max(p.back, min(p.limit, usualGets)), calm, 0
	case wait > 3*p.quick && p.limit > usualGets:
		p.limit -= p.limit / 8
	}
	p.best = max(0.98*p.best, rate) // what was best fades: later log files may be of another size
	p.began, p.full, p.answers, p.weight, p.waited = now, false, 0, 0, 0
}
