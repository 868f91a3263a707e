package sourcetest

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// An Assumed is a role that was assumed.
type Assumed struct {
	Role, Session string
	Device, Code  string // of MFA
}

// Assumed are the roles that were assumed so far, in order. Any role may be.
func (a *AWS) Assumed() []Assumed {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Assumed(nil), a.assumed...)
}

// temporary begins the access keys of assumed roles; the account follows.
const temporary = "ASIAOF"

// accountOf is the account that the access key of a request belongs to.
func accountOf(req *http.Request) string {
	_, scope, _ := strings.Cut(req.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(scope, "/")
	if account, ok := strings.CutPrefix(key, temporary); ok {
		return account
	}
	return Account
}

// historyOf names the Event history that a request sees.
func historyOf(req *http.Request) string {
	if account := accountOf(req); account != Account {
		return account + "/" + signedRegion(req)
	}
	return signedRegion(req)
}

func (a *AWS) sts(w http.ResponseWriter, req *http.Request) {
	op := "POST /"
	var form url.Values
	if body, err := io.ReadAll(req.Body); err == nil {
		if form, err = url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
			op = form.Get("Action")
		}
	}
	w.Header().Set("Content-Type", "text/xml")
	f := a.note(Request{Op: op}, req)
	switch {
	case f.Status != 0:
		queryError(w, f.Status, f.Code, f.Message)
	case op == "GetCallerIdentity":
		account, arn := accountOf(req), "user/reader"
		if account != Account {
			arn = "role/assumed"
		}
		fmt.Fprintf(w, `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
			`<Arn>arn:aws:iam::%s:%s</Arn><UserId>AIDAEXAMPLE</UserId><Account>%[1]s</Account>`+
			`</GetCallerIdentityResult></GetCallerIdentityResponse>`, account, arn)
	case op == "AssumeRole":
		a.assumeRole(w, form)
	default:
		queryError(w, http.StatusBadRequest, "InvalidAction", "not for tests")
	}
}

func (a *AWS) assumeRole(w http.ResponseWriter, form url.Values) {
	role := form.Get("RoleArn")
	a.mu.Lock()
	a.assumed = append(a.assumed, Assumed{
		Role: role, Session: form.Get("RoleSessionName"), Device: form.Get("SerialNumber"), Code: form.Get("TokenCode"),
	})
	a.mu.Unlock()
	account := Account
	if parts := strings.Split(role, ":"); len(parts) > 5 {
		account = parts[4]
	}
	fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>`+
		`<AccessKeyId>%s%s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>%s</Expiration>`+
		`</Credentials></AssumeRoleResult></AssumeRoleResponse>`, temporary, account, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

func queryError(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, code, message)
}

// ssoCredentials are what IAM Identity Center gives for a token.
func (a *AWS) ssoCredentials(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	f := a.note(Request{Op: "GetRoleCredentials"}, req)
	if f.Status != 0 {
		jsonError(w, f.Status, f.Code, f.Message)
		return
	}
	fmt.Fprintf(w, `{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"secret","sessionToken":"token","expiration":%d}}`,
		time.Now().Add(time.Hour).UnixMilli())
}
