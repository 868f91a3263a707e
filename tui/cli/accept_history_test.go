package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/sourcetest"
)

// lookups are the windows asked for, with what they were asked for.
func lookups(a *sourcetest.AWS) map[string]int {
	n := map[string]int{}
	for _, r := range a.Requests() {
		if r.Op == "LookupEvents" {
			n[r.Region+" "+r.Key+" "+r.Start.Format(time.RFC3339)]++
		}
	}
	return n
}

// history:all asks the Regions that are enabled; those that refuse are named once, and are no problem.
func TestAllRegionsOfHistory(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := slices.Concat(historyOf(a, "us-east-1", 0, 60), historyOf(a, "eu-west-1", 1000, 60), historyOf(a, "ap-south-1", 2000, 10))
	a.SetRegions(map[string]string{
		"us-east-1": "ENABLED_BY_DEFAULT", "eu-west-1": "ENABLED_BY_DEFAULT", "ap-south-1": "ENABLED_BY_DEFAULT", "ap-east-1": "ENABLED",
		"eu-west-2": "ENABLED_BY_DEFAULT", "me-south-1": "DISABLED",
	})
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		switch {
		case r.Op == "LookupEvents" && r.Region == "ap-east-1":
			return &sourcetest.Fault{Status: 400, Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid"}
		case r.Op == "LookupEvents" && r.Region == "eu-west-2":
			return &sourcetest.Fault{Status: 400, Code: "AccessDeniedException", Message: "with an explicit deny in a service control policy"}
		}
		return nil
	})
	u := signedIn(t, a.URL)
	place := []string{"history:all", "--from", "2026-11-19", "--to", "2026-11-22", "--lookup-rate", "100000"}
	out := u.ok(append([]string{"sync"}, place...)...)
	want := "\nrefused: ap-east-1 (not enabled), eu-west-2 (denied by a service control policy)\n"
	if !strings.Contains(out, want) || strings.Contains(out, "problem") {
		t.Errorf("%q is missing in:\n%s", want, out)
	}
	wantRecords(t, u, planted)
	asked := map[string]int{}
	for _, r := range a.Requests() {
		if r.Op == "LookupEvents" {
			asked[r.Region]++
		}
	}
	if asked["ap-east-1"] != 1 || asked["eu-west-2"] != 1 || asked["me-south-1"] != 0 || asked["us-east-1"] < 4 {
		t.Errorf("requests by Region: %v", asked)
	}
	a.Forget()
	wantRecords(t, u, planted, "--offline", "--in", "history:all")
	if n := len(a.Requests()); n > 0 {
		t.Errorf("%d requests with --offline", n)
	}
	only := u.sync(0, append(place, "--regions", "ap-south-1", "--index", filepath.Join(t.TempDir(), "x.db"))...)
	if only.Events != 10 {
		t.Errorf("--regions ap-south-1: %d events", only.Events)
	}
	for flag, want := range map[string]string{
		"--regions=sa-east-1": "none of them is in this place", "--accounts=999999999999": "belong to account 111122223333",
	} {
		if said := u.run(append([]string{"sync", flag}, place...)...); said.code != 2 || !strings.Contains(said.stderr, want) || !strings.Contains(said.stderr, "\nhint: ") {
			t.Errorf("%s: exit code %d\n%s", flag, said.code, said.stderr)
		}
	}
}

// Without the permission to list Regions those this version knows are asked, and said so; where all refuse that is an error.
func TestAllRegionsWithoutTheList(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := historyOf(a, "ap-south-1", 0, 30)
	u := signedIn(t, a.URL)
	place := []string{"sync", "history:all", "--from", "2026-11-20", "--to", "2026-11-21", "--lookup-rate", "100000"}
	said := u.run(place...)
	if want := "access denied: account:ListRegions"; said.code != 0 || !strings.Contains(said.stderr, want) ||
		!strings.Contains(said.stderr, "asking the 34 Regions this version knows") {
		t.Errorf("exit code %d, %q is missing in:\n%s", said.code, want, said.stderr)
	}
	wantRecords(t, u, planted)
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Op == "LookupEvents" {
			return &sourcetest.Fault{Status: 400, Code: "AccessDeniedException", Message: "User: x is not authorized"}
		}
		return nil
	})
	said = u.run("sync", "history:all", "--lookup-rate", "100000", "--index", filepath.Join(t.TempDir(), "x.db"))
	if said.code != 3 || strings.Count(said.stderr, "access denied: cloudtrail:LookupEvents") != 1 || !strings.Contains(said.stderr, "\nhint: ") {
		t.Errorf("all refuse: exit code %d\n%s", said.code, said.stderr)
	}
}

