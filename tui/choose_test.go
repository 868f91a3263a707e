package tui

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/tui/text"
)

// anOffer is 20 days of three accounts in two Regions: 100 objects of 1 MB a cell on each; account c has nothing in eu.
func anOffer(limit int64) Offer {
	o := Offer{
		Places: "s3://trail\x1b[31m", Limit: limit, Held: 7, Archived: 2,
		Price: func(objects int, bytes int64) (float64, float64) {
			return float64(objects) / 1e4, float64(bytes) / 1e10
		},
	}
	for d := range 20 {
		for _, account := range []string{"111111111111", "222222222222", "333333333333"} {
			for _, region := range []string{"eu-west-1", "us-east-1"} {
				if account == "333333333333" && region == "eu-west-1" {
					continue
				}
				at := Where{account, region, time.Date(2026, 11, 20-d, 0, 0, 0, 0, time.UTC)}
				o.Cells = append(o.Cells, Cell{at, 100, 1e6})
			}
		}
	}
	return o
}

// A chooser drives the pane alone, without a terminal.
type chooser struct {
	t    *testing.T
	a    *app
	pick Pick
	end  bool
}

func choosing(t *testing.T, o Offer, w, h int) *chooser {
	t.Helper()
	c := &chooser{t: t, a: newApp(t.Context(), Options{})}
	c.a.chooseAlone = true
	c.a.choosing = newChoosePane(o, func(p Pick) { c.pick, c.end = p, true })
	c.a.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return c
}

func (c *chooser) keys(names ...string) {
	for _, name := range names {
		k := tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
		switch name {
		case "space":
			k = tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
		case "tab":
			k = tea.KeyPressMsg{Code: tea.KeyTab}
		case "enter":
			k = tea.KeyPressMsg{Code: tea.KeyEnter}
		case "esc":
			k = tea.KeyPressMsg{Code: tea.KeyEscape}
		}
		c.a.Update(k)
	}
}

func (c *chooser) screen() string { return ansi.Strip(c.a.View().Content) }

func (c *chooser) wants(expr string) {
	c.t.Helper()
	if !regexp.MustCompile(expr).MatchString(c.screen()) {
		c.t.Errorf("the screen does not show %s:\n%s", expr, c.screen())
	}
}

// Above the limit the newest days that fit are chosen; what is shown of a line is what the other lists leave.
func TestChooseBegins(t *testing.T) {
	c := choosing(t, anOffer(17e6), 80, 24)
	c.wants(`chosen 15\.0 MB of 100 MB   1,500 of 10,000 objects`)
	c.wants(`DAYS 3/20\]  ACCOUNTS 3/3   REGIONS 2/2`)
	c.wants(`> \[x\] 2026-11-20 +500 +5\.0 MB`)
	c.wants(`\[ \] 2026-11-17 +500 +5\.0 MB`) // what it would add
	c.wants(`--max-bytes 17\.0 MB   7 held already   2 archived`)
	c.keys("tab")
	c.wants(`> \[x\] 111111111111 +600 +6\.0 MB`)
	c.wants(`\[x\] 333333333333 +300 +3\.0 MB`)
	c = choosing(t, anOffer(0), 80, 24)
	c.wants(`chosen 100 MB of 100 MB`)
	c = choosing(t, anOffer(1e6), 80, 24) // not even a day fits
	c.wants(`DAYS 1/20`)
	c.wants(`above --max-bytes 1\.0 MB, enter brings it in all the same`)
}

func TestChooseTakesAndLeaves(t *testing.T) {
	c := choosing(t, anOffer(17e6), 80, 24)
	c.keys("j", "space") // 2026-11-19 off; the cursor goes on to 11-18
	c.wants(`chosen 10\.0 MB`)
	c.wants(`> \[x\] 2026-11-18`)
	c.keys("tab", "tab", "space") // eu-west-1 off
	c.wants(`chosen 6\.0 MB of 100 MB   600 of`)
	c.keys("tab")
	c.wants(`\[x\] 2026-11-20 +300 +3\.0 MB`)
	c.keys("enter")
	got := []string{}
	for at := range c.pick {
		got = append(got, at.Day.Format("02")+" "+at.Account[:1]+" "+at.Region)
	}
	slices.Sort(got)
	want := []string{"18 1 us-east-1", "18 2 us-east-1", "18 3 us-east-1", "20 1 us-east-1", "20 2 us-east-1", "20 3 us-east-1"}
	if diff := cmp.Diff(want, got); diff != "" || !c.end {
		t.Errorf("chosen (-want +got):\n%s", diff)
	}
}

func TestChooseAllNoneAndToHere(t *testing.T) {
	c := choosing(t, anOffer(17e6), 80, 24)
	c.keys("a")
	c.wants(`DAYS 20/20`)
	c.keys("a")
	c.wants(`DAYS 0/20`)
	c.keys("enter")
	c.wants(`nothing is chosen; esc leaves`)
	if c.end {
		t.Fatal("nothing was chosen, yet it ended")
	}
	c.keys("j", "j", "n")
	c.wants(`DAYS 3/20`)
	c.keys("esc")
	if !c.end || c.pick != nil {
		t.Errorf("esc gives %v", c.pick)
	}
}

// At every size the screen is full, no line is too long, nothing from outside drives the terminal, and how to go on and
// how to leave are named.
func TestChooseFits(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 24}, {119, 30}, {120, 30}, {160, 45}, {250, 60}} {
		c := choosing(t, anOffer(17e6), size[0], size[1])
		for range 3 {
			c.keys("tab", "G")
			lines := strings.Split(c.screen(), "\n")
			if len(lines) != size[1] {
				t.Errorf("%v: %d lines", size, len(lines))
			}
			for _, l := range lines {
				if text.Width(l) > size[0] || strings.Contains(l, "\x1b") {
					t.Errorf("%v: %q", size, l)
				}
			}
		}
		if size[0] >= 80 {
			c.wants(`enter bring in .*esc leave`)
		}
	}
	if testing.Verbose() {
		for _, size := range [][2]int{{80, 24}, {160, 45}} {
			fmt.Println(choosing(t, anOffer(17e6), size[0], size[1]).screen())
		}
	}
}
