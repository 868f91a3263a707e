package cli_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source/sourcetest"
)

// signedIn gives a user credentials and an endpoint on this machine.
func signedIn(t *testing.T, endpoint string) *user {
	t.Helper()
	u := newUser(t)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1",
		"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
	} {
		t.Setenv(name, value)
	}
	return u
}

// wantRecords compares the records held, in any order, with those planted.
func wantRecords(t *testing.T, u *user, planted []string, args ...string) {
	t.Helper()
	want := slices.Sorted(slices.Values(planted))
	got := slices.Sorted(slices.Values(lines(u.ok(append([]string{"search", "--format", "jsonl"}, args...)...))))
	if sum(strings.Join(want, "\n")) != sum(strings.Join(got, "\n")) || len(want) == 0 {
		t.Errorf("%d records, want the %d planted", len(got), len(want))
	}
}

// asked counts the requests since the last Forget by operation.
func asked(a *sourcetest.AWS) map[string]int {
	counts := map[string]int{}
	for _, r := range a.Requests() {
		counts[r.Op]++
	}
	return counts
}

// trailBucket plants 40 log files of two accounts in three Regions, digests and a directory marker, and gives the
// records.
func trailBucket(a *sourcetest.AWS, name string) (planted []string) {
	a.NewBucket(name, "eu-west-1", 7)
	for n := range 40 {
		account, region := 111122223333+n%2, []string{"us-east-1", "eu-west-1", "ap-south-1"}[n%3]
		day := 18 + n%4
		prefix := fmt.Sprintf("o/AWSLogs/o-abc123/%d/CloudTrail/%s/2026/11/%d/", account, region, day)
		key := fmt.Sprintf("%d_CloudTrail_%s_202611%dT%02d00Z_ABCDEFGHIJKLMN%02d.json.gz", account, region, day, n%24, n)
		first, second := recordOf(2*n, day), recordOf(2*n+1, day)
		planted = append(planted, first, second)
		a.Put(name, prefix+key, sourcetest.S3Object{Body: container(first, second), Encoding: "gzip"})
	}
	digest := `{"awsAccountId":"111122223333","digestStartTime":"2026-11-20T00:00:00Z","digestEndTime":"2026-11-20T01:00:00Z",` +
		`"digestS3Bucket":"b","digestS3Object":"o","digestSignatureAlgorithm":"SHA256withRSA","logFiles":[]}`
	a.Put(name, "o/AWSLogs/o-abc123/111122223333/CloudTrail-Digest/us-east-1/2026/11/20/"+
		"111122223333_CloudTrail-Digest_us-east-1_main_us-east-1_20261120T010000Z.json.gz",
		sourcetest.S3Object{Body: sourcetest.Gzip([]byte(digest)), Meta: map[string]string{"signature": "00"}})
	a.Put(name, "o/AWSLogs/", sourcetest.S3Object{})
	return planted
}

// recordOf is a record of a day of November 2026.
func recordOf(n, day int) string {
	return strings.Replace(sourcetest.Record(n), "2026-11-20T", fmt.Sprintf("2026-11-%02dT", day), 1)
}

// A bucket's events come in once, through the real SDK; the second run gets no object, a new object is the only one
// that is fetched, and without a connection the answers are the same.
func TestBucketComesInOnce(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	if s := u.sync(0, "s3://trail-logs/o"); s.Events != 80 || s.Files != 40 || !s.Complete || len(s.Problems) > 0 || s.Duplicates > 0 {
		t.Errorf("%+v", s)
	}
	if n := asked(a)["GetObject"]; n != 41 { // with the digest
		t.Errorf("%d GetObject, want one of each log file and digest", n)
	}
	wantRecords(t, u, planted)

	a.Forget()
	if s := u.sync(0, "s3://trail-logs/o"); s.Events != 0 || s.Files != 0 || s.Held != 80 || !s.Complete {
		t.Errorf("again: %+v", s)
	}
	if n := asked(a)["GetObject"]; n != 0 {
		t.Errorf("again: %d GetObject", n)
	}

	late := recordOf(500, 19)
	a.Put("trail-logs", "o/AWSLogs/o-abc123/111122223333/CloudTrail/us-east-1/2026/11/19/"+
		"111122223333_CloudTrail_us-east-1_20261119T0300Z_LATE.json.gz", sourcetest.S3Object{Body: container(late)})
	a.Forget()
	if s := u.sync(0, "s3://trail-logs/o/"); s.Events != 1 || s.Files != 1 || asked(a)["GetObject"] != 1 {
		t.Errorf("a late file: %+v, %v", s, asked(a))
	}

	a.Forget()
	wantRecords(t, u, append(planted, late))
	wantRecords(t, u, append(planted, late), "--offline")
	wantRecords(t, u, append(planted, late), "--offline", "--in", "s3://trail-logs/o")
	wantRefusal(t, u.run("search", "--quiet", "--offline", "--in", "s3://another"), "--offline opens none")
	wantRefusal(t, u.run("sync", "--quiet", "--offline", "s3://trail-logs/o"), "--offline opens none")
	if n := u.count("event:ListBuckets"); n != 81 {
		t.Errorf("%d events, want 81", n)
	}
	if len(a.Requests()) > 0 {
		t.Errorf("answers from what is held asked AWS: %v", asked(a))
	}
}

