package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailsift/trailsift/tui/cli"
)

// A user runs commands in this process, with a home of its own. Standard output is no terminal.
type user struct {
	t     *testing.T
	store string // --index of every command; "": the store of the places
	now   time.Time
}

// A said is what a command printed and its exit code.
type said struct {
	args        []string
	code        int
	out, stderr string
}

// newUser gives a user without AWS credentials and without a store.
func newUser(t *testing.T) *user {
	t.Helper()
	home := t.TempDir()
	for name, value := range map[string]string{
		"XDG_DATA_HOME": filepath.Join(home, "data"), "XDG_STATE_HOME": filepath.Join(home, "state"),
		"TRAILSIFT_INDEX": "", "AWS_PROFILE": "", "AWS_ENDPOINT_URL": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE":             filepath.Join(home, "no-config"),
		"AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "no-credentials"),
	} {
		t.Setenv(name, value)
	}
	return &user{t: t, now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
}

// run runs a command line.
func (u *user) run(args ...string) said {
	var out, stderr bytes.Buffer
	if u.store != "" {
		args = append(args, "--index", u.store)
	}
	code := cli.Run(args, cli.Env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr,
		Getenv: os.Getenv, Now: func() time.Time { return u.now }, Version: "test",
	})
	return said{args, code, out.String(), stderr.String()}
}

// ok runs a command that must succeed and gives its standard output.
func (u *user) ok(args ...string) string {
	u.t.Helper()
	s := u.run(args...)
	if s.code != 0 {
		u.t.Fatalf("%q: exit code %d, standard error:\n%s", s.args, s.code, s.stderr)
	}
	return s.out
}

// decode reads the JSON document that a command printed.
func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

// A synced is the end of sync --format json, as far as it is checked.
type synced struct {
	Files, Events, Held, Duplicates, Conflicts, Salvaged, Untimed int
	SkippedRecords                                                int `json:"skipped_records"`
	SkippedFiles                                                  int `json:"skipped_files"`
	IgnoredFiles                                                  int `json:"ignored_files"`
	Ignored                                                       map[string]int
	Complete                                                      bool
	Problems                                                      []struct{ File, Reason string }
	Hints                                                         []string
}

// sync brings places in, which must end with code.
func (u *user) sync(code int, args ...string) synced {
	u.t.Helper()
	s := u.run(append([]string{"sync", "--format", "json"}, args...)...)
	if s.code != code {
		u.t.Fatalf("%q: exit code %d, want %d, standard error:\n%s%s", s.args, s.code, code, s.stderr, s.out)
	}
	return decode[synced](u.t, s.out)
}

// lines splits text into its lines.
func lines(text string) []string {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
