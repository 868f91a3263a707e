package query_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

// A generator makes queries and records out of few parts, so that they often meet.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 1))} }

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

// text is a value as records hold them: names, ids, odd case, K and S beyond ASCII, escapes, numbers, nothing.
func (g generator) text() string {
	return pick(g, "alice", "Alice", "bob-admin", "ci bot", "i-0abc123", "i-0abc1234", "s3", "S3/K", "\u212aelvin ſ", "É é",
		`CORP\bob`, "a/b", `"quoted"`, "*", "", "prod-logs", "10", "1e1", "9007199254740993", "-3.5", "true", "10.1.2.3",
		"2001:DB8::7", "AWS Internal", "2026-07-01T10:00:00Z", "evil\u202e\n", "x_y z", "\xff", "OR", "/aws/lambda/x")
}

// pattern is a part of a text with wildcards, as text of a query in quotes.
func (g generator) pattern() string {
	t := []rune(strings.ToValidUTF8(g.text(), "?"))
	for i := range t {
		if t[i] == '*' || t[i] == '?' || t[i] == '\\' || t[i] == '"' {
			t[i] = '.'
		}
		if g.IntN(6) == 0 {
			t[i] = pick(g, '*', '?')
		}
	}
	if len(t) > 1 && g.IntN(3) == 0 {
		t = t[g.IntN(len(t)):]
	}
	s := string(t)
	if g.IntN(3) == 0 {
		s = "*" + s + "*"
	}
	if g.IntN(5) == 0 {
		s = strings.ToUpper(s)
	}
	return s
}

func (g generator) key() query.Key {
	if g.IntN(2) == 0 {
		return query.Key{Field: pick(g, "user", "event", "ip", "resource")}
	}
	return query.Key{Path: pick(g, []string{"userAgent"}, []string{"requestParameters", "a"},
		[]string{"requestParameters", `"b.c"`}, []string{"requestParameters", "*", "d"}, []string{"resources", "ARN"},
		[]string{"resources", "[1]", "ARN"}, []string{"resources", "[*]"}, []string{"requestParameters"})}
}

// term is a term as text; raw: one that looks at nothing but the record.
func (g generator) term(raw bool) string {
	key := g.key()
	for raw && key.Field != "" {
		key = g.key()
	}
	quote := func(p string) string { return query.Word{Text: p, Wild: true, Quoted: true}.String() }
	switch g.IntN(9) {
	case 0, 1:
		return key.String() + ":" + quote(g.pattern())
	case 2:
		return query.Match{Key: key, Exact: true, Value: g.text()}.String()
	case 3:
		return key.String() + pick(g, ":*", ":>5", ":<=10", ":-4..10", ":>=9007199254740993", ":<9007199254740993")
	case 4:
		return "/" + pick(g, "ab?c", "(?i)KELVIN", "^true$", `i-0\w+`, `x_y\sz`, "é", "a\\/b") + "/"
	case 5:
		return "raw:/" + pick(g, `"a":\s*"`, `\\u00`, "alice.*bob", "null") + "/"
	case 6:
		if !raw {
			return pick(g, "time:>=2026-07-01", "time:2026-07-01", "time:*", "ip:10.0.0.0/8", "ip:2001:db8::/32", "ip:2001:db8::7")
		}
	}
	if p := g.pattern(); strings.Trim(p, "*") != "" {
		return quote(p)
	}
	return "abc1"
}

// query is a query as text.
func (g generator) query(depth int, raw bool) string {
	if depth == 0 {
		return g.term(raw)
	}
	a, b := g.query(depth-1, raw), g.query(g.IntN(depth), raw)
	return pick(g, a, "-("+a+")", "("+a+") "+b, a+" OR "+b, "("+a+" OR "+b+") "+a, "* "+a, "-* OR "+a)
}

// record is a record with fields and a raw text that is written in different ways.
func (g generator) record() record {
	r := record{fields: map[string][]string{}}
	for _, f := range []string{"user", "role", "event", "ip"} {
		if g.IntN(4) > 0 {
			r.fields[f] = []string{g.text()}
		}
	}
	for range g.IntN(3) {
		r.fields["resource"] = append(r.fields["resource"], g.text())
	}
	if g.IntN(5) > 0 {
		r.time = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(g.IntN(60)-12) * time.Hour)
	}
	inner := map[string]any{"a": g.value(1), "b.c": g.value(1), "x": map[string]any{"d": g.value(0), "k": map[string]any{}}}
	doc := map[string]any{
		"userAgent": g.value(0), "requestParameters": inner, g.text(): g.value(2),
		"resources": []any{map[string]any{"ARN": g.value(0)}, map[string]any{"ARN": g.value(0)}, g.value(1)},
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	r.raw = string(b)
	switch g.IntN(3) {
	case 0:
		r.raw = strings.ReplaceAll(r.raw, "i", `\u0069`)
	case 1:
		r.raw = strings.ReplaceAll(r.raw, "/", `\/`)
	}
	return r
}

func (g generator) value(depth int) any {
	switch g.IntN(8) {
	case 0:
		return nil
	case 1:
		return json.Number(pick(g, "10", "5", "-3.5", "9007199254740993", "9007199254740992", "1E1", "0"))
	case 2:
		return g.IntN(2) == 0
	}
	switch {
	case depth > 0 && g.IntN(3) == 0:
		return []any{g.value(depth - 1), g.value(depth - 1)}
	case depth > 0 && g.IntN(3) == 0:
		return map[string]any{"d": g.value(depth - 1), "K": g.value(depth - 1)}
	}
	return g.text()
}
