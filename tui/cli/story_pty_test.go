//go:build unix

package cli_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestExplore is the way of a user through the panes, at the sizes of a small and a large terminal.
func TestExplore(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {160, 45}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			explore(t, size[0], size[1])
		})
	}
}

func explore(t *testing.T, w, height int) {
	t.Helper()
	h := newHome(t)
	h.logs(t, 300)
	p := h.screen(t, w, height, "logs")
	p.wait(`300 events`)
	if !p.emu.IsAltScreen() {
		t.Error("the panes are not on the alternate screen")
	}

	// The filter answers as it is typed; what is completed is taken by tab.
	p.keys("/user:al")
	p.wait(`> alice +100`)
	p.keys(tab)
	p.wait(`/ user:alice +100 match`)
	p.keys(enter)
	p.gone(`enter keep`)

	// Keep, drop and undo from the list, about the value under the cursor.
	p.keys("=")
	p.wait(`/ user:alice event=\w+ +25 match`)
	p.keys("u")
	p.wait(`/ user:alice +100 match`)
	p.keys("!")
	p.wait(`/ user:alice event!=\w+ +75 match`)
	p.keys("u")
	p.wait(`/ user:alice +100 match`)

	// A record: fold, keep, undo, back.
	p.keys(enter)
	p.wait(`EVENT \w+ +2026-03-05 \d\d:\d\d:00 UTC +alice`)
	p.wait(`"arn:aws:iam::111122223333:user/alice"`)
	p.keys("/sourceIP", enter)
	p.wait(`\$\.sourceIPAddress`)
	p.keys("=")
	p.wait(`user:alice ip=192\.0\.2\.\d`)
	p.keys("u")
	p.gone(`user:alice ip=192\.0\.2\.\d`)
	p.keys("q")
	p.settle()
	p.keys("q")
	p.wait(`/ user:alice +100 match`)

	// Help: every key of the pane, narrowed by typing.
	p.keys("?")
	p.wait(`HELP +type to narrow`)
	p.keys("undo the")
	p.wait(`undo the last change`)
	p.gone(`next pane`)
	p.esc()
	p.gone(`HELP`)

	// The other views; what is not built says so.
	p.keys("2")
	p.wait(`bars of \d+ min`)
	p.keys("3")
	p.wait(`Findings are not built yet`)
	p.keys("4")
	p.wait(`integrity not checked`)
	p.keys("5")
	p.wait(`FILES +\[all 6\]`)
	p.wait(`0299\.json`)
	p.keys("1")
	p.wait(`/ user:alice +100 match`)

	// Escape leads out, never away.
	for range 6 {
		p.esc()
	}
	p.running()

	// Another size and back: what is on screen is what a fresh paint gives.
	for _, size := range [][2]int{{60, 16}, {240 - w, 69 - height}, {20, 5}, {w, height}} {
		p.resize(size[0], size[1])
		p.settle()
		before := p.text()
		p.keys(ctrlL)
		p.settle()
		if after := p.text(); after != before {
			t.Errorf("at %dx%d the screen was not what a fresh paint gives:\n%s\n--- fresh:\n%s", size[0], size[1], before, after)
		}
	}
	p.wait(`/ user:alice +100 match`)
	p.quit()
}

// TestCopy: what is copied goes out as one OSC 52 with exactly the bytes delivered, and the toast says what was sent.
func TestCopy(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 10)
	p := h.screen(t, 80, 24, "logs")
	p.wait(`10 events`)
	p.keys("yy")
	p.wait(`bytes sent to the terminal \(OSC 52\)`)
	p.keys("c")
	p.wait(`7 bytes sent to the terminal`)
	p.quit()
	want := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte(record(9, "alice", "GetUser", "192.0.2.4")))
	if !strings.Contains(string(p.bytes()), want) {
		t.Error("the event was not copied as delivered")
	}
	if !strings.Contains(string(p.bytes()), "\x1b]52;c;"+base64.StdEncoding.EncodeToString([]byte("GetUser"))) {
		t.Error("the value was not copied")
	}
}

// TestLeave: however the program is ended, the terminal is put back.
func TestLeave(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 10)
	h.must(t, "sync", "logs", "--quiet")
	for name, c := range map[string]struct {
		leave func(p *terminal)
		code  int
	}{
		"q":       {func(p *terminal) { p.keys("q") }, 0},
		"ctrl+c":  {func(p *terminal) { p.keys(ctrlC) }, 0},
		"SIGTERM": {func(p *terminal) { _ = p.cmd.Process.Signal(syscall.SIGTERM) }, 130},
		"SIGHUP":  {func(p *terminal) { _ = p.cmd.Process.Signal(syscall.SIGHUP) }, 130},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.screen(t, 80, 24, "logs")
			p.wait(`10 events`)
			p.wait(`events brought in|integrity not checked`)
			p.settle()
			began := time.Now()
			c.leave(p)
			if code := p.exit(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			if d := time.Since(began); d > 2*time.Second {
				t.Errorf("leaving took %s", d)
			}
			p.restored()
		})
	}
}

