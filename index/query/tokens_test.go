package query_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/source"
)

func TestFold(t *testing.T) {
	var k query.Folder
	f := func(text, want string) {
		t.Helper()
		got := k.Fold([]byte(text))
		if string(got) != want {
			t.Errorf("%q folds to %q, not %q", text, got, want)
		}
		if pad := got[len(got) : len(got)+8]; !bytes.Equal(pad, make([]byte, 8)) {
			t.Errorf("behind %q stands %q", text, pad)
		}
	}
	f("", "")
	f("i-0abc_1234", "I\x000ABC_1234")
	f("arn:aws:s3:::b/ and more than sixty-four bytes of text to grow", "ARN\x00AWS\x00S3\x00\x00\x00B\x00\x00AND\x00MORE\x00THAN\x00SIXTY\x00FOUR\x00BYTES\x00OF\x00TEXT\x00TO\x00GROW")
	f("Élan é", "ÉLAN\x00É")
	f("\u212aelvin", "KELVIN")
	f("a\xffb", "A\x00B")
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
	f("a.b:x-y", query.Evidence{All: []query.Evidence{{Tokens: []string{"A"}}, {Tokens: []string{"B"}}, {Tokens: []string{"X", "Y"}, Whole: "X\x00Y"}}})
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

// tokensOf are the keys and values of a record, folded.
func tokensOf(raw []byte) (texts []string) {
	var k query.Folder
	_ = source.Walk(raw, func(path []source.Step, v source.Scalar) bool {
		for _, s := range path {
			texts = append(texts, string(k.Fold(s.Key)))
		}
		texts = append(texts, string(k.Fold(v.Text)))
		return true
	})
	return texts
}

func holds(e query.Evidence, texts []string) bool {
	for _, kid := range e.All {
		if !holds(kid, texts) {
			return false
		}
	}
	if len(e.Any) > 0 && !slices.ContainsFunc(e.Any, func(kid query.Evidence) bool { return holds(kid, texts) }) {
		return false
	}
	return len(e.Tokens) == 0 || slices.ContainsFunc(texts, func(text string) bool {
		tokens := strings.Split(text, "\x00")
		return !slices.ContainsFunc(e.Tokens, func(want string) bool { return !slices.Contains(tokens, want) }) &&
			(e.Whole == "" || e.Whole == text)
	})
}
