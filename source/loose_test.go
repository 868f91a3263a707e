package source_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

// TestLooseTextsAreComplete: leaves, loose texts, the identity's text and the known keys are all keys, strings and
// numbers that Walk finds in a record.
func TestLooseTextsAreComplete(t *testing.T) {
	record := func(more string) string {
		return `{"eventTime":"2026-03-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject",` +
			`"eventID":"e1","userIdentity":{"type":"IAMUser","userName":"bob","odd":{"k":["in identity",3]}}` + more + `}`
	}
	for name, records := range map[string]string{
		"plain":       record(`,"requestParameters":{"bucketName":"b","list":[{"deep":"x \u00e9 \/"},7,-1.5e3,true,null]}`),
		"odd shapes":  record(`,"requestParameters":"text","responseElements":[["a"],"b"],"resources":["r",{"ARN":"arn:aws:s3:::b","other":"o"}]`),
		"unknown":     record(`,"fresh":{"a b":{"c":[1,"two"]}},"eventVersion":{"x":"leaf as object"},"tlsDetails":12`),
		"escaped":     record(`,"extra\u004bey":"v","errorCode":"a\nb","additionalEventData":{"q\"uote":"z","MFAUsed":"No"}`),
		"repeated":    record(`,"eventName":"Other","addendum":{"reason":"r","updatedFields":"u"}`),
		"two records": record(`,"one":"1"`) + "," + record(`,"two":"2"`),
	} {
		t.Run(name, func(t *testing.T) { looseIn(t, []byte(`{"Records":[`+records+`]}`)) })
	}
	files, err := filepath.Glob("../../shared/data/*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if data, err := os.ReadFile(name); err == nil && len(data) < 1<<20 {
			looseIn(t, data)
		}
	}
}

func looseIn(t *testing.T, file []byte) {
	t.Helper()
	var d source.Decoder
	for e := range d.Events(bytes.NewReader(file)) {
		texts, ok := e.Loose()
		if !ok {
			continue
		}
		told := map[string]bool{}
		for _, s := range texts {
			told[string(s)] = true
		}
		for l := range source.NumLeaves {
			told[string(e.Text(l))] = true
		}
		for _, k := range source.KnownKeys() {
			told[k] = true
		}
		identity := string(e.IdentityText())
		if err := source.Walk(e.Raw, func(path []source.Step, v source.Scalar) bool {
			want := [][]byte{v.Text}
			if v.Kind != source.String && v.Kind != source.Number {
				want = nil
			}
			for _, s := range path {
				want = append(want, s.Key)
			}
			for _, w := range want {
				inside := string(path[0].Key) == "userIdentity" && strings.Contains(identity, string(w))
				if !told[string(w)] && !inside && len(w) > 0 {
					t.Errorf("%q is not told of %s", w, e.Raw)
				}
			}
			return true
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
}
