package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCommandNames: every command that has a key has one name, and no two share one.
func TestCommandNames(t *testing.T) {
	seen := map[string]action{}
	for act, name := range commands {
		if other, ok := seen[name]; ok {
			t.Errorf("%d and %d are both called %s", other, act, name)
		}
		seen[name] = act
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("%q is no name", name)
		}
	}
	for _, b := range bindings() {
		if commands[b.act] == "" {
			t.Errorf("%s (%s) has no name in commands.go", b.Help().Key, b.Help().Desc)
		}
	}
	panes := map[string]bool{}
	for _, p := range paneSlugs() {
		if panes[p] || strings.Trim(p, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("pane %q is no name, or one of two", p)
		}
		panes[p] = true
	}
}

// TestKeymapFaults: whatever is wrong is told at once, with its line.
func TestKeymapFaults(t *testing.T) {
	f := func(document string, want ...string) {
		t.Helper()
		_, faults := ParseKeys([]byte(document))
		var got []string
		for _, bad := range faults {
			got = append(got, bad.Error())
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s\n%s", document, d)
		}
	}
	f("")
	f("# nothing\n[events]\n")
	f("[events]\nmark = \"x\"\n[all]\nundo = []\nhelp = [\"?\", \"f1\", \"ctrl+t\"]\n")
	f("[events]\nmark = \"space\"\n") // what it has already
	f("[events]\nmark = \"PgDn\"\n", `line 2: "PgDn" is no key: one character, or enter, esc, tab, space, backspace, delete …, with ctrl+, alt+ or shift+ before it`)
	f("mark = \"x\"\n", "line 1: mark stands in no pane: begin with [all] or with [events]")
	f("[evnts]\nmark = \"x\"\n\n[events]\nfitler = \"x\"\nverify = \"x\"\n",
		`line 1: no pane "evnts" (did you mean events?)`, `line 5: no command "fitler" (did you mean filter?)`, "line 6: events has no command verify")
	f("[events]\nmark = 3\n", `line 2: mark wants a key or a list of keys: mark = ["x", "ctrl+k"]`)
	f("[events]\nmark = \"ctrl+i\"\n", `line 2: "ctrl+i" cannot be told from tab on some terminals`)
	f("[filter]\naccept = \"x\"\n", `line 2: "x" is text in a line that is typed into`)
	f("[filter]\naccept = \"ctrl+a\"\n", `line 2: "ctrl+a" edits the line`)
	f("[all]\ncancel = []\n", "line 2: cancel must have a key")
	f("[events]\nmark = \"shift+x\"\n", `line 2: "shift+x" is typed as the character it gives`)
	f("[events]\nmark = \"f\"\n", "line 2: f in events would be facets and mark: give one of them another key, or none ([])")
	f("[events]\nmark = \"f\"\nfacets = []\n")
	f("[events]\nmark = \"x\"\nmark = \"z\"\n", "line 3: key mark is already defined")
	f("[events\n", "line 1: expected ']' to close table name")
	f(strings.Repeat("#", maxKeymap+1), "line 1: longer than 1 MB")
}

// TestKeymapInUse: the changed keys do what they say, in their pane alone, and help names them.
func TestKeymapInUse(t *testing.T) {
	m, faults := ParseKeys([]byte("[events]\nmark = [\"x\", \"ctrl+t\"]\nundo = []\n[detail]\nwrap = \"x\"\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	opt := small(t)
	opt.Keys = m
	d := newDriver(t, opt, 80, 24).press("space").lacks("marked").press("x").sees("marked 1").press("ctrl+t").sees("marked 2")
	d.press("u").sees("marked 2").press("f", "u", "esc").sees("marked 1")
	d.press("?").typed("mark the event").sees("x          mark the event").press("esc")
	d.press(":").typed("undo the last").sees(":undo      undo the last").press("enter").lacks("marked")
	d.press("enter", "?").typed("wrap").sees("x          wrap long").press("esc")

	text := KeysText(m, "/home/u/.config/trailsift/keys.toml")
	for _, line := range []string{"x ctrl+t         mark ", ":undo            undo ", "Events  [events]", "/home/u/.config/trailsift/keys.toml gives"} {
		if !strings.Contains(text, line) {
			t.Errorf("help keys lacks %q:\n%s", line, text)
		}
	}
	// All that is bound is told, once a pane.
	for _, p := range modeNames {
		for _, b := range m.bindings() {
			if b.in&p.in != 0 && !strings.Contains(text, b.Help().Desc) {
				t.Errorf("help keys lacks %s of %s", b.Help().Desc, p.name)
			}
		}
	}
}

// FuzzKeymap: no document makes it panic, and what it takes has no key twice in a pane.
func FuzzKeymap(f *testing.F) {
	f.Add("[events]\nmark = [\"x\", \"ctrl+t\"]\n")
	f.Add("[a.b]\nc.d = {e = 1}\n[[events]]\nmark=[]\n'\\x'=\"\\u0000\"")
	f.Fuzz(func(t *testing.T, document string) {
		m, faults := ParseKeys([]byte(document))
		if len(faults) > 0 {
			return
		}
		for _, p := range modeNames {
			seen := map[string]bool{}
			for _, b := range m.bindings() {
				for _, k := range b.Keys() {
					if id := fmt.Sprint(p.in, k); b.in&p.in != 0 && seen[id] {
						t.Errorf("%q: %s twice in %s", document, k, p.name)
					} else if b.in&p.in != 0 {
						seen[id] = true
					}
				}
			}
		}
	})
}
