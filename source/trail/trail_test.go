package trail_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/sourcetest"
	"github.com/trailsift/trailsift/source/trail"
)

var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// list lists the trails of a server as the credentials of a test see them from a Region.
func list(t *testing.T, a *sourcetest.AWS, region string) trail.Listing {
	t.Helper()
	l, err := trail.List(t.Context(), aws.NewSession(a.Config(region)), options())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func options() trail.Options {
	return trail.Options{
		Now:     func() time.Time { return now },
		Regions: func(context.Context) []string { return []string{"us-east-1", "eu-west-1", "ap-south-1"} },
	}
}

// one is the only trail of a server.
func one(t *testing.T, a *sourcetest.AWS) trail.Trail {
	t.Helper()
	l := list(t, a, "us-east-1")
	if len(l.Trails) != 1 {
		t.Fatalf("%d trails, want 1", len(l.Trails))
	}
	return l.Trails[0]
}

func classes(flags []trail.Flag) []string {
	var out []string
	for _, f := range flags {
		out = append(out, string(f.Severity)+" "+strings.TrimPrefix(f.Class, "trail."))
	}
	return out
}

func TestWhatIsWrongIsFlagged(t *testing.T) {
	hours := func(n int) int64 { return now.Add(-time.Duration(n) * time.Hour).Unix() }
	f := func(change func(config, status map[string]any), want ...string) {
		t.Helper()
		a := sourcetest.NewAWS(t)
		tr := sourcetest.NewTrail("main", "us-east-1", "logs", now)
		change(tr.Config, tr.Status)
		a.AddTrail(tr)
		got := one(t, a)
		if d := cmp.Diff(want, classes(got.Flags)); d != "" {
			t.Errorf("flags (-want +got):\n%s", d)
		}
		for _, flag := range got.Flags {
			if flag.Words == "" || flag.Severity == trail.High && flag.Hint == "" {
				t.Errorf("%s says %q, hint %q", flag.Class, flag.Words, flag.Hint)
			}
		}
	}
	f(func(_, _ map[string]any) {})
	f(func(_, s map[string]any) { s["IsLogging"], s["StopLoggingTime"] = false, hours(5) }, "high stopped")
	f(func(c, _ map[string]any) { c["LogFileValidationEnabled"] = false }, "medium validation-off")
	f(func(_, s map[string]any) { s["LatestDeliveryError"] = "AccessDenied" }, "high delivery-error")
	f(func(_, s map[string]any) { s["LatestDigestDeliveryError"] = "NoSuchBucket" }, "high digest-error")
	f(func(_, s map[string]any) { s["LatestCloudWatchLogsDeliveryError"] = "AccessDenied" }, "medium cloudwatch-error")
	f(func(_, s map[string]any) { s["LatestNotificationError"] = "NotFound" }, "low notification-error")
	f(func(c, _ map[string]any) { c["IsMultiRegionTrail"] = false }, "medium single-region")
	f(func(c, _ map[string]any) { c["IncludeGlobalServiceEvents"] = false }, "medium no-global-events")
	f(func(c, _ map[string]any) { delete(c, "KmsKeyId") }, "info no-kms")
	f(func(_, s map[string]any) { s["LatestDigestDeliveryTime"] = hours(2) })
	f(func(_, s map[string]any) { s["LatestDigestDeliveryTime"] = hours(4) }, "medium no-digest")
	f(func(_, s map[string]any) { s["LatestDigestDeliveryTime"], s["StartLoggingTime"] = hours(4), hours(2) })
	quiet := func(c, s map[string]any) {
		c["LogFileValidationEnabled"] = false
		delete(s, "LatestDigestDeliveryTime")
	}
	f(func(c, s map[string]any) { quiet(c, s); s["LatestDeliveryTime"] = hours(20) }, "medium validation-off")
	f(func(c, s map[string]any) { quiet(c, s); s["LatestDeliveryTime"] = hours(50) }, "medium validation-off", "low silent")
	f(func(c, s map[string]any) { quiet(c, s); delete(s, "LatestDeliveryTime") }, "medium never-delivered", "medium validation-off")
	f(func(c, s map[string]any) {
		quiet(c, s)
		delete(s, "LatestDeliveryTime")
		s["StartLoggingTime"] = now.Add(-30 * time.Minute).Unix()
	}, "medium validation-off")
	f(func(c, s map[string]any) {
		c["LogFileValidationEnabled"], s["IsLogging"], s["LatestDeliveryError"] = false, false, "AccessDenied"
	}, "high stopped", "high delivery-error", "medium validation-off")
}

func TestTheConfigurationIsTakenOver(t *testing.T) {
	a := sourcetest.NewAWS(t)
	tr := sourcetest.NewTrail("main", "us-east-1", "logs", now)
	tr.Config["S3KeyPrefix"], tr.Config["IsOrganizationTrail"] = "/central/", true
	tr.Config["CloudWatchLogsLogGroupArn"], tr.Config["SnsTopicARN"] = "arn:aws:logs:us-east-1:111122223333:log-group:g:*", "arn:aws:sns:us-east-1:111122223333:t"
	tr.Config["HasInsightSelectors"], tr.Insights = true, []string{"ApiCallRateInsight", "ApiErrorRateInsight"}
	a.AddTrail(tr)
	got := one(t, a)
	yes := true
	want := trail.Trail{
		ARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", Name: "main", HomeRegion: "us-east-1", Account: "111122223333",
		Bucket: "logs", Prefix: "central", MultiRegion: true, Organization: true, GlobalEvents: true, Validation: true,
		KMSKey: "arn:aws:kms:us-east-1:111122223333:key/0000-1111", LogGroup: "arn:aws:logs:us-east-1:111122223333:log-group:g:*",
		Topic: "arn:aws:sns:us-east-1:111122223333:t", Selectors: "management rw; insights: ApiCallRate, ApiErrorRate",
		Management: "rw", Logging: &yes, Started: now.Add(-90 * 24 * time.Hour), LatestDelivery: now.Add(-time.Minute),
		LatestDigest: now.Add(-20 * time.Minute), Flags: []trail.Flag{},
	}
	if d := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return name == ".described" || name == ".insightful"
	}, cmp.Ignore())); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if got.URL() != "s3://logs/central" {
		t.Errorf("delivers to %s", got.URL())
	}
}

