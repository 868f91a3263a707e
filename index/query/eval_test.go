package query_test

import (
	"testing"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

// The plain meaning, case by case: it is the oracle of everything else, so it is checked by hand.
func TestEval(t *testing.T) {
	r := record{
		fields: map[string][]string{
			"event": {"DeleteTrail"}, "service": {"s3"}, "user": {"deploy/ci-run-17"}, "role": {"deploy"},
			"session": {"ci-run-17"}, "ip": {"203.0.113.7"}, "resource": {"prod-logs", "arn:aws:s3:::prod-logs"},
			"account": {"111122223333"}, "readonly": {"false"},
		},
		time: time.Date(2026, 7, 1, 10, 15, 30, 500_000_000, time.UTC),
		raw: `{"eventName":"DeleteTrail","userAgent":"[aws-cli\/2.15 \u00c9t\u00e9]","requestID":"AB-12","errorCode":null,
			"requestParameters":{"bucketName":"prod-logs","instanceId":"i-0abc123","max":9007199254740993,"dry":true,
				"a.b":{"c:d":"x"},"list":[{"k":1,"v":"one"},{"k":2,"v":"two"}],"none":{},"nil":null,"empty":"",
				"date":"2026-07-01T10:00:00Z","nested":[["p","q"],["r"]]},
			"responseElements":null,"kelvin":"\u212aey_1"}`,
	}
	yes := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			if !query.Eval(parse(t, text), r) {
				t.Errorf("%s does not match", text)
			}
		}
	}
	no := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			if query.Eval(parse(t, text), r) {
				t.Errorf("%s matches", text)
			}
		}
	}
	// Fields.
	yes("", "event:deletetrail", "event=DeleteTrail", "event:Delete*", "event:*trail", "event:D?leteTrail", "event:*")
	no("event=deletetrail", "event=Delete*", "event:Delete", "event:D?Trail", "-event:*", `event:"Delete\*"`)
	yes("service:s3", "service:s3.amazonaws.com", "eventSource:S3.amazonaws.com", "service=s3.amazonaws.com")
	yes("user:deploy", "user:ci-run-17", "user:ci*", "user=deploy/ci-run-17", "user:*17")
	no("user=deploy", "user=ci-run-17", "-user:deploy")
	yes("user!=deploy", "error!=AccessDenied", "-error:*", "readonly:FALSE")
	no("error:*", "error=x", "error:x*")
	// Several values: any; negation is about the event.
	yes("resource:prod-logs", "resource:arn*", "resource:(prod-logs arn*)", "resource:(x OR prod-logs)")
	no("-resource:arn*", "resource!=prod-logs", "resource:(prod-logs -arn*)")
	// Addresses.
	yes("ip:203.0.113.0/24", "ip:203.0.113.7", "ip:203.0.113.7/32", "ip:::ffff:203.0.113.7", "ip:0.0.0.0/0", "ip:203.0.*")
	no("ip:203.0.112.0/24", "ip:::/0", `ip="203.0.113.0/24"`)
	// Times.
	yes("time:2026-07-01", "time:2026-07-01T10:15Z", "time:2026-07-01T10:15:30Z", "time:>=2026-07-01", "time:<2026-07-02",
		"time:<=2026-07-01", "time:2026-07-01..2026-07-02", "time:<=2026-07-01T10:15:30Z", "time:>2026-07-01T10:15:29Z", "time:*")
	no("time:>2026-07-01", "time:>2026-07-01T10:15:30Z", "time:2026-06-30..2026-07-01", "time:-2h..now", "time:<2026-07-01T10:15:30.5Z")
	// Numbers.
	yes("requestParameters.max:>9007199254740992", "requestParameters.max:9007199254740993", "account:>=111122223333",
		"requestParameters.max:1..1e20", "requestParameters.max:<=9007199254740993.0", "requestParameters.list.k:>1")
	no("requestParameters.max:>9007199254740993", "requestParameters.missing:<5", "requestParameters.bucketName:>0",
		"requestParameters.list.k:>2", "requestParameters.max:..5")
	yes("requestParameters.date:>=2026-07-01", "requestParameters.date:2026-07-01..2026-07-02")
	no("requestParameters.date:>2026-07-01", "requestParameters.bucketName:>2026-07-01")
	// Paths.
	yes("requestParameters.bucketName:PROD-*", `requestParameters."a.b"."c:d"=x`, "requestParameters.dry:true",
		"requestParameters.list.v:two", "requestParameters.list[1].v=two", "requestParameters.list[*].k:1",
		"requestParameters.*:i-0*", "requestParameters.nested:q", "requestParameters.nested[1]:r", "requestParameters.nested[*][0]:r",
		"requestParameters:*", "requestParameters.empty:*", `requestParameters.empty=""`, "requestParameters.list[0]:*", "requestID:ab-12")
	no("requestParameters.bucketname:prod*", "requestParameters.list[0].v=two", "requestParameters.list[2]:*", "requestParameters:prod-logs",
		"responseElements:*", "errorCode:*", "requestParameters.none:*", "requestParameters.nil:*", "requestParameters.nil:null",
		"requestParameters.nested[0]:r", "requestParameters.*:x", "requestParameters.max:9007199254740992")
	// Words: from token border to token border, keys and values, decoded.
	yes("i-0abc123", "0abc123", "prod-logs", "prod", "logs", `"aws-cli/2.15"`, "été", `"[aws-cli"`, "bucketName", `"c:d"`, "true", "9007199254740993",
		"key_1", "-nowhere", "ÉTÉ", `"-"`, "none")
	no("0abc12", "abc123", "prod-log", "ey_1", "key", "bucket", "null", `"prod logs"`, "two-")
	yes("*abc12*", "i-0abc*", "*bc123", "p*logs", "pro?-logs", `"aws*ÉTÉ"`, "*/2*", "buck*")
	no("*bc12", "abc*", "pro?logs", "logs*prod", `aws\*`)
	// Regular expressions.
	yes("/^prod-/", "/aws-cli\\/2/", "/(?i)BUCKETNAME/", `raw:/aws-cli\\\/2/`, `raw:/"max":\d+/`, "/^Kelvin$|^kelvin$/")
	no("/PROD-/", `raw:/aws-cli\/2/`, `/"max":/`, "/^null$/")
	// Operators.
	yes("event:x OR event:d* user:*", "-(event:x)", "NOT (event:x OR ip:x)", "-event:x -ip:x", "* event:*")
	no("event:x OR event:d* -user:*", "-*", "-(event:x OR ip:*)")
}

