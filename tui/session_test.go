package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSession: a session is a text file that shows the same on another store of the same events, and is no evidence
// itself: it holds no record.
func TestSession(t *testing.T) {
	opt := small(t)
	path := filepath.Join(t.TempDir(), "s.session")
	d := newDriver(t, opt, 80, 24).press("/").typed("user:alice").press("enter", "l", "s", "j", "j", "m").typed("look at this").press("enter", "space")
	d.press("C", "a").typed("eventID").press("enter", "enter", "k")
	want, at := d.app.filter, d.app.events.Selected().Time
	d.press("ctrl+s", "G", "enter").sees("write to: trailsift-as-it-is-").press("ctrl+u").typed(path).press("enter").sees("s.session")
	b, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(b), "sessionToken") || !strings.Contains(string(b), `"text": "user:alice"`) {
		t.Fatalf("%v, %s", err, b)
	}
	if err := CheckSession(path); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"", filepath.Join(t.TempDir(), "x.state")} {
		again := small(t)
		again.Session, again.State = path, state
		d = newDriver(t, again, 80, 24).sees("the session: user:alice").sees("/ user:alice").sees("100 match")
		if got := d.app.events.Selected(); got == nil || d.app.filter != want || !got.Time.Equal(at) {
			t.Errorf("it shows %v at %v, not %v at %v", d.app.filter, got, want, at)
		}
		d.press("'").sees("look at this").press("esc", "j").sees("marked 1").sees("sorted by user").press("u").sees("300 events")
	}
}

// TestSessionRefused: what is no session says so, and nothing changes.
func TestSessionRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	opt := small(t)
	opt.Session = path
	for _, s := range []string{"", "{", `{"version":1}`, `{"version":7,"view":{}}`, `{"version":1,"view":{"tab":0},"filter":{"text":"user:("}}`} {
		if s != "" {
			if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := CheckSession(path); err == nil && !strings.Contains(s, "user:(") {
			t.Errorf("%q is a session", s)
		}
		d := newDriver(t, opt, 80, 24).sees("300 events").sees("session")
		clean(t, d.app.View().Content)
	}
	odd := `{"version":1,"view":{"tab":200,"sort":"\u001b[31m","event":{"id":"x"}},"columns":[{"name":"\u202e"},{"name":"user","cells":-4}],"bookmarks":[{"note":"\u001b[2J"}]}`
	if err := os.WriteFile(path, []byte(odd), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDriver(t, opt, 80, 24).press("'")
	clean(t, d.app.View().Content)
}