func TestTrailsOfAllRegionsAreListedOnce(t *testing.T) {
	a := sourcetest.NewAWS(t)
	a.AddTrail(sourcetest.NewTrail("main", "us-east-1", "logs", now))
	regional := sourcetest.NewTrail("regional", "eu-west-1", "logs-eu", now)
	regional.Config["IsMultiRegionTrail"] = false
	a.AddTrail(regional)
	org := sourcetest.NewTrail("org", "us-east-1", "org-logs", now)
	org.Config["TrailARN"], org.Config["IsOrganizationTrail"] = "arn:aws:cloudtrail:us-east-1:999988887777:trail/org", true
	org.Foreign = true
	a.AddTrail(org)
	var names []string
	l := list(t, a, "ap-south-1")
	for _, tr := range l.Trails {
		names = append(names, tr.Name+" "+tr.Account+" "+tr.Bucket)
		if len(tr.Unknown) > 0 {
			t.Errorf("%s: not told: %+v", tr.Name, tr.Unknown)
		}
	}
	if d := cmp.Diff([]string{"main 111122223333 logs", "org 999988887777 org-logs", "regional 111122223333 logs-eu"}, names); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if d := cmp.Diff([]string{"ap-south-1", "eu-west-1"}, l.Regions); d != "" {
		t.Errorf("Regions asked (-want +got):\n%s", d)
	}
	for _, r := range a.Requests() {
		if r.Op == "GetTrailStatus" && r.Region == "ap-south-1" {
			t.Error("a trail's status was asked elsewhere than at home")
		}
	}
	if n := len(a.Requests()); n != 9 {
		t.Errorf("%d requests for 3 trails, want 9: ListTrails, 2 DescribeTrails, 2 for each trail", n)
	}
}

