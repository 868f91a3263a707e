package history_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/history"
	"github.com/trailsift/trailsift/source/sourcetest"
)

var now = time.Date(2026, 11, 20, 13, 10, 0, 0, time.UTC)

// fast is a rate at which tests need not wait.
const fast = 1e6

func options() history.Options {
	return history.Options{PerSecond: fast, NoInsight: true, Now: func() time.Time { return now }}
}

func open(a *sourcetest.AWS, from, to time.Time, opt history.Options, regions ...string) *history.History {
	return history.New(history.Client(a.Config("us-east-1")), sourcetest.Account, regions, from, to, opt)
}

func event(n int, at time.Time) sourcetest.HistoryEvent {
	return sourcetest.HistoryEvent{ID: fmt.Sprintf("id-%06d", n), Time: at, Record: fmt.Sprintf(`{"eventID":"id-%06d","x":"<&>\u2028 \"quoted\""}`, n)}
}

func TestHistoryConforms(t *testing.T) {
	sourcetest.Check(t, func(t *testing.T) (source.Source, map[string][]byte) {
		t.Helper()
		a := sourcetest.NewAWS(t)
		for n := range 130 {
			a.Remember("us-east-1", event(n, now.Add(-time.Duration(n)*time.Minute)))
		}
		h := open(a, now.Add(-3*time.Hour), now, options(), "us-east-1", "eu-west-1")
		want := map[string][]byte{}
		for f, err := range h.List(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			var events []sourcetest.HistoryEvent
			start := windowStart(t, f.Key)
			for n := range 130 {
				at := now.Add(-time.Duration(n) * time.Minute)
				if strings.Contains(f.Key, "us-east-1") && !at.Before(start) && at.Before(start.Add(windowLength(f.Key))) {
					events = append(events, event(n, at))
				}
			}
			text, err := sourcetest.Read(t.Context(), h, f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(lookupOutput(events)), string(gunzip(t, text))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", f.Key, diff)
			}
			want[f.Key] = text
		}
		return h, want
	})
}

func gunzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func windowLength(key string) time.Duration {
	switch {
	case strings.Contains(key, "_PT15M"):
		return 15 * time.Minute
	case strings.Contains(key, "_PT1H"):
		return time.Hour
	}
	return 24 * time.Hour
}

