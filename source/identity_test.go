package source_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

// decodeOne gives the event of one record to check; it is valid only inside.
func decodeOne(tb testing.TB, record string, check func(e *source.Event)) {
	tb.Helper()
	var d source.Decoder
	n := 0
	for e := range d.Events(strings.NewReader(`{"Records":[` + record + `]}`)) {
		n++
		check(e)
	}
	if n != 1 {
		tb.Fatalf("%d events in %s: %+v", n, record, d.Stats())
	}
}

// identityRecord is a record with this userIdentity, and more top-level fields (",…").
func identityRecord(identity, more string) string {
	return `{"eventVersion":"1.08","userIdentity":` + identity + `,"eventTime":"2026-01-02T03:04:05Z",` +
		`"eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"0f8fad5b-d9cb-469f-a165-70867728950e"` + more + `}`
}

// who is a Principal as text, to compare.
type who struct{ Name, Kind, Detail, Via, Human, Role, Session string }

func principalOf(e *source.Event) who {
	p := e.Principal()
	return who{
		string(p.Name), string(p.Kind), string(p.Detail), string(p.Via), string(p.Human), string(p.Role), string(p.Session),
	}
}

type identityTest struct {
	name, identity, more string
	want                 who
}

func testIdentities(t *testing.T, tests []identityTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			decodeOne(t, identityRecord(tt.identity, tt.more), func(e *source.Event) {
				if diff := cmp.Diff(tt.want, principalOf(e)); diff != "" {
					t.Errorf("%s %s (-want +got):\n%s", tt.identity, tt.more, diff)
				}
			})
		})
	}
}

