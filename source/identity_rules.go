package source

import "bytes"

// An identityType is a userIdentity.type that the rules know.
type identityType uint8

const (
	typeNone  identityType = iota // no type, or an empty one
	typeOther                     // Directory, Role, Unknown, and whatever comes
	typeRoot
	typeIAMUser
	typeAssumedRole
	typeFederatedUser
	typeIdentityCenter
	typeSAMLUser
	typeWebUser
	typeService
	typeAccount
)

// kinds are the kinds of principal by type; shared, nobody writes to them.
var kinds = [...][]byte{
	typeRoot:           []byte("Root"),
	typeIAMUser:        []byte("IAMUser"),
	typeAssumedRole:    []byte("AssumedRole"),
	typeFederatedUser:  []byte("FederatedUser"),
	typeIdentityCenter: []byte("IdentityCenterUser"),
	typeSAMLUser:       []byte("SAMLUser"),
	typeWebUser:        []byte("WebIdentityUser"),
	typeService:        []byte("AWSService"),
	typeAccount:        []byte("AWSAccount"),
}

// Kinds that refine a type, and words of ours; shared, nobody writes to them.
var (
	kindInsight     = []byte("Insight")
	kindAggregated  = []byte("Aggregated")
	kindActivity    = []byte("Activity")
	kindAssumedRoot = []byte("AssumedRoot")
	kindSSOUser     = []byte("SSOUser")
	kindInstance    = []byte("EC2Instance")
	kindWebIdentity = []byte("WebIdentity")
	kindAnonymous   = []byte("Anonymous")

	wordInsight     = []byte("insight")
	wordSummary     = []byte("summary")
	wordRoot        = []byte("root")
	wordRootSession = []byte("root session")
	wordAssumeRoot  = []byte("AssumeRoot ")
	wordAnonymous   = []byte("anonymous (unsigned)")
	wordAccount     = []byte("account ")
	wordGitHub      = []byte("GitHub Actions")
	wordEKS         = []byte("EKS service account")
	wordUnknown     = []byte("unknown")

	colon = []byte(":")
	slash = []byte("/")
	space = []byte(" ")
)

// parseIdentityType compares without case, as exporters change it.
func parseIdentityType(s []byte) identityType {
	if len(s) == 0 {
		return typeNone
	}
	for t, kind := range kinds {
		if len(kind) == len(s) && bytes.EqualFold(kind, s) {
			return identityType(t)
		}
	}
	return typeOther
}

func (e *Event) isInsight() bool { return sameBytes(e.who.category, categoryInsight) }

func (e *Event) insightUser() Principal {
	arn := e.leaves[LeafInsightUser]
	return Principal{Name: first(arnPerson(arn), arn, wordInsight), Kind: kindInsight, Detail: wordInsight}
}

func (e *Event) isAggregated() bool { return sameBytes(e.who.category, categoryAggregated) }

func (e *Event) aggregatedUser() Principal {
	return Principal{Name: first(e.leaves[LeafAggregatedUser], wordSummary), Kind: kindAggregated}
}

func (e *Event) isActivity() bool { return sameBytes(e.who.category, categoryActivity) }

func (e *Event) activityUser() Principal {
	typ := e.leaves[LeafActivityType]
	return Principal{Name: first(e.leaves[LeafActivityPrincipal], typ, wordUnknown), Kind: kindActivity, Detail: typ}
}

func (e *Event) isRoot() bool { return e.who.typ == typeRoot }

func (e *Event) root() Principal {
	account := e.leaves[LeafIdentityAccount]
	if isTrue(e.leaves[LeafAssumedRoot]) {
		return Principal{Name: wordRootSession, Kind: kindAssumedRoot, Detail: e.join(wordAssumeRoot, account)}
	}
	p := Principal{Name: wordRoot, Kind: kinds[typeRoot], Detail: account}
	// Sign-in flows may give "AWS ROOT USER", which is no alias.
	alias := e.leaves[LeafIdentityUserName]
	if len(alias) > 0 && !foldEqual(alias, "root") && !foldEqual(alias, "AWS ROOT USER") && !isHidden(alias) {
		p.Detail = e.join(alias, space, account)
	}
	return p
}

func (e *Event) isIAMUser() bool { return e.who.typ == typeIAMUser }

func (e *Event) iamUser() Principal {
	name := e.leaves[LeafIdentityUserName]
	if len(name) == 0 {
		_, path, _ := bytes.Cut(e.leaves[LeafIdentityARN], []byte(":user/"))
		name = afterLast(path, '/')
	}
	if len(name) == 0 {
		name = e.leaves[LeafIdentityPrincipalID]
	}
	p := e.anybody()
	if len(name) > 0 {
		p.Name = name
	}
	return p
}

