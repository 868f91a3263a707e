package history

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"iter"
	"maps"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailsift/trailsift/source"
)

const (
	// Every wholeEvery a look reaches back wholeReach and does not end with what is known: events may come late.
	wholeEvery = 5 * time.Minute
	wholeReach = 45 * time.Minute
	// forgetAfter is how long the id of an event is known: longer than any look reaches back.
	forgetAfter = 3 * time.Hour
)

// Recent is the same place again, for those who follow it: bring it in every few seconds. Listing it asks each Region, side
// by side and at the pace of h, for management events of the last d that h and its looks have not given yet, and yields one
// log file for each Region that has any: following never brings the same events in again and again. A look ends with a page
// of known events; every five minutes the last 45 minutes are looked through whole, as events may come late. d is at least
// the time since the last look. Windows are asked for once they are final when h itself is brought in again.
func (h *History) Recent(d time.Duration) source.Source {
	return &recent{History: h, reach: d, files: map[string]*lookFile{}}
}

// recent is one listing.
type recent struct {
	*History
	reach time.Duration

	mu    sync.Mutex
	files map[string]*lookFile
}

// A lookFile is what a look found in one Region.
type lookFile struct {
	region string
	data   []byte
	ids    []eventID
}

// A look is what makes a stream give new events only.
type look struct {
	whole bool // it does not end with a page of known events
}

// List looks at all Regions and yields what is new, in the order of the Regions. A Region that refused h is left out.
func (r *recent) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		files, errs := make([]source.File, len(r.regions)), make([]error, len(r.regions))
		var looking sync.WaitGroup
		for i, region := range r.regions {
			looking.Go(func() { files[i], errs[i] = r.look(ctx, r.lanes[region]) })
		}
		looking.Wait()
		if err := ctx.Err(); err != nil {
			yield(source.File{}, err)
			return
		}
		for i, f := range files {
			if (errs[i] != nil || f.Key != "") && !yield(f, errs[i]) {
				return
			}
		}
	}
}

// look asks one Region; the file is zero where there is nothing new. The key is
// "history/ACCOUNT/REGION/2026/11/20/20261120T131007Z_new.json.gz", with the time of the look.
func (r *recent) look(ctx context.Context, l *lane) (source.File, error) {
	if l.refusal() != nil || r.opt.NoManagement {
		return source.File{}, nil
	}
	now := r.opt.Now().UTC().Truncate(time.Second)
	reach, whole := r.due(l.region, now)
	w := window{region: l.region, start: now, about: aboutAttribute(r.opt.Attribute)}
	key := keyPrefix + r.account + "/" + l.region + "/" + now.Format("2006/01/02/20060102T150405Z") + "_new" + keyEnd
	s := beginStream(r.History, w, key, lookupInput(now.Add(-reach), now, w.about))
	s.look = &look{whole}
	data, err := l.readAll(ctx, s)
	if err != nil {
		return source.File{Key: keyPrefix + r.account + "/" + l.region}, named(err, "Event history of "+l.region)
	}
	if whole {
		r.lookedWhole(l.region, now)
	}
	if !s.some {
		return source.File{}, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[key] = &lookFile{l.region, data, s.ids}
	return source.File{Key: key, SizeBytes: int64(len(data)), ETag: Final, ModTime: now}, nil
}

// readAll reads a stream of its own to the end.
func (l *lane) readAll(ctx context.Context, s *stream) ([]byte, error) {
	l.adopt(ctx, s)
	body := &reader{ctx: ctx, l: l, s: s}
	data, err := io.ReadAll(body)
	body.whole = false // given when the log file is read, not before
	return data, joinClose(err, body)
}

func joinClose(err error, c io.Closer) error {
	if cerr := c.Close(); err == nil {
		err = cerr
	}
	return err
}

// Open gives what a look found, or any window.
func (r *recent) Open(ctx context.Context, f source.File) (*source.Object, error) {
	r.mu.Lock()
	found := r.files[f.Key]
	r.mu.Unlock()
	if found == nil || ctx.Err() != nil {
		return r.History.Open(ctx, f)
	}
	return &source.Object{Body: &lookBody{bytes.NewReader(found.data), r.History, found, ctx}}, nil
}

// lookBody remembers the events when they were read.
type lookBody struct {
	*bytes.Reader
	h     *History
	found *lookFile
	ctx   context.Context
}

func (b *lookBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.Reader.Read(p)
	if b.Len() == 0 {
		b.h.giveOut(b.found.region, b.found.ids)
	}
	return n, err
}

func (*lookBody) Close() error { return nil }

// An eventID is a short hash of the id of an event.
type eventID [16]byte

// A memory is what was given of one Region lately.
type memory struct {
	ids   map[eventID]int64 // when, in Unix seconds
	swept time.Time         // when old ones were forgotten last
	whole time.Time         // the last look that was whole
}

// recentID is the id of an event, and whether a later look may find it again.
func (h *History) recentID(e *types.Event) (id eventID, recent bool) {
	sum := sha256.Sum256([]byte(sdk.ToString(e.EventId)))
	copy(id[:], sum[:])
	return id, h.opt.Now().Sub(sdk.ToTime(e.EventTime)) < forgetAfter/2
}

// giveOut notes events that were read.
func (h *History) giveOut(region string, ids []eventID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now, m := h.opt.Now(), h.memory(region)
	for _, id := range ids {
		m.ids[id] = now.Unix()
	}
	if now.Sub(m.swept) > forgetAfter/2 {
		maps.DeleteFunc(m.ids, func(_ eventID, at int64) bool { return now.Unix()-at > int64(forgetAfter.Seconds()) })
		m.swept = now
	}
}

func (h *History) wasGiven(region string, id eventID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.memory(region).ids[id]
	return ok
}

// memory is that of a Region; the lock is held.
func (h *History) memory(region string) *memory {
	if h.given[region] == nil {
		h.given[region] = &memory{ids: map[eventID]int64{}, swept: h.opt.Now()}
	}
	return h.given[region]
}

// due is how far back a look reaches, and whether it is a whole one. The first look is.
func (r *recent) due(region string, now time.Time) (reach time.Duration, whole bool) {
	r.History.mu.Lock()
	defer r.History.mu.Unlock()
	if now.Sub(r.memory(region).whole) < wholeEvery {
		return r.reach, false
	}
	return max(r.reach, wholeReach), true
}

func (r *recent) lookedWhole(region string, now time.Time) {
	r.History.mu.Lock()
	defer r.History.mu.Unlock()
	r.memory(region).whole = now
}