func windowStart(t *testing.T, key string) time.Time {
	t.Helper()
	at, err := time.Parse("20060102T1504Z", strings.SplitN(key[strings.LastIndexByte(key, '/')+1:], "_", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// lookupOutput is what "aws cloudtrail lookup-events" prints, without its indentation.
func lookupOutput(events []sourcetest.HistoryEvent) []byte {
	var b strings.Builder
	b.WriteString(`{"Events":[`)
	for i, e := range events {
		if i > 0 {
			b.WriteByte(',')
		}
		record, err := json.Marshal(e.Record)
		if err != nil {
			panic(err)
		}
		text := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(record))
		fmt.Fprintf(&b, `{"EventId":%q,"EventName":"ListBuckets","ReadOnly":"true","AccessKeyId":"AKIAIOSFODNN7EXAMPLE",`+
			`"EventTime":%q,"EventSource":"s3.amazonaws.com","Username":"bob",`+
			`"Resources":[{"ResourceType":"AWS::S3::Bucket","ResourceName":"logs"}],"CloudTrailEvent":%s}`,
			e.ID, e.Time.Format(time.RFC3339), text)
	}
	b.WriteString("]}\n")
	return []byte(b.String())
}

// read gives the ids of all events, window by window in the order listed.
func read(t *testing.T, h *history.History) (ids []string) {
	t.Helper()
	for _, f := range sourcetest.List(t, h) {
		ids = append(ids, readWindow(t, h, f)...)
	}
	return ids
}

func readWindow(t *testing.T, h *history.History, f source.File) (ids []string) {
	t.Helper()
	return readLogFile(t, h, f)
}

func readLogFile(t *testing.T, src source.Source, f source.File) (ids []string) {
	t.Helper()
	text, err := sourcetest.Read(t.Context(), src, f)
	if err != nil {
		t.Fatalf("%s: %v", f.Key, err)
	}
	var doc struct {
		Events []struct {
			ID              string `json:"EventId"`
			CloudTrailEvent string
		}
	}
	if err := json.Unmarshal(gunzip(t, text), &doc); err != nil {
		t.Fatalf("%s: %v", f.Key, err)
	}
	for _, e := range doc.Events {
		var record struct{ EventID string }
		if err := json.Unmarshal([]byte(e.CloudTrailEvent), &record); err != nil || record.EventID != e.ID {
			t.Errorf("%s: event %s has record %s", f.Key, e.ID, e.CloudTrailEvent)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

func TestEveryEventComesOnceAcrossWindowsAndPages(t *testing.T) {
	a := sourcetest.NewAWS(t)
	var want []string
	n := 0
	add := func(region string, at time.Time) {
		n++
		e := event(n, at)
		a.Remember(region, e)
		want = append(want, e.ID)
	}
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		for h := range 60 { // both sides of every border of an hour, and of a day
			border := now.Truncate(time.Hour).Add(-time.Duration(h) * time.Hour)
			add(region, border)
			add(region, border.Add(-time.Second))
			add(region, border.Add(-time.Second))
		}
		for d := range 89 {
			add(region, now.AddDate(0, 0, -d).Truncate(24*time.Hour))
			add(region, now.AddDate(0, 0, -d).Truncate(24*time.Hour).Add(-time.Second))
		}
		for range 301 { // seven pages of one second, an empty one among them
			add(region, now.Add(-30*time.Hour))
		}
		add(region, now)
	}
	got := read(t, open(a, time.Time{}, time.Time{}, options(), "us-east-1", "eu-west-1"))
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-planted +read):\n%s", diff)
	}
}

func TestWindowsAreSmallNearNow(t *testing.T) {
	a := sourcetest.NewAWS(t)
	files := sourcetest.List(t, open(a, time.Time{}, time.Time{}, options(), "us-east-1"))
	if n := len(a.Requests()); n != 1 {
		t.Errorf("listing asked AWS %d times, want once: whether the Region answers", n)
	}
	count := map[string]int{}
	for _, f := range files {
		count[f.Key[strings.LastIndexByte(f.Key, '_'):]]++
	}
	// Of today 13:00 and, as it ended ten minutes ago, 12:00 are quarters; the day before is hours.
	if diff := cmp.Diff(map[string]int{"_PT15M.json.gz": 1 + 4, "_PT1H.json.gz": 12 + 24, "_P1D.json.gz": 89}, count); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
	want := source.File{
		Key: "history/111122223333/us-east-1/2026/11/20/20261120T1300Z_PT15M.json.gz", SizeBytes: -1, ETag: "growing", Volatile: true,
		ModTime: time.Date(2026, 11, 20, 13, 15, 0, 0, time.UTC),
	}
	if diff := cmp.Diff(want, files[0]); diff != "" {
		t.Errorf("first window (-want +got):\n%s", diff)
	}
	volatile := 0
	for _, f := range files {
		if f.Volatile {
			volatile++
		}
		if f.Volatile != (f.ETag == "growing") {
			t.Errorf("%s: volatile %v, entity tag %q", f.Key, f.Volatile, f.ETag)
		}
	}
	if volatile != 3 { // 13:00, 12:45, and 12:30 which ended 25 minutes ago
		t.Errorf("%d windows may still grow, want 3", volatile)
	}
}

func TestRangeIsCutByTheHour(t *testing.T) {
	a := sourcetest.NewAWS(t)
	at := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, time.UTC) }
	list := func(from, to time.Time, want ...string) {
		t.Helper()
		var got []string
		for _, f := range sourcetest.List(t, open(a, from, to, options(), "us-east-1")) {
			got = append(got, strings.TrimSuffix(f.Key[strings.LastIndexByte(f.Key, '/')+7:], ".json.gz"))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v to %v (-want +got):\n%s", from, to, diff)
		}
	}
	list(at(10, 14, 0), at(10, 15, 0), "10T1400Z_PT1H")
	list(at(10, 14, 59), at(10, 15, 1), "10T1500Z_PT1H", "10T1400Z_PT1H")
	list(at(9, 23, 0), at(11, 1, 0), "11T0000Z_PT1H", "10T0000Z_P1D", "09T2300Z_PT1H")
	list(at(10, 0, 0), at(11, 0, 0), "10T0000Z_P1D")
	list(at(20, 13, 5), at(25, 0, 0), "20T1300Z_PT15M")
	list(at(20, 11, 50), at(20, 12, 20), "20T1215Z_PT15M", "20T1200Z_PT15M", "20T1100Z_PT1H")
	list(at(10, 1, 0), at(10, 1, 0))
	list(at(11, 1, 0), at(10, 1, 0))
	list(at(21, 0, 0), at(22, 0, 0))
}

