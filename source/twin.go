package source

import "bytes"

// readTree fills e from the tree of a record. It is the complete way: repeated keys (the last wins), every shape. The
// scanner gives the same for what it handles and comes here for the rest.
func (g *gatherer) readTree(e *Event, root *node) {
	g.tree = true
	for _, p := range leafPaths {
		if text := root.at(p.path...).scalar(); text != nil {
			e.leaves[p.leaf] = text
		}
	}
	for i, key := range root.keys {
		g.seen |= seenKey(key)
		switch string(key) {
		case "requestParameters", "serviceEventDetails":
			g.gather(root.vals[i], nil, false)
		case "responseElements":
			g.gather(root.vals[i], nil, true)
		case "resources":
			g.gatherResources(root.vals[i])
		}
	}
	if v := root.get("CloudTrailEvent"); v != nil && v.kind == nodeString {
		g.seen |= seenLookup
	}
	readInsight(e, root)
	g.readSummary(e, root.get("summary"))
	g.readActivity(e, root)
	readResponse(e, root)
}

// leafPaths says where each leaf stands that is just a scalar at a path. A later row wins over an earlier one.
var leafPaths = []struct {
	leaf Leaf
	path []string
}{
	{LeafEventTime, []string{"eventTime"}},
	{LeafTimestamp, []string{"@timestamp"}},
	{LeafWindowStart, []string{"timeWindow", "windowStart"}},
	{LeafEventName, []string{"eventName"}},
	{LeafEventSource, []string{"eventSource"}},
	{LeafEventID, []string{"eventId"}},
	{LeafEventID, []string{"eventID"}},
	{LeafEventType, []string{"eventType"}},
	{LeafEventCategory, []string{"eventCategory"}},
	{LeafEventVersion, []string{"eventVersion"}},
	{LeafAWSRegion, []string{"awsRegion"}},
	{LeafSourceIP, []string{"sourceIPAddress"}},
	{LeafUserAgent, []string{"userAgent"}},
	{LeafErrorCode, []string{"errorCode"}},
	{LeafErrorMessage, []string{"errorMessage"}},
	{LeafRequestID, []string{"requestID"}},
	{LeafReadOnly, []string{"readOnly"}},
	{LeafManagementEvent, []string{"managementEvent"}},
	{LeafRecipientAccount, []string{"recipientAccountId"}},
	{LeafAccountID, []string{"accountId"}},
	{LeafSharedEventID, []string{"sharedEventID"}},
	{LeafVPCEndpoint, []string{"vpcEndpointId"}},
	{LeafConsoleCredential, []string{"sessionCredentialFromConsole"}},
	{LeafTLSVersion, []string{"tlsDetails", "tlsVersion"}},
	{LeafHostHeader, []string{"tlsDetails", "clientProvidedHostHeader"}},
	{LeafAddendumReason, []string{"addendum", "reason"}},
	{LeafAddendumOriginal, []string{"addendum", "originalEventID"}},
	{LeafIdentityType, []string{"userIdentity", "type"}},
	{LeafIdentityUserName, []string{"userIdentity", "userName"}},
	{LeafIdentityPrincipalID, []string{"userIdentity", "principalId"}},
	{LeafIdentityARN, []string{"userIdentity", "arn"}},
	{LeafIdentityAccount, []string{"userIdentity", "accountId"}},
	{LeafIdentityKey, []string{"userIdentity", "accessKeyId"}},
	{LeafIdentityInvokedBy, []string{"userIdentity", "invokedBy"}},
	{LeafIdentityDelegate, []string{"userIdentity", "invokedByDelegate", "accountId"}},
	{LeafIdentityOnBehalfUser, []string{"userIdentity", "onBehalfOf", "userId"}},
	{LeafIdentityOnBehalfStore, []string{"userIdentity", "onBehalfOf", "identityStoreArn"}},
	{LeafIdentityCredential, []string{"userIdentity", "credentialId"}},
	{LeafIdentityProvider, []string{"userIdentity", "identityProvider"}},
	{LeafIssuerType, []string{"userIdentity", "sessionContext", "sessionIssuer", "type"}},
	{LeafIssuerUserName, []string{"userIdentity", "sessionContext", "sessionIssuer", "userName"}},
	{LeafIssuerARN, []string{"userIdentity", "sessionContext", "sessionIssuer", "arn"}},
	{LeafIssuerPrincipalID, []string{"userIdentity", "sessionContext", "sessionIssuer", "principalId"}},
	{LeafIssuerAccount, []string{"userIdentity", "sessionContext", "sessionIssuer", "accountId"}},
	{LeafFederatedProvider, []string{"userIdentity", "sessionContext", "webIdFederationData", "federatedProvider"}},
	{LeafSessionMFA, []string{"userIdentity", "sessionContext", "attributes", "mfaAuthenticated"}},
	{LeafSessionCreated, []string{"userIdentity", "sessionContext", "attributes", "creationDate"}},
	{LeafSourceIdentity, []string{"userIdentity", "sessionContext", "sourceIdentity"}},
	{LeafAssumedRoot, []string{"userIdentity", "sessionContext", "assumedRoot"}},
	{LeafSignInSession, []string{"userIdentity", "sessionContext", "signInSessionArn"}},
	{LeafMFAUsed, []string{"additionalEventData", "MFAUsed"}},
	{LeafLoginUserName, []string{"additionalEventData", "UserName"}},
	{LeafInsightEventName, []string{"insightDetails", "eventName"}},
	{LeafInsightEventSource, []string{"insightDetails", "eventSource"}},
	{LeafInsightErrorCode, []string{"insightDetails", "errorCode"}},
	{LeafInsightType, []string{"insightDetails", "insightType"}},
	{LeafInsightState, []string{"insightDetails", "state"}},
	{LeafActivityType, []string{"eventData", "userIdentity", "type"}},
	{LeafActivityPrincipal, []string{"eventData", "userIdentity", "principalId"}},
}

// readResponse reads what stands at a place that depends on the record, or in two places.
func readResponse(e *Event, root *node) {
	response := root.get("responseElements")
	if name := e.leaves[LeafEventName]; name != nil {
		if text := response.get(string(name)).scalar(); string(text) == "Failure" {
			e.leaves[LeafResponseFailure] = text
		}
	}
	for _, of := range []*node{root.get("requestParameters"), response, root.get("serviceEventDetails"), root.get("additionalEventData")} {
		if text := of.get("omitted").scalar(); string(text) == "true" {
			e.leaves[LeafRequestOmitted] = text
		}
	}
}

// gather visits every string below n. key is the nearest key above it.
func (g *gatherer) gather(n *node, key []byte, response bool) {
	if n.kind == nodeString {
		g.candidate(key, n.text)
		if response {
			g.accessKey(key, n.text)
		}
	}
	for i, v := range n.vals {
		if n.kind == nodeObject {
			key = n.keys[i]
		}
		g.gather(v, key, response)
	}
}

// gatherResources reads the elements of resources[].
func (g *gatherer) gatherResources(n *node) {
	if n.kind != nodeArray {
		return
	}
	for _, v := range n.vals {
		for i, key := range v.keys {
			if v.vals[i].kind == nodeString && isResourceKey(key) {
				g.certain(v.vals[i].text)
			}
		}
	}
}

// outerResources reads the Resources beside a record in LookupEvents output.
func (g *gatherer) outerResources(n *node) {
	if n == nil || n.kind != nodeArray {
		return
	}
	for _, v := range n.vals {
		if name := v.get("ResourceName").scalar(); len(name) > 0 {
			g.certain(bytes.Clone(name))
		}
	}
}
