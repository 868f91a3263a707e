package aws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go"
	smithymiddleware "github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trailsift/trailsift/source"
)

type stack = smithymiddleware.Stack

const (
	hintNetwork  = "check the network, a proxy, and the endpoint or Region"
	hintSignIn   = "sign in again (aws sso login, aws login) or renew the keys"
	hintKeys     = "check the profile and its keys; the Region may also not be enabled for this account"
	hintNoKeys   = "sign in (aws sso login, aws login), set AWS_PROFILE or pass --profile"
	hintClock    = "set this machine's clock: AWS accepts a difference of 15 minutes"
	hintRegion   = "pass --region, or set AWS_REGION"
	hintRestore  = "restore it first (aws s3api restore-object); that costs money, so it is not done here"
	hintKMS      = "allow kms:Decrypt on the key that encrypts the log files, in the key policy too"
	hintTryAgain = "try again; what came in is kept"
)

var errNoKeys = errors.New("no credentials")

// apiErrors are the codes AWS answers with, in words (codes: S3 API reference, CloudTrail and common errors).
var apiErrors = map[string]struct{ reason, hint string }{
	"ExpiredToken":                  {"the credentials have expired", hintSignIn},
	"ExpiredTokenException":         {"the credentials have expired", hintSignIn},
	"RequestExpired":                {"the credentials have expired", hintSignIn},
	"InvalidClientTokenId":          {"the credentials are not accepted", hintKeys},
	"UnrecognizedClientException":   {"the credentials are not accepted", hintKeys},
	"InvalidAccessKeyId":            {"the access key is not known", hintKeys},
	"SignatureDoesNotMatch":         {"the secret key does not fit the access key", hintKeys},
	"IncompleteSignature":           {"the credentials are not accepted", hintKeys},
	"InvalidSignatureException":     {"the secret key does not fit the access key", hintKeys},
	"InvalidToken":                  {"the session token is not valid", hintSignIn},
	"InvalidSecurity":               {"the credentials are not valid", hintSignIn},
	"AuthFailure":                   {"the credentials are not accepted", hintKeys},
	"OptInRequired":                 {"the account is not subscribed here", hintKeys},
	"RequestTimeTooSkewed":          {"the clock of this machine is off", hintClock},
	"RequestInTheFuture":            {"the clock of this machine is off", hintClock},
	"NoSuchBucket":                  {"no such bucket", "check its name, and the account and endpoint it is in"},
	"NoSuchKey":                     {"no longer there", "it was deleted after it was listed"},
	"NotFound":                      {"not found", "check the name"},
	"AllAccessDisabled":             {"the bucket is disabled", ""},
	"AccountProblem":                {"the account is disabled", ""},
	"NotSignedUp":                   {"the account is not signed up", ""},
	"InvalidObjectState":            {"archived by its storage class", hintRestore},
	"InvalidPayer":                  {"the requester is refused as payer", ""},
	"PermanentRedirect":             {"the bucket is in another Region", "pass its Region with --region"},
	"AuthorizationHeaderMalformed":  {"the bucket is in another Region", "pass its Region with --region"},
	"TemporaryRedirect":             {"the bucket is moving to another Region", hintTryAgain},
	"MethodNotAllowed":              {"deleted: only its delete marker is there", ""},
	"PreconditionFailed":            {"changed while it was read", hintTryAgain},
	"SlowDown":                      {"AWS asks to slow down, again and again", hintTryAgain},
	"Throttling":                    {"AWS asks to slow down, again and again", hintTryAgain},
	"ThrottlingException":           {"AWS asks to slow down, again and again", "other tools and open consoles share the limit; pass a lower --lookup-rate"},
	"InternalError":                 {"AWS had an internal error, again and again", hintTryAgain},
	"ServiceUnavailable":            {"AWS is not available", hintTryAgain},
	"RequestTimeout":                {"AWS gave up waiting for the request", hintTryAgain},
	"InvalidNextTokenException":     {"the listing expired between two pages", hintTryAgain},
	"InvalidTimeRangeException":     {"AWS does not accept the time range", ""},
	"UnsupportedOperationException": {"AWS does not offer this here", ""},
	"OperationNotPermittedException": {
		"AWS does not permit this here", "",
	},
	"KMS.DisabledException": {"the key that encrypts it is disabled", "enable the KMS key"},
	"KMS.NotFoundException": {"the key that encrypts it does not exist any more", ""},
	"KMS.KMSInvalidStateException": {
		"the key that encrypts it is not usable (pending deletion?)", "cancel the deletion of the KMS key",
	},
	"KMS.InvalidKeyUsageException": {"the key that encrypts it is not meant for this", ""},
}

// Explain puts what AWS or the way to it answered into words: what happened to which thing while which action was asked
// for, and a hint. An error of an ended context stays one, a *source.Error stays as it is. action is the IAM name of the
// permission ("s3:GetObject"), "" where there is none.
func Explain(err error, thing, action string) error {
	var done *source.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &done):
		return done
	case errors.Is(err, context.Canceled), isDeadline(err):
		return fmt.Errorf("%s: %w", thing, err)
	}
	e := &source.Error{Thing: thing, Err: err}
	var offline errOffline
	switch {
	case errors.As(err, &offline):
		e.Reason, e.Hint = "not asked: --offline", ""
	case explainAPI(e, err, action), explainConfig(e, err), explainNetwork(e, err):
	default:
		e.Reason = plain(err)
	}
	return e
}

