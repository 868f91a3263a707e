package cli

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/s3"
)

// bucket locates s3://BUCKET[/PREFIX].
func (c *command) bucket(ctx context.Context, text string) (spot, error) {
	name, prefix, err := s3.Parse(text)
	if err != nil {
		return spot{}, err
	}
	session, err := c.session(ctx)
	if err != nil {
		return spot{}, err
	}
	opt, err := c.bucketOptions()
	if err != nil {
		return spot{}, err
	}
	return spot{
		place: s3.New(s3.Client(session.Config()), name, prefix, opt).Place(),
		reach: func(ctx context.Context) (source.Source, error) {
			b, err := s3.Connect(ctx, session, name, prefix, opt)
			if err != nil {
				return nil, err
			}
			return b, b.Check(ctx)
		},
	}, nil
}

// bucketOptions are what the flags ask of a bucket.
func (c *command) bucketOptions() (s3.Options, error) {
	from, to, err := c.window(c.env.Now())
	opt := s3.Options{
		From: from, To: to, Now: c.env.Now,
		Accounts: c.flag.accounts, Regions: c.flag.regions, RequestPayer: c.flag.requestPayer,
	}
	for _, k := range c.flag.types {
		opt.Types = append(opt.Types, k.String())
	}
	return opt, err
}

// awsProfiles are the names of the profiles in the AWS config files, for the start page; nothing is asked.
func awsProfiles(getenv func(string) string) []string {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	var names []string
	for _, file := range []string{
		cmp.Or(getenv("AWS_CONFIG_FILE"), filepath.Join(home, ".aws", "config")),
		cmp.Or(getenv("AWS_SHARED_CREDENTIALS_FILE"), filepath.Join(home, ".aws", "credentials")),
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if !strings.HasPrefix(line, "[") || !strings.HasSuffix(line, "]") {
				continue
			}
			name := strings.TrimSpace(strings.TrimPrefix(line[1:len(line)-1], "profile "))
			if !strings.HasPrefix(name, "sso-session ") && !strings.HasPrefix(name, "services ") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