// With a range only its day folders are asked for.
func TestBucketOfARange(t *testing.T) {
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	u.sync(0, "s3://trail-logs", "--from", "2026-11-18", "--to", "2026-11-19")
	for _, r := range a.Requests() {
		if r.Op == "GetObject" && !strings.Contains(r.Key, "/2026/11/18/") && !strings.Contains(r.Key, "/2026/11/19/") {
			t.Errorf("fetched %s", r.Key)
		}
	}
	if n := asked(a)["GetObject"]; n != 20 {
		t.Errorf("%d objects of two days of four, want 20", n)
	}
}

// historyOf plants events in Event history: some of them at the same second, as many as need several pages.
func historyOf(a *sourcetest.AWS, region string, first, n int) (planted []string) {
	for i := range n {
		at := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC).Add(time.Duration((first+i)/4*60) * time.Second)
		record := strings.Replace(sourcetest.Record(first+i), "us-east-1", region, 1)
		_, rest, _ := strings.Cut(record, `"eventTime":"`)
		record = strings.Replace(record, rest[:20], at.Format(time.RFC3339), 1)
		a.Remember(region, sourcetest.HistoryEvent{ID: fmt.Sprintf("%08d", first+i), Time: at, Record: record})
		planted = append(planted, record)
	}
	return planted
}

// Event history comes in once: windows that have settled are not asked for again, and what is held answers offline.
func TestHistoryComesInOnce(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := append(historyOf(a, "us-east-1", 0, 230), historyOf(a, "eu-west-1", 1000, 120)...)
	u := signedIn(t, a.URL)
	place := []string{"history:us-east-1,eu-west-1", "--from", "2026-11-17", "--to", "2026-11-24", "--lookup-rate", "100000"}
	if s := u.sync(0, place...); s.Events != 350 || !s.Complete || s.Duplicates > 0 || s.Conflicts > 0 {
		t.Errorf("%+v", s)
	}
	wantRecords(t, u, planted)

	a.Forget()
	if s := u.sync(0, place...); s.Events != 0 || s.Files != 0 || s.Held != 350 {
		t.Errorf("again: %+v", s)
	}
	if n := asked(a)["LookupEvents"]; n != 0 {
		t.Errorf("again: %d LookupEvents of windows that have settled", n)
	}

	// Without an end the last hours are open: they alone are asked for once more.
	u.sync(0, place[0], "--from", "2026-11-17", "--lookup-rate", "100000")
	a.Forget()
	u.sync(0, place[0], "--from", "2026-11-17", "--lookup-rate", "100000")
	for _, r := range a.Requests() {
		if r.Op == "LookupEvents" && r.Start.Before(u.now.Add(-time.Hour)) && (r.Key != "insight" || r.Start.Before(u.now.Add(-25*time.Hour))) {
			t.Errorf("asked again for %s of %v", r.Key, r.Start)
		}
	}
	if n := asked(a)["LookupEvents"]; n < 4 {
		t.Errorf("%d LookupEvents, want those of windows of two Regions that are not final", n)
	}
	a.Forget()
	wantRecords(t, u, planted, "--offline")
	wantRecords(t, u, planted, "--offline", "--in", "history:eu-west-1,us-east-1")
	if len(a.Requests()) > 0 {
		t.Errorf("answers from what is held asked AWS: %v", asked(a))
	}
}

// The bucket and Event history of one account are one set of events in one store.
func TestBucketAndHistoryAreOne(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := historyOf(a, "us-east-1", 0, 60)
	a.NewBucket("trail-logs", "us-east-1", 100)
	for n := 0; n < 60; n += 10 {
		a.Put("trail-logs", fmt.Sprintf("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/111122223333_CloudTrail_us-east-1_20261120T%02d00Z_X.json.gz", n/10),
			sourcetest.S3Object{Body: container(planted[n : n+10]...)})
	}
	u := signedIn(t, a.URL)
	s := u.sync(0, "history:us-east-1", "s3://trail-logs", "--from", "2026-11-20", "--to", "2026-11-21", "--lookup-rate", "100000")
	if s.Events != 60 || s.Duplicates != 60 || s.Conflicts != 0 {
		t.Errorf("%+v", s)
	}
	wantRecords(t, u, planted)
}

