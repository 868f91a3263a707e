package cli_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source/sourcetest"
	"github.com/trailsift/trailsift/tui/cli"
)

var update = flag.Bool("update", false, "write golden files")

// trailJSON is a trail of --format json, as far as the tests look.
type trailJSON struct {
	ARN, Name, Bucket string
	Logging           *bool
	Flags             []struct{ Class, Severity, Words, Hint string }
}

func (t *trailJSON) classes() (out []string) {
	for _, f := range t.Flags {
		out = append(out, f.Class)
	}
	return out
}

type trailsJSON struct {
	Trails  []trailJSON
	Regions []string
	Refused []struct{ Role, Region, Action, Reason, Hint string }
}

// editing stands in front of an endpoint and changes what it answers to an operation.
func editing(t *testing.T, endpoint string, edit map[string]func(answer map[string]any)) string {
	t.Helper()
	upstream, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(upstream); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error {
			op := r.Request.Header.Get("X-Amz-Target")
			change := edit[op[strings.LastIndexByte(op, '.')+1:]]
			if change == nil || r.StatusCode != http.StatusOK {
				return nil
			}
			var answer map[string]any
			if err := json.NewDecoder(r.Body).Decode(&answer); err != nil {
				return err
			}
			change(answer)
			body, err := json.Marshal(answer)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.Header.Del("Content-Length")
			return err
		},
	}
	srv := httptest.NewServer(proxy)
	t.Cleanup(srv.Close)
	return srv.URL
}

// Against the simulator: what it has is told as it is; stopped, validation off and a delivery error are each flagged.
func TestTrailsOfTheSimulator(t *testing.T) {
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	u, endpoint := simulator(t, "--all")
	scenarios := decode[map[string]string](t, string(sourcetest.Get(t, endpoint+"/_sim/access-keys")))
	for name, key := range scenarios {
		t.Setenv("AWS_ACCESS_KEY_ID", key)
		got := decode[trailsJSON](t, u.ok("trails", "--format", "json"))
		if len(got.Trails) != 1 || got.Trails[0].Bucket == "" || got.Trails[0].Logging == nil || !*got.Trails[0].Logging || len(got.Refused) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	t.Setenv("AWS_ACCESS_KEY_ID", scenarios["clean"])
	flagged := func(want string, edit map[string]func(map[string]any)) {
		t.Helper()
		t.Setenv("AWS_ENDPOINT_URL", editing(t, endpoint, edit))
		got := decode[trailsJSON](t, u.ok("trails", "--format", "json"))
		if want == "" {
			if found := got.Trails[0].classes(); slices.ContainsFunc(found, func(c string) bool {
				return c == "trail.stopped" || c == "trail.validation-off" || c == "trail.delivery-error"
			}) {
				t.Errorf("unchanged: flagged as %q", found)
			}
			return
		}
		if len(got.Trails) != 1 || !slices.Contains(got.Trails[0].classes(), want) {
			t.Errorf("want %s, got %+v", want, got.Trails)
		}
		if out := u.ok("trails"); !strings.Contains(out, "hint: ") || !strings.Contains(out, "audit-trail: ") {
			t.Errorf("%s is not told in words:\n%s", want, out)
		}
	}
	status := func(name string, value any) map[string]func(map[string]any) {
		return map[string]func(map[string]any){"GetTrailStatus": func(a map[string]any) { a[name] = value }}
	}
	flagged("", nil)
	flagged("trail.stopped", status("IsLogging", false))
	flagged("trail.delivery-error", status("LatestDeliveryError", "AccessDenied"))
	flagged("trail.validation-off", map[string]func(map[string]any){"DescribeTrails": func(a map[string]any) {
		for _, t := range a["trailList"].([]any) {
			t.(map[string]any)["LogFileValidationEnabled"] = false
		}
	}})
}

// Each scenario's archive comes in as trail:NAME as it does as s3://BUCKET.
func TestTrailOfTheSimulatorAsAPlace(t *testing.T) {
	if testing.Short() {
		t.Skip("the simulator takes seconds to start")
	}
	u, endpoint := simulator(t, "--all")
	for name, key := range decode[map[string]string](t, string(sourcetest.Get(t, endpoint+"/_sim/access-keys"))) {
		t.Setenv("AWS_ACCESS_KEY_ID", key)
		bucket := decode[trailsJSON](t, u.ok("trails", "--format", "json")).Trails[0].Bucket
		u.store = filepath.Join(t.TempDir(), "trail.db")
		byTrail := u.sync(0, "trail:audit-trail")
		u.store = filepath.Join(t.TempDir(), "bucket.db")
		byBucket := u.sync(0, "s3://"+bucket)
		if byTrail.Events == 0 || byTrail.Events != byBucket.Events || byTrail.Files != byBucket.Files {
			t.Errorf("%s: %d events of %d files, as s3://%s %d of %d", name, byTrail.Events, byTrail.Files, bucket, byBucket.Events, byBucket.Files)
		}
		u.store = ""
	}
}

// sampleTrails are a trail of each kind that the table tells apart.
func sampleTrails(a *sourcetest.AWS, now time.Time) {
	org := sourcetest.NewTrail("org-trail", "us-east-1", "central-logs-999988887777", now)
	org.Config["IsOrganizationTrail"], org.Config["S3KeyPrefix"] = true, "org"
	org.Config["CloudWatchLogsLogGroupArn"] = "arn:aws:logs:us-east-1:111122223333:log-group:cloudtrail/org:*"
	org.Config["HasInsightSelectors"], org.Insights = true, []string{"ApiCallRateInsight"}
	a.AddTrail(org)
	old := sourcetest.NewTrail("regional-audit-of-the-data-team", "eu-west-1", "audit-logs", now)
	old.Config["IsMultiRegionTrail"], old.Config["LogFileValidationEnabled"] = false, false
	delete(old.Config, "KmsKeyId")
	old.Status["IsLogging"], old.Status["StopLoggingTime"] = false, now.Add(-6*24*time.Hour).Unix()
	old.Status["LatestDeliveryTime"] = now.Add(-6 * 24 * time.Hour).Unix()
	old.Selectors = map[string]any{"EventSelectors": []any{map[string]any{
		"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true, "ExcludeManagementEventSources": []any{"kms.amazonaws.com"},
		"DataResources": []any{map[string]any{"Type": "AWS::S3::Object", "Values": []any{"arn:aws:s3:::a/", "arn:aws:s3:::b/"}}},
	}}}
	a.AddTrail(old)
	broken := sourcetest.NewTrail("broken", "us-east-1", "gone", now)
	broken.Status["LatestDeliveryError"], broken.Status["LatestDigestDeliveryError"] = "NoSuchBucket", "NoSuchBucket"
	a.AddTrail(broken)
}

// onTerminal runs a command whose standard output is a terminal of some width.
func (u *user) onTerminal(width int, args ...string) said {
	var out, stderr bytes.Buffer
	code := cli.Run(args, cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr, StdoutTTY: true, Width: width, Height: 24,
		Getenv: os.Getenv, Now: func() time.Time { return u.now }, Version: "test",
	})
	return said{args, code, out.String(), stderr.String()}
}

