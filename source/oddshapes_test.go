package source_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

// An oddRow is one thing that was seen in real data, or that the documentation tells of: content, and the names of the
// events that come out of it, each byte by byte.
type oddRow struct {
	name, stored, want string
	damaged            bool // the file is named as damaged
	other              string
	see                func(t *testing.T, e *source.Event)
}

// record has fields beside a name, or instead of those that a record mostly has.
func record(name, more string) string {
	return `{"eventVersion":"1.08","eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"` + name + `","eventID":"` + name + `"` + more + `}`
}

// leaf wants a leaf to be read.
func leaf(l source.Leaf, want string) func(*testing.T, *source.Event) {
	return func(t *testing.T, e *source.Event) {
		t.Helper()
		if got := string(e.Text(l)); got != want {
			t.Errorf("leaf %d is %q, want %q", l, got, want)
		}
	}
}

func outcome(want string) func(*testing.T, *source.Event) {
	return func(t *testing.T, e *source.Event) {
		t.Helper()
		if got := e.Outcome(); got != want {
			t.Errorf("outcome %q, want %q", got, want)
		}
	}
}

func principal(want string) func(*testing.T, *source.Event) {
	return func(t *testing.T, e *source.Event) {
		t.Helper()
		if got := string(e.Principal().Name); got != want {
			t.Errorf("principal %q, want %q", got, want)
		}
	}
}

func timed(want bool) func(*testing.T, *source.Event) {
	return func(t *testing.T, e *source.Event) {
		t.Helper()
		if _, got := e.Time(); got != want {
			t.Errorf("has a time: %v, want %v", got, want)
		}
	}
}

func resources(want ...string) func(*testing.T, *source.Event) {
	return func(t *testing.T, e *source.Event) {
		t.Helper()
		if got := string(bytes.Join(e.Resources(), []byte(" "))); got != strings.Join(want, " ") {
			t.Errorf("resources %q, want %q", got, want)
		}
	}
}

