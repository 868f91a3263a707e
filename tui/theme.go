package tui

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/tui/text"
)

// A theme says how meanings look. Colours are those of the terminal's own palette of 16, chosen to be read on a light
// and on a dark background; no meaning is told by colour alone.
type theme struct {
	plain, ascii bool // without colours; without characters above 0x7E

	title  ansi.Style // what heads a pane
	here   ansi.Style // the tab, field or column one is in
	dim    ansi.Style // less important
	bad    ansi.Style // errors, conflicts
	good   ansi.Style
	key    ansi.Style // names of keys, fields and JSON keys
	value  ansi.Style // numbers and words of JSON
	match  ansi.Style // what was found
	chosen ansi.Style // the line chosen in a list that lies over the screen
}

// newTheme is the theme for a background. dark says which; terminals that do not tell are taken as dark.
func newTheme(noColor, ascii, dark bool) theme {
	t := theme{
		plain: noColor, ascii: ascii,
		title:  ansi.NewStyle().Bold(),
		here:   ansi.NewStyle().Bold(),
		dim:    ansi.NewStyle(),
		bad:    ansi.NewStyle().Bold(),
		match:  ansi.NewStyle().Reverse(true),
		chosen: ansi.NewStyle().Reverse(true),
	}
	if noColor {
		return t
	}
	key, value := ansi.Cyan, ansi.Green
	if !dark {
		key, value = ansi.Blue, ansi.Magenta
	}
	t.dim = t.dim.Faint()
	t.bad = t.bad.ForegroundColor(ansi.Red)
	t.good = t.good.ForegroundColor(ansi.Green)
	t.key = t.key.ForegroundColor(key)
	t.here = t.here.ForegroundColor(key)
	t.value = t.value.ForegroundColor(value)
	return t
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
func paint(s ansi.Style, str string) string {
	if len(s) == 0 || str == "" {
		return str
	}
	return s.Styled(str)
}

// atLeast marks a number that is a lower bound.
func (t theme) atLeast() string {
	if t.ascii {
		return ">="
	}
	return "≥"
}