// Every rule of the table, in its order, with each of its ways.
func TestPrincipalByRule(t *testing.T) {
	testIdentities(t, []identityTest{
		{
			"root", `{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root","accountId":"111122223333"}`,
			"",
			who{Name: "root", Kind: "Root", Detail: "111122223333"},
		},
		{
			"root with alias", `{"type":"Root","accountId":"111122223333","userName":"acme"}`,
			"",
			who{Name: "root", Kind: "Root", Detail: "acme 111122223333"},
		},
		{
			"root signing in", `{"type":"Root","accountId":"111122223333","userName":"AWS ROOT USER"}`,
			"",
			who{Name: "root", Kind: "Root", Detail: "111122223333"},
		},
		{
			"root session", `{"type":"Root","accountId":"111122223333","sessionContext":{"assumedRoot":"true"}}`,
			"",
			who{Name: "root session", Kind: "AssumedRoot", Detail: "AssumeRoot 111122223333"},
		},
		{
			"IAM user", `{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::111122223333:user/a","userName":"alice"}`,
			"",
			who{Name: "alice", Kind: "IAMUser"},
		},
		{
			"IAM user by ARN", `{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws-cn:iam::111122223333:user/ops/eu/alice"}`,
			"",
			who{Name: "alice", Kind: "IAMUser"},
		},
		{
			"IAM user by id", `{"type":"IAMUser","principalId":"AIDA1"}`,
			"",
			who{Name: "AIDA1", Kind: "IAMUser"},
		},
		{
			"SSO user", assumed("AWSReservedSSO_Admin_Access_0123456789abcdef", "alice@example.com", ""),
			"",
			who{
				Name: "alice@example.com", Kind: "SSOUser", Detail: "Admin_Access",
				Role: "AWSReservedSSO_Admin_Access_0123456789abcdef", Session: "alice@example.com",
			},
		},
		{
			"service-linked role by path",
			`{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/R/S","invokedBy":"autoscaling.amazonaws.com","sessionContext":` +
				`{"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/R","userName":"R"}}}`,
			"",
			who{Name: "EC2 Auto Scaling", Kind: "AWSService", Detail: "R", Role: "R", Session: "S"},
		},
		{
			"service-linked role by name", assumed("AWSServiceRoleForSupport", "S", ""),
			"",
			who{
				Name: "Support", Kind: "AWSService", Detail: "AWSServiceRoleForSupport",
				Role: "AWSServiceRoleForSupport", Session: "S",
			},
		},
		{
			"instance", assumed("web", "i-0123456789abcdef0", ""),
			"",
			who{Name: "i-0123456789abcdef0", Kind: "EC2Instance", Detail: "web", Role: "web", Session: "i-0123456789abcdef0"},
		},
		{
			"GitHub Actions",
			assumed("deploy", "run-17", `,"webIdFederationData":{"federatedProvider":"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com","attributes":{}}`),
			"",
			who{Name: "run-17", Kind: "WebIdentity", Detail: "GitHub Actions", Role: "deploy", Session: "run-17"},
		},
		{
			"EKS service account",
			assumed("pod", "s1", `,"webIdFederationData":{"federatedProvider":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC"}`),
			"",
			who{Name: "s1", Kind: "WebIdentity", Detail: "EKS service account", Role: "pod", Session: "s1"},
		},
		{
			"other web identity", assumed("app", "s1", `,"webIdFederationData":{"federatedProvider":"accounts.google.com"}`),
			"",
			who{Name: "s1", Kind: "WebIdentity", Detail: "accounts.google.com", Role: "app", Session: "s1"},
		},
		{
			"assumed role", assumed("deploy", "ci=,.@-_x", ""),
			"",
			who{Name: "deploy/ci=,.@-_x", Kind: "AssumedRole", Role: "deploy", Session: "ci=,.@-_x"},
		},
		{
			"assumed role by ARN alone", `{"type":"AssumedRole","arn":"arn:aws-us-gov:sts::111122223333:assumed-role/deploy/ci"}`,
			"",
			who{Name: "deploy/ci", Kind: "AssumedRole", Role: "deploy", Session: "ci"},
		},
		{
			"assumed role without ARN",
			`{"type":"AssumedRole","principalId":"AROA1:ci:2","sessionContext":{"sessionIssuer":{"userName":"deploy"}}}`,
			"",
			who{Name: "deploy/ci:2", Kind: "AssumedRole", Role: "deploy", Session: "ci:2"},
		},
		{
			"federated user of root",
			`{"type":"FederatedUser","principalId":"111122223333:bob","arn":"arn:aws:sts::111122223333:federated-user/bob","sessionContext":` +
				`{"sessionIssuer":{"type":"Root","arn":"arn:aws:iam::111122223333:root"}}}`,
			"",
			who{Name: "bob", Kind: "FederatedUser", Detail: "root"},
		},
		{
			"federated user of a user", `{"type":"FederatedUser","principalId":"111122223333:bob","sessionContext":{"sessionIssuer":{"type":"IAMUser","userName":"alice"}}}`,
			"",
			who{Name: "bob", Kind: "FederatedUser", Detail: "alice"},
		},
		{
			"Identity Center user",
			`{"type":"IdentityCenterUser","accountId":"111122223333","onBehalfOf":{"userId":"u-1","identityStoreArn":"arn:aws:identitystore::111122223333:identitystore/d-1"}}`,
			"",
			who{Name: "u-1", Kind: "IdentityCenterUser", Detail: "d-1"},
		},
		{
			"Identity Center user of unknown type, signing in",
			`{"type":"Unknown","onBehalfOf":{"userId":"u-1","identityStoreArn":"arn:aws:identitystore::111122223333:identitystore/d-1"}}`,
			`,"additionalEventData":{"UserName":"alice"}`,
			who{Name: "u-1", Kind: "IdentityCenterUser", Detail: "d-1", Human: "alice"},
		},
		{
			"SAML user", `{"type":"SAMLUser","principalId":"hash=:alice","userName":"alice","identityProvider":"hash="}`,
			"",
			who{Name: "alice", Kind: "SAMLUser", Detail: "hash="},
		},
		{
			"web identity user", `{"type":"WebIdentityUser","principalId":"p","userName":"u","identityProvider":"accounts.google.com"}`,
			"",
			who{Name: "u", Kind: "WebIdentityUser", Detail: "accounts.google.com"},
		},
		{
			"service", `{"type":"AWSService","invokedBy":"config.amazonaws.com"}`,
			"",
			who{Name: "Config", Kind: "AWSService", Detail: "config.amazonaws.com"},
		},
		{
			"service without a type", `{"accountId":"111122223333","invokedBy":"AWS Internal"}`,
			"",
			who{Name: "AWS Internal", Kind: "AWSService"},
		},
		{
			"service nobody named", `{"type":"AWSService","invokedBy":"newthing.amazonaws.com"}`,
			"",
			who{Name: "newthing", Kind: "AWSService", Detail: "newthing.amazonaws.com"},
		},
		{
			"anonymous", `{"type":"AWSAccount","principalId":"","accountId":"anonymous"}`,
			"",
			who{Name: "anonymous (unsigned)", Kind: "Anonymous"},
		},
		{
			"foreign account", `{"type":"AWSAccount","principalId":"AROA1:x","accountId":"999988887777"}`,
			"",
			who{Name: "account 999988887777", Kind: "AWSAccount", Detail: "AROA1:x"},
		},
		{
			"directory user", `{"type":"Directory","userName":"alice@corp.example","accountId":"111122223333"}`,
			"",
			who{Name: "alice@corp.example", Kind: "Directory"},
		},
		{
			"unknown by ARN", `{"type":"Unknown","arn":"arn:aws:iam::111122223333:role/path/x","principalId":"p"}`,
			"",
			who{Name: "x", Kind: "Unknown"},
		},
		{"unknown by id", `{"type":"Unknown","principalId":"p","accountId":"1"}`, "", who{Name: "p", Kind: "Unknown"}},
		{"unknown by account", `{"type":"Role","accountId":"1"}`, "", who{Name: "1", Kind: "Role"}},
		{"nobody", `{"type":"Unknown"}`, "", who{Name: "unknown", Kind: "Unknown"}},
	})
}

