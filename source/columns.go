package source

import "strings"

// columnPaths are the columns of Athena's and Lake's tables, and of Event history's CSV, by the path of a record that
// they hold. A column's name is the path in lower case, its parts with dots, underscores or blanks between them or none.
// The order is CloudTrail's.
var columnPaths = []struct {
	path string
	as   conversion
}{
	{"eventVersion", asText},
	{"userIdentity", asObject},
	{"userIdentity.type", asText},
	{"userIdentity.principalId", asText},
	{"userIdentity.arn", asText},
	{"userIdentity.accountId", asText},
	{"userIdentity.accessKeyId", asText},
	{"userIdentity.userName", asText},
	{"userIdentity.invokedBy", asText},
	{"userIdentity.identityProvider", asText},
	{"userIdentity.credentialId", asText},
	{"userIdentity.onBehalfOf.userId", asText},
	{"userIdentity.onBehalfOf.identityStoreArn", asText},
	{"userIdentity.sessionContext.sessionIssuer.type", asText},
	{"userIdentity.sessionContext.sessionIssuer.principalId", asText},
	{"userIdentity.sessionContext.sessionIssuer.arn", asText},
	{"userIdentity.sessionContext.sessionIssuer.accountId", asText},
	{"userIdentity.sessionContext.sessionIssuer.userName", asText},
	{"userIdentity.sessionContext.webIdFederationData.federatedProvider", asText},
	{"userIdentity.sessionContext.webIdFederationData.attributes", asObject},
	{"userIdentity.sessionContext.attributes.creationDate", asText},
	{"userIdentity.sessionContext.attributes.mfaAuthenticated", asText},
	{"userIdentity.sessionContext.ec2RoleDelivery", asText},
	{"userIdentity.sessionContext.sourceIdentity", asText},
	{"eventTime", asTime},
	{"eventSource", asText},
	{"eventName", asText},
	{"awsRegion", asText},
	{"sourceIPAddress", asText},
	{"userAgent", asText},
	{"errorCode", asText},
	{"errorMessage", asText},
	{"requestParameters", asObject},
	{"responseElements", asObject},
	{"additionalEventData", asObject},
	{"requestID", asText},
	{"eventID", asText},
	{"readOnly", asBool},
	{"resources", asResources},
	{"serviceEventDetails", asObject},
	{"eventType", asText},
	{"apiVersion", asText},
	{"managementEvent", asBool},
	{"recipientAccountId", asText},
	{"sharedEventID", asText},
	{"vpcEndpointId", asText},
	{"vpcEndpointAccountId", asText},
	{"eventCategory", asText},
	{"annotation", asText},
	{"addendum", asObject},
	{"addendum.reason", asText},
	{"addendum.updatedFields", asText},
	{"addendum.originalRequestID", asText},
	{"addendum.originalEventID", asText},
	{"sessionCredentialFromConsole", asText},
	{"edgeDeviceDetails", asObject},
	{"insightDetails", asObject},
	{"eventContext", asObject},
	{"tlsDetails", asObject},
	{"tlsDetails.tlsVersion", asText},
	{"tlsDetails.cipherSuite", asText},
	{"tlsDetails.clientProvidedHostHeader", asText},
	{"tlsDetails.keyExchange", asText},
	{logTimestamp, asTime},
}

// logTimestamp is the time of a CloudWatch Logs event: that of a record where eventTime is not in a table.
const logTimestamp = "@timestamp"

// columnNumbers finds a row of columnPaths by a column's plain name.
var columnNumbers = func() map[string]int {
	numbers := map[string]int{}
	for i, c := range columnPaths {
		numbers[plainName(c.path)] = i
	}
	// Event history's CSV says it in words.
	numbers["username"] = numbers["useridentityusername"]
	numbers["awsaccesskey"] = numbers["useridentityaccesskeyid"]
	return numbers
}()

// rawColumns hold the record as delivered.
var rawColumns = map[string]bool{
	"eventjson": true, "raw": true, "message": true, "cloudtrailevent": true, "eventoriginal": true, "rawevent": true,
	"rawdata": true, "sourceeventoriginal": true,
}