// What AWS refuses is one error line and one hint, exit 3, and nothing of the SDK.
func TestRefusalsOfAWS(t *testing.T) {
	a := sourcetest.NewAWS(t)
	trailBucket(a, "trail-logs")
	deny := func(ops ...string) func(sourcetest.Request) *sourcetest.Fault {
		return func(r sourcetest.Request) *sourcetest.Fault {
			if slices.Contains(ops, r.Op) {
				return &sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "Access Denied"}
			}
			return nil
		}
	}
	none := deny()
	signed := map[string]string{"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
	for name, c := range map[string]struct {
		args  []string
		fault func(sourcetest.Request) *sourcetest.Fault
		env   map[string]string
		says  string
	}{
		"bucket denied":         {[]string{"s3://trail-logs"}, deny("HeadBucket", "ListObjectsV2"), signed, "access denied"},
		"listing denied":        {[]string{"s3://trail-logs"}, deny("ListObjectsV2"), signed, "access denied: s3:ListBucket"},
		"no such bucket":        {[]string{"s3://not-there"}, none, signed, "no such bucket"},
		"bucket no credentials": {[]string{"s3://trail-logs"}, none, nil, "no credentials"},
		"no credentials":        {[]string{"history:us-east-1"}, none, nil, "no credentials"},
		"identity denied":       {[]string{"history:"}, deny("GetCallerIdentity"), signed, "denied"},
		"no such profile":       {[]string{"history:", "--profile", "nobody"}, none, nil, "no such profile"},
	} {
		t.Run(name, func(t *testing.T) {
			u := newUser(t)
			t.Setenv("AWS_ENDPOINT_URL", a.URL)
			t.Setenv("AWS_REGION", "us-east-1")
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			a.Fail(c.fault)
			begin := time.Now()
			got := u.run(append([]string{"sync", "--quiet", "--from", "2026-11-20", "--to", "2026-11-21"}, c.args...)...)
			wantRefusal(t, got, c.says)
			if took := time.Since(begin); took > 3*time.Second {
				t.Errorf("said after %s", took)
			}
		})
	}
}

// wantRefusal checks the form of an error: one line, one hint, and none of the SDK's words.
func wantRefusal(t *testing.T, got said, says string) {
	t.Helper()
	said := lines(got.stderr)
	if got.code != 3 || len(said) != 2 || !strings.HasPrefix(said[0], "trailsift: ") || !strings.HasPrefix(said[1], "hint: ") {
		t.Errorf("exit code %d, want 3 with an error and a hint:\n%s%s", got.code, got.out, got.stderr)
	}
	if !strings.Contains(got.stderr, says) {
		t.Errorf("%q is not said:\n%s", says, got.stderr)
	}
	for _, noise := range []string{
		"operation error", "https response error", "StatusCode", "RequestID", "api error", "SDK ", "WARN", "goroutine", "exceeded maximum",
	} {
		if strings.Contains(got.stderr, noise) {
			t.Errorf("%q is noise:\n%s", noise, got.stderr)
		}
	}
}

// A Region whose Event history may not be read is a problem by name, is soon left alone, and keeps no other out.
func TestRefusedHistory(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := historyOf(a, "us-east-1", 0, 10)
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Op == "LookupEvents" && r.Region == "eu-west-1" {
			return &sourcetest.Fault{Status: 400, Code: "AccessDeniedException", Message: "User: x is not authorized"}
		}
		return nil
	})
	u := signedIn(t, a.URL)
	s := u.sync(3, "history:us-east-1,eu-west-1", "--from", "2026-11-01", "--to", "2026-11-21", "--lookup-rate", "100000")
	for _, p := range s.Problems {
		if !strings.Contains(p.File+p.Reason, "eu-west-1") || !strings.Contains(p.Reason, "access denied: cloudtrail:LookupEvents") {
			t.Errorf("%+v", p)
		}
	}
	if s.Events != 10 || len(s.Problems) == 0 {
		t.Errorf("%+v", s)
	}
	denied := 0
	for _, r := range a.Requests() {
		if r.Op == "LookupEvents" && r.Region == "eu-west-1" {
			denied++
		}
	}
	if denied > 15 { // those under way when the first was refused
		t.Errorf("a Region that refuses was asked for %d of 20 days", denied)
	}
	wantRecords(t, u, planted)
}

