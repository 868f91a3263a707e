package cli_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// A lookupLog is what the simulator's log says of LookupEvents in one Region.
type lookupLog struct {
	times     []float64 // of those that were answered, in seconds
	throttled int
}

// rate is how many were answered a second, over a span of time from the first one on (0: to the last).
func (l lookupLog) rate(span float64) float64 {
	times := l.times
	if span > 0 {
		times = slices.DeleteFunc(slices.Clone(times), func(at float64) bool { return at > l.times[0]+span })
	}
	return float64(len(times)-1) / (times[len(times)-1] - times[0])
}

// lookupLogs reads the simulator's log.
func lookupLogs(t *testing.T, path string) map[string]*lookupLog {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	logs := map[string]*lookupLog{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var l struct {
			T          float64
			Op, Region string
			Status     any
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if l.Op != "LookupEvents" {
			continue
		}
		if logs[l.Region] == nil {
			logs[l.Region] = &lookupLog{}
		}
		if status, _ := json.Marshal(l.Status); strings.Contains(string(status), "200") {
			logs[l.Region].times = append(logs[l.Region].times, l.T)
		} else {
			logs[l.Region].throttled++
		}
	}
	for _, l := range logs {
		slices.Sort(l.times)
	}
	return logs
}

// TestLookupRate brings in Event history of four Regions from the simulator, which throttles at two requests a second and
// Region: most of that is used in each, and every event comes once. TRAILSIFT_LOOKUP_SECONDS makes it long, and 95 % (120 takes
// some minutes); without it a few seconds tell.
func TestLookupRate(t *testing.T) {
	if testing.Short() {
		t.Skip("keeps to the real pace for seconds")
	}
	seconds, least := 5, 0.6 // of eight requests: one that is throttled costs a second
	if n, err := strconv.Atoi(os.Getenv("TRAILSIFT_LOOKUP_SECONDS")); err == nil && n > 0 {
		seconds, least = n, 0.95
	}
	regions := []string{"us-east-1", "us-west-2", "eu-west-1", "ap-southeast-2"}
	log := filepath.Join(t.TempDir(), "access.jsonl")
	// An hour of ten log files has some 900 management events of a Region here: 19 requests.
	hours, files := 1, 4
	if seconds > 5 {
		hours, files = seconds/10, 10
	}
	u, endpoint := simulator(t, "clean", "--regions", strings.Join(regions, ","), "--hours", strconv.Itoa(hours), "--logs", strconv.Itoa(files), "--events", "100",
		"--lookup-tps", "2", "--access-log", log)
	truth := decode[simulated](t, string(sourcetest.Get(t, endpoint+"/_sim/case")))
	_, managed, found := simulatedRecords(t, endpoint, truth)
	from, to := spanOf(t, managed)
	began := time.Now()
	place := []string{"history:" + strings.Join(found, ","), "--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339), "--types", "cloudtrail"}
	s := u.sync(0, place...)
	took := time.Since(began)
	if s.Events != len(managed) || s.Duplicates != 0 || s.Held != len(managed) {
		t.Errorf("%d planted: %+v", len(managed), s)
	}
	wantRecords(t, u, managed)
	t.Logf("%d events of %d Regions in %.1f s", s.Events, len(found), took.Seconds())
	logs := lookupLogs(t, log)
	for _, region := range found {
		l := logs[region]
		rate := l.rate(float64(seconds))
		t.Logf("%-15s %d requests answered, %d throttled; %.3f a second over %d s: %.1f %%", region, len(l.times), l.throttled, rate, seconds, 50*rate)
		if rate < 2*least {
			t.Errorf("%s: %.3f requests a second, want %.2f", region, rate, 2*least)
		}
	}
}

// spanOf is the range of whole hours that records lie in.
func spanOf(t *testing.T, records []string) (from, to time.Time) {
	t.Helper()
	for _, r := range records {
		at := decode[struct{ EventTime time.Time }](t, r).EventTime
		if from.IsZero() || at.Before(from) {
			from = at
		}
		if at.After(to) {
			to = at
		}
	}
	return from.Truncate(time.Hour), to.Truncate(time.Hour).Add(time.Hour)
}
