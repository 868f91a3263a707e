// Package history is Event history (CloudTrail's LookupEvents) of one account in some Regions as a place of log files.
//
// A window of time of one Region is presented as one log file whose bytes are what "aws cloudtrail lookup-events" would
// print for it, so that resume, progress and provenance are those of any other place. Listing asks nothing of AWS;
// opening asks page by page while the bytes are read, two requests a second and Region at most, whatever the number of
// windows open at the same time. Only cloudtrail:LookupEvents is called.
package history

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/aws"
)

const (
	// PerSecond is how many LookupEvents AWS permits a second, account and Region.
	PerSecond = 2.0
	// Reach is how far back Event history goes.
	Reach = 90 * 24 * time.Hour
	// Final is the entity tag of a window that has settled.
	Final = "final"
	// settle is how long after its end a window may still get events.
	settle = 30 * time.Minute

	action = "cloudtrail:LookupEvents"
)

// Options of a History.
type Options struct {
	// PerSecond is the rate of requests in each Region; 0 is the constant PerSecond.
	PerSecond float64
	// Held tells whether the window with this key is held for good: brought in after it had settled. It decides between
	// the windows of a day and the hours of that day, so that nothing held is asked for again. nil: nothing is held.
	Held func(key string) bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// A History is safe for concurrent use.
type History struct {
	client  *cloudtrail.Client
	account string
	regions []string // sorted, each once
	plan    plan
	paces   map[string]*pace

	mu      sync.Mutex
	refused map[string]error // Regions that will refuse every later request too
}

var _ source.Source = (*History)(nil)

// New is the Event history of an account in Regions, of the time [from, to): from zero is 90 days ago, to zero is now. It
// opens no connection. The Region of the client only tells the partition.
func New(client *cloudtrail.Client, account string, regions []string, from, to time.Time, opt Options) *History {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.PerSecond <= 0 {
		opt.PerSecond = PerSecond
	}
	if opt.Held == nil {
		opt.Held = func(string) bool { return false }
	}
	h := &History{
		client: client, account: account, paces: map[string]*pace{}, refused: map[string]error{},
		plan: plan{account: account, from: from, to: to, now: opt.Now, held: opt.Held},
	}
	// Another server than AWS says itself how far back it goes.
	h.plan.endless = client.Options().BaseEndpoint != nil
	h.regions = slices.Compact(slices.Sorted(slices.Values(regions)))
	for _, r := range h.regions {
		h.paces[r] = newPace(opt.PerSecond)
	}
	return h
}

// Client makes the client that New needs.
func Client(cfg sdk.Config) *cloudtrail.Client {
	if cfg.Region == "" {
		cfg.Region = aws.GlobalRegion("aws")
	}
	return cloudtrail.NewFromConfig(cfg)
}

// Parse takes "history:[REGION[,REGION…]|all]" apart. No Region is an empty list.
func Parse(text string) (regions []string, all bool, err error) {
	rest, ok := strings.CutPrefix(text, "history:")
	if !ok {
		return nil, false, &source.Error{Thing: text, Reason: "not Event history", Hint: "write it like history:us-east-1"}
	}
	if rest == "all" {
		return nil, true, nil
	}
	if rest == "" {
		return nil, false, nil
	}
	for r := range strings.SplitSeq(rest, ",") {
		if !isRegion(r) {
			return nil, false, &source.Error{Thing: text, Reason: "not a Region: " + r, Hint: "write it like history:us-east-1,eu-west-1"}
		}
		regions = append(regions, r)
	}
	return regions, false, nil
}

// isRegion accepts names like us-east-1 and us-gov-west-1: whatever else would end in host names and keys.
func isRegion(s string) bool {
	parts := strings.Split(s, "-")
	for _, p := range parts {
		if p == "" || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return len(parts) >= 3 && len(s) <= 32
}

// DefaultRegions are asked where none is named: the profile's, and the one in which the partition records events of
// global services.
func DefaultRegions(profileRegion, partition string) []string {
	global := aws.GlobalRegion(partition)
	if profileRegion == "" || profileRegion == global {
		return []string{global}
	}
	return []string{profileRegion, global}
}

// Place is the account's Event history in these Regions; the time range does not count.
func (h *History) Place() source.Place {
	opt := h.client.Options()
	regions := strings.Join(h.regions, ",")
	return source.Place{
		Text:   "history:" + regions,
		ID:     "history:" + aws.EndpointID(opt.BaseEndpoint) + "/" + aws.RegionPartition(opt.Region) + "/" + h.account + "/" + regions,
		Remote: true,
	}
}

// List yields the windows, the newest of all Regions first. A Region that refuses is named once and then left out.
func (h *History) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		named := map[string]bool{}
		for _, w := range h.plan.windows(h.regions) {
			if err := ctx.Err(); err != nil {
				yield(source.File{}, err)
				return
			}
			if err := h.refusal(w.region); err != nil {
				if !named[w.region] && !yield(source.File{Key: keyPrefix + h.account + "/" + w.region}, err) {
					return
				}
				named[w.region] = true
				continue
			}
			if !yield(w.file(h.account, h.plan.now()), nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(source.File{}, err)
		}
	}
}

// Open asks for the first page of a window; reading asks for the others.
func (h *History) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, ok := parseWindow(f.Key, h.account)
	if !ok || h.paces[w.region] == nil {
		return nil, &source.Error{Thing: f.Key, Reason: "not a window of this Event history"}
	}
	if err := h.refusal(w.region); err != nil {
		return nil, named(err, f.Key)
	}
	p := newPages(ctx, h, w, f.Key)
	if err := p.next(); err != nil {
		return nil, err
	}
	return &source.Object{Body: p}, nil
}

// refuse remembers that a Region will not answer.
func (h *History) refuse(region string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refused[region] = err
}

func (h *History) refusal(region string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refused[region]
}

// named is the error about another key.
func named(err error, key string) error {
	var e *source.Error
	if !errors.As(err, &e) {
		return err
	}
	other := *e
	other.Thing = key
	return &other
}
