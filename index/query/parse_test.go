package query_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index/query"
)

func field(name, value string) query.Match {
	m := query.Match{Key: query.Key{Field: name}, Value: value}
	if name == "user" && value != "*" {
		m.Parts = []string{"role", "session"}
	}
	return m
}

func exact(name, value string) query.Match {
	return query.Match{Key: query.Key{Field: name}, Value: value, Exact: true}
}

func path(value string, steps ...string) query.Match {
	return query.Match{Key: query.Key{Path: steps}, Value: value}
}

func and(nodes ...query.Node) query.Node { return query.And{Nodes: nodes} }
func or(nodes ...query.Node) query.Node  { return query.Or{Nodes: nodes} }
func not(n query.Node) query.Node        { return query.Not{Node: n} }
func word(text string) query.Node        { return query.Word{Text: text} }

func TestParse(t *testing.T) {
	ip := query.Key{Field: "ip"}
	f := func(text string, want query.Node, printed ...string) {
		t.Helper()
		got := parse(t, text)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse(%q): (-want +got)\n%s", text, diff)
			return
		}
		again := text
		if len(printed) > 0 {
			again = printed[0]
		}
		if s := got.String(); s != again {
			t.Errorf("Parse(%q) prints %q, want %q", text, s, again)
		}
	}
	f("", query.All{})
	f("  \t ", query.All{}, "")
	f("*", query.All{}, "")
	f("user:bob-admin", field("user", "bob-admin"))
	f("WHO:bob", field("user", "bob"), "user:bob")
	f("user=bob-admin event!=GetObject", and(exact("user", "bob-admin"), not(exact("event", "GetObject"))))
	f("event:Delete* -readonly:true NOT error:*",
		and(field("event", "Delete*"), not(field("readonly", "true")), not(field("error", "*"))),
		"event:Delete* -readonly:true -error:*")
	f(`user:(alice OR "ci bot")`, or(field("user", "alice"), field("user", "ci bot")))
	f(`user=(alice OR "ci bot")`, or(exact("user", "alice"), exact("user", "ci bot")))
	f(`user!=(alice OR "ci bot")`, not(or(exact("user", "alice"), exact("user", "ci bot"))), `-user=(alice OR "ci bot")`)
	f(`user:(a b)`, and(field("user", "a"), field("user", "b")), "user:a user:b")
	f(`user:(a -b)`, and(field("user", "a"), not(field("user", "b"))), "user:a -user:b")
	f("a b OR c", or(and(word("a"), word("b")), word("c")))
	f("a AND (b OR c)", and(word("a"), or(word("b"), word("c"))), "a (b OR c)")
	f("(a b) c", and(word("a"), word("b"), word("c")), "a b c")
	f("-(a b)", not(and(word("a"), word("b"))))
	f("NOT NOT a", not(not(word("a"))), "--a")
	f("service:s3.amazonaws.com", field("service", "s3"), "service:s3")
	f("eventSource=S3.Amazonaws.com", exact("service", "S3"), "service=S3")
	f("READONLY=True", exact("readonly", "true"), "readonly=true")
	f("ip:203.0.113.0/24", query.CIDR{Key: ip, Prefix: "203.0.113.0/24"})
	f("ip:2001:db8::1", query.CIDR{Key: ip, Prefix: "2001:db8::1"})
	f("ip:203.0.113.7", field("ip", "203.0.113.7"))
	f(`ip="203.0.113.0/24"`, exact("ip", "203.0.113.0/24"))
	f(`ip:"203.0.113.0/24"`, field("ip", "203.0.113.0/24"))
	f("ip:cloudformation.amazonaws.com", field("ip", "cloudformation.amazonaws.com"))
	f("requestParameters.bucketName:prod-*", path("prod-*", "requestParameters", "bucketName"))
	f("requestparameters.cidrIp:0.0.0.0/0", path("0.0.0.0/0", "requestParameters", "cidrIp"), `requestParameters.cidrIp:"0.0.0.0/0"`)
	f(`requestParameters."aws:x y".z[3].*[*]:v`, path("v", "requestParameters", `"aws:x y"`, "z", "[3]", "*", "[*]"))
	f("useragent:aws-cli*", path("aws-cli*", "userAgent"), "userAgent:aws-cli*")
	f(`"event":x`, path("x", `"event"`))
	f(`"two words" i-0abc123 *0abc1*`, and(query.Word{Text: "two words", Quoted: true}, word("i-0abc123"),
		query.Word{Text: "*0abc1*", Wild: true}))
	f(`"a \"b\" \\ \* c"`, query.Word{Text: `a "b" \ * c`, Quoted: true})
	f(`CORP\bob`, word(`CORP\bob`), `CORP\\bob`)
	f(`user:CORP\bob`, field("user", `CORP\\bob`), `user:CORP\\bob`)
	f(`user=CORP\bob`, exact("user", `CORP\bob`))
	f(`user="evil\u{202e}\n\xff"`, exact("user", "evil\u202e\n\xff"))
	f(`/a\/b c/ raw:/"x":\s*1/`, and(query.Regex{Expr: "a/b c"}, query.Regex{Expr: `"x":\s*1`, Raw: true}))
	f("/aws/lambda/x", word("/aws/lambda/x"))
	f("arn:aws:iam::111122223333:user/bob", word("arn:aws:iam::111122223333:user/bob"))
	f("arn:*user/bob", field("arn", "*user/bob"))
	f("fe80::1 10:15 or", and(word("fe80::1"), word("10:15"), word("or")))
}

