package source

// A Form says how a record lies in its log file.
type Form uint8

const (
	// FormPlain says that the record is the JSON text of its span.
	FormPlain Form = iota
	// FormString says that the span is the inside of a JSON string (without the quotes) whose decoded text is the record, as in
	// the output of lookup-events.
	FormString
	// FormInside says that the record is not a part of its span but worked out from it: packed, in a string within a string, or
	// rebuilt. The span is a JSON value, from which a Restorer gives it again; other records may have the same span.
	FormInside
)

// A Span is where a record lies in the uncompressed content of its log file.
type Span struct {
	Offset int64
	Length int64
	Form   Form
}

// Flags are facts about how a record came in.
type Flags uint8

const (
	// Salvaged marks a whole record out of a file that is not valid JSON (RFC 8259) or otherwise damaged. Records yielded before
	// the damage was found lack it; see Stats.Salvaged.
	Salvaged Flags = 1 << iota
	// Reconstructed marks a record rebuilt from an export that does not hold the record as delivered.
	Reconstructed
	// TimeGuessed says that the time is not from eventTime.
	TimeGuessed
	// ReadOnlyGuessed says that readOnly was missing and guessed by the event's name.
	ReadOnlyGuessed
)

// An Event is one CloudTrail record with the values of the fields we use. What is derived from them lives beside its rules:
// Time (time.go), Principal (identity.go), Outcome (outcome.go), Service, Name, ReadOnly, Category and MFA (names.go),
// AgentFamily (agent.go). All of these take what a record lacks, or has in another type, as absent. All byte slices are valid until the decoder
// goes on to the next record; whoever keeps one copies it.
type Event struct {
	// Raw is the record exactly as delivered (for FormString: the decoded text).
	Raw []byte
	// Span is where it lies in the uncompressed content.
	Span Span
	// Position is its number in the log file, from 0, skipped records not counted.
	Position int
	// Flags as found by the decoder.
	Flags Flags

	leaves    [NumLeaves][]byte // decoded text of scalar values; nil: absent, null, or an object or array
	resources [][]byte          // see Resources
	issued    [][]byte          // see Issued
	who       identity          // see Principal
	identity  IdentityRef       // see Identity
	loose     [][]byte          // see Loose
	isLoose   bool
	// identityText is what identity stands for.
	identityText []byte
	// MoreResources counts resources beyond the 64 kept.
	MoreResources int
}

// A Leaf is a place in a record whose scalar value is read in the decoder's one pass.
type Leaf uint8