func TestRangeBeyondTheReachOfAWSIsNotAsked(t *testing.T) {
	a := sourcetest.NewAWS(t)
	cfg := a.Config("us-east-1")
	from, to := now.AddDate(0, 0, -200), now.AddDate(0, 0, -80)
	elsewhere := history.New(history.Client(cfg), sourcetest.Account, []string{"us-east-1"}, from, to, options())
	cfg.BaseEndpoint = nil
	atAWS := history.New(history.Client(cfg), sourcetest.Account, []string{"us-east-1"}, from, to, options())
	days := func(h *history.History) (n int) {
		seen := map[string]bool{}
		for _, f := range sourcetest.List(t, h) {
			seen[f.Key[:len("history/111122223333/us-east-1/2026/11/20")]] = true
		}
		return len(seen)
	}
	if got := days(elsewhere); got != 121 {
		t.Errorf("%d days of 121 asked of another server", got)
	}
	if got := days(atAWS); got != 11 {
		t.Errorf("%d days of 11 asked of AWS", got)
	}
}

func TestHeldHoursStayHours(t *testing.T) {
	a := sourcetest.NewAWS(t)
	held := map[string]bool{}
	opt := options()
	for _, f := range sourcetest.List(t, open(a, time.Time{}, time.Time{}, opt, "us-east-1")) {
		if !f.Volatile {
			held[f.Key] = true
		}
	}
	opt.Now = func() time.Time { return now.AddDate(0, 0, 3) }
	opt.Held = func(context.Context) map[string]bool { return held }
	fresh := map[string]int{}
	for _, f := range sourcetest.List(t, open(a, time.Time{}, time.Time{}, opt, "us-east-1")) {
		if !held[f.Key] {
			fresh[f.Key[len("history/111122223333/us-east-1/"):][:10]]++
		}
	}
	want := map[string]int{"2026/11/20": 13, "2026/11/21": 1, "2026/11/22": 24, "2026/11/23": 17}
	if diff := cmp.Diff(want, fresh); diff != "" {
		t.Errorf("windows not held three days later, by day (-want +got):\n%s", diff)
	}
}

func TestThrottlingLosesNothing(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 1200 {
		a.Remember("us-east-1", event(n, now.Add(-time.Hour)))
	}
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Nth%7 > 1 { // five in a row
			return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "ThrottlingException", Message: "Rate exceeded"}
		}
		return nil
	})
	h := open(a, now.Add(-time.Hour).Truncate(time.Hour), now.Truncate(time.Hour), options(), "us-east-1")
	if got := read(t, h); len(got) != 1200 {
		t.Errorf("%d of 1200 events", len(got))
	}
	a.Fail(func(sourcetest.Request) *sourcetest.Fault {
		return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "ThrottlingException", Message: "Rate exceeded"}
	})
	var e *source.Error
	_, err := h.Open(t.Context(), sourcetest.List(t, h)[0])
	if !errors.As(err, &e) || !strings.Contains(e.Reason, "slow down") {
		t.Errorf("throttled for good: %v", err)
	}
}

func TestRegionsAreReadSideBySide(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		for n := range 500 {
			a.Remember(region, event(n, now.Add(-2*time.Hour)))
		}
	}
	opt := options()
	opt.PerSecond = 50
	h := open(a, now.Add(-2*time.Hour).Truncate(time.Hour), now.Add(-time.Hour).Truncate(time.Hour), opt, "us-east-1", "eu-west-1")
	var wg sync.WaitGroup
	for _, f := range sourcetest.List(t, h) {
		wg.Go(func() { readWindow(t, h, f) })
	}
	wg.Wait()
	switches, last := 0, ""
	for _, r := range a.Requests() {
		if r.Region != last {
			switches++
		}
		last = r.Region
	}
	if n := len(a.Requests()); switches < n/2 {
		t.Errorf("the Region changed %d times in %d requests", switches, n)
	}
}