// assumed is the identity of a role session, with more members of sessionContext.
func assumed(role, session, more string) string {
	return `{"type":"AssumedRole","principalId":"AROA1:` + session + `","arn":"arn:aws:sts::111122223333:assumed-role/` +
		role + `/` + session + `","accountId":"111122223333","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA1",` +
		`"arn":"arn:aws:iam::111122223333:role/path/` + role + `","userName":"` + role + `"}` + more + `}}`
}

func TestPrincipalOfRecordsAboutManyCalls(t *testing.T) {
	f := func(record string, want who) {
		t.Helper()
		decodeOne(t, record, func(e *source.Event) {
			if diff := cmp.Diff(want, principalOf(e)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", record, diff)
			}
		})
	}
	const insight = `{"eventVersion":"1.07","eventID":"0f8fad5b-d9cb-469f-a165-70867728950e","eventTime":"2026-01-02T03:04:05Z","eventType":"AwsCloudTrailInsight","eventCategory":"Insight","insightDetails":{"state":"Start","eventSource":"ssm.amazonaws.com","eventName":"UpdateX"`
	f(insight+`,"insightContext":{"attributions":[{"attribute":"userAgent","insight":[{"value":"x"}]},{"attribute":"userIdentityArn",`+
		`"insight":[{"value":"arn:aws:sts::111122223333:assumed-role/ops/bob","average":2},{"value":"arn:b","average":1}],"baseline":[{"value":"arn:c"}]}]}}}`,
		who{Name: "ops/bob", Kind: "Insight", Detail: "insight"})
	f(insight+`}}`, who{Name: "insight", Kind: "Insight", Detail: "insight"})
	const aggregated = `{"eventVersion":"1.0","eventId":"0f8fad5b-d9cb-469f-a165-70867728950e","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","eventSource":"s3.amazonaws.com","timeWindow":{"windowStart":"2026-01-02T03:00:00Z"}`
	f(aggregated+`,"summary":{"primaryDimension":{"dimension":"userIdentity","statistics":[{"name":"AWSAccount:111122223333","value":9}]}}}`,
		who{Name: "AWSAccount:111122223333", Kind: "Aggregated"})
	f(aggregated+`,"summary":{"primaryDimension":{"dimension":"eventName","statistics":[{"name":"PutObject","value":9}]}}}`,
		who{Name: "summary", Kind: "Aggregated"})
	const activity = `{"eventVersion":"1.0","eventID":"0f8fad5b-d9cb-469f-a165-70867728950e","eventCategory":"ActivityAuditLog","eventType":"ActivityLog","eventTime":"2026-01-02T03:04:05Z"`
	f(activity+`,"eventData":{"userIdentity":{"type":"Okta","principalId":"carol","details":{}}}}`,
		who{Name: "carol", Kind: "Activity", Detail: "Okta"})
	f(activity+`}`, who{Name: "unknown", Kind: "Activity"})
}

