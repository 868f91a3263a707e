package history_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// A Region is asked at its full rate whoever is being waited for: one reader goes through the windows in their order, and
// the busy Region's windows take it a hundred times as long as those of the others.
func TestNoRegionWaitsForTheReaderOfAnother(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 3000 {
		a.Remember("us-east-1", event(n, now.Add(-2*time.Hour)))
	}
	others := []string{"eu-west-1", "eu-west-2", "ap-south-1"}
	for _, r := range others {
		for n := range 60 {
			a.Remember(r, event(10_000+n, now.Add(-time.Duration(n)*time.Hour)))
		}
	}
	opt := options()
	opt.PerSecond = 10
	from := now.AddDate(0, 0, -1)
	h := open(a, from, now, opt, append(others, "us-east-1")...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	files := sourcetest.List(t, h)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, f := range files {
			if _, err := sourcetest.Read(ctx, h, f); err != nil {
				return // the end of the test
			}
		}
	}()
	begin := time.Now()
	windows := 28 // of a Region
	for time.Since(begin) < 10*time.Second && (askedOf(a, others[0]) < windows || askedOf(a, others[1]) < windows || askedOf(a, others[2]) < windows) {
		time.Sleep(10 * time.Millisecond)
	}
	took := time.Since(begin).Seconds()
	busy := askedOf(a, "us-east-1")
	t.Logf("%d windows each of three Regions in %.2f s, %d requests of the busy one", windows, took, busy)
	if rate := float64(windows-1) / took; rate < 0.9*opt.PerSecond*0.98 {
		t.Errorf("three Regions beside a busy one: %.1f requests a second and Region, want %.0f", rate, opt.PerSecond)
	}
	if busy >= 60 {
		t.Errorf("the busy Region was done, with %d requests: nothing was shown", busy)
	}
	cancel()
	<-done
}

// What was asked ahead is read once it is opened, without asking again, whatever the order.
func TestWindowsAskedAheadAreNotAskedAgain(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 500 {
		a.Remember("us-east-1", event(n, now.Add(-time.Duration(n)*6*time.Minute)))
	}
	h := open(a, now.Add(-48*time.Hour), now, options(), "us-east-1")
	files := sourcetest.List(t, h)
	first, err := h.Open(t.Context(), files[0])
	if err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); len(a.Requests()) < len(files) && time.Since(begin) < 10*time.Second; {
		time.Sleep(time.Millisecond)
	}
	first.Body.Close()
	ahead := len(a.Requests())
	slices.Reverse(files)
	for _, f := range files {
		if _, err := sourcetest.Read(t.Context(), h, f); err != nil {
			t.Error(err)
		}
	}
	if n := len(a.Requests()) - ahead; ahead < len(files) || n > 1 { // the window that was closed unread
		t.Errorf("%d windows: %d requests ahead, %d after", len(files), ahead, n)
	}
}

// Nothing is asked when nobody reads: not after a listing, and not after the last reader has gone.
func TestNothingIsAskedUnread(t *testing.T) {
	a := sourcetest.NewAWS(t)
	opt := options()
	opt.PerSecond = 200
	h := open(a, now.AddDate(0, 0, -30), now, opt, "us-east-1", "eu-west-1")
	files := sourcetest.List(t, h)
	time.Sleep(50 * time.Millisecond)
	if n := len(a.Requests()); n != 2 {
		t.Errorf("%d requests by listing, want one of each Region", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	obj, err := h.Open(ctx, files[0])
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := obj.Body.Read(make([]byte, 10)); !errors.Is(err, context.Canceled) {
		t.Errorf("reading after the end: %v", err)
	}
	obj.Body.Close()
	time.Sleep(20 * time.Millisecond)
	n := len(a.Requests())
	time.Sleep(100 * time.Millisecond)
	if more := len(a.Requests()) - n; more > 0 {
		t.Errorf("%d requests after the last reader had gone", more)
	}
}

// Many readers at once, throttling and faults: each event once.
func TestManyReadersGetEachEventOnce(t *testing.T) {
	a := sourcetest.NewAWS(t)
	regions := []string{"us-east-1", "eu-west-1", "eu-west-2"}
	n := 0
	for _, r := range regions {
		for range 700 {
			a.Remember(r, event(n, now.Add(-time.Duration(n%700)*7*time.Minute)))
			n++
		}
	}
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		switch r.Nth % 9 {
		case 3, 4:
			return &sourcetest.Fault{Status: 400, Code: "ThrottlingException"}
		case 7:
			return &sourcetest.Fault{Status: 503, Code: "ServiceUnavailable"}
		case 8:
			return &sourcetest.Fault{Cut: 30}
		}
		return nil
	})
	h := open(a, now.AddDate(0, 0, -5), now, options(), regions...)
	jobs := make(chan source.File)
	var mu sync.Mutex
	var got []string
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			for f := range jobs {
				ids := readWindow(t, h, f)
				mu.Lock()
				got = append(got, ids...)
				mu.Unlock()
			}
		})
	}
	for _, f := range sourcetest.List(t, h) {
		jobs <- f
	}
	close(jobs)
	all.Wait()
	slices.Sort(got)
	if !slices.Equal(got, ids(0, n)) {
		t.Errorf("%d ids, want %d, each once", len(got), n)
	}
	if h.Slowed() == 0 {
		t.Error("nothing was throttled")
	}
}
