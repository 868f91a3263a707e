package source

// elasticMoves undo what Elastic's AWS integration does to a CloudTrail record (elastic.co, "Amazon CloudTrail", exported
// fields). What has no field there is lost: identity details beyond these, tlsDetails, repeated and unknown fields.
var elasticMoves = []move{
	{"eventVersion", []string{"aws.cloudtrail.event_version"}, asText},
	{"userIdentity.type", []string{"aws.cloudtrail.user_identity.type"}, asText},
	{"userIdentity.principalId", []string{"aws.cloudtrail.user_identity.principal_id", "user.id"}, asText},
	{"userIdentity.arn", []string{"aws.cloudtrail.user_identity.arn"}, asText},
	{"userIdentity.accountId", []string{"aws.cloudtrail.user_identity.account_id"}, asText},
	{"userIdentity.accessKeyId", []string{"aws.cloudtrail.user_identity.access_key_id"}, asText},
	{"userIdentity.userName", []string{"aws.cloudtrail.user_identity.user_name", "user.name"}, asText},
	{"userIdentity.invokedBy", []string{"aws.cloudtrail.user_identity.invoked_by"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.type", []string{"aws.cloudtrail.user_identity.session_context.session_issuer.type"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.principalId", []string{"aws.cloudtrail.user_identity.session_context.session_issuer.principal_id"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.arn", []string{"aws.cloudtrail.user_identity.session_context.session_issuer.arn"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.accountId", []string{"aws.cloudtrail.user_identity.session_context.session_issuer.account_id"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.userName", []string{"aws.cloudtrail.user_identity.session_context.session_issuer.user_name"}, asText},
	{"userIdentity.sessionContext.attributes.creationDate", []string{"aws.cloudtrail.user_identity.session_context.creation_date"}, asText},
	{"userIdentity.sessionContext.attributes.mfaAuthenticated", []string{"aws.cloudtrail.user_identity.session_context.mfa_authenticated"}, asText},
	{"eventTime", []string{"@timestamp"}, asTime},
	{"eventSource", []string{"event.provider"}, asText},
	{"eventName", []string{"event.action"}, asText},
	{"awsRegion", []string{"cloud.region"}, asText},
	{"sourceIPAddress", []string{"source.address", "source.ip"}, asText},
	{"userAgent", []string{"user_agent.original"}, asText},
	{"errorCode", []string{"aws.cloudtrail.error_code"}, asText},
	{"errorMessage", []string{"aws.cloudtrail.error_message"}, asText},
	{"requestParameters", []string{"aws.cloudtrail.flattened.request_parameters", "aws.cloudtrail.request_parameters"}, asObject},
	{"responseElements", []string{"aws.cloudtrail.flattened.response_elements", "aws.cloudtrail.response_elements"}, asObject},
	{"additionalEventData", []string{"aws.cloudtrail.flattened.additional_eventdata", "aws.cloudtrail.additional_eventdata"}, asObject},
	{"requestID", []string{"aws.cloudtrail.request_id"}, asText},
	{"eventID", []string{"event.id"}, asText},
	{"readOnly", []string{"aws.cloudtrail.read_only"}, asBool},
	{"resources", []string{"aws.cloudtrail.resources"}, asResources},
	{"serviceEventDetails", []string{"aws.cloudtrail.flattened.service_event_details", "aws.cloudtrail.service_event_details"}, asObject},
	{"eventType", []string{"aws.cloudtrail.event_type"}, asText},
	{"apiVersion", []string{"aws.cloudtrail.api_version"}, asText},
	{"managementEvent", []string{"aws.cloudtrail.management_event"}, asBool},
	{"recipientAccountId", []string{"aws.cloudtrail.recipient_account_id", "cloud.account.id"}, asText},
	{"sharedEventID", []string{"aws.cloudtrail.shared_event_id"}, asText},
	{"vpcEndpointId", []string{"aws.cloudtrail.vpc_endpoint_id"}, asText},
	{"eventCategory", []string{"aws.cloudtrail.event_category"}, asText},
	{"insightDetails", []string{"aws.cloudtrail.flattened.insight_details", "aws.cloudtrail.insight_details"}, asObject},
}

// rebuildElastic puts a record together from the fields of a document.
func rebuildElastic(u *unwrapper, m *members) {
	if !m.has("event") && !m.has("event.action") {
		return
	}
	root := m.tree()
	if root.seek("event.action") == nil || root.seek("event.provider") == nil && root.seek("aws.cloudtrail") == nil {
		return
	}
	u.rebuilt(rebuild(root, elasticMoves))
}

// asResources takes a list of resources whose keys other tools write in their own way.
func asResources(n *node) *node {
	if n = asObject(n); n == nil || n.kind != nodeArray {
		return n
	}
	list := &node{kind: nodeArray}
	for _, v := range n.vals {
		if v.kind != nodeObject {
			return n
		}
		d := newDraft()
		for i, key := range v.keys {
			to, known := resourceKeys[string(key)]
			if !known {
				to = string(key)
			}
			if to != "" {
				d.root.add(to, v.vals[i])
			}
		}
		if owner := v.seek("owner.account.uid"); owner != nil {
			d.put("accountId", owner)
		}
		list.vals = append(list.vals, &d.root)
	}
	return list
}

// resourceKeys are the keys of an element of resources as other tools write them; owner is read by itself.
var resourceKeys = map[string]string{
	"arn": "ARN", "uid": "ARN", "arnprefix": "ARNPrefix", "accountid": "accountId", "account_id": "accountId",
	"resourceType": "type", "ResourceType": "type", "ResourceName": "resourceName", "owner": "",
}
