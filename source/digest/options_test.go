package digest_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
)

func TestTrailLimitsWhatIsReported(t *testing.T) {
	a := newArchive()
	a.add("other", base, -1)
	a.seal()
	r := verify(t, a.online(), digest.Options{Keys: a.keys, To: a.to, Trail: "audit"})
	if r.Digests.Valid != hours || len(r.Items) != hours+2*hours-2 || r.ExitCode() != digest.ExitProven {
		t.Errorf("%+v %+v exit %d", r.Digests, r.LogFiles, r.ExitCode())
	}
}

func TestRangeLimitsWhatIsReported(t *testing.T) {
	a := newArchive()
	a.seal()
	r := verify(t, a.online(), digest.Options{Keys: a.keys, From: base.Add(2 * time.Hour), To: base.Add(3 * time.Hour)})
	if r.Digests.Valid != 2 || r.LogFiles.Valid != 4 || len(r.Items) != 6 || r.ExitCode() != digest.ExitProven {
		t.Errorf("%+v %+v exit %d", r.Digests, r.LogFiles, r.ExitCode())
	}
	// Without metadata the signature of the last one reported is carried by one that is not.
	r = verify(t, a.offline(), digest.Options{Keys: a.keys, From: base.Add(2 * time.Hour), To: base.Add(3 * time.Hour)})
	if r.Digests.Valid != 2 {
		t.Errorf("offline %+v", r.Digests)
	}
	none := verify(t, a.online(), digest.Options{Keys: a.keys, Want: func(string, string) bool { return false }})
	if len(none.Items) != 0 || none.ExitCode() != digest.ExitUnestablished || !strings.Contains(none.Notes[0], "no digests") {
		t.Errorf("%+v %v", none.Items, none.Notes)
	}
}

type cache struct {
	mu   sync.Mutex
	held map[source.File]source.ContentHash
	kept map[source.File]stored
}

func newCache() *cache {
	return &cache{held: map[source.File]source.ContentHash{}, kept: map[source.File]stored{}}
}

func (c *cache) Object(f source.File) ([]byte, map[string]string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, ok := c.kept[f]
	return o.body, o.meta, ok
}

func (c *cache) PutObject(f source.File, data []byte, meta map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[f] = stored{data, meta}
}

func (c *cache) Content(f source.File) (source.ContentHash, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.held[f]
	return k, ok
}

func (c *cache) PutContent(f source.File, k source.ContentHash) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held[f] = k
}

// counted counts what is read of a place.
type counted struct {
	*memory
	n atomic.Int64
}

type countedBody struct {
	io.ReadCloser
	n *atomic.Int64
}

func (b countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n.Add(int64(n))
	return n, err
}

func (c *counted) Open(ctx context.Context, f source.File) (*source.Object, error) {
	o, err := c.memory.Open(ctx, f)
	if err == nil {
		o.Body = countedBody{o.Body, &c.n}
	}
	return o, err
}

func TestCacheSparesReading(t *testing.T) {
	a := newArchive()
	a.seal()
	a.change(a.l(2, 0), func(b []byte) []byte { return append(b, ' ') })
	a.store(a.l(3, 0), appendMember(a.objects[a.l(3, 0)].body))
	c := newCache()
	opt := digest.Options{Keys: a.keys, To: a.to, Cache: c}
	first := verify(t, a.online(), opt)
	src := &counted{memory: a.online()}
	second := verify(t, src, opt)
	if src.n.Load() != 0 || first.LogFiles != second.LogFiles || second.LogFiles.Invalid != 2 {
		t.Errorf("%d bytes read again, %+v, then %+v", src.n.Load(), first.LogFiles, second.LogFiles)
	}
}

func TestBucketOfAPlaceThatDoesNotTellIt(t *testing.T) {
	a := newArchive()
	a.seal()
	m := a.online()
	m.bucket = ""
	r := verify(t, m, digest.Options{Keys: a.keys, To: a.to, Bucket: a.bucket})
	if r.ExitCode() != digest.ExitProven || !strings.HasPrefix(r.Items[0].Key, a.bucket+"/") {
		t.Errorf("exit %d, %s", r.ExitCode(), r.Items[0].Key)
	}
}
