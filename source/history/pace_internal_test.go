package history

import (
	"context"
	"errors"
	"math/rand/v2"
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
					if _, err := p.wait(t.Context()); err != nil {
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
				n, err := p.wait(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if time.Now().Before(free) {
					throttled++
					p.throttled(n)
					continue
				}
				free = time.Now().Add(time.Duration(float64(time.Second) / permitted))
				p.answered(n)
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

// A server that permits two requests in any second, and requests that are up to 100 ms on their way there now and then:
// none is throttled, and the rate is what it should be.
func TestPaceAllowsForTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		random := rand.New(rand.NewPCG(1, 2))
		var arrived []time.Time
		begin := time.Now()
		const requests = 400
		for i := range requests {
			n, err := p.wait(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 || random.IntN(20) == 0 {
				time.Sleep(time.Duration(random.IntN(100)) * time.Millisecond)
			}
			if now := time.Now(); i >= 2 && now.Sub(arrived[i-2]) <= time.Second {
				t.Errorf("request %d arrives %v after the one before the last", i, now.Sub(arrived[i-2]))
			}
			arrived = append(arrived, time.Now())
			time.Sleep(10 * time.Millisecond)
			p.answered(n)
		}
		if rate := (requests - 1) / arrived[requests-1].Sub(begin).Seconds(); rate < 0.965*PerSecond {
			t.Errorf("%.3f requests a second", rate)
		}
	})
}

// Requests that were under way when the rate was lowered do not lower it again; a row of refusals does, to a limit.
func TestThrottledTogetherCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		time.Sleep(time.Second)
		n := 0
		for range 3 {
			n, _ = p.wait(t.Context())
		}
		for i := range 3 {
			p.throttled(n - i)
		}
		if p.rate != slower || p.slowed() != 3 {
			t.Errorf("three at once: rate %.2f, counted %d", p.rate, p.slowed())
		}
		for range 100 {
			time.Sleep(time.Minute)
			n, _ = p.wait(t.Context())
			p.throttled(n)
		}
		if p.rate != leastRate {
			t.Errorf("again and again: rate %.3f, want %.3f", p.rate, leastRate)
		}
	})
}

func TestWaitingForAPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		if _, err := p.wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := p.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait: %v", err)
		}
	})
}