// A query with one exact demand that LookupEvents filters by is asked with it: the answer is that of everything.
func TestQueryIsPushedDown(t *testing.T) {
	a := sourcetest.NewAWS(t)
	users, names := []string{"bob", "Bob", "carol"}, []string{"DeleteTrail", "deletetrail", "ListBuckets", "PutObject"}
	var planted []string
	for i := range 240 {
		at := u20().Add(time.Duration(i) * 20 * time.Minute)
		r := strings.NewReplacer("ListBuckets", names[i%4], `"userName":"bob"`, `"userName":"`+users[i%3]+`","accessKeyId":"AKIA`+fmt.Sprint(i%7)+`"`,
			"2026-11-20T"+fmt.Sprintf("%02d:%02d:00Z", i/60%24, i%60), at.Format(time.RFC3339)).Replace(sourcetest.Record(i))
		a.Remember("us-east-1", sourcetest.HistoryEvent{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Time: at, Record: r})
		planted = append(planted, r)
	}
	u := signedIn(t, a.URL)
	all := filepath.Join(t.TempDir(), "all.db")
	place := "history:us-east-1"
	flags := []string{"--from", "2026-11-19", "--to", "2026-11-24", "--lookup-rate", "100000"}
	u.sync(0, append([]string{place, "--index", all}, flags...)...)
	for q, want := range map[string]string{
		"event=DeleteTrail": "EventName=DeleteTrail", "event=DeleteTrail -user:bob": "EventName=DeleteTrail", "key=AKIA3 event=PutObject": "AccessKeyId=AKIA3",
		"user=bob kind=IAMUser": "Username=bob", "id=00000000-0000-4000-8000-000000000017": "EventId=00000000-0000-4000-8000-000000000017",
		"service=s3": "EventSource=s3.amazonaws.com", `"readOnly"=true event:Put*`: "ReadOnly=true",
		// Not certain, or not demanded of every event.
		"event:DeleteTrail": "", "event=Delete* ": "EventName=Delete*", "user=bob": "", "NOT event=DeleteTrail": "", "event=DeleteTrail OR user=bob": "",
		"event!=DeleteTrail": "", "resource=logs": "", "readonly=true": "", "DeleteTrail": "",
	} {
		a.Forget()
		args := append([]string{"search", q, "--format", "jsonl", "--in", place, "--index", filepath.Join(t.TempDir(), "one.db")}, flags...)
		got := u.run(args...)
		if expected := u.ok("search", q, "--format", "jsonl", "--index", all); got.code != 0 || got.out != expected {
			t.Errorf("%s: exit code %d, %d records, want %d\n%s", q, got.code, len(lines(got.out)), len(lines(expected)), got.stderr)
		}
		if said := strings.Contains(got.stderr, "asked AWS only for "+want+"\n"); said != (want != "") {
			t.Errorf("%s: said %q, want %q", q, got.stderr, want)
		}
		for _, r := range a.Requests() {
			if r.Op == "LookupEvents" && r.Key != want && r.Key != "insight" {
				t.Errorf("%s: asked for %q, want %q", q, r.Key, want)
			}
		}
	}
	// What was asked with an attribute does not stand for the whole.
	u.ok(append([]string{"search", "event=DeleteTrail", "--in", place, "--count"}, flags...)...)
	if s := u.sync(0, append([]string{place}, flags...)...); s.Held != 240 || s.Events != 180 {
		t.Errorf("a sync after a search: %+v", s)
	}
	wantRecords(t, u, planted)
}

func u20() time.Time { return time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC) }

// --types decides about Insights, and a server that has none is no problem.
func TestInsightsOfHistory(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := historyOf(a, "us-east-1", 0, 20)
	insight := strings.Replace(sourcetest.Record(900), `"eventCategory":"Management"`, `"eventCategory":"Insight","insightDetails":{"state":"Start"}`, 1)
	a.Remember("us-east-1", sourcetest.HistoryEvent{ID: "900", Time: u20(), Record: insight, Insight: true})
	u := signedIn(t, a.URL)
	sync := func(want int, more ...string) {
		t.Helper()
		args := []string{"history:us-east-1", "--from", "2026-11-19", "--to", "2026-11-22", "--lookup-rate", "100000", "--index", filepath.Join(t.TempDir(), "x.db")}
		if s := u.sync(0, append(args, more...)...); s.Events != want {
			t.Errorf("%q: %d events, want %d", more, s.Events, want)
		}
	}
	sync(21)
	sync(20, "--types", "cloudtrail")
	sync(1, "--types", "insight")
	sync(0, "--types", "digest")
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Key == "insight" {
			return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "InvalidEventCategoryException", Message: "no"}
		}
		return nil
	})
	said := u.run("sync", "history:us-east-1", "--from", "2026-11-19", "--to", "2026-11-22", "--lookup-rate", "100000")
	if want := "Insight events of us-east-1 are not given: "; said.code != 0 || strings.Count(said.stderr, want) != 1 {
		t.Errorf("exit code %d, %q is missing in:\n%s", said.code, want, said.stderr)
	}
	wantRecords(t, u, planted)
}

