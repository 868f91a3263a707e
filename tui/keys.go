package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// An action is what a key does; keys, help, palette and the table of docs/keys.md all lead to one.
type action uint8

const (
	actNone action = iota
	actUp
	actDown
	actTop
	actBottom
	actHalfUp
	actHalfDown
	actPageUp
	actPageDown
	actLeft
	actRight
	actNextPane
	actPrevPane
	actEvents
	actTimeline
	actFindings
	actIntegrity
	actSources
	actEnter
	actEsc
	actBack
	actCancel
	actHistoryBack
	actHistoryForward
	actLastView
	actFilter
	actFindInEvent
	actFindNext
	actFindPrev
	actFindValue
	actFilterFiles
	actOnlyProblems
	actKeep
	actDrop
	actUndo
	actRedo
	actFacets
	actToggleValue
	actSort
	actGoToTime
	actStrip
	actNextEvent
	actPrevEvent
	actNextError
	actPrevError
	actWrites
	actErrors
	actMark
	actClearMarks
	actCopy
	actCopyMenu
	actPalette
	actHelp
	actMaximise
	actWrap
	actZone
	actTheme
	actMouse
	actRedraw
	actSuspend
	actComplete
	actHistory
	actAccept
	actCopyEvent
	actCopyValue
	actCopyKey
	actCopyPath
	actCopyPrincipal
	actCopyID
	actCopyFilter
	actCopyCommand
	actShowState
	actOpenPath
	actChoose
	actChooseAll
	actChooseUpTo
	actFollow
	actVerify
	actTrails
	actRefresh
	actCopyPlace
	actCopyEvidence
	actRange
	actZoomIn
	actZoomOut
	actZoomAll
	actSplit
	actNextGap
	actPrevGap
	actPivot
	actAround
	actFrequency
	actFindInList
	actFindThis
	actBookmark
	actBookmarks
	actEditNote
	actDelete
	actSortBy
	actReverse
	actColumns
	actMoveUp
	actMoveDown
	actNarrower
	actWider
	actAddPath
	actDefaults
	actSave
	actPrint
	actRaw
	actSearches
	actSaveSearch
	actRunSearch // from the palette only, with the number of the search
	actCopyMarked
)

// A mode is a place where keys are pressed. Modes are bits, so that a binding can stand in several.
type mode uint32

const (
	inEvents mode = 1 << iota
	inFacets
	inDetail
	inSources
	inIntegrity
	inTimeline
	inFrequency
	inTrails  // the trails in the Sources view
	inUnbuilt // tabs that are not built yet
	inStart
	inChoose  // what to bring in
	inFilter  // the filter line
	inPrompt  // any other line that is typed into
	inPalette // help and commands
	inCopy    // the copy menu
	inPivot   // the menu of what events have in common
	inSpan    // the list of events while a range of it is chosen
	inBookmarks
	inSearches
	inColumns
	inExport
	inPrint

	inMenus = inBookmarks | inSearches | inColumns | inExport | inPrint
	inPanes = inEvents | inSpan | inFrequency | inTimeline | inFacets | inDetail | inSources | inTrails | inIntegrity | inUnbuilt
	inLists = inEvents | inSpan | inMenus | inFrequency | inFacets | inDetail | inSources | inTrails | inIntegrity | inStart | inChoose
	inTyped = inFilter | inPrompt | inPalette
)

// modeNames are the headings of docs/keys.md, in its order.
var modeNames = []struct {
	in   mode
	name string
}{
	{inEvents, "Events"},
	{inSpan, "A range of events"},
	{inFacets, "Facets"},
	{inDetail, "Event detail"},
	{inFrequency, "Frequency table"},
	{inSources, "Sources"},
	{inTrails, "Trails, in Sources"},
	{inTimeline, "Timeline"},
	{inIntegrity, "Integrity"},
	{inFilter, "Filter line"},
	{inPrompt, "Other lines that are typed into"},
	{inPalette, "Help and commands"},
	{inCopy, "Copy menu"},
	{inPivot, "Pivot"},
	{inBookmarks, "Bookmarks"},
	{inSearches, "Searches"},
	{inColumns, "Columns"},
	{inExport, "Export"},
	{inPrint, "Print"},
	{inUnbuilt, "Findings"},
	{inStart, "Start page"},
	{inChoose, "What to bring in"},
}

// A binding says which keys do what where. hint is the word on the hint line, "" where it is not shown there.
type binding struct {
	key.Binding
	act  action
	in   mode
	hint string
}

