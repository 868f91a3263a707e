package source

import (
	"os"
	"strings"
	"testing"
)

func TestEveryShapeIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/shapes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, shape := range allShapes() {
		if !strings.Contains(string(text), shape.name) && !strings.Contains(strings.ToLower(string(text)), strings.ToLower(shape.name)) {
			t.Errorf("docs/shapes.md does not tell of %q", shape.name)
		}
	}
}
