package index_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
)

// TestCompactKeepsEverything compacts a store with copies, conflicts, verdicts and kept bytes: the answers are those of a
// plain loop as before, also of a result and of names from before, and the file is no larger than what is in it.
func TestCompactKeepsEverything(t *testing.T) {
	o := newOracle(t, 31, 14, 14)
	rng := rand.New(rand.NewPCG(3, 3))
	for range 3 {
		for _, m := range o.places {
			setIntegrity(t, o.x, m.judge(rng))
		}
	}
	o.pair(t)
	before := mustSearch(t, o.x, "")
	segments, _ := o.x.SegmentIDs()
	done, err := o.x.Compact(t.Context(), index.CompactOptions{})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(o.x.Path())
	if err != nil || info.Size() != done.BytesAfter || info.Mode().Perm() != 0o600 || done.BytesAfter >= done.BytesBefore {
		t.Errorf("%+v, the file has %d bytes, mode %v, %v", done, info.Size(), info.Mode(), err)
	}
	if ids, _ := o.x.SegmentIDs(); len(ids) != done.SegmentsAfter || len(ids) >= len(segments) || len(segments) != done.SegmentsBefore {
		t.Errorf("%+v, %d segments before, %d after", done, len(segments), len(ids))
	}
	for i, same := range []func(*testing.T, *index.Result, []*plainEvent, int) string{o.sameRows, o.sameSums, o.sameFacets, o.sameTimeline} {
		if why := same(t, before, o.events, 11+i); why != "" {
			t.Errorf("a result from before: %s", why)
		}
	}
	names := map[*plainEvent]index.Ref{}
	for _, e := range o.events {
		names[e] = e.ref
		if rec := mustRecord(t, o.x, e.ref); !bytes.Equal(rec.Raw, e.raw) {
			t.Fatalf("%v names another event now", e.ref)
		}
	}
	o.pair(t)
	o.sameCopies(t)
	o.ask(t, 200, false)
	o.clean(t)
	g := newGenerator(1)
	g.files = 1000
	g.fill(5, 10, o.places...) // more comes in
	for _, m := range o.places {
		if _, err := o.x.Ingest(t.Context(), m, index.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	o.pair(t)
	o.clean(t)
}

// TestCompactLeavesTheOldWhole cancels and refuses at every step: the file is the one it was, and nothing lies beside it.
func TestCompactLeavesTheOldWhole(t *testing.T) {
	s := newShelf("bucket")
	s.place.Remote = true
	for i := range 20 {
		s.put(string(rune('a'+i))+".json", numbered(10*i, 10*i+12))
	}
	x := newIndex(t, s)
	bringIn(t, x, s, index.IngestOptions{SegmentDocs: 20})
	old, err := os.ReadFile(x.Path())
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	unchanged := func(step int) {
		t.Helper()
		now, err := os.ReadFile(x.Path())
		if err != nil || !bytes.Equal(old, now) {
			t.Errorf("step %d: the file was changed, %v", step, err)
		}
		if beside, err := filepath.Glob(x.Path() + ".c*"); err != nil || len(beside) > 0 {
			t.Errorf("step %d: %v is left, %v", step, beside, err)
		}
	}
	if _, err := x.Compact(t.Context(), index.CompactOptions{Room: func(int64) error { return full }}); !errors.Is(err, full) {
		t.Errorf("no room: %v", err)
	}
	unchanged(-1)
	step := 0
	for ; ; step++ {
		ctx, cancel := context.WithCancel(t.Context())
		at := 0
		_, err := x.Compact(ctx, index.CompactOptions{Progress: func(int64, int64) error {
			if at++; at <= step {
				return nil
			}
			if step%2 == 0 {
				cancel()
				return nil
			}
			return full
		}})
		cancel()
		if err == nil {
			break
		}
		if !errors.Is(err, full) && !errors.Is(err, context.Canceled) {
			t.Fatalf("step %d: %v", step, err)
		}
		unchanged(step)
	}
	if step < 5 {
		t.Errorf("%d steps", step)
	}
	verify(t, x)
}

// TestWaitingForAReplacedFile waits for the lock on a file that is compacted meanwhile: who waited gets the new one.
func TestWaitingForAReplacedFile(t *testing.T) {
	s := newShelf("logs")
	s.put("a.json", numbered(0, 50))
	path := filepath.Join(t.TempDir(), "index.db")
	x, err := index.Open(path, index.Options{Write: true, Reopen: reopenShelves(s)})
	if err != nil {
		t.Fatal(err)
	}
	mustIngest(t, x, s, index.IngestOptions{})
	type opened struct {
		x   *index.Index
		err error
	}
	waiting := make(chan opened)
	go func() {
		y, err := index.Open(path, index.Options{Write: true, Wait: time.Minute, Reopen: reopenShelves(s)})
		waiting <- opened{y, err}
	}()
	time.Sleep(120 * time.Millisecond) // long enough to be waiting, as a rule; else it has the new file anyway
	if _, err := x.Compact(t.Context(), index.CompactOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	y := <-waiting
	if y.err != nil {
		t.Fatal(y.err)
	}
	s.put("b.json", numbered(50, 60))
	mustIngest(t, y.x, s, index.IngestOptions{})
	if err := y.x.Close(); err != nil {
		t.Fatal(err)
	}
	z := openIndex(t, path, index.Options{Reopen: reopenShelves(s)})
	if n := count(t, z, "event:*"); n != 60 {
		t.Errorf("%d events, want 60", n)
	}
}
