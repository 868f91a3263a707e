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

func TestThrottledPacePausesLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		var pauses []time.Duration
		gap := func() {
			begin := time.Now()
			if err := p.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			pauses = append(pauses, time.Since(begin).Round(time.Second))
		}
		gap()
		for range 6 {
			p.throttled()
			gap()
		}
		p.answered()
		p.throttled()
		gap()
		want := []time.Duration{0, 1, 2, 4, 8, 16, 16, 1}
		for i, got := range pauses {
			if got != want[i]*time.Second {
				t.Errorf("pause %d is %v, want %v", i, got, want[i]*time.Second)
			}
		}
	})
}

func TestWaitingForAPaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(PerSecond)
		p.throttled()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := p.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait: %v", err)
		}
	})
}
