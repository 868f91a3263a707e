package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

// facetFields are the fields of the facet pane, in its order.
var facetFields = []string{"event", "user", "error", "ip", "service", "region", "readonly", "account"}

// verdictAt is where the verdict of the log file stands among them: below who and what, open on every screen.
const verdictAt = 3

// facetTitles name them as in the list of events.
var facetTitles = map[string]string{"user": "who", "ip": "from"}

// How many values are read and shown of a facet.
const (
	facetShown = 5
	facetRead  = 200
	facetFound = 5_000 // while looking for a value
)

// facetData is a facet as drawn: the values of a field in the result, or, where the filter holds an OR list for the
// field, in the result without it.
type facetData struct {
	index.Facet
	field  string
	chosen []string
}

// total is how many events were looked at.
func (d *facetData) total() int { return d.Events + d.Missing }

// facetsPane shows which values the fields have, and does with them what = ! and space say.
type facetsPane struct {
	widget.Window
	gen    int
	data   []facetData
	folded map[string]bool
	all    map[string]bool // fields of which more than the first values are shown
	byName bool
	find   string
	// verdicts says that log files were verified, so that their verdict is a facet.
	verdicts bool
	lines    []facetLine
	width    int
	back     *widget.Window // where the cursor was in the values that come back
}

// A facetLine is a heading, a value, the events without one, or what there is more.
type facetLine struct {
	kind  facetKind
	facet int // place in data
	value string
	count int
}

type facetKind uint8

const (
	facetHead facetKind = iota
	facetValue
	facetMissing
	facetMore
)

func newFacetsPane() facetsPane {
	p := facetsPane{folded: map[string]bool{}, all: map[string]bool{}}
	return p
}

// SetSize sets the cells of the pane; one line is the heading. On a screen of few lines only the first fields are open.
func (p *facetsPane) SetSize(w, h int) {
	if p.width == 0 && h > 0 {
		for _, f := range facetFields[3:] {
			p.folded[f] = h < wideHeight-6
		}
	}
	p.width = w
	p.Resize(len(p.lines), max(h-1, 0))
}

// Asks are the facets to compute for a query.
func (p *facetsPane) Asks(n query.Node) []facetAsk {
	limit := facetRead
	if p.find != "" {
		limit = facetFound
	}
	fields := facetFields
	if p.verdicts {
		fields = slices.Insert(slices.Clone(fields), verdictAt, "verdict")
	}
	asks := make([]facetAsk, 0, len(fields))
	for _, f := range fields {
		ask := facetAsk{field: f, limit: limit}
		if values, rest := orList(n, f); values != nil {
			ask.chosen, ask.lifted = values, rest
		}
		asks = append(asks, ask)
	}
	return asks
}

// Install shows the facets of a result; the cursor stays on its value.
func (p *facetsPane) Install(gen int, data []facetData) {
	p.gen, p.data = gen, data
	p.layout()
	if b := p.back; b != nil {
		p.back = nil
		p.Place(b.Cursor, b.Row())
	}
}

// layout makes the lines from what is open; the cursor stays on its line as far as it is still there.
func (p *facetsPane) layout() {
	at, had := p.current()
	field := ""
	if had && at.facet < len(p.data) {
		field = p.data[at.facet].field
	}
	p.lines = p.lines[:0]
	for i := range p.data {
		p.add(i)
	}
	p.Resize(len(p.lines), p.H)
	for i, l := range p.lines {
		if had && l.kind == at.kind && l.value == at.value && p.data[l.facet].field == field {
			p.To(i)
			return
		}
	}
}

func (p *facetsPane) add(i int) {
	d := &p.data[i]
	p.lines = append(p.lines, facetLine{kind: facetHead, facet: i})
	if p.folded[d.field] && p.find == "" {
		return
	}
	values := p.values(d)
	shown := len(values)
	if !p.all[d.field] && p.find == "" {
		shown = min(shown, facetShown)
	}
	for j, v := range values {
		if j < shown || slices.Contains(d.chosen, v.Value) {
			p.lines = append(p.lines, facetLine{facetValue, i, v.Value, v.Count})
		}
	}
	if d.Missing > 0 && p.find == "" {
		p.lines = append(p.lines, facetLine{facetMissing, i, "", d.Missing})
	}
	if more := d.Distinct - shown; more > 0 && p.find == "" {
		p.lines = append(p.lines, facetLine{kind: facetMore, facet: i, count: more})
	}
}

