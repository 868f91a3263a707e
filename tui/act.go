package tui

import (
	"fmt"
	"path/filepath"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index/query"
)

// where is where keys go now.
func (a *app) where() mode {
	switch a.over {
	case overFilter:
		return inFilter
	case overPrompt:
		return inPrompt
	case overPalette:
		return inPalette
	case overCopy:
		return inCopy
	case overPivot:
		return inPivot
	case overMenu:
		return menuModes[a.menu.kind]
	}
	return a.paneMode()
}

// paneMode is the pane under whatever lies over the screen.
func (a *app) paneMode() mode {
	switch {
	case a.start != nil:
		return inStart
	case a.choosing != nil:
		return inChoose
	case a.tab == tabSources && a.trails.on:
		return inTrails
	case a.tab == tabSources:
		return inSources
	case a.tab == tabIntegrity:
		return inIntegrity
	case a.tab == tabTimeline:
		return inTimeline
	case a.tab != tabEvents:
		return inUnbuilt
	case a.frequency.on:
		return inFrequency
	case a.focus == onFacets:
		return inFacets
	case a.focus == onDetail:
		return inDetail
	case a.events.span.on:
		return inSpan
	}
	return inEvents
}

// onKey hands a key to what is typed into, or does what it is bound to.
func (a *app) onKey(msg tea.KeyPressMsg) tea.Cmd {
	in := a.where()
	act := actionFor(a.keys, in, msg)
	if in&inTyped != 0 && act == actNone {
		return a.onTyped(msg.String(), msg.Text)
	}
	a.toast, a.offered = "", ""
	cmd := a.do(act)
	if in&inPanes != 0 && a.over == overNone {
		a.teach(act)
	}
	return cmd
}

// do is every action. Those that mean the same everywhere stand here, the others with their pane.
func (a *app) do(act action) tea.Cmd {
	switch a.over {
	case overFilter:
		return a.doFilter(act)
	case overPrompt:
		return a.doPrompt(act)
	case overPalette:
		return a.doPalette(act)
	case overCopy:
		return a.doCopy(act)
	case overPivot:
		return a.doPivot(act)
	case overMenu:
		return a.doMenu(act)
	}
	if a.start != nil {
		return a.doStart(act)
	}
	if a.choosing != nil {
		return a.doChoose(act)
	}
	if a.paneMode() == inSpan {
		if cmd, done := a.doSpan(act); done {
			return cmd
		}
	}
	if cmd, done := a.doView(act); done {
		return cmd
	}
	if cmd, done := a.doKeep(act); done {
		return cmd
	}
	if a.tab == tabTimeline {
		if cmd, done := a.doTimeline(act); done {
			return cmd
		}
	}
	if a.paneMode() == inFrequency {
		if cmd, done := a.doFrequency(act); done {
			return cmd
		}
	}
	if cmd, done := a.doFilterAction(act); done {
		return cmd
	}
	switch a.paneMode() {
	case inSources:
		return a.doSources(act)
	case inTrails:
		return a.doTrails(act)
	case inIntegrity:
		return a.doIntegrity(act)
	case inFacets:
		return a.doFacets(act)
	case inDetail:
		return a.doDetail(act)
	case inEvents, inSpan:
		return a.doEvents(act)
	default:
		return nil
	}
}

// doView is about what is on the screen.
func (a *app) doView(act action) (cmd tea.Cmd, done bool) {
	switch act {
	case actEvents, actTimeline, actFindings, actIntegrity, actSources:
		return a.openTab(tab(act - actEvents)), true
	case actLastView:
		return a.openTab(a.last), true
	case actHistoryBack:
		return a.goAlong(-1), true
	case actHistoryForward:
		return a.goAlong(1), true
	case actNextPane, actPrevPane:
		if a.tab == tabIntegrity {
			return nil, false
		}
		return a.nextPane(map[action]int{actPrevPane: -1, actNextPane: 1}[act]), true
	case actMaximise:
		a.maximised = !a.maximised
		return a.relayout(), true
	case actStrip:
		if a.tab == tabSources {
			return nil, false
		}
		a.stripOff = !a.stripOff
		return a.relayout(), true
	case actZone:
		a.toggleZone()
		return nil, true
	case actTheme:
		a.changeTheme()
		return nil, true
	case actFollow:
		return a.toggleFollow(), true
	case actShowState:
		a.toast = a.state()
		return nil, true
	case actEsc:
		return a.out(), true
	case actBack:
		return a.back(), true
	case actCancel:
		return a.cancel(), true
	}
	return a.doTerminal(act, a.paneMode())
}

// doKeep is about what is kept or taken out: bookmarks, searches, files, print.
func (a *app) doKeep(act action) (cmd tea.Cmd, done bool) {
	switch act {
	case actBookmark:
		a.openBookmark()
	case actBookmarks:
		a.openMenu(menuBookmarks)
	case actSearches:
		a.openMenu(menuSearches)
	case actSaveSearch:
		return a.askSearchName(), true
	case actSave:
		if a.tab == tabSources {
			return a.askExportPath(exportJob{what: exportFiles, format: "csv"}), true
		}
		a.openMenu(menuExport)
	case actPrint:
		a.openPrint()
	case actColumns:
		a.openColumns()
	case actFindThis:
		return a.findValue(), true
	default:
		return nil, false
	}
	return nil, true
}