// A log file that may not be read is named; the others come in, and it does the next time.
func TestBucketWithARefusedObject(t *testing.T) {
	a := sourcetest.NewAWS(t)
	planted := trailBucket(a, "trail-logs")
	u := signedIn(t, a.URL)
	refused := ""
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Op == "GetObject" && strings.HasSuffix(r.Key, "MN07.json.gz") {
			refused = r.Key
			return &sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "Access Denied"}
		}
		return nil
	})
	s := u.sync(3, "s3://trail-logs")
	if s.Events != 78 || s.SkippedFiles != 1 || len(s.Problems) != 1 || s.Problems[0].File != refused ||
		!strings.Contains(s.Problems[0].Reason, "access denied") {
		t.Errorf("%+v", s)
	}
	a.Fail(func(sourcetest.Request) *sourcetest.Fault { return nil })
	a.Forget()
	if s := u.sync(0, "s3://trail-logs"); s.Events != 2 || asked(a)["GetObject"] != 1 {
		t.Errorf("again: %+v, %v", s, asked(a))
	}
	wantRecords(t, u, planted)
}

// A simulated account is one case of the AWS simulator beside the module.
type simulated struct {
	Account string
	Objects map[string]map[string]struct{ Metadata map[string]string }
}

// simulator starts the AWS simulator beside the module with a scenario and more options, or skips the test.
func simulator(t *testing.T, scenario string, more ...string) (u *user, endpoint string) {
	t.Helper()
	env := sourcetest.Simulator(t, scenario, more...)
	u = newUser(t)
	for name, value := range env {
		t.Setenv(name, value)
	}
	u.now = time.Date(2026, 3, 12, 12, 0, 0, 0, time.UTC)
	return u, env["AWS_ENDPOINT_URL"]
}

// simulatedRecords are the records in all log files of the case, by bucket, and the Regions of management events.
func simulatedRecords(t *testing.T, endpoint string, truth simulated) (byBucket map[string][]string, managed []string, regions []string) {
	t.Helper()
	byBucket = map[string][]string{}
	for bucket, objects := range truth.Objects {
		for key := range objects {
			if strings.Contains(key, "Digest") {
				continue
			}
			raws, err := plainRecords(sourcetest.Get(t, endpoint+"/"+bucket+"/"+(&url.URL{Path: key}).EscapedPath()))
			if err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			for _, raw := range raws {
				var r struct {
					ManagementEvent    bool
					AWSRegion          string
					RecipientAccountID string
				}
				if err := json.Unmarshal(raw, &r); err != nil {
					t.Fatal(err)
				}
				byBucket[bucket] = append(byBucket[bucket], lineBreak.Replace(string(raw)))
				if r.ManagementEvent && r.RecipientAccountID == truth.Account {
					managed, regions = append(managed, string(raw)), append(regions, r.AWSRegion)
				}
			}
		}
	}
	slices.Sort(regions)
	return byBucket, managed, slices.Compact(regions)
}

func wantNoCalls(t *testing.T, before, after map[string]int, op string) {
	t.Helper()
	if before[op] == 0 || after[op] != before[op] {
		t.Errorf("again: %d %s, and %d before", after[op]-before[op], op, before[op])
	}
}

// The simulator's bucket and Event history come in whole and once.
func TestSimulatedAccountComesInOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	u, endpoint := simulator(t, "clean")
	truth := decode[simulated](t, string(sourcetest.Get(t, endpoint+"/_sim/case")))
	byBucket, managed, regions := simulatedRecords(t, endpoint, truth)
	calls := func() map[string]int {
		return decode[map[string]int](t, string(sourcetest.Get(t, endpoint+"/_sim/stats")))
	}
	for bucket, planted := range byBucket {
		s := u.sync(0, "s3://"+bucket)
		if s.Events != len(planted) || s.Duplicates != 0 || !s.Complete {
			t.Errorf("%d planted: %+v", len(planted), s)
		}
		wantRecords(t, u, planted)
		before := calls()
		if s := u.sync(0, "s3://"+bucket); s.Events != 0 || s.Files != 0 || s.Held != len(planted) {
			t.Errorf("again: %+v", s)
		}
		wantNoCalls(t, before, calls(), "GetObject")
	}
	place := []string{"history:" + strings.Join(regions, ","), "--lookup-rate", "100000", "--to", "2026-03-12"}
	if s := u.sync(0, place...); s.Events != len(managed) || s.Duplicates != 0 || len(managed) == 0 {
		t.Errorf("%d planted: %+v", len(managed), s)
	}
	wantRecords(t, u, managed)
	before := calls()
	if s := u.sync(0, place...); s.Events != 0 || s.Files != 0 {
		t.Errorf("again: %+v", s)
	}
	wantNoCalls(t, before, calls(), "LookupEvents")
	wantRecords(t, u, managed, "--offline")
}
