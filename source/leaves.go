package source

import (
	"bytes"
	"encoding/binary"
)

// A scope is a kind of object whose keys the scanner knows.
type scope uint8

const (
	inRecord     scope = iota
	inIdentity         // userIdentity
	inDelegate         // userIdentity.invokedByDelegate
	inOnBehalf         // userIdentity.onBehalfOf
	inSession          // userIdentity.sessionContext
	inIssuer           // userIdentity.sessionContext.sessionIssuer
	inWebID            // userIdentity.sessionContext.webIdFederationData
	inAttributes       // userIdentity.sessionContext.attributes
	inTLS              // tlsDetails
	inAddendum         // addendum
	inAdditional       // additionalEventData
	inResource         // an element of resources
	numScopes
)

// An action is what the scanner does with the value of a known key.
type action uint8

const (
	actNone      action = iota
	actLeaf             // keep the text of a scalar
	actObject           // an object of another scope
	actRequest          // gather what names resources
	actResponse         // the same, and access keys handed out
	actDetails          // serviceEventDetails: gather, nothing else
	actResources        // resources: an array of inResource
	actResource         // a resource's name
	actTree             // too rare for the scanner: the tree of the record answers
	actContainer        // an array here makes a top-level object a container of records
)

// A knownKey is one row of the table of keys.
type knownKey struct {
	in   scope
	name string
	act  action
	leaf Leaf
	sub  scope
	seen seen
	// words are the name with its closing quote and a colon, size bytes in all: comparing them under masks, without a
	// branch, tells the expected key of compact JSON. A size of 0 matches nothing.
	words, masks [matchBytes / 8]uint64
	size         uint8
	bit          uint64 // one per key of a scope: tells repeated keys
}

// matchBytes is how much of a key is compared at once: the longest with its quote and colon.
const matchBytes = 32

// matches says that text begins with the key and its colon.
func (k *knownKey) matches(text *[matchBytes]byte) bool {
	return (binary.LittleEndian.Uint64(text[:])^k.words[0])&k.masks[0]|
		(binary.LittleEndian.Uint64(text[8:])^k.words[1])&k.masks[1]|
		(binary.LittleEndian.Uint64(text[16:])^k.words[2])&k.masks[2]|
		(binary.LittleEndian.Uint64(text[24:])^k.words[3])&k.masks[3] == 0 && k.size != 0
}

// expect fills in words, masks and size.
func (k *knownKey) expect() {
	match := k.name + `":`
	if len(match) > matchBytes {
		return
	}
	var text, mask [matchBytes]byte
	k.size = uint8(copy(text[:], match))
	copy(mask[:], bytes.Repeat([]byte{0xff}, len(match)))
	for i := range k.words {
		k.words[i], k.masks[i] = binary.LittleEndian.Uint64(text[8*i:]), binary.LittleEndian.Uint64(mask[8*i:])
	}
}