func (e *Event) isSSOUser() bool {
	return e.who.typ == typeAssumedRole && ssoPermissionSet(e.who.role) != nil
}

func (e *Event) ssoUser() Principal {
	return Principal{
		Name:   first(e.who.session, e.who.role),
		Kind:   kindSSOUser,
		Detail: ssoPermissionSet(e.who.role),
	}
}

// ssoPermissionSet is NAME of a role AWSReservedSSO_NAME_<16 hex digits>, nil for other roles.
func ssoPermissionSet(role []byte) []byte {
	name, ok := bytes.CutPrefix(role, []byte("AWSReservedSSO_"))
	if at := len(name) - 17; ok && at > 0 && name[at] == '_' && isHex(name[at+1:]) {
		return name[:at]
	}
	return nil
}

func (e *Event) isServiceLinked() bool {
	return e.who.typ == typeAssumedRole &&
		(bytes.HasPrefix(e.who.role, []byte("AWSServiceRoleFor")) || e.serviceOfRole() != nil)
}

func (e *Event) serviceLinked() Principal {
	p := Principal{Kind: kinds[typeService], Detail: e.who.role}
	if p.actor = e.serviceOfRole(); p.actor != nil {
		p.Name = e.friendly(p.actor)
	} else {
		p.Name = first(bytes.TrimPrefix(e.who.role, []byte("AWSServiceRoleFor")), e.who.role)
	}
	return p
}

// serviceOfRole is SERVICE of a role with the path /aws-service-role/SERVICE/, nil for other roles.
func (e *Event) serviceOfRole() []byte {
	_, after, ok := bytes.Cut(e.leaves[LeafIssuerARN], []byte("/aws-service-role/"))
	service, _, ok2 := bytes.Cut(after, slash)
	if !ok || !ok2 || len(service) == 0 {
		return nil
	}
	return service
}

func (e *Event) isInstance() bool { return e.who.typ == typeAssumedRole && isInstanceID(e.who.session) }

func (e *Event) instance() Principal {
	return Principal{Name: e.who.session, Kind: kindInstance, Detail: e.who.role}
}

// isInstanceID tells i- and 8 to 17 hex digits.
func isInstanceID(s []byte) bool {
	return len(s) >= 10 && len(s) <= 19 && s[0] == 'i' && s[1] == '-' && isHex(s[2:])
}

func (e *Event) isWebIdentity() bool {
	return e.who.typ == typeAssumedRole && len(e.leaves[LeafFederatedProvider]) > 0
}

func (e *Event) webIdentity() Principal {
	provider := e.leaves[LeafFederatedProvider]
	p := Principal{Name: first(e.who.session, e.who.role, provider), Kind: kindWebIdentity}
	host := provider
	if _, after, ok := bytes.Cut(provider, []byte(":oidc-provider/")); ok {
		host = after
	}
	switch {
	case bytes.HasPrefix(host, []byte("token.actions.githubusercontent.com")):
		p.Detail = wordGitHub
	case bytes.HasPrefix(host, []byte("oidc.eks.")):
		p.Detail = wordEKS
	default:
		p.Detail = host
	}
	return p
}

func (e *Event) isAssumedRole() bool {
	return e.who.typ == typeAssumedRole && (len(e.who.role) > 0 || len(e.who.session) > 0)
}

func (e *Event) assumedRole() Principal {
	role, session := e.who.role, e.who.session
	p := Principal{Kind: kinds[typeAssumedRole]}
	switch tail := assumedRoleTail(e.leaves[LeafIdentityARN]); {
	case len(role) == 0 || len(session) == 0:
		p.Name = first(role, session)
	case len(tail) == len(role)+1+len(session) && bytes.HasPrefix(tail, role) && bytes.HasSuffix(tail, session):
		p.Name = tail
	default:
		p.Name = e.join(role, slash, session)
	}
	return p
}

// assumedRoleTail is ROLE/SESSION of arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION, else nil.
func assumedRoleTail(arn []byte) []byte {
	_, tail, ok := bytes.Cut(arn, []byte(":assumed-role/"))
	if !ok {
		return nil
	}
	return tail
}

func cutAssumedRole(arn []byte) (role, session []byte) {
	role, session, _ = bytes.Cut(assumedRoleTail(arn), slash)
	return role, session
}

func (e *Event) isFederatedUser() bool { return e.who.typ == typeFederatedUser }

func (e *Event) federatedUser() Principal {
	_, name, _ := bytes.Cut(e.leaves[LeafIdentityARN], []byte(":federated-user/"))
	if len(name) == 0 {
		_, name, _ = bytes.Cut(e.leaves[LeafIdentityPrincipalID], colon)
	}
	p := e.anybody()
	if len(name) > 0 {
		p.Name = name
	}
	p.Detail = first(e.leaves[LeafIssuerUserName], arnPerson(e.leaves[LeafIssuerARN]))
	if parseIdentityType(e.leaves[LeafIssuerType]) == typeRoot {
		p.Detail = wordRoot
	}
	return p
}