func TestTrailsTable(t *testing.T) {
	a := sourcetest.NewAWS(t)
	u := signedIn(t, a.URL)
	sampleTrails(a, u.now)
	for name, width := range map[string]int{"80": 80, "160": 160} {
		got := u.onTerminal(width, "trails")
		if got.code != 0 || got.stderr != "" {
			t.Errorf("exit code %d: %s", got.code, got.stderr)
		}
		path := filepath.Join("testdata", "trails-"+name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(got.out), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got.out); d != "" {
			t.Errorf("%s (go test ./tui/cli -run TestTrailsTable -update writes it):\n%s", path, d)
		}
		for line := range strings.Lines(got.out) {
			if n := len([]rune(strings.TrimRight(line, "\n"))); n > width {
				t.Errorf("%d cells in a terminal of %d: %s", n, width, line)
			}
		}
	}
}

func TestTrailsFormats(t *testing.T) {
	a := sourcetest.NewAWS(t)
	u := signedIn(t, a.URL)
	sampleTrails(a, u.now)
	var names []string
	for _, line := range lines(u.ok("trails", "--format", "jsonl")) {
		names = append(names, decode[trailJSON](t, line).Name)
	}
	if d := cmp.Diff([]string{"broken", "org-trail", "regional-audit-of-the-data-team"}, names); d != "" {
		t.Errorf("jsonl (-want +got):\n%s", d)
	}
	rows, err := csv.NewReader(strings.NewReader(u.ok("trails", "--format", "csv"))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("csv: %d rows, %v", len(rows), err)
	}
	at := slices.Index(rows[0], "flags")
	if got := rows[3][at]; got != "trail.stopped trail.validation-off trail.single-region trail.management-write trail.management-excluded trail.no-kms" {
		t.Errorf("flags in csv: %s", got)
	}
	if s := u.run("trails", "--format", "xml"); s.code != 2 {
		t.Errorf("--format xml: exit code %d", s.code)
	}
}