func TestParseRanges(t *testing.T) {
	at := func(text string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	f := func(text string, from, to string) {
		t.Helper()
		r, ok := parse(t, text).(query.Range)
		if !ok {
			t.Fatalf("%q is no range", text)
		}
		var want query.Range
		if from != "" {
			want.From = at(from)
		}
		if to != "" {
			want.To = at(to)
		}
		if !r.From.Equal(want.From) || !r.To.Equal(want.To) {
			t.Errorf("%q: [%v, %v), want [%v, %v)", text, r.From, r.To, want.From, want.To)
		}
		if r.String() != text {
			t.Errorf("%q prints %q", text, r)
		}
	}
	f("time:>=2026-07-01T10:00Z", "2026-07-01T10:00:00Z", "")
	f("time:>2026-07-01", "2026-07-02T00:00:00Z", "")
	f("time:<2026-07-01", "", "2026-07-01T00:00:00Z")
	f("time:<=2026-07-01T10:00:05.25+02:00", "", "2026-07-01T08:00:05.26Z")
	f("time:2026-07-01", "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z")
	f("time:2026-07-01T10:15:30Z", "2026-07-01T10:15:30Z", "2026-07-01T10:15:31Z")
	f("time:09:15", "2026-07-15T09:15:00Z", "2026-07-15T09:16:00Z")
	f("time:-2h..now", "2026-07-15T10:30:00Z", "2026-07-15T12:30:00Z")
	f("time:7d", "2026-07-08T12:30:00Z", "")
	f("time:-1d12h..", "2026-07-14T00:30:00Z", "")
	f("time:end-2h", "2026-07-09T22:00:00Z", "")
	f("time:2026-07-01..2026-07-03", "2026-07-01T00:00:00Z", "2026-07-03T00:00:00Z")
	f(`time:"2026-07-01 10:15"`, "2026-07-01T10:15:00Z", "2026-07-01T10:16:00Z")
	f("responseElements.createDate:>=2026-07-01", "2026-07-01T00:00:00Z", "")
}

func TestParseErrors(t *testing.T) {
	f := func(marked, msg, hint string) {
		t.Helper()
		pos := strings.Index(marked, "»")
		rest := strings.Replace(marked, "»", "", 1)
		end := strings.Index(rest, "«")
		text := strings.Replace(rest, "«", "", 1)
		n, err := query.Parse(text, schema(), options())
		var e *query.Error
		if !errors.As(err, &e) {
			t.Fatalf("Parse(%q) = %v, want an error", text, n)
		}
		if e.Pos != pos || e.End != end || !strings.Contains(e.Msg, msg) || !strings.Contains(e.Hint, hint) {
			t.Errorf("Parse(%q):\n got %d-%d %q, hint %q\nwant %d-%d %q, hint %q", text, e.Pos, e.End, e.Msg, e.Hint, pos, end, msg, hint)
		}
	}
	f("event:x »usr«:bob", "no such field: usr", "did you mean user?")
	f("»evnt«:x", "no such field", "did you mean event?")
	f("»princ«=x", "no such field", "did you mean principal?")
	f("»https«://x", "no such field", "quotes")
	f("»finding«:high", "findings are not built yet", "")
	f("»{ $.eventName = x }«", "filter patterns are not built yet", "")
	f("ip:»@iocs.txt«", "lists from a file cannot be read here", "")
	f("user:»«", "user needs a value here", "")
	f("user:»« bob", "user needs a value here", "")
	f("a »OR«", "OR needs something on its right", "")
	f("»OR« a", "OR needs something on its left", "")
	f("a »AND«", "AND needs something on its right", "")
	f("»-« a", "- needs something after it", "")
	f("a »NOT«", "NOT needs something after it", "")
	f("»(«a", "not closed", "")
	f("a»)«", "without an opening one", "")
	f("»()«", "nothing between", "")
	f(`a »"b«`, "not closed", "")
	f(`"a»\q«"`, "unknown escape", "")
	f("readonly:»yes«", "readonly is true or false", "")
	f("time:»yesterday«", "not a time", "-2h")
	f("time:2026-07-01..»x«", "not a time: x", "")
	f("time:»2026-07-02..2026-07-01«", "ends before it begins", "")
	f("account:>»x«", "not a number: x", "")
	f("ip:»10.0.0.0/33«", "not an address range", "")
	f("»/a[/«", "not a regular expression: missing closing ]", "")
	f("»/abc«", "has no end", "")
	f("»raw:x«", "raw takes a regular expression", "")
	f("»a>5«", "needs a colon", "")
	f("a »||« b", "no operator", "write OR")
	f("user»==«bob", "no operator", "field=value")
	f("»!«a", "no operator", "NOT")
	f("foo»(«bar", "parenthesis inside a word", "quotes")
	f("a»\u200b«b", "cannot be seen", `\u{200b}`)
	f("a»\xff«", "not valid UTF-8", "")
	f(strings.Repeat("(", 100)+"»(«a", "more than 100 levels", "")
}
