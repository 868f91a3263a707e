package index_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/trailsift/trailsift/index"
)

// mergeSome puts a random choice of segments together; it says how many.
func mergeSome(t *testing.T, x *index.Index, rng *rand.Rand) int {
	t.Helper()
	ids, _ := x.SegmentIDs()
	rng.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	n, err := x.MergeSegments(t.Context(), ids[:min(len(ids), 2+rng.IntN(6))])
	if err != nil {
		t.Fatal(err)
	}
	if after, _ := x.SegmentIDs(); n > 0 && len(after) != len(ids)-n+1 {
		t.Fatalf("%d segments, %d merged, %d after", len(ids), n, len(after))
	}
	return n
}

// TestMergedSegmentsAnswerAsBefore merges at random, between bringings in and verifications, and holds every kind of
// answer to the plain loop each time: searches anew, and results and names of events from before.
func TestMergedSegmentsAnswerAsBefore(t *testing.T) {
	schedules := uint64(4)
	if testing.Short() {
		schedules = 2
	}
	for seed := range schedules {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { mergeAtRandom(t, seed) })
	}
}

func mergeAtRandom(t *testing.T, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 77))
	o := newOracle(t, 40+seed, 14, 14)
	g := newGenerator(100 + seed)
	g.files = 1000 // log files of their own
	merged := 0
	for round := range 8 {
		before := mustSearch(t, o.x, "")
		names := map[string]index.Ref{}
		for _, e := range o.events {
			names[fmt.Sprint(e.place, e.key, e.position)] = e.ref
		}
		merged += mergeSome(t, o.x, rng)
		for _, same := range []func(*testing.T, *index.Result, []*plainEvent, int) string{o.sameRows, o.sameSums, o.sameFacets, o.sameTimeline} {
			if why := same(t, before, o.events, round+5); why != "" {
				t.Fatalf("round %d: a result from before: %s", round, why)
			}
		}
		switch round % 4 {
		case 1:
			for _, m := range o.places {
				setIntegrity(t, o.x, m.judge(rng))
			}
		case 3:
			g.fill(4, 10, o.places...)
			for _, m := range o.places {
				if _, err := o.x.Ingest(t.Context(), m, index.IngestOptions{SegmentDocs: 10}); err != nil {
					t.Fatal(err)
				}
			}
		}
		o.pair(t)
		for _, e := range o.events {
			if name, known := names[fmt.Sprint(e.place, e.key, e.position)]; known && name != e.ref {
				t.Fatalf("round %d: the event in %s number %d was named %v, now %v", round, e.key, e.position, name, e.ref)
			}
		}
		o.sameCopies(t)
		o.askVerdicts(t, rng, 20)
		o.ask(t, 60, false)
		o.ask(t, 6, true)
		o.clean(t)
	}
	if merged < 8 {
		t.Errorf("only %d segments were merged", merged)
	}
}
