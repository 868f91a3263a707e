package index

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	"github.com/trailsift/trailsift/source"
)

// Log files of a remote place are fetched ahead: a stage between the listing and the workers gets many side by side, as
// answers are far away, so that workers only decode what is in memory. The order is that of the listing, but for what
// overtakes on the way.
const (
	// aheadBytes and aheadFiles bound what is being fetched or waits for a worker.
	aheadBytes = 48 << 20
	aheadFiles = 2048
	// aheadFile is the largest log file that is fetched ahead; CloudTrail delivers up to 50 MB before compression, some
	// 5 MB gzipped. Larger ones, and those of unknown size (Event history, which answers page by page), are read by
	// workers of their own as they come.
	aheadFile = 16 << 20
	// defaultStreams is how many of those are read side by side.
	defaultStreams = 8
	maxStreams     = 64
	// streamBytes is what the builders of such workers may take together.
	streamBytes = 32 << 20
)

// fetched is a log file in memory.
type fetched struct {
	data []byte
	meta map[string]string
	err  error // in its place
}

// A fetcher is the stage.
type fetcher struct {
	*run
	pace    *pacer
	out     chan<- job // to the workers
	streams chan job   // to workers that read from the source
	start   sync.Once  // of those
	getting sync.WaitGroup
	reading sync.WaitGroup
}

// fetch passes the log files of the listing on to the workers, fetched as far as they are small; it returns when all
// have been passed on and what it started is done.
func (r *run) fetch(ctx context.Context, out chan<- job) {
	defer close(out)
	f := &fetcher{run: r, pace: newPacer(r.src), out: out, streams: make(chan job)}
	stop := context.AfterFunc(ctx, f.pace.wake)
	defer stop()
	for j := range r.jobs {
		if j.file.SizeBytes < 0 || j.file.SizeBytes > aheadFile {
			f.stream(ctx, j)
			continue
		}
		if !f.pace.take(ctx, j.file.SizeBytes) {
			break
		}
		f.getting.Go(func() { f.get(ctx, j) })
	}
	f.getting.Wait()
	close(f.streams)
	f.reading.Wait()
}

// streamers is how many log files are read side by side as they come.
func (r *run) streamers() int {
	if r.opt.Workers <= 0 {
		return defaultStreams
	}
	return min(r.opt.Workers, maxStreams)
}

// stream gives a log file to the workers that read as it comes.
func (f *fetcher) stream(ctx context.Context, j job) {
	f.start.Do(func() {
		for range f.streamers() {
			w := newWorker(f.run)
			w.limits.bytes = streamBytes / f.streamers()
			w.slow, w.begun = true, time.Now()
			f.reading.Go(func() { w.loop(ctx, f.streams) })
		}
	})
	select {
	case f.streams <- j:
	case <-ctx.Done():
	}
}

// get fetches a log file and gives it to the workers.
func (f *fetcher) get(ctx context.Context, j job) {
	began := time.Now()
	got, whole := fetchWhole(ctx, f.src, j.file)
	f.pace.gave(int64(len(got.data)), time.Since(began))
	switch {
	case ctx.Err() != nil:
		f.pace.free(j.file.SizeBytes)
	case !whole: // it grew since it was listed
		f.pace.free(j.file.SizeBytes)
		f.stream(ctx, j)
	default:
		j.got = got
		j.done = func() { f.pace.free(j.file.SizeBytes) }
		select {
		case f.out <- j:
		case <-ctx.Done():
		}
	}
}

// fetchWhole gets the bytes of a log file; whole is false where they are too many to be held.
func fetchWhole(ctx context.Context, src source.Source, file source.File) (got *fetched, whole bool) {
	obj, err := src.Open(ctx, file)
	if err != nil {
		return &fetched{err: err}, true
	}
	defer obj.Body.Close()
	buf := bytes.NewBuffer(make([]byte, 0, file.SizeBytes+bytes.MinRead))
	n, err := buf.ReadFrom(io.LimitReader(obj.Body, aheadFile+1))
	if err == nil && n > aheadFile {
		return &fetched{}, false
	}
	return &fetched{data: buf.Bytes(), meta: obj.Meta, err: err}, true
}

// object is what the source's Open would give.
func (g *fetched) object() (*source.Object, error) {
	if g.err != nil {
		return nil, g.err
	}
	return &source.Object{Body: io.NopCloser(bytes.NewReader(g.data)), Meta: g.meta}, nil
}

// open opens a log file: from memory where it was fetched ahead, any number of times.
func (w *worker) open(ctx context.Context, j job) (*source.Object, error) {
	if j.got != nil {
		return j.got.object()
	}
	return w.src.Open(ctx, j.file)
}
