package query_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

func TestTokens(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		var k query.Tokenizer
		var got []string
		k.Each([]byte(text), func(token []byte) { got = append(got, string(token)) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", text, diff)
		}
	}
	f("")
	f("--")
	f("i-0abc_1234", "I", "0ABC_1234")
	f("arn:aws:s3:::b/", "ARN", "AWS", "S3", "B")
	f("Élan é", "ÉLAN", "É")
	f("\u212aelvin", "KELVIN")
	f("a\xffb", "A", "B")
}

// TestEvidence: what a query needs is asked by whole tokens only, and nothing is asked where an identifier could do.
func TestEvidence(t *testing.T) {
	f := func(text string, want query.Evidence) {
		t.Helper()
		if diff := cmp.Diff(want, query.EvidenceOf(parse(t, text))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", text, diff)
		}
	}
	f("i-0abc123", query.Evidence{Tokens: []string{"I", "0ABC123"}})
	f("0abc-12", query.Evidence{Tokens: []string{"0ABC", "12"}, ID: "0abc-12"})
	f("prod*", query.Evidence{})
	f("abc*-1234", query.Evidence{})
	f("prod-*-logs", query.Evidence{Tokens: []string{"PROD", "LOGS"}})
	f("a.b:x-y*", query.Evidence{All: []query.Evidence{{Tokens: []string{"A"}}, {Tokens: []string{"B"}}, {Tokens: []string{"X"}}}})
	f("a.b:*", query.Evidence{All: []query.Evidence{{Tokens: []string{"A"}}, {Tokens: []string{"B"}}}})
	f("/x-(one|two)-prod-y/", query.Evidence{Tokens: []string{"PROD"}})
	f("raw:/prod-x-y/", query.Evidence{})
	f("one-x OR *", query.Evidence{})
	f("-prod", query.Evidence{})
}

// TestEvidenceOfWhatMatches: a record that matches holds what the query needs.
func TestEvidenceOfWhatMatches(t *testing.T) {
	g := newGenerator(11)
	asked := 0
	for range 20_000 {
		n, r := parse(t, g.query(g.IntN(3), true)), g.record()
		e := query.EvidenceOf(n)
		if e.IsEmpty() || !query.Eval(n, r) {
			continue
		}
		asked++
		if texts := tokensOf(r.Raw()); !holds(e, texts) {
			t.Fatalf("%s needs %v, but matches %s", n, e, r.Raw())
		}
	}
	if asked < 500 {
		t.Errorf("only %d queries matched and needed something", asked)
	}
}

// tokensOf are the tokens of each key and value of a record.
func tokensOf(raw []byte) (texts [][]string) {
	var k query.Tokenizer
	add := func(text []byte) {
		var tokens []string
		k.Each(text, func(token []byte) { tokens = append(tokens, string(token)) })
		texts = append(texts, tokens)
	}
	_ = source.Walk(raw, func(path []source.Step, v source.Scalar) bool {
		for _, s := range path {
			add(s.Key)
		}
		add(v.Text)
		return true
	})
	return texts
}

func holds(e query.Evidence, texts [][]string) bool {
	for _, kid := range e.All {
		if !holds(kid, texts) {
			return false
		}
	}
	if len(e.Any) > 0 && !slices.ContainsFunc(e.Any, func(kid query.Evidence) bool { return holds(kid, texts) }) {
		return false
	}
	return len(e.Tokens) == 0 || slices.ContainsFunc(texts, func(tokens []string) bool {
		return !slices.ContainsFunc(e.Tokens, func(want string) bool { return !slices.Contains(tokens, want) })
	})
}
