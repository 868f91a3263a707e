package source

import "bytes"

// Service is the eventSource without its domain, in lower case: "s3" of s3.amazonaws.com. Insights give the service they
// are about. Sources outside AWS are given as they are.
func (e *Event) Service() []byte {
	s := e.leaves[LeafEventSource]
	if len(s) == 0 {
		s = e.leaves[LeafInsightEventSource]
	}
	s = serviceOf(s)
	for _, c := range s {
		if c >= 'A' && c <= 'Z' {
			return bytes.ToLower(s)
		}
	}
	return s
}

// serviceOf is the text before .amazonaws.com or .amazonaws.com.cn, or the text itself where that is not its end.
func serviceOf(s []byte) []byte {
	const domain = ".amazonaws.com"
	b := s
	if n := len(b) - len(".cn"); n > 0 && bytes.EqualFold(b[n:], []byte(".cn")) {
		b = b[:n]
	}
	if n := len(b) - len(domain); n > 0 && bytes.EqualFold(b[n:], []byte(domain)) {
		return b[:n]
	}
	return s
}

// Name is the eventName; Insights give the name of the calls they are about.
func (e *Event) Name() []byte {
	if s := e.leaves[LeafEventName]; len(s) > 0 {
		return s
	}
	return e.leaves[LeafInsightEventName]
}

// readPrefixes begin the names of calls that only read, where a record does not say.
var readPrefixes = [...]string{"Get", "List", "Describe", "Head", "Lookup", "Search", "Query", "BatchGet"}

// ReadOnly tells whether the call only read. Where the record does not say it is guessed by the first word of the
// event's name (guessed); without a name, and for Insights and aggregated events, which are about many calls, it is
// not known.
func (e *Event) ReadOnly() (value, guessed, known bool) {
	s := e.leaves[LeafReadOnly]
	if isTrue(s) || isFalse(s) {
		return isTrue(s), false, true
	}
	name := e.leaves[LeafEventName]
	if len(name) == 0 {
		return false, false, false
	}
	for _, p := range readPrefixes {
		if len(name) >= len(p) && string(name[:len(p)]) == p {
			after := name[len(p):]
			if len(after) == 0 || after[0] < 'a' || after[0] > 'z' {
				return true, true, true
			}
		}
	}
	return false, true, true
}

// The categories, and truth. Shared: callers do not write to them.
var (
	categoryManagement = []byte("management")
	categoryData       = []byte("data")
	categoryInsight    = []byte("insight")
	categoryNetwork    = []byte("network")
	categoryAggregated = []byte("aggregated")
	categoryActivity   = []byte("activity")

	textTrue  = []byte("true")
	textFalse = []byte("false")
)

// Category is management, data, insight, network, aggregated or activity; an eventCategory that is none of these is given
// as it is. Records older than version 1.07 have none: their eventType and managementEvent tell, and what says nothing
// is a management event.
func (e *Event) Category() []byte {
	if s := e.leaves[LeafEventCategory]; len(s) > 0 {
		switch {
		case foldEqual(s, "Management"):
			return categoryManagement
		case foldEqual(s, "Data"):
			return categoryData
		case foldEqual(s, "Insight"):
			return categoryInsight
		case foldEqual(s, "NetworkActivity"):
			return categoryNetwork
		case foldEqual(s, "Aggregated"):
			return categoryAggregated
		case foldEqual(s, "ActivityAuditLog"):
			return categoryActivity
		}
		return s
	}
	switch s := e.leaves[LeafEventType]; {
	case foldEqual(s, "AwsCloudTrailInsight"):
		return categoryInsight
	case foldEqual(s, "AwsVpceEvent"), foldEqual(s, "AwsVpceEvents"):
		return categoryNetwork
	case foldEqual(s, "AwsAggregatedEvent"):
		return categoryAggregated
	case foldEqual(s, "ActivityLog"):
		return categoryActivity
	case isFalse(e.leaves[LeafManagementEvent]):
		return categoryData
	}
	return categoryManagement
}

// MFA is "true" or "false", nil where the record says nothing. Multi-factor authentication of a person who comes by an
// identity provider is not seen by AWS, so that a "false" of theirs says nothing; nor does it for a role's console
// sign-in, which is always such a person's.
func (e *Event) MFA() []byte {
	session, login := e.leaves[LeafSessionMFA], e.leaves[LeafMFAUsed]
	switch {
	case isTrue(session) || foldEqual(login, "Yes"):
		return textTrue
	case !isFalse(session) && !foldEqual(login, "No"), e.isFederated():
		return nil
	}
	return textFalse
}

// isFederated tells people who signed in elsewhere.
func (e *Event) isFederated() bool {
	e.readIdentity()
	switch e.who.typ {
	case typeFederatedUser, typeIdentityCenter, typeSAMLUser, typeWebUser:
		return true
	case typeAssumedRole:
		return e.isSSOUser() || e.isWebIdentity() || len(e.leaves[LeafMFAUsed]) > 0
	default:
		return len(e.leaves[LeafIdentityOnBehalfUser]) > 0
	}
}

func isTrue(s []byte) bool  { return foldEqual(s, "true") }
func isFalse(s []byte) bool { return foldEqual(s, "false") }

// foldEqual compares ASCII text without case; word may be in any case.
func foldEqual(s []byte, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(word) {
		a, b := s[i], word[i]
		if a != b && (a|0x20 != b|0x20 || a|0x20 < 'a' || a|0x20 > 'z') {
			return false
		}
	}
	return true
}
