//go:build unix

package cli_test

import (
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// patience is how long a screen or an end is waited for. It is never waited out where all is well.
const patience = 15 * time.Second

// A home is a user of its own: folders, environment, no AWS.
type home struct {
	dir string
	env map[string]string
}

func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	return &home{dir: dir, env: map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": dir, "TMPDIR": dir, "LANG": "C.UTF-8", "TZ": "UTC",
		"TERM": "xterm-256color", "COLORTERM": "truecolor",
		"XDG_DATA_HOME": filepath.Join(dir, "data"), "XDG_STATE_HOME": filepath.Join(dir, "state"),
		"XDG_CONFIG_HOME":           filepath.Join(dir, "config"),
		"AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE":           filepath.Join(dir, "aws-config"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(dir, "aws-credentials"),
	}}
}

// with is the same user with other variables: NAME=VALUE, or NAME= to take one away.
func (h *home) with(vars ...string) *home {
	env := maps.Clone(h.env)
	for _, v := range vars {
		name, value, _ := strings.Cut(v, "=")
		if env[name] = value; value == "" {
			delete(env, name)
		}
	}
	return &home{h.dir, env}
}

// file writes a file below the user's folder.
func (h *home) file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func (h *home) command(args ...string) *exec.Cmd {
	c := exec.Command("trailsift", args...)
	c.Dir = h.dir
	for name, value := range h.env {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// run runs a command without a terminal.
func (h *home) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs strings.Builder
	c := h.command(args...)
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// must is run for a command that ends well.
func (h *home) must(t *testing.T, args ...string) string {
	t.Helper()
	out, errs, code := h.run(t, args...)
	if code != 0 {
		t.Fatalf("trailsift %q: exit code %d\n%s%s", args, code, out, errs)
	}
	return out
}

// A terminal is the program in a pseudo-terminal, as its controlling terminal, behind an emulator.
type terminal struct {
	t    *testing.T
	tty  *os.File
	cmd  *exec.Cmd
	emu  *vt.SafeEmulator
	read chan struct{} // closed when the program wrote its last byte

	mu      sync.Mutex
	written []byte
	last    time.Time // of the last byte
}

// screen runs a command in a terminal of w by h cells.
func (h *home) screen(t *testing.T, w, height int, args ...string) *terminal {
	t.Helper()
	return start(t, h.command(args...), w, height, &syscall.SysProcAttr{Setsid: true, Setctty: true})
}

// start is screen for a command whose streams may be set already, and with a choice of whether the terminal is the
// controlling one.
func start(t *testing.T, c *exec.Cmd, w, height int, attr *syscall.SysProcAttr) *terminal {
	t.Helper()
	if testing.Short() {
		t.Skip("waits for a screen as a person would; too slow under the race detector")
	}
	p := &terminal{t: t, cmd: c, emu: vt.NewSafeEmulator(w, height), read: make(chan struct{})}
	tty, err := pty.StartWithAttrs(c, &pty.Winsize{Cols: uint16(w), Rows: uint16(height)}, attr)
	if err != nil {
		t.Skip("no pseudo-terminal here: ", err)
	}
	p.tty, p.last = tty, time.Now()
	go func() { _, _ = io.Copy(tty, p.emu) }() // what the terminal answers when it is asked
	go p.drain()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.read
		_ = p.cmd.Wait()
		tty.Close()
	})
	return p
}

func (p *terminal) drain() {
	defer close(p.read)
	buf := make([]byte, 64<<10)
	for {
		n, err := p.tty.Read(buf)
		if n > 0 {
			_, _ = p.emu.Write(buf[:n])
			p.mu.Lock()
			p.written = append(p.written, buf[:n]...)
			p.last = time.Now()
			p.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// bytes is all that the program wrote.
func (p *terminal) bytes() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.written)
}

// lines are the rows of the screen, without blanks at their ends.
func (p *terminal) lines() []string {
	// Of what the emulator offers only Render may be called while it is written to.
	lines := make([]string, p.emu.Height())
	for y, line := range strings.Split(ansi.Strip(p.emu.Render()), "\n") {
		if y < len(lines) {
			lines[y] = strings.TrimRight(line, " \r")
		}
	}
	return lines
}

func (p *terminal) text() string { return strings.Join(p.lines(), "\n") }

// wait waits until the screen matches an expression.
func (p *terminal) wait(expr string) {
	p.t.Helper()
	re := regexp.MustCompile(expr)
	p.until("the screen never shows "+expr, func() bool { return re.MatchString(p.text()) })
}

// gone waits until the screen matches an expression no more.
func (p *terminal) gone(expr string) {
	p.t.Helper()
	re := regexp.MustCompile(expr)
	p.until("the screen goes on showing "+expr, func() bool { return !re.MatchString(p.text()) })
}

func (p *terminal) until(what string, done func() bool) {
	p.t.Helper()
	for end := time.Now().Add(patience); !done(); time.Sleep(4 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("%s:\n%s", what, p.text())
		}
	}
}

// settle waits until nothing was written for a moment.
func (p *terminal) settle() {
	p.t.Helper()
	start := time.Now()
	p.until("the program never stops writing", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return time.Since(p.last) > 50*time.Millisecond && time.Since(start) > 50*time.Millisecond
	})
}

