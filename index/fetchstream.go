package index

import (
	"bytes"
	"context"
	"io"
)

// Log files that are large, or whose size is not known before they are read (windows of Event history, which is answered
// page by page), are streamed: a few side by side, into memory first, so that a slow one keeps no worker and no other
// log file waiting. One that is too large for that is decoded as it comes.
const (
	defaultStreams = 8
	maxStreams     = 64
	// streamBytes is what all of them together hold in memory before they are decoded as they come, and the same again
	// what the builders of those may take.
	streamBytes = 32 << 20
)

// streamers is how many log files are streamed side by side.
func (r *run) streamers() int {
	if r.opt.Workers <= 0 {
		return defaultStreams
	}
	return min(r.opt.Workers, maxStreams)
}

// stream has a log file streamed.
func (f *fetcher) stream(ctx context.Context, j job) {
	f.start.Do(func() {
		for range f.streamers() {
			f.reading.Go(func() { (&streamer{fetcher: f}).loop(ctx) })
		}
	})
	select {
	case f.streams <- j:
	case <-ctx.Done():
	}
}

// A streamer streams log files one after the other.
type streamer struct {
	*fetcher
	w *worker // its own, made when it is first needed
}

func (s *streamer) loop(ctx context.Context) {
	for j := range s.streams {
		if ctx.Err() != nil {
			continue
		}
		s.read(ctx, j)
	}
	if s.w != nil && s.w.broken == nil {
		s.w.timer.Stop()
	}
}

// read gives a log file to the workers, or decodes it.
func (s *streamer) read(ctx context.Context, j job) {
	got := &fetched{}
	obj, err := s.src.Open(ctx, j.file)
	if err != nil {
		got.err = err
		s.pass(ctx, j, got, s.pace.hold(0))
		return
	}
	got.meta = obj.Meta
	most := int64(streamBytes / s.streamers())
	var buf bytes.Buffer
	n, err := buf.ReadFrom(io.LimitReader(obj.Body, most))
	got.data, got.err = buf.Bytes(), err
	if n < most || err != nil {
		_ = obj.Body.Close() // all of it was read
		s.pass(ctx, j, got, s.pace.hold(n))
		return
	}
	got.rest, got.part = obj.Body, true
	j.got = got
	s.decode(ctx, j)
	if got.rest != nil {
		_ = got.rest.Close() // nobody asked for it
	}
}

// decode brings a log file in as it comes.
func (s *streamer) decode(ctx context.Context, j job) {
	if s.w == nil {
		s.w = newWorker(s.run)
		s.w.limits.bytes = streamBytes / s.streamers()
	}
	if s.w.broken != nil {
		s.batches <- &batch{err: s.w.broken}
		return
	}
	s.w.read(ctx, j)
	s.w.flush()
}
