// Package aws is what the sources that ask AWS share: a session from the environment and the AWS config files, who one
// is, and errors in words.
//
// Nothing here opens a connection except [Session.Identity] and the clients made from [Session.Config]. Every request
// names the program as "trailsift/VERSION" in its user agent, so that people find their own traces in CloudTrail.
package aws

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/trailsift/trailsift/source"
)

const (
	// attempts of one request: faults of some per cent must not lose a log file among a million.
	attempts   = 8
	maxBackoff = 10 * time.Second

	dialTimeout   = 10 * time.Second
	answerTimeout = 60 * time.Second // until the header of an answer
	connections   = 128              // kept open to one host

	// metadataTimeout bounds each request to the instance metadata service: where there is none, a machine outside AWS
	// must say that there are no credentials within 3 s.
	metadataTimeout = 800 * time.Millisecond
	identityTimeout = 10 * time.Second
)

// Options say as whom and where to connect. What is empty comes from the environment and the config files, as the AWS
// CLI reads them.
type Options struct {
	Version  string // of the program, for the user agent
	Profile  string
	Region   string
	Endpoint string // instead of AWS: a URL
	Offline  bool   // no connection is ever opened: every request is refused
}

// A Session connects as one identity. It is safe for concurrent use.
type Session struct {
	cfg     sdk.Config
	profile string
}

// Load reads environment and config files. It opens no connection. Errors are *source.Error.
func Load(ctx context.Context, opt Options) (*Session, error) {
	loaders := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}), // nothing may write into a screen
		config.WithAPIOptions([]func(*stack) error{userAgent(opt.Version), guard}),
		config.WithHTTPClient(httpClient(opt.Offline)),
		config.WithRetryer(newRetryer),
		config.WithEC2RoleCredentialOptions(func(o *ec2rolecreds.Options) { o.Client = metadataClient(opt.Offline) }),
	}
	if opt.Profile != "" {
		loaders = append(loaders, config.WithSharedConfigProfile(opt.Profile))
	}
	if opt.Region != "" {
		loaders = append(loaders, config.WithRegion(opt.Region))
	}
	if opt.Endpoint != "" {
		if u, err := url.Parse(opt.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, &source.Error{Thing: opt.Endpoint, Reason: "not a URL of an endpoint", Hint: "write it like https://host:port"}
		}
		loaders = append(loaders, config.WithBaseEndpoint(opt.Endpoint))
	}
	cfg, err := config.LoadDefaultConfig(ctx, loaders...)
	if err != nil {
		return nil, Explain(err, "AWS configuration", "")
	}
	return &Session{cfg: cfg, profile: opt.Profile}, nil
}

// NewSession is a session of a configuration made elsewhere.
func NewSession(cfg sdk.Config) *Session { return &Session{cfg: cfg} }

// Config is the configuration to make a client of.
func (s *Session) Config() sdk.Config { return s.cfg.Copy() }

// Region is the Region of the profile or environment, "" where none is set.
func (s *Session) Region() string { return s.cfg.Region }

// An Identity is who requests are made as.
type Identity struct {
	Account, ARN, Partition string
}

// Identity asks STS who the credentials belong to (GetCallerIdentity needs no permission). Missing credentials are an
// error within 3 s.
func (s *Session) Identity(ctx context.Context) (Identity, error) {
	thing := "AWS"
	if s.profile != "" {
		thing = "profile " + s.profile
	}
	inner, cancel := context.WithTimeout(ctx, identityTimeout)
	defer cancel()
	id, err := s.identity(inner)
	if err != nil && ctx.Err() == nil && inner.Err() != nil {
		return Identity{}, &source.Error{Thing: thing, Reason: "no answer about the identity within 10 s", Hint: hintNetwork, Err: err}
	}
	return id, Explain(err, thing, "sts:GetCallerIdentity")
}

func (s *Session) identity(ctx context.Context) (Identity, error) {
	if s.cfg.Credentials == nil {
		return Identity{}, errNoKeys
	}
	// Asked for by themselves first: the request would try again and again to get some.
	if _, err := s.cfg.Credentials.Retrieve(ctx); err != nil {
		return Identity{}, err
	}
	client := sts.NewFromConfig(s.cfg, func(o *sts.Options) {
		o.RetryMaxAttempts = 2
		if o.Region == "" {
			o.Region = GlobalRegion("aws")
		}
	})
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, err
	}
	id := Identity{Account: sdk.ToString(out.Account), ARN: sdk.ToString(out.Arn)}
	id.Partition = partitionOf(id.ARN)
	if id.Account == "" {
		return Identity{}, errors.New("STS named no account")
	}
	return id, nil
}

// partitionOf is the partition of an ARN, "aws" where it does not say.
func partitionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) == 3 && parts[0] == "arn" && parts[1] != "" {
		return parts[1]
	}
	return "aws"
}

// RegionPartition is the partition a Region belongs to, by its name.
func RegionPartition(region string) string {
	for prefix, partition := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc",
		"us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f",
	} {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return "aws"
}

// GlobalRegion is the Region in which a partition records events of global services (CloudTrail user guide).
func GlobalRegion(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	case "aws-eusc":
		return "eusc-de-east-1"
	case "aws-iso":
		return "us-iso-east-1"
	case "aws-iso-b":
		return "us-isob-east-1"
	}
	return "us-east-1"
}

// EndpointID is how an endpoint stands in the identity of a place: "aws" for AWS itself, else the URL's host.
func EndpointID(baseEndpoint *string) string {
	if baseEndpoint == nil || *baseEndpoint == "" {
		return "aws"
	}
	u, err := url.Parse(*baseEndpoint)
	if err != nil || u.Host == "" {
		return *baseEndpoint
	}
	return strings.ToLower(u.Host) + strings.TrimSuffix(u.Path, "/")
}

func userAgent(version string) func(*stack) error {
	if version == "" {
		version = "devel"
	}
	return middleware.AddUserAgentKeyValue("trailsift", version)
}

func newRetryer() sdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = maxBackoff
		// The SDK's own budget of retries is shared by all requests: one bad hour would fail every later log file.
		o.RateLimiter = ratelimit.None
	})
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
