// Package aws is what the sources that ask AWS share: a session from the environment and the AWS config files, who one
// is, the table of operations that may be called, and errors in words.
//
// Nothing here opens a connection except [Session.Ready], [Session.Identity] and the clients made from [Session.Config].
// Every request names the program as "trailsift/VERSION" in its user agent, so that people find their own traces in
// CloudTrail.
package aws

import (
	"cmp"
	"context"
	"net/url"
	"os"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/smithy-go/logging"

	"github.com/trailsift/trailsift/source"
)

// Options say as whom and where to connect. What is empty comes from the environment and the config files, as the AWS
// CLI reads them.
type Options struct {
	Version string // of the program, for the user agent
	Profile string
	Region  string
	// Endpoint is where the services are, instead of AWS: a URL. As with the AWS CLI it does not count for the credentials of
	// a profile; AWS_ENDPOINT_URL does.
	Endpoint string
	Offline  bool // no connection is ever opened: every request is refused
	// MFA asks a person for the code of a device, where a profile names one for its role; nil refuses.
	MFA func(serial string) (code string, err error)
}

// A Session connects as one identity. It is safe for concurrent use.
type Session struct {
	cfg     sdk.Config
	thing   string // whose credentials, in words: "profile admin"
	serial  string // of the MFA device that is asked for
	named   Identity
	profile string
	asks    bool // getting credentials runs a program that may ask the person
	watch   watch
}

// Load reads environment and config files. It opens no connection. Errors are *source.Error.
func Load(ctx context.Context, opt Options) (*Session, error) {
	if u, err := url.Parse(opt.Endpoint); opt.Endpoint != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return nil, &source.Error{Thing: opt.Endpoint, Reason: "not a URL of an endpoint", Hint: "write it like https://host:port"}
	}
	s := &Session{profile: cmp.Or(opt.Profile, os.Getenv("AWS_PROFILE")), thing: "AWS"}
	if s.profile != "" {
		s.thing = "profile " + s.profile
	}
	loaders := s.loaders(opt)
	first, err := config.LoadDefaultConfig(ctx, append(loaders, config.WithAPIOptions(s.apiOptions(opt, toEndpoint(os.Getenv("AWS_ENDPOINT_URL")))))...)
	if err != nil {
		return nil, s.explain(err, s.thing)
	}
	loaders = append(loaders, config.WithAPIOptions(s.apiOptions(opt)), config.WithCredentialsProvider(first.Credentials))
	if opt.Endpoint != "" {
		loaders = append(loaders, config.WithBaseEndpoint(opt.Endpoint))
	}
	if s.cfg, err = config.LoadDefaultConfig(ctx, loaders...); err != nil {
		return nil, s.explain(err, s.thing)
	}
	s.cfg.Credentials = &provider{inner: s.cfg.Credentials, session: s}
	return s, nil
}

// apiOptions are what every client gets.
func (s *Session) apiOptions(opt Options, more ...func(*stack) error) []func(*stack) error {
	return append([]func(*stack) error{userAgent(opt.Version), guard, s.watch.answers}, more...)
}

func (s *Session) loaders(opt Options) []func(*config.LoadOptions) error {
	loaders := []func(*config.LoadOptions) error{
		config.WithLogger(logging.Nop{}), // nothing may write into a screen
		config.WithHTTPClient(httpClient(opt.Offline)),
		config.WithRetryer(s.watch.retryer),
		config.WithEC2RoleCredentialOptions(func(o *ec2rolecreds.Options) { o.Client = metadataClient(opt.Offline) }),
		config.WithEndpointCredentialOptions(func(o *endpointcreds.Options) {
			o.HTTPClient, o.Retryer = containerClient(opt.Offline), sdk.NopRetryer{}
		}),
		config.WithProcessCredentialOptions(func(*processcreds.Options) { s.asks = true }),
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			if o.RoleSessionName == "" {
				o.RoleSessionName = roleSession
			}
			if o.SerialNumber != nil {
				s.serial = *o.SerialNumber
			}
			o.TokenProvider = s.token(opt.MFA)
		}),
	}
	if opt.Profile != "" {
		loaders = append(loaders, config.WithSharedConfigProfile(opt.Profile))
	}
	if opt.Region != "" {
		loaders = append(loaders, config.WithRegion(opt.Region))
	}
	return slices.Clip(loaders)
}

// NewSession is a session of a configuration made elsewhere.
func NewSession(cfg sdk.Config) *Session { return &Session{cfg: cfg, thing: "AWS"} }

// Config is the configuration to make a client of.
func (s *Session) Config() sdk.Config { return s.cfg.Copy() }

// Region is the Region of the profile or environment, "" where none is set.
func (s *Session) Region() string { return s.cfg.Region }

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
