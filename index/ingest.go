package index

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/trailsift/trailsift/source"
)

// IngestOptions say how a place is brought in.
type IngestOptions struct {
	// Workers decode side by side; 0: one a core. Of a remote place no more than that decode, and Workers is how many log
	// files of unknown size are read as they come (0: 8).
	Workers int
	// Progress is called four times a second, once when the first events show and once at the end, never twice at a
	// time.
	Progress func(Progress)
	// Keep keeps the delivered bytes of local log files too; those of remote places always are.
	Keep bool
	// NoKeep keeps no bytes of remote places either: a record is then asked of its place again when it is read, and its
	// log file cannot be verified without a connection.
	NoKeep bool
	// SegmentDocs is about how many documents go into a segment; 0: as many as memory allows, up to 50,000.
	SegmentDocs int
	// HashContent says of which log files the content is hashed on the way, for Proofs; nil: of none.
	HashContent func(f source.File) bool
}

// Phases of a Progress.
const (
	PhaseListing = "listing"
	PhaseReading = "reading"
	PhaseDone    = "done"
)

// Progress is how far bringing in is.
type Progress struct {
	Place       string // as written
	Phase       string
	Listed      int // log files seen in the listing
	Done        int // finished in this run
	Held        int // already held
	Failed      int // with problems
	ListingDone bool

	BytesCompressed int64 // read so far
	BytesTotal      int64 // of what must be read, as far as listed
	Bytes           int64 // uncompressed so far

	Events     int // new in this run and visible
	EventsHeld int // in the store
	Elapsed    time.Duration
	ETA        time.Duration // 0: not known
	Generation uint64
}

// Summary is what became of a run.
type Summary struct {
	Files           int            `json:"files"`  // log files that came in
	Events          int            `json:"events"` // new and shown, conflicts and salvaged ones among them
	Held            int            `json:"held"`   // in the store
	Duplicates      int            `json:"duplicates"`
	Conflicts       int            `json:"conflicts"`
	Salvaged        int            `json:"salvaged"`
	Untimed         int            `json:"untimed"`
	SkippedRecords  int            `json:"skipped_records"`
	SkippedFiles    int            `json:"skipped_files"`
	IgnoredFiles    int            `json:"ignored_files"`
	Ignored         map[string]int `json:"ignored,omitempty"` // by kind
	DigestFiles     int            `json:"digest_files"`
	BytesCompressed int64          `json:"bytes_compressed"`
	Bytes           int64          `json:"bytes"`
	Seconds         float64        `json:"seconds"`
	IndexBytes      int64          `json:"index_bytes"`
	Complete        bool           `json:"complete"`
	Refused         []FileProblem  `json:"refused,omitempty"` // parts of the place that refuse while others answer; no problems
	Problems        []FileProblem  `json:"problems"`          // the first 1,000; the ledger has all
	Hints           []string       `json:"hints,omitempty"`   // what to do about log files that could not be read, each once
}

// A FileProblem names a log file and what was wrong with it; both are text from outside.
type FileProblem struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

const (
	maxProblems = 1000
	maxHints    = 8
	// queueFiles bounds the log files that are listed and not yet read: some 300 bytes each.
	queueFiles = 16 << 10
	// progressEvery is the pace of Progress.
	progressEvery = 250 * time.Millisecond
)

// A run is one Ingest.
type run struct {
	x     *Index
	src   source.Source
	opt   IngestOptions
	place uint32
	born  string // identity the place had when it was first seen
	start time.Time
	fresh bool // nothing of the place was ever seen: the ledger need not be asked

	jobs    chan job // from the listing
	batches chan *batch
	nextNo  atomic.Uint32 // the log file number given last
	limits  limits
	filters filters

	mu       sync.Mutex // guards what follows
	sum      Summary
	progress Progress
	first    chan struct{} // closed when the first events show
	showed   bool
}

// A job is a log file to read.
type job struct {
	file source.File
	prev *ledgerRow // the newest version seen; nil: never
	got  *fetched   // nil: not fetched ahead
	done func()     // nil, or to be called when it is no longer needed
}