func bind(act action, in mode, shown, help, hint string, keys ...string) binding {
	return binding{
		Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, help)),
		act:     act, in: in, hint: hint,
	}
}

// bindings is every key of the program, in the order of help and hint line.
func bindings() []binding {
	return append(append(paneBindings(), moveBindings()...), typedBindings()...)
}

func paneBindings() []binding {
	const filterable = inEvents | inTimeline | inUnbuilt
	return append(timelineBindings(), []binding{
		bind(actFilter, filterable, "/", "edit the filter, with live results", "filter", "/"),
		bind(actFindInEvent, inDetail, "/", "find in this event", "find", "/", "ctrl+f"),
		bind(actFindValue, inFacets|inFrequency, "/", "find a value", "find", "/", "ctrl+f"),
		bind(actFindInList, inEvents, "ctrl+f", "find without filtering: a text of the columns, or a query", "find", "ctrl+f"),
		bind(actFilterFiles, inSources, "/", "show only log files whose key, state or reason holds a text", "filter", "/"),
		bind(actFilterFiles, inIntegrity, "/", "show only lines that hold a text", "filter", "/"),
		bind(actEnter, inIntegrity, "enter", "the events of this log file, or around what is missing", "events", "enter"),
		bind(actVerify, inIntegrity, "r", "verify again; esc stops it", "verify", "r"),
		bind(actOnlyProblems, inIntegrity, "X", "only problems, or every digest and log file", "all", "X"),
		bind(actSort, inIntegrity, "s", "sort by severity, time or name", "sort", "s"),
		bind(actCopyEvidence, inIntegrity, "y", "copy the line with its evidence", "copy", "y"),
		bind(actOnlyProblems, inSources, "X", "only log files with problems, on and off", "problems", "X"),
		bind(actFacets, inEvents|inFacets, "f", "values of the fields, with counts", "facets", "f"),
		bind(actEnter, inEvents, "enter", "open the event", "detail", "enter"),
		bind(actEnter, inFacets, "enter", "fold or unfold a field; keep only a value", "open", "enter"),
		bind(actEnter, inFrequency, "enter", "keep only this value, and show its events", "its events", "enter"),
		bind(actEnter, inDetail, "enter", "fold or unfold, also JSON inside a string", "fold", "enter"),
		bind(actEnter, inSources, "enter", "the events of this log file", "events", "enter"),
		bind(actTrails, inSources, "t", "trails of the account and what is wrong with them (asks AWS)", "trails", "t"),
		bind(actTrails, inTrails, "t", "back to the log files", "log files", "t"),
		bind(actRefresh, inTrails, "r", "ask AWS again", "ask again", "r"),
		bind(actCopyPlace, inTrails, "c", "copy the trail as a place: trail:ARN", "copy", "c"),
		bind(actEnter, inStart, "enter", "open it", "open", "enter"),
		bind(actToggleValue, inChoose, "space", "take or leave this line", "take", "space"),
		bind(actEnter, inChoose, "enter", "bring in what is chosen", "bring in", "enter"),
		bind(actChooseAll, inChoose, "a", "all lines, or none", "all", "a"),
		bind(actChooseUpTo, inChoose, "n", "this line and those above it: this day and newer ones", "to here", "n"),
		bind(actNextPane, inChoose, "tab", "days, accounts, Regions", "next list", "tab", "l", "right"),
		bind(actPrevPane, inChoose, "shift+tab", "the same the other way", "", "shift+tab", "h", "left"),
		bind(actEsc, inChoose, "esc", "leave; nothing is brought in", "leave", "esc", "q"),
		bind(actChoose, inSources, "b", "choose what to bring in of AWS: days, accounts, Regions, with sizes and price", "bring in", "b"),
		bind(actFollow, inSources, "L", "follow: new events come in by themselves, on and off", "follow", "L"),
		bind(actOpenPath, inStart, "o", "open a folder or another place by name", "open a folder", "o"),
		bind(actKeep, inEvents|inFacets|inDetail|inFrequency, "=", "keep only the value under the cursor", "only", "="),
		bind(actDrop, inEvents|inFacets|inDetail|inFrequency, "!", "drop the value under the cursor", "not", "!"),
		bind(actToggleValue, inFacets|inFrequency, "space", "put a value on the field's OR list or take it off", "OR list", "space"),
		bind(actMark, inEvents, "space", "mark the event", "mark", "space"),
		bind(actRange, inEvents, "v", "choose a range of events from here", "range", "v"),
		bind(actMark, inSpan, "space", "mark all of the range", "mark all", "space"),
		bind(actEnter, inSpan, "enter", "keep only the time of the range", "keep its time", "enter"),
		bind(actKeep, inSpan, "=", "keep only the time of the range", "", "="),
		bind(actDrop, inSpan, "!", "drop the time of the range", "drop its time", "!"),
		bind(actRange, inSpan, "v", "give the range up", "give up", "v"),
		bind(actBookmarks, inPanes&^inSpan, "'", "bookmarks: open, edit, delete, write as Markdown", "", "'"),
		bind(actClearMarks, inEvents, "ctrl+\\", "clear all marks", "", "ctrl+\\"),
		bind(actPivot, inEvents|inDetail, "p", "pivot: same principal, key, session, address, resource, error or time, with counts", "pivot", "p"),
		bind(actAround, inEvents|inDetail, "a", "around: the same time without the filter; esc brings it back", "around", "a"),
		bind(actFindNext, inDetail, "n", "next hit", "next", "n"),
		bind(actFindNext, inEvents, "n", "next hit; of what ctrl+f looks for", "", "n"),
		bind(actFindPrev, inEvents|inDetail, "N", "previous hit", "", "N"),
		bind(actFindThis, inEvents|inDetail, "*", "find the value under the cursor", "", "*"),
		bind(actNextEvent, inDetail, "J", "next event", "next event", "J"),
		bind(actPrevEvent, inDetail, "K", "previous event", "previous", "K"),
		bind(actCopyMenu, inEvents|inDetail, "y", "copy: event, value, path, principal, id, filter, command", "copy", "y"),
		bind(actBookmark, inEvents|inDetail, "m", "bookmark with a note", "bookmark", "m"),
		bind(actCopy, inEvents|inDetail|inFacets|inFrequency|inSources|inIntegrity, "c", "copy the value under the cursor", "", "c"),
		bind(actNextError, inEvents|inDetail, "e", "next event that did not succeed", "error", "e"),
		bind(actPrevError, inEvents|inDetail, "E", "previous event that did not succeed", "", "E"),
		bind(actSortBy, inEvents, "s", "sort by this column, and back to newest first", "sort", "s"),
		bind(actReverse, inEvents, "S", "turn the order round", "", "S"),
		bind(actColumns, inEvents, "C", "choose columns, also any path in the record", "columns", "C"),
		bind(actSave, inEvents|inDetail, "ctrl+s", "export what is shown or marked, or the bookmarks", "export", "ctrl+s"),
		bind(actSave, inSources, "ctrl+s", "write these log files as a custody list: SHA-256 as stored, state, events, verdict", "custody list", "ctrl+s"),
		bind(actSave, inFacets|inTimeline|inFrequency, "ctrl+s", "export what is shown or marked, or the bookmarks", "", "ctrl+s"),
		bind(actPrint, inEvents|inDetail, "P", "print to the plain screen, to select by hand", "print", "P"),
		bind(actSearches, inEvents|inFacets|inDetail|inTimeline|inFrequency|inUnbuilt, "o", "searches: where triage begins, and saved ones", "searches", "o"),
		bind(actSaveSearch, inEvents|inFacets|inTimeline|inFrequency, ":save", "save this filter under a name", ""),
		bind(actGoToTime, inEvents|inTimeline, "t", "go to a time: 14:05, -2h, 11-07, 2026-11-07T14:00Z", "time", "t"),
		bind(actUndo, inEvents|inFacets|inDetail|inTimeline|inFrequency, "u", "undo the last change of filter, order, columns or marks", "undo", "u"),
		bind(actRedo, inEvents|inFacets|inDetail|inTimeline|inFrequency, "ctrl+r", "redo", "", "ctrl+r"),
		bind(actWrites, inEvents|inFacets|inTimeline|inFrequency, "W", "writes only, on and off", "", "W"),
		bind(actErrors, inEvents|inFacets|inTimeline|inFrequency, "X", "errors only, on and off", "", "X"),
		bind(actStrip, inEvents, "i", "histogram strip on and off", "", "i"),
		bind(actStrip, inSources, "i", "coverage strip on and off", "", "i"),
		bind(actFrequency, inEvents|inFacets|inDetail, "F", "all values of the field under the cursor, with counts", "all values", "F"),
		bind(actFrequency, inFrequency, "F", "back", "", "F"),
		bind(actSort, inFacets|inFrequency, "s", "sort by count or by value", "sort", "s"),
		bind(actWrap, inDetail, "w", "wrap long values", "wrap", "w"),
		bind(actMaximise, inEvents|inFacets|inDetail, "\\", "this pane alone, and back", "", "\\"),
		bind(actHistoryBack, inPanes, "[", "back through filters and views", "", "["),
		bind(actHistoryForward, inPanes, "]", "forward through filters and views", "", "]"),
		bind(actLastView, inPanes, "-", "the view before this one", "", "-"),
		bind(actEvents, inPanes, "1", "Events", "", "1"),
		bind(actTimeline, inPanes, "2", "Timeline", "", "2"),
		bind(actFindings, inPanes, "3", "Findings", "", "3"),
		bind(actIntegrity, inPanes, "4", "Integrity", "", "4"),
		bind(actSources, inPanes, "5", "Sources: what came in, and its problems", "", "5"),
		bind(actNextPane, inIntegrity, "tab", "chains or problems", "chains", "tab"),
		bind(actNextPane, inEvents|inFacets|inDetail, "tab", "next pane", "pane", "tab"),
		bind(actPrevPane, inEvents|inFacets|inDetail, "shift+tab", "previous pane", "", "shift+tab"),
		bind(actZone, inPanes, "T", "times in UTC, local, or as distances from the last bookmark", "", "T"),
		bind(actTheme, inPanes, ":theme", "the next theme of colours", ""),
		bind(actPalette, inPanes, ":", "commands; :123 goes to row 123", "", ":", "ctrl+p"),
		bind(actMouse, inPanes|inStart|inChoose, "F2", "mouse on and off; off, the terminal selects text", "", "f2"),
		bind(actRedraw, inPanes|inStart|inChoose, "ctrl+l", "draw the screen again", "", "ctrl+l"),
		bind(actSuspend, inPanes|inStart|inChoose, "ctrl+z", "suspend", "", "ctrl+z"),
		bind(actHelp, inPanes|inStart|inChoose, "?", "the keys of this pane: type to narrow, enter runs one", "help", "?", "f1"),
		bind(actEsc, inPanes|inStart, "esc", "out by one; never quits", "", "esc"),
		bind(actBack, inPanes|inStart, "q", "back; at the root, quit", "back", "q"),
		bind(actCancel, inPanes|inStart|inChoose|inTyped|inCopy|inPivot|inMenus, "ctrl+c", "stop the running search or the bringing in; when idle, quit", "", "ctrl+c"),
		bind(actShowState, inPanes, ":where", "where this is kept and what is running", ""),
	}...)
}