// keys types.
func (p *terminal) keys(keys ...string) {
	p.t.Helper()
	for _, k := range keys {
		if _, err := p.tty.WriteString(k); err != nil {
			p.t.Fatalf("type %q: %v", k, err)
		}
	}
}

const (
	enter = "\r"
	tab   = "\t"
	down  = "\x1b[B"
	pgdn  = "\x1b[6~"
	ctrlC = "\x03"
	ctrlL = "\x0c"
)

// esc types one escape and waits for the time after which it is no longer the beginning of a sequence.
func (p *terminal) esc() {
	p.t.Helper()
	p.keys("\x1b")
	time.Sleep(70 * time.Millisecond)
	p.settle()
}

func (p *terminal) resize(w, h int) {
	p.t.Helper()
	p.emu.Resize(w, h)
	if err := pty.Setsize(p.tty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		p.t.Fatal(err)
	}
}

// exit waits for the end of the program and gives its exit code.
func (p *terminal) exit() int {
	p.t.Helper()
	select {
	case <-p.read:
	case <-time.After(patience):
		p.t.Fatalf("the program does not end:\n%s", p.text())
	}
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

// running fails the test where the program has ended.
func (p *terminal) running() {
	p.t.Helper()
	select {
	case <-p.read:
		p.t.Fatalf("the program has ended; it last wrote %q", tail(p.bytes(), 400))
	default:
	}
}

func tail(b []byte, n int) []byte { return b[max(len(b)-n, 0):] }

// quit leaves by q, checks the exit code and that the terminal is as it was.
func (p *terminal) quit() {
	p.t.Helper()
	for range 8 {
		select {
		case <-p.read:
		case <-time.After(150 * time.Millisecond):
			_, _ = p.tty.WriteString("q")
			continue
		}
		break
	}
	if code := p.exit(); code != 0 {
		p.t.Errorf("exit code %d after q", code)
	}
	p.restored()
}

var (
	modeSet   = regexp.MustCompile(`\x1b\[\?([0-9;]+)([hl])`)
	kittyPush = regexp.MustCompile(`\x1b\[>[0-9;]*u`)
	kittyPop  = regexp.MustCompile(`\x1b\[<[0-9]*u`)
	otherKeys = regexp.MustCompile(`\x1b\[>4(;[0-9]+)?m`)
)

// restored checks that the terminal is as it was before: main screen, cursor shown, each mode off that was switched on
// (paste, mouse), keyboard and title left alone.
func (p *terminal) restored() {
	p.t.Helper()
	out := p.bytes()
	before := map[string]bool{"7": true, "25": true} // lines wrap, the cursor is shown
	on := maps.Clone(before)
	for _, m := range modeSet.FindAllSubmatch(out, -1) {
		for mode := range strings.SplitSeq(string(m[1]), ";") {
			on[mode] = m[2][0] == 'h'
		}
	}
	for mode, set := range on {
		if set != before[mode] {
			p.t.Errorf("mode %s is left %v; the last bytes: %q", mode, set, tail(out, 200))
		}
	}
	if a, b := len(kittyPush.FindAll(out, -1)), len(kittyPop.FindAll(out, -1)); a > b {
		p.t.Errorf("keyboard modes were pushed %d times and popped %d times", a, b)
	}
	if all := otherKeys.FindAllSubmatch(out, -1); len(all) > 0 && len(all[len(all)-1][1]) > 1 && string(all[len(all)-1][1]) != ";0" {
		p.t.Errorf("modifyOtherKeys is left at %q", all[len(all)-1][0])
	}
	if p.emu.IsAltScreen() {
		p.t.Error("the alternate screen is left on")
	}
	if regexp.MustCompile(`\x1b\][012];`).Match(out) {
		p.t.Error("the title of the terminal was changed")
	}
}

// tookScreen reports whether the alternate screen was ever on.
func (p *terminal) tookScreen() bool { return strings.Contains(string(p.bytes()), "\x1b[?1049h") }

// record is one believable record; fields beyond the first are set by the caller.
func record(i int, user, event, ip string) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":%q,"arn":"arn:aws:iam::111122223333:user/%s"},`+
		`"eventTime":%q,"eventSource":"iam.amazonaws.com","eventName":%q,"awsRegion":"us-east-1","sourceIPAddress":%q,`+
		`"eventID":"00000000-0000-4000-8000-%012d","readOnly":true,"recipientAccountId":"111122223333"}`,
		user, user, time.Date(2026, 3, 5, 0, i, 0, 0, time.UTC).Format(time.RFC3339), event, ip, i)
}

// logs writes a folder "logs" of n records in files of 50: the users alice, bob and carol in turn.
func (h *home) logs(t *testing.T, n int) {
	t.Helper()
	users, events := []string{"alice", "bob", "carol"}, []string{"ListUsers", "GetUser", "CreateUser", "ListRoles"}
	var records []string
	for i := range n {
		records = append(records, record(i, users[i%3], events[i%4], fmt.Sprintf("192.0.2.%d", i%5)))
		if len(records) == 50 || i == n-1 {
			h.file(t, fmt.Sprintf("logs/%04d.json", i), `{"Records":[`+strings.Join(records, ",\n")+`]}`)
			records = records[:0]
		}
	}
}
