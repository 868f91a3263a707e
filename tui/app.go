package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/widget"
)

// tab is one of the five views; their numbers are their keys.
type tab uint8

const (
	tabEvents tab = iota
	tabTimeline
	tabFindings
	tabIntegrity
	tabSources
)

// focus is the pane of the Events view that keys go to.
type focus uint8

const (
	onList focus = iota
	onFacets
	onDetail
)

// overlay is what lies over the screen and takes the keys.
type overlay uint8

const (
	overNone overlay = iota
	overFilter
	overPrompt
	overPalette
	overCopy
	overPivot
	overMenu
)

// app is the only model: what panes share, and who gets which message.
type app struct {
	opt        Options
	ctx        context.Context // of everything that runs behind the screen
	send       func(tea.Msg)   // into the program, from other goroutines
	after      func(time.Duration, tea.Msg) tea.Cmd
	background background
	keys       []binding
	th         theme
	look       string // name of the theme
	light      bool   // the terminal's background is

	w, h      int
	lay       layout
	tab, last tab
	focus     focus
	maximised bool
	facetsOn  bool
	stripOff  bool
	local     bool // times in the zone of the person
	mouse     bool
	over      overlay
	toast     string

	filter       filter
	node         query.Node // the filter with its toggles, parsed
	before       filter     // the filter when editing began
	search       search
	undone       undoList
	trail        trail
	marks        map[index.Ref]bool
	rest         int    // number of the cursor's last move
	rested       bool   // the cursor has not moved for a moment
	here         anchor // the event that was under the cursor last
	origin       anchor // what searches hold on to while the filter is typed: the event from which it began
	originFacets widget.Window
	intake       intake     // what is coming in
	want         *index.Ref // record being read
	err          string     // why there is no result

	bar         queryBar
	events      eventsPane
	strip       stripPane
	facets      facetsPane
	detail      detailPane
	sources     sourcesPane
	trails      trailsPane
	integrity   integrityPane
	timeline    timelinePane
	pivot       pivotPane
	frequency   frequencyPane
	around      lift
	kept        kept
	offered     string          // what the hint line offers until the next key
	taught      map[action]bool // actions whose follow-up keys were named
	notes       bookmarks
	saved       []savedSearch
	menu        menuPane
	choice      columnsEdit
	export      exporting
	printing    printChoice
	foundBefore listFind // what was looked for when the prompt was opened
	palette     palettePane
	prompt      promptPane
	start       *startPane // the start page instead of everything else

	following   following
	choosing    *choosePane // the choice of what to bring in instead of everything else
	chooseAlone bool        // there is nothing else

	held  bool // draw the last frame again: rows are on their way
	drawn string
	caret *tea.Cursor
	stale bool
}

func newApp(ctx context.Context, opt Options) *app {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Location == nil {
		opt.Location = time.Local
	}
	return &app{
		opt: opt, ctx: ctx, keys: opt.Keys.bindings(), after: after,
		th:        paletteTheme(themeNamed(opt.Theme).on(true), opt.NoColor, opt.ASCII),
		look:      opt.Theme,
		filter:    filter{text: opt.Query},
		node:      query.All{},
		facetsOn:  true,
		marks:     map[index.Ref]bool{},
		taught:    map[action]bool{},
		events:    eventsPane{column: defaultColumn},
		facets:    newFacetsPane(),
		integrity: integrityPane{can: opt.Verify != nil},
		stale:     true,
	}
}

// Init asks for the terminal's background, opens the first result and starts bringing in.
func (a *app) Init() tea.Cmd {
	if a.start != nil || a.chooseAlone {
		return tea.RequestBackgroundColor
	}
	cmds := []tea.Cmd{tea.RequestBackgroundColor, statsCmd(a.opt.Index), a.askIntegrity(), stateCmd(a.ctx, a.opt.Index, a.opt.State)}
	node, err := a.parse(a.filter.text)
	if err != nil {
		a.toast = "filter: " + errorText(err)
		a.filter.text, node = "", query.All{}
	}
	a.node = node
	a.bar.Remember(a.filter.text)
	a.trail.Push(a.stop())
	if a.opt.State == "" { // else when what was kept has been read
		cmds = append(cmds, sessionCmd(a.ctx, a.opt.Index, a.opt.Session))
	}
	cmds = append(cmds, a.startSearch(anchor{}))
	switch {
	case a.opt.Ingest != nil:
		cmds = append(cmds, a.startIngest(false))
	case a.opt.Following:
		cmds = append(cmds, a.follow())
	}
	return tea.Batch(cmds...)
}

// Update hands a message to the method that is about it. It never reads or waits.
func (a *app) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.stale = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return a, a.onSize(msg.Width, msg.Height)
	case tea.BackgroundColorMsg:
		a.light = !msg.IsDark()
		a.restyle()
	case tea.EnvMsg, tea.TerminalVersionMsg:
		return a, a.onTerminal(msg)
	case tea.KeyPressMsg:
		return a, a.onKey(msg)
	case tea.PasteMsg:
		return a, a.onPaste(msg.Content)
	case tea.MouseClickMsg:
		return a, a.onClick(msg.Mouse())
	case tea.MouseWheelMsg:
		return a, a.onWheel(msg.Mouse())
	default:
		return a, a.onAnswer(msg)
	}
	return a, nil
}

