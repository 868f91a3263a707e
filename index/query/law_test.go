package query_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index/query"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`user:(alice OR "ci bot") -readonly:true`, `time:-2h..now ip:10.0.0.0/8 requestParameters."a b"[3].*:>5`,
		`/a\/b/ raw:/x/ *0abc1* "a \"b\" \u{202e}\xff\n\*"`, `-(a OR b) NOT NOT c d!=e f=(g OR "h i")`, `user:\\ a\`,
		`/aws/lambda/x`, `time:>"2026-07-01 10:00"`, `"event":x`, `* -* (* OR a)`,
	} {
		f.Add(seed)
	}
	g := newGenerator(1)
	for range 50 {
		f.Add(g.query(2, false))
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := query.Parse(text, schema(), options())
		if err != nil {
			e := err.(*query.Error) //nolint:errorlint // Parse promises the type
			if e.Pos < 0 || e.Pos > e.End || e.End > len(text) || e.Msg == "" {
				t.Fatalf("Parse(%q): an error at %d to %d: %q", text, e.Pos, e.End, e.Msg)
			}
			return
		}
		printed := n.String()
		if len(printed) > query.MaxText {
			return
		}
		again, err := query.Parse(printed, schema(), options())
		if err != nil {
			t.Fatalf("%q prints %q: %v", text, printed, err)
		}
		if diff := cmp.Diff(n, again); diff != "" {
			t.Fatalf("%q prints %q, which is another tree (-first +second)\n%s", text, printed, diff)
		}
		if s := again.String(); s != printed {
			t.Fatalf("%q prints %q, then %q", text, printed, s)
		}
	})
}

func TestSimplifyKeepsTheMeaning(t *testing.T) {
	g := newGenerator(2)
	shorter := 0
	for range 5_000 {
		n := parse(t, g.query(1+g.IntN(3), false))
		s := query.Simplify(n)
		if len(s.String()) < len(n.String()) {
			shorter++
		}
		if parsed := parse(t, s.String()); parsed.String() != s.String() {
			t.Fatalf("%s simplifies to %s, which prints %s", n, s, parsed)
		}
		for range 4 {
			r := g.record()
			if query.Eval(n, r) != query.Eval(s, r) {
				t.Fatalf("%s\nsimplifies to\n%s\nand differs on %+v", n, s, r)
			}
		}
	}
	if shorter < 1_000 {
		t.Errorf("only %d of 5,000 trees got simpler", shorter)
	}
}

func TestSimplify(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := query.Simplify(parse(t, text)).String(); got != want {
			t.Errorf("Simplify(%s) = %s, want %s", text, got, want)
		}
	}
	f("a a", "a")
	f("a (b OR a OR b) a", "a (b OR a)")
	f("--a", "a")
	f("-(-(a b) OR -(a b))", "a b")
	f("a -a", "-*")
	f("user=x OR user!=x OR b", "")
	f("* a", "a")
	f("* OR a", "")
	f("-* OR a", "a")
	f("-* a", "-*")
	f("-(* OR a)", "-*")
}

// The compiled predicates of a record say what Eval says.
func TestCompileRawAgreesWithEval(t *testing.T) {
	g := newGenerator(3)
	matched := 0
	for range 4_000 {
		n := parse(t, g.query(g.IntN(3), true))
		holds := query.CompileRaw(n)
		for range 5 {
			r := g.record()
			want := query.Eval(n, r)
			if want {
				matched++
			}
			if got := holds([]byte(r.raw)); got != want {
				t.Fatalf("%s: compiled %v, plain %v on %s", n, got, want, r.raw)
			}
		}
	}
	if matched < 2_000 || matched > 18_000 {
		t.Errorf("%d of 20,000 matched: the test says little", matched)
	}
}

// The compiled predicates of a term say what Eval says.
func TestMatchersAgreeWithEval(t *testing.T) {
	g := newGenerator(4)
	seen := map[bool]int{}
	for range 20_000 {
		n := parse(t, g.term(false))
		var key query.Key
		var matcher func([]byte) bool
		switch n := n.(type) {
		case query.Match:
			n.Parts = nil
			key, matcher = n.Key, n.Matcher()
		case query.Range:
			key, matcher = n.Key, n.Matcher()
		case query.CIDR:
			key, matcher = n.Key, n.Matcher()
		default:
			continue
		}
		if key.Field == "" || key.Field == "time" {
			continue
		}
		v := g.text()
		want := query.Eval(n, record{fields: map[string][]string{key.Field: {v}}})
		seen[want]++
		if got := matcher([]byte(v)); got != want {
			t.Fatalf("%s: compiled %v, plain %v on %q", n, got, want, v)
		}
	}
	if seen[true] < 400 || seen[false] < 500 {
		t.Errorf("matched and not: %v", seen)
	}
}

// What Keep and Drop write parses to the same tree and keeps, or drops, exactly the value.
func TestKeepAndDrop(t *testing.T) {
	g := newGenerator(5)
	for range 4_000 {
		n := parse(t, g.query(g.IntN(3), false))
		key, value := g.key(), g.text()
		kept, dropped := query.Keep(n, key, value), query.Drop(n, key, value)
		for _, edited := range []query.Node{kept, dropped} {
			if diff := cmp.Diff(edited.String(), parse(t, edited.String()).String()); diff != "" {
				t.Fatalf("%s edited: %s", n, diff)
			}
		}
		for range 4 {
			r := g.record()
			has := query.Eval(query.Match{Key: key, Exact: true, Value: value}, r)
			before := query.Eval(n, r)
			if query.Eval(kept, r) != (before && has) || query.Eval(dropped, r) != (before && !has) {
				t.Fatalf("%s: Keep(%s, %q) = %s, Drop = %s on %+v", n, key, value, kept, dropped, r)
			}
		}
	}
}

func TestEdit(t *testing.T) {
	user := query.Key{Field: "user"}
	f := func(text, want string, edit func(query.Node) query.Node) {
		t.Helper()
		n := parse(t, text)
		before := n.String()
		got := edit(n)
		if got.String() != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if diff := cmp.Diff(got, parse(t, got.String())); diff != "" {
			t.Errorf("%q becomes another tree than its text (-tree +text)\n%s", text, diff)
		}
		if n.String() != before {
			t.Errorf("%q was changed to %q", before, n)
		}
	}
	keep := func(k query.Key, v string) func(query.Node) query.Node {
		return func(n query.Node) query.Node { return query.Keep(n, k, v) }
	}
	f("", "user=bob", keep(user, "bob"))
	f("a OR b", `(a OR b) user="ci bot"`, keep(user, "ci bot"))
	f("a user=bob", "a user=bob", keep(user, "bob"))
	f("a", "a service=s3", keep(query.Key{Field: "service"}, "s3.amazonaws.com"))
	f("a", "a time:2026-07-01T10:00:00Z", keep(query.Key{Field: "time"}, "2026-07-01T10:00:00Z"))
	f("a", "a user!=bob", func(n query.Node) query.Node { return query.Drop(n, user, "bob") })

	toggle := func(v string) func(query.Node) query.Node {
		return func(n query.Node) query.Node { return query.Toggle(n, user, v) }
	}
	f("a", "a user=x", toggle("x"))
	f("user=x a", "user=(x OR y) a", toggle("y"))
	f("user=(x OR y) a", "user=(x OR y OR z) a", toggle("z"))
	f("user=(x OR y) a", "user=y a", toggle("x"))
	f("user=x a", "a", toggle("x"))
	f("user=x", "", toggle("x"))
	f("user=x OR a", "(user=x OR a) user=x", toggle("x"))

	day := func(d int) time.Time { return time.Date(2026, 7, d, 0, 0, 0, 0, time.UTC) }
	within := func(from, to time.Time) func(query.Node) query.Node {
		return func(n query.Node) query.Node { return query.KeepRange(n, from, to) }
	}
	const second = "time:2026-07-02T00:00:00Z..2026-07-03T00:00:00Z"
	f("", second, within(day(2), day(3)))
	f("time:2026-07-01..2026-07-05 a", "a "+second, within(day(2), day(3)))
	f("time:>=2026-07-02", second, within(day(2), day(3)))
	f("time:2026-07-01..2026-07-02T12:00", "time:2026-07-01..2026-07-02T12:00 "+second, within(day(2), day(3)))
	f("a", "a time:2026-07-02T00:00:00Z..", within(day(2), time.Time{}))
	f("a", "a", within(time.Time{}, time.Time{}))
}

func TestKept(t *testing.T) {
	n := parse(t, `a user=(x OR "y z") event=q`)
	if diff := cmp.Diff([]string{"x", "y z"}, query.Kept(n, query.Key{Field: "user"})); diff != "" {
		t.Error(diff)
	}
	if got := query.Kept(n, query.Key{Field: "role"}); got != nil {
		t.Errorf("kept of another field: %q", got)
	}
}

func TestLongTextsAreRefused(t *testing.T) {
	for _, text := range []string{strings.Repeat("a", query.MaxText+1), strings.Repeat("-", 101) + "a", strings.Repeat("a", 600) + ":b"} {
		if n, err := query.Parse(text, schema(), options()); err == nil {
			t.Errorf("%.20s… (%d bytes) parses to %.40s", text, len(text), n)
		}
	}
	long := strings.TrimSuffix(strings.Repeat("10.1.2.3 OR ", 5_000), " OR ")
	if n := parse(t, "ip:("+long+")"); len(n.(query.Or).Nodes) != 5_000 {
		t.Errorf("a list of 5,000 addresses became %.40s", n)
	}
}

func FuzzCompileRaw(f *testing.F) {
	f.Add("ac", `{"\u0061b":1,"\u0061c":2,"k":["\ud800x",null,{}]}`)
	f.Add("a.*:>1 OR *b*", `{"a":{"b":2e0},"a":[[],"\u212a"]}`)
	f.Add(`raw:/\x{fffd}b/`, `{"x":"�b"}`)
	f.Add(`/x$/ -"a b"`, `{"x":"a\/b","":{"a b":true}}`)
	f.Fuzz(func(t *testing.T, text, raw string) {
		n, err := query.Parse(text, nil, options())
		if err != nil || !json.Valid([]byte(raw)) || !utf8.ValidString(raw) || strings.Count(raw, "[")+strings.Count(raw, "{") > 900 {
			return
		}
		if want, got := query.Eval(n, record{raw: raw}), query.CompileRaw(n)([]byte(raw)); got != want {
			t.Fatalf("%s: compiled %v, plain %v on %s", n, got, want, raw)
		}
	})
}
