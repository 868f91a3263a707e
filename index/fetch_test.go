package index_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/source"
)

// A distant shelf is a remote place: each log file takes a while to open, and of some the size is not known.
type distant struct {
	*shelf
	wait    time.Duration
	sizes   map[string]int64 // listed instead of the true ones
	bodies  map[string]io.Reader
	mu      sync.Mutex
	under   int
	most    int // opened side by side
	closed  atomic.Int64
	opening atomic.Int64
}

func farShelf(name string) *distant {
	d := &distant{shelf: newShelf(name), sizes: map[string]int64{}, bodies: map[string]io.Reader{}}
	d.place.Remote = true
	return d
}

func (d *distant) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for f, err := range d.shelf.List(ctx) {
			if size, ok := d.sizes[f.Key]; ok {
				f.SizeBytes = size
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

func (d *distant) Open(ctx context.Context, f source.File) (*source.Object, error) {
	d.opening.Add(1)
	d.mu.Lock()
	d.under++
	d.most = max(d.most, d.under)
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.under--
		d.mu.Unlock()
	}()
	select {
	case <-time.After(d.wait):
	case <-ctx.Done():
	}
	obj, err := d.shelf.Open(ctx, f)
	if err != nil {
		return nil, err
	}
	obj.Meta = map[string]string{"x-amz-meta-of": f.Key}
	if r := d.bodies[f.Key]; r != nil {
		obj.Body = io.NopCloser(r)
	}
	obj.Body = closing{obj.Body, &d.closed}
	return obj, nil
}

// closing counts bodies that were closed.
type closing struct {
	io.ReadCloser
	closed *atomic.Int64
}

func (c closing) Close() error { c.closed.Add(1); return c.ReadCloser.Close() }

func fillOddly(t *testing.T, s *shelf) {
	t.Helper()
	big := bytes.Repeat([]byte(" "), 17<<20)
	s.put("a-plain", numbered(0, 10))
	s.put("b-zipped", zipped(t, numbered(10, 400)))
	s.put("c-cut", zipped(t, numbered(400, 800))[:1000])
	s.put("d-refused", numbered(800, 810))
	s.change("d-refused", func(f *shelfFile) { f.fail = errCable })
	s.put("e-breaks", numbered(810, 900))
	s.change("e-breaks", func(f *shelfFile) { f.failAt = 200 })
	s.put("f-other", []byte(`{"class_uid":1}`))
	s.put("g-again", numbered(5, 15))
	s.put("h-large", append(big, numbered(900, 910)...))
	s.put("i-grown", append(big, numbered(910, 920)...))
	s.put("j-unknown", numbered(920, 930))
	s.put("j-unknown-large", append(big, numbered(930, 940)...))
	s.put("j-unknown-refused", numbered(800, 810))
	s.change("j-unknown-refused", func(f *shelfFile) { f.fail = errCable })
	s.put("j-unknown-breaks", numbered(810, 900))
	s.change("j-unknown-breaks", func(f *shelfFile) { f.failAt = 200 })
	s.put("k-empty", nil)
}

// What comes in from afar, fetched ahead or read as it comes, is what comes in from a folder.
func TestRemoteLogFilesComeInAsLocalOnes(t *testing.T) {
	near, far := newShelf("near"), farShelf("far")
	fillOddly(t, near)
	fillOddly(t, far.shelf)
	far.sizes["i-grown"], far.sizes["a-plain"] = 10, 1<<20
	for _, key := range []string{"j-unknown", "j-unknown-large", "j-unknown-refused", "j-unknown-breaks"} {
		far.sizes[key] = -1
	}
	here, there := newIndex(t, near), newIndex(t, far.shelf)
	want, got := bringIn(t, here, near, index.IngestOptions{}), bringIn(t, there, far, index.IngestOptions{})
	ignore := cmpopts.IgnoreFields(index.Summary{}, "Seconds", "IndexBytes", "BytesCompressed")
	if diff := gocmp.Diff(want, got, ignore, cmpopts.SortSlices(func(a, b index.FileProblem) bool { return a.File < b.File })); diff != "" {
		t.Errorf("(-near +far):\n%s", diff)
	}
	if len(want.Problems) != 5 || want.Events < 400 {
		t.Errorf("%+v", want)
	}
	verify(t, there)
	if opened, closed := far.opening.Load(), far.closed.Load(); opened-2 != closed { // two are refused
		t.Errorf("%d opened, %d closed", opened, closed)
	}
}

func TestRemoteLogFilesAreFetchedSideBySide(t *testing.T) {
	far := farShelf("far")
	far.wait = 5 * time.Millisecond
	const n = 3000
	for i := range n {
		far.put(fmt.Sprintf("%05d", i), numbered(i, i+1))
	}
	x := newIndex(t, far.shelf)
	began := time.Now()
	if s := bringIn(t, x, far, index.IngestOptions{}); s.Events != n || s.Files != n || !s.Complete {
		t.Errorf("%+v", s)
	}
	if opened := far.takeOpened(); len(opened) != n {
		t.Errorf("%d opened of %d", len(opened), n)
	}
	if far.most < 20 {
		t.Errorf("%d side by side at most, in %s", far.most, time.Since(began))
	}
	if s := bringIn(t, x, far, index.IngestOptions{}); s.Files != 0 || len(far.takeOpened()) != 0 {
		t.Errorf("again: %+v", s)
	}
	verify(t, x)
}

// readBytes counts what is read of a body.
type readBytes struct {
	io.Reader
	n atomic.Int64
}

func (c *readBytes) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// A large object that is no log file is not read to its end; one under the name of a log file is, and kept.
func TestForeignObjectsAreNotReadWhole(t *testing.T) {
	const name = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/111122223333_CloudTrail_us-east-1_20261120T0900Z_ABCDEFGH12345678.json.gz"
	pdf := append([]byte("%PDF-1.7\n"), make([]byte, 40<<20)...)
	far := farShelf("far")
	read := map[string]*readBytes{}
	for _, key := range []string{"backup.pdf", name} {
		far.put(key, pdf)
		read[key] = &readBytes{Reader: bytes.NewReader(pdf)}
		far.bodies[key] = read[key]
	}
	x := newIndex(t, far.shelf)
	if s := bringIn(t, x, far, index.IngestOptions{}); s.IgnoredFiles != 2 || len(s.Problems) != 0 {
		t.Errorf("%+v", s)
	}
	if n := read["backup.pdf"].n.Load(); n > 8<<20 {
		t.Errorf("%d bytes read of a PDF", n)
	}
	if n := read[name].n.Load(); n != int64(len(pdf)) {
		t.Errorf("%d bytes read of what was written over a log file, want %d", n, len(pdf))
	}
	verify(t, x)
	if s := bringIn(t, x, far, index.IngestOptions{}); s.IgnoredFiles != 0 {
		t.Errorf("again: %+v", s)
	}
}

// gate is a body that gives nothing until it is opened.
type gate struct {
	io.Reader
	open chan struct{}
}

func (g gate) Read(p []byte) (int, error) {
	<-g.open
	return g.Reader.Read(p)
}

// A log file that answers page by page, as windows of Event history do, keeps no other waiting.
func TestSlowLogFilesKeepNoOtherWaiting(t *testing.T) {
	far := farShelf("far")
	open := make(chan struct{})
	for i := range 40 {
		key := fmt.Sprintf("%02d", i)
		far.put(key, numbered(i, i+1))
		far.sizes[key] = -1
		if i%10 == 0 { // four of eight
			far.bodies[key] = gate{bytes.NewReader(numbered(i, i+1)), open}
		}
	}
	far.put("known", numbered(100, 101))
	x := newIndex(t, far.shelf)
	var once sync.Once
	s := bringIn(t, x, far, index.IngestOptions{Progress: func(p index.Progress) {
		if p.Events >= 37 {
			once.Do(func() { close(open) })
		}
	}})
	if s.Events != 41 || !s.Complete {
		t.Errorf("%+v", s)
	}
}

func TestFetchingEndsSoonAfterACancel(t *testing.T) {
	for name, size := range map[string]int64{"known": 100, "unknown": -1} {
		t.Run(name, func(t *testing.T) {
			far := farShelf("far")
			far.wait = time.Hour
			for i := range 5000 {
				key := fmt.Sprintf("%04d", i)
				far.put(key, numbered(i, i+1))
				far.sizes[key] = size
			}
			ctx, cancel := context.WithCancel(t.Context())
			x := newIndex(t, far.shelf)
			time.AfterFunc(50*time.Millisecond, cancel)
			began := time.Now()
			s, err := x.Ingest(ctx, far, index.IngestOptions{})
			if err == nil || s.Complete || time.Since(began) > 2*time.Second {
				t.Errorf("after %s: %+v, %v", time.Since(began), s, err)
			}
			if len(far.takeOpened()) == 0 {
				t.Error("nothing was under way")
			}
		})
	}
}
