package cli_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/tui/cli"
)

// TestReadmeWalk runs the lines that lead to the culprit in the README and looks for what each promises after "#".
func TestReadmeWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("brings the whole demo in")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)<!-- walk -->\n```\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("the README has no walk")
	}
	lines := strings.Split(strings.TrimSpace(string(block[1])), "\n")
	if len(lines) != 10 {
		t.Errorf("the walk has %d lines, want 10", len(lines))
	}
	home := t.TempDir()
	for _, line := range lines {
		command, promise, ok := strings.Cut(line, "#")
		words := strings.Fields(command)
		if !ok || len(words) < 2 || words[0] != "trailsift" {
			t.Fatalf("not a line of the walk: %s", line)
		}
		var out, errs bytes.Buffer
		code := cli.Run(words[1:], cli.Env{
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, StdoutTTY: true, Width: 200,
			Getenv: func(name string) string { return map[string]string{"XDG_DATA_HOME": home, "LANG": "C.UTF-8"}[name] },
			Now:    time.Now, Version: "test",
		})
		if code != 0 {
			t.Fatalf("%s: exit code %d\n%s", command, code, errs.String())
		}
		for want := range strings.SplitSeq(promise, ", ") {
			if want = strings.TrimSpace(want); !strings.Contains(out.String(), want) {
				t.Errorf("%s: no %q in\n%s", command, want, out.String())
			}
		}
	}
}