func TestEvalWithoutTime(t *testing.T) {
	r := record{raw: `{}`}
	for _, text := range []string{"time:*", "time:>=2000-01-01", "time:<2100-01-01", "event:*", "x"} {
		if query.Eval(parse(t, text), r) || !query.Eval(parse(t, "-"+text), r) {
			t.Errorf("%s: an event without it matches, or its negation does not", text)
		}
	}
}

func TestNeeds(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "user:x -ip:10.0.0.0/8 time:now": false, "account:>5": false, "user:x OR y": true,
		"-/x/": true, "a.b:>5": true, "userAgent:*": true,
	} {
		if got := query.Needs(parse(t, text)); got != want {
			t.Errorf("Needs(%s) = %v", text, got)
		}
	}
}

func TestMatchLiterals(t *testing.T) {
	f := func(text, literal, folded string) {
		t.Helper()
		m := parse(t, text).(query.Match)
		if got, ok := m.Literal(); ok != (literal != "") || ok && got != literal {
			t.Errorf("%s: literal %q, %v", text, got, ok)
		}
		if got, ok := m.Folded(); ok != (folded != "") || got != folded {
			t.Errorf("%s: folded %q, %v", text, got, ok)
		}
	}
	f("user=a*", "a*", "")
	f(`user:a\*`, "", "a*")
	f("user:a*", "", "")
}

func TestPathKeyWritesWhatParses(t *testing.T) {
	s := schema()
	for _, steps := range [][]string{
		{"userAgent"},
		{"eventName"},
		{"foo"},
		{"1x", "y"},
		{"requestParameters", query.PathStep("a.b"), query.IndexStep(3)},
		{query.PathStep("a b")},
		{query.PathStep("")},
		{"user", "name"},
		{query.PathStep("\xff\u202e"), query.PathStep("*")},
	} {
		k := s.PathKey(steps...)
		n := query.Keep(query.All{}, k, "v")
		if got := parse(t, n.String()); got.String() != n.String() || got.(query.Match).Key.Field != "" {
			t.Errorf("%q writes %s, which parses to %s", steps, n, got)
		}
	}
}

// Log files may hold bytes that are no UTF-8; encoding/json would not let them pass, so the compiled form is asked.
func TestCompileRawOnBytesThatAreNoUTF8(t *testing.T) {
	raw := []byte("{\"x\":\"caf\xe9 i-0abc\"}")
	for text, want := range map[string]bool{
		`raw:/\x{fffd} i/`: true, "raw:/caf. i/": true, "i-0abc": true, "caf": true, `"caf\xe9"`: true, `"caf\u{fffd}"`: false, `"x"=y`: false,
	} {
		if got := query.CompileRaw(parse(t, text))(raw); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