// oddContainers are what records lie in.
func oddContainers(t *testing.T) []oddRow {
	t.Helper()
	a, b := event("A"), event("B")
	item := func(outside string) string {
		return `{"EventId":"1","ReadOnly":"true",` + outside + `"CloudTrailEvent":` + marshal(t, a) + `}`
	}
	long := `{"Records":[` + strings.Repeat(a+",", 5000) + b + `]}`
	return []oddRow{
		{name: "1.4 MB on one line", stored: long, want: strings.Repeat("A ", 5000) + "B"},
		{name: "a trail file, indented, with a final line break", stored: "{\n  \"Records\": [\n    " + a + ",\n    " + b + "\n  ]\n}\n", want: "A B"},
		{name: "the same in gzip", stored: inGzip(t, `{"Records":[`+a+`]}`), want: "A"},
		{name: "an array", stored: "[" + a + "," + b + "]", want: "A B"},
		{name: "an empty array", stored: "[]"},
		{name: "one bare object", stored: a, want: "A"},
		{name: "lines with a blank last one", stored: a + "\n" + b + "\n\n", want: "A B"},
		{name: "lines with CRLF", stored: a + "\r\n" + b + "\r\n", want: "A B"},
		{name: "concatenated", stored: a + b, want: "A B"},
		{name: "a byte order mark", stored: "\ufeff" + a, want: "A"},
		{name: "lookup-events with NextToken", stored: `{"Events":[` + item("") + `],"NextToken":"x"}`, want: "A"},
		{name: "its items in lines, with local time", stored: item(`"EventTime":"2022-02-08 09:23:37+11:00",`) + "\n" + item(`"EventTime":1.6e9,`) + "\n" + item(`"EventTime":"2022-02-08T09:23:37+11:00",`), want: "A A A"},
		{name: "Events with events", stored: `{"Events":[{"eventVersion":"1.07","eventTime":"t","eventID":"i","eventType":"AwsCloudTrailInsight","insightDetails":{"eventName":"I","eventSource":"s"}}]}`, see: leaf(source.LeafInsightEventName, "I")},
		{name: "input.message", stored: `{"input":{"message":` + marshal(t, a) + `}}`, want: "A"},
		{name: "Logstash with @timestamp", stored: `{"eventName":"A","eventSource":"s","@timestamp":"2026-01-02T03:04:05.123Z","@version":"1"}`, want: "A", see: timed(true)},
		{name: "Panther", stored: `{"eventName":"A","eventTime":"2021-01-01 00:00:00.000000000","eventSource":"s","p_any_ip_addresses":["192.0.2.1"],"p_event_time":"x"}`, want: "A", see: timed(true)},
		{name: "keys of the identity in lower case", stored: record("A", `,"userIdentity":{"type":"IAMUser","principalid":"P","username":"bob","arn":"arn:aws:iam::1:user/bob"}`), want: "A"},
		{name: "all keys in lower case", stored: `{"eventname":"A","eventtime":"2026-01-02T03:04:05Z","eventsource":"s","useridentity":{"username":"bob","type":"IAMUser"}}`, want: "A", see: principal("bob")},
		{name: "cut off", stored: `{"Records":[` + a + `,` + b[:100], want: "A", damaged: true},
		{name: "a comma is missing", stored: `{"Records":[` + a + b + `]}`, want: "A B", damaged: true},
		{name: "surplus braces", stored: `{"Records":[` + a + `}},` + b + `]}`, want: "A B", damaged: true},
		{name: "placeholders", stored: a + "\n{\"eventName\":\"X\",...}\n" + b, want: "A B", damaged: true},
		{name: "comments", stored: a + " // the first\n/* then */ " + b, want: "A B", damaged: true},
		{name: "a raw line break in a string", stored: a + "\n" + strings.Replace(event("X"), "s3.", "s3\n.", 1) + "\n" + b, want: "A B", damaged: true},
		{name: "a tab in a string", stored: a + "\n" + strings.Replace(event("X"), "s3.", "s3\t.", 1) + "\n" + b, want: "A B", damaged: true},
		{name: "two values in a row", stored: a + " " + b, want: "A B"},
		{name: "a repeated key", stored: `{"eventName":"Y","eventTime":"2026-01-02T03:04:05Z","eventName":"A"}`, want: "A"},
		{name: "not UTF-8", stored: strings.Replace(a, "s3.", "s3\xff.", 1), want: "A", damaged: true},
		{name: "S3 notification", stored: `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":"t"}]}`, other: "S3 notification"},
		{name: "DynamoDB stream", stored: `{"Records":[{"eventID":"1","eventVersion":"1.1","eventName":"INSERT","eventSource":"aws:dynamodb","dynamodb":{}}]}`, other: "DynamoDB stream record"},
		{name: "SNS", stored: `{"Type":"Notification","TopicArn":"t","Message":"{\"s3Bucket\":\"b\",\"s3ObjectKey\":[\"k\"]}"}`, other: "SNS notification"},
		{name: "SQS", stored: `{"MessageId":"1","ReceiptHandle":"h","Body":"hello"}`, other: "SQS message"},
		{name: "OCSF of something else", stored: `{"class_uid":4001,"category_uid":4,"metadata":{"product":{"name":"VPC"}}}`, other: "OCSF record"},
		{name: "Git LFS", stored: "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", other: "Git LFS pointer"},
	}
}