func TestTrailsThatAreNotTold(t *testing.T) {
	a := sourcetest.NewAWS(t)
	u := signedIn(t, a.URL)
	if out := u.ok("trails"); !strings.Contains(out, "no trail in any Region") || !strings.Contains(out, "us-east-1") {
		t.Errorf("without trails: %s", out)
	}
	if got := decode[trailsJSON](t, u.ok("trails", "--format", "json")); got.Trails == nil || got.Refused == nil || !slices.Equal(got.Regions, []string{"us-east-1"}) {
		t.Errorf("without trails: %+v", got)
	}
	sampleTrails(a, u.now)
	deny := func(ops ...string) {
		a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
			if slices.Contains(ops, r.Op) {
				return &sourcetest.Fault{Status: 400, Code: "AccessDeniedException", Message: "no"}
			}
			return nil
		})
	}
	deny("GetTrailStatus")
	if s := u.run("trails"); s.code != 0 || !strings.Contains(s.out, "UNKNOWN") || !strings.Contains(s.out, "cloudtrail:GetTrailStatus") {
		t.Errorf("without the status, exit code %d:\n%s", s.code, s.out)
	}
	deny("ListTrails", "DescribeTrails")
	wantRefusal(t, u.run("trails"), "cloudtrail:ListTrails")
	a.Forget()
	wantRefusal(t, u.run("trails", "--offline"), "--offline opens no connection")
	if len(a.Requests()) > 0 {
		t.Errorf("--offline asked AWS: %v", asked(a))
	}
}

// plantTrail makes a bucket with a log file of two events of a trail.
func plantTrail(a *sourcetest.AWS, name, region, bucket string, n int, now time.Time) (planted []string) {
	a.NewBucket(bucket, region, 100)
	planted = []string{sourcetest.Record(2 * n), sourcetest.Record(2*n + 1)}
	a.Put(bucket, "AWSLogs/111122223333/CloudTrail/"+region+"/2026/11/20/111122223333_CloudTrail_"+region+"_20261120T1000Z_ABCDEFGHIJKLMNOP.json.gz",
		sourcetest.S3Object{Body: container(planted...), Encoding: "gzip"})
	a.Put(bucket, "elsewhere/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/111122223333_CloudTrail_us-east-1_20261120T1000Z_ABCDEFGHIJKLMNOP.json.gz",
		sourcetest.S3Object{Body: container(sourcetest.Record(900 + n))})
	tr := sourcetest.NewTrail(name, region, bucket, now)
	tr.Config["IsMultiRegionTrail"] = false
	a.AddTrail(tr)
	return planted
}

// A trail is a place: its own folder of its bucket, under its ARN, known again without a connection.
func TestTrailAsAPlace(t *testing.T) {
	a := sourcetest.NewAWS(t)
	u := signedIn(t, a.URL)
	planted := plantTrail(a, "main", "eu-west-1", "logs", 1, u.now)
	const arn = "trail:arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	wantRefusal(t, u.run("search", "--quiet", "--offline", "--in", "trail:main"), "not known yet")
	if s := u.sync(0, "trail:main"); s.Events != 2 || s.Files != 1 || !s.Complete {
		t.Errorf("%+v", s)
	}
	if s := u.sync(0, arn); s.Events != 0 || s.Held != 2 {
		t.Errorf("by its ARN it is another place: %+v", s)
	}
	a.Forget()
	wantRecords(t, u, planted, "--offline", "--in", "trail:main")
	wantRecords(t, u, planted, "--offline", "--in", arn)
	if len(a.Requests()) > 0 {
		t.Errorf("--offline asked AWS: %v", asked(a))
	}
	if out := u.ok("index", "list"); !strings.Contains(out, "trail:main") {
		t.Errorf("the store is not named after the trail:\n%s", out)
	}
	// What a name was resolved to counts where the trail is not told any more, and its bucket can be read.
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if strings.Contains(r.Op, "Trail") {
			return &sourcetest.Fault{Status: 400, Code: "AccessDeniedException", Message: "no"}
		}
		return nil
	})
	if s := u.sync(0, "trail:main"); s.Held != 2 {
		t.Errorf("without cloudtrail:DescribeTrails: %+v", s)
	}
}

