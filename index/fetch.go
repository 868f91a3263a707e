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
	// aheadBytes and aheadFiles bound what is being fetched or waits for a worker: 1 GB/s at 20 ms an answer has 20 MB
	// under way, and what lives takes twice its size until it is collected.
	aheadBytes = 24 << 20
	aheadFiles = 2048
	// aheadFile is the largest log file that is fetched ahead; CloudTrail delivers up to 50 MB before compression, some
	// 5 MB gzipped. Larger ones, and those of unknown size, are streamed.
	aheadFile = 8 << 20
)

// A fetcher is the stage.
type fetcher struct {
	*run
	pace    *pacer
	out     chan<- job // to the workers
	todo    chan job   // to goroutines that fetch
	streams chan job   // to those that stream
	start   sync.Once  // of those
	getting sync.WaitGroup
	reading sync.WaitGroup
}

// fetch passes the log files of the listing on to the workers, fetched as far as they are small; it returns when all
// have been passed on and what it started is done.
func (r *run) fetch(ctx context.Context, out chan<- job) {
	defer close(out)
	f := &fetcher{run: r, pace: newPacer(r.src), out: out, todo: make(chan job), streams: make(chan job)}
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
		f.give(ctx, j)
	}
	close(f.todo)
	f.getting.Wait()
	close(f.streams)
	f.reading.Wait()
}

// give has a log file fetched: by a goroutine that waits for one, else by a new one. They stay, since the calls of the SDK
// go deep and a new goroutine grows its stack for each anew.
func (f *fetcher) give(ctx context.Context, j job) {
	select {
	case f.todo <- j:
	default:
		f.getting.Go(func() {
			f.get(ctx, j)
			for j := range f.todo {
				f.get(ctx, j)
			}
		})
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
		f.pass(ctx, j, got, j.file.SizeBytes)
	}
}

// pass gives a log file in memory to the workers; size is what it was permitted with.
func (f *fetcher) pass(ctx context.Context, j job, got *fetched, size int64) {
	j.got = got
	j.done = func() { f.pace.free(size) }
	select {
	case f.out <- j:
	case <-ctx.Done():
	}
}

// fetched is a log file in memory.
type fetched struct {
	data []byte
	meta map[string]string
	err  error         // in its place
	rest io.ReadCloser // what follows data; nil: nothing, or it was taken
	part bool          // data is only the beginning
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

// open opens a log file: what was fetched of it comes from memory.
func (w *worker) open(ctx context.Context, j job) (*source.Object, error) {
	got := j.got
	switch {
	case got == nil || got.part && got.rest == nil:
		return w.src.Open(ctx, j.file)
	case got.err != nil:
		return nil, got.err
	case got.part:
		body := struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(got.data), got.rest), got.rest}
		got.rest = nil
		return &source.Object{Body: body, Meta: got.meta}, nil
	}
	return &source.Object{Body: io.NopCloser(bytes.NewReader(got.data)), Meta: got.meta}, nil
}
