package cli_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source/aws"
	"github.com/trailsift/trailsift/tui/cli"
)

// The page in docs, the help and the table of operations are one. UPDATE_DOCS=1 writes the page.
func TestPermissionsPage(t *testing.T) {
	const page = "../../docs/permissions.md"
	want := cli.Permissions()
	if os.Getenv("UPDATE_DOCS") != "" {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the table of operations gives: UPDATE_DOCS=1 go test ./tui/cli -run PermissionsPage", page)
	}
	u := newUser(t)
	if help := u.ok("help", "permissions"); !strings.HasPrefix(help, want) {
		t.Errorf("help permissions is another text:\n%.300s", help)
	}
	if help := u.ok("help"); !strings.Contains(help, "permissions") {
		t.Error("help does not name the topic")
	}
}

// Each policy is one that IAM would take, and together they allow every action of the table.
func TestPoliciesAreWhole(t *testing.T) {
	allowed := map[string]bool{}
	for i, part := range strings.Split(cli.Permissions(), "```json\n") {
		if i == 0 {
			continue
		}
		text, _, _ := strings.Cut(part, "```")
		var policy struct {
			Version   string
			Statement []struct {
				Sid, Effect, Resource string
				Action                []string
			}
		}
		if err := json.Unmarshal([]byte(text), &policy); err != nil || policy.Version != "2012-10-17" || len(policy.Statement) == 0 {
			t.Errorf("%v in %s", err, text)
		}
		for _, s := range policy.Statement {
			if s.Effect != "Allow" || s.Sid == "" || s.Resource == "" || len(s.Action) == 0 {
				t.Errorf("%+v", s)
			}
			for _, a := range s.Action {
				allowed[a] = true
			}
		}
	}
	for _, o := range aws.Operations() {
		if o.Action != "" && !allowed[o.Action] {
			t.Errorf("no policy allows %s", o.Action)
		}
	}
}
