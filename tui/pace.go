package tui

import "time"

// While events come in, the screen changes seldom: progress once a second, and what is shown of the store after a second,
// then after twice that, up to half a minute. Until there is anything to see each progress counts.
const (
	progressPace = time.Second
	longestPace  = 30 * time.Second
)

// A pace says when what comes in is shown.
type pace struct {
	shown  bool          // progress was shown
	at     time.Duration // of the bringing in, when progress was shown last
	result time.Duration // when the result was asked for again
	wait   time.Duration // until it is asked for the next time
}

// progress reports whether progress after so much time is shown.
func (p *pace) progress(elapsed time.Duration) bool {
	if elapsed < p.at {
		*p = pace{} // another run
	}
	if p.shown && elapsed-p.at < progressPace {
		return false
	}
	p.shown, p.at = true, elapsed
	return true
}

// refresh reports whether the store is asked again; empty: there is nothing on the screen yet.
func (p *pace) refresh(elapsed time.Duration, empty bool) bool {
	if !empty && elapsed-p.result < p.wait {
		return false
	}
	p.result = elapsed
	p.wait = min(max(2*p.wait, progressPace), longestPace)
	if empty {
		p.wait = progressPace
	}
	return true
}
