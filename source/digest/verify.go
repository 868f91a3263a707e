// Package digest proves what CloudTrail's digest files prove: that log files are as they were delivered.
//
// CloudTrail delivers, every hour, a digest for each trail and Region: the SHA-256 of every log file delivered, signed,
// and linked to the digest before. [Verify] follows these over any place, in parallel, and says of every digest and log
// file what could be established and what not, and why; docs/integrity.md has the rules. A signature proves itself: it
// does not matter where its text came from. Public keys are all that has to be trusted; they are given from outside and
// never taken from the place itself.
package digest

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/trailsift/trailsift/source"
)

// Options of a verification.
type Options struct {
	Keys *KeySet // nil: none, then only inconsistency is found
	// Ask gives the public keys of a Region that were in use between two times, such as ListPublicKeys does; nil: nobody is
	// asked. It is called, from several goroutines, for Regions whose digests name keys that are not among Keys. Its errors
	// are problems in the report.
	Ask func(ctx context.Context, region string, from, to time.Time) ([]*Key, error)
	// From and To limit it to digests whose window begins at From or later and ends at most an hour after To, as
	// validate-logs does. Zero From is open. Zero To is Now for a remote place, else the newest delivery found.
	From, To time.Time
	Now      func() time.Time // nil: time.Now
	// Held says that the place is what a store holds of it: there may be more of the place than is listed, and the end is
	// the newest delivery held.
	Held bool
	// Concurrency is how many objects are read at a time; 0: the number of cores, or 32 for a remote place.
	Concurrency int
	// Progress is called at most ten times a second and at the end of each phase, by one goroutine at a time.
	Progress func(Progress)
	// Want says whether chains and log files of an account and Region are looked at; nil: all are.
	Want func(account, region string) bool
	// Trail limits it to the chains of one trail's name; "": all. The digests of other trails are still read, since a
	// log file that they list is not unlisted.
	Trail string
	// Home limits it further to trails made in that Region; "": all.
	Home string
	// Kinds are the kinds of log file looked at; nil: all.
	Kinds []source.LogKind
	// Bucket is that of a remote place whose text does not tell it by s3://BUCKET; "" else.
	Bucket string
	// Cache remembers log files from one verification to the next; nil: all are read.
	Cache Cache
	// Events tells how many events the store holds of a log file; nil: Item.Events stays 0.
	Events func(key string) int
}

// Progress is how far a verification is.
type Progress struct {
	Phase       string // "listing", "digests", "log files"
	Done, Total int    // objects; Total is 0 while listing
	Bytes       int64  // uncompressed, of this phase
}

const (
	remoteConcurrency = 32
	// late is how long a log file may wait for its digest: an hour's window and the time to write it.
	late = 2 * time.Hour
	// after is how much newer digests are read for the signatures they carry, and not reported.
	after = 3 * time.Hour
)

// A verifier holds one verification.
type verifier struct {
	opt     Options
	p       *place
	digests []*digestFile
	byAt    map[int32]*digestFile
	logs    []*logFile
	missing []*missingDigest
	regions map[[2]string]*coverage
	noKeys  map[string]string // Regions whose keys were asked for in vain, and what was answered
	report  Report
	keeps   bool   // the report may be kept for the next time
	state   string // what the report depends on, hashed; "" where it is not to be kept

	mu   sync.Mutex
	last time.Time
}

// Verify verifies a place. Its error is that of a place that could not be listed, or the context's; what is wrong with
// objects is in the report.
func Verify(ctx context.Context, src source.Source, opt Options) (*Report, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	v := &verifier{opt: opt, byAt: map[int32]*digestFile{}, noKeys: map[string]string{}}
	last := v.recall(src.Place())
	var err error
	v.p, err = list(ctx, src, func(n int) { v.progress(Progress{Phase: "listing", Done: n}, false) })
	if err != nil {
		return nil, err
	}
	if opt.Bucket != "" {
		v.p.bucket = opt.Bucket
	}
	v.p.partial = !v.p.demo && (opt.Held || !v.p.remote)
	if v.opt.Concurrency <= 0 {
		v.opt.Concurrency = runtime.NumCPU()
		if v.p.remote && !opt.Held {
			v.opt.Concurrency = remoteConcurrency
		}
	}
	if r, same := v.again(last); same {
		return r, nil
	}
	v.p.index()
	v.end()
	for _, step := range []func(context.Context) error{v.readDigests, v.askKeys, v.prove, v.findMissing, v.readLogs} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	v.judgeLogs()
	if err := v.readUnlisted(ctx); err != nil {
		return nil, err
	}
	v.write()
	v.keep()
	return &v.report, nil
}

// end settles the end of the range.
func (v *verifier) end() {
	if !v.opt.To.IsZero() {
		return
	}
	if v.p.remote && !v.opt.Held {
		v.opt.To = v.opt.Now().UTC().Truncate(time.Second)
		return
	}
	for i := range v.p.objects {
		if t := v.p.objects[i].time; t.After(v.opt.To) {
			v.opt.To = t
		}
	}
}

// each runs work for 0 to n-1, several at a time, and tells progress.
func (v *verifier) each(ctx context.Context, phase string, n int, work func(ctx context.Context, i int) int64) error {
	g, all := errgroup.WithContext(ctx)
	var next, done, bytes atomic.Int64
	for range min(v.opt.Concurrency, n) {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if err := all.Err(); err != nil {
					return err
				}
				size := bytes.Add(work(all, i))
				v.progress(Progress{Phase: phase, Done: int(done.Add(1)), Total: n, Bytes: size}, false)
			}
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	v.progress(Progress{Phase: phase, Done: n, Total: n, Bytes: bytes.Load()}, true)
	return ctx.Err()
}

func (v *verifier) progress(p Progress, always bool) {
	if v.opt.Progress == nil {
		return
	}
	if !v.mu.TryLock() {
		if !always {
			return
		}
		v.mu.Lock()
	}
	defer v.mu.Unlock()
	if now := time.Now(); always || now.Sub(v.last) >= 100*time.Millisecond {
		v.last = now
		v.opt.Progress(p)
	}
}

// wantsKind is about log files; what has no known kind is judged by the rest of its name.
func (v *verifier) wantsKind(k source.LogKind) bool {
	return len(v.opt.Kinds) == 0 || slices.Contains(v.opt.Kinds, k)
}

func (v *verifier) wants(account, region string) bool {
	return v.opt.Want == nil || v.opt.Want(account, region)
}
