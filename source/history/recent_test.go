package history_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// A follower brings Event history in and looks again, at a clock of its own.
type follower struct {
	t   *testing.T
	a   *sourcetest.AWS
	at  time.Time
	h   *history.History
	all []string // ids, in the order given
}

func follow(t *testing.T, a *sourcetest.AWS, regions ...string) *follower {
	t.Helper()
	f := &follower{t: t, a: a, at: now}
	opt := options()
	opt.Now = func() time.Time { return f.at }
	f.h = open(a, now.Add(-2*time.Hour), time.Time{}, opt, regions...)
	f.all = read(t, f.h)
	return f
}

// look gives the ids that are new after some time.
func (f *follower) look(later time.Duration) (ids []string, files []source.File) {
	f.t.Helper()
	f.at = f.at.Add(later)
	src := f.h.Recent(later + 5*time.Minute)
	files = sourcetest.List(f.t, src)
	for _, file := range files {
		ids = append(ids, readLogFile(f.t, src, file)...)
	}
	f.all = append(f.all, ids...)
	slices.Sort(ids)
	return ids, files
}

func ids(from, to int) (all []string) {
	for n := from; n < to; n++ {
		all = append(all, event(n, now).ID)
	}
	return all
}

func TestFollowingGivesEachEventOnce(t *testing.T) {
	a := sourcetest.NewAWS(t)
	n := 0
	arrive := func(count int, at time.Time) {
		for range count {
			a.Remember([]string{"us-east-1", "eu-west-1"}[n%2], event(n, at))
			n++
		}
	}
	arrive(150, now.Add(-time.Minute))
	f := follow(t, a, "us-east-1", "eu-west-1")
	if got, _ := f.look(10 * time.Second); len(got) > 0 {
		t.Errorf("nothing new, and %d events", len(got))
	}
	arrive(130, f.at.Add(5*time.Second))
	got, files := f.look(10 * time.Second)
	if diff := cmp.Diff(ids(150, 280), got); diff != "" {
		t.Errorf("new events (-want +got):\n%s", diff)
	}
	if len(files) != 2 || !strings.HasPrefix(files[0].Key, "history/111122223333/eu-west-1/2026/11/20/20261120T131020Z_new") ||
		files[0].Volatile || files[0].SizeBytes <= 0 {
		t.Errorf("log files of the look: %+v", files)
	}
	if got, files := f.look(10 * time.Second); len(got) > 0 || len(files) > 0 {
		t.Errorf("nothing new, and %d events in %d files", len(got), len(files))
	}
	slices.Sort(f.all)
	if diff := cmp.Diff(ids(0, 280), f.all); diff != "" {
		t.Errorf("all events (-want +got):\n%s", diff)
	}
}

// A look ends with a page that is known, but what comes late is found by one that goes through all.
func TestFollowingFindsLateEvents(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 400 {
		a.Remember("us-east-1", event(n, now.Add(-time.Duration(n)*time.Second)))
	}
	f := follow(t, a, "us-east-1")
	f.look(10 * time.Second) // the first one goes through all
	a.Remember("us-east-1", event(1000, now.Add(-5*time.Minute)))
	a.Forget()
	if got, _ := f.look(10 * time.Second); len(got) != 0 || len(a.Requests()) != 1 {
		t.Errorf("%d events in %d requests, want none in one", len(got), len(a.Requests()))
	}
	if got, _ := f.look(5 * time.Minute); !slices.Equal(got, ids(1000, 1001)) {
		t.Errorf("late events %q", got)
	}
}

// What a look found and nobody read is given by the next one, and so is what a look did not get to.
func TestFollowingLosesNothingToFaults(t *testing.T) {
	a := sourcetest.NewAWS(t)
	f := follow(t, a, "us-east-1")
	for n := range 120 {
		a.Remember("us-east-1", event(n, f.at.Add(2*time.Second)))
	}
	f.at = f.at.Add(10 * time.Second)
	sourcetest.List(t, f.h.Recent(time.Minute)) // and not read
	a.Fail(func(sourcetest.Request) *sourcetest.Fault {
		return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "ExpiredTokenException"}
	})
	for file, err := range f.h.Recent(time.Minute).List(t.Context()) {
		if err == nil || file.Key != "history/111122223333/us-east-1" || !strings.Contains(err.Error(), "Event history of us-east-1: the credentials have expired") {
			t.Errorf("expired: %q, %v", file.Key, err)
		}
	}
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Nth%3 > 0 {
			return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "ThrottlingException"}
		}
		return nil
	})
	if got, _ := f.look(10 * time.Second); !slices.Equal(got, ids(0, 120)) {
		t.Errorf("%d events of 120", len(got))
	}
}
