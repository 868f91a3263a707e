package index

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/trailsift/trailsift/source"
)

// A far place answers after a time that may depend on how many requests are under way.
type far struct {
	source.Source
	answer  func(under int) time.Duration
	refuses func(under int) bool // asks to slow down
	under   atomic.Int64
	slowed  atomic.Int64
}

func (f *far) Slowed() int64 { return f.slowed.Load() }

// ask fetches n log files of so many bytes through a pacer and gives how many were answered after each second, and the
// limit then.
func (f *far) ask(n int, size int64) (answered, limits []int) {
	p := newPacer(f)
	done := 0
	began := time.Now()
	var asked sync.WaitGroup
	for range n {
		if !p.take(context.Background(), size) {
			panic("not permitted")
		}
		if s := int(time.Since(began) / time.Second); s >= len(limits) {
			answered, limits = append(answered, done), append(limits, p.limit)
		}
		done++
		asked.Go(func() {
			under := int(f.under.Add(1))
			if f.refuses != nil && f.refuses(under) {
				f.slowed.Add(1)
			}
			took := f.answer(under)
			time.Sleep(took)
			f.under.Add(-1)
			p.gave(size, took)
			p.free(size)
		})
	}
	asked.Wait()
	return answered, limits
}

func constant(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

func TestPacerGrowsWhereAnswersAreFar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{answer: constant(20 * time.Millisecond)}
		answered, limits := f.ask(50_000, 2000)
		if limits[2] < 128 || limits[len(limits)-1] != maxGets {
			t.Errorf("limits by the second: %v", limits)
		}
		if whole := answered[len(answered)-1]; whole < 10_000*(len(answered)-3) {
			t.Errorf("answered by the second: %v", answered)
		}
	})
}

// A place that serves 32 at a time answers no more with 256 under way, only later.
func TestPacerStaysWhereMoreBringsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{answer: func(under int) time.Duration { return 20 * time.Millisecond * time.Duration(max(32, under)) / 32 }}
		_, limits := f.ask(30_000, 2000)
		for s, limit := range limits[2:] {
			if limit < 24 || limit > 128 {
				t.Errorf("limit %d after %d s", limit, s+2)
			}
		}
	})
}

func TestPacerHalvesWhereAskedToSlowDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &far{answer: constant(20 * time.Millisecond), refuses: func(under int) bool { return under > 40 }}
		_, limits := f.ask(50_000, 2000)
		for s, limit := range limits[2:] {
			if limit > 80 || limit < minGets {
				t.Errorf("limit %d after %d s, and more than 40 are refused", limit, s+2)
			}
		}
		var n atomic.Int64
		f = &far{answer: constant(20 * time.Millisecond), refuses: func(int) bool { return n.Add(1)%20 == 0 }}
		if _, limits := f.ask(20_000, 2000); limits[len(limits)-1] < 128 {
			t.Errorf("limits where one in twenty is refused: %v", limits)
		}
	})
}

func TestPacerBoundsWhatIsInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer context.AfterFunc(ctx, p.wake)()
		const size = 5 << 20
		for range aheadBytes / size {
			if !p.take(ctx, size) {
				t.Fatal("not permitted within the bound")
			}
		}
		begun, answered := make(chan bool), make(chan bool)
		take := func(size int64) {
			go func() { begun <- true; answered <- p.take(ctx, size) }()
			<-begun
			synctest.Wait()
		}
		take(size)
		select {
		case <-answered:
			t.Fatal("permitted beyond the bound")
		default:
		}
		p.gave(size, time.Millisecond)
		p.free(size)
		if !<-answered {
			t.Error("not permitted though there is room again")
		}
		take(size)
		cancel()
		if <-answered {
			t.Error("permitted after a cancel")
		}
	})
	p := newPacer(nil)
	for range aheadFiles {
		if !p.take(t.Context(), 0) {
			t.Fatal("not permitted")
		}
		p.gave(0, 0)
	}
	ended, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	defer context.AfterFunc(ended, p.wake)()
	if p.take(ended, 0) {
		t.Errorf("%d log files in memory", aheadFiles+1)
	}
	if p = newPacer(nil); !p.take(t.Context(), 2*aheadBytes) {
		t.Error("one large log file is not permitted by itself")
	}
}
