package demo

import (
	"fmt"
	"time"

	"github.com/trailsift/trailsift/source"
)

// asides tells what lies in the folders beside: Insights and network activity events.
func (in *intruder) asides() {
	user := "arn:aws:iam::" + in.accounts[prod].id + ":user/" + leakedUser
	in.insight(prod, usEast1, night(2, 8, 0), 6, "iam", "ListUsers", "ApiErrorRateInsight", "AccessDenied", user)
	in.insight(data, euWest1, night(2, 45, 0), 5, "s3", "GetObject", "ApiCallRateInsight", "", "arn:aws:iam::"+in.accounts[data].id+":role/data-lake-admin")
	in.insight(prod, euWest1, time.Date(2026, time.March, 5, 9, 41, 0, 0, time.UTC), 12, "autoscaling", "CompleteLifecycleAction",
		"ApiCallRateInsight", "", "arn:aws:iam::"+in.accounts[prod].id+":role/orders-node")
	for i, service := range []string{"s3", "kms", "s3", "secretsmanager", "dynamodb", "s3", "sqs", "kms"} {
		at := time.Date(2026, time.March, 3+i, 7+i, 13*i%60, 7*i, 0, time.UTC)
		in.network(i%2, i%2, at, service, []string{"GetObject", "Decrypt", "PutObject", "GetSecretValue", "Query", "ListObjects", "SendMessage", "GenerateDataKey"}[i], i%4 == 1)
	}
}

// insight tells the start and the end of one Insight.
func (in *intruder) insight(account, region int, start time.Time, minutes int, service, event, kind, code, arn string) {
	shared := uint64(start.Unix()) + uint64(account)
	for i, state := range []string{"Start", "End"} {
		at := start.Add(time.Duration(i*minutes) * time.Minute)
		in.n++
		id := appendUUID(nil, hash(in.n, 7), hash(in.n, 8))
		text := fmt.Appendf(nil, `{"eventVersion":"1.09","eventTime":"%s","awsRegion":%q,"eventID":"%s","eventType":"AwsCloudTrailInsight",`+
			`"recipientAccountId":%q,"sharedEventID":"%s","insightDetails":{"state":%q,"eventSource":"%s.amazonaws.com","eventName":%q,"insightType":%q,`,
			appendTime(nil, at.Unix()), regions[region].name, id, in.accounts[account].id,
			appendUUID(nil, hash(shared, 5), hash(shared, 6)), state, service, event, kind)
		if code != "" {
			text = fmt.Appendf(text, `"errorCode":%q,`, code)
		}
		text = fmt.Appendf(text, `"insightContext":{"statistics":{"baseline":{"average":0.0000882145},"insight":{"average":%d.6},"insightDuration":%d,"baselineDuration":11336},`+
			`"attributions":[{"attribute":"userIdentityArn","insight":[{"value":%q,"average":%d.2}],"baseline":[{"value":%q,"average":0.0000882145}]}]}},"eventCategory":"Insight"}`,
			3+i, minutes, arn, 3+i, arn)
		in.tell(source.KindInsight, account, region, toldEvent{time: at.Unix(), text: text, id: string(id)})
	}
}

// network tells a call through a VPC endpoint, turned away by its policy or not.
func (in *intruder) network(account, region int, at time.Time, service, event string, refused bool) {
	in.n++
	a := &in.accounts[account]
	id := appendUUID(nil, hash(in.n, 7), hash(in.n, 8))
	text := fmt.Appendf(nil, `{"eventVersion":"1.09","userIdentity":{"type":"AWSAccount","principalId":"%s:%s","accountId":%q},"eventTime":"%s",`+
		`"eventSource":"%s.amazonaws.com","eventName":%q,"awsRegion":%q,"sourceIPAddress":"10.20.1.%d",`,
		roleID(a, "orders-task"), appendHashed(nil, in.n, 32, hexDigits, 4), a.id, appendTime(nil, at.Unix()), service, event, regions[region].name, 20+in.n%200)
	if refused {
		text = append(text, `"errorCode":"VpceAccessDenied","errorMessage":"The request was denied due to a VPC endpoint policy",`...)
	}
	text = fmt.Appendf(text, `"requestID":"%s","eventID":"%s","eventType":"AwsVpceEvent","recipientAccountId":%q,"sharedEventID":"%s",`+
		`"vpcEndpointId":"%s","vpcEndpointAccountId":%q,"eventCategory":"NetworkActivity"}`,
		appendUUID(nil, hash(in.n, 2), hash(in.n, 3)), id, a.id, appendUUID(nil, hash(in.n, 5), hash(in.n, 6)),
		poolByName("vpce").append(nil, a, region, 0), a.id)
	in.tell(source.KindNetworkActivity, account, region, toldEvent{time: at.Unix(), text: text, id: string(id)})
}
