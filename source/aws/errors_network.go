package aws

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trailsift/trailsift/source"
)

const (
	hintEndpoint = "is that the endpoint of the service asked for? check --endpoint-url and AWS_ENDPOINT_URL, and whether it wants https"
	hintPortal   = "sign in to this network in a browser, or name its proxy in HTTPS_PROXY (exceptions in NO_PROXY)"
	hintCA       = "behind a proxy that opens TLS set AWS_CA_BUNDLE to a file with its certificate"
	hintTLS      = "check the endpoint and this machine's clock"
)

var errNoKeys = errors.New("no credentials")

// explainForeign is about answers that are not of AWS: web pages of networks and proxies, other servers.
func explainForeign(e *source.Error, err error) bool {
	var answer *smithyhttp.Response
	if page, ok := errors.AsType[*webPage](err); ok {
		answer = page.answer
	} else if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && isAnswer(r.Response) {
		answer = r.Response
	}
	if answer == nil {
		return false
	}
	said := fmt.Sprintf("%s answers %d %s", hostOf(answer), answer.StatusCode, http.StatusText(answer.StatusCode))
	api, isAPI := errors.AsType[smithy.APIError](err)
	_, unread := errors.AsType[*smithy.DeserializationError](err)
	// Where there is no error in the answer, the SDK makes one of the status.
	worded := isAPI && api.ErrorCode() != "UnknownError" && api.ErrorMessage() != "" && api.ErrorMessage() != http.StatusText(answer.StatusCode)
	switch {
	case isWebPage(answer) && (isForeign(answer) || unread || !worded):
		e.Reason, e.Hint = said+" with a web page, which AWS does not", hintPortal
	case answer.StatusCode == http.StatusProxyAuthRequired:
		e.Reason, e.Hint = "the proxy on the way wants a user and password", "write them in HTTPS_PROXY: http://user:password@proxy:port"
	case isCut(err):
		return false
	case unread, !worded && answer.StatusCode != http.StatusForbidden && (isForeign(answer) || isAPI && api.ErrorCode() == "UnknownError"):
		e.Reason, e.Hint = said+", not as AWS does", hintEndpoint
		if answer.StatusCode >= http.StatusInternalServerError {
			e.Hint = hintTryAgain
		}
	default:
		return false
	}
	return true
}

func hostOf(r *smithyhttp.Response) string {
	if r.Request == nil || r.Request.URL == nil {
		return "the server"
	}
	return r.Request.URL.Host
}

// explainConfig is about what fails before a request is sent: profile, credentials, Region.
func explainConfig(e *source.Error, err error) bool {
	var profile config.SharedConfigProfileNotExistError
	var parse config.SharedConfigLoadError
	var role config.SharedConfigAssumeRoleError
	text := err.Error()
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.As(err, &profile):
		e.Thing = "profile " + profile.Profile
		e.Reason, e.Hint = "no such profile", "aws configure list-profiles names those there are"
	case errors.As(err, &parse):
		e.Reason = "the AWS config file is not readable: " + plain(parse.Err)
		e.Hint = "check " + parse.Filename
	case has("partial credentials found"):
		e.Reason, e.Hint = "its access key or its secret key is missing", "aws configure sets both; aws sso login needs none"
	case errors.As(err, &role):
		e.Thing = "profile " + role.Profile
		e.Reason, e.Hint = "its role "+role.RoleARN+" has no credentials to be assumed with", "check its source_profile or credential_source"
	case errors.As(err, new(*sdk.MissingRegionError)), has("Missing Region", "an AWS region is required"):
		e.Reason, e.Hint = "no Region is set", hintRegion
	case has("SSO session has expired", "InvalidGrantException", "cached SSO token", "SSO token"), unauthorizedSSO(err):
		e.Reason, e.Hint = "the SSO session has expired or was never started", "aws sso login"
	case has("please reauthenticate", "login token:"):
		e.Reason, e.Hint = "the session of aws login has expired or was never started", "aws login"
	case has("error in credential_process", "process provider error"):
		e.Reason, e.Hint = "its credential_process gives no credentials: "+plain(err), "run the command that the profile names by itself"
	case errors.Is(err, errNoKeys), has("no EC2 IMDS role found", "static credentials are empty", "access disabled to EC2 IMDS"):
		e.Reason, e.Hint = "no credentials found", hintNoKeys
	default:
		return explainCredentials(e, err, text)
	}
	return true
}

