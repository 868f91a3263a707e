package aws

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go"
	smithymiddleware "github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type stack = smithymiddleware.Stack

const (
	// attempts of one request: faults of some per cent must not lose a log file among a million.
	attempts         = 8
	identityAttempts = 4 // a person waits
	maxBackoff       = 10 * time.Second

	dialTimeout   = 5 * time.Second
	answerTimeout = 60 * time.Second // until the header of an answer
	connections   = 128              // kept open to one host

	// metadataTimeout bounds each request to the instance metadata service: where there is none, a machine outside AWS
	// must say that there are no credentials within 3 s.
	metadataTimeout      = 800 * time.Millisecond
	containerTimeout     = 2500 * time.Millisecond // of the one request for the credentials of a container
	containerCredentials = "GetCredentials"        // which the SDK has over HTTP by its own means, without a service
)

func userAgent(version string) func(*stack) error {
	if version == "" {
		version = "devel"
	}
	return middleware.AddUserAgentKeyValue("trailsift", version)
}

// toEndpoint sends requests to an endpoint, "" for none. It is for the clients of the credential chain: the SDK makes
// them before it has read AWS_ENDPOINT_URL, which counts for them with the AWS CLI.
func toEndpoint(endpoint string) func(*stack) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		return func(*stack) error { return nil }
	}
	return func(s *stack) error {
		const resolved = "ResolveEndpointV2"
		if _, ok := s.Finalize.Get(resolved); !ok || s.ID() == containerCredentials {
			return nil
		}
		return s.Finalize.Insert(smithymiddleware.FinalizeMiddlewareFunc("trailsift endpoint",
			func(ctx context.Context, in smithymiddleware.FinalizeInput, next smithymiddleware.FinalizeHandler) (
				smithymiddleware.FinalizeOutput, smithymiddleware.Metadata, error,
			) {
				if r, ok := in.Request.(*smithyhttp.Request); ok {
					r.URL.Scheme, r.URL.Host = u.Scheme, u.Host
				}
				return next.HandleFinalize(ctx, in)
			}), resolved, smithymiddleware.After)
	}
}

// A watch knows whether anything ever answered a session.
type watch struct{ answered atomic.Bool }

// retryer decides what is tried again.
func (w *watch) retryer() sdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = maxBackoff
		// The SDK's own budget of retries is shared by all requests: one bad hour would fail every later log file.
		o.RateLimiter = ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(w.retryable)}, o.Retryables...)
	})
}

// retryable judges what the SDK judges otherwise: it would try a wrong address and an untrusted server for as long as a
// busy one, and would not try again where the connection ended within an answer.
func (w *watch) retryable(err error) sdk.Ternary {
	switch {
	case isTLS(err):
		return sdk.FalseTernary
	case !w.answered.Load() && isUnreachable(err):
		return sdk.FalseTernary
	case isCut(err):
		return sdk.TrueTernary
	}
	return sdk.UnknownTernary
}

// isUnreachable is true where nobody listens at an address, or nothing leads there. Before the first answer that is a
// wrong address rather than a pause.
func isUnreachable(err error) bool {
	var dial *net.OpError
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) ||
		errors.As(err, &dial) && (dial.Op == "dial" || dial.Op == "proxyconnect") && dial.Timeout()
}

// isCut is true for an answer that ended before its end.
func isCut(err error) bool {
	var half *smithy.DeserializationError
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &half) && strings.Contains(half.Error(), "unexpected EOF")
}

// answers notes that something answered, and refuses web pages: a network that wants one to sign in first answers every
// request with one, and S3's listing would be read from it as empty.
func (w *watch) answers(s *stack) error {
	return s.Deserialize.Add(smithymiddleware.DeserializeMiddlewareFunc("trailsift answers",
		func(ctx context.Context, in smithymiddleware.DeserializeInput, next smithymiddleware.DeserializeHandler) (
			smithymiddleware.DeserializeOutput, smithymiddleware.Metadata, error,
		) {
			out, meta, err := next.HandleDeserialize(ctx, in)
			r, ok := out.RawResponse.(*smithyhttp.Response)
			if !ok || !isAnswer(r) {
				return out, meta, err
			}
			w.answered.Store(true)
			if err == nil && r.StatusCode < http.StatusMultipleChoices && isForeign(r) && isWebPage(r) {
				_ = r.Body.Close() // nothing in it is wanted
				err = &webPage{r}
			}
			return out, meta, err
		}), smithymiddleware.After)
}

// isAnswer is false for what the SDK makes up where none came.
func isAnswer(r *smithyhttp.Response) bool {
	return r != nil && r.Response != nil && r.StatusCode != 0
}

// A webPage is an answer that is no answer of AWS.
type webPage struct{ answer *smithyhttp.Response }

func (p *webPage) Error() string        { return "a web page" }
func (p *webPage) RetryableError() bool { return false }

func isWebPage(r *smithyhttp.Response) bool {
	return strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "text/html")
}

// isForeign is true for an answer without a request id, which each answer of AWS and of servers like it has.
func isForeign(r *smithyhttp.Response) bool {
	for _, name := range []string{"X-Amz-Request-Id", "X-Amzn-Requestid", "X-Amz-Id-2", "X-Amzn-Trace-Id", "X-Amzn-Errortype"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	return true
}

func httpClient(offline bool) config.HTTPClient {
	if offline {
		return refusing()
	}
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = answerTimeout
			t.MaxIdleConns = 0 // no limit but the one per host
			t.MaxIdleConnsPerHost = connections
		})
}

func metadataClient(offline bool) *imds.Client {
	opt := imds.Options{Retryer: sdk.NopRetryer{}}
	if offline {
		opt.HTTPClient = refusing()
	} else {
		opt.HTTPClient = awshttp.NewBuildableClient().WithTimeout(metadataTimeout)
	}
	return imds.New(opt)
}

func containerClient(offline bool) *awshttp.BuildableClient {
	if offline {
		return refusing()
	}
	return awshttp.NewBuildableClient().WithTimeout(containerTimeout)
}

// refusing is the HTTP client of an offline session: it connects to nothing, a proxy included. It is of the SDK's own
// kind because AWS_CA_BUNDLE is put into no other.
func refusing() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errOffline{} }
	})
}

// errOffline is not worth a retry.
type errOffline struct{}

func (errOffline) Error() string        { return "no connection is opened with --offline" }
func (errOffline) RetryableError() bool { return false }
