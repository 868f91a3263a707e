package index_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// A querier writes random queries about the events of an oracle.
type querier struct {
	rng    *rand.Rand
	events []*plainEvent
	schema query.Schema
}

func (q *querier) chance(percent int) bool { return q.rng.IntN(100) < percent }

func (q *querier) one(of ...string) string { return of[q.rng.IntN(len(of))] }

func (q *querier) event() *plainEvent { return q.events[q.rng.IntN(len(q.events))] }

// query writes a query; reads allows what needs records.
func (q *querier) query(reads bool) string {
	return q.node(2, reads)
}

func (q *querier) node(depth int, reads bool) string {
	if depth == 0 || q.chance(40) {
		return q.term(reads)
	}
	switch q.rng.IntN(5) {
	case 0:
		return "-(" + q.node(depth-1, reads) + ")"
	case 1, 2:
		return "(" + q.several(" ", depth-1, reads) + ")"
	default:
		return "(" + q.several(" OR ", depth-1, reads) + ")"
	}
}

func (q *querier) several(between string, depth int, reads bool) string {
	parts := make([]string, 2+q.rng.IntN(2))
	for i := range parts {
		parts[i] = q.node(depth, reads && (i == 0 || q.chance(50)))
	}
	return strings.Join(parts, between)
}

func (q *querier) term(reads bool) string {
	if reads && q.chance(60) {
		return q.reading()
	}
	switch q.rng.IntN(14) {
	case 0:
		return q.times()
	case 1:
		return "ip:" + q.one("10.0.0.0/8", "10.1.0.0/16", "10.0.2.0/24", "2001:db8::/32", "2001:db8:1::/48", "10.0.0.1", "0.0.0.0/0", "::/0")
	case 2:
		return q.one("", "-") + q.field().Name + ":*"
	case 3:
		f := q.field()
		var values []string
		for range 2 + q.rng.IntN(4) {
			values = append(values, q.value(f.Name))
		}
		return f.Name + ":(" + strings.Join(values, " OR ") + ")"
	case 4:
		return q.one("salvaged", "conflict", "readonly", "mfa", "omitted") + q.one(":", "=", "!=") + q.one("true", "false")
	}
	return q.one("", "", "-") + q.match()
}

func (q *querier) field() query.Field {
	for {
		if f := q.schema[q.rng.IntN(len(q.schema))]; f.Kind != query.Time && f.Kind != query.Bool {
			return f
		}
	}
}

func (q *querier) match() string {
	f := q.field()
	switch q.rng.IntN(6) {
	case 0, 1:
		return f.Name + q.one("=", "!=") + quoted(q.text(f.Name), false)
	case 2:
		return f.Name + ":" + q.one("*a*", "?", "A*", "*1", "*e*r*", "i*", "a?c*", `\*`, "arn:aws:iam::1*", "ec2*")
	}
	return f.Name + ":" + q.value(f.Name)
}

// value is a value for ":": a true one, changed a little now and then.
func (q *querier) value(field string) string {
	text := q.text(field)
	if q.chance(30) {
		text = q.one(strings.ToUpper(text), strings.ToLower(text))
	}
	runes := []rune(text)
	if len(runes) > 1 && q.chance(40) {
		cut := 1 + q.rng.IntN(len(runes)-1)
		return strings.TrimSuffix(quoted(string(runes[:cut]), true), `"`) + `*"`
	}
	if len(runes) > 2 && q.chance(20) {
		return `"*` + quoted(string(runes[1+q.rng.IntN(len(runes)-2):]), true)[1:]
	}
	return quoted(text, true)
}

// quoted writes a text as a value; pattern: its stars are meant as they are.
func quoted(text string, pattern bool) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		if r == '"' || r == '\\' || pattern && (r == '*' || r == '?') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String() + `"`
}

// text is a value that some event has, or nothing like it.
func (q *querier) text(field string) string {
	for range 10 {
		if v := q.event().values[field]; len(v) > 0 {
			return string(v[q.rng.IntN(len(v))])
		}
	}
	return "nothing"
}

func (q *querier) times() string {
	at := func() string {
		t := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(q.rng.Int64N(int64(72 * time.Hour))))
		if e := q.event(); e.timed && q.chance(70) {
			t = e.at
		}
		if q.chance(30) {
			return t.Format(time.DateOnly)
		}
		return t.Format(time.RFC3339)
	}
	switch q.rng.IntN(4) {
	case 0:
		return "time:" + q.one(">", "<", ">=", "<=") + at()
	case 1:
		return "time:" + at()
	case 2:
		return q.one("time:*", "-time:*")
	}
	return "(time:>=" + at() + " time:<" + at() + ")"
}

// reading is a term that needs the record.
func (q *querier) reading() string {
	switch q.rng.IntN(6) {
	case 0:
		return q.one("requestParameters.bucketName", "userIdentity.sessionContext.sessionIssuer.userName", "requestParameters.deep.list[*].word", "responseElements.*") +
			q.one(":prod-*", ":*", "=prod-data", ":deploy", `:"two words"`, ":*a*")
	case 1:
		return "requestParameters.n:" + q.one(">500", "<=3", "10..20", "7")
	case 2:
		return "/" + q.one("i-0[0-9a-f]+5", "Bob|alice", "prod-(logs|data)$", "^eu-", "(?i)ACCESS") + "/"
	case 3:
		return q.one("*", "") + q.one("rod-", "0000", "lice", "denied", "k", "s") + "*"
	}
	return q.one("alice", `"two words"`, "AccessDenied", "prod", `"prod-data"`, "deep", "v1", "GetObject", "ümlaut", `"a/b"`)
}

