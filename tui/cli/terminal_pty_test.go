//go:build unix

package cli_test

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

var (
	sgr    = regexp.MustCompile(`\x1b\[([0-9;:]*)m`)
	colour = regexp.MustCompile(`(^|;)(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;|:|$)`)
)

// TestNoColourAtAll: any NO_COLOR that is not empty is obeyed, and the flag: nothing that is sent names a colour.
func TestNoColourAtAll(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 20)
	h.must(t, "sync", "logs", "--quiet")
	looks := map[string][]string{"NO_COLOR=1": nil, "NO_COLOR=yes": nil, "NO_COLOR=0x": nil, "NO_COLOR=true": nil, "": {"--no-color"}}
	for env, args := range looks {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			u := h
			if env != "" {
				u = h.with(env)
			}
			p := u.screen(t, 80, 24, append([]string{"logs"}, args...)...)
			p.wait(`20 events`)
			p.keys("f", "j")
			p.esc()
			p.keys(enter)
			p.wait(`EVENT`)
			p.keys("5")
			p.wait(`FILES`)
			p.keys("2")
			p.wait(`bars of`)
			p.keys("1")
			p.settle()
			p.quit()
			for _, m := range sgr.FindAllSubmatch(p.bytes(), -1) {
				if colour.Match(m[1]) {
					t.Errorf("%q is sent", m[0])
				}
			}
		})
	}
}

// TestOnlyASCII: with --ascii, on the Linux console and without a UTF-8 locale no byte above 0x7E is sent.
func TestOnlyASCII(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.file(t, "logs/1.json", `{"Records":[`+record(1, "zoë-日本", "GetUser", "192.0.2.1")+`]}`)
	h.must(t, "sync", "logs", "--quiet")
	f := func(name string, u *home, args ...string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := u.screen(t, 160, 45, append([]string{"logs"}, args...)...)
			p.wait(`1 events`)
			p.wait(`zo\\u00eb`)
			for _, k := range []string{"2", "4", "5", "1", "?"} {
				p.keys(k)
				p.settle()
			}
			p.esc()
			p.quit()
			if i := slices.IndexFunc(p.bytes(), func(b byte) bool { return b > 0x7e }); i >= 0 {
				t.Errorf("%q is sent", tail(p.bytes()[:i+4], 40))
			}
		})
	}
	f("flag", h, "--ascii")
	f("linux console", h.with("TERM=linux"))
	f("locale", h.with("LANG=C"))
}

// TestCopyRoutes: each key of the copy menu sends exactly its OSC 52, wrapped where it is asked for; what is too long for
// it goes into a file of the user's own.
func TestCopyRoutes(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	long := strings.Repeat("x", 60_000)
	h.file(t, "logs/1.json", `{"Records":[`+record(1, "alice", "GetUser", "192.0.2.1")+`]}`)
	h.file(t, "long/1.json", `{"Records":[`+strings.Replace(record(1, "alice", "GetUser", "192.0.2.1"), `"readOnly"`, `"requestParameters":{"a":"`+long+`"},"readOnly"`, 1)+`]}`)
	plain := func(s string) string { return "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(s)) + "\x07" }
	for _, c := range []struct {
		args []string
		wrap func(string) string
	}{
		{nil, func(s string) string { return s }},
		{[]string{"--osc52", "tmux"}, ansi.TmuxPassthrough},
		{[]string{"--osc52", "screen"}, func(s string) string { return ansi.ScreenPassthrough(s, 768) }},
	} {
		t.Run(fmt.Sprint(c.args), func(t *testing.T) {
			t.Parallel()
			p := h.screen(t, 80, 24, append([]string{"logs", "--no-state"}, c.args...)...)
			p.wait(`1 events`)
			for key, want := range map[string]string{
				"y": record(1, "alice", "GetUser", "192.0.2.1"), "i": "00000000-0000-4000-8000-000000000001",
				"a": "arn:aws:iam::111122223333:user/alice", "v": "GetUser", "k": "event", "c": "trailsift search --in logs",
			} {
				p.keys("y", key)
				p.until("never sends what y"+key+" copies", func() bool { return strings.Contains(string(p.bytes()), c.wrap(plain(want))) })
				p.wait(`sent to the terminal \(OSC 52`)
			}
			p.quit()
		})
	}
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		p := h.screen(t, 160, 24, "long", "--no-state")
		p.wait(`1 events`)
		p.keys("y", "y")
		p.wait(`too long for the clipboard, [0-9,]+ bytes written to \S+trailsift-\d+\.txt`)
		path := regexp.MustCompile(`/\S+trailsift-\d+\.txt`).FindString(p.text())
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 || info.Size() < 60_000 {
			t.Errorf("%s: mode %o, %d bytes", path, info.Mode().Perm(), info.Size())
		}
		p.quit()
		if strings.Contains(string(p.bytes()), "\x1b]52") {
			t.Error("it was sent all the same")
		}
	})
}

