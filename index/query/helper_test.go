package query_test

import (
	"testing"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

// now is what "now" means in these tests.
var now = time.Date(2026, 7, 15, 12, 30, 0, 0, time.UTC)

func options() query.Options {
	return query.Options{Now: now, End: time.Date(2026, 7, 10, 0, 0, 0, 0, time.UTC)}
}

func schema() query.Schema {
	return query.Schema{
		{Name: "time", Kind: query.Time, Help: "when"},
		{Name: "event", Aliases: []string{"name", "eventName"}, Help: "what"},
		{Name: "service", Aliases: []string{"source", "eventSource"}, Help: "eventSource without .amazonaws.com"},
		{Name: "user", Aliases: []string{"principal", "who"}, Help: "who", Parts: []string{"role", "session"}},
		{Name: "role", Help: "role name"},
		{Name: "session", Help: "role session name"},
		{Name: "arn", Help: "userIdentity.arn"},
		{Name: "account", Help: "recipientAccountId"},
		{Name: "key", Aliases: []string{"accessKey"}, Help: "access key"},
		{Name: "ip", Aliases: []string{"from"}, Kind: query.IP, Help: "sourceIPAddress"},
		{Name: "error", Help: "errorCode"},
		{Name: "readonly", Kind: query.Bool, Help: "readOnly"},
		{Name: "resource", Kind: query.Multi, Help: "what it was done to"},
		{Name: "id", Aliases: []string{"eventID"}, Kind: query.ID, Help: "eventID"},
	}
}

func parse(tb testing.TB, text string) query.Node {
	tb.Helper()
	n, err := query.Parse(text, schema(), options())
	if err != nil {
		tb.Fatalf("Parse(%q): %v", text, err)
	}
	return n
}

// A record of the tests: fields as given, the rest from raw.
type record struct {
	fields map[string][]string
	time   time.Time
	raw    string
}

func (r record) Values(field string) (out [][]byte) {
	for _, v := range r.fields[field] {
		out = append(out, []byte(v))
	}
	return out
}

func (r record) Time() (time.Time, bool) { return r.time, !r.time.IsZero() }
func (r record) Raw() []byte             { return []byte(r.raw) }
