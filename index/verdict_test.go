package index_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index"
)

var allVerdicts = []string{"valid", "valid", "valid", "invalid", "warn", "unverified", "info", ""}

// judge gives the log files of a place verdicts by chance, and the report that says so.
func (m *memory) judge(rng *rand.Rand) index.Integrity {
	m.verdicts = map[string]string{}
	rep := index.Integrity{Place: m.Place().ID, Checked: time.Unix(1_700_000_000, 0).UTC()}
	for _, key := range m.keys {
		v := allVerdicts[rng.IntN(len(allVerdicts))]
		if m.verdicts[key] = v; v == "" {
			continue
		}
		rep.Files = append(rep.Files, index.FileVerdict{Key: key, Verdict: v, Class: "log." + v, Reason: "by chance"})
	}
	return rep
}

func setIntegrity(t *testing.T, x *index.Index, reports ...index.Integrity) {
	t.Helper()
	for _, rep := range reports {
		if err := x.SetIntegrity(t.Context(), rep); err != nil {
			t.Fatal(err)
		}
	}
}

// TestVerdictsAgreeWithPlainLoop changes the verdicts of log files again and again. Each time the index must show the
// events, copies and counts that a plain loop over all records gives.
func TestVerdictsAgreeWithPlainLoop(t *testing.T) {
	o := newOracle(t, 21, 14, 14)
	rng := rand.New(rand.NewPCG(5, 0))
	rounds, queries := 4, 250
	if testing.Short() {
		rounds, queries = 3, 150
	}
	for range rounds {
		for _, m := range o.places {
			setIntegrity(t, o.x, m.judge(rng))
		}
		o.pair(t)
		o.sameCopies(t)
		o.askVerdicts(t, rand.New(rand.NewPCG(6, 0)), 40) // much the same each time: no answer may outlive its verdicts
		o.askVerdicts(t, rng, queries)
		o.clean(t)
	}
}

// askVerdicts asks random queries, each with a term about verdicts.
func (o *oracle) askVerdicts(t *testing.T, rng *rand.Rand, queries int) {
	t.Helper()
	q := &querier{rng: rng, events: o.events, schema: index.Schema()}
	found := 0
	for i := range queries {
		term := q.one("", "-") + q.one("verdict", "copy-verdict") +
			q.one(":", "=") + q.one("valid", "invalid", "warn", "unverified", "info", "unchecked")
		switch q.rng.IntN(4) {
		case 0:
			term = q.one("", "-") + q.one("verdict", "copy-verdict") + ":" + q.one("*", "un*", "?nvalid", "*valid", "(invalid OR warn)", "nothing")
		case 1:
			term += q.one(" ", " OR ") + q.term(false)
		}
		n := q.parse(t, term)
		if why := o.check(t, n, &found, i); why != "" {
			t.Fatalf("query %d: %s\n%s", i, term, why)
		}
	}
	if found < queries {
		t.Fatalf("%d queries found %d events in all", queries, found)
	}
}

// sameCopies compares the copies of each event shown.
func (o *oracle) sameCopies(t *testing.T) {
	t.Helper()
	several := 0
	for _, e := range o.events {
		rec, err := o.x.Record(t.Context(), e.ref)
		if err != nil {
			t.Fatal(err)
		}
		var want []index.Copy
		for i, c := range e.copies {
			want = append(want, index.Copy{
				Place: c.place, Key: c.key, Position: c.position,
				Shown: !c.hidden, Variant: c.variant, Conflict: c.conflict, Verdict: c.value("verdict"),
			})
			if i < len(rec.Copies) {
				want[i].Ref = rec.Copies[i].Ref
			}
		}
		if diff := gocmp.Diff(want, rec.Copies); diff != "" {
			t.Fatalf("copies of %s: %s", e.raw, diff)
		}
		if len(want) > 1 {
			several++
		}
	}
	if several == 0 {
		t.Fatal("no event has copies")
	}
}

func (o *oracle) clean(t *testing.T) {
	t.Helper()
	found, err := o.x.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

// TestOrderOfVerdictsNeverShows brings log files in and verifies them in orders by chance: with the same log files and
// the same last verification, everything must be as a plain loop says.
func TestOrderOfVerdictsNeverShows(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			rng := rand.New(rand.NewPCG(9, uint64(round)))
			a, b := newMemory("a"), newMemory("b")
			g := newGenerator(uint64(100 + round))
			x := open(t, a, b)
			opt := index.IngestOptions{SegmentDocs: 20, Workers: 1 + rng.IntN(2)}
			for range 2 + rng.IntN(3) {
				g.fill(2+rng.IntN(4), 10, a, b)
				rng.Shuffle(len(a.keys), func(i, j int) { a.keys[i], a.keys[j] = a.keys[j], a.keys[i] })
				for _, i := range rng.Perm(2) {
					if _, err := x.Ingest(t.Context(), []*memory{a, b}[i], opt); err != nil {
						t.Fatal(err)
					}
					if rng.IntN(2) == 0 {
						setIntegrity(t, x, []*memory{b, a}[i].judge(rng))
					}
				}
			}
			if rng.IntN(2) == 0 {
				if err := x.Downgrade(); err != nil {
					t.Fatal(err)
				}
			}
			for _, i := range rng.Perm(2) {
				setIntegrity(t, x, []*memory{a, b}[i].judge(rng))
			}
			o := &oracle{x: x, places: []*memory{a, b}}
			o.pair(t)
			o.sameCopies(t)
			o.askVerdicts(t, rng, 40)
			o.clean(t)
		})
	}
}