func timelineBindings() []binding {
	return []binding{
		bind(actEnter, inTimeline, "enter", "keep only this bar, or the chosen range, and show its events", "only this", "enter"),
		bind(actDrop, inTimeline, "!", "drop this bar or the chosen range", "not this", "!"),
		bind(actRange, inTimeline, "v", "choose a range of bars from here; again: give it up", "range", "v"),
		bind(actZoomIn, inTimeline, "z", "zoom in, to the chosen range where there is one", "zoom", "z"),
		bind(actZoomOut, inTimeline, "Z", "zoom out", "", "Z"),
		bind(actZoomAll, inTimeline, "0", "show all of the time", "", "0"),
		bind(actSplit, inTimeline, "s", "split by outcome, service or principal", "split", "s"),
		bind(actNextError, inTimeline, "e", "next peak of errors", "error peak", "e"),
		bind(actPrevError, inTimeline, "E", "previous peak of errors", "", "E"),
		bind(actNextGap, inTimeline, "}", "next time in which something is missing", "", "}"),
		bind(actPrevGap, inTimeline, "{", "previous time in which something is missing", "", "{"),
		bind(actLeft, inTimeline, "h", "bar to the left", "", "h", "left"),
		bind(actRight, inTimeline, "l", "bar to the right", "bar", "l", "right"),
		bind(actHalfUp, inTimeline, "ctrl+u", "ten bars to the left", "", "ctrl+u", "pgup"),
		bind(actHalfDown, inTimeline, "ctrl+d", "ten bars to the right", "", "ctrl+d", "pgdown"),
		bind(actTop, inTimeline, "g", "first bar", "", "g", "home"),
		bind(actBottom, inTimeline, "G", "last bar", "", "G", "end"),
	}
}