// counter is an AWS that refuses everything and counts what it is asked.
func counter(t *testing.T) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(s.Close)
	return s.URL, asked
}

// TestStartPage: no argument on a terminal. Recent stores with size and age, a folder, demo, the profiles; and no
// connection before one of these is chosen.
func TestStartPage(t *testing.T) {
	t.Parallel()
	url, asked := counter(t)
	h := newHome(t).with("AWS_ENDPOINT_URL="+url, "AWS_EC2_METADATA_DISABLED=", "AWS_EC2_METADATA_SERVICE_ENDPOINT="+url, "AWS_REGION=us-east-1")
	h.file(t, "aws-config", "[default]\nregion=us-east-1\n[profile forensics]\nregion=eu-west-1\n[sso-session x]\n")
	h.file(t, "aws-credentials", "[old-keys]\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\naws_secret_access_key=secret\n")
	h.logs(t, 300)
	h.must(t, "sync", "logs", "--quiet")

	p := h.screen(t, 80, 24)
	p.wait(`OPENED BEFORE\n.*> logs +300 events +[0-9.]+ [kM]B +just now`)
	p.wait(`a folder, a file or a bucket`)
	p.wait(`demo`)
	p.wait(`default\n.*forensics\n.*old-keys`)
	p.gone(`sso-session`)
	p.settle()
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests before anything was chosen", n)
	}
	for range 3 {
		p.esc()
	}
	p.running()
	p.keys(enter)
	p.wait(`300 events`)
	p.quit()
	if n := asked.Load(); n != 0 {
		t.Errorf("%d requests to open a store of a folder", n)
	}

	p = h.screen(t, 80, 24)
	p.wait(`OPENED BEFORE`)
	p.keys("o")
	p.keys("logs", enter)
	p.wait(`300 events`)
	p.quit()

	p = h.screen(t, 80, 24)
	p.wait(`old-keys`)
	p.keys("q")
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d when nothing is chosen", code)
	}
	p.restored()

	// The choice of a profile is what asks AWS; that it refuses is said on the main screen.
	p = h.screen(t, 80, 24)
	p.wait(`old-keys`)
	p.keys("G", enter)
	p.wait(`> Event history`)
	p.keys(enter)
	if code := p.exit(); code != 3 {
		t.Errorf("exit code %d where AWS refuses", code)
	}
	p.restored()
	if asked.Load() == 0 {
		t.Error("the count of requests counts nothing")
	}
	p.wait(`trailsift: .*\n`)
}

// TestNoScreen: without a whole terminal places come in and a summary is printed, as sync would.
func TestNoScreen(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 300)
	dumb := h.with("TERM=dumb").screen(t, 80, 24, "logs")
	if code := dumb.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	dumb.wait(`300 events new in 6 log files`)
	dumb.wait(`user +alice 100, bob 100, carol 100 \(3 values\)`)
	if dumb.tookScreen() {
		t.Error("TERM=dumb gets the alternate screen")
	}

	// Standard output is no terminal, the controlling terminal is there.
	c := h.command("logs")
	out, err := os.Create(filepath.Join(h.dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	c.Stdout = out
	p := start(t, c, 80, 24, &syscall.SysProcAttr{Setsid: true, Setctty: true})
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if text, err := os.ReadFile(out.Name()); err != nil || !strings.Contains(string(text), "300 held") || p.tookScreen() {
		t.Errorf("%v, alternate screen %v: %s", err, p.tookScreen(), text)
	}

	// Standard output is a terminal, but none opens for keys.
	c = h.command("logs")
	if c.Stdin, err = os.Open(os.DevNull); err != nil {
		t.Fatal(err)
	}
	p = start(t, c, 80, 24, &syscall.SysProcAttr{Setsid: true})
	if code := p.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	p.wait(`300 held`)
	if p.tookScreen() {
		t.Error("the screen is taken over where no keys can be read")
	}

	// No argument: usage, exit 2.
	p = h.with("TERM=dumb").screen(t, 80, 60)
	if code := p.exit(); code != 2 {
		t.Errorf("exit code %d, want 2", code)
	}
	if !strings.Contains(string(p.bytes()), "Usage:") {
		t.Errorf("no usage: %s", p.text())
	}
}

// TestTwoReaders: once everything is in, an explorer keeps nobody out: commands answer and a second one opens.
func TestTwoReaders(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.logs(t, 300)
	p := h.screen(t, 80, 24, "logs")
	p.wait(`300 events brought in`)
	if out := h.must(t, "search", "--count", "user:alice"); out != "100\n" {
		t.Errorf("beside an open explorer search counts %q", out)
	}
	q := h.screen(t, 80, 24, "logs")
	q.wait(`300 events`)
	q.wait(`another process has the store open`)
	q.keys("=")
	q.wait(`75 match`)
	q.quit()
	p.keys("=")
	p.wait(`75 match`)
	p.quit()
}
