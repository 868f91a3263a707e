package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/history"
)

// history locates history:[REGION[,REGION…]]. Its identity needs the account: it is remembered per profile and endpoint,
// so that an offline open finds its store; else STS is asked.
func (c *command) history(ctx context.Context, text string) (spot, error) {
	regions, all, err := history.Parse(text)
	if err != nil {
		return spot{}, err
	}
	if all {
		return spot{}, notBuilt("history:all")
	}
	session, err := c.session(ctx)
	if err != nil {
		return spot{}, err
	}
	from, to, err := c.window(c.env.Now())
	if err != nil {
		return spot{}, err
	}
	who, known, err := c.account(ctx, session)
	if err != nil {
		return spot{}, err
	}
	if len(regions) == 0 {
		regions = history.DefaultRegions(session.Region(), who.Partition)
		c.note("Event history of %s", strings.Join(regions, " and "))
	}
	var h *history.History
	h = history.New(history.Client(session.Config()), who.Account, regions, from, to, history.Options{
		PerSecond: c.flag.lookupRate, Now: c.env.Now,
		Held: func(key string) bool { return c.holds(ctx, h.Place().ID, key) },
	})
	return spot{h.Place(), func(ctx context.Context) (source.Source, error) {
		if !known {
			return h, nil
		}
		now, err := session.Identity(ctx)
		if err != nil {
			return nil, err
		}
		if now.Account != who.Account {
			c.rememberAccount(now)
			return nil, placeFault("run the same command again", "these credentials now belong to account %s, not to %s", now.Account, who.Account)
		}
		return h, nil
	}}, nil
}

// account is who the credentials belong to; known says that it was remembered and nobody was asked.
func (c *command) account(ctx context.Context, session *aws.Session) (who aws.Identity, known bool, err error) {
	if dir, err := c.dataDir(); err == nil && !c.flag.noState {
		if a, ok := loadRegistry(dir).Accounts[c.accountKey()]; ok {
			return aws.Identity{Account: a.Account, Partition: a.Partition}, true, nil
		}
	}
	if c.flag.offline {
		return who, false, placeFault("open it once without --offline, or name its store with --index FILE",
			"Event history: the account of these credentials is not known yet, and --offline opens no connection to ask")
	}
	who, err = session.Identity(ctx)
	if err == nil {
		c.rememberAccount(who)
	}
	return who, false, err
}

// accountKey names what decides the account: profile, endpoint and, where no profile is used, the access key.
func (c *command) accountKey() string {
	profile := cmp.Or(c.flag.profile, c.env.Getenv("AWS_PROFILE"))
	endpoint := cmp.Or(c.flag.endpoint, c.env.Getenv("AWS_ENDPOINT_URL"))
	key := ""
	if profile == "" {
		key = c.env.Getenv("AWS_ACCESS_KEY_ID")
	}
	return strings.Join([]string{profile, key, endpoint}, "|")
}

func (c *command) rememberAccount(who aws.Identity) {
	dir, err := c.dataDir()
	if err != nil || c.flag.noState {
		return
	}
	r := loadRegistry(dir)
	if r.Accounts == nil {
		r.Accounts = map[string]account{}
	}
	r.Accounts[c.accountKey()] = account{who.Account, who.Partition}
	if err := r.save(dir); err != nil {
		c.note("the account could not be remembered: %s", plain(err))
	}
}

// holds tells whether the open store has a log file of a place for good.
func (c *command) holds(ctx context.Context, place, key string) bool {
	if c.heldKeys == nil && c.ix != nil {
		c.heldKeys = map[string]bool{}
		rows, _, err := c.ix.Files(ctx, index.FilesOptions{
			States: []index.FileState{index.StateHeld, index.StateProblem, index.StateDigest, index.StateIgnored},
		})
		if err == nil {
			for _, r := range rows {
				c.heldKeys[r.Place+"\n"+r.Key] = r.ETag == history.Final
			}
		}
	}
	return c.heldKeys[place+"\n"+key]
}