// doTerminal is what keys do everywhere: help and palette of a mode, and the terminal itself.
func (a *app) doTerminal(act action, in mode) (cmd tea.Cmd, done bool) {
	switch act {
	case actMouse:
		a.toggleMouse()
	case actHelp, actPalette:
		a.palette.Open(a.entries(in), act == actPalette)
		a.over = overPalette
	case actRedraw:
		return tea.ClearScreen, true
	case actSuspend:
		return a.suspend(), true
	default:
		return nil, false
	}
	return nil, true
}

// doFilterAction is about the filter, whichever pane of the Events view is in use.
func (a *app) doFilterAction(act action) (cmd tea.Cmd, done bool) {
	if a.tab == tabSources || a.tab == tabIntegrity {
		return nil, false
	}
	switch act {
	case actFilter:
		a.openFilter()
		return nil, true
	case actUndo:
		return a.undo(true), true
	case actRedo:
		return a.undo(false), true
	case actKeep, actDrop:
		return a.keepOrDrop(act == actKeep), true
	case actWrites, actErrors:
		f := a.filter
		if act == actWrites {
			f.writes = !f.writes
		} else {
			f.errors = !f.errors
		}
		return a.commit(f), true
	case actFacets:
		return a.toggleFacets(), true
	case actPivot:
		return a.openPivot(), true
	case actFrequency:
		return a.openFrequency(), true
	case actAround:
		return a.toggleAround(), true
	case actCopyMenu:
		a.over = overCopy
		return nil, true
	case actCopy:
		return a.copyUnderCursor(), true
	case actNextError, actPrevError:
		return a.toError(act == actNextError), true
	}
	return nil, false
}

// openTab shows another view.
func (a *app) openTab(t tab) tea.Cmd {
	if t == a.tab {
		return nil
	}
	a.trail.Push(a.stop())
	a.last, a.tab = a.tab, t
	a.focus, a.maximised = onList, false
	a.trail.Push(a.stop())
	if t == tabTimeline {
		a.enterTimeline()
	}
	cmds := []tea.Cmd{a.relayout()}
	if t == tabSources {
		cmds = append(cmds, a.askFiles(), a.askCoverage(), statsCmd(a.opt.Index))
	}
	if t == tabIntegrity && a.integrity.generation != a.opt.Index.Generation() {
		cmds = append(cmds, a.askIntegrity())
	}
	return tea.Batch(cmds...)
}

// nextPane goes through list, facets and detail.
func (a *app) nextPane(d int) tea.Cmd {
	if a.tab != tabEvents {
		return nil
	}
	panes := []focus{onList, onDetail}
	if a.facetsOn || !a.lay.wide {
		panes = []focus{onFacets, onList, onDetail}
	}
	at := 0
	for i, p := range panes {
		if p == a.focus {
			at = i
		}
	}
	return a.focusOn(panes[(at+d+len(panes))%len(panes)])
}

// focusOn sends keys to a pane and shows it.
func (a *app) focusOn(f focus) tea.Cmd {
	if a.focus == onFacets && f != onFacets && a.facets.find != "" {
		a.facets.Find("")
		a.search.facetsGen = 0
	}
	a.focus, a.maximised = f, false
	cmds := []tea.Cmd{a.relayout()}
	switch f {
	case onDetail:
		a.rested = true
		cmds = append(cmds, a.askRecord())
	case onFacets:
		cmds = append(cmds, a.askFacets())
	case onList:
		if a.lay.wide && !a.detail.has {
			cmds = append(cmds, a.askRecord())
		}
	}
	return tea.Batch(cmds...)
}

// toggleFacets: the drawer of a small screen is there while it is used; the pane of a large one first gets the keys, and
// goes away when it has them.
func (a *app) toggleFacets() tea.Cmd {
	if a.focus == onFacets {
		a.facetsOn = !a.lay.wide
		return a.focusOn(onList)
	}
	a.facetsOn = true
	return a.focusOn(onFacets)
}

// toggleZone goes from UTC to local times to distances from the bookmark made last, or from the event under the cursor.
func (a *app) toggleZone() {
	e := &a.events
	if !a.local && e.since.IsZero() {
		a.local = true
		a.toast = "times in " + a.location().String()
		if a.opt.Location.String() == "UTC" {
			a.toast = "times in local time, which is UTC here"
		}
		return
	}
	from, what := time.Time{}, ""
	if a.local && e.since.IsZero() {
		if t, ok := a.lastBookmark(); ok {
			from, what = t, "the bookmark made last"
		} else if r := e.Selected(); r != nil && r.HasTime {
			from, what = r.Time, "this event"
		}
	}
	a.local, e.since = false, from
	a.toast = "times in UTC"
	if what != "" {
		a.toast = "times as distances from " + what + ", " + from.UTC().Format("2006-01-02 15:04:05Z") + "   T: back to UTC"
	}
}