func moveBindings() []binding {
	return []binding{
		bind(actDown, inLists, "j", "down", "", "j", "down"),
		bind(actUp, inLists, "k", "up", "", "k", "up"),
		bind(actTop, inLists, "g", "first; the newest events", "", "g", "home"),
		bind(actBottom, inLists, "G", "last", "", "G", "end"),
		bind(actHalfDown, inLists, "ctrl+d", "half a page down", "", "ctrl+d"),
		bind(actHalfUp, inLists, "ctrl+u", "half a page up", "", "ctrl+u"),
		bind(actPageDown, inLists, "pgdn", "page down", "", "pgdown"),
		bind(actPageUp, inLists, "pgup", "page up", "", "pgup"),
		bind(actLeft, inEvents, "h", "column to the left", "", "h", "left"),
		bind(actRight, inEvents, "l", "column to the right: the value that = ! c are about", "", "l", "right"),
		bind(actLeft, inSources, "h", "log files of the state to the left", "", "h", "left"),
		bind(actRight, inSources, "l", "log files of the state to the right", "state", "l", "right"),
		bind(actLeft, inFacets|inDetail, "h", "fold", "", "h", "left"),
		bind(actRight, inFacets|inDetail, "l", "unfold", "", "l", "right"),
	}
}

func typedBindings() []binding {
	return []binding{
		bind(actAccept, inFilter, "enter", "keep this filter", "keep", "enter"),
		bind(actEsc, inFilter, "esc", "the filter as it was before", "as before", "esc"),
		bind(actComplete, inFilter, "tab", "take the completion", "complete", "tab"),
		bind(actDown, inFilter, "down", "next completion, later filter", "choose", "down"),
		bind(actUp, inFilter, "up", "previous completion, earlier filter", "", "up"),
		bind(actHistory, inFilter, "ctrl+r", "filters used before", "earlier filters", "ctrl+r"),
		bind(actAccept, inPrompt, "enter", "take what is typed", "accept", "enter"),
		bind(actEsc, inPrompt, "esc", "leave", "leave", "esc"),
		bind(actAccept, inPalette, "enter", "run", "run", "enter"),
		bind(actEsc, inPalette, "esc", "leave", "leave", "esc"),
		bind(actDown, inPalette, "down", "next", "choose", "down"),
		bind(actUp, inPalette, "up", "previous", "", "up"),
		bind(actPageDown, inPalette, "pgdn", "page down", "", "pgdown"),
		bind(actPageUp, inPalette, "pgup", "page up", "", "pgup"),
		bind(actCopyEvent, inCopy, "y", "the event as delivered", "event", "y"),
		bind(actCopyValue, inCopy, "v", "the value under the cursor", "value", "v"),
		bind(actCopyKey, inCopy, "k", "its key", "key", "k"),
		bind(actCopyPath, inCopy, "p", "its JSON path", "path", "p"),
		bind(actCopyPrincipal, inCopy, "a", "the principal's ARN", "ARN", "a"),
		bind(actCopyID, inCopy, "i", "the event's id", "id", "i"),
		bind(actCopyFilter, inCopy, "q", "the filter", "filter", "q"),
		bind(actCopyCommand, inCopy, "c", "the filter as a command line", "command", "c"),
		bind(actEnter, inPivot, "enter", "show all events with it; the filter gives way", "show all", "enter"),
		bind(actKeep, inPivot, "=", "add it to the filter", "add to the filter", "="),
		bind(actDown, inPivot, "j", "down", "", "j", "down"),
		bind(actUp, inPivot, "k", "up", "", "k", "up"),
		bind(actTop, inPivot, "g", "first", "", "g", "home"),
		bind(actBottom, inPivot, "G", "last", "", "G", "end"),
		bind(actEsc, inPivot, "esc", "leave", "leave", "esc", "q", "p"),
		bind(actCopyMarked, inCopy, "m", "the marked events", "marked", "m"),
		bind(actEsc, inCopy, "esc", "leave", "leave", "esc"),
		bind(actEnter, inBookmarks, "enter", "go to the event", "go to it", "enter"),
		bind(actEditNote, inBookmarks, "e", "edit the note", "edit note", "e"),
		bind(actDelete, inBookmarks, "d", "delete the bookmark", "delete", "d"),
		bind(actUndo, inBookmarks, "u", "bring back the one deleted last", "undelete", "u"),
		bind(actSave, inBookmarks, "ctrl+s", "write all as Markdown: time, event id, note, record", "write as Markdown", "ctrl+s"),
		bind(actEnter, inSearches, "enter", "show its events", "show", "enter"),
		bind(actSaveSearch, inSearches, "s", "save the filter there is under a name", "save the filter", "s"),
		bind(actDelete, inSearches, "d", "delete a saved search", "delete", "d"),
		bind(actToggleValue, inColumns, "space", "take or leave the column", "take", "space"),
		bind(actEnter, inColumns, "enter", "show these columns", "show these", "enter"),
		bind(actAddPath, inColumns, "a", "add any path in the record as a column", "add a path", "a"),
		bind(actMoveUp, inColumns, "K", "move the column to the left", "left", "K"),
		bind(actMoveDown, inColumns, "J", "move the column to the right", "right", "J"),
		bind(actNarrower, inColumns, "<", "narrower", "", "<"),
		bind(actWider, inColumns, ">", "wider", "wider", ">"),
		bind(actDefaults, inColumns, "d", "the columns that suit the screen", "as at first", "d"),
		bind(actEnter, inExport, "enter", "say where to write it", "write", "enter"),
		bind(actEnter, inPrint, "enter", "print it", "print", "enter"),
		bind(actRaw, inPrint, "r", "the bytes as delivered, without escapes, and back", "raw", "r"),
		bind(actEsc, inMenus, "esc", "leave", "leave", "esc", "q"),
	}
}

