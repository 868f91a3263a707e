package digest_test

import (
	"context"
	"iter"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
)

// twoBuckets is a trail whose bucket changed after three hours. It gives the archive and what lies in each bucket.
func twoBuckets() (a *archive, old, now map[string]stored) {
	a = newArchive()
	for _, d := range a.digests[:3] {
		d.bucket = "before"
	}
	a.seal()
	old, now = map[string]stored{}, map[string]stored{}
	for i, d := range a.digests {
		in := now
		if i < 3 {
			in = old
		}
		in[a.key(d)] = a.objects[a.key(d)]
		for _, l := range d.logs {
			in[a.logKey(l)] = a.objects[a.logKey(l)]
		}
	}
	return a, old, now
}

func TestChainGoesOnInAnotherBucket(t *testing.T) {
	a, old, now := twoBuckets()
	m := a.online()
	m.objects = now
	r := verify(t, m, digest.Options{Keys: a.keys, To: a.to})
	if r.Digests.Valid != 3 || r.LogFiles.Valid != 6 || len(r.Items) != 9 || len(r.Ranges) != 0 || r.ExitCode() != digest.ExitProven {
		t.Errorf("%+v %+v %+v, exit %d", r.Digests, r.LogFiles, r.Ranges, r.ExitCode())
	}
	if len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "the chain goes on in bucket before,") {
		t.Errorf("notes %q", r.Notes)
	}

	// Side by side in a folder, as they were downloaded, they are one chain; only the newest digest is not proven.
	both := &memory{objects: map[string]stored{}}
	for name, objects := range map[string]map[string]stored{"before": old, a.bucket: now} {
		for key, o := range objects {
			both.objects[name+"/"+key] = stored{body: o.body}
		}
	}
	r = verify(t, both, digest.Options{Keys: a.keys, To: a.to})
	if r.Digests.Valid != hours-1 || r.Digests.Unverified != 1 || r.LogFiles.Valid != 8 || r.LogFiles.Unverified != 2 || len(r.Chains) != 1 {
		t.Errorf("%+v %+v, %d chains, notes %q", r.Digests, r.LogFiles, len(r.Chains), r.Notes)
	}
}

// A whole tree in another bucket is proven all the same, and said to be a copy.
func TestCopiedTree(t *testing.T) {
	a := newArchive()
	a.seal()
	m := a.online()
	m.bucket = "copy"
	r := verify(t, m, digest.Options{Keys: a.keys, To: a.to})
	if r.Digests.Warn != hours || r.LogFiles.Valid != 2*hours-2 || r.ExitCode() != digest.ExitUnestablished {
		t.Errorf("%+v %+v, exit %d", r.Digests, r.LogFiles, r.ExitCode())
	}
	for _, it := range r.Items {
		if it.Kind == "digest" && it.Class != digest.DigestMoved {
			t.Errorf("%s: %s", it.Key, it.Class)
		}
	}
}

// A prefix is listed alone, while the chain began under another one: what is there is not called missing.
func TestChainBeganUnderAnotherPrefix(t *testing.T) {
	a := newArchive()
	for _, d := range a.digests[3:] {
		d.prefix = "new"
		for _, l := range d.logs {
			l.prefix = "new"
		}
	}
	a.seal()
	m := listedUnder{a.online(), "new/"}
	r := verify(t, m, digest.Options{Keys: a.keys, To: a.to})
	if r.Digests.Valid != 3 || len(r.Items) != 9 || len(r.Ranges) != 0 || r.ExitCode() != digest.ExitProven {
		t.Errorf("%+v %+v %+v, exit %d", r.Digests, r.Ranges, r.Notes, r.ExitCode())
	}
	if len(r.Notes) != 1 || !strings.HasPrefix(r.Notes[0], "the chain goes on outside of what was listed: AWSLogs/") {
		t.Errorf("notes %q", r.Notes)
	}
	a.store(a.d(2), nil)
	r = verify(t, m, digest.Options{Keys: a.keys, To: a.to})
	if r.Digests.Invalid != 1 || r.ExitCode() != digest.ExitInvalid {
		t.Errorf("emptied: %+v, exit %d", r.Digests, r.ExitCode())
	}
}

// listedUnder lists a prefix of a bucket.
type listedUnder struct {
	*memory
	prefix string
}

func (l listedUnder) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for f, err := range l.memory.List(ctx) {
			if strings.HasPrefix(f.Key, l.prefix) && !yield(f, err) {
				return
			}
		}
	}
}
