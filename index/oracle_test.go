package index_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

// A plainEvent is a record with everything a query can ask, held in memory: what the index is compared with.
type plainEvent struct {
	raw      []byte
	key      string
	place    string
	position int
	at       time.Time
	timed    bool
	id       string // the eventID in lower case where it is a GUID
	values   map[string][][]byte
	hidden   bool
	variant  bool
	conflict bool
	copies   []*plainEvent // in the order of preference
	flags    source.Flags
	ref      index.Ref
}

func (e *plainEvent) Values(field string) [][]byte { return e.values[field] }
func (e *plainEvent) Time() (time.Time, bool)      { return e.at, e.timed }
func (e *plainEvent) Raw() []byte                  { return e.raw }

// value is the first value of a field, "" for none.
func (e *plainEvent) value(field string) string {
	if v := e.values[field]; len(v) > 0 {
		return string(v[0])
	}
	return ""
}

var guidShape = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// plainEvents decodes the log files of places and applies the rules of duplicates by plain loops; the order is that of
// results.
func plainEvents(tb testing.TB, places ...*memory) []*plainEvent {
	tb.Helper()
	var all []*plainEvent
	var d source.Decoder
	for _, m := range places {
		for _, key := range m.keys {
			start := len(all)
			for e := range d.Events(bytes.NewReader(m.files[key])) {
				all = append(all, plainOf(e, key, m))
			}
			if err := d.Err(); err != nil {
				tb.Fatalf("%s: %v", key, err)
			}
			if d.Stats().Salvaged == 0 {
				continue
			}
			for _, e := range all[start:] { // damage is found after records before it
				e.flags |= source.Salvaged
				e.values["salvaged"] = [][]byte{[]byte("true")}
			}
		}
	}
	markCopies(all)
	slices.SortFunc(all, comparePlain)
	return all
}

func plainOf(e *source.Event, key string, m *memory) *plainEvent {
	p := &plainEvent{raw: bytes.Clone(e.Raw), key: key, place: m.Place().ID, position: e.Position, flags: e.Flags, values: map[string][][]byte{}}
	p.at, p.timed = e.Time()
	for _, f := range index.Schema() {
		for _, v := range index.Values(e, f.Name, nil) {
			p.values[f.Name] = append(p.values[f.Name], bytes.Clone(v))
		}
	}
	p.values["log"] = [][]byte{[]byte(key)}
	p.values["verdict"] = [][]byte{[]byte(cmp.Or(m.verdicts[key], "unchecked"))}
	if id := strings.ToLower(p.value("id")); guidShape.MatchString(id) {
		p.id = id
	}
	return p
}

// comparePlain: newest first, without a time last; GUIDs, others after; log file, place, position.
func comparePlain(a, b *plainEvent) int {
	first := func(a, b bool) int {
		switch {
		case a && !b:
			return -1
		case b && !a:
			return 1
		}
		return 0
	}
	return cmp.Or(first(a.timed, b.timed), b.at.Compare(a.at), first(a.id != "", b.id != ""), cmp.Compare(a.id, b.id), compareLog(a, b))
}

func compareLog(a, b *plainEvent) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.place, b.place), cmp.Compare(a.position, b.position))
}

// markCopies hides copies and marks conflicts.
func markCopies(all []*plainEvent) {
	copies := map[string][]*plainEvent{}
	for _, e := range all {
		identity := "record " + string(plainJSON(e.raw))
		if e.id != "" {
			identity = "id " + e.id + " " + e.value("account")
		}
		copies[identity] = append(copies[identity], e)
	}
	for _, group := range copies {
		slices.SortFunc(group, func(a, b *plainEvent) int {
			return cmp.Or(cmp.Compare(plainPreference(a), plainPreference(b)), compareLog(a, b))
		})
		verdicts := plainVerdicts(group)
		var shown []*plainEvent
		for _, e := range group {
			i := slices.IndexFunc(shown, func(s *plainEvent) bool { return within(s.raw, e.raw) || within(e.raw, s.raw) })
			if e.hidden = i >= 0; !e.hidden {
				shown = append(shown, e)
				continue
			}
			e.variant = !within(shown[i].raw, e.raw) || !within(e.raw, shown[i].raw)
		}
		for _, e := range group {
			e.conflict = !e.hidden && len(shown) > 1
			e.values["copy-verdict"] = verdicts
			e.copies = group
		}
	}
	for _, e := range all {
		e.values["conflict"] = [][]byte{[]byte(map[bool]string{true: "true", false: "false"}[e.conflict])}
	}
}

