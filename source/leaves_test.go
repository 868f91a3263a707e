package source

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// one decodes content that holds one event.
func one(t *testing.T, content string) taken {
	t.Helper()
	events, stats := decodeAll(t, []byte(content), 0)
	if len(events) != 1 {
		t.Fatalf("%d events, %+v", len(events), stats)
	}
	return events[0]
}

// Every leaf is found at its path, and the scanner and the tree know the same paths.
func TestEveryLeafIsFound(t *testing.T) {
	found := map[Leaf]bool{}
	for _, row := range leafPaths {
		last := len(row.path) - 1
		text := `"` + row.path[last] + `" : "a\u0062"`
		for i := last - 1; i >= 0; i-- {
			text = `"` + row.path[i] + `":{"eventName":[],` + text + `,"x":{}}`
		}
		got := one(t, `{"eventName":null,"eventSource":null,`+text+`,"x":[]}`)
		if got.Leaves[row.leaf] != "ab" {
			t.Errorf("%s: %q", strings.Join(row.path, "."), got.Leaves[row.leaf])
		}
		found[row.leaf] = true
	}
	for _, elsewhere := range []Leaf{LeafInsightUser, LeafAggregatedUser, LeafResponseFailure, LeafRequestOmitted, LeafChannel} {
		found[elsewhere] = true
	}
	if len(found) != int(NumLeaves) {
		t.Errorf("%d leaves have a path, of %d", len(found), NumLeaves)
	}
}

func TestLeavesOfOddTypes(t *testing.T) {
	for value, want := range map[string]string{
		`"x"`: "x", `""`: "", `true`: "true", `-1.50E2`: "-1.50E2", `9007199254740993`: "9007199254740993",
		`null`: "-", `{}`: "-", `["x"]`: "-", `{"errorCode":"y"}`: "-",
	} {
		for _, prefix := range []string{"", `"x":1,`, `"errorCode":"before",`} { // a repeated key: the last one counts
			got := one(t, `{"eventName":"A","eventSource":"s",`+prefix+`"errorCode":`+value+`}`)
			text, ok := got.Leaves[LeafErrorCode]
			if ok != (want != "-") || ok && text != want {
				t.Errorf("errorCode %s%s: %q, %v", prefix, value, text, ok)
			}
		}
	}
}

func TestLeavesThatDependOnTheRecord(t *testing.T) {
	for content, want := range map[string]map[Leaf]string{
		`"responseElements":{"ConsoleLogin":"Failure"},"eventName":"ConsoleLogin"`:                         {LeafResponseFailure: "Failure"},
		`"eventName":"ConsoleLogin","responseElements":{"Other":"Failure","a":{"ConsoleLogin":"Failure"}}`: {},
		`"eventName":"A","requestParameters":{"omitted":true,"originalSize":1}`:                            {LeafRequestOmitted: "true"},
		`"eventName":"A","responseElements":{"omitted":"true"}`:                                            {LeafRequestOmitted: "true"},
		`"eventName":"A","requestParameters":{"a":{"omitted":true}}`:                                       {},
		`"eventName":"A","eventID":"1","eventId":"2"`:                                                      {LeafEventID: "1"},
		`"eventName":"A","eventID":null,"eventId":"2"`:                                                     {LeafEventID: "2"},
		`"insightDetails":{"insightContext":{"attributions":[{"attribute":"userAgent","insight":[{"value":"u"}]},{"attribute":"userIdentityArn","insight":[{"value":"v"},{"value":"w"}]}]}}`: {
			LeafInsightUser: "v",
		},
		`"summary":{"primaryDimension":{"dimension":"eventName","statistics":[{"name":"n"}]},"details":[{"dimension":"userIdentity","statistics":[{"name":"u","value":3}]}]}`: {
			LeafAggregatedUser: "u",
		},
		`"insightType":"T","insightState":"End","insightEventName":"n","insightEventSource":"s","insightContext":{"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"v"}]}]}`: {
			LeafInsightType: "T", LeafInsightState: "End", LeafInsightEventName: "n", LeafInsightEventSource: "s", LeafInsightUser: "v",
		},
		`"insightDetails":{"insightType":"T","state":"Start"},"insightType":"other"`: {LeafInsightType: "T", LeafInsightState: "Start"},
		`"eventName":"A","additionalEventData":{"omitted":true,"originalSize":"1"}`:  {LeafRequestOmitted: "true"},
		`"eventName":"A","serviceEventDetails":{"reason":"r","omitted":"true"}`:      {LeafRequestOmitted: "true"},
		`"summary":{"primaryDimension":"x","details":7},"insightDetails":[]`:         {},
	} {
		got := one(t, `{"eventType":"AwsCloudTrailInsight",`+content+`}`).Leaves
		for _, plain := range []Leaf{LeafEventType, LeafEventName} {
			delete(got, plain)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", content, diff)
		}
	}
}

