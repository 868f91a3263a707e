package history

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The clock of a pace is the real one, so its test runs in a bubble where time stands still until all wait.
func TestPaceIsSharedByAllWindowsOfARegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		begin := time.Now()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 60 {
					if err := p.wait(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		took := time.Since(begin).Seconds()
		if rate := 239 / took; rate > 2 || rate < 0.95*2 {
			t.Errorf("240 requests of four windows at %.3f a second, want at most 2 and at least 95 %% of that", rate)
		}
	})
}

// Another tool takes half of what a Region permits: the pace comes down to the other half, and goes back up when alone.
func TestPaceGivesWayAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		permitted := PerSecond / 2
		served := func(requests int) (rate float64, throttled int) {
			begin := time.Now()
			free := begin
			for range requests {
				if err := p.wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				if now := time.Now(); now.Before(free) {
					throttled++
					p.throttled(now)
					continue
				}
				free = time.Now().Add(time.Duration(float64(time.Second) / permitted))
				p.answered()
			}
			return float64(requests-throttled) / time.Since(begin).Seconds(), throttled
		}
		served(50)
		if rate, throttled := served(400); rate < 0.75*permitted || throttled > 100 {
			t.Errorf("%.2f a second of %.0f permitted, throttled %d times in 400", rate, permitted, throttled)
		}
		permitted = 1000
		served(50)
		if rate, throttled := served(400); rate < 0.95*PerSecond || throttled > 0 {
			t.Errorf("alone again: %.2f a second, throttled %d times", rate, throttled)
		}
	})
}

// Requests that were under way when the rate was lowered do not lower it again; a row of refusals does, to a limit.
func TestThrottledTogetherCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		time.Sleep(time.Second)
		sent := time.Now()
		for range 3 {
			p.throttled(sent)
		}
		if p.rate != slower || p.slowed() != 3 {
			t.Errorf("three at once: rate %.2f, counted %d", p.rate, p.slowed())
		}
		for range 100 {
			time.Sleep(time.Minute)
			p.throttled(time.Now())
		}
		if p.rate != leastRate {
			t.Errorf("again and again: rate %.3f, want %.3f", p.rate, leastRate)
		}
	})
}

func TestWaitingForAPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		p.throttled(time.Now())
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := p.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait: %v", err)
		}
	})
}