// actionFor is what a key does in a context, actNone where it does nothing.
func actionFor(all []binding, in mode, msg tea.KeyPressMsg) action {
	for _, b := range all {
		if b.in&in != 0 && key.Matches(msg, b.Binding) {
			return b.act
		}
	}
	return actNone
}

// leading are the keys that the hint line of list and event names before all others: what a first visit needs.
var leading = []action{actFilter, actFindInEvent, actFacets, actEnter, actKeep, actDrop, actCopyMenu, actSave, actHelp, actPivot}

// hinted are the bindings of a context that its hint line names, the most useful first.
func hinted(all []binding, in mode) []binding {
	var first, rest []binding
	for _, b := range all {
		switch {
		case b.in&in == 0 || b.hint == "":
		case in&(inEvents|inDetail) != 0 && slices.Contains(leading, b.act):
			first = append(first, b)
		default:
			rest = append(rest, b)
		}
	}
	slices.SortStableFunc(first, func(a, b binding) int {
		return slices.Index(leading, a.act) - slices.Index(leading, b.act)
	})
	return append(first, rest...)
}

// hints is the hint line of a context: what fits of the keys, the most useful first.
func hints(all []binding, in mode, cells int) string {
	var line strings.Builder
	for _, b := range hinted(all, in) {
		h := "  " + b.Help().Key + " " + b.hint
		if line.Len() == 0 {
			h = h[1:]
		}
		if line.Len()+len(h) <= cells {
			line.WriteString(h)
		}
	}
	return line.String()
}