// unauthorizedSSO is the answer of IAM Identity Center to a token that has ended.
func unauthorizedSSO(err error) bool {
	op, isOp := errors.AsType[*smithy.OperationError](err)
	api, isAPI := errors.AsType[smithy.APIError](err)
	return isOp && isAPI && (op.Service() == "SSO" || op.Service() == "SSO OIDC") && api.ErrorCode() == "UnauthorizedException"
}

// explainCredentials is about credentials that were asked for elsewhere and not given, where that has no words of its
// own.
func explainCredentials(e *source.Error, err error, text string) bool {
	_, isAPI := errors.AsType[smithy.APIError](err)
	if isAPI || !strings.Contains(text, "failed to refresh cached credentials") && !strings.Contains(text, "get credentials") {
		return false
	}
	if explainNetwork(e, err) {
		e.Reason = "the credentials cannot be had: " + e.Reason
		return true
	}
	e.Reason, e.Hint = "the credentials cannot be had: "+plain(err), hintNoKeys
	return true
}

func explainNetwork(e *source.Error, err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var timeout net.Error
	e.Hint = hintNetwork
	at := ""
	if errors.As(err, &op) && op.Addr != nil {
		at = op.Addr.String()
	}
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		e.Reason, e.Hint = "the proxy cannot be reached: "+plain(err), "check HTTPS_PROXY; hosts in NO_PROXY are reached without it"
	case strings.Contains(err.Error(), "Proxy Authentication Required"):
		e.Reason, e.Hint = "the proxy on the way wants a user and password", "write them in HTTPS_PROXY: http://user:password@proxy:port"
	case errors.As(err, &dns) && dns.IsTimeout:
		e.Reason = "no name server answers where " + dns.Name + " is"
	case errors.As(err, &dns):
		e.Reason, e.Hint = "the name "+dns.Name+" is not found", "check the spelling of the Region and the endpoint, the network and its name server"
	case isTLS(err):
		explainTLS(e, err)
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Reason = strings.TrimSuffix("connection refused by "+at, " by ")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		e.Reason = strings.TrimSuffix("no way leads to "+at, " to ")
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Reason = "no answer in time"
		if errors.As(err, &op) && op.Op == "dial" {
			e.Reason = "no answer in time from " + at
		}
	case isCut(err), errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, syscall.EPIPE):
		e.Reason, e.Hint = "the connection was cut", "check the network; "+hintTryAgain
	default:
		e.Hint = ""
		return explainURL(e, err)
	}
	return true
}

// explainURL is about a connection that failed in a way of its own.
func explainURL(e *source.Error, err error) bool {
	var way *url.Error
	var tries *retry.MaxAttemptsError
	switch {
	case errors.As(err, &way):
		e.Reason, e.Hint = "the connection failed: "+plain(err), hintNetwork
	case errors.As(err, &tries):
		e.Reason, e.Hint = plain(err), hintTryAgain
	default:
		return false
	}
	return true
}

func isTLS(err error) bool {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var alert tls.AlertError
	return errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &record) ||
		errors.As(err, &verify) || errors.As(err, &alert) || strings.Contains(err.Error(), "remote error: tls:") ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// explainTLS says why a server is not trusted.
func explainTLS(e *source.Error, err error) {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	e.Reason, e.Hint = "the connection is not trusted: ", hintTLS
	switch {
	case errors.As(err, &authority):
		e.Reason += "its certificate is signed by an authority this machine does not know"
		if authority.Cert != nil && authority.Cert.Issuer.CommonName != "" {
			e.Reason += " (" + authority.Cert.Issuer.CommonName + ")"
		}
		e.Hint = hintCA
	case errors.As(err, &host):
		e.Reason += "its certificate is not for " + host.Host
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		from, to := invalid.Cert.NotBefore.UTC(), invalid.Cert.NotAfter.UTC()
		e.Reason += "its certificate counts from " + from.Format(time.DateOnly) + " to " + to.Format(time.DateOnly)
	case strings.Contains(err.Error(), "HTTP response to HTTPS"), errors.As(err, new(tls.RecordHeaderError)):
		e.Reason += "the server does not speak TLS"
		e.Hint = "write the endpoint with http://"
	default:
		e.Reason += plain(err)
		e.Hint = hintCA
	}
}
