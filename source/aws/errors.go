package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trailsift/trailsift/source"
)

const (
	hintNetwork  = "check the network, a proxy, and the endpoint or Region"
	hintSignIn   = "sign in again (aws sso login, aws login) or renew the keys"
	hintKeys     = "check the profile and its keys; the Region may also not be enabled for this account"
	hintNoKeys   = "sign in (aws sso login, aws login), set AWS_PROFILE or pass --profile"
	hintClock    = "set this machine's clock: AWS accepts a difference of 15 minutes"
	hintRegion   = "pass --region, or set AWS_REGION"
	hintRestore  = "restore it first (aws s3api restore-object); that costs money, so it is not done here"
	hintTryAgain = "try again; what came in is kept"
	hintBucket   = "check its name, and the account and endpoint it is in"
	hintDisabled = "ask the owner of the account; AWS Support knows why"
	hintKey      = "the log files cannot be read without it: ask the owner of the key"
	hintLimit    = "other tools and open consoles share the limit; pass a lower --lookup-rate"
)

// apiErrors are the codes AWS answers with, in words (codes: S3 API reference, CloudTrail and common errors).
var apiErrors = map[string]struct{ reason, hint string }{
	"ExpiredToken":                {"the credentials have expired", hintSignIn},
	"ExpiredTokenException":       {"the credentials have expired", hintSignIn},
	"RequestExpired":              {"the credentials have expired", hintSignIn},
	"TokenRefreshRequired":        {"the credentials have expired", hintSignIn},
	"InvalidClientTokenId":        {"the credentials are not accepted", hintKeys},
	"UnrecognizedClientException": {"the credentials are not accepted", hintKeys},
	"InvalidAccessKeyId":          {"the access key is not known", hintKeys},
	"SignatureDoesNotMatch":       {"the secret key does not fit the access key", hintKeys},
	"IncompleteSignature":         {"the credentials are not accepted", hintKeys},
	"InvalidSignatureException":   {"the secret key does not fit the access key", hintKeys},
	"InvalidToken":                {"the session token is not valid", hintSignIn},
	"InvalidSecurity":             {"the credentials are not valid", hintSignIn},
	"AuthFailure":                 {"the credentials are not accepted", hintKeys},
	"OptInRequired":               {"the account is not subscribed here", hintKeys},
	"InvalidIdentityToken":        {"the web identity token is not accepted", "check AWS_WEB_IDENTITY_TOKEN_FILE and the role's trust policy"},
	"RegionDisabledException":     {"STS is not active in this Region", "activate it in the account settings of IAM, or pass another --region"},
	"NoSuchBucket":                {"no such bucket", hintBucket},
	"InvalidBucketName":           {"not a name a bucket can have", hintBucket},
	"NoSuchKey":                   {"no longer there", "it was deleted after it was listed"},
	"NotFound":                    {"not found", hintBucket},
	"AllAccessDisabled":           {"the bucket is disabled", hintDisabled},
	"AccountProblem":              {"the account is disabled", hintDisabled},
	"NotSignedUp":                 {"the account is not signed up", hintDisabled},
	"InvalidObjectState":          {"archived by its storage class", hintRestore},
	"InvalidPayer":                {"the requester is refused as payer", "the account of these credentials cannot pay for the request: use another"},
	"MethodNotAllowed":            {"deleted: only its delete marker is there", "an earlier version may be kept: list the versions of the object"},
	"PreconditionFailed":          {"changed while it was read", hintTryAgain},
	"TemporaryRedirect":           {"the bucket is moving to another Region", hintTryAgain},
	"SlowDown":                    {"AWS asks to slow down, again and again", hintTryAgain},
	"Throttling":                  {"AWS asks to slow down, again and again", hintTryAgain},
	"ThrottlingException":         {"AWS asks to slow down, again and again", hintTryAgain},
	"TooManyRequestsException":    {"AWS asks to slow down, again and again", hintTryAgain},
	"RequestLimitExceeded":        {"AWS asks to slow down, again and again", hintTryAgain},
	"InternalError":               {"AWS had an internal error, again and again", hintTryAgain},
	"InternalFailure":             {"AWS had an internal error, again and again", hintTryAgain},
	"ServiceUnavailable":          {"AWS is not available", hintTryAgain},
	"RequestTimeout":              {"AWS gave up waiting for the request", hintTryAgain},
	"InvalidNextTokenException":   {"the listing expired between two pages", hintTryAgain},
	"InvalidTimeRangeException":   {"AWS does not accept the time range", "Event history goes back 90 days"},
	"TrailNotFoundException":      {"no such trail", "trailsift trails lists those there are"},
	"UnsupportedOperationException": {
		"AWS does not offer this here", "check the Region",
	},
	"OperationNotPermittedException": {
		"AWS does not permit this here", "check the Region and the account",
	},
	"KMS.DisabledException":        {"the key that encrypts it is disabled", "enable the KMS key"},
	"KMS.NotFoundException":        {"the key that encrypts it does not exist any more", hintKey},
	"KMS.KMSInvalidStateException": {"the key that encrypts it is not usable (pending deletion?)", "cancel the deletion of the KMS key"},
	"KMS.InvalidKeyUsageException": {"the key that encrypts it is not meant for this", hintKey},
	"KMS.InvalidStateException":    {"the key that encrypts it is not usable (pending deletion?)", "cancel the deletion of the KMS key"},
}

