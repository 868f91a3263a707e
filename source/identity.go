package source

import "bytes"

// An identity is what the rules read more than once, and where a name that is not in the record is put together.
type identity struct {
	typ           identityType
	category      []byte    // of the event
	role, session []byte    // of an AssumedRole
	joined        []byte    // what join has put together; begins in buf
	buf           [160]byte // a role and a session have at most 64 characters each
}

// A rule names the principal of the records it applies to.
type rule struct {
	applies func(*Event) bool
	name    func(*Event) Principal
}

// rules decide in this order who acted (CloudTrail user guide, "CloudTrail userIdentity element", and what real records
// hold). Kinds are userIdentity.type as AWS writes it, except where a rule knows better; a type that is not here is its
// own kind, as written.
//
//	kind                 name                               detail
//	Insight              who its calls are attributed to    "insight"
//	Aggregated           whose calls it sums up, "summary"
//	Activity             the user of an outside product     that user's type
//	AssumedRoot          "root session"                     "AssumeRoot", account
//	Root                 "root"                             account's alias, account
//	IAMUser              user name
//	SSOUser              session: the person                permission set
//	AWSService           service, as people call it         its DNS name, or the service-linked role
//	EC2Instance          instance id                        role
//	WebIdentity          session                            "GitHub Actions", "EKS service account", provider
//	AssumedRole          ROLE/SESSION
//	FederatedUser        name                               issuer: an IAM user or root
//	IdentityCenterUser   user id                            identity store id
//	SAMLUser, WebIdentityUser   user name                   identity provider
//	Anonymous            "anonymous (unsigned)"
//	AWSAccount           "account N"                        principal id
//	any other            user name, tail of the ARN, principal id, account id, "unknown"
var rules = [...]rule{
	{(*Event).isInsight, (*Event).insightUser},
	{(*Event).isAggregated, (*Event).aggregatedUser},
	{(*Event).isActivity, (*Event).activityUser},
	{(*Event).isRoot, (*Event).root},
	{(*Event).isIAMUser, (*Event).iamUser},
	{(*Event).isSSOUser, (*Event).ssoUser},
	{(*Event).isServiceLinked, (*Event).serviceLinked},
	{(*Event).isInstance, (*Event).instance},
	{(*Event).isWebIdentity, (*Event).webIdentity},
	{(*Event).isAssumedRole, (*Event).assumedRole},
	{(*Event).isFederatedUser, (*Event).federatedUser},
	{(*Event).isIdentityCenter, (*Event).identityCenterUser},
	{(*Event).isProviderUser, (*Event).providerUser},
	{(*Event).isService, (*Event).service},
	{(*Event).isAccount, (*Event).account},
	{func(*Event) bool { return true }, (*Event).anybody},
}

// Principal says who acted. It is worked out anew at each call and points into the event: into its leaves, and for names
// put together into a buffer of the event that the next call for the same record fills with the same bytes.
func (e *Event) Principal() Principal {
	e.readIdentity()
	e.who.category = e.Category()
	for _, r := range rules {
		if r.applies(e) {
			p := r.name(e)
			e.modify(&p)
			return p
		}
	}
	return Principal{} // the last rule applies to all
}

// readIdentity fills in e.who.
func (e *Event) readIdentity() {
	e.who.typ = parseIdentityType(e.leaves[LeafIdentityType])
	e.who.role, e.who.session, e.who.joined = nil, nil, e.who.buf[:0]
	if e.who.typ != typeAssumedRole {
		return
	}
	arnRole, arnSession := cutAssumedRole(e.leaves[LeafIdentityARN])
	e.who.role, e.who.session = e.leaves[LeafIssuerUserName], arnSession
	if len(e.who.role) == 0 {
		e.who.role = arnRole
	}
	if len(e.who.session) == 0 {
		_, e.who.session, _ = bytes.Cut(e.leaves[LeafIdentityPrincipalID], colon)
	}
}

// modify adds what does not depend on the rule: the service in between, the person behind, delegation, the console.
func (e *Event) modify(p *Principal) {
	p.Role, p.Session = e.who.role, e.who.session
	if via := e.leaves[LeafIdentityInvokedBy]; len(via) > 0 && !bytes.Equal(via, p.actor) {
		p.Via = via
	}
	if human := e.leaves[LeafSourceIdentity]; len(human) > 0 {
		p.Human = human
	} else if user := e.leaves[LeafIdentityOnBehalfUser]; len(user) > 0 && len(p.Human) == 0 && !bytes.Equal(user, p.Name) {
		p.Human = user
	}
	p.Delegate = e.leaves[LeafIdentityDelegate]
	p.Console = isTrue(e.leaves[LeafConsoleCredential]) || len(e.leaves[LeafSignInSession]) > 0
}

// join puts parts together in the event's buffer.
func (e *Event) join(parts ...[]byte) []byte {
	from := len(e.who.joined)
	for _, part := range parts {
		e.who.joined = append(e.who.joined, part...)
	}
	return e.who.joined[from:len(e.who.joined):len(e.who.joined)]
}
