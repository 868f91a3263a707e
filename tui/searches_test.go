package tui

import (
	"path/filepath"
	"testing"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// TestPresets: each preset is a query of indexed fields, with columns that exist.
func TestPresets(t *testing.T) {
	for _, p := range presets {
		n, err := query.Parse(p.Filter.Text, index.Schema(), query.Options{})
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		if query.Needs(n) {
			t.Errorf("%s reads records", p.Name)
		}
		if got := validColumns(p.Columns); len(got) != len(p.Columns) {
			t.Errorf("%s: of its columns %v exist", p.Name, got)
		}
	}
}

func TestSearches(t *testing.T) {
	opt := small(t)
	opt.State = filepath.Join(t.TempDir(), "x.state")
	d := newDriver(t, opt, 80, 24)
	before := d.screen()
	d.press("o").sees("TRIAGE").sees("recent changes").sees("console logins, with MFA").press("enter").sees("/ readonly:false").sees("60 match")
	d.press("o", "s").sees("save this filter as:").press("ctrl+u").typed("mine").press("enter").sees("saved: mine")
	d.press("u", "j", "k")
	if got := d.screen(); got != before {
		t.Errorf("after u:\n%s\nbefore:\n%s", got, before)
	}
	d.press(":").typed("saved search mine").press("enter").sees("60 match")
	d.press("u", ":").typed("triage console").press("enter").sees("0 match").sees(" MFA ").press("u").sees("300 events").lacks(" MFA ")
	d.press("o", "G").press("enter").sees("60 match")
	d.press(":").typed("save").press("enter", "ctrl+u").typed("mine").press("enter").sees("saved over the one of that name")
	d = visit(t, opt).press("o").sees("SAVED").sees("mine").press("G", "d").sees("deleted: mine").lacks("SAVED").press("g", "d").sees("only saved searches are deleted").press("esc")
	d.press(":").typed("save").sees("not now: there is no filter to save").press("esc")
	visit(t, opt).press("o").lacks("SAVED")
}

func TestKeyHistory(t *testing.T) {
	d := newDriver(t, small(t), 80, 24).press(":").typed("history of this").press("enter")
	d.sees("key=AKIAIOSFODNN7EXAMPLE OR issued=AKIAIOSFODNN7EXAMPLE").sees("300 match").press("u").sees("300 events")
}