// wrongRegion are the codes by which S3 says that a bucket is elsewhere.
var wrongRegion = map[string]bool{
	"PermanentRedirect": true, "AuthorizationHeaderMalformed": true, "IllegalLocationConstraintException": true, "MovedPermanently": true,
}

// Explain puts what AWS or the way to it answered into words: what happened to which thing while which action was asked
// for, and a hint. An error of an ended context stays one, a *source.Error stays as it is. action is the IAM name of the
// permission ("s3:GetObject"); "" is that of the operation that failed.
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
	case explainForeign(e, err), explainConfig(e, err), explainAPI(e, err, action), explainNetwork(e, err):
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
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	code, message := api.ErrorCode(), api.ErrorMessage()
	status := statusOf(err)
	if action == "" {
		action = actionOf(err)
	}
	switch known, ok := apiErrors[code]; {
	case denied(code, status):
		explainDenied(e, message, action)
	case wrongRegion[code]:
		explainRegion(e, err)
	case skewed(code, message):
		e.Reason, e.Hint = "the clock of this machine is "+skewOf(err, message), hintClock
	case ok:
		e.Reason, e.Hint = known.reason, known.hint
		if code == "ThrottlingException" && action == "cloudtrail:LookupEvents" {
			e.Hint = hintLimit
		}
	case code == "":
		e.Reason, e.Hint = "refused without a reason that can be told", hintEndpoint
	default:
		e.Reason = "AWS answers " + code
		if message != "" && message != code {
			e.Reason += ": " + message
		}
		if status >= http.StatusInternalServerError {
			e.Hint = hintTryAgain
		}
	}
	return true
}

// explainRegion is for a bucket that is elsewhere. Where the endpoint is given, following is not possible.
func explainRegion(e *source.Error, err error) {
	e.Reason, e.Hint = "the bucket is in another Region", "pass its Region with --region"
	if region := BucketRegion(err); region != "" {
		e.Reason += ": " + region
		e.Hint = "pass --region " + region + "; with --endpoint-url the endpoint has to be that Region's"
	}
}

// actionOf is the action that the operation needs whose error this is, or the operation itself.
func actionOf(err error) string {
	op, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return ""
	}
	for _, known := range operations {
		if known.Service == op.Service() && known.Name == op.Operation() && known.Action != "" {
			return known.Action
		}
	}
	return strings.ToLower(op.Service()) + ":" + op.Operation()
}

func statusOf(err error) int {
	if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && isAnswer(r.Response) {
		return r.HTTPStatusCode()
	}
	return 0
}

// BucketRegion is the Region that S3 named in an answer, errors included; "" where it named none.
func BucketRegion(err error) string {
	r, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || !isAnswer(r.Response) {
		return ""
	}
	if region := r.Response.Header.Get("X-Amz-Bucket-Region"); region != "" {
		return region
	}
	// "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "AuthorizationHeaderMalformed" {
		_, rest, _ := strings.Cut(api.ErrorMessage(), "expecting '")
		region, _, _ := strings.Cut(rest, "'")
		return region
	}
	return ""
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
