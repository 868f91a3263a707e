package cli_test

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/trailsift/trailsift/tui/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"trailsift": func() {
			env := cli.System("test")
			env.FollowEvery, _ = time.ParseDuration(os.Getenv("TRAILSIFT_TEST_FOLLOW"))
			os.Exit(cli.Run(os.Args[1:], env))
		},
	})
}

// TestStories runs the user stories of testdata/script, one file each. A story has a home of its own and no AWS.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("XDG_DATA_HOME", filepath.Join(e.WorkDir, "data"))
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			e.Setenv("AWS_CONFIG_FILE", filepath.Join(e.WorkDir, "aws-config"))
			e.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(e.WorkDir, "aws-credentials"))
			e.Setenv("LANG", "C.UTF-8")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "gz": gz, "append": appendTo, "truncate": truncate, "noraw": noRaw,
		},
	})
}

// exits runs a command and checks its exit code: exits CODE trailsift ARG…
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	want, code := args[0], "0"
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != want {
		ts.Fatalf("exit code %s, want %s", code, want)
	}
}

// gz compresses files in place: FILE becomes FILE.gz.
func gz(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		content := ts.ReadFile(name)
		f, err := os.Create(ts.MkAbs(name) + ".gz")
		ts.Check(err)
		z := gzip.NewWriter(f)
		_, err = z.Write([]byte(content))
		ts.Check(err)
		ts.Check(z.Close())
		ts.Check(f.Close())
		ts.Check(os.Remove(ts.MkAbs(name)))
	}
}

// appendTo adds the content of the second file to the first.
func appendTo(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.WriteString(ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Check(f.Close())
}

// truncate cuts a file to half its size.
func truncate(ts *testscript.TestScript, _ bool, args []string) {
	fi, err := os.Stat(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), fi.Size()/2))
}

// noRaw fails where a file (or stdout, stderr) holds a byte or character that could drive a terminal.
func noRaw(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		for i, r := range ts.ReadFile(name) {
			bad := r < 0x20 && r != '\n' || r >= 0x7f && r <= 0x9f || r >= 0x200b && r <= 0x200f ||
				r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x2069 || r == 0xfeff
			if bad {
				ts.Fatalf("%s: %U at byte %d", name, r, i)
			}
		}
	}
}
