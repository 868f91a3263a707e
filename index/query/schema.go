package query

import (
	"slices"
	"strings"
)

// Lookup finds a field by name or alias, whatever the case.
func (s Schema) Lookup(name string) (Field, bool) {
	for _, f := range s {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
		for _, a := range f.Aliases {
			if strings.EqualFold(a, name) {
				return f, true
			}
		}
	}
	return Field{}, false
}

// LookupPath finds a field of which a path of several steps is another name: the field is read from there and nowhere
// else.
func (s Schema) LookupPath(steps []string) (Field, bool) {
	if len(steps) < 2 {
		return Field{}, false
	}
	path := strings.Join(steps, ".")
	for _, f := range s {
		if slices.Contains(f.Aliases, path) {
			return f, true
		}
	}
	return Field{}, false
}

// PathKey is the key for a path whose steps are written with PathStep and IndexStep. Where the schema or the grammar
// would read the first step as something else it is put in quotes.
func (s Schema) PathKey(steps ...string) Key {
	if len(steps) == 0 || !isBareStep(steps[0]) {
		return Key{Path: steps}
	}
	if f, ok := s.LookupPath(steps); ok {
		return Key{Field: f.Name}
	}
	first := steps[0]
	_, taken := s.Lookup(first)
	digit := first[0] >= '0' && first[0] <= '9'
	if len(steps) == 1 && (taken || topLevelKey(first) != first) || digit {
		steps = append([]string{quoteExact(first)}, steps[1:]...)
	}
	return Key{Path: steps}
}

// topLevel are the keys of a record (AWS: CloudTrail record contents, and eventContext of Lake), so that they can be
// written as a path of one step, without a dot.
var topLevel = [...]string{
	"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
	"errorCode", "errorMessage", "requestParameters", "responseElements", "additionalEventData", "requestID", "eventID",
	"eventType", "apiVersion", "managementEvent", "readOnly", "resources", "recipientAccountId", "serviceEventDetails",
	"sharedEventID", "vpcEndpointId", "vpcEndpointAccountId", "eventCategory", "addendum",
	"sessionCredentialFromConsole", "edgeDeviceDetails", "tlsDetails", "annotation", "eventContext", "insightDetails",
	"insightContext", "eventData", "metadata", "UID", "timeWindow", "summaries", "eventId", "accountId", "@timestamp",
}

// topLevelKey is name as records spell it, or "".
func topLevelKey(name string) string {
	folded := ""
	for _, k := range topLevel {
		if k == name {
			return k
		}
		if folded == "" && strings.EqualFold(k, name) {
			folded = k
		}
	}
	return folded
}

// suggest is the name nearest to a mistyped one, or "".
func (s Schema) suggest(name string) string {
	name = strings.ToLower(name)
	best, bestDistance := "", 3
	if len(name) <= 4 {
		bestDistance = 2
	}
	try := func(candidate, shown string) {
		c := strings.ToLower(candidate)
		d := distance(name, c)
		if len(name) >= 3 && strings.HasPrefix(c, name) {
			d = 1
		}
		if d < bestDistance && d < len(name) {
			best, bestDistance = shown, d
		}
	}
	for _, f := range s {
		if f.Help == "" {
			continue
		}
		try(f.Name, f.Name)
		for _, a := range f.Aliases {
			try(a, a)
		}
	}
	for _, k := range topLevel {
		try(k, k)
	}
	return best
}

// distance counts the edits between two names: insert, delete, replace, swap of neighbours. Names longer than 64 bytes
// are far from everything.
func distance(a, b string) int {
	const far = 64
	if len(a) > far || len(b) > far {
		return far
	}
	var rows [3][far + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, up, upup := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(up[j]+1, row[j-1]+1, up[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], upup[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}
