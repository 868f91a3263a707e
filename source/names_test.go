package source_test

import (
	"testing"

	"github.com/trailsift/trailsift/source"
)

// with is an event of these leaves.
func with(leaves map[source.Leaf]string) *source.Event {
	var e source.Event
	for leaf, text := range leaves {
		e.SetText(leaf, []byte(text))
	}
	return &e
}

func TestService(t *testing.T) {
	f := func(source_, want string) {
		t.Helper()
		if got := string(with(map[source.Leaf]string{source.LeafEventSource: source_}).Service()); got != want {
			t.Errorf("Service() of %q = %q, want %q", source_, got, want)
		}
	}
	f("s3.amazonaws.com", "s3")
	f("ec2.amazonaws.com.cn", "ec2")
	f("S3.AmazonAWS.com", "s3")
	f("catalog.marketplace.amazonaws.com", "catalog.marketplace")
	f("Acme HR", "acme hr")
	f("example.cn", "example.cn")
	f(".amazonaws.com", ".amazonaws.com")
	f("amazonaws.com", "amazonaws.com")
	f("", "")
	insight := with(map[source.Leaf]string{source.LeafInsightEventSource: "ssm.amazonaws.com", source.LeafInsightEventName: "UpdateX"})
	if string(insight.Service()) != "ssm" || string(insight.Name()) != "UpdateX" {
		t.Errorf("an Insight is about %s %s", insight.Service(), insight.Name())
	}
}

func TestServiceName(t *testing.T) {
	for service, want := range map[string]string{
		"states": "Step Functions", "monitoring": "CloudWatch", "MONITORING": "CloudWatch", "newthing": "newthing", "": "",
	} {
		if got := source.ServiceName(service); got != want {
			t.Errorf("ServiceName(%q) = %q, want %q", service, got, want)
		}
	}
}

func TestDisplayName(t *testing.T) {
	for name, want := range map[string]string{
		"CreateFunction20150331":       "CreateFunction",
		"UpdateFunctionCode20150331v2": "UpdateFunctionCode",
		"CreateDistribution2020_05_31": "CreateDistribution",
		"GetApiv2":                     "GetApiv2",
		"GetObject":                    "GetObject",
		"20150331":                     "20150331",
		"v2":                           "v2",
		"Foo2015033":                   "Foo2015033",
		"":                             "",
	} {
		if got := source.DisplayName(name); got != want {
			t.Errorf("DisplayName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestReadOnly(t *testing.T) {
	f := func(readOnly, name string, value, guessed, known bool) {
		t.Helper()
		e := with(map[source.Leaf]string{source.LeafReadOnly: readOnly, source.LeafEventName: name})
		if v, g, k := e.ReadOnly(); v != value || g != guessed || k != known {
			t.Errorf("ReadOnly() of %q, %q = %v, %v, %v", readOnly, name, v, g, k)
		}
	}
	f("true", "DeleteBucket", true, false, true)
	f("false", "GetFederationToken", false, false, true)
	f("True", "x", true, false, true)
	for _, name := range []string{
		"GetObject", "ListBuckets", "DescribeVpcs", "HeadBucket", "LookupEvents", "SearchUsers", "Query", "BatchGetItem",
	} {
		f("", name, true, true, true)
		f("maybe", name, true, true, true)
	}
	for _, name := range []string{"Getaway", "Listen", "PutObject", "get", "Describer"} {
		f("", name, false, true, true)
	}
	f("", "", false, false, false)
	decodeOne(t, `{"eventVersion":"1.0","eventTime":"2026-01-02T03:04:05Z","eventName":"GetObject","readOnly":null}`, func(e *source.Event) {
		if e.Flags&source.ReadOnlyGuessed == 0 {
			t.Errorf("flags %b do not say that readOnly is guessed", e.Flags)
		}
	})
}

func TestCategory(t *testing.T) {
	f := func(category, eventType, management, want string) {
		t.Helper()
		e := with(map[source.Leaf]string{
			source.LeafEventCategory: category, source.LeafEventType: eventType, source.LeafManagementEvent: management,
		})
		if got := string(e.Category()); got != want {
			t.Errorf("Category() of %q, %q, %q = %q, want %q", category, eventType, management, got, want)
		}
	}
	f("Management", "", "false", "management")
	f("DATA", "", "", "data")
	f("Insight", "", "", "insight")
	f("NetworkActivity", "", "", "network")
	f("Aggregated", "", "", "aggregated")
	f("ActivityAuditLog", "", "", "activity")
	f("Evidence", "", "", "Evidence")
	f("", "AwsCloudTrailInsight", "", "insight")
	f("", "AwsVpceEvent", "", "network")
	f("", "awsvpceevents", "", "network")
	f("", "AwsAggregatedEvent", "", "aggregated")
	f("", "ActivityLog", "", "activity")
	f("", "AwsApiCall", "false", "data")
	f("", "AwsApiCall", "true", "management")
	f("", "", "", "management")
}

func TestMFA(t *testing.T) {
	f := func(identity, more, want string) {
		t.Helper()
		decodeOne(t, identityRecord(identity, more), func(e *source.Event) {
			if got := string(e.MFA()); got != want {
				t.Errorf("MFA() of %s %s = %q, want %q", identity, more, got, want)
			}
		})
	}
	user := func(mfa string) string {
		return `{"type":"IAMUser","sessionContext":{"attributes":{"mfaAuthenticated":` + mfa + `}}}`
	}
	attribute := func(mfa string) string { return `,"attributes":{"mfaAuthenticated":"` + mfa + `"}` }
	const used = `,"additionalEventData":{"MFAUsed":"Yes"}`
	const notUsed = `,"additionalEventData":{"MFAUsed":"No"}`
	f(user(`"true"`), "", "true")
	f(user(`"false"`), "", "false")
	f(user(`false`), "", "false")
	f(user(`null`), "", "")
	f(`{"type":"IAMUser"}`, used, "true")
	f(`{"type":"IAMUser"}`, notUsed, "false")
	f(`{"type":"Root"}`, notUsed, "false")
	f(assumed("r", "s", attribute("false")), "", "false")
	f(assumed("r", "s", attribute("true")), "", "true")
	f(assumed("r", "s", attribute("false")), notUsed, "")
	f(assumed("AWSReservedSSO_A_0123456789abcdef", "s", attribute("false")), "", "")
	f(assumed("r", "s", attribute("false")+`,"webIdFederationData":{"federatedProvider":"x"}`), "", "")
	f(`{"type":"FederatedUser","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}}`, "", "")
	f(`{"type":"SAMLUser"}`, notUsed, "")
}
