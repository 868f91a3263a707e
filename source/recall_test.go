package source

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oddIdentities are objects that a recall must tell apart, or must not keep.
var oddIdentities = []string{
	`{}`,
	`{ }`,
	`{"type":"Root"}`,
	`{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}`,
	`{"type":"AWSService","invokedBy":"ec2.amazonaws.com" }`,
	`{"type":"IAMUser","userName":"a}b","arn":"arn:aws:iam::1:user/a"}`,
	`{"type":"IAMUser","userName":"a}c","arn":"arn:aws:iam::1:user/a"}`,
	`{"type":"IAMUser","userName":"caf\u00e9"}`,
	`{"type":"IAMUser","userName":"a","userName":"b"}`,
	`{"type":null,"arn":{"x":{}},"accountId":[{}],"userName":""}`,
	`{"sessionContext":{"webIdFederationData":{},"sessionIssuer":{"userName":"r"}},"type":"AssumedRole"}`,
	`{"sessionContext":{"webIdFederationData":{},"sessionIssuer":{"userName":"s"}},"type":"AssumedRole"}`,
	`{"sessionContext":{"webIdFederationData":{}}}`,
	`{"sessionContext":{"webIdFederationData":{}},"arn":"` + strings.Repeat("x", 2*recallBytes) + `"}`,
	`null`, `7`, `"text"`, `[{"type":"Root"}]`,
}

// recordWith is a record of an identity, or of two.
func recordWith(n int, identities ...string) string {
	b := fmt.Appendf(nil, `{"eventVersion":"1.08","eventName":"N%d","eventTime":"2026-01-01T00:00:00Z"`, n)
	for _, identity := range identities {
		b = fmt.Appendf(b, `,"userIdentity":%s`, identity)
	}
	return string(append(b, `,"eventSource":"s3.amazonaws.com"}`...))
}

func decodeEach(t *testing.T, d *Decoder, content string, visit func(e *Event)) {
	t.Helper()
	for e := range d.Events(strings.NewReader(content)) {
		visit(e)
	}
	if s := d.Stats(); d.Err() != nil || s.Damage != "" || s.Skipped > 0 {
		t.Fatalf("Stats = %+v, Err = %v", s, d.Err())
	}
}

// TestRecall reads many identities again and again, more than are remembered, and compares each record with the same
// record read by a decoder that remembers nothing.
func TestRecall(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var records []string
	for n := range 4 * MaxIdentities {
		identity := oddIdentities[rng.IntN(len(oddIdentities))]
		switch rng.IntN(3) {
		case 0: // more of one head than a set has places
			identity = fmt.Sprintf(`{"sessionContext":{"attributes":{}},"userName":"u%d"}`, rng.IntN(8))
		case 1:
			identity = fmt.Sprintf(`{"type":"IAMUser","userName":"u%d"}`, rng.IntN(2*MaxIdentities))
		}
		if n%50 == 0 {
			records = append(records, recordWith(n, identity, oddIdentities[n/50%len(oddIdentities)]))
			continue
		}
		records = append(records, recordWith(n, identity))
	}
	var want []taken
	var d Decoder
	for _, r := range records {
		d.impl.scan.recall = recall{}
		decodeEach(t, &d, r, func(e *Event) { want = append(want, take(e)) })
	}
	i, hits := 0, 0
	texts := map[uint64]string{}
	decodeEach(t, &d, `{"Records":[`+strings.Join(records, ",")+`]}`, func(e *Event) {
		got := take(e)
		got.Span, got.Position = want[i].Span, want[i].Position
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Fatalf("%s (-fresh +recalled):\n%s", records[i], diff)
		}
		i++
		ref := e.Identity()
		if ref.Serial == 0 {
			return
		}
		_, text, _ := bytes.Cut(e.Raw, []byte(`"userIdentity":`))
		if before, ok := texts[ref.Serial]; !ok {
			texts[ref.Serial] = string(text)
		} else if hits++; before != string(text) {
			t.Fatalf("serial %d stands for %s and for %s", ref.Serial, before, text)
		}
		if ref.Place < 0 || ref.Place >= MaxIdentities {
			t.Fatalf("Place = %d", ref.Place)
		}
	})
	if i != len(records) || hits < len(records)/4 {
		t.Errorf("%d of %d records, %d recalled", i, len(records), hits)
	}
}

func TestIdentityOfChangedEvent(t *testing.T) {
	var d Decoder
	decodeEach(t, &d, recordWith(1, `{"type":"Root"}`), func(e *Event) {
		if e.Identity().Serial == 0 {
			t.Error("no serial")
		}
		if e.SetText(LeafIdentityType, []byte("IAMUser")); e.Identity() != (IdentityRef{}) {
			t.Errorf("Identity = %+v after SetText", e.Identity())
		}
	})
}
