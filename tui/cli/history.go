package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/source/history"
)

// history locates history:[REGION[,REGION…]|all]. Its identity needs the account: it is remembered per profile and
// endpoint, so that an offline open finds its store; else STS is asked.
func (c *command) history(ctx context.Context, text string) (spot, error) {
	regions, all, err := history.Parse(text)
	if err != nil {
		return spot{}, err
	}
	session, err := c.session(ctx)
	if err != nil {
		return spot{}, err
	}
	if _, _, err := c.window(c.env.Now()); err != nil {
		return spot{}, err
	}
	who, known, err := c.account(ctx, session)
	if err != nil {
		return spot{}, err
	}
	if len(regions) == 0 && !all {
		regions = history.DefaultRegions(session.Region(), who.Partition)
		c.note("Event history of %s", strings.Join(regions, " and "))
	}
	at := lookup{c, session, who, all}
	return spot{at.history(regions).Place(), func(ctx context.Context) (source.Source, error) {
		if known {
			if err := c.sameAccount(ctx, session, who); err != nil {
				return nil, err
			}
		}
		return at.reach(ctx, regions)
	}}, nil
}

// A lookup is Event history about to be reached.
type lookup struct {
	c       *command
	session *aws.Session
	who     aws.Identity
	all     bool // Regions
}

// reach finds the Regions where all are meant, and asks each for its newest events.
func (l lookup) reach(ctx context.Context, regions []string) (source.Source, error) {
	if l.all {
		regions = l.everyRegion(ctx)
	}
	if only := l.c.flag.regions; len(only) > 0 {
		regions = slices.DeleteFunc(regions, func(r string) bool { return !slices.Contains(only, r) })
	}
	if len(regions) == 0 {
		return nil, usage("name Regions that the place has, or leave --regions out", "--regions %s: none of them is in this place",
			strings.Join(l.c.flag.regions, ","))
	}
	if only := l.c.flag.accounts; len(only) > 0 && !slices.Contains(only, l.who.Account) {
		return nil, usage("Event history is that of one account: choose it with --profile or --role-arn",
			"--accounts %s: these credentials belong to account %s", strings.Join(only, ","), l.who.Account)
	}
	h := l.history(regions)
	if pushed := l.pushed(); pushed != (history.Attribute{}) {
		l.c.aside("asked AWS only for %s", pushed)
	}
	return h, h.Check(ctx)
}

// history is the source. It opens no connection.
func (l lookup) history(regions []string) *history.History {
	c := l.c
	from, to, _ := c.window(c.env.Now()) // looked at before
	wants := func(k source.LogKind) bool { return len(c.flag.types) == 0 || slices.Contains(c.flag.types, k) }
	cfg := l.session.Config()
	if cfg.Region == "" || aws.RegionPartition(cfg.Region) != l.who.Partition {
		cfg.Region = aws.GlobalRegion(l.who.Partition)
	}
	var h *history.History
	h = history.New(history.Client(cfg), l.who.Account, regions, from, to, history.Options{
		PerSecond: c.flag.lookupRate, Now: c.env.Now, All: l.all, Attribute: l.pushed(),
		NoManagement: !wants(source.KindCloudTrail), NoInsight: !wants(source.KindInsight),
		Held: func(ctx context.Context) map[string]bool { return c.finalWindows(ctx, h.Place()) },
	})
	return h
}

// pushed is the attribute that is asked for. Outside the partition aws the domain of a service is not certain.
func (l lookup) pushed() history.Attribute {
	if a := l.c.pushed; a.Key != history.EventSource || l.who.Partition == "aws" {
		return a
	}
	return history.Attribute{}
}

// everyRegion are the Regions that are enabled for the account, else those this version knows of its partition.
func (l lookup) everyRegion(ctx context.Context) []string {
	regions, err := history.EnabledRegions(ctx, l.session.Config(), l.who.Partition)
	if err == nil {
		return regions
	}
	regions = history.KnownRegions(l.who.Partition)
	l.c.aside("%s; asking the %d Regions this version knows", plain(err), len(regions))
	return regions
}

// finalWindows are the keys of the windows that the open store has for good.
func (c *command) finalWindows(ctx context.Context, place source.Place) map[string]bool {
	if c.ix == nil {
		return nil
	}
	keys, err := c.ix.Tagged(ctx, place, history.Final)
	if err != nil {
		return nil // then more is asked for than need be
	}
	return keys
}

// sameAccount makes sure that credentials still belong to the account they did when it was remembered.
func (c *command) sameAccount(ctx context.Context, session *aws.Session, who aws.Identity) error {
	now, err := session.Identity(ctx)
	if err != nil {
		return err
	}
	if now.Account != who.Account {
		c.rememberAccount(now)
		return placeFault("run the same command again", "these credentials now belong to account %s, not to %s", now.Account, who.Account)
	}
	return nil
}

// account is who the credentials belong to; known says that it was remembered and nobody was asked.
func (c *command) account(ctx context.Context, session *aws.Session) (who aws.Identity, known bool, err error) {
	if role, ok := session.Role(); ok {
		return role, true, nil
	}
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

// accountKey names what decides the account: profile, endpoint, roles and, where no profile is used, the access key.
func (c *command) accountKey() string {
	profile := cmp.Or(c.flag.profile, c.env.Getenv("AWS_PROFILE"))
	endpoint := cmp.Or(c.flag.endpoint, c.env.Getenv("AWS_ENDPOINT_URL"))
	key := ""
	if profile == "" {
		key = c.env.Getenv("AWS_ACCESS_KEY_ID")
	}
	return strings.Join(append([]string{profile, key, endpoint}, c.flag.roleARNs...), "|")
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