// An event of the bucket and of Event history is one event whose provenance shows both.
func TestHistoryAndBucketShareProvenance(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := historyOf(a, "us-east-1", 0, 60)
	a.NewBucket("trail-logs", "us-east-1", 100)
	for n := 0; n < 60; n += 10 {
		a.Put("trail-logs", fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/111122223333_CloudTrail_us-east-1_20261120T%02d00Z_X.json.gz", n/10),
			sourcetest.S3Object{Body: container(planted[n : n+10]...)})
	}
	u := signedIn(t, a.URL)
	store := filepath.Join(t.TempDir(), "both.db")
	for _, place := range []string{"history:us-east-1", "s3://trail-logs"} {
		u.sync(0, place, "--from", "2026-11-20", "--to", "2026-11-21", "--lookup-rate", "100000", "--index", store)
	}
	ix, err := index.Open(store, index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	r, err := ix.Search(t.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rec, err := range r.Records(t.Context(), index.RecordsOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		full, err := ix.Record(t.Context(), rec.Ref)
		if err != nil {
			t.Fatal(err)
		}
		var places []string
		for _, c := range full.Copies {
			scheme, _, _ := strings.Cut(c.Place, ":")
			places = append(places, scheme)
		}
		slices.Sort(places)
		if !slices.Equal(places, []string{"history", "s3"}) {
			t.Errorf("copies in %q: %+v", places, full.Copies)
		}
		n++
	}
	if n != 60 {
		t.Errorf("%d events, want 60", n)
	}
}

// busyHistory plants events of the last hour in Regions, and so many of the days before that they take minutes.
func busyHistory(a *sourcetest.AWS, now time.Time, regions []string) (lastHour int) {
	for r, region := range regions {
		for i := range 3000 {
			at := now.Add(-time.Duration(i) * 25 * time.Second) // 144 an hour, three pages
			n := r*100_000 + i
			_, rest, _ := strings.Cut(sourcetest.Record(n), `"eventTime":"`)
			record := strings.Replace(sourcetest.Record(n), rest[:20], at.Format(time.RFC3339), 1)
			a.Remember(region, sourcetest.HistoryEvent{ID: fmt.Sprintf("%08d", n), Time: at, Record: record})
			if now.Sub(at) < time.Hour {
				lastHour++
			}
		}
	}
	return lastHour
}

// With 4 Regions of 144 events an hour, at the rate AWS permits, the last hour is there within 3 s.
func TestLastHourOfHistoryComesFirst(t *testing.T) {
	if testing.Short() {
		t.Skip("keeps to the real pace for three seconds")
	}
	a := sourcetest.NewAWS(t)
	a.LimitLookups(2)
	now := time.Date(2026, 11, 20, 13, 10, 0, 0, time.UTC)
	regions := []string{"us-east-1", "us-west-2", "eu-west-1", "ap-south-1"}
	want := busyHistory(a, now, regions)
	h := history.New(history.Client(a.Config("us-east-1")), sourcetest.Account, regions, now.AddDate(0, 0, -2), time.Time{},
		history.Options{Now: func() time.Time { return now }})
	ix, err := index.Open(filepath.Join(t.TempDir(), "x.db"), index.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begin := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = ix.Ingest(ctx, h, index.IngestOptions{Workers: 8})
	}()
	shown := 0
	for shown < want && time.Since(begin) < 30*time.Second {
		r, err := ix.Search(t.Context(), query.All{}, index.SearchOptions{From: now.Add(-time.Hour + time.Second)})
		if err != nil {
			t.Fatal(err)
		}
		shown = r.Count()
		time.Sleep(20 * time.Millisecond)
	}
	took := time.Since(begin)
	cancel()
	<-done
	t.Logf("%d of %d events of the last hour in four Regions after %.2f s, throttled %d times", shown, want, took.Seconds(), h.Slowed())
	// The promise is 3 s; a machine busy with other tests takes longer, so a test alone holds it.
	if shown < want || took > 3*time.Second && os.Getenv("TRAILSIFT_ALONE") != "" {
		t.Errorf("%d of %d events after %v", shown, want, took)
	}
}
