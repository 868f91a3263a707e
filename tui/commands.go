package tui

import (
	"slices"
	"strings"

	"github.com/trailsift/trailsift/tui/text"
)

// commands are the names of actions, for keys.toml and the palette.
var commands = map[action]string{
	actUp: "up", actDown: "down", actTop: "top", actBottom: "bottom", actHalfUp: "half-page-up", actHalfDown: "half-page-down",
	actPageUp: "page-up", actPageDown: "page-down", actLeft: "left", actRight: "right", actNextPane: "next-pane",
	actPrevPane: "previous-pane", actEvents: "events", actTimeline: "timeline", actFindings: "findings",
	actIntegrity: "integrity", actSources: "sources", actEnter: "enter", actEsc: "out", actBack: "back", actCancel: "cancel",
	actHistoryBack: "history-back", actHistoryForward: "history-forward", actLastView: "last-view", actFilter: "filter",
	actFindInEvent: "find-in-event", actFindNext: "find-next", actFindPrev: "find-previous", actFindValue: "find-value",
	actFilterFiles: "filter-lines", actOnlyProblems: "only-problems", actKeep: "keep", actDrop: "drop", actUndo: "undo",
	actRedo: "redo", actFacets: "facets", actToggleValue: "toggle", actSort: "sort", actGoToTime: "go-to-time", actStrip: "strip",
	actNextEvent: "next-event", actPrevEvent: "previous-event", actNextError: "next-error", actPrevError: "previous-error",
	actWrites: "writes", actErrors: "errors", actMark: "mark", actClearMarks: "clear-marks", actCopy: "copy",
	actCopyMenu: "copy-menu", actPalette: "palette", actHelp: "help", actMaximise: "maximise", actWrap: "wrap", actZone: "zone",
	actMouse: "mouse", actRedraw: "redraw", actSuspend: "suspend", actComplete: "complete", actHistory: "history",
	actAccept: "accept", actCopyEvent: "copy-event", actCopyValue: "copy-value", actCopyKey: "copy-key",
	actCopyPath: "copy-path", actCopyPrincipal: "copy-principal", actCopyID: "copy-id", actCopyFilter: "copy-filter",
	actCopyCommand: "copy-command", actShowState: "where", actOpenPath: "open-path", actChoose: "choose",
	actChooseAll: "choose-all", actChooseUpTo: "choose-up-to", actFollow: "follow", actVerify: "verify", actTrails: "trails",
	actRefresh: "refresh", actCopyPlace: "copy-place", actCopyEvidence: "copy-evidence", actRange: "range",
	actZoomIn: "zoom-in", actZoomOut: "zoom-out", actZoomAll: "zoom-all", actSplit: "split", actNextGap: "next-gap",
	actPrevGap: "previous-gap", actPivot: "pivot", actAround: "around", actFrequency: "frequency", actTheme: "theme",
	actFindInList: "find", actFindThis: "find-this", actBookmark: "bookmark", actBookmarks: "bookmarks", actEditNote: "edit-note",
	actDelete: "delete", actSortBy: "sort-by", actReverse: "reverse", actColumns: "columns", actMoveUp: "move-up", actMoveDown: "move-down",
	actNarrower: "narrower", actWider: "wider", actAddPath: "add-path", actDefaults: "defaults", actSave: "export", actPrint: "print",
	actRaw: "raw", actSearches: "searches", actSaveSearch: "save-search", actCopyMarked: "copy-marked",
}

// commandNamed is the action of a name.
func commandNamed(name string) (action, bool) {
	for act, n := range commands {
		if n == name {
			return act, true
		}
	}
	return actNone, false
}

func commandSlugs() []string {
	var names []string
	for _, n := range commands {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// boundIn are the panes that have a command.
func boundIn(act action) (in mode) {
	for _, b := range bindings() {
		if b.act == act {
			in |= b.in
		}
	}
	return in
}

// allPanes is the table of a keys.toml that is about every pane.
const allPanes = "all"

// slugs are the names of panes in a keys.toml where they are not simply the heading.
var slugs = map[mode]string{
	inDetail: "detail", inFrequency: "frequency", inTrails: "trails", inFilter: "filter", inPrompt: "prompt",
	inPalette: "palette", inCopy: "copy", inUnbuilt: "findings", inStart: "start", inChoose: "choose", inSpan: "range",
}

// paneSlug is the name of a pane in a keys.toml, by its heading.
func paneSlug(heading string) string {
	for _, m := range modeNames {
		if s, ok := slugs[m.in]; ok && m.name == heading {
			return s
		}
	}
	return strings.ReplaceAll(strings.ToLower(heading), " ", "-")
}

// paneSlugs are all of them.
func paneSlugs() []string {
	names := []string{allPanes}
	for _, m := range modeNames {
		names = append(names, paneSlug(m.name))
	}
	return names
}

// paneMode is the pane of a name.
func paneMode(name string) (in mode, ok bool) {
	for _, m := range modeNames {
		if name == allPanes || paneSlug(m.name) == name {
			in, ok = in|m.in, true
		}
	}
	return in, ok
}

// meant is the nearest of some names, as a clause, "" where none is near.
func meant(word string, names []string) string {
	best, least := "", 3
	for _, n := range names {
		if d := editDistance(word, n); d < least {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return " (did you mean " + best + "?)"
}

// editDistance is how many characters must be put in, left out or replaced.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := before
			if a[i-1] != b[j-1] {
				cost++
			}
			before = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

// KeysText is the text of "trailsift help keys": the keys of every pane as a keymap leaves them, the names of panes and
// commands, and where the keymap is.
func KeysText(m Keymap, path string) string {
	var b strings.Builder
	b.WriteString("Keys\n\n" + text.Visible(path) + " gives commands other keys, by pane; [all] is every pane that has the command:\n\n" +
		"  [events]\n  mark = [\"x\", \"space\"]\n  filter = \"ctrl+k\"\n  undo = []\n")
	all := m.bindings()
	for _, p := range modeNames {
		b.WriteString("\n" + p.name + "  [" + paneSlug(p.name) + "]\n")
		for _, bi := range all {
			if bi.in&p.in == 0 {
				continue
			}
			names := make([]string, 0, 3)
			for _, k := range bi.Keys() {
				names = append(names, keyName(k))
			}
			if len(names) == 0 {
				names = append(names, ":"+commands[bi.act])
			}
			b.WriteString("  " + text.Fit(strings.Join(names, " "), 16) + " " + text.Fit(commands[bi.act], 18) + " " + bi.Help().Desc + "\n")
		}
	}
	return b.String()
}

// keymapMarkdown is what docs/keys.md says about other keys.
const keymapMarkdown = "`trailsift help keys` prints them as they are in force. `keys.toml` in `$XDG_CONFIG_HOME/trailsift` (`~/.config/trailsift`) gives\n" +
	"commands other keys, by pane; `[all]` is every pane that has the command. What is wrong there is told with its line.\n\n" +
	"```toml\n[events]\nmark = [\"x\", \"space\"]\nfilter = \"ctrl+k\"\nundo = []\n```\n\n"
