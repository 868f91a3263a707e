package aws

import (
	"context"
	"errors"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/trailsift/trailsift/source"
)

// roleSession is the name of the sessions of assumed roles where a profile gives none: it stands in CloudTrail.
const roleSession = "trailsift"

// AsksPerson is true where getting credentials may ask the person: for the code of an MFA device, or whatever the
// profile's credential_process asks for. That has to be before a screen is taken over.
func (s *Session) AsksPerson() bool { return s.asks || s.serial != "" }

// Ready gets credentials now, asking for an MFA code where the profile wants one. Errors are *source.Error, or of the
// context.
func (s *Session) Ready(ctx context.Context) error {
	if s.cfg.Credentials == nil {
		return s.explain(errNoKeys, s.thing)
	}
	_, err := s.cfg.Credentials.Retrieve(ctx)
	return s.explain(err, s.thing)
}

// As is a session of a role that this session's identity assumes. It opens no connection; the role is assumed when it
// is used.
func (s *Session) As(role string) (*Session, error) {
	parts := strings.SplitN(role, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "iam" || len(parts[4]) != 12 || !strings.HasPrefix(parts[5], "role/") {
		return nil, &source.Error{Thing: role, Reason: "not the ARN of a role", Hint: "write it like arn:aws:iam::111122223333:role/NAME"}
	}
	as := &Session{
		cfg: s.Config(), thing: role, profile: s.profile,
		named: Identity{Account: parts[4], Partition: parts[1], ARN: role},
	}
	as.cfg.Credentials = &provider{session: as, inner: sdk.NewCredentialsCache(
		stscreds.NewAssumeRoleProvider(sts.NewFromConfig(s.cfg, inSomeRegion), role, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = roleSession
		}))}
	return as, nil
}

// Role is the role of a session made by [Session.As], with its account; false for others.
func (s *Session) Role() (Identity, bool) { return s.named, s.named.ARN != "" }

// token asks for an MFA code.
func (s *Session) token(ask func(serial string) (string, error)) func() (string, error) {
	return func() (string, error) {
		if ask == nil {
			return "", &source.Error{
				Thing: s.thing, Reason: "its role needs a code of the MFA device " + s.serial + ", and there is no terminal to ask",
				Hint: "run it on a terminal, or pass credentials that are ready: eval \"$(aws configure export-credentials --profile " + s.profile + " --format env)\"",
			}
		}
		code, err := ask(s.serial)
		if err != nil {
			return "", err
		}
		return strings.TrimSpace(code), nil
	}
}

// A provider gives credentials; it says in words why there are none, and whose.
type provider struct {
	inner   sdk.CredentialsProvider
	session *Session
}

func (p *provider) Retrieve(ctx context.Context) (sdk.Credentials, error) {
	if p.inner == nil {
		return sdk.Credentials{}, &noCredentials{p.session.explain(errNoKeys, p.session.thing)}
	}
	keys, err := p.inner.Retrieve(ctx)
	if err == nil || ctx.Err() != nil {
		return keys, err
	}
	if isDeadline(err) { // of whoever gives credentials
		err = &source.Error{Thing: p.session.thing, Reason: "the credentials cannot be had: no answer in time", Hint: hintNetwork, Err: errNoKeys}
	}
	return keys, &noCredentials{p.session.explain(err, p.session.thing)}
}

// noCredentials is not worth another try: those that get them have tried.
type noCredentials struct{ err error }

func (e *noCredentials) Error() string        { return e.err.Error() }
func (e *noCredentials) Unwrap() error        { return e.err }
func (e *noCredentials) RetryableError() bool { return false }

// explain is Explain for what fails before or while credentials are had: it knows the profile.
func (s *Session) explain(err error, thing string) error {
	role, action := s.named.ARN, ""
	if role != "" {
		action = "sts:AssumeRole"
	}
	err = Explain(err, thing, action)
	e, ok := errors.AsType[*source.Error](err)
	if !ok || s.profile == "" {
		return err
	}
	told := *e
	told.Hint = strings.ReplaceAll(told.Hint, "aws sso login", "aws sso login --profile "+s.profile)
	told.Hint = strings.ReplaceAll(told.Hint, "aws login", "aws login --profile "+s.profile)
	return &told
}
