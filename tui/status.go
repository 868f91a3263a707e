package tui

import (
	"fmt"
	"strings"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/tui/text"
)

// tabLine names the views and, at its end, the store.
func (a *app) tabLine() string {
	var b strings.Builder
	cells := 0
	for i := range tabs {
		name := a.tabName(i)
		cells += len(name)
		if tab(i) == a.tab {
			name = paint(a.th.here, name)
		}
		b.WriteString(name)
	}
	right := a.storeText(a.w - cells - 1)
	return b.String() + text.Blank(a.w-cells-text.Width(right)) + right
}

// tabName is the name of a view; that of Integrity says how many problems there are, where there is room.
func (a *app) tabName(i int) string {
	name := fmt.Sprintf("%d %s", i+1, tabs[i])
	if r := a.integrity.report; tab(i) == tabIntegrity && r != nil && r.invalid > 0 && a.w >= badgeWidth {
		name += "(!" + text.Short(r.invalid) + ")"
	}
	if tab(i) == a.tab {
		return "[" + name + "]"
	}
	return " " + name + " "
}

// badgeWidth is from how many cells on the names of the views leave room for a number.
const badgeWidth = 72

// tabAt is the view whose name is drawn at a column.
func (a *app) tabAt(x int) (tab, bool) {
	for i := range tabs {
		n := len(a.tabName(i))
		if x < n {
			return tab(i), true
		}
		x -= n
	}
	return 0, false
}

// storeText is what the store holds, as much as there is room for.
func (a *app) storeText(cells int) string {
	zone := zoneName(a.location())
	switch {
	case len(zone) > cells:
		return ""
	case !a.intake.hasStats:
		return zone
	}
	s := &a.intake.stats
	n := s.Events
	if a.intake.on {
		n = max(n, a.intake.progress.EventsHeld)
	}
	best := zone
	span := ""
	if !s.First.IsZero() {
		loc := a.location()
		span = s.First.In(loc).Format("2006-01-02") + " .. " + s.Last.In(loc).Format("2006-01-02") + "   "
	}
	place := ""
	if a.opt.Places != "" {
		place = text.CutTail(a.th.vis(a.opt.Places), 30) + "   "
	}
	for _, t := range []string{
		text.Short(n) + " ev " + zone,
		span + text.Count(n) + " events   " + zone,
		place + text.Count(n) + " events   " + span + zone,
	} {
		if text.Width(t) <= cells {
			best = t
		}
	}
	return best
}

// matchText is how many events the filter leaves.
func (a *app) matchText() string {
	r := a.events.result
	switch {
	case r == nil:
		return "searching"
	case a.bar.editing && a.bar.without:
		return "no match yet"
	case r.Partial() || a.search.running && !a.search.refresh && a.search.done > 0:
		return fmt.Sprintf("%s%s match, %d%% searched", a.th.atLeast(), text.Count(r.Count()), int(a.search.done*100))
	case a.filter.whole() == "" && a.opt.From.IsZero() && a.opt.To.IsZero():
		return text.Count(r.Count()) + " events"
	}
	s := text.Count(r.Count()) + " match"
	if all := a.intake.stats.Events; a.intake.hasStats && all > 0 {
		s += "  " + share(r.Count(), all)
	}
	if a.w >= wideWidth {
		s += fmt.Sprintf("  %d ms", r.Took().Milliseconds())
	}
	return s
}

// share is a share with two digits after the point, so that few of many are still seen.
func share(n, of int) string { return fmt.Sprintf("%.2f%%", 100*float64(n)/float64(of)) }