func TestPrincipalModifiers(t *testing.T) {
	testIdentities(t, []identityTest{
		{
			"source identity", assumed("deploy", "ci", `,"sourceIdentity":"alice"`),
			"",
			who{Name: "deploy/ci", Kind: "AssumedRole", Human: "alice", Role: "deploy", Session: "ci"},
		},
		{
			"on behalf of", strings.TrimSuffix(assumed("app", "s1", ""), "}") + `,"onBehalfOf":{"userId":"u-1"}}`,
			"",
			who{Name: "app/s1", Kind: "AssumedRole", Human: "u-1", Role: "app", Session: "s1"},
		},
		{
			"via a service", `{"type":"IAMUser","userName":"alice","invokedBy":"cloudformation.amazonaws.com"}`,
			"",
			who{Name: "alice", Kind: "IAMUser", Via: "cloudformation.amazonaws.com"},
		},
		{
			"the service itself is no via", `{"type":"AWSService","invokedBy":"s3.amazonaws.com"}`,
			"",
			who{Name: "S3", Kind: "AWSService", Detail: "s3.amazonaws.com"},
		},
	})
	f := func(identity, more, wantDelegate string, wantConsole bool) {
		t.Helper()
		decodeOne(t, identityRecord(identity, more), func(e *source.Event) {
			if p := e.Principal(); string(p.Delegate) != wantDelegate || p.Console != wantConsole {
				t.Errorf("%s %s: delegate %q, console %v", identity, more, p.Delegate, p.Console)
			}
		})
	}
	f(`{"type":"IAMUser","userName":"a"}`, ``, "", false)
	f(`{"type":"IAMUser","userName":"a","invokedByDelegate":{"accountId":"123"}}`, ``, "123", false)
	f(`{"type":"IAMUser","userName":"a"}`, `,"sessionCredentialFromConsole":"true"`, "", true)
	f(`{"type":"IAMUser","userName":"a"}`, `,"sessionCredentialFromConsole":true`, "", true)
	f(assumed("r", "s", `,"signInSessionArn":"arn:aws:signin:us-east-1:1:session/x"`), ``, "", true)
}

func TestPrincipalOfOddIdentities(t *testing.T) {
	testIdentities(t, []identityTest{
		{"null", `null`, "", who{Name: "unknown"}},
		{"text", `"alice"`, "", who{Name: "unknown"}},
		{"list", `[{"type":"Root"}]`, "", who{Name: "unknown"}},
		{"empty", `{}`, "", who{Name: "unknown"}},
		{"only a type", `{"type":"IAMUser"}`, "", who{Name: "unknown", Kind: "IAMUser"}},
		{"only a session type", `{"type":"AssumedRole","sessionContext":{"sessionIssuer":{}}}`, "", who{Name: "unknown", Kind: "AssumedRole"}},
		{"empty texts", `{"type":"","arn":"","userName":"","accessKeyId":"","accountId":"1"}`, "", who{Name: "1"}},
		{"other types", `{"type":7,"userName":{"a":1},"arn":["x"],"principalId":null,"accountId":111122223333}`, "", who{Name: "111122223333", Kind: "7"}},
		{"type in another case", `{"type":"iamuser","userName":"alice"}`, "", who{Name: "alice", Kind: "IAMUser"}},
		{"type nobody knows", `{"type":"SpaceUser","userName":"zoe"}`, "", who{Name: "zoe", Kind: "SpaceUser"}},
		{"no type but an ARN", `{"arn":"arn:aws:iam::111122223333:root"}`, "", who{Name: "root"}},
		{"empty issuer and federation", `{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s","sessionContext":{"sessionIssuer":{},"webIdFederationData":{}}}`, "", who{Name: "r/s", Kind: "AssumedRole", Role: "r", Session: "s"}},
		{"issuer and ARN differ", `{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s","sessionContext":{"sessionIssuer":{"userName":"other"}}}`, "", who{Name: "other/s", Kind: "AssumedRole", Role: "other", Session: "s"}},
		{"role alone", `{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r"}`, "", who{Name: "r", Kind: "AssumedRole", Role: "r"}},
		{"almost an SSO role", assumed("AWSReservedSSO_Admin_0123456789abcdeX", "s", ""), "", who{Name: "AWSReservedSSO_Admin_0123456789abcdeX/s", Kind: "AssumedRole", Role: "AWSReservedSSO_Admin_0123456789abcdeX", Session: "s"}},
		{"almost an instance", assumed("r", "i-0123456", ""), "", who{Name: "r/i-0123456", Kind: "AssumedRole", Role: "r", Session: "i-0123456"}},
		{"service that says nothing", `{"type":"AWSService"}`, "", who{Name: "unknown", Kind: "AWSService"}},
		{"foreign account with an ARN only", `{"type":"AWSAccount","arn":"arn:aws:iam::1:user/x"}`, "", who{Name: "x", Kind: "AWSAccount"}},
		{"hidden name", `{"type":"IAMUser","userName":"HIDDEN_DUE_TO_SECURITY_REASONS","accountId":"1"}`, "", who{Name: "HIDDEN_DUE_TO_SECURITY_REASONS", Kind: "IAMUser"}},
	})
}

