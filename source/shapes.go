package source

import (
	"bytes"
	"slices"
)

// A shape is a way that records lie inside a JSON object that is none itself. docs/shapes.md tells them all.
type shape struct {
	name string
	// read gives the records that lie in the object this way, and does nothing where it is of another shape.
	read func(u *unwrapper, m *members)
}

// allShapes are tried from the top; the first that gives a record is it. Records as delivered come before those that
// must be rebuilt, and keys that only one tool writes before those of many.
func allShapes() []shape {
	return []shape{
		{"lookup-events item", inKeys("CloudTrailEvent")},
		{"CloudWatch Logs control message", controlMessage},
		{"CloudWatch Logs Insights field", insightsField},
		{"Lake query result", lakeRows},
		{"EventBridge event", inKeys("detail")},
		{"CloudWatch Logs subscription", inKeys("logEvents", "awslogs")},
		{"Elasticsearch document", elasticOriginal},
		{"Splunk export", inKeys("_raw", "result", "results")},
		{"OCSF with the record", inKeys("raw_data", "raw_event")},
		{"queue message", inKeys("Body", "body", "Message", "Sns", "kinesis")},
		{"list of records", inKeys("Records", "records", "Events", "events", "Messages", "hits")},
		{"log event", inKeys("message", "@message", "log", "line", "raw", "content")},
		{"envelope", inKeys("data", "Data", "input", "event", "payload", "record", "jsonPayload")},
		{"Elasticsearch document, rebuilt", rebuildElastic},
		{"OCSF, rebuilt", rebuildOCSF},
		{"Datadog log, rebuilt", rebuildDatadog},
		{"attributes", inKeys("attributes")},
		{"record in lower case, rebuilt", rebuildColumns},
	}
}

// inKeys reads what stands at the first of the keys that holds something.
func inKeys(keys ...string) func(u *unwrapper, m *members) {
	return func(u *unwrapper, m *members) {
		before := u.found()
		for _, key := range keys {
			if v, ok := m.get(key); ok && u.found() == before {
				u.value(m.l, v.start, v.end)
			}
		}
	}
}

// controlMessage passes over what CloudWatch Logs sends to see whether anybody is there.
func controlMessage(u *unwrapper, m *members) {
	if v, ok := m.get("message"); ok && bytes.HasPrefix(m.l.text[v.start:v.end], []byte(`"CWL CONTROL MESSAGE`)) {
		u.quiet++
	}
}

// insightsField reads an element of a row of aws logs get-query-results whose row is damaged: the record is the value of
// @message.
func insightsField(u *unwrapper, m *members) {
	field, isField := m.get("field")
	value, hasValue := m.get("value")
	if !isField || m.count > 2 {
		return
	}
	u.quiet++
	if hasValue && m.text(field) == "@message" {
		u.value(m.l, value.start, value.end)
	} else if u.d.impl.other == "" {
		u.d.impl.other = "CloudWatch Logs Insights result without @message"
	}
}

// elasticOriginal reads the record that an ingest pipeline kept beside what it made of it.
func elasticOriginal(u *unwrapper, m *members) {
	before := u.found()
	inKeys("_source", "event.original")(u, m)
	for _, key := range []string{"event", "fields"} {
		if v, ok := m.get(key); ok && u.found() == before && m.l.text[v.start] == '{' {
			inner := membersOf(m.l, v.start, v.end)
			inKeys("original", "event.original")(u, &inner)
		}
	}
}

// members are those of an object that a shape may ask for.
type members struct {
	l          *layer
	start, end int
	count      int // of all members
	found      []member
}

// A member is the value of a key.
type member struct {
	key        string
	start, end int
}

// membersOf goes over the object at start, which is valid.
func membersOf(l *layer, start, end int) members {
	m := members{l: l, start: start, end: end}
	s := scanner{text: l.text, n: l.n, badText: -1}
	for i, more := s.space(start+1), true; more && s.text[i] == '"'; {
		closing := s.str(i + 1)
		key := s.decoded(i+1, closing)
		from := s.colon(closing + 1)
		to := s.skip(from, 1)
		if to < 0 {
			break
		}
		m.count++
		if name, ok := shapeKeys[string(key)]; ok {
			m.found = append(m.found, member{name, from, to})
		}
		i, more = s.next(to, '}')
	}
	return m
}

// get is the value of a key, the last where it is repeated.
func (m *members) get(key string) (v member, ok bool) {
	for _, v := range slices.Backward(m.found) {
		if v.key == key {
			return v, true
		}
	}
	return v, false
}

func (m *members) has(key string) bool {
	_, ok := m.get(key)
	return ok
}

// text is what a string stands for, "" for any other value.
func (m *members) text(v member) string {
	if m.l.text[v.start] != '"' {
		return ""
	}
	return string(appendUnescaped(nil, m.l.text[v.start+1:v.end-1]))
}

// tree is the whole object, nil where it has too many values.
func (m *members) tree() *node {
	root, err := parseTree(m.l.text[m.start:m.end])
	if err != nil {
		return nil
	}
	return root
}

// shapeKeys are the keys that shapes ask for.
var shapeKeys = setOf(
	"CloudTrailEvent", "message", "field", "value", "QueryResultRows", "detail", "logEvents", "awslogs", "_source",
	"event.original", "event.action", "event", "fields", "original", "_raw", "result", "results", "raw_data", "raw_event", "Body", "body",
	"Message", "Sns", "kinesis", "Records", "records", "Events", "events", "Messages", "hits", "@message", "log", "line",
	"raw", "content", "data", "Data", "input", "payload", "record", "jsonPayload", "attributes", "class_uid", "evt",
	"eventname", "event_name", "EventName",
)

func setOf(keys ...string) map[string]string {
	set := make(map[string]string, len(keys))
	for _, key := range keys {
		set[key] = key
	}
	return set
}