// oddFields are what stands in records.
func oddFields() []oddRow {
	var rows []oddRow
	for _, field := range []string{
		"userIdentity", "eventTime", "eventID", "requestID", "readOnly", "managementEvent", "eventCategory", "recipientAccountId", "eventType", "eventVersion",
		"sourceIPAddress", "userAgent", "requestParameters", "responseElements", "errorCode", "errorMessage", "resources", "awsRegion", "additionalEventData", "tlsDetails",
	} {
		rows = append(rows, oddRow{name: field + " is null", stored: `{"eventName":"A","eventSource":"s","` + field + `":null}`, want: "A"})
		for _, value := range []string{`"text"`, `"{\"a\":1}"`, `12345678901234567890`, `true`, `["x",1]`, `{"a":{}}`, `""`, `{}`, `[]`, `0.0`} {
			rows = append(rows, oddRow{name: field + " is " + value, stored: `{"eventName":"A","eventSource":"s","` + field + `":` + value + `}`, want: "A"})
		}
	}
	for _, at := range []string{"ThisIsAWrongEventTime", "redacted", "...", ""} {
		rows = append(rows, oddRow{name: "time " + at, stored: `{"eventName":"A","eventTime":"` + at + `"}`, want: "A", see: timed(false)})
	}
	for _, at := range []string{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123Z", "2021-01-01 00:00:00.000000000", "2026-01-02t03:04:05z", " 2026-01-02 03:04:05 "} {
		rows = append(rows, oddRow{name: "time " + at, stored: `{"eventName":"A","eventTime":"` + at + `"}`, want: "A", see: timed(true)})
	}
	for _, kind := range []string{
		"AwsApiCall", "AwsServiceEvent", "AwsConsoleAction", "AwsConsoleSignIn", "AwsCloudTrailInsight", "AwsVpceEvent", "AwsVpceEvents", "AwsAggregatedEvent", "Rds Data Service", "AwsMcpEvent",
	} {
		rows = append(rows, oddRow{name: kind, stored: record("A", `,"eventType":"`+kind+`"`), want: "A", see: leaf(source.LeafEventType, kind)})
	}
	for _, ip := range []string{"s3.amazonaws.com", "AWS Internal", "AWS Internal/3", "81.2.69.142, 192.168.10.10", "192.0.2.0/24", "30.*.0.210", "aws.internal", "", "2001:db8::1"} {
		rows = append(rows, oddRow{name: "address " + ip, stored: record("A", `,"sourceIPAddress":"`+ip+`"`), want: "A", see: leaf(source.LeafSourceIP, ip)})
	}
	for name, identity := range map[string]string{
		"no type": `{"accountId":"1","invokedBy":"s3.amazonaws.com"}`, "only a type": `{"type":"AWSService"}`, "empty texts": `{"type":"IAMUser","arn":"","accessKeyId":"","userName":""}`,
		"misspelled": `{"type":"IAMUser","accesKeyId":"AKIA"}`, "empty objects": `{"type":"AssumedRole","sessionContext":{"sessionIssuer":{},"webIdFederationData":{},"attributes":{}}}`,
		"unknown": `{"type":"Unknown","onBehalfOf":{"userId":"u"},"credentialId":"c","inScopeOf":{},"sessionContext":{"ec2RoleDelivery":"2.0"}}`,
		"text":    `"text"`, "a list": `[1]`, "MFA as text": `{"type":"Root","sessionContext":{"attributes":{"mfaAuthenticated":"true","creationDate":"20131102T010628Z"}}}`,
		"another account": `{"type":"AWSAccount","accountId":"999999999999"}`,
	} {
		rows = append(rows, oddRow{name: "identity: " + name, stored: record("A", `,"recipientAccountId":"111122223333","userIdentity":`+identity), want: "A"})
	}
	return append(rows, oddValues()...)
}

func oddValues() []oddRow {
	return []oddRow{
		{name: "eventId with a small d", stored: `{"eventId":"i","eventCategory":"Aggregated","timeWindow":{"windowStart":"2026-01-02T03:04:05Z"},"summary":{}}`, see: timed(true)},
		{name: "no eventName, no eventSource", stored: `{"eventVersion":"1.08","eventID":"i","eventTime":"2026-01-02T03:04:05Z"}`, see: timed(true)},
		{name: "a code without a message", stored: record("A", `,"errorCode":"AccessDenied"`), want: "A", see: outcome("denied")},
		{name: "a message without a code", stored: record("ConsoleLogin", `,"errorMessage":"Failed authentication","responseElements":{"ConsoleLogin":"Failure"}`), want: "ConsoleLogin", see: outcome("failed")},
		{name: "a code of success", stored: record("A", `,"errorCode":"200"`), want: "A", see: leaf(source.LeafErrorCode, "200")},
		{name: "new fields", stored: record("A", `,"addendum":{"reason":"DELIVERY_DELAY"},"eventContext":{"tags":[]},"edgeDeviceDetails":{},"vpcEndpointAccountId":"1","tlsDetails":{"keyExchange":"x"},"whatEver":{"a":[{}]}`), want: "A", see: leaf(source.LeafAddendumReason, "DELIVERY_DELAY")},
		{name: "a Region that does not exist", stored: record("A", `,"awsRegion":"sagov-westsouth-1r","recipientAccountId":"123456789"`), want: "A", see: leaf(source.LeafAWSRegion, "sagov-westsouth-1r")},
		{name: "other partitions", stored: record("A", `,"resources":[{"ARN":"arn:aws-us-gov:s3:::b"},{"ARN":"arn:aws-cn:s3:::b"}]`), want: "A", see: resources("arn:aws-us-gov:s3:::b", "arn:aws-cn:s3:::b")},
		{name: "masked ids", stored: record("A", `,"userIdentity":{"accessKeyId":"AKIA****************"}`), want: "A", see: leaf(source.LeafIdentityKey, "AKIA****************")},
		{name: "ARNPrefix, no account, no type", stored: record("A", `,"resources":[{"type":"T","ARNPrefix":"arn:aws:s3:::b/"},{"ARN":"arn:aws:s3:::b"},null,1]`), want: "A", see: resources("arn:aws:s3:::b/", "arn:aws:s3:::b")},
		{name: "odd keys", stored: record("A", `,"requestParameters":{"aws:s3:arn":"arn:aws:s3:::x","x-amz-id-2":1,"_return":{},":uid":"","*":[],"a b":"c","a.b":"d","":0}`), want: "A", see: resources("arn:aws:s3:::x")},
		{name: "numbers as written", stored: record("A", `,"requestParameters":{"a":0.0,"b":9007199254740993,"c":1e400,"d":-0,"e":1688990082523,"f":"Jul 10, 2023 12:19:33\u202fPM"}`), want: "A"},
		{name: "text of all kinds", stored: record("A", `,"userAgent":"한국어 😀 \n\t \u001b[31m é","requestParameters":{"policyDocument":"{\n \"Version\": \"2012-10-17\"}"}`), want: "A", see: leaf(source.LeafUserAgent, "한국어 😀 \n\t \x1b[31m é")},
		{name: "removed texts", stored: record("A", `,"requestParameters":{"x":"HIDDEN_DUE_TO_SECURITY_REASONS","y":"***","z":"<REDACTED>"}`), want: "A"},
		{name: "userAgent as a list", stored: record("A", `,"userAgent":["a","b"]`), want: "A"},
		{name: "booleans as texts", stored: record("A", `,"readOnly":"false","managementEvent":"true","sessionCredentialFromConsole":true`), want: "A", see: leaf(source.LeafReadOnly, "false")},
		{name: "250 KB", stored: record("A", `,"requestParameters":{"x":"`+strings.Repeat("y", 250<<10)+`"}`), want: "A"},
		{name: "15 MB", stored: record("A", `,"requestParameters":{"x":"`+strings.Repeat("y", 15<<20)+`"}`) + event("B"), want: "A B"},
		{name: "50 keys, 11 levels, 200 elements", stored: record("A", `,"requestParameters":`+deep(11)), want: "A"},
		{name: "999 levels", stored: record("A", `,"requestParameters":`+strings.Repeat("[", 999)+strings.Repeat("]", 999)), want: "A"},
	}
}

