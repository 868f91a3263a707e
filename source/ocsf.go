package source

// ocsfMoves undo the map of Security Lake and CloudWatch from CloudTrail to OCSF 1.0 to 1.5, classes API Activity,
// Authentication and Account Change. What that map has no place for stands in unmapped under dotted keys.
var ocsfMoves = []move{
	{"eventVersion", []string{"metadata.product.version", "unmapped.eventVersion"}, asText},
	{"userIdentity.type", []string{"unmapped.userIdentity.type", "actor.user.type"}, asText},
	{"userIdentity.principalId", []string{"actor.user.uid_alt"}, asText},
	{"userIdentity.arn", []string{"actor.user.uid"}, asText},
	{"userIdentity.accountId", []string{"actor.user.account.uid", "actor.user.account_uid"}, asText},
	{"userIdentity.accessKeyId", []string{"actor.user.credential_uid"}, asText},
	{"userIdentity.userName", []string{"actor.user.name"}, asText},
	{"userIdentity.invokedBy", []string{"actor.invoked_by"}, asText},
	{"userIdentity.identityProvider", []string{"actor.idp.name"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.type", []string{"unmapped.userIdentity.sessionContext.sessionIssuer.type"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.principalId", []string{"unmapped.userIdentity.sessionContext.sessionIssuer.principalId"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.arn", []string{"actor.session.issuer"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.accountId", []string{"unmapped.userIdentity.sessionContext.sessionIssuer.accountId"}, asText},
	{"userIdentity.sessionContext.sessionIssuer.userName", []string{"unmapped.userIdentity.sessionContext.sessionIssuer.userName"}, asText},
	{"userIdentity.sessionContext.attributes.creationDate", []string{"actor.session.created_time_dt", "actor.session.created_time"}, asTime},
	{"userIdentity.sessionContext.attributes.mfaAuthenticated", []string{"actor.session.is_mfa", "actor.session.mfa", "is_mfa"}, asText},
	{"eventTime", []string{"time_dt", "time"}, asTime},
	{"eventSource", []string{"api.service.name"}, asText},
	{"eventName", []string{"api.operation"}, asText},
	{"awsRegion", []string{"cloud.region"}, asText},
	{"sourceIPAddress", []string{"src_endpoint.ip", "src_endpoint.domain"}, asText},
	{"userAgent", []string{"http_request.user_agent"}, asText},
	{"errorCode", []string{"api.response.error"}, asText},
	{"errorMessage", []string{"api.response.message", "api.response.error_message"}, asText},
	{"requestParameters", []string{"api.request.data", "unmapped.requestParameters"}, asObject},
	{"responseElements", []string{"api.response.data", "unmapped.responseElements"}, asObject},
	{"additionalEventData", []string{"unmapped.additionalEventData"}, asObject},
	{"requestID", []string{"api.request.uid"}, asText},
	{"eventID", []string{"metadata.uid"}, asText},
	{"readOnly", []string{"unmapped.readOnly"}, asBool},
	{"resources", []string{"resources"}, asResources},
	{"serviceEventDetails", []string{"unmapped.serviceEventDetails"}, asObject},
	{"eventType", []string{"metadata.event_code", "unmapped.eventType"}, asText},
	{"apiVersion", []string{"api.version"}, asText},
	{"managementEvent", []string{"unmapped.managementEvent"}, asBool},
	{"recipientAccountId", []string{"unmapped.recipientAccountId", "cloud.account.uid", "cloud.account_uid"}, asText},
	{"sharedEventID", []string{"unmapped.sharedEventID"}, asText},
	{"vpcEndpointId", []string{"src_endpoint.uid", "unmapped.vpcEndpointId"}, asText},
	{"eventCategory", []string{"metadata.product.feature.name", "unmapped.eventCategory"}, asText},
	{"tlsDetails", []string{"unmapped.tlsDetails"}, asObject},
	{"tlsDetails.tlsVersion", []string{"unmapped.tlsDetails.tlsVersion", "tls.version"}, asText},
	{"tlsDetails.cipherSuite", []string{"unmapped.tlsDetails.cipherSuite", "tls.cipher"}, asText},
	{"tlsDetails.clientProvidedHostHeader", []string{"unmapped.tlsDetails.clientProvidedHostHeader", "tls.sni"}, asText},
	{"sessionCredentialFromConsole", []string{"unmapped.sessionCredentialFromConsole"}, asText},
}

// rebuildOCSF puts a record together from an OCSF event that was made of one by CloudTrail.
func rebuildOCSF(u *unwrapper, m *members) {
	if !m.has("class_uid") {
		return
	}
	root := m.tree()
	product, log := string(root.seek("metadata.product.name").scalar()), string(root.seek("metadata.log_name").scalar())
	if product != "CloudTrail" && product != "AWS CloudTrail" && log != "AWS CloudTrail" || root.seek("api.operation") == nil {
		return
	}
	u.rebuilt(rebuild(root, ocsfMoves))
}
