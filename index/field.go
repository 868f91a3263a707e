package index

import (
	"strings"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// origin says where the value of a field comes from.
type origin uint8

const (
	fromRecord   origin = iota // read decodes it when the record comes in; a column of the segment
	fromTime                   // the time column
	fromID                     // the id column; ids that are no GUID in lower case stand in the field's own column
	fromFile                   // the log file's key, from the segment's table of files
	fromVerdict                // what is known of the log file's integrity
	fromCopies                 // the same of the log files of all copies: the overlay
	fromConflict               // the overlay
)

// A field is a row of the field table. A new indexed field is one more row: the query language, completion, the facets
// and the segments follow from it. Segments name fields by Name, so rows may move but not be renamed.
type field struct {
	query.Field
	hidden bool // not offered and not in help; other fields name it as a part
	origin origin
	group  group // of fields that are worked out together
	// raw, where it is set, is the text the value depends on alone: the value is worked out once a text.
	raw func(f *facts) []byte
	// leaves, where they are set, are what read gives: the first of them that has a value.
	leaves []source.Leaf
	// like says which events mostly repeat the value: those of one call, or of one caller.
	like group
	// read appends the values of the field, which point into the event; an empty value counts as none.
	read func(f *facts, dst [][]byte) [][]byte
}

// listed says whether the field has posting lists: those people filter by. Ids are found by dictionary and column.
func (f *field) listed() bool { return f.origin == fromRecord && f.Kind != query.ID }

// overlaid says that the values of the field change without the segment: an overlay is written whenever they do.
func (f *field) overlaid() bool {
	return f.origin == fromConflict || f.origin == fromVerdict || f.origin == fromCopies
}

// facts are an event and what is derived from it, each once.
type facts struct {
	*source.Event
	who    source.Principal
	hasWho bool
}

func (f *facts) reset(e *source.Event) { *f = facts{Event: e} }

func (f *facts) principal() *source.Principal {
	if !f.hasWho {
		f.who, f.hasWho = f.Principal(), true
	}
	return &f.who
}

// leaf reads the first of some leaves that has a value.
func leaf(leaves ...source.Leaf) func(*facts, [][]byte) [][]byte {
	return func(f *facts, dst [][]byte) [][]byte {
		for _, l := range leaves {
			if v := f.Text(l); len(v) > 0 {
				return append(dst, v)
			}
		}
		return dst
	}
}

// derived reads one value by a method of the event.
func derived(value func(*facts) []byte) func(*facts, [][]byte) [][]byte {
	return func(f *facts, dst [][]byte) [][]byte {
		if v := value(f); len(v) > 0 {
			return append(dst, v)
		}
		return dst
	}
}

// flag reads a yes or no that every record has.
func flag(value func(*facts) bool) func(*facts, [][]byte) [][]byte {
	return func(f *facts, dst [][]byte) [][]byte { return append(dst, boolText(value(f))) }
}

// outcomeText is an outcome as bytes, without a copy for the usual one.
func outcomeText(outcome string) []byte {
	if outcome == "ok" {
		return textOK
	}
	return []byte(outcome)
}

var textOK = []byte("ok")

var textTrue, textFalse = []byte("true"), []byte("false")

func boolText(v bool) []byte {
	if v {
		return textTrue
	}
	return textFalse
}

// fields is the field table, in the order of help.
var fields = [...]field{
	{
		Field:  query.Field{Name: "time", Kind: query.Time, Help: "when it happened (eventTime)"},
		origin: fromTime,
	},
	{
		Field: query.Field{Name: "event", Aliases: []string{"name", "eventName"}, Help: "what was called (eventName)"},
		group: ofCall,
		read:  derived(func(f *facts) []byte { return f.Name() }),
	},
	{
		Field: query.Field{Name: "service", Aliases: []string{"source", "eventSource"}, Help: "the service, without .amazonaws.com"},
		group: ofCall,
		read:  derived(func(f *facts) []byte { return f.Service() }),
	},
	{
		Field: query.Field{
			Name: "user", Aliases: []string{"principal", "who"}, Help: "who acted, as a person would say it; also role, session and user name",
			Parts: []string{"role", "session", "user-name", "source-identity", "person"},
		},
		group: ofCaller,
		read:  derived(func(f *facts) []byte { return f.principal().Name }),
	},
	{
		Field: query.Field{Name: "kind", Aliases: []string{"type"}, Help: "kind of identity: IAMUser, AssumedRole, Root …"},
		group: ofCaller,
		read:  derived(func(f *facts) []byte { return f.principal().Kind }),
	},
	{
		Field: query.Field{Name: "role", Help: "role name of the session"},
		group: ofCaller,
		read:  derived(func(f *facts) []byte { return f.principal().Role }),
	},
	{
		Field: query.Field{Name: "session", Help: "role session name"},
		group: ofCaller,
		read:  derived(func(f *facts) []byte { return f.principal().Session }),
	},
	{
		Field: query.Field{Name: "arn", Aliases: []string{"userIdentity.arn"}, Help: "ARN of the identity (userIdentity.arn)"},
		group: ofCaller,
		read:  leaf(source.LeafIdentityARN),
	},
	{
		Field:  query.Field{Name: "account", Help: "account that received the event (recipientAccountId)"},
		leaves: []source.Leaf{source.LeafRecipientAccount, source.LeafAccountID},
		read:   leaf(source.LeafRecipientAccount, source.LeafAccountID),
	},
	{
		Field: query.Field{Name: "caller-account", Aliases: []string{"userIdentity.accountId"}, Help: "account of the identity (userIdentity.accountId)"},
		group: ofCaller,
		read:  leaf(source.LeafIdentityAccount),
	},
	{
		Field: query.Field{Name: "key", Aliases: []string{"accessKey", "userIdentity.accessKeyId"}, Help: "access key id (userIdentity.accessKeyId)"},
		group: ofCaller,
		read:  leaf(source.LeafIdentityKey),
	},
	{
		Field: query.Field{Name: "issued", Kind: query.Multi, Help: "access key ids handed out by this call"},
		read:  func(f *facts, dst [][]byte) [][]byte { return append(dst, f.Issued()...) },
	},
	{
		Field: query.Field{Name: "sign-in", Help: "sign-in session or credential id"},
		group: ofCaller,
		read:  leaf(source.LeafSignInSession, source.LeafIdentityCredential),
	},
	{
		Field: query.Field{Name: "source-identity", Aliases: []string{"userIdentity.sessionContext.sourceIdentity"}, Help: "sourceIdentity of the session"},
		group: ofCaller,
		read:  leaf(source.LeafSourceIdentity),
	},
	{
		Field: query.Field{Name: "via", Aliases: []string{"invokedBy", "userIdentity.invokedBy"}, Help: "service the call ran through (invokedBy)"},
		group: ofCaller,
		read:  leaf(source.LeafIdentityInvokedBy),
	},
	{
		Field:  query.Field{Name: "ip", Aliases: []string{"from", "sourceIPAddress"}, Kind: query.IP, Help: "source address or service; CIDR too: ip:203.0.113.0/24"},
		leaves: []source.Leaf{source.LeafSourceIP},
		like:   ofCaller,
		read:   leaf(source.LeafSourceIP),
	},
	{
		Field: query.Field{Name: "agent", Help: "family of the user agent: aws-cli/2, Boto3, Terraform …"},
		like:  ofCaller,
		raw:   func(f *facts) []byte { return f.Text(source.LeafUserAgent) },
		read:  derived(func(f *facts) []byte { return f.AgentFamily() }),
	},
	{
		Field:  query.Field{Name: "region", Aliases: []string{"awsRegion"}, Help: "Region (awsRegion)"},
		leaves: []source.Leaf{source.LeafAWSRegion},
		read:   leaf(source.LeafAWSRegion),
	},
	{
		Field: query.Field{Name: "error", Aliases: []string{"errorCode"}, Help: "errorCode; error:* has any, -error:* has none"},
		group: ofCall,
		read:  leaf(source.LeafErrorCode),
	},
	{
		Field: query.Field{Name: "outcome", Help: "ok, denied, failed or throttled"},
		group: ofCall,
		read:  derived(func(f *facts) []byte { return outcomeText(f.Outcome()) }),
	},
	{
		Field: query.Field{Name: "readonly", Kind: query.Bool, Help: "true where nothing was changed"},
		group: ofCall,
		read: derived(func(f *facts) []byte {
			v, _, known := f.ReadOnly()
			if !known {
				return nil
			}
			return boolText(v)
		}),
	},
	{
		Field: query.Field{Name: "mfa", Kind: query.Bool, Help: "whether multi-factor authentication was used"},
		group: ofCaller,
		read:  derived(func(f *facts) []byte { return f.MFA() }),
	},
	{
		Field: query.Field{Name: "category", Help: "management, data, insight, network, aggregated or activity"},
		group: ofCall,
		read:  derived(func(f *facts) []byte { return f.Category() }),
	},
	{
		Field: query.Field{Name: "eventtype", Help: "eventType: AwsApiCall, AwsServiceEvent …"},
		group: ofCall,
		read:  leaf(source.LeafEventType),
	},
	{
		Field: query.Field{Name: "insight", Aliases: []string{"insightType"}, Help: "what an Insight is about: ApiCallRateInsight, ApiErrorRateInsight"},
		group: ofCall,
		read:  leaf(source.LeafInsightType),
	},
	{
		Field: query.Field{Name: "insight-state", Aliases: []string{"insightState"}, Help: "Start or End of an Insight"},
		group: ofCall,
		read:  leaf(source.LeafInsightState),
	},
	{
		Field: query.Field{Name: "channel", Aliases: []string{"channelARN"}, Help: "channel that an event from outside AWS came by"},
		group: ofCall,
		read:  leaf(source.LeafChannel),
	},
	{
		Field: query.Field{Name: "resource", Kind: query.Multi, Help: "ARNs, ids and names of the things it was about"},
		read:  func(f *facts, dst [][]byte) [][]byte { return append(dst, f.Resources()...) },
	},
	{
		Field:  query.Field{Name: "vpce", Aliases: []string{"vpcEndpointId"}, Help: "VPC endpoint"},
		leaves: []source.Leaf{source.LeafVPCEndpoint},
		like:   ofCaller,
		read:   leaf(source.LeafVPCEndpoint),
	},
	{
		Field: query.Field{Name: "tls", Aliases: []string{"tlsDetails.tlsVersion"}, Help: "TLS version"},
		group: ofCall,
		read:  leaf(source.LeafTLSVersion),
	},
	{
		Field:  query.Field{Name: "host", Aliases: []string{"tlsDetails.clientProvidedHostHeader"}, Help: "host name the client asked for"},
		leaves: []source.Leaf{source.LeafHostHeader},
		like:   ofCall,
		read:   leaf(source.LeafHostHeader),
	},
	{
		Field:  query.Field{Name: "id", Aliases: []string{"eventID"}, Kind: query.ID, Help: "eventID"},
		origin: fromID,
		read:   leaf(source.LeafEventID),
	},
	{
		Field:  query.Field{Name: "request", Aliases: []string{"requestID"}, Kind: query.ID, Help: "requestID"},
		leaves: []source.Leaf{source.LeafRequestID},
		read:   leaf(source.LeafRequestID),
	},
	{
		Field:  query.Field{Name: "shared", Aliases: []string{"sharedEventID"}, Kind: query.ID, Help: "sharedEventID: one action seen by several accounts"},
		leaves: []source.Leaf{source.LeafSharedEventID},
		read:   leaf(source.LeafSharedEventID),
	},
	{
		Field:  query.Field{Name: "log", Aliases: []string{"file"}, Help: "the log file it came in"},
		origin: fromFile,
	},
	{
		Field:  query.Field{Name: "verdict", Aliases: []string{"integrity"}, Help: "integrity of the log file of the copy shown"},
		origin: fromVerdict,
	},
	{
		Field:  query.Field{Name: "copy-verdict", Kind: query.Multi, Help: "integrity of the log file of any copy"},
		origin: fromCopies,
	},
	{
		Field:  query.Field{Name: "conflict", Kind: query.Bool, Help: "copies of this event differ"},
		origin: fromConflict,
	},
	{
		Field: query.Field{Name: "salvaged", Kind: query.Bool, Help: "taken from a damaged log file"},
		read:  flag(func(f *facts) bool { return f.Flags&source.Salvaged != 0 }),
	},
	{
		Field: query.Field{Name: "reconstructed", Kind: query.Bool, Help: "rebuilt from an export"},
		group: ofCall,
		read:  flag(func(f *facts) bool { return f.Flags&source.Reconstructed != 0 }),
	},
	{
		Field: query.Field{Name: "addendum", Kind: query.Bool, Help: "delivered later to complete or correct an event"},
		group: ofCall,
		read: flag(func(f *facts) bool {
			return f.Text(source.LeafAddendumReason) != nil || f.Text(source.LeafAddendumOriginal) != nil
		}),
	},
	{
		Field: query.Field{Name: "omitted", Kind: query.Bool, Help: "CloudTrail left out a part that was too large"},
		group: ofCall,
		read:  flag(func(f *facts) bool { return string(f.Text(source.LeafRequestOmitted)) == "true" }),
	},
	{
		Field:  query.Field{Name: "user-name", Help: "userIdentity.userName"},
		hidden: true,
		group:  ofCaller,
		read:   leaf(source.LeafIdentityUserName, source.LeafLoginUserName),
	},
	{
		Field:  query.Field{Name: "person", Help: "the person behind the identity"},
		hidden: true,
		group:  ofCaller,
		read:   derived(func(f *facts) []byte { return f.principal().Human }),
	},
}

// The rows that the index itself asks for.
var (
	fieldTime     = mustField("time")
	fieldAccount  = mustField("account")
	fieldID       = mustField("id")
	fieldLog      = mustField("log")
	fieldSalvaged = mustField("salvaged")
	fieldRequest  = mustField("request")
)

// fieldNumber is the row of a field by its name.
func fieldNumber(name string) (int, bool) {
	for i := range fields {
		if fields[i].Name == name {
			return i, true
		}
	}
	return 0, false
}

func mustField(name string) int {
	i, ok := fieldNumber(name)
	if !ok {
		panic("index: no field " + name)
	}
	return i
}

// Schema is the field table as the query language, completion and help need it. Hidden rows are at the end.
func Schema() query.Schema {
	s := make(query.Schema, len(fields))
	for i := range fields {
		s[i] = fields[i].Field
		if fields[i].hidden {
			s[i].Help = "" // so that neither completion nor "did you mean" offers it
		}
	}
	return s
}

// Hidden says that a field is only a part of others: not offered, not in help.
func Hidden(name string) bool {
	i, ok := fieldNumber(name)
	return ok && fields[i].hidden
}

// Values appends what the index would hold of an event in a field that is read from the record; for others nothing.
// name is the field's own name in any case.
func Values(e *source.Event, name string, dst [][]byte) [][]byte {
	for i := range fields {
		if strings.EqualFold(fields[i].Name, name) && fields[i].read != nil {
			f := facts{Event: e}
			return fields[i].read(&f, dst)
		}
	}
	return dst
}
