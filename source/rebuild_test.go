package source_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
)

// at follows a path in a decoded record, nil where there is nothing.
func at(record object, path string) any {
	var v any = record
	for key := range strings.SplitSeq(path, ".") {
		m, ok := v.(object)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// text is a value as a cell holds it.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(v)
}

func jsonText(tb testing.TB, v any) string {
	tb.Helper()
	if v == nil {
		return ""
	}
	return marshal(tb, v)
}

// structText writes a value as Athena does, names of fields in lower case.
func structText(v any) string {
	switch v := v.(type) {
	case object:
		var parts []string
		for key, value := range v {
			parts = append(parts, strings.ToLower(key)+"="+structText(value))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		var parts []string
		for _, value := range v {
			parts = append(parts, structText(value))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case nil:
		return "null"
	}
	return fmt.Sprint(v)
}

func rebuiltShapes(tb testing.TB, records []string) map[string]string {
	tb.Helper()
	var decoded []object
	for _, r := range records {
		var o object
		if err := json.Unmarshal([]byte(r), &o); err != nil {
			tb.Fatal(err)
		}
		decoded = append(decoded, o)
	}
	rows := func(cells ...func(r object) string) (all [][]string) {
		for _, r := range decoded {
			var row []string
			for _, cell := range cells {
				row = append(row, cell(r))
			}
			all = append(all, row)
		}
		return all
	}
	of := func(path string) func(object) string { return func(r object) string { return text(at(r, path)) } }
	asJSON := func(path string) func(object) string {
		return func(r object) string { return jsonText(tb, at(r, path)) }
	}
	asStruct := func(path string) func(object) string {
		return func(r object) string {
			if v := at(r, path); v != nil {
				return structText(v)
			}
			return ""
		}
	}
	console := table(tb, ',', strings.Split("User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP address,User agent,"+
		"Error code,Resources,Request ID,Event ID,Read-only,Event type,Recipient Account Id,Event category", ","),
		rows(of("userIdentity.userName"), of("userIdentity.accessKeyId"), of("eventTime"), of("eventSource"), of("eventName"), of("awsRegion"),
			of("sourceIPAddress"), of("userAgent"), of("errorCode"), func(r object) string {
				var names []any
				list, _ := r["resources"].([]any)
				for _, v := range list {
					names = append(names, object{"resourceType": "T", "resourceName": nameOf(v)})
				}
				return jsonText(tb, names)
			}, of("requestID"), of("eventID"), of("readOnly"), of("eventType"), of("recipientAccountId"), of("eventCategory")))
	athena := func(identity func(string) func(object) string) string {
		return table(tb, ',', strings.Split("eventversion,useridentity,eventtime,eventsource,eventname,awsregion,sourceipaddress,useragent,errorcode,"+
			"errormessage,requestparameters,responseelements,additionaleventdata,requestid,eventid,readonly,resources,eventtype,recipientaccountid,"+
			"sharedeventid,vpcendpointid,eventcategory,sessioncredentialfromconsole,tlsdetails,managementevent,addendum,serviceeventdetails", ","),
			rows(of("eventVersion"), identity("userIdentity"), of("eventTime"), of("eventSource"), of("eventName"), of("awsRegion"),
				of("sourceIPAddress"), of("userAgent"), of("errorCode"), of("errorMessage"), asJSON("requestParameters"), asJSON("responseElements"),
				asJSON("additionalEventData"), of("requestID"), of("eventID"), of("readOnly"), identity("resources"), of("eventType"),
				of("recipientAccountId"), of("sharedEventID"), of("vpcEndpointId"), of("eventCategory"), of("sessionCredentialFromConsole"),
				identity("tlsDetails"), of("managementEvent"), identity("addendum"), asJSON("serviceEventDetails")))
	}
	var elastic, ocsf, datadog, unload, chosen strings.Builder
	var insights []any
	for _, r := range decoded {
		unload.WriteString(marshal(tb, lowered(tb, r)) + "\n")
		chosen.WriteString(marshal(tb, chosenItem(r)) + "\n")
		insights = append(insights, insightsRow(r))
		elastic.WriteString(marshal(tb, elasticDocument(tb, r)) + "\n")
		ocsf.WriteString(marshal(tb, ocsfEvent(tb, r)) + "\n")
		datadog.WriteString(marshal(tb, datadogLog(r)) + "\n")
	}
	return map[string]string{
		"Event history table":           console,
		"Event history table, CRLF":     strings.ReplaceAll(console, "\n", "\r\n"),
		"Athena table":                  athena(asStruct),
		"Athena table with JSON":        "\ufeff" + athena(asJSON),
		"Elasticsearch without records": elastic.String(),
		"OCSF":                          ocsf.String(),
		"Datadog without records":       datadog.String(),
		"Athena unloaded as JSON":       unload.String(),
		"Insights rows":                 marshal(tb, object{"results": insights, "status": "Complete"}),
		"Insights rows, one a line":     each(tb, make([]string, len(insights)), func(string) any { row := insights[0]; insights = insights[1:]; return row }),
		"Insights table": table(tb, ',', []string{"@timestamp", "eventName", "eventSource", "userIdentity.arn", "requestID"},
			rows(of("eventTime"), of("eventName"), of("eventSource"), of("userIdentity.arn"), of("requestID"))),
		"lookup-events, chosen fields": chosen.String(),
	}
}

// lowered is a record as Athena unloads it: names of columns and of fields of structures in lower case, requests as text.
func lowered(tb testing.TB, r object) object {
	tb.Helper()
	out := object{}
	for key, v := range r {
		switch name := strings.ToLower(key); key {
		case "requestParameters", "responseElements", "additionalEventData", "serviceEventDetails":
			out[name] = jsonText(tb, v)
		default:
			out[name] = lowerKeys(v)
		}
	}
	return out
}

func lowerKeys(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for key, value := range v {
			out[strings.ToLower(key)] = lowerKeys(value)
		}
		return out
	case []any:
		out := []any{}
		for _, value := range v {
			out = append(out, lowerKeys(value))
		}
		return out
	}
	return v
}

// insightsRow is a record as a query for its fields gives it: each scalar by its path.
func insightsRow(r object) any {
	row := []any{object{"field": "@timestamp", "value": "2026-01-01 00:00:00.000"}}
	var flatten func(path string, v any)
	flatten = func(path string, v any) {
		switch v := v.(type) {
		case object:
			for key, value := range v {
				flatten(strings.TrimPrefix(path+"."+key, "."), value)
			}
		case []any:
			for i, value := range v {
				flatten(fmt.Sprintf("%s.%d", path, i), value)
			}
		case nil:
		default:
			row = append(row, object{"field": path, "value": text(v)})
		}
	}
	flatten("", r)
	return append(row, object{"field": "@ptr", "value": "p"})
}

// chosenItem is an item of lookup-events without the record, as --query gives it.
func chosenItem(r object) object {
	at, err := time.Parse(time.RFC3339, text(r["eventTime"]))
	if err != nil {
		panic(err) // they are generated
	}
	return object{
		"EventId": r["eventID"], "EventName": r["eventName"], "EventTime": json.Number(fmt.Sprintf("%d.0", at.Unix())), "EventSource": r["eventSource"],
		"ReadOnly": text(r["readOnly"]), "Resources": []any{object{"ResourceType": "T", "ResourceName": "n"}},
	}
}

func elasticDocument(tb testing.TB, r object) object {
	tb.Helper()
	flat := object{}
	for to, from := range map[string]string{
		"request_parameters": "requestParameters", "response_elements": "responseElements", "additional_eventdata": "additionalEventData",
		"service_event_details": "serviceEventDetails",
	} {
		if v := at(r, from); v != nil {
			flat[to] = v
		}
	}
	issuer := "userIdentity.sessionContext.sessionIssuer."
	return object{"_source": object{
		"@timestamp": r["eventTime"], "event": object{"id": r["eventID"], "action": r["eventName"], "provider": r["eventSource"]},
		"cloud":  object{"region": r["awsRegion"], "account": object{"id": r["recipientAccountId"]}},
		"source": object{"address": r["sourceIPAddress"]}, "user_agent": object{"original": r["userAgent"]},
		"user": object{"id": at(r, "userIdentity.principalId"), "name": at(r, "userIdentity.userName")},
		"aws": object{"cloudtrail": object{
			"event_version": r["eventVersion"], "event_type": r["eventType"], "event_category": r["eventCategory"], "error_code": r["errorCode"],
			"error_message": r["errorMessage"], "request_id": r["requestID"], "read_only": r["readOnly"], "management_event": r["managementEvent"],
			"shared_event_id": r["sharedEventID"], "vpc_endpoint_id": r["vpcEndpointId"], "flattened": flat, "resources": elasticResources(r),
			"user_identity": object{
				"type": at(r, "userIdentity.type"), "arn": at(r, "userIdentity.arn"), "access_key_id": at(r, "userIdentity.accessKeyId"),
				"invoked_by": at(r, "userIdentity.invokedBy"), "session_context": object{
					"creation_date":     at(r, "userIdentity.sessionContext.attributes.creationDate"),
					"mfa_authenticated": at(r, "userIdentity.sessionContext.attributes.mfaAuthenticated"),
					"session_issuer": object{
						"type": at(r, issuer+"type"), "principal_id": at(r, issuer+"principalId"), "arn": at(r, issuer+"arn"),
						"account_id": at(r, issuer+"accountId"), "user_name": at(r, issuer+"userName"),
					},
				},
			},
		}},
	}}
}

// nameOf is what names an element of resources.
func nameOf(v any) any {
	if arn := v.(object)["ARN"]; arn != nil {
		return arn
	}
	return v.(object)["ARNPrefix"]
}

func elasticResources(r object) any {
	list, _ := r["resources"].([]any)
	var all []any
	for _, v := range list {
		all = append(all, object{"arn": nameOf(v), "account_id": v.(object)["accountId"], "type": v.(object)["type"]})
	}
	return all
}

func ocsfEvent(tb testing.TB, r object) object {
	tb.Helper()
	list, _ := r["resources"].([]any)
	var resources []any
	for _, v := range list {
		resources = append(resources, object{"uid": nameOf(v), "type": v.(object)["type"], "owner": object{"account": object{"uid": v.(object)["accountId"]}}})
	}
	unmapped := object{"readOnly": r["readOnly"], "managementEvent": r["managementEvent"], "recipientAccountId": r["recipientAccountId"]}
	for _, path := range []string{
		"additionalEventData", "sharedEventID", "sessionCredentialFromConsole", "tlsDetails.tlsVersion", "tlsDetails.cipherSuite",
		"tlsDetails.clientProvidedHostHeader", "userIdentity.sessionContext.sessionIssuer.type",
		"userIdentity.sessionContext.sessionIssuer.userName", "userIdentity.sessionContext.sessionIssuer.principalId",
		"userIdentity.sessionContext.sessionIssuer.accountId",
	} {
		if v := at(r, path); v != nil {
			unmapped[path] = v
		}
	}
	return object{
		"class_uid": 6003, "category_uid": 6, "time_dt": r["eventTime"],
		"metadata": object{"uid": r["eventID"], "event_code": r["eventType"], "product": object{
			"name": "CloudTrail", "version": r["eventVersion"], "feature": object{"name": r["eventCategory"]},
		}},
		"api": object{
			"operation": r["eventName"], "service": object{"name": r["eventSource"]},
			"request":  object{"uid": r["requestID"], "data": jsonText(tb, at(r, "requestParameters"))},
			"response": object{"error": r["errorCode"], "message": r["errorMessage"], "data": jsonText(tb, at(r, "responseElements"))},
		},
		"cloud": object{"region": r["awsRegion"]}, "src_endpoint": object{"ip": r["sourceIPAddress"], "uid": r["vpcEndpointId"]},
		"http_request": object{"user_agent": r["userAgent"]}, "resources": resources, "unmapped": unmapped,
		"actor": object{
			"user": object{
				"type": at(r, "userIdentity.type"), "name": at(r, "userIdentity.userName"), "uid": at(r, "userIdentity.arn"),
				"uid_alt": at(r, "userIdentity.principalId"), "account": object{"uid": at(r, "userIdentity.accountId")},
				"credential_uid": at(r, "userIdentity.accessKeyId"),
			},
			"session":    object{"created_time_dt": at(r, "userIdentity.sessionContext.attributes.creationDate"), "issuer": at(r, "userIdentity.sessionContext.sessionIssuer.arn"), "is_mfa": at(r, "userIdentity.sessionContext.attributes.mfaAuthenticated")},
			"invoked_by": at(r, "userIdentity.invokedBy"),
		},
	}
}

func datadogLog(r object) object {
	attributes := object{
		"evt": object{"name": r["eventName"]}, "network": object{"client": object{"ip": r["sourceIPAddress"]}},
		"http": object{"useragent": r["userAgent"]},
	}
	for key, v := range r {
		if key != "eventName" && key != "sourceIPAddress" && key != "userAgent" {
			attributes[key] = v
		}
	}
	return object{"id": "1", "attributes": object{"service": "cloudtrail", "message": "text", "attributes": attributes}}
}

// What is rebuilt says nothing that the record did not say, and lacks only what docs/shapes.md tells.
func TestRebuiltRecordsSayWhatTheRecordsSaid(t *testing.T) {
	records := manyRecords(t)
	want, _ := readAll(t, strings.Join(records, "\n"))
	for name, stored := range rebuiltShapes(t, records) {
		got, s := readAll(t, stored)
		if len(got) != len(want) || s.Content != source.ContentEvents || s.Skipped > 0 || s.Damage != "" {
			t.Errorf("%s: %d events, want %d: %+v", name, len(got), len(want), s)
			continue
		}
		lost := map[source.Leaf]bool{}
		for i, g := range got {
			if g.Flags&source.Reconstructed == 0 {
				t.Fatalf("%s: not marked as reconstructed: %s", name, g.Raw)
			}
			if !json.Valid([]byte(g.Raw)) {
				t.Fatalf("%s: no JSON: %s", name, g.Raw)
			}
			for leaf, value := range want[i].Leaves {
				if v, ok := g.Leaves[leaf]; !ok && value != "" {
					lost[leaf] = true
				} else if ok && v != value {
					t.Errorf("%s: leaf %d is %q, was %q", name, leaf, v, value)
				}
			}
			for leaf, value := range g.Leaves {
				if _, ok := want[i].Leaves[leaf]; !ok {
					t.Errorf("%s: leaf %d is %q, was not there", name, leaf, value)
				}
			}
			for _, r := range want[i].Resources {
				if !slices.Contains(g.Resources, r) && !strings.HasPrefix(name, "Event history") && !strings.HasPrefix(name, "lookup") && name != "Insights table" {
					t.Errorf("%s: resource %q is lost", name, r)
				}
			}
		}
		if name == "Insights table" || name == "lookup-events, chosen fields" {
			continue // they have what was asked for
		}
		if diff := cmp.Diff(lostLeaves[strings.TrimSuffix(strings.TrimSuffix(name, ", CRLF"), " with JSON")], sorted(lost)); diff != "" {
			t.Errorf("%s %v, lost (-told +found):\n%s", name, sorted(lost), diff)
		}
	}
}

func sorted(set map[source.Leaf]bool) (leaves []source.Leaf) {
	for leaf := range set {
		leaves = append(leaves, leaf)
	}
	slices.Sort(leaves)
	return leaves
}

// lostLeaves are what each shape has no place for.
var lostLeaves = map[string][]source.Leaf{
	"Elasticsearch without records": {
		source.LeafConsoleCredential, source.LeafTLSVersion, source.LeafHostHeader, source.LeafIdentityAccount, source.LeafFederatedProvider,
	},
	"OCSF": {source.LeafFederatedProvider},
	"Event history table": {
		source.LeafEventVersion, source.LeafErrorMessage, source.LeafManagementEvent, source.LeafSharedEventID, source.LeafVPCEndpoint,
		source.LeafConsoleCredential, source.LeafTLSVersion, source.LeafHostHeader, source.LeafIdentityType,
		source.LeafIdentityPrincipalID, source.LeafIdentityARN, source.LeafIdentityAccount, source.LeafIdentityInvokedBy,
		source.LeafIssuerType, source.LeafIssuerUserName, source.LeafIssuerARN, source.LeafIssuerPrincipalID, source.LeafIssuerAccount,
		source.LeafFederatedProvider, source.LeafSessionMFA, source.LeafSessionCreated,
	},
}