func TestFaultsNowAndThenChangeNothing(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 400 {
		a.Remember("us-east-1", event(n, now.Add(-time.Hour)))
	}
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Nth%3 == 1 {
			return &sourcetest.Fault{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable"}
		}
		return nil
	})
	h := open(a, now.Add(-2*time.Hour), now, options(), "us-east-1")
	if got := read(t, h); len(got) != 400 {
		t.Errorf("%d of 400 events", len(got))
	}
}

func TestBrokenWindowIsAnError(t *testing.T) {
	a := sourcetest.NewAWS(t)
	for n := range 120 {
		a.Remember("us-east-1", event(n, now.Add(-time.Hour)))
	}
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Nth == 0 {
			return nil
		}
		return &sourcetest.Fault{Status: http.StatusBadRequest, Code: "InvalidNextTokenException", Message: "expired"}
	})
	h := open(a, time.Time{}, now, options(), "us-east-1")
	obj, err := h.Open(t.Context(), source.File{Key: "history/111122223333/us-east-1/2026/11/20/20261120T1200Z_PT1H.json.gz"})
	if err == nil { // else the next page was asked for, and refused, before Open returned
		_, err = io.ReadAll(obj.Body)
	}
	var e *source.Error
	if !errors.As(err, &e) || e.Reason != "the listing expired between two pages" {
		t.Errorf("a window of two pages: %v", err)
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"history:": "", "history:us-east-1": "us-east-1", "history:us-gov-west-1,eu-west-1": "us-gov-west-1 eu-west-1", "history:all": "all",
	} {
		regions, all, err := history.Parse(text)
		got := strings.Join(regions, " ")
		if all {
			got = "all"
		}
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "history", "history:x", "history:us-east-1,", "history:us-east-1/../x", "history:US-EAST-1", "history:all,us-east-1"} {
		if regions, all, err := history.Parse(bad); err == nil {
			t.Errorf("Parse(%q) = %q, %v", bad, regions, all)
		}
	}
}

func TestPlaceNamesAccountAndRegions(t *testing.T) {
	a := sourcetest.NewAWS(t)
	p := open(a, time.Time{}, now, options(), "us-east-1", "eu-west-1", "us-east-1").Place()
	want := source.Place{
		Text: "history:eu-west-1,us-east-1", Remote: true,
		ID: "history:" + strings.TrimPrefix(a.URL, "http://") + "/aws/111122223333/eu-west-1,us-east-1",
	}
	if p != want {
		t.Errorf("place = %+v, want %+v", p, want)
	}
	if q := open(a, now.AddDate(0, 0, -1), now, options(), "eu-west-1", "us-east-1").Place(); q != want {
		t.Errorf("another range and order gives %+v", q)
	}
	for want, got := range map[string][]string{
		"us-east-1": history.DefaultRegions("", "aws"), "eu-west-1 us-east-1": history.DefaultRegions("eu-west-1", "aws"),
		"cn-north-1": history.DefaultRegions("cn-north-1", "aws-cn"),
	} {
		if strings.Join(got, " ") != want {
			t.Errorf("default Regions %q, want %s", got, want)
		}
	}
}

func TestRequestsNameTheProgram(t *testing.T) {
	a := sourcetest.NewAWS(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_CONFIG_FILE", "/nonexistent")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
	session, err := aws.Load(t.Context(), aws.Options{Version: "1.2.3", Region: "us-east-1", Endpoint: a.URL})
	if err != nil {
		t.Fatal(err)
	}
	h := history.New(history.Client(session.Config()), sourcetest.Account, []string{"us-east-1"}, now.Add(-time.Hour), now, options())
	read(t, h)
	for _, r := range a.Requests() {
		if r.Op != "LookupEvents" || !strings.Contains(r.Agent, "trailsift/1.2.3") {
			t.Errorf("request %s by %q", r.Op, r.Agent)
		}
	}
	if len(a.Requests()) == 0 {
		t.Error("nothing was asked")
	}
}