// knownKeys is the table of keys. Row 0 stands for no key. Rows stand in the order of real trail files, which only
// helps the reader: the scanner learns what follows what.
var knownKeys = buildKeys([]knownKey{
	{},
	{in: inRecord, name: "eventVersion", act: actLeaf, leaf: LeafEventVersion},
	{in: inRecord, name: "userIdentity", act: actObject, sub: inIdentity},
	{in: inRecord, name: "eventTime", act: actLeaf, leaf: LeafEventTime},
	{in: inRecord, name: "eventSource", act: actLeaf, leaf: LeafEventSource},
	{in: inRecord, name: "eventName", act: actLeaf, leaf: LeafEventName},
	{in: inRecord, name: "awsRegion", act: actLeaf, leaf: LeafAWSRegion},
	{in: inRecord, name: "sourceIPAddress", act: actLeaf, leaf: LeafSourceIP},
	{in: inRecord, name: "userAgent", act: actLeaf, leaf: LeafUserAgent},
	{in: inRecord, name: "errorCode", act: actLeaf, leaf: LeafErrorCode},
	{in: inRecord, name: "errorMessage", act: actLeaf, leaf: LeafErrorMessage},
	{in: inRecord, name: "requestParameters", act: actRequest},
	{in: inRecord, name: "responseElements", act: actResponse},
	{in: inRecord, name: "additionalEventData", act: actObject, sub: inAdditional},
	{in: inRecord, name: "requestID", act: actLeaf, leaf: LeafRequestID},
	{in: inRecord, name: "eventID", act: actLeaf, leaf: LeafEventID},
	{in: inRecord, name: "readOnly", act: actLeaf, leaf: LeafReadOnly},
	{in: inRecord, name: "resources", act: actResources},
	{in: inRecord, name: "serviceEventDetails", act: actDetails},
	{in: inRecord, name: "eventType", act: actLeaf, leaf: LeafEventType},
	{in: inRecord, name: "managementEvent", act: actLeaf, leaf: LeafManagementEvent},
	{in: inRecord, name: "recipientAccountId", act: actLeaf, leaf: LeafRecipientAccount},
	{in: inRecord, name: "sharedEventID", act: actLeaf, leaf: LeafSharedEventID},
	{in: inRecord, name: "vpcEndpointId", act: actLeaf, leaf: LeafVPCEndpoint},
	{in: inRecord, name: "eventCategory", act: actLeaf, leaf: LeafEventCategory},
	{in: inRecord, name: "tlsDetails", act: actObject, sub: inTLS},
	{in: inRecord, name: "sessionCredentialFromConsole", act: actLeaf, leaf: LeafConsoleCredential},
	{in: inRecord, name: "addendum", act: actObject, sub: inAddendum},
	{in: inRecord, name: "accountId", act: actLeaf, leaf: LeafAccountID},
	{in: inRecord, name: "@timestamp", act: actLeaf, leaf: LeafTimestamp},
	{in: inRecord, name: "eventId", act: actTree},
	{in: inRecord, name: "timeWindow", act: actTree},
	{in: inRecord, name: "summary", act: actTree},
	{in: inRecord, name: "insightDetails", act: actTree},
	{in: inRecord, name: "insightType", act: actTree}, // the flat form of CloudTrail Lake
	{in: inRecord, name: "eventData", act: actTree},
	{in: inRecord, name: "CloudTrailEvent", act: actTree},
	{in: inRecord, name: "digestS3Object", act: actNone},
	{in: inRecord, name: "Records", act: actContainer},
	{in: inRecord, name: "Events", act: actContainer},
	{in: inRecord, name: "events", act: actContainer},
	{in: inRecord, name: "logEvents", act: actContainer},
	{in: inRecord, name: "results", act: actContainer},
	{in: inRecord, name: "records", act: actContainer},
	{in: inRecord, name: "Messages", act: actContainer},
	{in: inRecord, name: "data", act: actContainer},
	{in: inRecord, name: hitsKey, act: actContainer},

	{in: inIdentity, name: "type", act: actLeaf, leaf: LeafIdentityType},
	{in: inIdentity, name: "principalId", act: actLeaf, leaf: LeafIdentityPrincipalID},
	{in: inIdentity, name: "arn", act: actLeaf, leaf: LeafIdentityARN},
	{in: inIdentity, name: "accountId", act: actLeaf, leaf: LeafIdentityAccount},
	{in: inIdentity, name: "accessKeyId", act: actLeaf, leaf: LeafIdentityKey},
	{in: inIdentity, name: "userName", act: actLeaf, leaf: LeafIdentityUserName},
	{in: inIdentity, name: "sessionContext", act: actObject, sub: inSession},
	{in: inIdentity, name: "invokedBy", act: actLeaf, leaf: LeafIdentityInvokedBy},
	{in: inIdentity, name: "invokedByDelegate", act: actObject, sub: inDelegate},
	{in: inIdentity, name: "onBehalfOf", act: actObject, sub: inOnBehalf},
	{in: inIdentity, name: "credentialId", act: actLeaf, leaf: LeafIdentityCredential},
	{in: inIdentity, name: "identityProvider", act: actLeaf, leaf: LeafIdentityProvider},

	{in: inDelegate, name: "accountId", act: actLeaf, leaf: LeafIdentityDelegate},
	{in: inOnBehalf, name: "userId", act: actLeaf, leaf: LeafIdentityOnBehalfUser},
	{in: inOnBehalf, name: "identityStoreArn", act: actLeaf, leaf: LeafIdentityOnBehalfStore},

	{in: inSession, name: "sessionIssuer", act: actObject, sub: inIssuer},
	{in: inSession, name: "webIdFederationData", act: actObject, sub: inWebID},
	{in: inSession, name: "attributes", act: actObject, sub: inAttributes},
	{in: inSession, name: "sourceIdentity", act: actLeaf, leaf: LeafSourceIdentity},
	{in: inSession, name: "assumedRoot", act: actLeaf, leaf: LeafAssumedRoot},
	{in: inSession, name: "signInSessionArn", act: actLeaf, leaf: LeafSignInSession},

	{in: inIssuer, name: "type", act: actLeaf, leaf: LeafIssuerType},
	{in: inIssuer, name: "principalId", act: actLeaf, leaf: LeafIssuerPrincipalID},
	{in: inIssuer, name: "arn", act: actLeaf, leaf: LeafIssuerARN},
	{in: inIssuer, name: "accountId", act: actLeaf, leaf: LeafIssuerAccount},
	{in: inIssuer, name: "userName", act: actLeaf, leaf: LeafIssuerUserName},

	{in: inWebID, name: "federatedProvider", act: actLeaf, leaf: LeafFederatedProvider},
	{in: inAttributes, name: "creationDate", act: actLeaf, leaf: LeafSessionCreated},
	{in: inAttributes, name: "mfaAuthenticated", act: actLeaf, leaf: LeafSessionMFA},

	{in: inTLS, name: "tlsVersion", act: actLeaf, leaf: LeafTLSVersion},
	{in: inTLS, name: "clientProvidedHostHeader", act: actLeaf, leaf: LeafHostHeader},
	{in: inAddendum, name: "reason", act: actLeaf, leaf: LeafAddendumReason},
	{in: inAddendum, name: "originalEventID", act: actLeaf, leaf: LeafAddendumOriginal},
	{in: inAdditional, name: "MFAUsed", act: actLeaf, leaf: LeafMFAUsed},
	{in: inAdditional, name: "UserName", act: actLeaf, leaf: LeafLoginUserName},
	{in: inAdditional, name: "omitted", act: actTree},

	{in: inResource, name: "ARN", act: actResource},
	{in: inResource, name: "ARNPrefix", act: actResource},
	{in: inResource, name: "resourceName", act: actResource},
})

