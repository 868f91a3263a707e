package source_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

// decode gives the names of the events of a log file, and what became of it.
func decode(t *testing.T, content string) (names []string, s source.Stats) {
	t.Helper()
	var d source.Decoder
	for e := range d.Events(strings.NewReader(content)) {
		if e.Position != len(names) {
			t.Errorf("position %d of event %d", e.Position, len(names))
		}
		names = append(names, string(e.Text(source.LeafEventName)))
	}
	if err := d.Err(); err != nil {
		t.Error(err)
	}
	return names, d.Stats()
}

// event is a small record with an array, an object and a string full of brackets.
func event(name string) string {
	return `{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-01-02T03:04:05Z",` +
		`"eventSource":"s3.amazonaws.com","eventName":"` + name + `","requestParameters":{"policy":"{[\"]","list":[{"a":1}]},` +
		`"eventID":"` + name + `","resources":[{"ARN":"arn:aws:s3:::` + name + `"}]}`
}

func TestEveryContainerGivesItsEvents(t *testing.T) {
	a, b := event("A"), event("B")
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, `/`, `\/`)
	item := func(record string) string {
		return `{"EventId":"1","EventName":"x","EventTime":1.5,"CloudTrailEvent":"` + quoted.Replace(record) + `","Resources":[{"ResourceName":"r"}]}`
	}
	pretty := strings.NewReplacer(`,"`, ",\r\n\t\"", `":`, `" : `, `{"`, "{\n\"", `}`, "\n}").Replace
	for name, content := range map[string]string{
		"trail file":                     `{"Records":[` + a + `,` + b + `]}`,
		"trail file and line break":      `{"Records":[` + a + `,` + b + "]}\n",
		"Records after other keys":       `{"NextToken":"x","n":{"Records":[]},"Records":[` + a + `,` + b + `]}`,
		"Records before other keys":      `{"Records":[` + a + `,` + b + `],"n":{"Records":[{"eventName":"no"}]},"m":null}`,
		"Records, escaped key":           `{"\u0052ecords":[` + a + `,` + b + `]}`,
		"pretty":                         pretty(`{"Records":[` + a + `, ` + b + `]}`),
		"array":                          `[` + a + ` , ` + b + `]`,
		"JSON lines":                     a + "\n" + b + "\n",
		"JSON lines, blank lines":        "\n" + a + "\r\n\r\n" + b + "\n\n",
		"concatenated":                   a + b,
		"concatenated containers":        `{"Records":[` + a + `]}{"Records":[]}{"Records":[` + b + `]}`,
		"byte order mark":                "\ufeff" + `[` + a + `,` + b + `]`,
		"lookup-events":                  `{"Events":[` + item(a) + `,` + item(b) + `],"NextToken":"t"}`,
		"lookup-events, NextToken first": `{"NextToken":"t","Events":[` + item(a) + `,` + item(b) + `]}`,
		"lookup-events items as lines":   item(a) + "\n" + item(b),
		"Events with plain records":      `{"Events":[` + a + `,` + b + `]}`,
	} {
		got, s := decode(t, content)
		if diff := cmp.Diff([]string{"A", "B"}, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if s.Damage != "" || s.Salvaged != 0 || s.Skipped != 0 || s.Content != source.ContentEvents || s.Bytes != int64(len(content)) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestFilesWithoutEvents(t *testing.T) {
	for content, want := range map[string]source.Stats{
		``:               {},
		" \n":            {},
		`[]`:             {},
		`{"Records":[]}`: {},
		`{"Events":[]}`:  {},
		`{"digestS3Object":"x","logFiles":[{"s3Object":"y"}]}`: {Content: source.ContentDigest},
		`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":"t"}]}`: {
			Content: source.ContentOther, Other: "S3 notification",
		},
		`{"Records":[{"eventID":"1","eventVersion":"1.1","eventSource":"aws:dynamodb","eventName":"INSERT","dynamodb":{}}]}`: {
			Content: source.ContentOther, Other: "DynamoDB stream record",
		},
		`{"Type":"Notification","TopicArn":"arn","Message":"x"}`:          {Content: source.ContentOther, Other: "SNS notification"},
		`{"detail-type":"x","detail":{"eventName":"A"}}`:                  {Content: source.ContentOther, Other: "EventBridge event that is no CloudTrail record"},
		`{"messageType":"DATA_MESSAGE","logEvents":[{"message":"{}"}]}`:   {Content: source.ContentOther, Other: "log message that is no CloudTrail record"},
		`{"class_uid":3005,"metadata":{}}`:                                {Content: source.ContentOther, Other: "OCSF record"},
		`{"PublicKeyList":[]}`:                                            {Content: source.ContentOther, Other: "public keys of CloudTrail"},
		`{"a":1}`:                                                         {Content: source.ContentOther, Other: "JSON without CloudTrail records"},
		`[17]`:                                                            {Content: source.ContentOther, Other: "JSON without CloudTrail records"},
		"version https://git-lfs.github.com/spec/v1\noid sha256:0\n":      {Content: source.ContentOther, Other: "Git LFS pointer"},
		"2 123456789010 eni-1 1.2.3.4 5.6.7.8 1 2 6 20 4 1 2 ACCEPT OK\n": {Content: source.ContentOther, Other: "VPC flow logs"},
		"%PDF-1.7\n": {Content: source.ContentOther, Other: "PDF"},
		"PK\x03\x04": {Content: source.ContentOther, Other: "zip"},
		"2026-01-02T03:04:05.678Z {\"eventName\":\"A\"}\n": {Content: source.ContentOther, Other: "JSON without CloudTrail records"},
		"2026-01-02T03:04:05.678Z started {\"pid\": 7}\n":  {Content: source.ContentOther, Other: "JSON without CloudTrail records"},
		"hello":         {Content: source.ContentOther, Other: "text"},
		"hello {\"a\"}": {Content: source.ContentOther, Other: "text"},
		"\x00\x00":      {Damage: "not valid JSON at byte 0: a value should stand here"},
	} {
		names, got := decode(t, content)
		want.Bytes = int64(len(content))
		if diff := cmp.Diff(want, got); diff != "" || names != nil {
			t.Errorf("%.40q: %v, -want +got:\n%s", content, names, diff)
		}
	}
}

func TestWhatCountsAsAnEvent(t *testing.T) {
	for record, want := range map[string]bool{
		`{"eventName":"A","eventTime":"t"}`:                       true,
		`{"eventName":null,"eventSource":null}`:                   true,
		`{"eventName":"A"}`:                                       false,
		`{"eventTime":"t","eventSource":"s"}`:                     false,
		`{"eventVersion":"1","eventID":"i"}`:                      true,
		`{"eventVersion":"1","eventId":"i"}`:                      false,
		`{"eventType":"AwsCloudTrailInsight"}`:                    true,
		`{"eventId":"i","eventCategory":"Aggregated"}`:            true,
		`{"a":{"eventName":"A","eventTime":"t"}}`:                 false,
		`{"eventName":"A","eventTime":"t","eventSource":"aws:x"}`: false,
	} {
		names, s := decode(t, `[`+event("X")+`,`+record+`]`)
		if got := len(names) == 2; got != want || s.Skipped != 2-len(names) {
			t.Errorf("%s is an event: %v, want %v; %+v", record, got, want, s)
		}
	}
}

func TestSkippedRecordsAreNamed(t *testing.T) {
	content := `[` + event("A") + `,{"a":1},{"CloudTrailEvent":"{"},{"CloudTrailEvent":"{}"}]`
	_, s := decode(t, content)
	at := int64(len(event("A")) + 2)
	want := []source.Problem{
		{Offset: at, Reason: "no CloudTrail record: JSON without CloudTrail records"},
		{Offset: at + 8, Reason: "CloudTrailEvent is not valid JSON at its byte 1: unexpected end"},
		{Offset: at + 32, Reason: "CloudTrailEvent holds no CloudTrail record"},
	}
	if diff := cmp.Diff(want, s.Problems); diff != "" || s.Skipped != 3 || s.Damage != "" {
		t.Errorf("%+v, -want +got:\n%s", s, diff)
	}
	_, s = decode(t, `[`+event("A")+strings.Repeat(`,{}`, 50)+`]`)
	if s.Skipped != 50 || len(s.Problems) != 20 {
		t.Errorf("%d skipped, %d told", s.Skipped, len(s.Problems))
	}
}

func TestReadErrorEndsTheFile(t *testing.T) {
	broken := errors.New("connection reset")
	for _, head := range []string{"", `{"Records":[` + event("A") + `,{"eventName`} {
		var d source.Decoder
		n := 0
		for range d.Events(io.MultiReader(strings.NewReader(head), iotest.ErrReader(broken))) {
			n++
		}
		if !errors.Is(d.Err(), broken) || d.Stats().Damage != "" {
			t.Errorf("err %v, %+v", d.Err(), d.Stats())
		}
		for range d.Events(strings.NewReader(event("B"))) {
			n += 10
		}
		if d.Err() != nil || n != 10 && n != 11 {
			t.Errorf("the next file: err %v, %d", d.Err(), n)
		}
	}
}

func TestLeavingTheLoopIsFine(t *testing.T) {
	var d source.Decoder
	for range d.Events(strings.NewReader(event("A") + `,` + event("B"))) {
		break
	}
	if s := d.Stats(); s.Events != 1 || d.Err() != nil {
		t.Errorf("%+v, err %v", s, d.Err())
	}
}