// values are the values of a facet that are looked for, sorted as wanted.
func (p *facetsPane) values(d *facetData) []index.ValueCount {
	values := d.Values
	if p.find != "" {
		values = slices.DeleteFunc(slices.Clone(values), func(v index.ValueCount) bool {
			return !strings.Contains(strings.ToLower(v.Value), strings.ToLower(p.find))
		})
	}
	if p.byName {
		values = slices.Clone(values)
		slices.SortFunc(values, func(a, b index.ValueCount) int { return cmp.Compare(a.Value, b.Value) })
	}
	return values
}

func (p *facetsPane) current() (facetLine, bool) {
	if p.Cursor >= len(p.lines) {
		return facetLine{}, false
	}
	return p.lines[p.Cursor], true
}

// Fold folds or unfolds the field under the cursor, or shows all its values where the cursor is on "more".
func (p *facetsPane) Fold(open bool) {
	l, ok := p.current()
	if !ok {
		return
	}
	f := p.data[l.facet].field
	switch {
	case l.kind == facetMore && open:
		p.all[f] = true
	case open:
		p.folded[f] = false
	case p.all[f] && l.kind != facetHead:
		p.all[f] = false
	default:
		p.folded[f] = true
	}
	p.layout()
	if !open {
		p.toHead(f)
	}
}

func (p *facetsPane) toHead(field string) {
	for i, l := range p.lines {
		if l.kind == facetHead && p.data[l.facet].field == field {
			p.To(i)
		}
	}
}

// Toggle folds or unfolds at the cursor; it reports false on a value, which has no inside.
func (p *facetsPane) Toggle() bool {
	l, ok := p.current()
	if !ok || l.kind == facetValue || l.kind == facetMissing {
		return false
	}
	p.Fold(l.kind == facetMore || p.folded[p.data[l.facet].field])
	return true
}

// Sort switches between the most frequent first and the order of the values.
func (p *facetsPane) Sort() string {
	p.byName = !p.byName
	p.layout()
	if p.byName {
		return "sorted by value"
	}
	return "sorted by count"
}

// Find narrows to values that hold a text.
func (p *facetsPane) Find(s string) {
	p.find = s
	p.layout()
}

// term is the value under the cursor as a term of a query, and how many events it has.
func (p *facetsPane) term() (field, value string, missing bool, count int, ok bool) {
	l, ok := p.current()
	if !ok || l.kind != facetValue && l.kind != facetMissing {
		return "", "", false, 0, false
	}
	return p.data[l.facet].field, l.value, l.kind == facetMissing, l.count, true
}

// Keep is the query with only the value under the cursor; an OR list of its field gives way to it.
func (p *facetsPane) Keep(n query.Node) (query.Node, bool) {
	field, value, missing, _, ok := p.term()
	if !ok {
		return n, false
	}
	return onlyValue(n, field, value, missing), true
}

// Drop is the query without the value under the cursor.
func (p *facetsPane) Drop(n query.Node) (query.Node, bool) {
	field, value, missing, _, ok := p.term()
	if !ok {
		return n, false
	}
	return notValue(n, field, value, missing, p.chosen()), true
}

// Or is the query with the value under the cursor put on the OR list of its field, or taken off.
func (p *facetsPane) Or(n query.Node) (query.Node, bool) {
	field, value, missing, _, ok := p.term()
	if !ok || missing {
		return n, false
	}
	return query.Toggle(n, query.Key{Field: field}, value), true
}

func (p *facetsPane) chosen() []string {
	if l, ok := p.current(); ok {
		return p.data[l.facet].chosen
	}
	return nil
}