// isDeadline is true for the end of a context only: timeouts of net/http say of themselves that they are one.
func isDeadline(err error) bool {
	for err != nil && err != context.DeadlineExceeded { //nolint:errorlint // errors.Is asks them
		err = errors.Unwrap(err)
	}
	return err != nil
}

func explainAPI(e *source.Error, err error, action string) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	code, message := api.ErrorCode(), api.ErrorMessage()
	status := statusOf(err)
	if denied(code, status) {
		explainDenied(e, message, action)
		return true
	}
	if skewed(code, message) {
		code = "RequestTimeTooSkewed"
	}
	if known, ok := apiErrors[code]; ok {
		e.Reason, e.Hint = known.reason, known.hint
		if code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed" {
			if region := BucketRegion(err); region != "" {
				e.Reason += ": " + region
			}
		}
		return true
	}
	e.Reason = "AWS answers " + code
	if message != "" && message != code {
		e.Reason += ": " + message
	}
	if status >= http.StatusInternalServerError {
		e.Hint = hintTryAgain
	}
	return true
}

func explainDenied(e *source.Error, message, action string) {
	if action == "" {
		action = "this"
	}
	e.Hint = "allow " + action + " for this identity"
	if strings.Contains(message, "kms:Decrypt") || strings.Contains(message, "KMS") {
		action, e.Hint = "kms:Decrypt", hintKMS
	}
	e.Reason = "access denied: " + action
	if message != "" && !strings.EqualFold(message, "access denied") && !strings.EqualFold(message, "forbidden") {
		e.Reason += " (" + message + ")"
	}
}

func denied(code string, status int) bool {
	switch code {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "Forbidden":
		return true
	}
	return status == http.StatusForbidden && (code == "" || code == "UnknownError")
}

// skewed is true where a signature is refused for its time: services other than S3 have no code of their own for it.
func skewed(code, message string) bool {
	return (code == "InvalidSignatureException" || code == "SignatureDoesNotMatch") &&
		(strings.Contains(message, "Signature expired") || strings.Contains(message, "Signature not yet current"))
}

func statusOf(err error) int {
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return r.HTTPStatusCode()
	}
	return 0
}

// BucketRegion is the Region that S3 named in an answer, errors included; "" where it named none.
func BucketRegion(err error) string {
	var r *smithyhttp.ResponseError
	if errors.As(err, &r) && r.Response != nil {
		return r.Response.Header.Get("X-Amz-Bucket-Region")
	}
	return ""
}

// explainConfig is about what fails before a request is sent: profile, credentials, Region.
func explainConfig(e *source.Error, err error) bool {
	var profile config.SharedConfigProfileNotExistError
	var parse config.SharedConfigLoadError
	text := err.Error()
	switch {
	case errors.As(err, &profile):
		e.Thing = "profile " + profile.Profile
		e.Reason, e.Hint = "no such profile", "aws configure list-profiles names those there are"
	case errors.As(err, &parse):
		e.Reason = "the AWS config file is not readable: " + plain(parse.Err)
	case errors.As(err, new(*sdk.MissingRegionError)), strings.Contains(text, "Missing Region"), strings.Contains(text, "an AWS region is required"):
		e.Reason, e.Hint = "no Region is set", hintRegion
	case strings.Contains(text, "SSO session has expired"), strings.Contains(text, "InvalidGrantException"),
		strings.Contains(text, "cached SSO token"):
		e.Reason, e.Hint = "the SSO session has expired or was never started", "aws sso login, with the same --profile"
	case errors.Is(err, errNoKeys), strings.Contains(text, "no EC2 IMDS role found"), strings.Contains(text, "static credentials are empty"):
		e.Reason, e.Hint = "no credentials found", hintNoKeys
	case strings.Contains(text, "failed to refresh cached credentials"), strings.Contains(text, "get credentials"):
		e.Reason, e.Hint = "the credentials cannot be had: "+plain(err), hintNoKeys
	default:
		return false
	}
	return true
}

func explainNetwork(e *source.Error, err error) bool {
	var dns *net.DNSError
	var timeout net.Error
	e.Hint = hintNetwork
	switch {
	case errors.As(err, &dns):
		e.Reason = "the name " + dns.Name + " is not found"
	case isTLS(err):
		e.Reason = "the connection is not trusted: " + plain(err)
		e.Hint = "behind a proxy that opens TLS set AWS_CA_BUNDLE to its certificate"
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Reason = "connection refused"
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Reason = "no answer in time"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, syscall.EPIPE):
		e.Reason = "the connection was cut"
	default:
		e.Hint = ""
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
	return errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &record) ||
		errors.As(err, &verify) || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// plain is the innermost text of an error: the SDK wraps it in operation names and request ids.
func plain(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return strings.TrimSuffix(err.Error(), ".")
		}
		err = inner
	}
}
