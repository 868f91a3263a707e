package tui

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/tui/widget"
)

var update = flag.Bool("update", false, "write golden files and docs/keys.md")

// TestKeysOnce checks that no key means two things in one place.
func TestKeysOnce(t *testing.T) {
	for _, m := range modeNames {
		seen := map[string]string{}
		for _, b := range bindings() {
			if b.in&m.in == 0 {
				continue
			}
			for _, k := range b.Keys() {
				if other, ok := seen[k]; ok {
					t.Errorf("%s: %s means %q and %q", m.name, k, other, b.Help().Desc)
				}
				seen[k] = b.Help().Desc
			}
		}
		if m.in&inTyped == 0 {
			continue
		}
		for _, k := range widget.EditKeys() {
			if what, ok := seen[k]; ok {
				t.Errorf("%s: %s edits the line and means %q", m.name, k, what)
			}
		}
	}
}

// TestSignsInHelp checks that the signs are explained where they are seen, in the width help has.
func TestSignsInHelp(t *testing.T) {
	for _, s := range signs() {
		if n := len(s.says); n > paletteWidth-13 {
			t.Errorf("%q is %d characters long", s.says, n)
		}
	}
	d := newDriver(t, small(t), 80, 24).press("?").typed("histogram:").sees("something is missing here").press("enter")
	d.sees("300 events").press("5", "?").typed("in coverage: log files came").sees("an hour late").press("esc")
	d.press("4", "?").typed("verify").sees("not now: these events cannot be verified from here")
}

// TestKeysTellable: some terminals cannot tell these from tab, enter, esc and backspace.
func TestKeysTellable(t *testing.T) {
	for _, b := range bindings() {
		for _, k := range []string{"ctrl+i", "ctrl+m", "ctrl+[", "ctrl+h"} {
			if slices.Contains(b.Keys(), k) {
				t.Errorf("%s is bound to %q", k, b.Help().Desc)
			}
		}
	}
}

// TestKeysInHelp checks that every binding can be found in the help of its pane.
func TestKeysInHelp(t *testing.T) {
	a := newApp(t.Context(), Options{})
	for _, m := range modeNames {
		var help []action
		for _, e := range a.entries(m.in) {
			help = append(help, e.act)
		}
		for _, b := range bindings() {
			if b.in&m.in != 0 && !slices.Contains(help, b.act) {
				t.Errorf("%s: %s is not in help", m.name, b.Help().Key)
			}
			if b.Help().Desc == "" {
				t.Errorf("%s has no help", b.Help().Key)
			}
		}
	}
}

// TestKeysDocs checks docs/keys.md against the bindings; -update writes it.
func TestKeysDocs(t *testing.T) {
	const path = "../docs/keys.md"
	want := KeysMarkdown()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("docs/keys.md is not what the bindings say (go test ./tui -update writes it):\n%s", d)
	}
}