// onAnswer takes what commands bring.
func (a *app) onAnswer(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case settleMsg:
		return a.onSettle(msg)
	case searchMsg:
		return a.onSearch(msg)
	case pageMsg:
		return a.onPage(msg)
	case holdMsg:
		a.held = a.held && msg.gen != a.search.holds
	case timelineMsg:
		a.onTimeline(msg)
	case chartMsg:
		return a.onChart(msg)
	case barRestMsg:
		return a.onBarRest(msg)
	case rangeMsg:
		a.onRange(msg)
	case stateMsg:
		return a.onState(msg)
	case frequencyMsg:
		a.onFrequency(msg)
	case pivotMsg:
		return a.onPivot(msg)
	case pivotCountMsg:
		a.onPivotCount(msg)
	case facetsMsg:
		a.onFacets(msg)
	case restMsg:
		return a.onRest(msg)
	case recordMsg:
		a.onRecord(msg)
	case rowMsg:
		return a.onRow(msg)
	case completeMsg:
		return a.onComplete(msg)
	case progressMsg:
		return a.onProgress(msg)
	case ingestMsg:
		return a.onIngested(msg)
	case offerMsg:
		return a.onOffer(msg)
	case lookMsg:
		return a.onLook(msg)
	case followedMsg:
		return a.onFollowed(msg)
	case statsMsg:
		if msg.err == nil {
			a.intake.stats, a.intake.hasStats = msg.stats, true
		}
	case filesMsg:
		if msg.ask == a.sources.ask {
			a.sources.Install(msg)
			return a.moreFiles()
		}
	case trailsMsg:
		a.trails.Install(msg)
	case copyMsg:
		return a.onCopy(msg)
	case toastMsg:
		a.toast = msg.text
	default:
		return a.onKeepAnswer(msg)
	}
	return nil
}

// onKeepAnswer takes what is about finding, ranges, bookmarks, searches and files.
func (a *app) onKeepAnswer(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case foundMsg:
		return a.onFound(msg)
	case spanMsg:
		return a.onSpan(msg)
	case spanTimeMsg:
		return a.onSpanTime(msg)
	case bookmarkedMsg:
		return a.onBookmarked(msg)
	case goToMsg:
		return a.onGoTo(msg)
	case sessionMsg:
		return a.onSession(msg)
	case keyHistoryMsg:
		return a.onKeyHistory(msg)
	case exportMsg:
		return a.onExport(msg)
	case exportProgressMsg:
		if msg.number == a.export.number {
			a.export.done = msg.done
		}
	default:
		return a.onIntegrityAnswer(msg)
	}
	return nil
}

// View draws the screen, or gives the last one where nothing changed.
func (a *app) View() tea.View {
	if a.stale && !a.held {
		a.drawn, a.caret = a.draw()
		a.stale = false
	}
	v := tea.NewView(a.drawn)
	v.AltScreen = true
	v.Cursor = a.caret
	if a.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// onSize lays the screen out anew.
func (a *app) onSize(w, h int) tea.Cmd {
	a.w, a.h = w, h
	a.held = false
	return a.relayout()
}

// shape is what of the Events view is to be seen.
func (a *app) shape() shape {
	s := shape{strip: !a.stripOff, facets: a.facetsOn, detail: true, focus: a.focus, maximised: a.maximised}
	// On a small screen the facets lie over the list, so they are there only while they are used.
	if a.w < wideWidth || a.h < wideHeight {
		s.facets = a.focus == onFacets
	}
	return s
}

// relayout gives every pane its rectangle.
func (a *app) relayout() tea.Cmd {
	old := a.lay
	a.lay = arrange(a.w, a.h, a.shape())
	l := a.lay
	if a.start != nil {
		a.start.SetSize(a.w, a.h)
		return nil
	}
	if a.choosing != nil {
		a.choosing.SetSize(a.w, a.h)
		if a.chooseAlone {
			return nil
		}
	}
	if l.tooSmall {
		return nil
	}
	if !l.list.empty() {
		a.events.SetSize(l.list.w, l.list.h, !l.facets.empty() && !l.drawer)
	}
	if !l.facets.empty() {
		border := 0
		if l.drawer {
			border = 1
		}
		a.facets.SetSize(l.facets.w-border, l.facets.h)
	}
	if !l.detail.empty() {
		a.detail.SetSize(l.detail.w, l.detail.h)
	}
	a.sources.SetSize(a.w, a.h-3)
	a.trails.SetSize(a.w, a.h-3)
	a.integrity.SetSize(a.w, a.h-3)
	a.timeline.SetSize(a.w, a.h-4)
	a.frequency.SetSize(a.w, a.h-4)
	cmds := []tea.Cmd{a.morePages(), a.askChart()}
	if !l.strip.empty() && l.strip.w != old.strip.w {
		cmds = append(cmds, a.askTimeline())
	}
	if !l.facets.empty() && old.facets.empty() {
		cmds = append(cmds, a.askFacets())
	}
	if !l.detail.empty() && old.detail.empty() {
		cmds = append(cmds, a.askRecord())
	}
	return tea.Batch(cmds...)
}

// thin drops messages that come in floods before they are handled: of wheel and motion one every 16 ms.
func (a *app) thin(_ tea.Model, msg tea.Msg) tea.Msg {
	switch msg.(type) {
	case tea.MouseWheelMsg, tea.MouseMotionMsg:
		now := time.Now()
		if now.Sub(a.search.wheel) < 16*time.Millisecond {
			return nil
		}
		a.search.wheel = now
	}
	return msg
}
