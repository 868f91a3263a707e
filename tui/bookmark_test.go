package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBookmarks: a note is kept at once, comes back, is edited, deleted and brought back.
func TestBookmarks(t *testing.T) {
	opt := small(t)
	opt.State = filepath.Join(t.TempDir(), "x.state")
	d := newDriver(t, opt, 80, 24).press("j", "m").sees("note of the bookmark:").typed("asked bob, no answer").press("enter").sees("bookmark 1: ListBuckets")
	if b, err := os.ReadFile(opt.State); err != nil || !strings.Contains(string(b), "asked bob") {
		t.Fatalf("the note is not kept at once: %s, %v", b, err)
	}
	d.sees("+ 03-05 11:59:00").press("j", "j", "m", "enter").press("'").sees("BOOKMARKS").sees("asked bob, no answer").sees("2026-03-05 11:57:00")
	d.press("e").typed(" yet").press("enter").sees("no answer yet").press("j", "d").lacks("2026-03-05 11:57:00").press("u").sees("2026-03-05 11:57:00")
	d.press("g", "enter").sees("2/300")
	d.press("m").sees("note of the bookmark: asked bob").press("esc").press("/").typed("user:bob-admin").press("enter").sees("100 match")
	d.press("'", "g", "enter").sees("the filter hid this event").sees("300 events").sees(">+ 03-05 11:59:00").press("u").sees("100 match")

	d = visit(t, opt).press("'").sees("no answer yet").press("esc", "j").sees("+ 03-05 11:59:00")
	d.press("T", "T").sees("distances from the bookmark made last").sees("TIME FROM").sees("+00:02:00").sees("-00:00:00"[1:]).press("T").sees("times in UTC")
	other := Options{Index: openIndex(t, hostile(5)), State: opt.State}
	visit(t, other).press("'").sees("asked bob").press("enter").sees("this event is not held here")
	opt.State = ""
	visit(t, opt).press("'").sees("no bookmark yet").press("esc", "m", "enter").sees("gone when you leave")
}

// TestBookmarksMarkdown: the document names each event, and nothing hostile in it is more than text.
func TestBookmarksMarkdown(t *testing.T) {
	folder := t.TempDir()
	d := newDriver(t, Options{Index: openIndex(t, hostile(len(attacks))), Places: "\x1b[31m`x`"}, 80, 24)
	for i := range attacks {
		d.press("m")
		d.app.prompt.line.Set("```\n# note " + attacks[i])
		d.press("enter", "j")
	}
	d.press("'")
	clean(t, d.app.View().Content)
	fits(t, d, 80, 24)
	d.press("esc")
	path := filepath.Join(folder, "b.md")
	d.press("'", "ctrl+s").sees("write to: trailsift-bookmarks-20260305T123000Z.md").press("ctrl+u").typed(path).press("enter").sees(filepath.Base(path))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	clean(t, string(b))
	s := string(b)
	if n := strings.Count(s, "\n## "); n != len(attacks) {
		t.Errorf("%d sections for %d bookmarks", n, len(attacks))
	}
	if n := strings.Count(s, "\n```json\n"); n != len(attacks) || strings.Count(s, "\n```\n") != n {
		t.Errorf("%d fences are opened, %d closed, for %d records", n, strings.Count(s, "\n```\n"), len(attacks))
	}
	for _, want := range []string{"00000000-0000-4000-8000-000000000003", `"eventTime": "2026-03-05T11:03:00Z"`, "- integrity: `unchecked`", `\# note`} {
		if !strings.Contains(s, want) {
			t.Errorf("the document has no %q", want)
		}
	}
}

func TestCodeSpan(t *testing.T) {
	for in, want := range map[string]string{"a": "`a`", "": "-", "a`b": "``a`b``", "`": "`` ` ``", "\x1b[0m": "`\\x1b[0m`", "a``b`": "``` a``b` ```"} {
		if got := codeSpan(in); got != want {
			t.Errorf("codeSpan(%q) is %q, want %q", in, got, want)
		}
	}
}
