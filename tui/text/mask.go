package text

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// secretKeys are keys, in lower case, whose values grant access by themselves. Access key ids are not among them: they
// name who acted. (CloudTrail: responseElements.credentials.sessionToken, secretAccessKey; EC2: keyMaterial, userData,
// passwordData; Secrets Manager: secretString, secretBinary.)
var secretKeys = map[string]bool{
	"sessiontoken": true, "x-amz-security-token": true, "x-amz-signature": true, "keymaterial": true,
	"userdata": true, "secretstring": true, "secretbinary": true, "secretaccesskey": true, "clientsecret": true,
	"authtoken": true, "privatekey": true, "plaintext": true, "securestring": true, "connectionstring": true,
}

// plainPasswordKeys begin or end with "password" and tell about one without being one.
var plainPasswordKeys = map[string]bool{
	"passwordlastused": true, "passwordlastchanged": true, "passwordresetrequired": true, "passwordpolicy": true,
	"passwordenabled": true, "passwordexists": true, "passwordreuseprevention": true, "allowuserstochangepassword": true,
	"managemasteruserpassword": true, "passwordcount": true, "passwordlength": true, "passwordnextrotation": true,
}

// signedURL finds the parameters of a presigned URL that grant access.
var signedURL = regexp.MustCompile(`(?i)(X-Amz-Security-Token|X-Amz-Signature)=([^&\s"'<>]+)`)

// Masked gives what stands on screen for a value that grants access: ‹sessionToken, 412 chars›. In a presigned URL only
// the parameters that grant access are replaced. ok is false where the value is shown as it is. key is the last key of
// the value's path; the result is not yet escaped.
func Masked(key, value string) (shown string, ok bool) {
	if value != "" && secretKey(key) && !told(value) {
		return mask(key, value), true
	}
	if len(value) < len("X-Amz-Signature=") || !signedURL.MatchString(value) {
		return value, false
	}
	return signedURL.ReplaceAllStringFunc(value, func(m string) string {
		name, secret, _ := strings.Cut(m, "=")
		return name + "=" + mask(name, secret)
	}), true
}

// SecretName is how a message names a masked key: "session token", "password", "secret".
func SecretName(key string) string {
	k := strings.ToLower(key)
	switch {
	case k == "sessiontoken" || k == "x-amz-security-token":
		return "session token"
	case strings.Contains(k, "password"):
		return "password"
	}
	return "secret"
}

func secretKey(key string) bool {
	k := strings.ToLower(key)
	if secretKeys[k] {
		return true
	}
	return (strings.HasPrefix(k, "password") || strings.HasSuffix(k, "password")) && !plainPasswordKeys[k]
}

// told reports values that hold no secret: flags, and what AWS itself writes in place of one.
func told(value string) bool {
	switch value {
	case "true", "false", "null", "HIDDEN_DUE_TO_SECURITY_REASONS", "<sensitiveDataRemoved>":
		return true
	}
	return strings.Trim(value, "*") == ""
}

func mask(key, value string) string {
	unit := "chars"
	n := utf8.RuneCountInString(value)
	if n == 1 {
		unit = "char"
	}
	return fmt.Sprintf("‹%s, %d %s›", key, n, unit)
}