func TestPrincipalLongNameIsWhole(t *testing.T) {
	role, session := strings.Repeat("r", 500), strings.Repeat("s", 500)
	identity := `{"type":"AssumedRole","principalId":"A:` + session + `","sessionContext":{"sessionIssuer":{"userName":"` + role + `"}}}`
	decodeOne(t, identityRecord(identity, ""), func(e *source.Event) {
		first := e.Principal()
		second := e.Principal()
		if want := role + "/" + session; string(first.Name) != want || string(second.Name) != want {
			t.Errorf("names %q, %q", first.Name, second.Name)
		}
	})
}

func TestPrincipalDoesNotAllocate(t *testing.T) {
	for _, identity := range []string{
		`{"type":"IAMUser","userName":"alice"}`,
		assumed("deploy", "ci", ""),
		`{"type":"AssumedRole","principalId":"AROA1:ci","sessionContext":{"sessionIssuer":{"userName":"deploy"}}}`,
		`{"type":"AWSService","invokedBy":"config.amazonaws.com"}`,
		`{"type":"AWSAccount","accountId":"999988887777"}`,
	} {
		decodeOne(t, identityRecord(identity, ""), func(e *source.Event) {
			if n := testing.AllocsPerRun(100, func() { e.Principal() }); n != 0 {
				t.Errorf("%v allocations for %s", n, identity)
			}
		})
	}
}

// FuzzFacts gives leaves any text: nothing may panic, a name is always there, and asking twice answers the same.
func FuzzFacts(f *testing.F) {
	f.Add([]byte("AssumedRole\x00AROA:ci\x00arn:aws:sts::1:assumed-role/r/s\x00r"), uint64(0x1b))
	f.Add([]byte("IAMUser\x00alice\x00arn:aws:iam::1:user/x/y"), uint64(0x2f))
	f.Add([]byte("AWSReservedSSO__0123456789abcdef\x00AssumedRole"), uint64(0x77))
	f.Add([]byte("[]\x00Client.\x00Exception\x00.amazonaws.com\x00v\x00AwsCloudTrailInsight"), uint64(0x03))
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		var e source.Event
		for i, text := range strings.Split(string(data), "\x00") {
			at := source.Leaf(seed>>(i%8*8)) + source.Leaf(i)
			e.SetText(at%source.NumLeaves, []byte(text))
		}
		first, again := principalOf(&e), principalOf(&e)
		if first != again {
			t.Errorf("first %+v, then %+v", first, again)
		}
		if first.Name == "" {
			t.Errorf("no name: %+v", first)
		}
		switch e.Outcome() {
		case source.OutcomeOK, source.OutcomeDenied, source.OutcomeFailed, source.OutcomeThrottled:
		default:
			t.Errorf("outcome %q", e.Outcome())
		}
		if len(e.Category()) == 0 {
			t.Error("no category")
		}
		if family := e.AgentFamily(); len(family) > 64 {
			t.Errorf("family of %d bytes", len(family))
		}
		e.ReadOnly()
		e.MFA()
		e.Service()
		if name := string(e.Name()); !strings.HasPrefix(name, source.DisplayName(name)) {
			t.Errorf("DisplayName(%q) = %q", name, source.DisplayName(name))
		}
	})
}

func BenchmarkPrincipal(b *testing.B) {
	for _, bb := range []struct{ name, identity string }{
		{"IAMUser", `{"type":"IAMUser","userName":"alice"}`},
		{"AssumedRole", assumed("deploy", "ci", "")},
		{"AWSService", `{"type":"AWSService","invokedBy":"config.amazonaws.com"}`},
	} {
		b.Run(bb.name, func(b *testing.B) {
			decodeOne(b, identityRecord(bb.identity, ""), func(e *source.Event) {
				b.ReportAllocs()
				for b.Loop() {
					e.Principal()
				}
			})
		})
	}
}
