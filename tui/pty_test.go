//go:build unix

package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// terminal is the explorer in a pseudo-terminal behind an emulator.
type terminal struct {
	t    *testing.T
	tty  *os.File
	emu  *vt.SafeEmulator
	done chan error

	cancel context.CancelFunc

	mu      sync.Mutex
	written []byte
	last    time.Time
}

func open(t *testing.T, opt Options, w, h int) *terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal here: ", err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		t.Fatal(err)
	}
	opt.Input, opt.Output, opt.Location = slave, slave, time.UTC
	opt.Environ = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8"}
	term := &terminal{t: t, tty: master, emu: vt.NewSafeEmulator(w, h), done: make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	term.cancel = cancel
	go func() { io.Copy(master, term.emu) }()
	go term.read()
	ended := make(chan struct{})
	go func() {
		term.done <- Run(ctx, opt)
		close(ended)
	}()
	t.Cleanup(func() {
		cancel()
		select { // the program reads from the terminal until it ends
		case <-ended:
		case <-time.After(5 * time.Second):
		}
		slave.Close()
		master.Close()
	})
	return term
}

func (p *terminal) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := p.tty.Read(buf)
		if n > 0 {
			p.mu.Lock()
			p.written = append(p.written, buf[:n]...)
			p.last = time.Now()
			p.mu.Unlock()
			p.emu.Write(buf[:n])
		}
		if err != nil {
			return
		}
	}
}

// idle waits until nothing was written for a moment, and gives what was written since the last call.
func (p *terminal) idle(quiet time.Duration) []byte {
	p.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		calm := time.Since(p.last) > quiet
		p.mu.Unlock()
		if calm {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.written
	p.written = nil
	return out
}

func (p *terminal) wait(s string) {
	p.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(p.screen(), s) {
			return
		}
	}
	p.t.Fatalf("the screen never shows %q:\n%s", s, p.screen())
}

// screen is the text of the screen. Of what the emulator offers only Render may be called while it is written to.
func (p *terminal) screen() string { return ansi.Strip(p.emu.Render()) }

func (p *terminal) keys(s string) { p.tty.WriteString(s) }

func (p *terminal) quit() {
	p.t.Helper()
	p.keys("qqqq")
	select {
	case err := <-p.done:
		if err != nil {
			p.t.Error(err)
		}
	case <-time.After(5 * time.Second):
		p.t.Fatal("q does not end the program")
	}
}

// rest is what was written in the end, up to a text that is the last to come.
func (p *terminal) rest(last string) string {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		out := string(p.written)
		p.mu.Unlock()
		if strings.Contains(out, last) {
			return out
		}
	}
	return ""
}

// first is how much is written next, before the rest after which detail follows; 0 where nothing comes.
func (p *terminal) first() int {
	written := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.written)
	}
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if written() > 0 {
			time.Sleep(30 * time.Millisecond) // a frame may come in two writes
			return written()
		}
	}
	return 0
}

// TestBytes holds the bytes on the wire to what the reference allows: 64 for a cursor move, nothing when idle, 3 kB for
// the first screen at 80x24 and 10 kB at 160x45.
func TestBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("tells frames apart by the time between them")
	}
	opt := small(t)
	for _, size := range []struct{ w, h, first, move int }{{80, 24, 3 << 10, 64}, {160, 45, 10 << 10, 64}} {
		p := open(t, opt, size.w, size.h)
		p.wait("300 events")
		if n := len(p.idle(250 * time.Millisecond)); n > size.first {
			t.Errorf("%dx%d: the first screen takes %d bytes", size.w, size.h, n)
		}
		p.keys("j")
		p.idle(250 * time.Millisecond)
		var moves []int
		for range 6 {
			p.keys("j")
			moves = append(moves, p.first())
			p.idle(250 * time.Millisecond)
		}
		for _, n := range moves[1:] {
			if n == 0 || n > size.move {
				t.Errorf("%dx%d: cursor moves take %v bytes, more than %d", size.w, size.h, moves, size.move)
				break
			}
		}
		p.idle(time.Second) // whatever a busy machine was late with
		time.Sleep(300 * time.Millisecond)
		if out := p.idle(100 * time.Millisecond); len(out) > 0 {
			t.Errorf("%dx%d: %d bytes while nothing happens: %q", size.w, size.h, len(out), out)
		}
		p.quit()
	}
}

