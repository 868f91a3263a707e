package index_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// kinds are records that are no single call of an API, as their documentation shows them, by what the list says of them.
var kinds = map[string]string{
	"insight autoscaling CompleteLifecycleAction R/s": `{"eventVersion":"1.08","eventTime":"2026-01-02T03:04:00Z","awsRegion":"us-east-1","eventID":"` + guid(1) + `","eventType":"AwsCloudTrailInsight",
		"recipientAccountId":"111122223333","sharedEventID":"` + guid(11) + `","eventCategory":"Insight","insightDetails":{"state":"Start","eventSource":"autoscaling.amazonaws.com",
		"eventName":"CompleteLifecycleAction","insightType":"ApiCallRateInsight","insightContext":{"statistics":{"baseline":{"average":0.0000882145},"insight":{"average":0.6},
		"insightDuration":5,"baselineDuration":11336},"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn:aws:sts::111122223333:assumed-role/R/s","average":0.2}],"baseline":[]}]}}}`,
	"insight iam CreateUser insight": `{"eventVersion":"1.09","eventTime":"2026-01-02T03:05:00Z","eventID":"` + guid(2) + `","eventType":"AwsCloudTrailInsight","eventCategory":"Insight","insightState":"End",
		"insightType":"ApiErrorRateInsight","insightEventSource":"iam.amazonaws.com","insightEventName":"CreateUser","insightErrorCode":"AccessDenied","insightContext":{"baselineAverage":0.1,"insightAverage":3}}`,
	"network s3 GetObject account 444455556666": `{"eventVersion":"1.09","userIdentity":{"type":"AWSAccount","principalId":"AIDAX","accountId":"444455556666"},"eventTime":"2026-01-02T03:06:00Z","eventSource":"s3.amazonaws.com",
		"eventName":"GetObject","awsRegion":"us-east-1","sourceIPAddress":"10.0.0.1","errorCode":"VpceAccessDenied","errorMessage":"The request was denied due to a VPC endpoint policy",
		"eventID":"` + guid(3) + `","eventType":"AwsVpceEvent","recipientAccountId":"111122223333","vpcEndpointId":"vpce-0abc","vpcEndpointAccountId":"111122223333","eventCategory":"NetworkActivity"}`,
	"aggregated s3 PutObject AWSService:AWS Internal": `{"eventVersion":"1.0","accountId":"111122223333","eventId":"` + guid(4) + `","eventCategory":"Aggregated","eventType":"AwsAggregatedEvent","awsRegion":"us-west-2","eventSource":"s3.amazonaws.com",
		"timeWindow":{"windowStart":"2026-01-02T03:05:00Z","windowEnd":"2026-01-02T03:10:00Z","windowSize":"PT5M"},"summary":{"primaryDimension":{"dimension":"eventName","statistics":[{"name":"PutObject","value":1000}],"aggregationType":"Count"},
		"details":[{"dimension":"resourceARN","statistics":[{"name":"arn:aws:s3:::bucket-1","value":800},{"name":"arn:aws:s3:::bucket-2","value":1}]},{"dimension":"userIdentity","statistics":[{"name":"AWSService:AWS Internal","value":900}]},
		{"dimension":"sourceIpAddress","statistics":[{"name":"192.0.2.7","value":5}]}]},"addendum":{"reason":"DELIVERY_DELAY"}}`,
	"activity acme hr Hired carol": `{"eventVersion":"1.0","eventCategory":"ActivityAuditLog","eventType":"ActivityLog","eventID":"` + guid(5) + `","eventTime":"2026-01-02T03:08:00","awsRegion":"us-east-1","recipientAccountId":"111122223333",
		"metadata":{"ingestionTime":"2026-01-02T03:09:00Z","channelARN":"arn:aws:cloudtrail:us-east-1:111122223333:channel/hr"},"eventData":{"version":"1","userIdentity":{"type":"Employee","principalId":"carol"},"userAgent":"hr/2",
		"eventSource":"Acme HR","eventName":"Hired","UID":"u-1","requestParameters":{"role":"arn:aws:iam::111122223333:role/new"},"errorCode":"Denied","sourceIPAddress":"198.51.100.4","recipientAccountId":"111122223333"}}`,
	"management signin ConsoleLogin alice": `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"alice","accountId":"111122223333"},"eventTime":"2026-01-02T03:09:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin",
		"awsRegion":"us-east-1","sourceIPAddress":"192.0.2.10","responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"Yes","omitted":false},"eventID":"` + guid(6) + `","eventType":"AwsConsoleSignIn","recipientAccountId":"111122223333","eventCategory":"Management"}`,
}

// TestKindsOfRecords finds each kind by its fields, and none shows as an empty line.
func TestKindsOfRecords(t *testing.T) {
	s := newShelf("kinds")
	var list []string
	for _, raw := range kinds {
		list = append(list, raw)
	}
	s.put("kinds.json", records(list...))
	x := newIndex(t, s)
	wantSummary(t, bringIn(t, x, s, index.IngestOptions{}), index.Summary{Files: 1, Events: len(kinds), Held: len(kinds), Complete: true})
	for name, raw := range kinds {
		id := ""
		for n := range 7 {
			if strings.Contains(raw, `D":"`+guid(n)) || strings.Contains(raw, `d":"`+guid(n)) {
				id = guid(n)
			}
		}
		rows := find(t, x, "id="+id, []string{"category", "service", "event", "user"})
		if len(rows) != 1 {
			t.Fatalf("%s: %d rows", name, len(rows))
		}
		if got := strings.Join(rows[0].Values, " "); got != name {
			t.Errorf("the row says %q, want %q", got, name)
		}
	}
	for q, n := range map[string]int{
		"insight:ApiCallRate*": 1, "insight:*": 2, "insightType=ApiErrorRateInsight": 1, "insight-state:end": 1, "insightState=Start category:insight": 1,
		"category:insight service:iam event:CreateUser": 1, "vpce:vpce-0abc error:VpceAccessDenied outcome:denied category:network": 1,
		"category:aggregated event:PutObject resource:arn:aws:s3:::bucket-2 ip:192.0.2.7 account:111122223333": 1, "addendum:true": 1,
		"channel:*channel/hr service:\"acme hr\" event:Hired ip:198.51.100.4 agent:* error:Denied": 1, "channelARN:*": 1,
		"resource:arn:aws:iam::111122223333:role/new": 1, "event:ConsoleLogin outcome:failed mfa:true": 1, "-insight:*": 4, "omitted:true": 0,
		"account:111122223333": 5, "user:carol": 1,
	} {
		if rows := find(t, x, q, nil); len(rows) != n {
			t.Errorf("%s: %d events, want %d", q, len(rows), n)
		}
	}
	r, err := x.Search(t.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Facet(t.Context(), "insight-state", 0)
	if err != nil || f.Missing != 4 || len(f.Values) != 2 {
		t.Errorf("facet: %+v, %v", f, err)
	}
	terms, err := x.Terms(context.Background(), "channel", "arn", 5)
	if err != nil || len(terms) != 1 {
		t.Errorf("completion: %v, %v", terms, err)
	}
	var names []string
	for _, field := range index.Schema() {
		if field.Help != "" {
			names = append(names, field.Name)
		}
	}
	for _, want := range []string{"insight", "insight-state", "channel"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not in help", want)
		}
	}
}

// find gives the events of a query, with some of their fields.
func find(t *testing.T, x *index.Index, q string, fields []string) []index.Row {
	t.Helper()
	r, err := x.Search(t.Context(), mustParse(t, q), index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := r.Page(t.Context(), 0, r.Count(), fields)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
