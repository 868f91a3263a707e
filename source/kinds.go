package source

// Records that are no single API call keep what others have at their top elsewhere: Insights what was unusual in
// insightDetails, aggregated records what was called in summary, records from outside AWS the whole call in eventData. They
// are rare, and only the tree knows them.

// flatInsight are the keys of an Insight in CloudTrail Lake, which has no insightDetails.
var flatInsight = []struct {
	leaf Leaf
	key  string
}{
	{LeafInsightEventName, "insightEventName"},
	{LeafInsightEventSource, "insightEventSource"},
	{LeafInsightErrorCode, "insightErrorCode"},
	{LeafInsightType, "insightType"},
	{LeafInsightState, "insightState"},
}

// readInsight takes what an Insight is about, and the first (the greatest) user of its attributions.
func readInsight(e *Event, root *node) {
	details := root.get("insightDetails")
	if details == nil && root.get("insightType") != nil {
		details = root
		for _, f := range flatInsight {
			e.leaves[f.leaf] = root.get(f.key).scalar()
		}
	}
	attributions := details.at("insightContext", "attributions")
	if attributions == nil || attributions.kind != nodeArray {
		return
	}
	for _, a := range attributions.vals {
		if string(a.get("attribute").scalar()) != "userIdentityArn" {
			continue
		}
		if values := a.get("insight"); values != nil && values.kind == nodeArray && len(values.vals) > 0 {
			e.leaves[LeafInsightUser] = values.vals[0].get("value").scalar()
		}
		return
	}
}

// readSummary takes the first value of each dimension of an aggregated record as what one event would have there (they
// come the greatest first), where the record has none; of resources all.
func (g *gatherer) readSummary(e *Event, summary *node) {
	dimensions := []*node{summary.get("primaryDimension")}
	if details := summary.get("details"); details != nil && details.kind == nodeArray {
		dimensions = append(dimensions, details.vals...)
	}
	for _, d := range dimensions {
		statistics := d.get("statistics")
		if statistics == nil || statistics.kind != nodeArray {
			continue
		}
		leaf := NumLeaves
		switch string(d.get("dimension").scalar()) {
		case "userIdentity":
			leaf = LeafAggregatedUser
		case "eventName":
			leaf = LeafEventName
		case "sourceIpAddress":
			leaf = LeafSourceIP
		case "userAgent":
			leaf = LeafUserAgent
		case "resourceARN":
			for _, s := range statistics.vals {
				if name := s.get("name").scalar(); len(name) > 0 {
					g.certain(name)
				}
			}
		}
		if leaf != NumLeaves && e.leaves[leaf] == nil && len(statistics.vals) > 0 {
			e.leaves[leaf] = statistics.vals[0].get("name").scalar()
		}
	}
}

// activityLeaves are what stands in eventData of a record from outside AWS as it would at the top of others.
var activityLeaves = []struct {
	leaf Leaf
	key  string
}{
	{LeafEventName, "eventName"},
	{LeafEventSource, "eventSource"},
	{LeafSourceIP, "sourceIPAddress"},
	{LeafUserAgent, "userAgent"},
	{LeafErrorCode, "errorCode"},
	{LeafErrorMessage, "errorMessage"},
	{LeafRecipientAccount, "recipientAccountId"},
}

// readActivity lifts the call out of a record from outside AWS (PutAuditEvents), where the record itself says nothing.
func (g *gatherer) readActivity(e *Event, root *node) {
	data := root.get("eventData")
	if data == nil || data.kind != nodeObject || !sameBytes(e.Category(), categoryActivity) {
		return
	}
	e.leaves[LeafChannel] = root.at("metadata", "channelARN").scalar()
	for _, a := range activityLeaves {
		if e.leaves[a.leaf] == nil {
			e.leaves[a.leaf] = data.get(a.key).scalar()
		}
	}
	for _, key := range [...]string{"requestParameters", "responseElements"} {
		if of := data.get(key); of != nil {
			g.gather(of, nil, false)
		}
	}
}
