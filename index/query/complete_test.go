package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index/query"
)

// known are the values of the tests, most frequent first.
func known(field, prefix string, limit int) (out []query.Value) {
	all := map[string][]query.Value{
		"user":     {{"alice", 40}, {"ci bot", 9}, {`CORP\al*`, 2}, {"root", 1}},
		"event":    {{"GetObject", 70}, {"DeleteTrail", 2}},
		"readonly": {{"true", 60}, {"false", 5}},
	}
	for _, v := range all[field] {
		if len(out) < limit && strings.HasPrefix(strings.ToLower(v.Text), strings.ToLower(prefix)) {
			out = append(out, v)
		}
	}
	return out
}

// complete gives the text with «» around what an item replaces, and the items' inserts.
func complete(marked string) (where string, inserts []string) {
	cursor := strings.Index(marked, "|")
	text := marked[:cursor] + marked[cursor+1:]
	c := query.Complete(text, cursor, schema(), known)
	for _, it := range c.Items {
		insert := it.Insert
		if it.Count > 0 {
			insert = fmt.Sprintf("%s %d", insert, it.Count)
		}
		inserts = append(inserts, insert)
	}
	return text[:c.From] + "«" + text[c.From:c.To] + "»" + text[c.To:], inserts
}

func TestComplete(t *testing.T) {
	f := func(marked, where string, want ...string) {
		t.Helper()
		got, inserts := complete(marked)
		if diff := cmp.Diff(want, inserts); diff != "" || got != where {
			t.Errorf("%s: replaces %s, want %s; items (-want +got)\n%s", marked, got, where, diff)
		}
	}
	f("se|", "«se»", "service:", "session:", "serviceEventDetails:", "sessionCredentialFromConsole:")
	f("eventN|", "«eventN»", "event:")
	f("who|", "«who»", "user:")
	f("-ser|", "-«ser»", "service:", "serviceEventDetails:")
	f("(acc|)", "(«acc»)", "account:", "key:", "accountId:")
	f("us|er:bob", "«user»:bob", "user", "userIdentity", "userAgent")
	f("event:x us|er=bob", "event:x «user»=bob", "user", "userIdentity", "userAgent")
	f("user:|", "user:«»", "alice 40", `"ci bot" 9`, `CORP\\al\* 2`, "root 1")
	f("user=|", "user=«»", "alice 40", `"ci bot" 9`, `CORP\al* 2`, "root 1")
	f("user:al|", "user:«al»", "alice 40")
	f("user:|bob", "user:«bob»", "alice 40", `"ci bot" 9`, `CORP\\al\* 2`, "root 1")
	f("WHO!=al|ice x", "WHO!=«alice» x", "alice 40")
	f("-user:AL|", "-user:«AL»", "alice 40")
	f(`user:"ci b|`, `user:«"ci b»`, `"ci bot" 9`)
	f(`user:"ci b| x`, `user:«"ci b» x`, `"ci bot" 9`)
	f(`user:"ci| bot" x`, `user:«"ci bot"» x`, `"ci bot" 9`)
	f(`user:*oo|`, `user:«*oo»`)
	f(`user:*ro|`, `user:«*ro»`, "root 1")
	f("user:(alice OR ro|)", "user:(alice OR «ro»)", "root 1")
	f("user:(alice O|", "user:(alice «O»", "OR ")
	f("user:(alice -(ro|", "user:(alice -(«ro»", "root 1")
	f("user:(alice) De|", "user:(alice) «De»")
	f("(user:al|ice OR event:x)", "(user:«alice» OR event:x)", "alice 40")
	f("readonly:|", "readonly:«»", "true 60", "false 5")
	f("a O|", "a «O»", "OR ")
	f("O|", "«O»")
	f("a OR N|", "a OR «N»", "event:", "NOT ")
	f("time:e|", "time:«e»", "end-1h", "end-1d")
	f("time:-2|", "time:«-2»", "-24h")
	f("requestParameters.bucketName:x|", "requestParameters.bucketName:«x»")
	f(`"two wo|`, `«"two wo»`)
	f("ip:10.0.0.1 |", "ip:10.0.0.1 «»", append(allFields(), "OR ", "AND ", "NOT ")...)
	f("a |  b", "a «»  b", append(allFields(), "OR", "AND", "NOT")...)
	f("|", "«»", append(allFields(), "NOT ")...)
}

func allFields() (out []string) {
	for _, f := range schema() {
		out = append(out, f.Name+":")
	}
	return out
}

func TestCompletedValuesKeepExactlyThatValue(t *testing.T) {
	for _, v := range []string{"alice", "ci bot", `CORP\al*`, "-x", "OR", "a\u202eb", "\xff", `"`, ">5", "@x", "1..2", "", "10.0.0.0/8"} {
		for _, op := range []string{":", "=", ":(", "=("} {
			c := query.Complete("user"+op, len("user"+op), schema(), func(string, string, int) []query.Value {
				return []query.Value{{Text: v, Count: 1}}
			})
			text := "user" + op + c.Items[0].Insert + strings.Repeat(")", strings.Count(op, "("))
			n := parse(t, text)
			if !query.Eval(n, record{fields: map[string][]string{"user": {v}}}) || query.Eval(n, record{fields: map[string][]string{"user": {v + "x"}}}) {
				t.Errorf("%s does not keep exactly %q", text, v)
			}
		}
	}
}

func FuzzComplete(f *testing.F) {
	f.Add(`user:(alice OR "ci`, 4)
	f.Add(`-(a b:"x\`, 9)
	f.Fuzz(func(t *testing.T, text string, cursor int) {
		c := query.Complete(text, cursor, schema(), known)
		if c.From < 0 || c.From > c.To || c.To > len(text) {
			t.Fatalf("replaces %d to %d of %d bytes", c.From, c.To, len(text))
		}
	})
}
