package trail

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"golang.org/x/sync/errgroup"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
)

const (
	// attempts are fewer than those of a long run: a person waits for the list.
	attempts = 4
	// together are requests under way at a time. AWS permits 10 a second, account and Region of each of them.
	together = 8
	// maxPages of ListTrails: an account has at most five trails a Region, so more is an answer gone wrong.
	maxPages = 100
)

// Options of a listing.
type Options struct {
	// Regions names the Regions to look in where ListTrails, which knows all of them, is refused; nil: only that of the
	// session.
	Regions func(ctx context.Context) []string
	// Now is the clock for what is overdue; nil: time.Now.
	Now func() time.Time
}

// A Listing is what could be learnt of the trails of an account.
type Listing struct {
	Trails  []Trail   // by name, then ARN
	Regions []string  // that were asked, sorted
	Refused []Refusal // requests for the list itself that were not answered
}

// A Refusal is a request that AWS did not answer.
type Refusal struct {
	Role   string `json:"role,omitempty"` // that was to be assumed, where it is all of its account that is missing
	Region string `json:"region,omitempty"`
	Action string `json:"action,omitempty"` // IAM name
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"`
}

// A lister asks for one listing.
type lister struct {
	session *aws.Session
	opt     Options
	home    string // Region of the session

	mu      sync.Mutex // of all below
	trails  map[string]*Trail
	regions []string
	refused []Refusal
	errs    []error
	asked   int // requests for the list that were answered
}

// List asks what trails there are, then for each what it records and whether it does. Its error is that nothing could
// be learnt at all: *source.Error, or of the context.
func List(ctx context.Context, session *aws.Session, opt Options) (Listing, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	l := newLister(session, opt)
	if err := l.find(ctx); err != nil {
		return Listing{}, err
	}
	out := Listing{Regions: slices.Compact(slices.Sorted(slices.Values(l.regions))), Refused: l.refused}
	all := make([]*Trail, 0, len(l.trails))
	for _, t := range l.trails {
		all = append(all, t)
	}
	if err := l.learn(ctx, all); err != nil {
		return Listing{}, err
	}
	for _, t := range all {
		t.Flags = flags(t, opt.Now())
		out.Trails = append(out.Trails, *t)
	}
	sortTrails(out.Trails)
	return out, nil
}

// And is what two accounts were told. A trail that both see is the one of which more is known.
func (l Listing) And(o Listing) Listing {
	out := Listing{
		Trails:  slices.Clone(l.Trails),
		Regions: slices.Compact(slices.Sorted(slices.Values(slices.Concat(l.Regions, o.Regions)))),
		Refused: slices.Concat(l.Refused, o.Refused),
	}
	for _, t := range o.Trails {
		at := slices.IndexFunc(out.Trails, func(have Trail) bool { return have.ARN == t.ARN })
		switch {
		case at < 0:
			out.Trails = append(out.Trails, t)
		case len(t.Unknown) < len(out.Trails[at].Unknown):
			out.Trails[at] = t
		}
	}
	sortTrails(out.Trails)
	return out
}

func sortTrails(all []Trail) {
	slices.SortFunc(all, func(a, b Trail) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.ARN, b.ARN))
	})
}

func newLister(session *aws.Session, opt Options) *lister {
	home := cmp.Or(session.Region(), aws.GlobalRegion("aws"))
	return &lister{session: session, opt: opt, home: home, trails: map[string]*Trail{}}
}

func (l *lister) client(region string) *cloudtrail.Client {
	cfg := l.session.Config()
	cfg.Region = region
	return cloudtrail.NewFromConfig(cfg, func(o *cloudtrail.Options) { o.RetryMaxAttempts = attempts })
}

// find learns which trails there are, and of each its configuration where AWS tells it.
func (l *lister) find(ctx context.Context) error {
	listed := l.list(ctx)
	l.describe(ctx, l.home, nil)
	more := map[string][]string{} // ARNs by home Region
	for arn, t := range l.trails {
		if !t.described && t.HomeRegion != "" {
			more[t.HomeRegion] = append(more[t.HomeRegion], arn)
		}
	}
	if !listed && l.opt.Regions != nil && l.asked > 0 {
		for _, region := range l.opt.Regions(ctx) {
			more[region] = nil
		}
		delete(more, l.home)
	}
	var g errgroup.Group
	g.SetLimit(together)
	for region, arns := range more {
		g.Go(func() error {
			l.describe(ctx, region, arns)
			return ctx.Err()
		})
	}
	if err := cmp.Or(g.Wait(), ctx.Err()); err != nil {
		return err
	}
	if l.asked == 0 {
		return l.errs[0]
	}
	slices.SortFunc(l.refused, func(a, b Refusal) int {
		return cmp.Or(strings.Compare(a.Action, b.Action), strings.Compare(a.Region, b.Region))
	})
	return nil
}

// list asks for the trails of all Regions; false where that is refused.
func (l *lister) list(ctx context.Context) bool {
	pages := cloudtrail.NewListTrailsPaginator(l.client(l.home), &cloudtrail.ListTrailsInput{})
	l.regions = append(l.regions, l.home)
	for range maxPages {
		if !pages.HasMorePages() {
			break
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			l.refuse(err, l.home, "cloudtrail:ListTrails")
			return false
		}
		for _, t := range page.Trails {
			if t.TrailARN == nil {
				continue
			}
			l.trail(sdk.ToString(t.TrailARN), sdk.ToString(t.Name), sdk.ToString(t.HomeRegion))
		}
	}
	l.asked++
	return true
}