// parse reads a generated query; one that is no query is a mistake of this test.
func (q *querier) parse(t *testing.T, text string) query.Node {
	t.Helper()
	n, err := query.Parse(text, q.schema, query.Options{Now: time.Date(2024, 3, 3, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// shrink gives a smaller part of a query that fails too, for the report.
func shrink(n query.Node, fails func(query.Node) string) query.Node {
	for {
		smaller := func() query.Node {
			for _, kid := range kids(n) {
				if fails(kid) != "" {
					return kid
				}
			}
			return nil
		}()
		if smaller == nil {
			return n
		}
		n = smaller
	}
}

func kids(n query.Node) []query.Node {
	switch n := n.(type) {
	case query.And:
		return without(n.Nodes, func(rest []query.Node) query.Node { return query.And{Nodes: rest} })
	case query.Or:
		return without(n.Nodes, func(rest []query.Node) query.Node { return query.Or{Nodes: rest} })
	case query.Not:
		return []query.Node{n.Node}
	}
	return nil
}

// without gives each node alone, and, of more than two, all but each.
func without(nodes []query.Node, join func([]query.Node) query.Node) []query.Node {
	out := append([]query.Node(nil), nodes...)
	for i := range nodes {
		if len(nodes) > 2 {
			out = append(out, join(append(append([]query.Node(nil), nodes[:i]...), nodes[i+1:]...)))
		}
	}
	return out
}

// TestSearchAgreesWithPlainLoop asks 10,000 random queries (2,000 with -short) of the index and of a plain loop: same
// events in the same order, and all counts of the screen.
func TestSearchAgreesWithPlainLoop(t *testing.T) {
	o := newOracle(t, 7, 14, 14)
	queries := 9_700
	if testing.Short() {
		queries = 1_900
	}
	o.ask(t, queries, false)
}

// TestScansAgreeWithPlainLoop does the same with queries that need records, alone and mixed with others.
func TestScansAgreeWithPlainLoop(t *testing.T) {
	o := newOracle(t, 12, 8, 8)
	queries := 300
	if testing.Short() {
		queries = 100
	}
	o.ask(t, queries, true)
}

// ask compares the answers to random queries; reads: they need records.
func (o *oracle) ask(t *testing.T, queries int, reads bool) {
	t.Helper()
	q := &querier{rng: rand.New(rand.NewPCG(11, 0)), events: o.events, schema: index.Schema()}
	found := 0
	for i := range queries {
		if i%30 == 0 {
			o.x.ForgetTerms() // both ways to look through dictionaries
		}
		text := q.query(reads)
		n := q.parse(t, text)
		fails := func(n query.Node) string { return o.check(t, n, &found, i) }
		if why := fails(n); why != "" {
			small := shrink(n, fails)
			t.Fatalf("query %d: %s\n%s\nsmallest: %s\n%s", i, text, why, small, fails(small))
		}
	}
	if found < queries { // most queries must find something to be worth asking
		t.Fatalf("%d queries found %d events in all", queries, found)
	}
}

// check says how the answers to one query differ; "" if they do not.
func (o *oracle) check(t *testing.T, n query.Node, found *int, turn int) string {
	t.Helper()
	var want []*plainEvent
	for _, e := range o.events {
		if query.Eval(n, e) {
			want = append(want, e)
		}
	}
	*found += len(want)
	r, err := o.x.Search(t.Context(), n, index.SearchOptions{})
	if err != nil {
		return err.Error()
	}
	if r.Count() != len(want) || r.Partial() || r.Unreadable() != 0 {
		return fmt.Sprintf("the index finds %d events, a plain loop %d; partial %v, unreadable %d%s",
			r.Count(), len(want), r.Partial(), r.Unreadable(), o.difference(t, r, want))
	}
	for _, same := range []func(*testing.T, *index.Result, []*plainEvent, int) string{
		o.sameRows, o.sameSums, o.sameFacets, o.sameTimeline,
	} {
		if why := same(t, r, want, turn); why != "" {
			return why
		}
	}
	return ""
}

// difference names an event that only one of both finds.
func (o *oracle) difference(t *testing.T, r *index.Result, want []*plainEvent) string {
	t.Helper()
	rows, err := r.Page(t.Context(), 0, r.Count(), nil)
	if err != nil {
		return "\n" + err.Error()
	}
	missing := map[index.Ref]*plainEvent{}
	for _, e := range want {
		missing[e.ref] = e
	}
	for _, row := range rows {
		if missing[row.Ref] == nil {
			return fmt.Sprintf("\nonly the index finds %s", o.byRef[row.Ref].raw)
		}
		delete(missing, row.Ref)
	}
	for _, e := range missing {
		return fmt.Sprintf("\nonly the plain loop finds %s", e.raw)
	}
	return ""
}