// statusLine says where the list stands, what runs, and what was just done.
func (a *app) statusLine() string {
	if a.over == overFilter {
		if e := a.bar.ErrorText(); e != "" {
			return " " + paint(a.th.bad, text.Cut(a.th.vis(e), a.w-2))
		}
	}
	if a.toast != "" {
		return " " + text.Cut(a.th.vis(a.toast), a.w-2)
	}
	if a.paneMode() == inFrequency {
		if e := a.frequency.Effect(); e != "" {
			return " " + text.Cut(a.th.vis(e), a.w-2)
		}
	}
	if a.tab == tabEvents && a.focus == onFacets {
		if e := a.facets.Effect(); e != "" {
			return " " + text.Cut(a.th.vis(e), a.w-2)
		}
	}
	var left []string
	if a.tab == tabEvents {
		left = append(left, a.position()...)
	}
	if a.tab == tabTimeline {
		left = append(left, a.timelineStatus()...)
	}
	left = append(left, a.running()...)
	line := text.Cut(" "+strings.Join(left, "   "), a.w)
	right := a.restText()
	if room := a.w - text.Width(line) - text.Width(right) - 1; right != "" && room > 1 {
		line += text.Blank(room) + right
	}
	return line
}

// position is where the list stands.
func (a *app) position() []string {
	e := &a.events
	row := 0
	if e.N > 0 {
		row = e.Cursor + 1
	}
	parts := []string{fmt.Sprintf("%s/%s", text.Count(row), text.Count(e.N))}
	if e.newer > 0 {
		parts = append(parts, fmt.Sprintf("+%s newer (g)", text.Count(e.newer)))
	}
	if e.span.on {
		from, to := e.span.lines(e.Cursor)
		parts = append(parts, "range of "+text.Count(to-from))
	}
	if e.list != nil && e.list.order != (order{}) {
		parts = append(parts, e.list.order.String())
	}
	if n := len(a.marks); n > 0 {
		parts = append(parts, "marked "+text.Count(n))
	}
	if r := e.result; r != nil {
		if n := r.Conflicts(); n > 0 {
			parts = append(parts, text.Count(n)+" in conflict")
		}
		if n := r.Unreadable(); n > 0 {
			parts = append(parts, text.Count(n)+" could not be read")
		}
	}
	return parts
}

// running is what goes on, or what is known of integrity.
func (a *app) running() []string {
	if a.export.on {
		return []string{a.exportText()}
	}
	if a.intake.on {
		g := &a.intake.progress
		s := fmt.Sprintf("bringing in %s/%s files", text.Count(g.Done), listed(g))
		if share, known := a.intake.Share(); known {
			s += fmt.Sprintf(" %d%%", int(share*100))
		}
		if rate := a.intake.Rate(); rate > 0 {
			s += fmt.Sprintf(" %s ev/s", text.Short(rate))
		}
		if left := a.intake.Left(); left > 0 {
			s += " " + clock(left) + " left"
		}
		return []string{s}
	}
	if a.integrity.running {
		g := &a.integrity.progress
		s := "verifying"
		if g.Total > 0 {
			s += fmt.Sprintf(" %s/%s", text.Count(g.Done), text.Count(g.Total))
		}
		return []string{s}
	}
	parts := []string{a.integrity.report.status()}
	if a.following.on {
		parts = append([]string{a.followText()}, parts...)
	}
	return parts
}

// restText is about the event under the cursor; it follows when the cursor rests, so that moving stays cheap.
func (a *app) restText() string {
	r := a.events.Selected()
	if a.tab != tabEvents || r == nil || !a.rested {
		return ""
	}
	var parts []string
	for _, f := range []struct {
		flag index.RowFlags
		text string
	}{
		{index.RowConflict, "conflict: another copy says otherwise"},
		{index.RowSalvaged, "salvaged from a damaged file"},
		{index.RowReconstructed, "rebuilt from an export"},
		{index.RowTimeGuessed, "time not from eventTime"},
		{index.RowStale, "not in the newest version of its file"},
	} {
		if r.Flags&f.flag != 0 {
			parts = append(parts, f.text)
		}
	}
	if r.HasTime && a.w < wideWidth {
		parts = append(parts, r.Time.In(a.location()).Format("2006-01-02T15:04:05Z07:00"))
	}
	return strings.Join(parts, "   ")
}

// hintLine names the keys that matter here.
func (a *app) hintLine() string {
	in := a.where()
	if a.offered == "" || in&inPanes == 0 {
		return hints(a.keys, in, a.w-1)
	}
	offer := " " + text.Cut(a.th.vis(a.offered), 2*a.w/3)
	return offer + " " + hints(a.keys, in, a.w-2-text.Width(offer))
}