// plainPreference is the place of an event's verdict in the order in which copies are shown.
func plainPreference(e *plainEvent) int {
	return slices.Index([]string{"valid", "warn", "info", "unverified", "unchecked", "invalid"}, e.value("verdict"))
}

// plainVerdicts are the verdicts of copies, each once, the worst first.
func plainVerdicts(group []*plainEvent) (verdicts [][]byte) {
	for _, v := range []string{"invalid", "warn", "unverified", "unchecked", "info", "valid"} {
		if slices.ContainsFunc(group, func(e *plainEvent) bool { return e.value("verdict") == v }) {
			verdicts = append(verdicts, []byte(v))
		}
	}
	return verdicts
}

func plainJSON(raw []byte) []byte {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return raw
	}
	out, _ := json.Marshal(v)
	return out
}

// within says that every value of the one record stands in the other.
func within(small, large []byte) bool {
	var s, l any
	if json.Unmarshal(small, &s) != nil || json.Unmarshal(large, &l) != nil {
		return false
	}
	return valueWithin(s, l)
}

func valueWithin(small, large any) bool {
	s, ok := small.(map[string]any)
	l, ok2 := large.(map[string]any)
	if !ok || !ok2 {
		a, _ := json.Marshal(small)
		b, _ := json.Marshal(large)
		return bytes.Equal(a, b)
	}
	for k, v := range s {
		if w, has := l[k]; !has || !valueWithin(v, w) {
			return false
		}
	}
	return true
}

// An oracle is a store and the same events in memory.
type oracle struct {
	x      *index.Index
	places []*memory
	events []*plainEvent // shown, in order
	byRef  map[index.Ref]*plainEvent
}

// newOracle brings generated events into an index of several segments, in several runs, and pairs them with the plain
// ones.
func newOracle(t *testing.T, seed uint64, files, each int) *oracle {
	t.Helper()
	a, b := newMemory("a"), newMemory("b")
	g := newGenerator(seed)
	g.fill(files/2, each, a, b)
	x := open(t, a, b)
	opt := index.IngestOptions{SegmentDocs: files * each / 7}
	for _, m := range []*memory{a, b} {
		if _, err := x.Ingest(t.Context(), m, opt); err != nil {
			t.Fatal(err)
		}
	}
	g.fill(files, each, a, b)
	for _, m := range []*memory{b, a} {
		if _, err := x.Ingest(t.Context(), m, opt); err != nil {
			t.Fatal(err)
		}
	}
	o := &oracle{x: x, places: []*memory{a, b}}
	o.pair(t)
	return o
}

func open(tb testing.TB, places ...*memory) *index.Index {
	tb.Helper()
	x, err := index.Open(tb.TempDir()+"/test.db", index.Options{Write: true, Reopen: reopen(places...)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := x.Close(); err != nil {
			tb.Error(err)
		}
	})
	return x
}

// pair makes the plain events and finds that of each row of the whole result: order and records must be the same.
func (o *oracle) pair(t *testing.T) {
	t.Helper()
	o.events, o.byRef = nil, map[index.Ref]*plainEvent{}
	for _, e := range plainEvents(t, o.places...) {
		if !e.hidden {
			o.events = append(o.events, e)
		}
	}
	r, err := o.x.Search(t.Context(), query.All{}, index.SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Count() != len(o.events) {
		t.Fatalf("the index shows %d events, a plain loop %d", r.Count(), len(o.events))
	}
	i := 0
	for rec, err := range r.Records(t.Context(), index.RecordsOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		want := o.events[i]
		if rec.Verdict != want.value("verdict") {
			t.Fatalf("row %d (%s) has the verdict %s, want %s", i, rec.Key, rec.Verdict, want.value("verdict"))
		}
		if rec.Key != want.key || rec.Position != want.position || !bytes.Equal(rec.Raw, want.raw) {
			t.Fatalf("row %d is %s number %d (%s), want %s number %d\n%s\n%s",
				i, rec.Key, rec.Position, rec.Missing, want.key, want.position, rec.Raw, want.raw)
		}
		want.ref = rec.Ref
		o.byRef[rec.Ref] = want
		i++
	}
	if i != len(o.events) {
		t.Fatalf("%d records, want %d", i, len(o.events))
	}
}
