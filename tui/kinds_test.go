package tui

import (
	"testing"

	"github.com/trailsift/trailsift/tui/widget"
)

// TestRecordsOfOtherKindsAreTold holds the line above a record to what each kind of record says.
func TestRecordsOfOtherKindsAreTold(t *testing.T) {
	for raw, want := range map[string]string{
		`{"eventCategory":"Insight","insightDetails":{"state":"Start","eventSource":"autoscaling.amazonaws.com","eventName":"CompleteLifecycleAction","insightType":"ApiCallRateInsight",
		"insightContext":{"statistics":{"baseline":{"average":0.0000882145},"insight":{"average":0.6},"insightDuration":5,"baselineDuration":11336},
		"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"arn:a","average":0.2},{"value":"arn:b","average":0.1}]},{"attribute":"errorCode","insight":[{"value":"null","average":0.6}]},{"attribute":"userAgent","insight":[]}]}}}`: "Insight start: calls of autoscaling.amazonaws.com CompleteLifecycleAction, 0.6 a minute for 5 min, baseline 0.0000882145 (x6,801) over 7.9 days; userIdentityArn arn:a 0.2 (and 1 more); errorCode none 0.6",
		`{"eventCategory":"Insight","insightType":"ApiErrorRateInsight","insightState":"End","insightEventSource":"iam.amazonaws.com","insightEventName":"CreateUser","insightErrorCode":"AccessDenied","insightContext":{"baselineAverage":2,"insightAverage":3}}`: "Insight end: errors AccessDenied of iam.amazonaws.com CreateUser, 3 a minute, baseline 2 (x1.5)",
		`{"eventCategory":"Insight","insightDetails":[]}`: "Insight: calls of",
		`{"eventCategory":"Aggregated","timeWindow":{"windowStart":"A","windowEnd":"B"},"summary":{"primaryDimension":{"dimension":"eventName","statistics":[{"name":"PutObject","value":1000}]},"details":[{"dimension":"resourceARN","statistics":[{"name":"arn","value":8},{"name":"b","value":1}]}]},"addendum":{"reason":"DELIVERY_DELAY"}}`: "ADDENDUM DELIVERY_DELAY | Summary of A to B: eventName PutObject 1000; resourceARN arn 8 (and 1 more)",
		`{"eventCategory":"ActivityAuditLog","metadata":{"ingestionTime":"T","channelARN":"arn:aws:cloudtrail:us-east-1:1:channel/hr"},"eventData":{"userIdentity":{"type":"Employee","principalId":"carol"},"eventSource":"Acme","eventName":"Hired","UID":"u","errorCode":"No"}}`:                                                               "From outside AWS: Employee carol, Hired of Acme, failed with No; UID u; by channel/hr, ingested T",
		`{"eventCategory":"NetworkActivity","vpcEndpointId":"vpce-1","vpcEndpointAccountId":"12","errorCode":"VpceAccessDenied"}`:                                                                                                                                                                                                                 "through VPC endpoint vpce-1 of account 12, whose policy denied it",
		`{"requestParameters":{"omitted":"true","originalSize":"149893","reason":"too large"},"responseElements":{"omitted":true},"additionalEventData":{"omitted":false}}`:                                                                                                                                                                       "OMITTED by CloudTrail: requestParameters of 149,893 bytes | OMITTED by CloudTrail: responseElements",
		`{"userIdentity":{"userName":"HIDDEN_DUE_TO_SECURITY_REASONS"},"resources":[{"accountId":"HIDDEN_DUE_TO_SECURITY_REASONS"}]}`:                                                                                                                                                                                                             "hidden by AWS: userIdentity.userName, resources[0].accountId",
		`{"addendum":{"reason":"UPDATED_DATA","updatedFields":"a,b","originalEventID":"e","originalRequestID":"r"}}`:                                                                                                                                                                                                                              "ADDENDUM UPDATED_DATA: a,b of event e of request r",
		`{"eventCategory":7,"summary":[],"eventData":"x"}`: "",
	} {
		root, err := widget.ParseTree([]byte(raw), openDepth)
		if err != nil {
			t.Fatal(err)
		}
		if got := told([]byte(raw), root); got != want {
			t.Errorf("%s\n got %q\nwant %q", raw, got, want)
		}
	}
}
