package digest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/source"
	"github.com/trailsift/trailsift/source/digest"
)

// A dated place is a folder whose files have a time.
type dated struct {
	*memory
	at    time.Time
	opens atomic.Int64
}

func (d *dated) List(ctx context.Context) iter.Seq2[source.File, error] {
	return func(yield func(source.File, error) bool) {
		for f, err := range d.memory.List(ctx) {
			f.ModTime = d.at
			if !yield(f, err) {
				return
			}
		}
	}
}

func (d *dated) Open(ctx context.Context, f source.File) (*source.Object, error) {
	d.opens.Add(1)
	return d.memory.Open(ctx, f)
}

// said is all that is told of a report.
func toldOf(t *testing.T, r *digest.Report) string {
	t.Helper()
	var out, errs bytes.Buffer
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := digest.WriteAWS(&out, &errs, r, digest.AWSRun{}, nil); err != nil {
		t.Fatal(err)
	}
	return string(text) + out.String() + errs.String()
}

func TestNothingIsReadAgainWhereNothingChanged(t *testing.T) {
	for _, c := range slices.Concat(digestTampers(), logTampers(), rangeTampers(), untouched()) {
		t.Run(c.name, func(t *testing.T) {
			a := newArchive()
			if c.plan != nil {
				c.plan(a)
			}
			a.seal()
			if c.damage != nil {
				c.damage(a)
			}
			src := &dated{memory: a.offline(), at: base}
			opt := digest.Options{Keys: a.keys, To: a.to, Cache: newCache(), Concurrency: 1, Events: func(key string) int { return len(key) }}
			first := verify(t, src, opt)
			src.opens.Store(0)
			second := verify(t, src, opt)
			if len(a.fail) > 0 {
				if second.Again {
					t.Error("what was unreadable was not tried again")
				}
				return
			}
			if !second.Again || src.opens.Load() > 0 {
				t.Fatalf("%d files opened again", src.opens.Load())
			}
			second.Again = false
			if diff := cmp.Diff(first, second, cmp.AllowUnexported(digest.Report{}, digest.Item{})); diff != "" {
				t.Errorf("(-first +second):\n%s", diff)
			}
			if toldOf(t, first) != toldOf(t, second) {
				t.Error("something else is told of it")
			}
		})
	}
}

func TestWhatChangedIsReadAgain(t *testing.T) {
	a := newArchive()
	a.seal()
	src := &dated{memory: a.offline(), at: base}
	opt := digest.Options{Keys: a.keys, To: a.to, Cache: newCache()}
	verify(t, src, opt)
	for name, change := range map[string]func(opt *digest.Options){
		"another key":   func(opt *digest.Options) { opt.Keys = keySet(signers()[0]) },
		"no keys":       func(opt *digest.Options) { opt.Keys = nil },
		"another range": func(opt *digest.Options) { opt.To = a.to.Add(-time.Hour) },
		"another trail": func(opt *digest.Options) { opt.Trail = "audit" },
		"other kinds":   func(opt *digest.Options) { opt.Kinds = []source.LogKind{source.KindInsight} },
		"some accounts": func(opt *digest.Options) { opt.Want = func(string, string) bool { return true } },
		"what is held":  func(opt *digest.Options) { opt.Held = true },
	} {
		opt := opt
		change(&opt)
		if verify(t, src, opt).Again {
			t.Errorf("%s: the last report counts", name)
		}
		opt.Cache = newCache()
	}
	verify(t, src, opt)
	src.at = base.Add(time.Second)
	if verify(t, src, opt).Again {
		t.Error("another time: the last report counts")
	}
	a.change(a.l(2, 0), func(b []byte) []byte { return append(b, ' ') })
	src.memory = a.offline()
	if r := verify(t, src, opt); r.Again || r.LogFiles.Invalid != 1 {
		t.Errorf("another size: again %v, %+v", r.Again, r.LogFiles)
	}
	remote := &dated{memory: a.online(), at: base}
	verify(t, remote, opt)
	if verify(t, remote, opt).Again {
		t.Error("the last report of a bucket counts")
	}
	a.fail[a.l(3, 0)] = errors.New("no permission")
	src.at = base.Add(time.Minute)
	verify(t, src, opt)
	if verify(t, src, opt).Again {
		t.Error("what could not be read is not tried again")
	}
}
