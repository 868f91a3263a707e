package history

// An Attribute is one that LookupEvents filters by; one request takes one of them. The value is compared exactly, case
// counts (CloudTrail API reference, LookupEvents). The zero Attribute is none.
type Attribute struct{ Key, Value string }

// The keys of attributes.
const (
	EventID      = "EventId"
	EventName    = "EventName"
	EventSource  = "EventSource"
	Username     = "Username"
	AccessKeyID  = "AccessKeyId"
	ResourceName = "ResourceName"
	ResourceType = "ResourceType"
	ReadOnly     = "ReadOnly"
)

// maxValue is how long a value may be; some characters count twice.
const maxValue = 1000

// Valid says that AWS takes it.
func (a Attribute) Valid() bool {
	switch a.Key {
	case EventID, EventName, EventSource, Username, AccessKeyID, ResourceName, ResourceType, ReadOnly:
		return a.Value != "" && len(a.Value) <= maxValue
	}
	return false
}

// String is "EventName=DeleteTrail".
func (a Attribute) String() string { return a.Key + "=" + a.Value }

// rare says that few events have it.
func (a Attribute) rare() bool {
	switch a.Key {
	case "", EventSource, ReadOnly:
		return false
	}
	return true
}
