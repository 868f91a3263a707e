package tui

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// TestThemeContrast: each colour of a built-in theme can be read on the backgrounds it is for, as it is and among 256
// colours: 4.5 to 1 as WCAG 2 asks for text, 3 to 1 for what is less important.
func TestThemeContrast(t *testing.T) {
	grounds := map[bool][]string{
		true:  {"#000000", "#1c1c1c", "#002b36"}, // black, dark grey, Solarized
		false: {"#ffffff", "#f5f5f5", "#fdf6e3"},
	}
	for _, th := range themes()[1:] { // the default is the terminal's own
		for dark, all := range grounds {
			p := th.on(dark)
			for name, c := range map[string]color.Color{"key": p.key, "value": p.value, "bad": p.bad, "good": p.good, "dim": p.dim} {
				if c == nil {
					continue
				}
				least := 4.5
				if name == "dim" {
					least = 3
				}
				for _, ground := range all {
					for _, profile := range []colorprofile.Profile{colorprofile.TrueColor, colorprofile.ANSI256} {
						if got := contrast(profile.Convert(c), lipgloss.Color(ground)); got < least {
							t.Errorf("%s, %s on %s (%v): %.1f to 1, less than %.1f", th.name, name, ground, profile, got, least)
						}
					}
				}
			}
		}
	}
}

// contrast is the ratio of WCAG 2, 1 to 21.
func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c color.Color) float64 {
	part := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

// TestThemesTellApart: no theme paints with a background of its own, and with colours off all are the same.
func TestThemesTellApart(t *testing.T) {
	plain := paletteTheme(palette{}, true, false)
	for _, th := range themes() {
		for _, dark := range []bool{true, false} {
			got := paletteTheme(th.on(dark), true, false)
			if got != plain {
				t.Errorf("%s has colours where they are off: %+v", th.name, got)
			}
			if lit := paletteTheme(th.on(dark), false, false); lit.bad == lit.dim || lit.alarm == lit.bad || lit.here == lit.dim {
				t.Errorf("%s: errors, what is less important and where one is look the same: %+v", th.name, lit)
			}
		}
	}
	seen := map[string]bool{}
	name := themes()[0].name
	for range themes() {
		seen[name] = true
		name = nextTheme(name)
	}
	if len(seen) != len(themes()) || name != themes()[0].name {
		t.Errorf("the next theme leads through %v and ends at %s", seen, name)
	}
	if got := themeNamed("none such").name; got != "terminal" {
		t.Errorf("a theme there is none of is %s", got)
	}
	if n, says := ThemeNames(); len(n) != len(says) || fmt.Sprint(n) != "[terminal colour-blind contrast soft gray]" {
		t.Errorf("themes %v", n)
	}
}

// newTheme is the default theme on a background.
func newTheme(noColor, ascii, dark bool) theme {
	return paletteTheme(themes()[0].on(dark), noColor, ascii)
}