// deny refuses operations as AWS does.
func deny(a *sourcetest.AWS, ops ...string) {
	a.Fail(func(r sourcetest.Request) *sourcetest.Fault {
		if slices.Contains(ops, r.Op) {
			return &sourcetest.Fault{Status: 400, Code: "AccessDeniedException", Message: "User is not authorized to perform: cloudtrail:" + r.Op}
		}
		return nil
	})
}

func TestARefusalTakesAwayWhatItIsAboutAndNoMore(t *testing.T) {
	f := func(what string, check func(tr trail.Trail) bool, ops ...string) {
		t.Helper()
		a := sourcetest.NewAWS(t)
		tr := sourcetest.NewTrail("main", "us-east-1", "logs", now)
		tr.Config["LogFileValidationEnabled"], tr.Config["HasInsightSelectors"], tr.Insights = false, true, []string{"ApiCallRateInsight"}
		tr.Status["IsLogging"] = false
		a.AddTrail(tr)
		deny(a, ops...)
		l := list(t, a, "us-east-1")
		if len(l.Trails) != 1 || !check(l.Trails[0]) {
			t.Fatalf("without %v: %+v", ops, l.Trails)
		}
		got := l.Trails[0]
		var unknown []string
		for _, u := range got.Unknown {
			unknown = append(unknown, u.What)
			if !strings.Contains(u.Reason, "access denied") || !strings.Contains(u.Hint, "cloudtrail:Get") {
				t.Errorf("without %v: %+v does not say what is missing", ops, u)
			}
		}
		if strings.Join(unknown, " ") != what {
			t.Errorf("without %v: unknown is %q, want %q", ops, unknown, what)
		}
	}
	whole := func(tr trail.Trail) bool {
		return tr.Bucket == "logs" && tr.Logging != nil && strings.Contains(tr.Selectors, "management rw")
	}
	f("", whole, "ListTrails")
	f("", whole, "DescribeTrails")
	f("configuration", func(tr trail.Trail) bool {
		return tr.Bucket == "" && tr.Logging != nil && slices.Equal(classes(tr.Flags), []string{"high stopped"})
	}, "DescribeTrails", "GetTrail")
	f("status", func(tr trail.Trail) bool {
		return tr.Bucket == "logs" && tr.Logging == nil && slices.Equal(classes(tr.Flags), []string{"medium validation-off"})
	}, "GetTrailStatus")
	f("selectors", func(tr trail.Trail) bool { return tr.Selectors == "" && tr.Logging != nil }, "GetEventSelectors")
	f("insights", func(tr trail.Trail) bool { return tr.Selectors == "management rw" }, "GetInsightSelectors")
}

func TestWithoutListTrailsEveryRegionIsAsked(t *testing.T) {
	a := sourcetest.NewAWS(t)
	regional := sourcetest.NewTrail("regional", "ap-south-1", "logs", now)
	regional.Config["IsMultiRegionTrail"] = false
	a.AddTrail(regional)
	deny(a, "ListTrails")
	l := list(t, a, "us-east-1")
	if len(l.Trails) != 1 || l.Trails[0].Name != "regional" || !slices.Equal(l.Regions, []string{"ap-south-1", "eu-west-1", "us-east-1"}) {
		t.Errorf("found %+v in %v", l.Trails, l.Regions)
	}
	if len(l.Refused) != 1 || l.Refused[0].Action != "cloudtrail:ListTrails" || !strings.Contains(l.Refused[0].Hint, "cloudtrail:ListTrails") {
		t.Errorf("refused: %+v", l.Refused)
	}
}

func TestWhereEverythingIsRefusedThatIsTheError(t *testing.T) {
	a := sourcetest.NewAWS(t)
	a.AddTrail(sourcetest.NewTrail("main", "us-east-1", "logs", now))
	deny(a, "ListTrails", "DescribeTrails")
	_, err := trail.List(t.Context(), aws.NewSession(a.Config("us-east-1")), options())
	var e *source.Error
	if !errors.As(err, &e) || !strings.Contains(e.Reason, "access denied: cloudtrail:ListTrails") || e.Hint == "" {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := trail.List(ctx, aws.NewSession(a.Config("us-east-1")), options()); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel: %v", err)
	}
}

