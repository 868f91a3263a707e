package tui

import "strings"

// A sign is a character that says something; help explains those of each pane.
type sign struct {
	in    mode
	glyph func(th theme) string
	says  string
}

func always(s string) func(theme) string { return func(theme) string { return s } }

// signs are all of them, in the order of help.
func signs() []sign {
	out := []sign{
		{inEvents, always("*"), "a marked event"},
		{inEvents, always("!"), "another copy of the event says otherwise"},
		{inEvents | inSources, always("~"), "its log file is invalid: altered, broken or contradicted"},
		{inEvents | inSources, always("?"), "its log file is not proven: unverified, warned of, or too new"},
		{inEvents, always("x"), "the event did not succeed; below the histogram: many did not"},
		{inEvents, func(th theme) string { return string(th.hatchGlyph()) }, "in the histogram: something is missing here, or not proven"},
		{inEvents, always("--"), "between events: something is missing or not proven; enter tells"},
	}
	for m := markProven; m <= markInvalid; m++ {
		out = append(out, sign{inIntegrity, func(th theme) string { return th.mark(m) }, "in a chain: " + marks[m].long})
	}
	for m := coverProven; m <= coverMissing; m++ {
		out = append(out, sign{inSources, func(th theme) string { return th.cover(m) }, "in coverage: " + coverMarks[m].long})
	}
	return out
}

// signEntries are the signs of a pane as lines of help, which do nothing when they are run.
func (a *app) signEntries(in mode) []entry {
	var list []entry
	for _, s := range signs() {
		if s.in&in != 0 {
			list = append(list, entry{key: s.glyph(a.th), help: s.says, act: actNone})
		}
	}
	return list
}

// signsMarkdown is the part of docs/keys.md about signs.
func signsMarkdown() string {
	var b strings.Builder
	b.WriteString("\n## Signs\n\n| Sign | With `--ascii` | Says |\n|---|---|---|\n")
	for _, s := range signs() {
		b.WriteString("| " + code(s.glyph(theme{})) + " | " + code(s.glyph(theme{ascii: true})) + " | " + s.says + " |\n")
	}
	return b.String()
}