// The leaves. Comments give the JSON path.
const (
	LeafEventTime             Leaf = iota // eventTime
	LeafTimestamp                         // @timestamp
	LeafWindowStart                       // timeWindow.windowStart
	LeafEventName                         // eventName
	LeafEventSource                       // eventSource
	LeafEventID                           // eventID, else eventId
	LeafEventType                         // eventType
	LeafEventCategory                     // eventCategory
	LeafEventVersion                      // eventVersion
	LeafAWSRegion                         // awsRegion
	LeafSourceIP                          // sourceIPAddress
	LeafUserAgent                         // userAgent
	LeafErrorCode                         // errorCode
	LeafErrorMessage                      // errorMessage
	LeafRequestID                         // requestID
	LeafReadOnly                          // readOnly
	LeafManagementEvent                   // managementEvent
	LeafRecipientAccount                  // recipientAccountId
	LeafAccountID                         // accountId (aggregated records)
	LeafSharedEventID                     // sharedEventID
	LeafVPCEndpoint                       // vpcEndpointId
	LeafConsoleCredential                 // sessionCredentialFromConsole
	LeafTLSVersion                        // tlsDetails.tlsVersion
	LeafHostHeader                        // tlsDetails.clientProvidedHostHeader
	LeafAddendumReason                    // addendum.reason
	LeafAddendumOriginal                  // addendum.originalEventID
	LeafIdentityType                      // userIdentity.type
	LeafIdentityUserName                  // userIdentity.userName
	LeafIdentityPrincipalID               // userIdentity.principalId
	LeafIdentityARN                       // userIdentity.arn
	LeafIdentityAccount                   // userIdentity.accountId
	LeafIdentityKey                       // userIdentity.accessKeyId
	LeafIdentityInvokedBy                 // userIdentity.invokedBy
	LeafIdentityDelegate                  // userIdentity.invokedByDelegate.accountId
	LeafIdentityOnBehalfUser              // userIdentity.onBehalfOf.userId
	LeafIdentityOnBehalfStore             // userIdentity.onBehalfOf.identityStoreArn
	LeafIdentityCredential                // userIdentity.credentialId
	LeafIdentityProvider                  // userIdentity.identityProvider
	LeafIssuerType                        // userIdentity.sessionContext.sessionIssuer.type
	LeafIssuerUserName                    // userIdentity.sessionContext.sessionIssuer.userName
	LeafIssuerARN                         // userIdentity.sessionContext.sessionIssuer.arn
	LeafIssuerPrincipalID                 // userIdentity.sessionContext.sessionIssuer.principalId
	LeafIssuerAccount                     // userIdentity.sessionContext.sessionIssuer.accountId
	LeafFederatedProvider                 // userIdentity.sessionContext.webIdFederationData.federatedProvider
	LeafSessionMFA                        // userIdentity.sessionContext.attributes.mfaAuthenticated
	LeafSessionCreated                    // userIdentity.sessionContext.attributes.creationDate
	LeafSourceIdentity                    // userIdentity.sessionContext.sourceIdentity
	LeafAssumedRoot                       // userIdentity.sessionContext.assumedRoot
	LeafSignInSession                     // userIdentity.sessionContext.signInSessionArn
	LeafMFAUsed                           // additionalEventData.MFAUsed
	LeafLoginUserName                     // additionalEventData.UserName
	LeafInsightEventName                  // insightDetails.eventName, else insightEventName
	LeafInsightEventSource                // insightDetails.eventSource, else insightEventSource
	LeafInsightErrorCode                  // insightDetails.errorCode, else insightErrorCode
	LeafInsightUser                       // top userIdentityArn attribution of insightDetails.insightContext
	LeafActivityType                      // eventData.userIdentity.type
	LeafActivityPrincipal                 // eventData.userIdentity.principalId
	LeafAggregatedUser                    // first statistics name of the summary dimension userIdentity
	LeafInsightType                       // insightDetails.insightType, else insightType
	LeafInsightState                      // insightDetails.state, else insightState
	LeafChannel                           // metadata.channelARN of records from outside AWS
	LeafResponseFailure                   // responseElements.<eventName> where it is "Failure"
	LeafRequestOmitted                    // omitted is true in requestParameters, responseElements, serviceEventDetails or additionalEventData
	NumLeaves
)

// Text is the decoded text of a leaf: a string's value, or a number, true or false as written. It is nil where the leaf
// is absent, null, an object or an array, and empty but not nil for "".
func (e *Event) Text(l Leaf) []byte { return e.leaves[l] }

// SetText sets a leaf; for tests and for exports that are rebuilt.
func (e *Event) SetText(l Leaf, text []byte) { e.leaves[l], e.identity = text, IdentityRef{} }

// Resources are the things the record names: resources[].ARN or ARNPrefix, every ARN in request, response and
// serviceEventDetails, ids by pattern, names by the table of (service, key), and the Resources of LookupEvents. Each
// once, in order of appearance, at most 64; MoreResources counts the rest.
func (e *Event) Resources() [][]byte { return e.resources }

// Issued are the access key ids handed out by this call.
func (e *Event) Issued() [][]byte { return e.issued }

// A Principal is who acted, as a person would say it (AWS: CloudTrail userIdentity element; the rule table is in
// identity.go).
type Principal struct {
	Name    []byte // what is shown: "alice", "deploy/ci-run-17", "root"
	Kind    []byte // "IAMUser", "AssumedRole", "SSOUser", "AWSService", …; identity.go lists them; nil where there is no type
	Detail  []byte // permission set, role of an instance, issuer; may be nil
	Via     []byte // the service the call ran through, where it is not the actor; may be nil
	Human   []byte // sourceIdentity, or the person behind; may be nil
	Role    []byte // role name of a session; may be nil
	Session []byte // role session name; may be nil
	// Delegate is the account of a product provider that acts by temporary delegation; may be nil.
	Delegate []byte
	// Console: the call came out of a console session.
	Console bool

	actor []byte // the DNS name of a service that is the principal
}
