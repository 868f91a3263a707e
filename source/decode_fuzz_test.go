package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode holds the one-pass decoder against its slow twin and against itself with the smallest window, and checks
// what must be true of records out of damaged files.
func FuzzDecode(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	for _, pattern := range []string{"aws-docs-cloudtrail-user-guide/*.json", "aws-cli-examples/*.json", "plaso/*.jsonl"} {
		paths, _ := filepath.Glob("../../shared/data/" + pattern) // a good pattern; no such files, no seeds
		for _, path := range paths {
			if content, err := os.ReadFile(path); err == nil {
				f.Add(content)
			}
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var layers textLayers
		if in, _, _ := decompressor(bytes.NewReader(nil), content); in != nil || layers.fits(content) || sniff(content) != "" || isDocument(content) {
			return
		}
		events, stats := decodeAll(t, content, 0)
		small, smallStats := decodeAll(t, content, 1)
		if diff := cmp.Diff(events, small); diff != "" {
			t.Errorf("the size of the window matters (-large +small):\n%s", diff)
		}
		if diff := cmp.Diff(stats, smallStats); diff != "" {
			t.Errorf("the size of the window matters (-large +small):\n%s", diff)
		}
		checkAgainstTwin(t, content, events, stats)
		checkRecords(t, content, events)
	})
}

func checkAgainstTwin(t *testing.T, content []byte, events []taken, stats Stats) {
	t.Helper()
	twin, err := decodeTwin(content)
	var syntax *syntaxError
	switch {
	case errors.As(err, &syntax) && syntax.reason == "nested too deep":
		return
	case (err != nil || twin.badText) != (stats.Damage != ""):
		t.Errorf("damage %q, want one: %v (bad text: %v)", stats.Damage, err, twin.badText)
	case err != nil:
		return
	}
	for i := range events {
		events[i].Flags &^= Salvaged // text that is not UTF-8 is damage, and no matter here
	}
	if diff := cmp.Diff(twin.events, events); diff != "" {
		t.Errorf("not what the slow twin gives (-twin +fast):\n%s", diff)
	}
	if len(events) > 0 && twin.skipped != stats.Skipped {
		t.Errorf("skipped %d, the slow twin %d", stats.Skipped, twin.skipped)
	}
	if twin.content == ContentDigest && stats.Content != ContentDigest {
		t.Errorf("content %d is a digest", stats.Content)
	}
}

func checkRecords(t *testing.T, content []byte, events []taken) {
	t.Helper()
	var last, value int64
	for _, e := range events {
		from, to := e.Span.Offset, e.Span.Offset+e.Span.Length
		if from < last && from < value || to > int64(len(content)) {
			t.Fatalf("span %+v overlaps the one before or the end", e.Span)
		}
		if last = to; e.Span.Form == FormInside {
			value = from // others may be worked out from the same value, or lie in it
		}
		var r Restorer
		r.Load(content[from:to], e.Span.Form)
		record := r.Record(func(record []byte) bool { return string(record) == e.Raw })
		if record == nil || !json.Valid(record) {
			t.Errorf("record %d is not what stands at its span, or not JSON: %q", e.Position, e.Raw)
		}
	}
}

// FuzzStrict holds both readers of JSON against encoding/json: the same texts are valid, the same text is in them.
func FuzzStrict(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := parseTree(text)
		var syntax *syntaxError
		if errors.As(err, &syntax) && syntax.reason == "nested too deep" {
			return
		}
		if valid := json.Valid(text); valid != (err == nil) {
			t.Fatalf("encoding/json: %v; the tree: %v", valid, err)
		}
		var walked int
		walkErr := Walk(text, func([]Step, Scalar) bool { walked++; return true })
		if (walkErr == nil) != (err == nil) {
			t.Fatalf("the tree: %v; Walk: %v", err, walkErr)
		}
		if err != nil || !utf8.Valid(text) {
			return
		}
		var want any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, plain(root)); diff != "" {
			t.Errorf("-encoding/json +tree:\n%s", diff)
		}
	})
}

// plain is a tree as encoding/json gives it.
func plain(n *node) any {
	switch n.kind {
	case nodeBool:
		return string(n.text) == "true"
	case nodeNumber:
		return json.Number(n.text)
	case nodeString:
		return string(n.text)
	case nodeArray:
		list := []any{}
		for _, v := range n.vals {
			list = append(list, plain(v))
		}
		return list
	case nodeObject:
		m := map[string]any{}
		for i, key := range n.keys {
			m[string(key)] = plain(n.vals[i])
		}
		return m
	case nodeNull:
	}
	return nil
}

