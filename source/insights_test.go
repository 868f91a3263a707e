package source_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

func insights(fields ...string) string {
	var cells []string
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		cells = append(cells, `{"field":"`+name+`","value":"`+value+`"}`)
	}
	return "[" + strings.Join(cells, ",") + "]"
}

// Rows of CloudWatch Logs Insights are records as far as they tell of one event.
func TestInsightsRows(t *testing.T) {
	whole := insights("@timestamp=2026-01-02 03:04:05.678", "eventName=A", "eventSource=s", "requestParameters.bucketName=b",
		"resources.0.ARN=arn:aws:s3:::b", "resources.1.ARN=arn:aws:s3:::c", "requestParameters.list.1=x", "count(*)=3", "@ptr=p")
	events, s := readAll(t, `{"results":[`+whole+`]}`)
	const want = `{"eventTime":"2026-01-02 03:04:05.678","eventSource":"s","eventName":"A","requestParameters":{"bucketName":"b","list":{"1":"x"}},` +
		`"resources":[{"ARN":"arn:aws:s3:::b"},{"ARN":"arn:aws:s3:::c"}]}`
	if len(events) != 1 || sameJSON(t, events[0].Raw) != sameJSON(t, want) || events[0].Flags&source.Reconstructed == 0 || s.Skipped > 0 {
		t.Errorf("%+v, %+v, want %s", events, s, want)
	}
	for name, stored := range map[string]string{
		"one row as a list": whole, "rows as a list": "[" + whole + "]", "rows as lines": whole + "\n" + whole, "spread over lines": "[\n  {\n    \"field\": \"@message\",\n" +
			`"value": "{\"eventName\":\"A\",\"eventTime\":\"t\"}" } ]`,
	} {
		if events, s := readAll(t, stored); len(events) == 0 || names(events[:1]) != "A" || s.Skipped > 0 || s.Damage != "" {
			t.Errorf("%s: %+v, %+v", name, events, s)
		}
	}
	for name, row := range map[string]string{
		"a count": insights("eventName=A", "eventSource=s", "userIdentity.arn=u", "count(*)=3"),
		"no name": insights("@timestamp=2026-01-02 03:04:05.678", "eventSource=s", "awsRegion=r"),
		"two":     insights("@timestamp=2026-01-02 03:04:05.678", "eventName=A"),
		"logs":    insights("@timestamp=2026-01-02 03:04:05.678", "@message=hello", "@logStream=s"),
	} {
		if events, s := readAll(t, `{"results":[`+row+`]}`); len(events) > 0 || s.Content != source.ContentOther || s.Skipped > 0 {
			t.Errorf("%s: %+v, %+v", name, events, s)
		}
	}
	cut := `{"results":[` + whole + `,` + insights("@timestamp=x", `@message={\"eventName\":\"B\",\"eventTime\":\"t\"}`)
	if events, s := readAll(t, cut[:len(cut)-1]); names(events) != "A B" || s.Damage == "" {
		t.Errorf("a cut row: %q, %+v", names(events), s)
	}
	odd := insights("eventTime=t", "eventName=A", "eventSource=s", "..=x", "requestParameters..=x", "eventName.x=y", "userIdentity=u", "userIdentity.arn=a", "resources.0=x")
	if events, _ := readAll(t, odd); names(events) != "A" {
		t.Errorf("odd fields: %+v", events)
	}
}

// What must be read as a tree has no limit of bytes but of values, since those cost memory.
func TestTreesAreBoundedByValues(t *testing.T) {
	long := `{"eventName":"L","eventTime":"t","eventName":"L","requestParameters":"` + strings.Repeat("x", 10<<20) + `"}`
	many := `{"eventName":"M","eventTime":"t","eventName":"M","requestParameters":[` + strings.Repeat("1,", 600_000) + `1]}`
	within(t, 600<<20, func() {
		wantFile(t, "repeated keys", long+"\n"+many+"\n"+event("B"), "L B", "", "more than 524,288 values, with repeated keys or of a rare kind")
	})
}

// sameJSON writes JSON in one way.
func sameJSON(t *testing.T, text string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return marshal(t, v)
}