// hitsKey is the one key of records below which an object may stand with the list: {"hits":{"hits":[…]}}.
const hitsKey = "hits"

// maxKnown bounds the table: rows and contexts are numbered by one byte.
const maxKnown = 128

func buildKeys(rows []knownKey) []knownKey {
	var used [numScopes]int
	for i := 1; i < len(rows); i++ {
		row := &rows[i]
		row.expect()
		row.bit = 1 << used[row.in]
		used[row.in]++
		if row.in == inRecord {
			row.seen = seenKey([]byte(row.name))
		}
	}
	return rows
}

// keySlots finds rows by a hash of scope, length, first and last byte; zero is an empty slot.
var keySlots = buildSlots(knownKeys)

const numSlots = 512

func buildSlots(rows []knownKey) *[numSlots]uint8 {
	slots := new([numSlots]uint8)
	for i := 1; i < len(rows); i++ {
		h := keySlot(rows[i].in, []byte(rows[i].name))
		for slots[h] != 0 {
			h = (h + 1) % numSlots
		}
		slots[h] = uint8(i)
	}
	return slots
}

func keySlot(in scope, key []byte) uint {
	last := len(key) - 1
	return (uint(in)*101 + uint(last)*37 + uint(key[0])*7 + uint(key[last])*13) % numSlots
}

// findKey is the row of a key in a scope, 0 where it is not known.
func findKey(in scope, key []byte) uint8 {
	if len(key) == 0 {
		return 0
	}
	for h := keySlot(in, key); ; h = (h + 1) % numSlots {
		k := keySlots[h]
		if k == 0 || knownKeys[k].in == in && knownKeys[k].name == string(key) {
			return k
		}
	}
}