func TestNoTrailsIsNoError(t *testing.T) {
	l := list(t, sourcetest.NewAWS(t), "eu-west-1")
	if len(l.Trails) != 0 || !slices.Equal(l.Regions, []string{"eu-west-1"}) {
		t.Errorf("%+v", l)
	}
}

func TestSelectorsInWords(t *testing.T) {
	type m = map[string]any
	f := func(want, management, flagged string, selectors m) {
		t.Helper()
		a := sourcetest.NewAWS(t)
		tr := sourcetest.NewTrail("main", "us-east-1", "logs", now)
		tr.Selectors = selectors
		a.AddTrail(tr)
		got := one(t, a)
		if got.Selectors != want || got.Management != management || strings.Join(classes(got.Flags), ", ") != flagged {
			t.Errorf("%q (management %q, flags %q), want %q (%q, %q)", got.Selectors, got.Management, classes(got.Flags), want, management, flagged)
		}
	}
	basic := func(s ...any) m { return m{"EventSelectors": s} }
	data := func(kind string, values ...any) m { return m{"Type": kind, "Values": values} }
	f("management rw", "rw", "", m{})
	f("management rw; data: S3 all", "rw", "", basic(m{"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": []any{data("AWS::S3::Object", "arn:aws:s3")}}))
	f("management write; data: S3 2 ARNs write, Lambda all write", "write", "low management-write", basic(m{
		"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true,
		"DataResources": []any{data("AWS::S3::Object", "arn:aws:s3:::a/", "arn:aws:s3:::b/x"), data("AWS::Lambda::Function", "arn:aws:lambda")},
	}))
	f("management read", "read", "medium management-read", basic(m{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": true}))
	f("management rw without kms, rdsdata", "rw", "low management-excluded", basic(m{
		"ReadWriteType": "All", "IncludeManagementEvents": true, "ExcludeManagementEventSources": []any{"kms.amazonaws.com", "rdsdata.amazonaws.com"},
	}))
	f("data: DynamoDB 1 ARN", "none", "medium no-management", basic(m{
		"ReadWriteType": "All", "IncludeManagementEvents": false,
		"DataResources": []any{data("AWS::DynamoDB::Table", "arn:aws:dynamodb:us-east-1:111122223333:table/t")},
	}))
	field := func(name, op string, values ...any) m { return m{"Field": name, op: values} }
	advanced := func(s ...[]any) m {
		list := []any{}
		for _, fields := range s {
			list = append(list, m{"FieldSelectors": fields})
		}
		return m{"AdvancedEventSelectors": list}
	}
	f("management rw without kms; data: S3 1 ARN write, S3Outposts Object all; network: cloudtrail", "rw", "low management-excluded", advanced(
		[]any{field("eventCategory", "Equals", "Management"), field("eventSource", "NotEquals", "kms.amazonaws.com")},
		[]any{field("eventCategory", "Equals", "Data"), field("resources.type", "Equals", "AWS::S3::Object"), field("resources.ARN", "StartsWith", "arn:aws:s3:::a/"), field("readOnly", "Equals", "false")},
		[]any{field("eventCategory", "Equals", "Data"), field("resources.type", "Equals", "AWS::S3Outposts::Object")},
		[]any{field("eventCategory", "Equals", "NetworkActivity"), field("eventSource", "Equals", "cloudtrail.amazonaws.com")},
	))
	f("management rw without kms", "rw", "low management-excluded", advanced(
		[]any{field("eventCategory", "Equals", "Management"), field("readOnly", "Equals", "true")},
		[]any{field("eventCategory", "Equals", "Management"), field("readOnly", "Equals", "false"), field("eventSource", "NotEquals", "kms.amazonaws.com")},
	))
	f("management rw narrowed; data: Lambda all narrowed", "rw", "", advanced(
		[]any{field("eventCategory", "Equals", "Management"), field("eventName", "NotEquals", "Decrypt")},
		[]any{field("eventCategory", "Equals", "Data"), field("resources.type", "Equals", "AWS::Lambda::Function"), field("eventName", "Equals", "Invoke")},
	))
	f("other: Novel", "none", "medium no-management", advanced([]any{field("eventCategory", "Equals", "Novel")}))
}