// Ingest brings in what a place has and the store lacks. A log file that cannot be read is counted and named, and asked
// for again next time. The error says that the place itself could not be read, that the store failed, or ctx.Err(); the
// Summary is right in any case: what was committed stays. One at a time: a second call waits.
func (x *Index) Ingest(ctx context.Context, src source.Source, opt IngestOptions) (Summary, error) {
	x.ingest.Lock()
	defer x.ingest.Unlock()
	x.mu.RLock()
	writable := x.write
	x.mu.RUnlock()
	if !writable {
		return Summary{}, ErrReadOnly
	}
	r := &run{x: x, src: src, opt: opt, start: x.opt.Now(), first: make(chan struct{})}
	if err := r.prepare(); err != nil {
		return Summary{}, err
	}
	err := r.all(ctx)
	return r.finish(err), err
}

func (r *run) prepare() error {
	r.limits = limitsFor(r.decoders(), r.opt.SegmentDocs)
	r.jobs = make(chan job, queueFiles)
	r.batches = make(chan *batch, 1)
	place := r.src.Place()
	r.progress = Progress{Place: place.Text, Phase: PhaseListing}
	err := r.x.update(func(tx *bolt.Tx) (err error) {
		if r.place, err = takePlace(tx, place); err != nil {
			return err
		}
		places, err := loadPlaces(tx)
		r.born = places[r.place].first
		r.nextNo.Store(uint32(getUint(tx.Bucket(bucketMeta), keyNextFile)) - 1)
		return errors.Join(err, putUint(tx.Bucket(bucketMeta), keyUsed, uint64(r.start.Unix())))
	})
	if err != nil {
		return err
	}
	return r.x.view(func(v *storeView) error {
		k, _ := v.tx.Bucket(bucketFiles).Cursor().Seek(key32(r.place))
		r.fresh = len(k) < 4 || string(k[:4]) != string(key32(r.place))
		r.progress.EventsHeld = v.shown()
		r.progress.Generation = v.generation()
		return nil
	})
}

// decoders is how many workers decode side by side: of a remote place never more than there are cores.
func (r *run) decoders() int {
	cores := runtime.GOMAXPROCS(0)
	if r.opt.Workers <= 0 || r.src.Place().Remote && r.opt.Workers > cores {
		return min(cores, maxWorkers)
	}
	return min(r.opt.Workers, maxWorkers)
}

// all runs the lister, the workers, the committer and the reporter, and waits for them.
func (r *run) all(parent context.Context) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	stopped := make(chan struct{})
	reported := make(chan struct{})
	go func() { defer close(reported); r.report(stopped) }()

	var listErr error
	var listing, working sync.WaitGroup
	listing.Go(func() { defer close(r.jobs); listErr = r.list(ctx) })
	jobs := r.jobs
	if r.src.Place().Remote {
		jobs = make(chan job, aheadFiles)
		listing.Go(func() { r.fetch(ctx, jobs) })
	}
	for range r.decoders() {
		working.Go(func() { newWorker(r).loop(ctx, jobs) })
	}
	committed := make(chan error, 1)
	go func() { committed <- r.commitAll(parent, cancel) }()
	listing.Wait()
	working.Wait()
	close(r.batches)
	commitErr := <-committed
	close(stopped)
	<-reported
	switch {
	case commitErr != nil:
		return fmt.Errorf("write index %s: %w", r.x.path, commitErr)
	case parent.Err() != nil:
		return parent.Err()
	}
	return listErr
}

// finish makes the summary whole and gives the last progress.
func (r *run) finish(err error) Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Complete = err == nil
	r.sum.Seconds = r.x.opt.Now().Sub(r.start).Seconds()
	if st, serr := r.x.Stats(); serr == nil {
		r.sum.Held, r.sum.Untimed, r.sum.IndexBytes = st.Events, st.Untimed, st.IndexBytes
	}
	r.progress.Phase = PhaseDone
	if r.opt.Progress != nil {
		r.opt.Progress(r.snapshotProgress())
	}
	return r.sum
}

