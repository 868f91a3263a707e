package tui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/trailsift/trailsift/tui/text"
)

// A theme says how meanings look. The default has the colours of the terminal's own palette of 16, chosen to be read on a
// light and on a dark background; no meaning is told by colour alone.
type theme struct {
	plain, ascii bool // without colours; without characters above 0x7E

	title  ink // what heads a pane
	here   ink // the tab, field or column one is in
	dim    ink // less important
	bad    ink // errors, conflicts
	alarm  ink // one cell among many that must not be overlooked
	good   ink
	key    ink // names of keys, fields and JSON keys
	value  ink // numbers and words of JSON
	match  ink // what was found
	chosen ink // the line chosen in a list that lies over the screen
}

// An ink is what a style puts before and after a text. Lip Gloss says what that is; a frame paints some hundred pieces,
// so it is asked once a theme and not once a piece.
type ink struct{ before, after string }

func inkOf(s lipgloss.Style) ink {
	before, after, _ := strings.Cut(s.Render("x"), "x")
	return ink{before, after}
}

// paletteTheme is the theme of a palette.
func paletteTheme(p palette, noColor, ascii bool) theme {
	plain := lipgloss.NewStyle()
	dim, here, bad, good, key, value := plain, plain.Bold(true), plain.Bold(true), plain, plain, plain
	alarm := bad
	if !noColor {
		dim = p.style(p.dim).Faint(p.dim == nil)
		here = p.style(p.key).Bold(true)
		key, value = p.style(p.key).Bold(p.bold && p.key != nil), p.style(p.value)
		bad = p.style(p.bad).Bold(true)
		alarm = bad.Reverse(true)
		good = p.style(p.good)
	}
	return theme{
		plain: noColor, ascii: ascii,
		title:  inkOf(plain.Bold(true)),
		here:   inkOf(here),
		dim:    inkOf(dim),
		bad:    inkOf(bad),
		alarm:  inkOf(alarm),
		good:   inkOf(good),
		key:    inkOf(key),
		value:  inkOf(value),
		match:  inkOf(plain.Reverse(true)),
		chosen: inkOf(plain.Reverse(true)),
	}
}

// style is plain text in a colour.
func (p palette) style(c color.Color) lipgloss.Style {
	if c == nil {
		return lipgloss.NewStyle()
	}
	return lipgloss.NewStyle().Foreground(c)
}

// vis makes text from outside safe to draw.
func (t theme) vis(s string) string {
	if t.ascii {
		return text.ASCII(s)
	}
	return text.Visible(s)
}

// fit and fitTail are text.Fit and text.FitTail for text from outside.
func (t theme) fit(s string, cells int) string {
	if t.ascii {
		s = text.ASCII(s)
	}
	return text.Fit(s, cells)
}

func (t theme) fitTail(s string, cells int) string {
	if t.ascii {
		s = text.ASCII(s)
	}
	return text.FitTail(s, cells)
}

func (t theme) fitMiddle(s string, cells int) string {
	if t.ascii {
		s = text.ASCII(s)
	}
	return text.FitMiddle(s, cells)
}

// paint draws s in a style. Text without any style stays as it is, so that fewer bytes go out.
func paint(style ink, s string) string {
	if s == "" {
		return s
	}
	return style.before + s + style.after
}

// atLeast marks a number that is a lower bound.
func (t theme) atLeast() string {
	if t.ascii {
		return ">="
	}
	return "≥"
}