func TestResourcesOfARecord(t *testing.T) {
	const arn = "arn:aws:iam::1:role/x"
	for content, want := range map[string][]string{
		`"requestParameters":{"a":"` + arn + `","b":["arn:aws:x:::y",{"c":"` + arn + `"}]}`:              {arn, "arn:aws:x:::y"},
		`"requestParameters":{"a":"arn\u003aaws:iam::1:role\/x"}`:                                        {arn},
		`"requestParameters":"` + arn + `"`:                                                              {arn},
		`"responseElements":{"instances":[{"id":"i-0123456789abcdef0"},{"id":"i-0123"}]}`:                {"i-0123456789abcdef0"},
		`"requestParameters":{"bucketName":"b","bucketNameX":"no"}`:                                      {"b"},
		`"requestParameters":{"tableName":"not of this service"}`:                                        nil,
		`"serviceEventDetails":{"a":{"b":"` + arn + `"}}`:                                                {arn},
		`"additionalEventData":{"a":"` + arn + `"},"tlsDetails":{"x":"` + arn + `"}`:                     nil,
		`"resources":[{"ARN":"x","type":"t","accountId":"1"},{"ARNPrefix":"y"},{"ARN":""},{"ARN":{}},7]`: {"x", "y"},
		`"resources":"` + arn + `"`:                                                                      nil,
		`"resources":[{"ARN":"x"}],"requestParameters":{"bucketName":"x","a":"` + arn + `"}`:             {"x", arn},
	} {
		for _, slow := range []string{"", `"x":0,`, `"eventTime":"","eventTime":"",`} { // repeated keys go to the tree
			got := one(t, `{`+slow+content+`,"eventName":"A","eventSource":"s3.amazonaws.com"}`)
			if diff := cmp.Diff(want, got.Resources); diff != "" {
				t.Errorf("%s%s: -want +got:\n%s", slow, content, diff)
			}
		}
	}
}

func TestManyResourcesAreCounted(t *testing.T) {
	list := strings.Repeat(`"arn:a:b:c:d:same",`, 10)
	for i := range 100 {
		list += `"arn:a:b:c:d:` + strings.Repeat("x", i) + `",`
	}
	got := one(t, `{"eventName":"A","eventTime":"","requestParameters":[`+list+`0]}`)
	if len(got.Resources) != 64 || got.More != 101-64 {
		t.Errorf("%d kept and %d more, want 64 and 37", len(got.Resources), got.More)
	}
}

func TestIssuedKeys(t *testing.T) {
	got := one(t, `{"eventName":"A","eventTime":"","requestParameters":{"accessKeyId":"AKIA0"},"responseElements":{`+
		`"credentials":{"accessKeyId":"ASIA1","sessionToken":"ASIA"},"accessKey":{"accessKeyId":"AKIA2"},"accessKeyId":"ASIA1","x":[{"accessKeyId":"no"}]}}`)
	if diff := cmp.Diff([]string{"ASIA1", "AKIA2"}, got.Issued); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestLookupItemKeepsOuterResources(t *testing.T) {
	const record = `{\"eventName\":\"A\",\"eventTime\":\"2026\",\"requestParameters\":{\"x\":\"arn:a:b:c:d:\\u0065\"}}`
	content := `{"Events":[{"EventName":"A","Username":"bob","CloudTrailEvent":"` + record +
		`","Resources":[{"ResourceType":"AWS::S3::Bucket","ResourceName":"bucket"},{"ResourceName":"arn:a:b:c:d:e"},{}]}]}`
	got := one(t, content)
	want := taken{
		Raw:       `{"eventName":"A","eventTime":"2026","requestParameters":{"x":"arn:a:b:c:d:\u0065"}}`,
		Span:      Span{Offset: int64(strings.Index(content, `{\"`)), Length: int64(len(record)), Form: FormString},
		Flags:     ReadOnlyGuessed,
		Leaves:    map[Leaf]string{LeafEventName: "A", LeafEventTime: "2026"},
		Resources: []string{"arn:a:b:c:d:e", "bucket"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if text, ok := Unescape(nil, []byte(content[want.Span.Offset:][:want.Span.Length])); !ok || string(text) != want.Raw {
		t.Errorf("the span gives %q, %v", text, ok)
	}
}

// The table of keys and the paths of the leaves say the same, and a key is found by its name alone.
func TestTableOfKeys(t *testing.T) {
	if len(knownKeys) > maxKnown {
		t.Fatalf("%d known keys, at most %d can be numbered", len(knownKeys), maxKnown)
	}
	for i, row := range knownKeys[1:] {
		if k := findKey(row.in, []byte(row.name)); int(k) != i+1 {
			t.Errorf("%s is found at %d, stands at %d", row.name, k, i+1)
		}
		if k := findKey(row.in, []byte(row.name+"x")); k != 0 {
			t.Errorf("%sx is found at %d", row.name, k)
		}
	}
}