// report calls Progress until stopped.
func (r *run) report(stopped <-chan struct{}) {
	if r.opt.Progress == nil {
		return
	}
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	first := r.first
	for {
		select {
		case <-stopped:
			return
		case <-first:
			first = nil
			tick.Reset(progressEvery)
		case <-tick.C:
		}
		r.mu.Lock()
		p := r.snapshotProgress()
		r.mu.Unlock()
		r.opt.Progress(p)
	}
}

func (r *run) snapshotProgress() Progress {
	p := r.progress
	p.Elapsed = r.x.opt.Now().Sub(r.start)
	if p.Phase != PhaseDone && p.ListingDone && p.BytesCompressed > 0 && p.BytesTotal > p.BytesCompressed {
		p.ETA = time.Duration(float64(p.Elapsed) * float64(p.BytesTotal-p.BytesCompressed) / float64(p.BytesCompressed))
	}
	return p
}

// count changes progress and summary.
func (r *run) count(change func(p *Progress, s *Summary)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.progress, &r.sum)
}

// problem names a log file in the summary.
func (s *Summary) problem(file, reason string) {
	if len(s.Problems) < maxProblems {
		s.Problems = append(s.Problems, FileProblem{file, reason})
	}
}

// hint keeps what an error of a log file says to do.
func (s *Summary) hint(err error) {
	e, ok := errors.AsType[*source.Error](err)
	if ok && e.Hint != "" && len(s.Hints) < maxHints && !slices.Contains(s.Hints, e.Hint) {
		s.Hints = append(s.Hints, e.Hint)
	}
}

// list goes through the listing and gives the workers what the store lacks. It returns the error of the place itself.
func (r *run) list(ctx context.Context) error {
	defer r.count(func(p *Progress, _ *Summary) { p.ListingDone, p.Phase = true, PhaseReading })
	for f, err := range r.src.List(ctx) {
		switch {
		case err != nil && f.Key == "":
			if ctx.Err() != nil {
				return nil
			}
			return err
		case errors.Is(err, source.ErrIgnored):
			r.count(func(_ *Progress, s *Summary) { s.ignore(reasonOf(err)) })
			continue
		case errors.Is(err, source.ErrRefused):
			r.count(func(_ *Progress, s *Summary) {
				s.Refused = append(s.Refused, FileProblem{thingOf(err, f.Key), reasonOf(err)})
			})
			continue
		case err != nil:
			r.count(func(p *Progress, s *Summary) {
				p.Failed++
				s.SkippedFiles++
				s.problem(f.Key, reasonOf(err))
				s.hint(err)
			})
			continue
		}
		prev, err := r.known(f.Key)
		if err != nil {
			return err
		}
		same := prev != nil && prev.listedSame(f)
		r.count(func(p *Progress, _ *Summary) {
			p.Listed++
			if same {
				p.Held++
			} else {
				p.BytesTotal += max(0, f.SizeBytes)
			}
		})
		if same {
			continue
		}
		select {
		case r.jobs <- job{file: f, prev: prev}:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// known is the newest row of a log file; nil where it was never seen.
func (r *run) known(key string) (row *ledgerRow, err error) {
	if r.fresh {
		return nil, nil //nolint:nilnil // "never seen" is no error
	}
	err = r.x.view(func(v *storeView) error {
		row, err = newestRow(v.tx, v.snap.places, r.place, key)
		return err
	})
	return row, err
}

// reopen opens a log file again while this run goes on, to compare records.
func (r *run) reopen(ctx context.Context, p source.Place, key string) (io.ReadCloser, error) {
	if p.ID != r.src.Place().ID {
		if r.x.opt.Reopen == nil {
			return nil, errNoReopen
		}
		return r.x.opt.Reopen(ctx, p, key)
	}
	obj, err := r.src.Open(ctx, source.File{Key: key, SizeBytes: -1})
	if err != nil {
		return nil, err
	}
	return obj.Body, nil
}

// thingOf is what an error is about, as far as it says so.
func thingOf(err error, otherwise string) string {
	if e, ok := errors.AsType[*source.Error](err); ok && e.Thing != "" {
		return e.Thing
	}
	return otherwise
}

// reasonOf is an error in words, without the name of the thing, which is shown beside it.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*source.Error](err); ok {
		return e.Reason
	}
	return err.Error()
}
