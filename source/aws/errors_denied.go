package aws

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/trailsift/trailsift/source"
)

// denial is how IAM words a refusal (IAM user guide, "Access denied error messages"): who, what, on what, and why.
var denial = regexp.MustCompile(`^(?:User|Principal): (\S+) is not authorized to perform: ([\w-]+:[\w*]+)(?: on resource: "?([^\s"]+)"?)?(?:,? (?:because|with) (.+?))?\.?$`)

// policies are the kinds of policy a refusal names, in the words of IAM, and what there is to do.
var policies = []struct{ says, reason, hint string }{
	{"service control policy", "a service control policy of the organisation denies it", "no policy of the account changes that: ask who runs the organisation, or read as a role of another account"},
	{"resource control policy", "a resource control policy of the organisation denies it", "no policy of the account changes that: ask who runs the organisation"},
	{"session policy", "the policy these temporary credentials were issued with does not allow it", "sign in without that policy, or with one that allows %s"},
	{"permissions boundary", "the permissions boundary of this identity does not allow it", "allow %s in the boundary as well, or use another identity"},
	{"VPC endpoint policy", "the policy of the VPC endpoint on the way does not allow it", "allow %s in the endpoint's policy, or connect another way"},
	{"identity-based policy", "", ""},
	{"resource-based policy", "", "ask the owner of the resource to allow %s for this identity (bucket policy, key policy, trust policy)"},
}

// explainDenied says which action was refused on what, which kind of policy decided, and which statement of
// docs/permissions.md allows it.
func explainDenied(e *source.Error, message, action string) {
	who, resource, why := "", "", ""
	if m := denial.FindStringSubmatch(message); m != nil {
		who, action, resource, why = m[1], m[2], m[3], m[4]
		message = ""
	}
	if strings.Contains(message, "kms:Decrypt") || strings.Contains(message, "KMS") {
		action = "kms:Decrypt"
	}
	if action == "" {
		action = "this"
	}
	e.Reason = "access denied: " + action
	if resource != "" && resource != "*" {
		e.Reason += " on " + resource
	}
	if who != "" {
		e.Reason += " for " + who
	}
	e.Hint = hintAllow(action)
	if strings.Contains(message, "MultiFactorAuthentication failed") {
		e.Reason, e.Hint = "the MFA code is not accepted", "a code counts once and for half a minute: wait for the next one"
		return
	}
	switch reason, hint := explainPolicy(why, action); {
	case reason != "":
		e.Reason += ": " + reason
		e.Hint = hint
	case message != "" && message != "UnknownError" && !strings.EqualFold(message, "access denied") && !strings.EqualFold(message, "forbidden"):
		e.Reason += " (" + message + ")"
	}
}

// explainPolicy is about "no identity-based policy allows the s3:GetObject action" and "an explicit deny in a service
// control policy: ARN".
func explainPolicy(why, action string) (reason, hint string) {
	_, explicit := strings.CutPrefix(why, "an explicit deny")
	for _, p := range policies {
		if !strings.Contains(why, p.says) {
			continue
		}
		reason, hint = p.reason, strings.ReplaceAll(p.hint, "%s", action)
		switch {
		case reason == "" && explicit:
			reason = "a Deny in one of its policies (" + p.says + ") forbids it"
			hint = "a Deny outweighs every Allow: have it taken away for this identity, or use another"
		case reason == "":
			reason = "no " + p.says + " allows it"
		}
		if hint == "" {
			hint = hintAllow(action)
		}
		if i := strings.Index(why, "arn:"); explicit && i >= 0 {
			reason += " (" + why[i:] + ")"
		}
		return reason, hint
	}
	return "", ""
}

// hintAllow names the statement of docs/permissions.md that allows an action.
func hintAllow(action string) string {
	if action == "kms:Decrypt" {
		return "allow kms:Decrypt on the key that encrypts the log files, in the key policy too (ArchiveDecrypt in trailsift help permissions)"
	}
	for _, o := range operations {
		if o.Action == action && o.Statement != "" {
			hint := "allow " + action + " for this identity (" + o.Statement + " in trailsift help permissions)"
			if action == "sts:AssumeRole" {
				hint += ", and this identity in the role's trust policy"
			}
			return hint
		}
	}
	return "allow " + action + " for this identity"
}

func denied(code string, status int) bool {
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "Forbidden", "ForbiddenException",
		"NotAuthorized", "NotAuthorizedException", "UnauthorizedException":
		return true
	}
	return status == http.StatusForbidden && (code == "" || code == "UnknownError")
}