func TestTrailNamesThatDoNotTell(t *testing.T) {
	a := sourcetest.NewAWS(t)
	u := signedIn(t, a.URL)
	plantTrail(a, "twice", "eu-west-1", "logs-eu", 1, u.now)
	plantTrail(a, "twice", "us-east-1", "logs-us", 2, u.now)
	s := u.run("sync", "trail:twice")
	for _, arn := range []string{"arn:aws:cloudtrail:eu-west-1:111122223333:trail/twice", "arn:aws:cloudtrail:us-east-1:111122223333:trail/twice"} {
		if s.code != 2 || !strings.Contains(s.stderr, arn) {
			t.Errorf("exit code %d, want 2 and %s:\n%s", s.code, arn, s.stderr)
		}
	}
	if got := u.sync(0, "trail:arn:aws:cloudtrail:us-east-1:111122223333:trail/twice"); got.Events != 2 {
		t.Errorf("by its ARN: %+v", got)
	}
	wantRefusal(t, u.run("sync", "trail:nobody"), "no such trail")
	if s := u.run("sync", "trail:arn:aws:s3:::b"); s.code != 2 || !strings.Contains(s.stderr, "not the ARN of a trail") {
		t.Errorf("exit code %d: %s", s.code, s.stderr)
	}
	s = u.run("sync", "trail:")
	if s.code != 2 || !strings.Contains(s.out, "twice") || !strings.Contains(s.stderr, "hint: trailsift trail:twice") {
		t.Errorf("trail: alone, exit code %d:\n%s%s", s.code, s.out, s.stderr)
	}
	if s := u.run("sync", "trail:", "--offline"); s.code != 2 || !strings.Contains(s.stderr, "--offline") {
		t.Errorf("trail: alone with --offline, exit code %d: %s", s.code, s.stderr)
	}
}

// With several roles the trails of all their accounts are listed, each once; a role that is refused takes only its own.
func TestTrailsOfSeveralRoles(t *testing.T) {
	const first, second = "arn:aws:iam::111122223333:role/reader", "arn:aws:iam::444455556666:role/reader"
	a := sourcetest.NewAWS(t)
	u := signedIn(t, a.URL)
	sampleTrails(a, u.now)
	got := decode[trailsJSON](t, u.ok("trails", "--format", "json", "--role-arn", first, "--role-arn", second))
	if len(got.Trails) != 3 || len(got.Refused) != 0 {
		t.Errorf("%d trails, refused %+v", len(got.Trails), got.Refused)
	}
	refuse := 2 // the first role is asked for twice: ListTrails, DescribeTrails
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if r.Op == "AssumeRole" && refuse > 0 {
			refuse--
			return &sourcetest.Fault{Status: 403, Code: "AccessDenied", Message: "User is not authorized to perform: sts:AssumeRole"}
		}
		return nil
	})
	s := u.run("trails", "--format", "json", "--role-arn", first, "--role-arn", second)
	got = decode[trailsJSON](t, s.out)
	if s.code != 0 || len(got.Trails) != 3 || len(got.Refused) != 1 || got.Refused[0].Role != first || !strings.Contains(s.stderr, "sts:AssumeRole") {
		t.Errorf("exit code %d, %d trails, refused %+v: %s", s.code, len(got.Trails), got.Refused, s.stderr)
	}
	refuse = 100
	if s := u.run("trails", "--role-arn", first, "--role-arn", second); s.code != 3 || !strings.Contains(s.stderr, first) || !strings.Contains(s.stderr, second) {
		t.Errorf("exit code %d: %s", s.code, s.stderr)
	}
}

// Log files that were not kept are asked for again, whatever the trail's name means by then.
func TestTrailsLogFilesAreReadAgain(t *testing.T) {
	a := sourcetest.NewAWS(t)
	u := signedIn(t, a.URL)
	planted := plantTrail(a, "main", "eu-west-1", "logs", 1, u.now)
	if s := u.sync(0, "trail:main", "--no-keep"); s.Events != 2 {
		t.Errorf("%+v", s)
	}
	plantTrail(a, "main", "us-east-1", "logs-2", 2, u.now)
	wantRecords(t, u, planted)
}

// TestHostileTrails: what AWS says of trails goes to a terminal as text, in every format.
func TestHostileTrails(t *testing.T) {
	const bad = "a\x1b[31mb\u202ec\u200bd\x07"
	a := sourcetest.NewAWS(t)
	u := signedIn(t, a.URL)
	tr := sourcetest.NewTrail("n"+bad, "us-east-1", "b"+bad, u.now)
	for _, field := range []string{"TrailARN", "S3KeyPrefix", "KmsKeyId", "CloudWatchLogsLogGroupArn", "SnsTopicARN"} {
		tr.Config[field] = field + bad
	}
	for _, field := range []string{"LatestDeliveryError", "LatestDigestDeliveryError", "LatestNotificationError", "LatestCloudWatchLogsDeliveryError"} {
		tr.Status[field] = field + bad
	}
	tr.Selectors = map[string]any{"AdvancedEventSelectors": []any{map[string]any{"FieldSelectors": []any{map[string]any{"Field": "eventCategory", "Equals": []any{bad}}}}}}
	a.AddTrail(tr)
	for _, format := range []string{"table", "json", "jsonl", "csv"} {
		s := u.onTerminal(100, "trails", "--format", format)
		if s.code != 0 || s.out == "" {
			t.Errorf("%s: exit code %d: %s", format, s.code, s.stderr)
		}
		for _, r := range s.out + s.stderr {
			if r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0x200b {
				t.Fatalf("%s: %U goes to the terminal", format, r)
			}
		}
	}
}