// KeysMarkdown is the text of docs/keys.md.
func KeysMarkdown() string {
	var b strings.Builder
	b.WriteString("# Keys\n\nMade from the bindings in `tui/keys.go`. `?` shows the keys of the pane you are in and runs them.\n" + keymapMarkdown +
		"Lines that are typed into also take the usual editing keys (`ctrl+a` `ctrl+e` `ctrl+w` `ctrl+u` `ctrl+k`, arrows, `alt+b` `alt+f`).\n")
	for _, c := range modeNames {
		b.WriteString("\n## " + c.name + ": `[" + paneSlug(c.name) + "]`\n\n| Key | Does | Command |\n|---|---|---|\n")
		for _, bi := range bindings() {
			if bi.in&c.in != 0 && len(bi.Keys()) > 0 {
				b.WriteString("| " + keyCells(bi) + " | " + bi.Help().Desc + " | " + code(commands[bi.act]) + " |\n")
			}
		}
	}
	return b.String() + signsMarkdown()
}

// keyCells names all keys of a binding, the one of help first.
func keyCells(b binding) string {
	names := []string{code(b.Help().Key)}
	for _, k := range b.Keys() {
		if n := keyName(k); n != b.Help().Key {
			names = append(names, code(n))
		}
	}
	return strings.Join(names, " ")
}

func keyName(k string) string {
	switch k {
	case "pgdown":
		return "pgdn"
	case "f1", "f2":
		return strings.ToUpper(k)
	}
	return k
}

func code(s string) string { return "`" + s + "`" }