func (a *app) toggleMouse() {
	a.mouse = !a.mouse
	a.toast = "mouse off: the terminal selects text"
	if a.mouse {
		a.toast = "mouse on: click and wheel; F2 gives it back to the terminal"
	}
}

// out leaves the nearest thing; it never quits.
func (a *app) out() tea.Cmd {
	switch {
	case a.paneMode() == inSpan:
		a.events.span = rowSpan{}
		return nil
	case a.paneMode() == inEvents && a.events.find.text != "":
		a.endFind()
		return nil
	case a.tab == tabTimeline:
		return a.outOfTimeline()
	case a.tab == tabIntegrity && a.integrity.running:
		a.stopVerify()
		return nil
	case a.tab == tabIntegrity && (a.integrity.ask.find != "" || a.integrity.ask.all):
		a.integrity.ask.find, a.integrity.ask.all = "", false
		return a.relist()
	case a.tab == tabIntegrity && a.integrity.onChains:
		a.integrity.onChains = false
		return nil
	case a.tab == tabSources && a.trails.on:
		a.trails.on = false
		return nil
	case a.tab == tabSources && (a.sources.find != "" || a.sources.state != 0):
		a.sources.find, a.sources.state = "", 0
		a.sources.To(0)
		return a.askFiles()
	case a.paneMode() == inFrequency && a.frequency.find != "":
		a.findFrequency("")
		return nil
	case a.paneMode() == inFrequency:
		return a.closeFrequency()
	case a.focus == onDetail && a.detail.find != "":
		a.detail.find = ""
		if a.detail.tree != nil {
			a.detail.tree.Search("")
		}
		return nil
	case a.focus == onFacets && a.facets.find != "":
		a.facets.Find("")
		return nil
	case a.maximised:
		a.maximised = false
		return a.relayout()
	case a.focus != onList:
		return a.focusOn(onList)
	case a.tab == tabEvents && a.around.on:
		return a.endAround()
	case a.tab != tabEvents:
		return a.openTab(tabEvents)
	}
	return nil
}

// back leaves the view; at the root it quits.
func (a *app) back() tea.Cmd {
	if a.paneMode() == inEvents && !a.maximised {
		if a.export.on && !a.export.warned {
			a.export.warned = true
			a.toast = "a file is being written: q again leaves, and removes it"
			return nil
		}
		return tea.Quit
	}
	return a.out()
}

// cancel stops what runs; when nothing does, it quits.
func (a *app) cancel() tea.Cmd {
	switch {
	case a.search.running && !a.search.refresh:
		a.search.cancel()
		a.search.running = false
		a.toast = "search stopped"
		return nil
	case a.export.on:
		a.export.stop()
		a.toast = "stopping the export"
		return nil
	case a.integrity.running:
		a.stopVerify()
		return nil
	case a.intake.on && a.search.stopIngest != nil:
		a.search.stopIngest()
		a.search.stopIngest = nil
		a.toast = "stopped; what was brought in stays. ctrl+c again quits"
		return nil
	}
	return tea.Quit
}

// state says where the store is and what runs.
func (a *app) state() string {
	running := "nothing runs"
	switch {
	case a.intake.on:
		running = "bringing in"
	case a.following.on:
		running = a.followText()
	case a.integrity.running:
		running = "verifying"
	case a.search.running:
		running = "searching"
	}
	kept := "nothing is kept for the next visit"
	if a.opt.State != "" {
		kept = "kept for the next visit: " + filepath.Base(a.opt.State) + " beside it"
	}
	return fmt.Sprintf("index %s   %s   %s   places %s", a.opt.Index.Path(), kept, running, a.opt.Places)
}

// keepOrDrop writes the value under the cursor into the filter.
func (a *app) keepOrDrop(only bool) tea.Cmd {
	if a.focus == onFacets {
		do := a.facets.Drop
		if only {
			do = a.facets.Keep
		}
		n, ok := do(a.bare())
		if !ok {
			a.toast = "= and ! are about values; unfold the field with l"
			return nil
		}
		return a.change(n)
	}
	t := a.term()
	if t.why != "" {
		a.toast = t.why
		return nil
	}
	var n query.Node
	if only {
		n = keep(a.bare(), t.node)
	} else {
		n = drop(a.bare(), t.node)
	}
	cmd := a.change(n)
	if t.note != "" {
		a.toast = t.note
	}
	return cmd
}

// term is the value under the cursor of list or detail as a term.
func (a *app) term() term {
	if a.focus == onDetail {
		if a.detail.tree == nil {
			return term{why: "no value here"}
		}
		return nodeTerm(a.detail.tree.Node())
	}
	return rowTerm(a.events.Column(), a.events.Selected())
}

// toError goes to the next event that did not succeed, or to the one before.
func (a *app) toError(next bool) tea.Cmd {
	r := a.events.At(a.events.Cursor)
	if r == nil {
		return nil
	}
	d := -1
	if next {
		d = 1
	}
	return errorRowCmd(a.search.ctx, a.opt.Index, a.events.list, a.request(anchor{}), cursorRow{r.Ref, a.events.Cursor}, d)
}
