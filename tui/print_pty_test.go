//go:build unix

package tui

import (
	"strings"
	"testing"
)

// TestPtyPrint: P leaves for the plain screen, prints there, waits for a key and comes back to the screen that was left.
func TestPtyPrint(t *testing.T) {
	t.Parallel() // it mostly waits
	p := open(t, small(t), 80, 24)
	p.wait("300 events")
	p.keys("P")
	p.wait("PRINT to the plain screen")
	p.mu.Lock()
	from := len(p.written)
	p.mu.Unlock()
	p.keys("\r")
	p.wait("-- any key comes back --")
	if s := p.screen(); !strings.Contains(s, `"recipientAccountId": "111122223333"`) || strings.Contains(s, "[1 Events]") {
		t.Errorf("the plain screen shows\n%s", s)
	}
	p.keys("x")
	p.wait("[1 Events]")
	p.wait("1/300")
	p.mu.Lock()
	out := string(p.written[min(from, len(p.written)):])
	p.mu.Unlock()
	left, back := strings.Index(out, "\x1b[?1049l"), strings.LastIndex(out, "\x1b[?1049h")
	if left < 0 || back < left {
		t.Errorf("the plain screen is not that of the shell: left at %d, back at %d", left, back)
	}
	p.quit()
}