// TestPtyScreen checks that the screen of an emulator is what was drawn, after moves, filters and a change of size.
func TestPtyScreen(t *testing.T) {
	t.Parallel() // it mostly waits
	p := open(t, small(t), 80, 24)
	p.wait("300 events")
	p.keys("/user:alice\r")
	p.wait("100 match")
	p.keys("jjj")
	p.wait("4/100")
	p.keys("\r")
	p.wait("-- EVENT")
	p.keys("\x1b")
	p.wait("/ user:alice")
	if err := pty.Setsize(p.tty, &pty.Winsize{Cols: 160, Rows: 45}); err != nil {
		t.Fatal(err)
	}
	p.emu.Resize(160, 45)
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil { // it is not the terminal of this process
		t.Fatal(err)
	}
	p.wait("FACETS of 100")
	p.quit()
	out := p.rest("\x1b[?2004l")
	for _, restore := range []string{"\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l"} {
		if !strings.Contains(out, restore) {
			t.Errorf("the terminal is not put back: no %q in the end: %q", restore, out[max(len(out)-120, 0):])
		}
	}
	if strings.Contains(out, "\x1b]2;") || strings.Contains(out, "\x1b]0;") {
		t.Error("the title of the window is set")
	}
}

// TestPtyResize changes the size at random, also to sizes that are too small: each time the screen is the one that is
// drawn afresh. TRAILSIFT_RESIZES=500 does more.
func TestPtyResize(t *testing.T) {
	t.Parallel() // it mostly waits
	p := open(t, small(t), 80, 24)
	p.wait("300 events")
	r := rand.New(rand.NewPCG(3, 3))
	for i := range times(t, "TRAILSIFT_RESIZES", 25) {
		w, h := 20+r.IntN(300), 5+r.IntN(85)
		if err := pty.Setsize(p.tty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
			t.Fatal(err)
		}
		p.emu.Resize(w, h)
		p.emu.Write([]byte("\x1b7\x1b[r\x1b8")) // the emulator keeps the margins of the size before, and falls over them
		syscall.Kill(os.Getpid(), syscall.SIGWINCH)
		p.drawn(w, h) // before the key: drawn for the size before, its margins would be those of a taller screen
		p.keys([]string{"j", "f", "\t", "i", "G"}[i%5])
		time.Sleep(30 * time.Millisecond)
		p.drawn(w, h)
		p.idle(200 * time.Millisecond)
		before := p.screen()
		p.idle(0)
		p.keys("\x0c") // draw again
		p.again(w, h, before)
	}
	p.quit()
}

// again waits until the screen was cleared and is the same again.
func (p *terminal) again(w, h int, before string) {
	p.t.Helper()
	cleared := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return bytes.Contains(p.written, []byte("\x1b[2J"))
	}
	end := time.Now().Add(30 * time.Second)
	for ; time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if cleared() && p.screen() == before {
			return
		}
	}
	p.t.Fatalf("%dx%d (cleared: %v):\n%s\ndrawn afresh:\n%s", w, h, cleared(), before, p.screen())
}

// drawn waits until a screen is drawn for its size, or the words about one that is too small.
func (p *terminal) drawn(w, h int) {
	p.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		screen := p.screen()
		lines := strings.Split(screen, "\n")
		if w < minWidth || h < minHeight {
			if strings.Contains(screen, fmt.Sprintf("needs 60x16, has %dx%d", w, h)[:min(w, 22)-2]) {
				return
			}
			continue
		}
		// The zone ends the first line, and the last one names keys: a screen of the size before has them elsewhere.
		if len(lines) >= h && len(strings.TrimRight(lines[0], " \r")) == w && strings.Contains(lines[h-1], "/ f") {
			return
		}
	}
	p.t.Fatalf("%dx%d is never drawn to its end:\n%s", w, h, p.screen())
}

