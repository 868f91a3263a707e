package index

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

// members are the keys that groups depend on, with values that make a difference; absent, null and empty among them.
var members = map[string][]string{
	"eventName":        {`"GetObject"`, `"ConsoleLogin"`, `"PutObject"`, `""`, `null`},
	"eventSource":      {`"s3.amazonaws.com"`, `"EC2.amazonaws.com"`, `"vendor"`, `""`},
	"eventTime":        {`"2026-01-01T00:00:00Z"`},
	"eventType":        {`"AwsApiCall"`, `"AwsCloudTrailInsight"`, `"ActivityLog"`, `"AwsAggregatedEvent"`, `"AwsVpceEvent"`},
	"eventCategory":    {`"Management"`, `"Data"`, `"Insight"`, `"Aggregated"`, `"ActivityAuditLog"`, `"other"`, `""`},
	"managementEvent":  {`true`, `false`, `null`},
	"readOnly":         {`true`, `false`, `"x"`},
	"errorCode":        {`"AccessDenied"`, `"ThrottlingException"`, `"200"`, `"NoSuchKey"`, `""`},
	"errorMessage":     {`"no"`, `""`},
	"responseElements": {`{"ConsoleLogin":"Failure"}`, `{"omitted":true}`, `null`},
	"tlsDetails":       {`{"tlsVersion":"TLSv1.3"}`, `{"tlsVersion":"TLSv1.2"}`, `{}`},
	"addendum":         {`{"reason":""}`, `{"originalEventID":"x"}`, `{}`},
	"insightDetails": {
		`{"insightType":"ApiCallRateInsight","state":"Start"}`, `{"insightType":"ApiErrorRateInsight","state":"End"}`, `{"state":"Start"}`,
		`{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com"}`,
		`{"insightContext":{"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn:aws:iam::1:user/i"}]}]}}`,
	},
	"eventData": {
		`{"userIdentity":{"type":"T","principalId":"P"}}`, `{"eventName":"Sold","eventSource":"Shop","errorCode":"No","userAgent":"pos/1"}`,
	},
	"metadata": {`{"channelARN":"arn:aws:cloudtrail:::channel/a"}`, `{"channelARN":"arn:aws:cloudtrail:::channel/b"}`, `{}`},
	"summary": {
		`{"primaryDimension":{"dimension":"eventName","statistics":[{"name":"PutObject","value":9}]}}`,
		`{"primaryDimension":{"dimension":"userIdentity","statistics":[{"name":"AWSService:x"}]},"details":[{"dimension":"eventName","statistics":[{"name":"Get"}]}]}`,
	},
	"additionalEventData": {`{"MFAUsed":"Yes"}`, `{"MFAUsed":"No"}`, `{"UserName":"carol"}`, `{}`},
	"userAgent":           {`"aws-cli/2.1"`, `"Mozilla/5.0 Firefox/1"`},
	"userIdentity": {
		`{"type":"Root","accountId":"1"}`,
		`{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::1:user/alice","accessKeyId":"AKIA1"}`,
		`{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::1:user/alice","accessKeyId":"AKIA2"}`,
		`{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}}`,
		`{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s","sessionContext":{"attributes":{"mfaAuthenticated":"true"},"sourceIdentity":"bob"}}`,
		`{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}`,
		`{"type":"SAMLUser","userName":"caf\u00e9","identityProvider":"x"}`,
		`{"type":"IAMUser","userName":"a","userName":"b"}`,
		`{}`, `null`,
		// more of one beginning than the decoder remembers
		`{"sessionContext":{"attributes":{}},"userName":"u1"}`, `{"sessionContext":{"attributes":{}},"userName":"u2"}`,
		`{"sessionContext":{"attributes":{}},"userName":"u3"}`, `{"sessionContext":{"attributes":{}},"userName":"u4"}`,
		`{"sessionContext":{"attributes":{}},"userName":"u5"}`, `{"sessionContext":{"attributes":{}},"userName":"u6"}`,
	},
}

func randomRecord(rng *rand.Rand, names []string) string {
	var b strings.Builder
	for _, n := range names {
		values := members[n]
		if k := rng.IntN(len(values) + 1); k < len(values) {
			fmt.Fprintf(&b, ",%q:%s", n, values[k])
		}
	}
	return `{"eventVersion":"1.08","eventID":"x"` + b.String() + `}`
}

// held is what a builder holds of a document in a field.
func (b *builder) held(doc, i int) (values []string) {
	f := &b.fields[i]
	var code uint32
	if g := fields[i].group; g == byItself {
		code = f.codes[doc]
	} else {
		for k, at := range groupFields[g] {
			if at == i {
				code = b.groups[g].code(b.groups[g].docs[doc], k)
			}
		}
	}
	switch {
	case code == 0:
	case f.sets != nil:
		for set := f.sets.text(code); len(set) > 0; set = set[4:] {
			values = append(values, string(f.terms.text(binary.LittleEndian.Uint32(set))))
		}
	default:
		values = append(values, string(f.terms.text(code)))
	}
	return values
}

// TestGroupsHoldWhatEachFieldReads adds records that share much of what groups depend on, and compares each field with
// what it reads from the record alone.
func TestGroupsHoldWhatEachFieldReads(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var names, list []string
	for i := range fields {
		names = append(names, fields[i].Name)
	}
	keys := []string{
		"eventName", "eventSource", "eventTime", "eventType", "eventCategory", "managementEvent", "readOnly", "errorCode", "errorMessage",
		"responseElements", "tlsDetails", "addendum", "insightDetails", "eventData", "metadata", "summary", "additionalEventData", "userAgent", "userIdentity",
	}
	if len(keys) != len(members) {
		t.Fatal("a key is missing")
	}
	for len(list) < 6000 {
		r := randomRecord(rng, keys)
		list = append(list, r, r) // again, and with one key's value left to chance
		k := rng.IntN(len(keys))
		list = append(list, randomRecord(rng, append(keys[:k:k], keys[k+1:]...)))
	}
	hash, err := newRawHash(make([]byte, hashKeySize))
	if err != nil {
		t.Fatal(err)
	}
	b := newBuilder(hash)
	var d source.Decoder
	for range 2 { // the second time in memory that was used
		b.reset()
		b.addFile(builtFile{})
		doc := 0
		for e := range d.Events(strings.NewReader(strings.Join(list, "\n"))) {
			var want [][]string
			for i := range fields {
				want = append(want, nil)
				for _, v := range Values(e, fields[i].Name, nil) {
					if len(v) > 0 {
						want[i] = append(want[i], string(v))
					}
				}
			}
			b.add(e)
			for i := range fields {
				if fields[i].read == nil {
					continue
				}
				if diff := cmp.Diff(want[i], b.held(doc, i)); diff != "" {
					t.Fatalf("%s of %s (-read +held):\n%s", names[i], e.Raw, diff)
				}
			}
			doc++
		}
		if doc < 4000 || len(b.calls) == doc {
			t.Fatalf("%d documents, %d calls", doc, len(b.calls))
		}
	}
}
