package query_test

import (
	"os"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/index/query"
)

// The examples of the documentation are queries, and print as they stand there.
func TestDocumentedExamples(t *testing.T) {
	text, err := os.ReadFile("../../docs/query.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```query\n")
	block, _, closed := strings.Cut(rest, "```")
	if !ok || !closed {
		t.Fatal("no block of examples")
	}
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		n, err := query.Parse(line, schema(), options())
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := strings.ReplaceAll(n.String(), "-error:*", "NOT error:*"); got != line {
			t.Errorf("%s prints %s", line, got)
		}
	}
}
