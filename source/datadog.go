package source

import "bytes"

// datadogMoves are the fields that Datadog's pipeline for CloudTrail renames; the others keep their names.
var datadogMoves = []move{
	{"eventName", []string{"evt.name"}, asText},
	{"eventTime", []string{"eventTime", "timestamp", "date"}, asTime},
	{"sourceIPAddress", []string{"network.client.ip"}, asText},
	{"userAgent", []string{"http.useragent"}, asText},
	{"errorCode", []string{"error.kind"}, asText},
	{"errorMessage", []string{"error.message"}, asText},
	{"userIdentity.userName", []string{"usr.name"}, asText},
	{"userIdentity.arn", []string{"usr.id"}, asText},
}

// fieldsMoved tells what looks like a record, but has its event's name where Datadog puts it.
func fieldsMoved(s seen, raw []byte) bool {
	return s&seenEventName == 0 && bytes.Contains(raw, []byte(`"evt"`))
}

// rebuildDatadog puts a record together from the attributes of a log.
func rebuildDatadog(u *unwrapper, m *members) {
	if !m.has("evt") {
		return
	}
	root := m.tree()
	if root.seek("evt.name") == nil || root.get("eventSource") == nil && root.get("eventVersion") == nil {
		return
	}
	d := newDraft()
	for i, key := range root.keys {
		if recordFields[string(key)] {
			d.put(string(key), root.vals[i])
		}
	}
	for _, move := range datadogMoves {
		for _, from := range move.from {
			v := move.as(root.seek(from))
			if move.to == "userIdentity.arn" && !bytes.HasPrefix(v.scalar(), []byte("arn:")) {
				continue
			}
			d.put(move.to, v)
		}
	}
	u.rebuilt(d.record())
}

// recordFields are the fields at the top of a record (AWS: CloudTrail record contents).
var recordFields = func() map[string]bool {
	set := map[string]bool{}
	for _, c := range columnPaths {
		top, _, _ := cutPath(c.path)
		set[top] = true
	}
	return set
}()