// deep is an object with so many levels, of 50 keys and lists of 200 elements.
func deep(levels int) string {
	if levels == 0 {
		return "[" + strings.Repeat("1,", 199) + "1]"
	}
	var b strings.Builder
	for i := range 49 {
		fmt.Fprintf(&b, `"k%d":%d,`, i, i)
	}
	return "{" + b.String() + `"deeper":` + deep(levels-1) + "}"
}

// Every odd shape gives its records, and what is derived of them is no trouble. Events repeated, late, out of order and in
// the next day's folder are the store's matter (tui/cli).
func TestOddShapes(t *testing.T) {
	for _, row := range append(oddContainers(t), oddFields()...) {
		t.Run(row.name, func(t *testing.T) {
			var d source.Decoder
			var got []string
			for e := range d.Events(strings.NewReader(row.stored)) {
				got = append(got, string(e.Text(source.LeafEventName)))
				if !json.Valid(e.Raw) {
					t.Errorf("not JSON: %.200s", e.Raw)
				}
				if e.Flags&source.Reconstructed == 0 && !row.damaged && !strings.Contains(row.stored, string(e.Raw)) && e.Span.Form == source.FormPlain && row.stored[0] != 0x1f {
					t.Errorf("not as delivered: %.200s", e.Raw)
				}
				e.Principal()
				e.Outcome()
				e.Service()
				e.Name()
				e.ReadOnly()
				e.Category()
				e.MFA()
				e.AgentFamily()
				if row.see != nil {
					row.see(t, e)
				}
			}
			s := d.Stats()
			if names := strings.TrimSpace(strings.Join(got, " ")); names != row.want || (s.Damage != "") != row.damaged || s.Other != row.other {
				t.Errorf("events %.200q, want %.200q; %+v", names, row.want, s)
			}
			if row.see != nil && len(got) == 0 {
				t.Error("no event")
			}
		})
	}
}

// A bad file leaves nothing behind in a decoder: the good one beside it comes in.
func TestGoodFilesBesideOddOnes(t *testing.T) {
	var d source.Decoder
	for _, row := range append(oddContainers(t), oddFields()...) {
		for range d.Events(strings.NewReader(row.stored)) {
		}
		var got []string
		for e := range d.Events(strings.NewReader(`{"Records":[` + event("A") + `,` + event("B") + `]}`)) {
			got = append(got, string(e.Text(source.LeafEventName)))
		}
		if s := d.Stats(); fmt.Sprint(got) != "[A B]" || s.Damage != "" || s.Skipped > 0 || s.Salvaged > 0 {
			t.Errorf("behind %s: %q, %+v", row.name, got, s)
		}
	}
}
