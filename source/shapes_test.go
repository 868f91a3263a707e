package source_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/demo"
)

// manyRecords are 200 generated records as CloudTrail delivers them.
func manyRecords(tb testing.TB) (records []string) {
	tb.Helper()
	d := demo.New(demo.Options{Seed: 7, Events: 2000})
	var dec source.Decoder
	for f, err := range d.List(tb.Context()) {
		if err != nil {
			tb.Fatal(err)
		}
		obj, err := d.Open(tb.Context(), f)
		if err != nil {
			tb.Fatal(err)
		}
		for e := range dec.Events(obj.Body) {
			if len(records) < 200 {
				records = append(records, string(e.Raw))
			}
		}
		if err := obj.Body.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	if len(records) != 200 {
		tb.Fatalf("%d records", len(records))
	}
	return records
}

type object = map[string]any

func marshal(tb testing.TB, v any) string {
	tb.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// each writes every record by itself, line by line.
func each(tb testing.TB, records []string, wrap func(record string) any) string {
	tb.Helper()
	var b strings.Builder
	for _, r := range records {
		b.WriteString(marshal(tb, wrap(r)) + "\n")
	}
	return b.String()
}

// list is a list of wrapped records.
func list(records []string, wrap func(record string) any) (all []any) {
	for _, r := range records {
		all = append(all, wrap(r))
	}
	return all
}

func message(record string) any {
	return object{"id": "1", "timestamp": 1767323045678, "message": record}
}

func raw(record string) json.RawMessage { return json.RawMessage(record) }

func inGzip(tb testing.TB, content string) string {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(content)); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func utf16Text(text string, order binary.AppendByteOrder) string {
	out := order.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func table(tb testing.TB, comma rune, header []string, rows [][]string) string {
	tb.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = comma
	if err := w.WriteAll(append([][]string{header}, rows...)); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// delivered writes records in every shape that keeps them as delivered.
func delivered(tb testing.TB, records []string) map[string]string {
	tb.Helper()
	payload := func(records []string) object {
		return object{"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "g", "logEvents": list(records, message)}
	}
	bridge := func(r string) any {
		return object{"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": raw(r)}
	}
	lookup := func(r string) any { return object{"EventId": "1", "CloudTrailEvent": r} }
	control := marshal(tb, object{"messageType": "CONTROL_MESSAGE", "logEvents": []any{message("CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.")}})
	var lines, tail, rows strings.Builder
	for _, r := range records {
		lines.WriteString("2026-01-02T03:04:05.678Z " + r + "\n")
		tail.WriteString("2026-01-02T03:04:05.678000+00:00 1_CloudTrail_us-east-1 " + r + "\n")
	}
	rows.WriteString(`{"results":[`)
	for i, r := range records {
		if i > 0 {
			rows.WriteByte(',')
		}
		rows.WriteString(marshal(tb, []any{object{"field": "@timestamp", "value": "x"}, object{"field": "@message", "value": r}, object{"field": "@ptr", "value": "p"}}))
	}
	rows.WriteString(`],"status":"Complete"}`)
	cells := func(header []string, cell int) string {
		var all [][]string
		for _, r := range records {
			row := make([]string, len(header))
			row[cell] = r
			all = append(all, row)
		}
		return table(tb, ',', header, all)
	}
	trail := marshal(tb, object{"Records": list(records, func(r string) any { return raw(r) })})
	z, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	half := len(records) / 2
	return map[string]string{
		"EventBridge lines":          each(tb, records, bridge),
		"EventBridge list":           marshal(tb, list(records, bridge)),
		"subscription":               marshal(tb, payload(records)),
		"subscription, concatenated": marshal(tb, payload(records[:half])) + control + marshal(tb, payload(records[half:])),
		"subscription in a list":     marshal(tb, []any{object{"data": payload(records)}}),
		"subscription in base64":     marshal(tb, object{"awslogs": object{"data": base64.StdEncoding.EncodeToString([]byte(inGzip(tb, marshal(tb, payload(records)))))}}),
		"gzip inside gzip":           inGzip(tb, inGzip(tb, marshal(tb, payload(records)))),
		"filter-log-events":          marshal(tb, object{"events": list(records, message), "searchedLogStreams": []any{}}),
		"get-query-results":          rows.String(),
		"export task":                lines.String(),
		"logs tail":                  tail.String(),
		"Kinesis": marshal(tb, object{"Records": list(records, func(r string) any {
			return object{"SequenceNumber": "1", "Data": []byte(marshal(tb, bridge(r)))}
		})}),
		"Lambda of Kinesis": marshal(tb, object{"Records": list(records, func(r string) any {
			return object{"eventSource": "aws:kinesis", "eventName": "aws:kinesis:record", "kinesis": object{"data": []byte(r)}}
		})}),
		"Firehose transformation": marshal(tb, object{"invocationId": "i", "records": list(records, func(r string) any { return object{"recordId": "1", "data": []byte(r)} })}),
		"SQS with SNS with EventBridge": marshal(tb, object{"Messages": list(records, func(r string) any {
			return object{"MessageId": "1", "ReceiptHandle": "h", "Body": marshal(tb, object{"Type": "Notification", "TopicArn": "t", "Message": marshal(tb, bridge(r))})}
		})}),
		"Elasticsearch result": marshal(tb, object{"took": 1, "hits": object{"total": object{"value": 200}, "hits": list(records, func(r string) any {
			return object{"_index": "i", "_source": object{"event": object{"original": r, "action": "x", "provider": "y"}, "message": "text"}}
		})}}),
		"Elasticsearch dump": each(tb, records, func(r string) any { return object{"_source": object{"event.original": r, "event.action": "x"}} }),
		"Elasticsearch fields": each(tb, records, func(r string) any {
			return object{"_id": "1", "fields": object{"event.original": []string{r}}}
		}),
		"Splunk export": each(tb, records, func(r string) any {
			return object{"preview": false, "offset": 0, "result": object{"_raw": r, "_time": "t", "eventName": "A", "host": "h"}}
		}),
		"Splunk results":       marshal(tb, object{"preview": false, "results": list(records, func(r string) any { return object{"_raw": r} })}),
		"Splunk collector":     each(tb, records, func(r string) any { return object{"time": 1.5, "sourcetype": "aws:cloudtrail", "event": raw(r)} }),
		"Splunk table":         cells([]string{"_time", "_raw", "host"}, 1),
		"Datadog list":         marshal(tb, object{"data": list(records, func(r string) any { return object{"id": "1", "attributes": object{"service": "s", "message": r}} })}),
		"Logstash":             each(tb, records, func(r string) any { return object{"@timestamp": "t", "@version": "1", "message": r} }),
		"input.message":        each(tb, records, func(r string) any { return object{"input": object{"message": r}} }),
		"fluentd":              each(tb, records, func(r string) any { return object{"log": r + "\n", "stream": "stdout"} }),
		"strings":              each(tb, records, func(r string) any { return r }),
		"list of strings":      marshal(tb, list(records, func(r string) any { return r })),
		"strings of strings":   each(tb, records, func(r string) any { return marshal(tb, r) }),
		"OCSF with raw_data":   each(tb, records, func(r string) any { return object{"class_uid": 6003, "metadata": object{}, "raw_data": r} }),
		"Lake table":           cells([]string{"eventTime", "eventName", "eventJson"}, 2),
		"Lake result":          marshal(tb, object{"QueryStatus": "FINISHED", "QueryResultRows": list(records, func(r string) any { return []any{object{"eventtime": "t"}, object{"eventjson": r}} })}),
		"CloudWatch table":     cells([]string{"timestamp", "message"}, 1),
		"table of one column":  cells([]string{"eventjson"}, 0),
		"UTF-16 little endian": utf16Text(marshal(tb, object{"Events": list(records, lookup)}), binary.LittleEndian),
		"UTF-16 big endian":    utf16Text(trail, binary.BigEndian),
		"byte order mark":      "\ufeff" + trail,
		"zstd":                 string(z.EncodeAll([]byte(trail), nil)),
		"zstd, two frames":     string(z.EncodeAll([]byte(strings.Join(records[:half], "\r\n")), nil)) + string(z.EncodeAll([]byte("\r\n"+strings.Join(records[half:], "\r\n")), nil)),
	}
}

// kept is what is compared of an event.
type kept struct {
	Raw       string
	Leaves    map[source.Leaf]string
	Resources []string
	Flags     source.Flags
}

func keep(e *source.Event) kept {
	k := kept{Raw: string(e.Raw), Leaves: map[source.Leaf]string{}, Flags: e.Flags}
	for l := range source.NumLeaves {
		if text := e.Text(l); text != nil {
			k.Leaves[l] = string(text)
		}
	}
	for _, r := range e.Resources() {
		k.Resources = append(k.Resources, string(r))
	}
	return k
}

// readAll gives the events of a log file; each must be found again by its span.
func readAll(tb testing.TB, stored string) (events []kept, s source.Stats) {
	tb.Helper()
	content, err := io.ReadAll(source.NewContentReader(strings.NewReader(stored)))
	if err != nil {
		tb.Log("content:", err) // damage
	}
	var d source.Decoder
	var r source.Restorer
	last := int64(0)
	for e := range d.Events(strings.NewReader(stored)) {
		events = append(events, keep(e))
		at := e.Span
		if at.Offset < last || at.Offset+at.Length > int64(len(content)) {
			tb.Fatalf("span %+v lies before the one before it, or behind the end", at)
		}
		last = at.Offset
		r.Load(content[at.Offset:at.Offset+at.Length], at.Form)
		if found := r.Record(func(record []byte) bool { return bytes.Equal(record, e.Raw) }); found == nil {
			tb.Fatalf("record %d is not found at its span %+v", e.Position, at)
		}
	}
	if d.Err() != nil {
		tb.Fatal(d.Err())
	}
	return events, d.Stats()
}

// The same records in every shape that keeps them give the same events, byte by byte.
func TestShapesGiveRecordsAsDelivered(t *testing.T) {
	records := manyRecords(t)
	want, _ := readAll(t, `{"Records":[`+strings.Join(records, ",")+`]}`)
	for name, stored := range delivered(t, records) {
		got, s := readAll(t, stored)
		diff := ""
		if !reflect.DeepEqual(want, got) { // much faster than cmp
			diff = cmp.Diff(want, got)
		}
		if diff != "" || s.Content != source.ContentEvents || s.Skipped > 0 || s.Damage != "" {
			t.Errorf("%s: %d of %d events, %+v, -want +got:\n%.2000s", name, len(got), len(want), s, diff)
		}
	}
}

// However an odd file is cut, nothing breaks, and what comes in was in the whole.
func TestShapesCutAnywhere(t *testing.T) {
	records := manyRecords(t)[:3]
	for name, stored := range delivered(t, records) {
		known := map[string]bool{}
		for _, r := range records {
			known[r] = true
		}
		for cut := 0; cut < len(stored); cut += 1 + len(stored)/60 {
			events, _ := readAll(t, stored[:cut])
			for _, e := range events {
				if !known[e.Raw] && !strings.Contains(e.Raw, "\ufffd") {
					t.Errorf("%s cut at %d: %s", name, cut, e.Raw)
				}
			}
		}
	}
}

func TestProseIsNoDamagedLogFile(t *testing.T) {
	for _, text := range []string{
		"# JSON\n\nAn object looks like `{\"a\": 1}` and a list like [1].\n",
		"Some notes on JSON, {\"a\" 1, b: [",
		"package main\n\nconst event = `{\"eventName\": \"A\"}`\n",
		"<!-- page -->\n{\"eventName\": \"…\"}\n",
		"Usage of the tool\n\n tool --filter '{\"key\":\"value\"}'\n",
	} {
		events, s := readAll(t, text)
		if len(events) > 0 || s.Content != source.ContentOther || s.Other != "text" || s.Damage != "" {
			t.Errorf("%q: %d events, %+v", text, len(events), s)
		}
	}
	events, s := readAll(t, "# an incident\n\n```\n"+event("A")+"\n```\n")
	if len(events) != 1 || s.Salvaged != 1 {
		t.Errorf("a record in a page: %d events, %+v", len(events), s)
	}
}

func TestPackedBombIsRefused(t *testing.T) {
	bomb := base64.StdEncoding.EncodeToString([]byte(inGzip(t, `{"logEvents":["`+strings.Repeat("0", 64<<20)+`"]}`)))
	content := fmt.Sprintf(`{"awslogs":{"data":%q}}`, bomb) + "\n" + event("A")
	events, s := readAll(t, content)
	if len(events) != 1 || s.Skipped != 1 || s.Problems[0].Reason != "more than 16 MB are packed into it" {
		t.Errorf("%d events, %+v", len(events), s)
	}
}