// plainName is a column's name in lower case without anything between its letters and digits.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		}
		return -1
	}, name)
}

func cutPath(path string) (top, rest string, more bool) { return strings.Cut(path, ".") }

// rebuildRow makes a record of the values of columns, by their rows in columnPaths; nil where too little is there.
func rebuildRow(values []*node) []byte {
	d := newDraft()
	fillRow(d, values)
	return d.record()
}

// fillRow puts the values of columns into a draft.
func fillRow(d *draft, values []*node) {
	for i, v := range values {
		if v == nil {
			continue
		}
		path := columnPaths[i].path
		v = columnPaths[i].as(v)
		switch path {
		case "userIdentity", "addendum", "tlsDetails": // structures of Athena and Lake
			v = named(v, path)
		case logTimestamp:
			path = "eventTime" // left alone where it is there
		}
		d.put(path, v)
	}
}

// named writes the keys of an object at path as CloudTrail does, and drops what is null.
func named(n *node, path string) *node {
	if n == nil || n.kind != nodeObject {
		return n
	}
	out := &node{kind: nodeObject}
	for i, key := range n.keys {
		if n.vals[i].kind == nodeNull {
			continue
		}
		name := fieldNames[plainName(path+"."+string(key))]
		if name == "" {
			name = string(key)
		}
		out.add(name, named(n.vals[i], path+"."+name))
	}
	if len(out.keys) == 0 && len(n.keys) > 0 {
		return nil // all of it was null
	}
	return out
}

// fieldNames are the names of all parts of columnPaths, by the plain name of the path to them.
var fieldNames = func() map[string]string {
	names := map[string]string{}
	for _, c := range columnPaths {
		parts := strings.Split(c.path, ".")
		for i := range parts {
			names[plainName(strings.Join(parts[:i+1], "."))] = parts[i]
		}
	}
	return names
}()

// rebuildColumns puts a record together from an object that has its fields as columns: in lower case, as Athena and Glue
// write them, flattened, or as chosen from the output of lookup-events.
func rebuildColumns(u *unwrapper, m *members) {
	if !m.has("eventname") && !m.has("event_name") && !m.has("EventName") {
		return
	}
	if root := m.tree(); root != nil {
		u.columns(root.keys, root.vals)
	}
}

// columns gives the record of one row of a table.
func (u *unwrapper) columns(keys [][]byte, vals []*node) {
	values := make([]*node, len(columnPaths))
	known := 0
	for i, key := range keys {
		if n, ok := columnNumbers[plainName(string(key))]; ok {
			values[n] = vals[i]
			known++
		}
	}
	if known < 3 {
		return
	}
	if record := rebuildRow(values); record != nil {
		u.rebuilt(record)
	}
}

// lakeRows reads aws cloudtrail get-query-results: rows of objects with one column each.
func lakeRows(u *unwrapper, m *members) {
	if !m.has("QueryResultRows") {
		return
	}
	rows, _ := m.get("QueryResultRows")
	if m.l.text[rows.start] != '[' {
		return
	}
	u.eachElement(m.l, rows.start, func(start, end int) {
		row, err := parseTree(m.l.text[start:end])
		if err != nil {
			u.skipped("a row of more than 524,288 values")
			return
		}
		var keys [][]byte
		var vals []*node
		for _, cell := range row.vals {
			keys, vals = append(keys, cell.keys...), append(vals, cell.vals...)
		}
		u.row(keys, vals)
	})
}

// row gives the record as delivered where a column holds it, else one that is rebuilt.
func (u *unwrapper) row(keys [][]byte, vals []*node) {
	before := u.found()
	for i, key := range keys {
		if text := vals[i].text; rawColumns[plainName(string(key))] && len(text) > 0 && vals[i].kind == nodeString {
			n := len(text)
			u.values(&layer{text: append(text[:n:n], make([]byte, pad)...), n: n, form: FormInside})
		}
		if u.found() > before {
			return
		}
	}
	u.columns(keys, vals)
}