// TestPtyEnd: when the context ends the terminal is put back and Run returns, also while events come in.
func TestPtyEnd(t *testing.T) {
	t.Parallel()
	opt := small(t)
	opt.Ingest = func(ctx context.Context, to Intake) (index.Summary, error) {
		for ctx.Err() == nil {
			to.Progress(index.Progress{Listed: 2, Done: 1})
		}
		return index.Summary{}, ctx.Err()
	}
	p := open(t, opt, 80, 24)
	p.wait("300 events")
	p.cancel()
	select {
	case err := <-p.done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Run gives %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("Run does not return")
	}
	if !strings.Contains(p.rest("\x1b[?2004l"), "\x1b[?1049l") {
		t.Error("the terminal is not put back")
	}
}

// TestPtyPanic: when something breaks the terminal is put back, and Run says so.
func TestPtyPanic(t *testing.T) {
	t.Parallel()
	opt := small(t)
	started := make(chan struct{})
	opt.Ingest = func(context.Context, Intake) (index.Summary, error) {
		<-started
		panic("broken on purpose, by a test")
	}
	p := open(t, opt, 80, 24)
	p.wait("300 events")
	close(started)
	select {
	case err := <-p.done:
		if err == nil {
			t.Error("Run gives no error")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("Run does not return")
	}
	out := p.rest("\x1b[?1049l")
	for _, restore := range []string{"\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l"} {
		if !strings.Contains(out, restore) {
			t.Errorf("the terminal is not put back: no %q in %q", restore, out[max(len(out)-200, 0):])
		}
	}
}

// TestPtyNoColor: no colour is sent.
func TestPtyNoColor(t *testing.T) {
	t.Parallel() // it mostly waits
	opt := small(t)
	opt.NoColor = true
	p := open(t, opt, 80, 24)
	p.wait("300 events")
	p.keys("ee f")
	p.wait("FACETS")
	p.quit()
	out := []byte(p.rest("\x1b[?2004l"))
	for i := 30; i < 50; i++ {
		for _, form := range []string{"\x1b[" + text.Count(i) + "m", ";" + text.Count(i) + "m", "\x1b[" + text.Count(i) + ";"} {
			if bytes.Contains(out, []byte(form)) {
				t.Errorf("the colour %q is sent", form)
			}
		}
	}
}

// TestPtyHostile: of all that events hold, no control character reaches the terminal.
func TestPtyHostile(t *testing.T) {
	t.Parallel() // it mostly waits
	p := open(t, Options{Index: openIndex(t, hostile(600)), Places: attacks[0]}, 160, 45)
	p.wait("600 events")
	for _, k := range []string{"j", "j", "\x04", "G", "f", "j", "j", "\x1b", "\r", "j", "j", "l", "J", "\x1b", "5", "G", "1", "/user:", "\t", "\r"} {
		p.keys(k)
		time.Sleep(60 * time.Millisecond)
	}
	p.keys("\x1b")
	time.Sleep(100 * time.Millisecond)
	for range 30 { // 10,200 hostile values
		p.keys("\x1b[6~")
		time.Sleep(20 * time.Millisecond)
	}
	p.idle(200 * time.Millisecond)
	screen := p.screen()
	p.keys("\x1b\x1b")
	p.quit()
	if strings.ContainsAny(screen, "\u202e\u200b\u200d\ufeff\u2066") {
		t.Errorf("hidden characters on screen:\n%s", screen)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	onTheWire(t, p.written)
	for _, bad := range []string{"\x1b]52", "\x1b]8", "\x1bP+q\x1b\\", "\u009b", "\u202e", "\u200d", "\x1b[2J\x1b[H"} {
		if bytes.Contains(p.written, []byte(bad)) {
			t.Errorf("%q reaches the terminal", bad)
		}
	}
}
