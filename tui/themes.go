package tui

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// A palette is the colours of a theme by what they say. None is a background: that is the terminal's. A nil colour is the
// terminal's own.
type palette struct {
	key, value, bad, good color.Color
	dim                   color.Color // nil: faint
	bold                  bool        // what is told by colour is bold, too
}

// A themeChoice is a theme with its colours on a dark and on a light background.
type themeChoice struct {
	name, says  string
	dark, light palette
}

// themes are the built-in ones; the first is the default. Their contrast is held by TestThemeContrast.
func themes() []themeChoice {
	hex := lipgloss.Color
	return []themeChoice{
		{
			"terminal", "the 16 colours of the terminal",
			palette{key: lipgloss.Cyan, value: lipgloss.Green, bad: lipgloss.Red, good: lipgloss.Green},
			palette{key: lipgloss.Blue, value: lipgloss.Magenta, bad: lipgloss.Red, good: lipgloss.Green},
		},
		{
			"colour-blind", "blue and orange, told apart by everybody (after Okabe and Ito)",
			palette{key: hex("#56b4e9"), value: hex("#f0e442"), bad: hex("#ff9e3d"), good: hex("#56b4e9"), dim: hex("#9e9e9e")},
			palette{key: hex("#005f99"), value: hex("#6b5a00"), bad: hex("#8f3b00"), good: hex("#005f99"), dim: hex("#5f5f5f")},
		},
		{
			"contrast", "strong colours, nothing faint",
			palette{key: hex("#00ffff"), value: hex("#ffff00"), bad: hex("#ff8787"), good: hex("#5fff5f"), dim: hex("#d0d0d0"), bold: true},
			palette{key: hex("#00005f"), value: hex("#5f005f"), bad: hex("#870000"), good: hex("#005f00"), dim: hex("#303030"), bold: true},
		},
		{
			"soft", "muted colours for long hours",
			palette{key: hex("#87afd7"), value: hex("#afaf87"), bad: hex("#d78787"), good: hex("#87af87"), dim: hex("#8a8a8a")},
			palette{key: hex("#005f87"), value: hex("#5f5f00"), bad: hex("#af0000"), good: hex("#005f00"), dim: hex("#626262")},
		},
		{
			"gray", "no hue: bold, faint and reverse",
			palette{dim: hex("#8a8a8a"), bold: true},
			palette{dim: hex("#626262"), bold: true},
		},
	}
}

// ThemeNames are the names of the built-in themes, the default first, each with what it is.
func ThemeNames() (names, says []string) {
	for _, t := range themes() {
		names, says = append(names, t.name), append(says, t.says)
	}
	return names, says
}

// themeNamed is a built-in theme, the default for a name there is none of.
func themeNamed(name string) themeChoice {
	all := themes()
	for _, t := range all {
		if t.name == name {
			return t
		}
	}
	return all[0]
}

// nextTheme is the name of the theme after one.
func nextTheme(name string) string {
	all := themes()
	for i, t := range all {
		if t.name == name {
			return all[(i+1)%len(all)].name
		}
	}
	return all[1].name
}

// on is the palette for a background.
func (t themeChoice) on(dark bool) palette {
	if dark {
		return t.dark
	}
	return t.light
}

// restyle paints with the theme there is, for the background there is.
func (a *app) restyle() {
	a.th = paletteTheme(themeNamed(a.look).on(!a.light), a.opt.NoColor, a.opt.ASCII)
}

// changeTheme goes on to the next theme, and names it.
func (a *app) changeTheme() {
	if a.opt.NoColor {
		a.toast = "colours are off (--no-color, NO_COLOR)"
		return
	}
	a.look = nextTheme(themeNamed(a.look).name)
	a.restyle()
	a.toast = "theme " + a.look + ": " + themeNamed(a.look).says
}
