package index_test

import (
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

var july = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// deliveredAt is the key of a log file delivered at a minute of a day.
func deliveredAt(region string, minute, n int) string {
	at := july.Add(time.Duration(minute) * time.Minute)
	return fmt.Sprintf("AWSLogs/111111111111/CloudTrail/%s/%s/111111111111_CloudTrail_%s_%s_%016d.json",
		region, at.Format("2006/01/02"), region, at.Format("20060102T1504Z"), n)
}

// covered is a place with log files of some hours of one Region, and what a verification said: log files of 0:05 and 1:10
// are proven, one of 1:20 is late and altered, that of 2:10 is gone, at 3 nothing was delivered; nobody knows of 4 and 5.
func covered() (*shelf, index.Integrity) {
	s := newShelf("logs")
	s.put(deliveredAt("us-east-1", 5, 1), numbered(0, 3))     // events of 0:00 to 0:02
	s.put(deliveredAt("us-east-1", 70, 2), numbered(61, 65))  // of 1:01 to 1:04
	s.put(deliveredAt("us-east-1", 80, 3), numbered(10, 20))  // of 0:10 to 0:19
	s.put(deliveredAt("us-east-1", 300, 4), numbered(290, 1)) // at 5:00, without events
	rep := index.Integrity{Place: s.place.ID}
	say := func(minute, n int, verdict, class string) int {
		rep.Files = append(rep.Files, index.FileVerdict{Key: deliveredAt("us-east-1", minute, n), Verdict: verdict, Class: class, Reason: "why"})
		return len(rep.Files) - 1
	}
	a, b, c := say(5, 1, "valid", "log.valid"), say(70, 2, "valid", "log.valid"), say(80, 3, "invalid", "log.modified")
	gone := say(130, 5, "invalid", "log.missing")
	hour := func(h int, logs ...int) index.ChainDigest {
		if logs == nil {
			logs = []int{}
		}
		return index.ChainDigest{File: 0, Start: july.Add(time.Duration(h) * time.Hour), End: july.Add(time.Duration(h+1) * time.Hour), Logs: logs}
	}
	unproven := hour(4)
	unproven.Logs = nil
	rep.Chains = []index.Chain{{Account: "111111111111", Region: "us-east-1", Trail: "t", Digests: []index.ChainDigest{
		unproven, hour(3), hour(2, gone), hour(1, b, c), hour(0, a),
	}}}
	rep.Ranges = []index.RangeVerdict{
		{Class: "range.hole", Account: "111111111111", Region: "us-east-1", Trail: "t", From: july.Add(5 * time.Hour), To: july.Add(6 * time.Hour), Reason: "hole"},
		{Class: "range.gap", Account: "111111111111", Region: "us-east-1", Trail: "t", From: july, To: july.Add(time.Hour)},
	}
	return s, rep
}

func TestCoverageCountsWhatIsKnown(t *testing.T) {
	s, rep := covered()
	x := openShelf(t, s)
	mustIngest(t, x, s, index.IngestOptions{SegmentDocs: 4})
	setIntegrity(t, x, rep)
	got, err := x.Coverage(t.Context(), index.CoverageOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := index.Coverage{From: july, To: july.Add(6 * time.Hour), Step: time.Hour, Rows: []index.CoverageRow{{
		Account: "111111111111", Region: "us-east-1",
		Cells: []index.CoverageCell{
			{Held: 1, Proven: 1},
			{Held: 2, Proven: 1, Late: 1},
			{Missing: 1},
			{Empty: 1},
			{Unknown: true},
			{Held: 1, Unknown: true},
		},
	}}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got, err = x.Coverage(t.Context(), index.CoverageOptions{From: july.Add(90 * time.Minute), To: july.Add(4 * time.Hour), Step: 2 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	want = index.Coverage{From: july, To: july.Add(4 * time.Hour), Step: 2 * time.Hour, Rows: []index.CoverageRow{{
		Account: "111111111111", Region: "us-east-1",
		Cells: []index.CoverageCell{{Held: 3, Proven: 2, Late: 1}, {Missing: 1, Empty: 1}},
	}}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := x.Coverage(t.Context(), index.CoverageOptions{From: july.AddDate(-100, 0, 0), Step: time.Second}); err == nil {
		t.Error("3,000 million cells were given")
	}
}

func TestCoverageOfNothing(t *testing.T) {
	x := openShelf(t, newShelf("logs"))
	got, err := x.Coverage(t.Context(), index.CoverageOptions{})
	if err != nil || len(got.Rows) != 0 {
		t.Errorf("%v %v", got, err)
	}
}

func TestGapsStandBetweenEvents(t *testing.T) {
	s, rep := covered()
	for i := range 3 { // three that follow each other, of another Region; the first came in before
		f := index.FileVerdict{Key: deliveredAt("eu-west-1", 60+5*i, i), Verdict: "invalid", Class: "log.missing", Reason: "gone"}
		rep.Files = append(rep.Files, f)
	}
	s.put(deliveredAt("eu-west-1", 60, 0), numbered(500, 507))
	exact := index.FileVerdict{
		Key: deliveredAt("eu-west-1", 200, 9), Verdict: "invalid", Class: "log.unknown-deleted",
		Oldest: july.Add(190 * time.Minute), Newest: july.Add(195 * time.Minute),
	}
	rep.Files = append(rep.Files, exact)
	x := openShelf(t, s)
	mustIngest(t, x, s, index.IngestOptions{})
	r, err := x.Search(t.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	gaps := func(newest, oldest time.Time) []index.Gap {
		t.Helper()
		g, err := r.Gaps(t.Context(), newest, oldest)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	if g := gaps(time.Time{}, time.Time{}); len(g) != 0 {
		t.Fatalf("before a verification: %v", g)
	}
	setIntegrity(t, x, rep)
	at := func(minute int) time.Time { return july.Add(time.Duration(minute) * time.Minute) }
	want := []index.Gap{
		{Time: at(360), From: at(300), To: at(360), Class: "range.hole", Reason: "hole", Account: "111111111111", Region: "us-east-1"},
		{Time: at(195), From: at(190), To: at(195), Class: "log.unknown-deleted", Key: exact.Key, Account: "111111111111", Region: "eu-west-1", Files: 1},
		{Time: at(130), From: at(125), To: at(130), Class: "log.missing", Key: deliveredAt("us-east-1", 130, 5), Reason: "why", Account: "111111111111", Region: "us-east-1", Files: 1},
		{Time: at(70), From: at(55), To: at(70), Class: "log.missing", Key: deliveredAt("eu-west-1", 70, 2), Reason: "gone", Account: "111111111111", Region: "eu-west-1", Files: 3, Events: 7},
	}
	if diff := gocmp.Diff(want, gaps(time.Time{}, time.Time{})); diff != "" {
		t.Error(diff)
	}
	for _, c := range []struct{ newest, oldest, from, to int }{
		{195, 70, 1, 4}, {194, 71, 2, 3}, {360, 195, 0, 2}, {1000, 361, 0, 0}, {69, 0, 4, 4}, {360, 360, 0, 1},
	} {
		if diff := gocmp.Diff(want[c.from:c.to], gaps(at(c.newest), at(c.oldest)), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("from minute %d to %d: %s", c.newest, c.oldest, diff)
		}
	}
	line, err := r.Timeline(t.Context(), index.TimelineOptions{From: july, To: july.Add(7 * time.Hour), Bucket: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	var marked []int
	for i, b := range line.Buckets {
		if b.Gap {
			marked = append(marked, i)
		}
	}
	if diff := gocmp.Diff([]int{0, 1, 2, 3, 5}, marked); diff != "" {
		t.Errorf("bars with a gap: %s", diff)
	}
}