// fuzzSeeds are small texts of every shape and of many kinds of damage.
var fuzzSeeds = []string{
	``, `[]`, `{}`, `{"Records":[]}`, `null`, ` 1 2`, `"x"`,
	seedEvent,
	`[` + seedEvent + `,` + seedEvent + `]`,
	seedEvent + "\n" + seedEvent + "\n\n",
	seedEvent + seedEvent,
	`{"Records":[` + seedEvent + `,` + seedOther + `],"NextToken":"t","Events":[` + seedEvent + `]}`,
	`{"a":[1,-0.5e+3,true],"Records":[` + seedEvent + `]}`,
	`{"Events":[{"EventId":"1","CloudTrailEvent":"{\"eventName\":\"A\",\"eventTime\":\"t\",\"requestParameters\":{\"x\":\"arn:a:b:c:d:\\u0065\"}}","Resources":[{"ResourceType":"T","ResourceName":"bucket"}]}],"NextToken":"n"}`,
	`{"Records":[` + seedEvent + ` ` + seedEvent + `]}`,
	`{"Records":[` + seedEvent + `},` + seedEvent + `]}`,
	`{"Records":[` + seedEvent[:len(seedEvent)-30] + `,` + seedEvent + `]}`,
	`{"Records":[` + seedEvent[:60] + seedEvent + `]}`,
	"// \"note\"\n{\"Records\":[" + seedEvent + ",\n...\n" + seedEvent + "]}",
	`{"eventName":"A","eventName":"B","eventTime":null,"userIdentity":{"type":"x"},"userIdentity":{"userName":"\ud83d\ude00\ud800"}}`,
	`{"eventName":"L","eventSource":"s","responseElements":{"L":"Failure","omitted":true,"k":{"accessKeyId":"ASIA1"}}}`,
	`{"eventSource":"ec2.amazonaws.com","eventName":"A","requestParameters":{"i":["i-0123abcd",{"groupName":"g"}],"\u0067roupName":"h"}}`,
	`{"eventVersion":"1.0","eventId":"x","eventCategory":"Aggregated","timeWindow":{"windowStart":"w"},"summary":{"primaryDimension":{"dimension":"userIdentity","statistics":[{"name":"n","value":1}]}}}`,
	`{"eventType":"AwsCloudTrailInsight","insightDetails":{"eventName":"e","insightContext":{"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn"}]}]}}}`,
	`{"digestS3Object":"o","logFiles":[]}`,
	`[{"data":{"detail":` + seedEvent + `}},{"logEvents":[{"message":"{\"eventName\":\"A\",\"eventTime\":\"\\u0065\"}"},{"message":"CWL CONTROL MESSAGE"}]}]`,
	`{"took":1,"hits":{"total":1,"hits":[{"_source":{"event":{"original":"{\"eventName\":\"A\",\"eventTime\":\"t\"}"}}}]}}`,
	`{"results":[[{"field":"@message","value":"{\"eventName\":\"A\",\"eventTime\":\"t\"}"},{"field":"@ptr","value":"p"}]]}`,
	`"{\"eventName\":\"A\",\"eventTime\":\"t\"}" "\"{\\\"eventName\\\":1,\\\"eventTime\\\":2}\""`,
	`{"_source":{"@timestamp":"t","event":{"action":"A","provider":"s"},"aws":{"cloudtrail":{"request_parameters":"{a=b, c=[d, e]}"}}}}`,
	`{"class_uid":6003,"metadata":{"product":{"name":"CloudTrail"}},"api":{"operation":"A","service":{"name":"s"}},"time":1}`,
	`{"attributes":{"evt":{"name":"A"},"eventSource":"s","network":{"client":{"ip":"1.2.3.4"}}}}`,
	`{"QueryResultRows":[[{"eventname":"A"},{"eventtime":"t"},{"eventsource":"s"},{"useridentity":"{type=x, arn=null}"}]]}`,
	"2026-01-02T03:04:05.678Z " + seedEvent + "\n2026-01-02T03:04:05Z other\n2026-01-02T03:04:05Z stream " + seedEvent,
	"\xef\xbb\xbf" + `{"eventName":"` + "\xff" + `","eventTime":"t"}`,
	`{"eventName":"a` + "\n" + `b","eventTime":"t"}` + "\n" + seedEvent,
	`{"eventName":"cut,"eventTime":"t"}{"eventName":"x","eventTime":"t"}`,
}

const (
	seedEvent = `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"bob","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}},"eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","requestParameters":{"bucketName":"b","list":[1,null,{}]},"responseElements":null,"eventID":"11111111-2222-3333-4444-555555555555","readOnly":true,"resources":[{"ARN":"arn:aws:s3:::b/k","accountId":"1"},{"ARNPrefix":"arn:aws:s3:::b/"}]}`
	seedOther = `{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":"t"}`
)