// Effect says what = ! and space would leave, before they are pressed.
func (p *facetsPane) Effect() string {
	l, ok := p.current()
	if !ok {
		return ""
	}
	d := &p.data[l.facet]
	field, value, missing, count, ok := p.term()
	switch {
	case !ok:
		return fmt.Sprintf("%s: %s values, %s events without", d.field, text.Count(d.Distinct), text.Count(d.Missing))
	case missing:
		return fmt.Sprintf("=: -%s:* keeps %s   !: %s:* keeps %s", field, text.Count(count), field, text.Count(d.total()-count))
	}
	short := text.Cut(value, 28)
	only := fmt.Sprintf("=: %s=%s keeps %s   ", field, short, text.Count(count))
	if len(d.chosen) == 0 {
		return only + fmt.Sprintf("!: %s!=%s keeps %s", field, short, text.Count(d.total()-count))
	}
	return only + "space: " + d.listEffect(value, count)
}

// listEffect says what the OR list leaves with a value added or taken off. The values of a field with several values an
// event overlap, so that nothing is said before it is counted.
func (d *facetData) listEffect(value string, count int) string {
	on := slices.Contains(d.chosen, value)
	what := "on the list"
	if on {
		what, count = "off the list", -count
	}
	switch {
	case on && len(d.chosen) == 1:
		return what + " keeps " + text.Count(d.total())
	case d.Multi:
		return what
	}
	for _, v := range d.Values {
		if slices.Contains(d.chosen, v.Value) {
			count += v.Count
		}
	}
	return what + " keeps " + text.Count(count)
}

// View draws the pane as lines of exactly its width.
func (p *facetsPane) View(th theme, focused bool, of int) []string {
	lines := make([]string, 0, p.H+1)
	head := "FACETS of " + text.Count(of)
	if p.find != "" {
		head = "FACETS with " + th.vis(p.find)
	}
	lines = append(lines, paint(th.title, text.Fit(head, p.width)))
	for i := p.Top; i < p.Top+p.H; i++ {
		if i >= len(p.lines) {
			lines = append(lines, text.Blank(p.width))
			continue
		}
		lines = append(lines, p.line(th, i, focused))
	}
	return lines
}

func (p *facetsPane) line(th theme, i int, focused bool) string {
	l := p.lines[i]
	d := &p.data[l.facet]
	cursor := " "
	if i == p.Cursor {
		cursor = cursorGlyph(focused)
	}
	w := p.width - 1
	switch l.kind {
	case facetHead:
		return cursor + paint(th.key, p.head(d, w))
	case facetMore:
		return cursor + paint(th.dim, text.Fit(fmt.Sprintf("   .. %s more", text.Count(l.count)), w))
	}
	box := "[ ] "
	if l.kind == facetMissing {
		box = "    "
	} else if slices.Contains(d.chosen, l.value) {
		box = "[x] "
	}
	count := text.Count(l.count)
	count += " " + text.FitRight(percent(l.count, d.total()), 4)
	name := w - 1 - len(box) - len(count) - 1
	value := fitValue(th, d.field, l.value, name)
	if l.kind == facetMissing {
		value = text.Fit("(none)", name)
	}
	return cursor + " " + box + value + " " + count
}

func (p *facetsPane) head(d *facetData, cells int) string {
	fold := "v "
	if p.folded[d.field] && p.find == "" {
		fold = "+ "
	}
	name := d.field
	if t := facetTitles[name]; t != "" {
		name += " (" + t + ")"
	}
	count := text.Count(d.Distinct)
	if d.Distinct == 1 {
		count += " value "
	} else {
		count += " values"
	}
	return text.Fit(fold+name, cells-len(count)) + count
}

// percent is a share without digits after the point, "" below one percent.
func percent(n, of int) string {
	if of <= 0 || n*100 < of {
		return ""
	}
	return fmt.Sprintf("%d%%", n*100/of)
}

func (a *app) doFacets(act action) tea.Cmd {
	p := &a.facets
	switch act {
	case actEnter:
		if p.Toggle() {
			return nil
		}
		return a.keepOrDrop(true)
	case actLeft:
		p.Fold(false)
		return nil
	case actRight:
		p.Fold(true)
		return nil
	case actSort:
		a.toast = p.Sort()
		return nil
	case actFindValue:
		a.openPrompt(promptValue, p.find)
		a.search.facetsGen = 0
		return nil
	case actToggleValue:
		n, ok := p.Or(a.bare())
		if !ok {
			a.toast = "the OR list holds values"
			return nil
		}
		return a.change(n)
	}
	move(&p.Window, act)
	return nil
}
