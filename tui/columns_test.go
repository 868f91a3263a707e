package tui

import (
	"path/filepath"
	"testing"
)

func TestChooseColumns(t *testing.T) {
	opt := small(t)
	opt.State = filepath.Join(t.TempDir(), "x.state")
	d := newDriver(t, opt, 120, 30).press("j", "j")
	before := d.screen()
	d.press("C").sees("COLUMNS").sees("[x] time").sees("[ ] service").press("a").sees("field or path").typed("requestParameters.amount").press("enter")
	d.sees("[x] requestParameters.amount").press("esc")
	if d.press("j", "k"); d.screen() != before {
		t.Errorf("esc changes the columns:\n%s", d.screen())
	}
	d.press("C", "a").typed("$.requestParameters.amount").press("enter", "enter").sees("columns changed").sees(">  03-05 11:58:00").sees("297.50")
	d.press("C", "j", "space", "enter").lacks("EVENT  ").lacks("[EVENT]").press("u").sees("[EVENT]").press("u", "u").lacks("297.50")
	d.press("ctrl+r").sees("297.50")
	for range 20 {
		if !d.app.events.Column().path {
			d.press("l")
		}
	}
	d.press("=").sees("requestParameters.amount=297.50").sees("1 match").press("u")
	d.press("s").sees("the values of a path are not in the index").press("F").sees("no field whose values are counted")
	d.press("*").sees("hit 1 of 1").press("c").sees("sent to the terminal")
	d.press("C", "K", "esc").press("C", "j", "J", "J", "k", "k", ">", ">", "enter")
	if got := d.app.events.chosen[1].Name; got != "event" && got != "user" {
		t.Errorf("the second column is %s", got)
	}
	again := visit(t, opt).sees("OUTCOM +1").lacks("297.50")
	again.update(sizeMsg(120, 30))
	again.settle()
	again.sees("297.50").press("C", "d").lacks("297.50")
	visit(t, opt, "C", "d")
	visit(t, opt).lacks("297.50")
}

// TestColumnsFit: whatever columns are chosen, at whatever width, a line fits and the column under the cursor is seen.
func TestColumnsFit(t *testing.T) {
	all := []chosenColumn{{Name: "time"}, {Name: "id"}, {Name: "arn", Cells: 60}, {Name: "a.b.c"}, {Name: "mfa"}, {Name: "x", Cells: 4}, {Name: "user"}, {Name: "resource"}}
	for n := 1; n <= len(all); n++ {
		for cells := 20; cells < 260; cells += 7 {
			for at := range n {
				cols := chosenLayout(all[:n], cells, at)
				sum := gutter - 1
				for _, c := range cols {
					if c.cells > 0 {
						sum += c.cells + 1
					}
				}
				if sum > cells {
					t.Fatalf("%d columns at %d cells take %d", n, cells, sum)
				}
				if cols[at].cells == 0 && cells > 80 {
					t.Fatalf("%d columns at %d cells: number %d is not seen: %+v", n, cells, at, cols)
				}
			}
		}
	}
}

// TestColumnsHostile: what a path shows is as safe as everything else, and what grants access is masked.
func TestColumnsHostile(t *testing.T) {
	x := openIndex(t, hostile(60))
	d := newDriver(t, Options{Index: x}, 100, 24)
	for _, path := range []string{"userAgent", "requestParameters.*", "requestParameters.password"} {
		d.press("C", "a").typed(path).press("enter", "enter")
		clean(t, d.app.View().Content)
		fits(t, d, 100, 24)
	}
	d.press("C", "a").typed("requestParameters.\u202e").press("enter")
	clean(t, d.app.View().Content)
	d = newDriver(t, small(t), 120, 24).press("C", "a").typed("responseElements.credentials.sessionToken").press("enter", "enter")
	d.sees("‹sessionTok").lacks("FwoGZXIv")
	d.press("C", "a").typed("user:(").press("enter").sees("no path")
}
