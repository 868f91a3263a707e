package cli

import (
	"cmp"
	"context"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/trail"
	"github.com/trailsift/trailsift/tui/text"
)

// signing holds the sessions of a run: credentials are had once, and a person is asked for a code once.
type signing struct {
	mu       sync.Mutex
	sessions map[string]*aws.Session // by profile and role
	failed   error                   // why there are no credentials after a code was asked for
}

type roleKey struct{}

// asEach are the contexts in which a place is located: one for each --role-arn, so that each place is opened once an
// account. A bucket is the same whoever reads it, and a trail's ARN names its account.
func (c *command) asEach(ctx context.Context, place string) ([]context.Context, error) {
	roles := c.flag.roleARNs
	name, isTrail := strings.CutPrefix(place, trail.Scheme)
	switch {
	case len(roles) < 2:
		return []context.Context{ctx}, nil // session knows the one there is
	case strings.HasPrefix(place, "s3://"):
		c.note("%s is read as %s, the first --role-arn", place, roles[0])
		roles = roles[:1]
	case isTrail:
		at, ok := trail.SpotOf(name)
		if !ok {
			return nil, usage("name the trail by its ARN, or pass one --role-arn", "%s: which of the %d accounts of --role-arn is it in?", place, len(roles))
		}
		roles = ofAccount(roles, at.Account)
	case !strings.HasPrefix(place, "history:"):
		return []context.Context{ctx}, nil
	}
	each := make([]context.Context, len(roles))
	for i, role := range roles {
		each[i] = context.WithValue(ctx, roleKey{}, role)
	}
	return each, nil
}

// ofAccount is the first role of an account, else the first of all.
func ofAccount(roles []string, account string) []string {
	for _, r := range roles {
		if strings.Contains(r, "::"+account+":") {
			return []string{r}
		}
	}
	return roles[:1]
}

// session is that of the profile, as the role of the context or the first --role-arn. It opens no connection, except
// where getting credentials may ask the person: that has to be before the screen is taken over.
func (c *command) session(ctx context.Context) (*aws.Session, error) {
	role, _ := ctx.Value(roleKey{}).(string)
	if role == "" && len(c.flag.roleARNs) > 0 {
		role = c.flag.roleARNs[0]
	}
	c.signed.mu.Lock()
	defer c.signed.mu.Unlock()
	key := c.flag.profile + "\n" + role
	if s := c.signed.sessions[key]; s != nil {
		return s, nil
	}
	s, err := c.signIn(ctx)
	if err == nil && role != "" {
		if s, err = s.As(role); err != nil {
			return nil, usage("write it like arn:aws:iam::111122223333:role/NAME", "--role-arn %s: not the ARN of a role", role)
		}
	}
	if err == nil {
		c.signed.sessions[key] = s
	}
	return s, err
}

// signIn is the session of the profile.
func (c *command) signIn(ctx context.Context) (*aws.Session, error) {
	if c.flag.region != "" && !isRegionWord(c.flag.region) {
		return nil, usage("write it like us-east-1", "--region %s: not a Region", c.flag.region)
	}
	key := c.flag.profile + "\n"
	if s := c.signed.sessions[key]; s != nil {
		return s, nil
	}
	opt := aws.Options{
		Version: c.env.Version, Profile: c.flag.profile, Region: c.flag.region, Endpoint: c.flag.endpoint, Offline: c.flag.offline,
	}
	if c.env.ControllingTTY {
		opt.MFA = func(serial string) (string, error) { return c.code(ctx, serial) }
	}
	s, err := aws.Load(ctx, opt)
	if err != nil {
		return nil, err
	}
	if c.signed.sessions == nil {
		c.signed.sessions = map[string]*aws.Session{}
	}
	c.signed.sessions[key] = s
	if s.AsksPerson() && c.env.ControllingTTY && !c.flag.offline {
		// What fails is told by whoever needs the credentials: what is held can be seen without them.
		c.signed.failed = s.Ready(ctx)
	}
	return s, ctx.Err()
}

// code asks for the code of an MFA device on the terminal.
func (c *command) code(ctx context.Context, serial string) (string, error) {
	switch {
	case c.signed.failed != nil:
		return "", c.signed.failed
	case c.onScreen:
		return "", placeFault("leave and open it again", "the session of %s has ended, and its role needs a new code of the MFA device %s",
			profileName(cmp.Or(c.flag.profile, c.env.Getenv("AWS_PROFILE"))), serial)
	}
	tty, err := os.OpenFile(ttyPath, os.O_RDWR, 0)
	if err != nil {
		return "", placeFault("run it on a terminal", "a code of the MFA device %s is needed, and there is no terminal to ask", serial)
	}
	defer func() { _ = tty.Close() }()
	code, err := hidden(ctx, tty, "MFA code of "+text.Visible(serial)+": ")
	if err == nil && code == "" {
		err = placeFault("run it again, or see what is held with --offline", "no code of the MFA device %s was given", serial)
	}
	return code, err
}

func profileName(profile string) string {
	if profile == "" {
		return "the default profile"
	}
	return "profile " + profile
}

// hidden reads a line from a terminal without showing it.
func hidden(ctx context.Context, tty *os.File, prompt string) (string, error) {
	fd := int(tty.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	if _, err := tty.WriteString(prompt); err != nil {
		return "", err
	}
	type answer struct {
		line []byte
		err  error
	}
	came := make(chan answer, 1)
	go func() {
		line, err := term.ReadPassword(fd)
		came <- answer{line, err}
	}()
	var a answer
	select {
	case a = <-came:
	case <-ctx.Done():
		a.err = ctx.Err()
		_ = term.Restore(fd, before)
	}
	_, _ = tty.WriteString("\n")
	return strings.TrimSpace(string(a.line)), a.err
}