func (e *Event) isIdentityCenter() bool {
	return e.who.typ == typeIdentityCenter || len(e.leaves[LeafIdentityOnBehalfUser]) > 0
}

func (e *Event) identityCenterUser() Principal {
	p := e.anybody()
	p.Kind = kinds[typeIdentityCenter]
	if user := e.leaves[LeafIdentityOnBehalfUser]; len(user) > 0 {
		p.Name = user
	}
	p.Detail = afterLast(e.leaves[LeafIdentityOnBehalfStore], '/')
	// Sign-in records are the only ones that also give the user's name.
	p.Human = nonEmpty(e.leaves[LeafLoginUserName])
	return p
}

func (e *Event) isProviderUser() bool { return e.who.typ == typeSAMLUser || e.who.typ == typeWebUser }

func (e *Event) providerUser() Principal {
	p := e.anybody()
	p.Detail = nonEmpty(e.leaves[LeafIdentityProvider])
	return p
}

func (e *Event) isService() bool {
	return e.who.typ == typeService || e.who.typ == typeNone && len(e.leaves[LeafIdentityInvokedBy]) > 0
}

func (e *Event) service() Principal {
	invoker := e.leaves[LeafIdentityInvokedBy]
	p := e.anybody()
	p.Kind = kinds[typeService]
	if len(invoker) > 0 {
		p.Name, p.actor = e.friendly(invoker), invoker
		if !bytes.Equal(p.Name, invoker) {
			p.Detail = invoker
		}
	}
	return p
}

// friendly is how people call the service with this DNS name; other text is given as it is.
func (e *Event) friendly(dnsName []byte) []byte {
	short := serviceOf(dnsName)
	if len(short) == len(dnsName) {
		return dnsName
	}
	name, ok := serviceNames[string(short)]
	if !ok {
		return short
	}
	return e.join([]byte(name))
}

func (e *Event) isAccount() bool { return e.who.typ == typeAccount }

func (e *Event) account() Principal {
	account, id := e.leaves[LeafIdentityAccount], e.leaves[LeafIdentityPrincipalID]
	switch {
	case foldEqual(account, "anonymous"),
		len(account) == 0 && (len(id) == 0 || foldEqual(id, "anonymous")) && len(e.leaves[LeafIdentityARN]) == 0:
		return Principal{Name: wordAnonymous, Kind: kindAnonymous}
	case len(account) > 0:
		return Principal{Name: e.join(wordAccount, account), Kind: kinds[typeAccount], Detail: nonEmpty(id)}
	}
	return e.anybody()
}

// anybody is the name where no rule knows better.
func (e *Event) anybody() Principal {
	p := Principal{Name: first(
		e.leaves[LeafIdentityUserName],
		arnPerson(e.leaves[LeafIdentityARN]),
		e.leaves[LeafIdentityPrincipalID],
		e.leaves[LeafIdentityAccount],
		wordUnknown,
	)}
	switch e.who.typ {
	case typeNone:
	case typeOther:
		p.Kind = e.leaves[LeafIdentityType]
	default:
		p.Kind = kinds[e.who.typ]
	}
	return p
}

// arnPerson is the end of an ARN that names someone: ROLE/SESSION of a role session, otherwise what follows the last
// slash or colon ("alice" of …:user/ops/alice, "root" of …:root); nil for "".
func arnPerson(arn []byte) []byte {
	if tail := assumedRoleTail(arn); len(tail) > 0 {
		return tail
	}
	if at := bytes.LastIndexAny(arn, "/:"); at >= 0 {
		return nonEmpty(arn[at+1:])
	}
	return nonEmpty(arn)
}

// isHidden tells the text that stands for a name CloudTrail took out.
func isHidden(s []byte) bool { return string(s) == "HIDDEN_DUE_TO_SECURITY_REASONS" }

// first is the first text that is not empty, nil if there is none.
func first(texts ...[]byte) []byte {
	for _, t := range texts {
		if len(t) > 0 {
			return t
		}
	}
	return nil
}

func nonEmpty(s []byte) []byte {
	if len(s) == 0 {
		return nil
	}
	return s
}

func afterLast(s []byte, sep byte) []byte { return nonEmpty(s[bytes.LastIndexByte(s, sep)+1:]) }

// isHex tells lower-case hex digits alone, at least one.
func isHex(s []byte) bool {
	for _, c := range s {
		if !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) > 0
}

// sameBytes tells whether a and b are the same shared text, not just equal ones.
func sameBytes(a, b []byte) bool { return len(a) > 0 && len(a) == len(b) && &a[0] == &b[0] }