// TestNoStateWritesNothing: with --no-state all files of the user are afterwards what they were, but for nothing more.
func TestNoStateWritesNothing(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 20)
	before := tree(t, h.dir)
	p := h.screen(t, 80, 24, "logs", "--no-state")
	p.wait(`20 events`)
	p.keys(" ", "T", "W", "=", "m", "note", enter)
	p.settle()
	p.quit()
	if after := tree(t, h.dir); !slices.Equal(before, after) {
		t.Errorf("before: %q\nafter: %q", before, after)
	}
}

// tree is all files of a folder with their sizes.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		size := int64(0)
		if err == nil && !d.IsDir() {
			size = info.Size()
		}
		all = append(all, fmt.Sprint(path, " ", size))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestStopAndContinue: stopped and continued from outside, the program goes on where it was. Where no shell could continue
// it, ctrl+z says so instead of waiting for ever.
func TestStopAndContinue(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 20)
	p := h.screen(t, 80, 24, "logs")
	p.wait(`20 events`)
	p.keys("\x1a")
	p.wait(`no shell runs below`)
	for _, s := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		if err := p.cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	p.keys("/user:alice", enter)
	p.wait(`/ user:alice +7 match`)
	p.keys(ctrlL)
	p.settle()
	p.wait(`/ user:alice +7 match`)
	p.quit()
}

// TestSuspend: below a shell ctrl+z gives the terminal back as it was, and fg brings the screen back whole.
func TestSuspend(t *testing.T) {
	t.Parallel()
	bash, err := os.Stat("/bin/bash")
	if err != nil || bash.IsDir() {
		t.Skip("no bash here")
	}
	h := newHome(t)
	h.logs(t, 20)
	c := h.command("logs")
	c.Path, c.Args = "/bin/bash", []string{"bash", "--norc", "--noprofile", "-i"}
	c.Env = append(c.Env, "PS1=PROMPT> ")
	p := start(t, c, 80, 24, &syscall.SysProcAttr{Setsid: true, Setctty: true})
	p.wait(`PROMPT>`)
	p.keys("trailsift logs\r")
	p.wait(`20 events`)
	p.settle()
	p.keys("\x1a")
	p.wait(`Stopped +trailsift logs`)
	p.until("the shell never has the terminal back", func() bool { return !p.emu.IsAltScreen() })
	p.keys("fg\r")
	p.until("the screen never comes back", p.emu.IsAltScreen)
	p.wait(`20 events`)
	p.wait(`q back|\? help`)
	p.keys("q")
	p.until("the screen is not left", func() bool { return !p.emu.IsAltScreen() })
	p.keys("exit\r")
	p.exit()
	p.restored()
}

// TestFramesInOneGo: a terminal that says it can take frames in one go gets them so. Over SSH it is asked only after it
// told its name: some terminals print the question.
func TestFramesInOneGo(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 20)
	ask := "\x1b[?2026$p"
	for _, ssh := range []string{"", "SSH_TTY=/dev/pts/0"} {
		u := h
		if ssh != "" {
			u = h.with(ssh)
		}
		p := u.screen(t, 80, 24, "logs", "--no-state")
		p.wait(`20 events`)
		p.settle()
		if asked := strings.Contains(string(p.bytes()), ask); ssh != "" && asked && !strings.Contains(string(p.bytes()), "\x1b[>0q") {
			t.Errorf("over SSH the terminal is asked before it told its name")
		}
		if ssh != "" {
			p.keys("\x1bP>|xterm(390)\x1b\\") // its name
		}
		p.until("the terminal is never asked", func() bool { return strings.Contains(string(p.bytes()), ask) })
		p.keys("\x1b[?2026;2$y") // it knows how
		p.settle()
		n := len(p.bytes())
		p.keys("j", "k")
		p.until("no frame comes in one go", func() bool {
			out := string(p.bytes()[n:])
			return strings.Contains(out, "\x1b[?2026h") && strings.Contains(out, "\x1b[?2026l")
		})
		p.quit()
	}
}
