// Package history is Event history (CloudTrail's LookupEvents) of one account in some Regions as a place of log files.
//
// A window of time of one Region is presented as one log file whose bytes are what "aws cloudtrail lookup-events" would
// print for it, gzipped, so that resume, progress and provenance are those of any other place. Each Region is a lane of its
// own: it asks page by page, two requests a second at most whatever the number of windows open at the same time, and while
// windows are being read it asks ahead for those that were listed, so that no Region waits for the reader of another.
//
// Called are cloudtrail:LookupEvents and, to find all Regions, account:ListRegions.
package history

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
	// Held gives the keys of the windows that are held for good: brought in after they had settled. It is called once a
	// listing, and decides between the windows of a day and the hours of that day, so that nothing held is asked for again.
	// nil: nothing is held.
	Held func(context.Context) map[string]bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// All says that the place is all Regions of the account: one that refuses is named, not a problem.
	All bool
	// Attribute is asked for instead of all management events; the zero one is none.
	Attribute Attribute
	// NoManagement and NoInsight leave events of a category out.
	NoManagement, NoInsight bool
}

// History is safe for concurrent use.
type History struct {
	client  *cloudtrail.Client
	account string
	regions []string // sorted, each once
	opt     Options
	from    time.Time
	to      time.Time
	lanes   map[string]*lane
	spooled atomic.Int64 // bytes that were asked for and not read yet

	mu      sync.Mutex
	readers int             // of windows
	asking  context.Context // of the requests
	cancel  context.CancelFunc
	notes   []string
	given   map[string]*memory // by Region
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
		opt.Held = func(context.Context) map[string]bool { return nil }
	}
	h := &History{client: client, account: account, opt: opt, from: from, to: to, lanes: map[string]*lane{}, given: map[string]*memory{}}
	h.regions = slices.Compact(slices.Sorted(slices.Values(regions)))
	for _, r := range h.regions {
		h.lanes[r] = newLane(h, r)
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

// Place is the account's Event history in these Regions; the time range, categories and attribute do not count.
func (h *History) Place() source.Place {
	opt := h.client.Options()
	regions := strings.Join(h.regions, ",")
	if h.opt.All {
		regions = allRegions
	}
	return source.Place{
		Text:   "history:" + regions,
		ID:     "history:" + aws.EndpointID(opt.BaseEndpoint) + "/" + aws.RegionPartition(opt.Region) + "/" + h.account + "/" + regions,
		Remote: true,
	}
}

// Slowed is how often AWS asked to slow down.
func (h *History) Slowed() (n int64) {
	for _, l := range h.lanes {
		n += l.pace.slowed()
	}
	return n
}

// Notes are what there is to say about the requests so far that is no error, each once: "Insight events of us-east-1 …".
func (h *History) Notes() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.notes)
}

func (h *History) note(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.notes, text) {
		h.notes = append(h.notes, text)
	}
}

// plan is the plan of this moment.
func (h *History) plan(ctx context.Context) *plan {
	held := h.opt.Held(ctx)
	return &plan{
		account: h.account, from: h.from, to: h.to, now: h.opt.Now().UTC(),
		// Another server than AWS says itself how far back it goes.
		endless: h.client.Options().BaseEndpoint != nil,
		held:    func(key string) bool { return held[key] },
		rate:    func(region string) float64 { return h.lanes[region].rate() },

		attribute: h.opt.Attribute, management: !h.opt.NoManagement, insight: !h.opt.NoInsight,
	}
}

// List asks each Region for the first page of its newest window that is not held, unless it answered before, and yields the
// windows, the newest of all Regions first. A Region that refuses is named once, its windows are left out; where all of
// them refuse that is an error of the place.
func (h *History) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		p := h.plan(ctx)
		if err := h.check(ctx, p, func(w window) bool { return !p.held(w.key(h.account)) }); err != nil {
			yield(source.File{}, err)
			return
		}
		windows := p.windows(h.regions)
		h.expect(p, windows)
		named := map[string]bool{}
		for _, w := range windows {
			if err := ctx.Err(); err != nil {
				yield(source.File{}, err)
				return
			}
			if err := h.lanes[w.region].refusal(); err != nil {
				if !named[w.region] && !yield(source.File{Key: keyPrefix + h.account + "/" + w.region}, h.lanes[w.region].partly()) {
					return
				}
				named[w.region] = true
				continue
			}
			if !yield(w.file(h.account, p.now), nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(source.File{}, err)
		}
	}
}

// expect tells the lanes what they may ask for ahead of its being opened.
func (h *History) expect(p *plan, windows []window) {
	plans := map[string][]window{}
	for _, w := range windows {
		if !p.held(w.key(h.account)) {
			plans[w.region] = append(plans[w.region], w)
		}
	}
	for r, l := range h.lanes {
		l.expect(plans[r])
	}
}

// Check asks each Region for the first page of its newest window, side by side, where that window is not final and has to
// be asked for in any case; what comes is kept for its reader. The error says that all Regions refuse. A Region that does
// not answer within ten seconds is taken as one that will.
func (h *History) Check(ctx context.Context) error {
	p := h.plan(ctx)
	return h.check(ctx, p, func(w window) bool { return !w.final(p.now) })
}

// check asks the Regions that have not answered yet for the first page of the first window that is to be asked for.
func (h *History) check(ctx context.Context, p *plan, ask func(window) bool) error {
	asking, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	var all sync.WaitGroup
	for _, r := range h.regions {
		l := h.lanes[r]
		if l.answered() {
			continue
		}
		windows := p.windows([]string{r})
		i := slices.IndexFunc(windows, ask)
		if i >= 0 {
			all.Go(func() { l.probe(asking, windows[i]) })
		}
	}
	all.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, r := range h.regions {
		if h.lanes[r].refusal() == nil {
			return nil
		}
	}
	if len(h.regions) == 0 {
		return nil
	}
	return h.lanes[h.regions[0]].refusal()
}

const checkTimeout = 10 * time.Second

// Open waits for the first page of a window; reading waits for the others.
func (h *History) Open(ctx context.Context, f source.File) (*source.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	w, ok := parseWindow(f.Key, h.account)
	if !ok || h.lanes[w.region] == nil {
		return nil, &source.Error{Thing: f.Key, Reason: "not a window of this Event history"}
	}
	body, err := h.lanes[w.region].open(ctx, w)
	if err != nil {
		return nil, err
	}
	return &source.Object{Body: body}, nil
}

// enter counts a reader in: from now on all Regions are asked.
func (h *History) enter(ctx context.Context) {
	h.mu.Lock()
	h.readers++
	if h.asking == nil || h.asking.Err() != nil {
		h.asking, h.cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	h.mu.Unlock()
	for _, l := range h.lanes {
		l.start() //nolint:contextcheck // requests end with the last reader, not with the first
	}
}

// leave counts a reader out. With the last one nothing more is asked; what is under way is broken off where that reader
// was, too.
func (h *History) leave(ctx context.Context) {
	h.mu.Lock()
	h.readers--
	last := h.readers == 0
	if last && ctx.Err() != nil {
		h.cancel()
	}
	h.mu.Unlock()
	if !last {
		return
	}
	for _, l := range h.lanes {
		l.wake()
	}
}

// toAsk is the context of requests, nil where nobody reads.
func (h *History) toAsk() context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readers == 0 {
		return nil
	}
	return h.asking
}

// named is the error about another thing.
func named(err error, thing string) error {
	var e *source.Error
	if !errors.As(err, &e) {
		return err
	}
	other := *e
	other.Thing = thing
	return &other
}