// trail is the trail of an ARN, made where it is new.
func (l *lister) trail(arn, name, home string) *Trail {
	t, ok := l.trails[arn]
	if !ok {
		_, region, account, last, _ := ParseARN(arn)
		if !isWord(home) {
			home = region
		}
		t = &Trail{ARN: arn, Name: cmp.Or(name, last), HomeRegion: home, Account: account}
		l.trails[arn] = t
	}
	return t
}

// describe asks a Region for the configuration of trails, shadows of other Regions and accounts among them.
func (l *lister) describe(ctx context.Context, region string, arns []string) {
	if ctx.Err() != nil {
		return
	}
	out, err := l.client(region).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{
		IncludeShadowTrails: sdk.Bool(true), TrailNameList: arns,
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.regions = append(l.regions, region)
	if err != nil {
		l.refuse(err, region, "cloudtrail:DescribeTrails")
		return
	}
	l.asked++
	for i := range out.TrailList {
		l.add(&out.TrailList[i])
	}
}

// add takes over what DescribeTrails tells of a trail.
func (l *lister) add(d *types.Trail) {
	if d.TrailARN == nil {
		return
	}
	l.trail(*d.TrailARN, sdk.ToString(d.Name), sdk.ToString(d.HomeRegion)).configure(d)
}

// configure takes a configuration over.
func (t *Trail) configure(d *types.Trail) {
	t.Bucket, t.Prefix = sdk.ToString(d.S3BucketName), strings.Trim(sdk.ToString(d.S3KeyPrefix), "/")
	t.MultiRegion, t.Organization = sdk.ToBool(d.IsMultiRegionTrail), sdk.ToBool(d.IsOrganizationTrail)
	t.GlobalEvents, t.Validation = sdk.ToBool(d.IncludeGlobalServiceEvents), sdk.ToBool(d.LogFileValidationEnabled)
	t.KMSKey, t.LogGroup = sdk.ToString(d.KmsKeyId), sdk.ToString(d.CloudWatchLogsLogGroupArn)
	t.Topic = cmp.Or(sdk.ToString(d.SnsTopicARN), sdk.ToString(d.SnsTopicName)) //nolint:staticcheck // old trails have the name alone
	t.described, t.insightful = true, sdk.ToBool(d.HasInsightSelectors)
}

func (l *lister) refuse(err error, region, action string) {
	err = aws.Explain(err, "trails of "+region, action)
	l.errs = append(l.errs, err)
	reason, hint := words(err)
	l.refused = append(l.refused, Refusal{Region: region, Action: action, Reason: reason, Hint: hint})
}

// words are reason and hint of an error that was explained.
func words(err error) (reason, hint string) {
	if e, ok := errors.AsType[*source.Error](err); ok {
		return e.Reason, e.Hint
	}
	return err.Error(), ""
}

// learn asks for the status and selectors of trails, several at a time.
func (l *lister) learn(ctx context.Context, all []*Trail) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(together)
	for _, t := range all {
		g.Go(func() error {
			client := l.client(cmp.Or(t.HomeRegion, l.home))
			if !t.described {
				l.get(inner, client, t)
			}
			status(inner, client, t)
			selectors(inner, client, t)
			return inner.Err()
		})
	}
	return g.Wait()
}

// get asks for the configuration of a trail that DescribeTrails was not allowed to tell.
func (l *lister) get(ctx context.Context, client *cloudtrail.Client, t *Trail) {
	out, err := client.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: &t.ARN})
	if err != nil || out.Trail == nil {
		t.refuse(err, Configuration, "cloudtrail:GetTrail")
		return
	}
	t.configure(out.Trail)
}

// refuse notes what AWS did not tell; nil is an answer without content.
func (t *Trail) refuse(err error, what, action string) {
	u := Unknown{What: what, Reason: "AWS answers nothing"}
	if err != nil {
		u.Reason, u.Hint = words(aws.Explain(err, t.ARN, action))
	}
	t.Unknown = append(t.Unknown, u)
}

// status asks whether a trail records now. AWS tells it for one Region: that of the client, the trail's home.
func status(ctx context.Context, client *cloudtrail.Client, t *Trail) {
	s, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &t.ARN})
	if err != nil {
		t.refuse(err, Status, "cloudtrail:GetTrailStatus")
		return
	}
	t.Logging = s.IsLogging
	t.Started, t.Stopped = at(s.StartLoggingTime), at(s.StopLoggingTime)
	t.LatestDelivery, t.DeliveryError = at(s.LatestDeliveryTime), sdk.ToString(s.LatestDeliveryError)
	t.LatestDigest, t.DigestError = at(s.LatestDigestDeliveryTime), sdk.ToString(s.LatestDigestDeliveryError)
	t.LatestNotification, t.NotificationError = at(s.LatestNotificationTime), sdk.ToString(s.LatestNotificationError)
	t.LatestLogsDelivery = at(s.LatestCloudWatchLogsDeliveryTime)
	t.LogsDeliveryError = sdk.ToString(s.LatestCloudWatchLogsDeliveryError)
}

func at(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
