package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Value is a value of a field with the number of events that have it.
type Value struct {
	Text  string
	Count int
}

// A Completion is what could stand at the cursor: each item's Insert replaces the bytes From to To of the text.
type Completion struct {
	From, To int
	Items    []Item
}

// An Item is one proposal. Label and Insert of a value are text from outside (Insert is safe to show: what cannot be
// seen is escaped in it); Count is 0 where it is not known.
type Item struct {
	Insert, Label, Help string
	Count               int
}

// maxValues is how many values are proposed: more than a screen shows is not read.
const maxValues = 50

// Complete proposes what could stand at the cursor (a byte of the text): fields, values (most frequent first, as the
// callback gives them), operators. The callback gets a field's canonical name and the part of the value before the
// cursor, unquoted; it may be nil. The text need not be a whole query.
func Complete(text string, cursor int, s Schema, values func(field, prefix string, limit int) []Value) Completion {
	cursor = min(max(cursor, 0), len(text))
	for cursor > 0 && cursor < len(text) && !utf8.RuneStart(text[cursor]) {
		cursor--
	}
	p := findPlace(text, cursor, s)
	c := Completion{From: p.from, To: p.to}
	switch {
	case p.field.Name != "":
		c.Items = p.values(values)
	case p.inValue || strings.HasPrefix(p.prefix, `"`):
		// A path, or a phrase: nobody knows.
	default:
		c.Items = append(p.fields(s), p.operators()...)
	}
	return c
}

// A place is where the cursor stands.
type place struct {
	from, to int    // what an item replaces
	prefix   string // the text from there to the cursor
	inValue  bool   // behind an operator, or in its group
	field    Field  // whose value; no name for a path
	exact    bool
	group    bool
	operand  bool // something complete stands before, so that OR can follow
	after    byte // what follows the replaced text
}

// findPlace reads the text from the left as the parser does, but takes what is incomplete.
func findPlace(text string, cursor int, s Schema) place {
	sc := &scanner{text: text}
	groups := []place{{}} // around the position, the innermost last
	operand := false
	for {
		sc.space()
		here := groups[len(groups)-1]
		here.from, here.to, here.operand = cursor, cursor, operand
		c := sc.peek(0)
		if sc.pos > cursor || sc.pos == cursor && (sc.done() || strings.IndexByte("()-", c) >= 0) {
			return here.finish(text, cursor)
		}
		switch {
		case c == '(':
			sc.pos++
			groups, operand = append(groups, here), false
			continue
		case c == ')':
			sc.pos++
			groups, operand = groups[:max(len(groups)-1, 1)], true
			continue
		case c == '-' && here.field.Kind != Time:
			sc.pos++
			operand = false
			continue
		case !here.inValue:
			here.readKey(sc, cursor, s)
			if here.inValue && sc.peek(0) == '(' && sc.pos < cursor {
				sc.pos++
				here.group = true
				groups, operand = append(groups, here), false
				continue
			}
		}
		start := sc.pos
		end, closed := sc.tokenEnd()
		if cursor <= end {
			here.from = start
			if closed {
				here.to = end
			}
			return here.finish(text, cursor)
		}
		operand = !isOperator(text[start:end])
		sc.pos = end
	}
}

// readKey takes a key and its operator, if they end before the cursor.
func (p *place) readKey(sc *scanner, cursor int, s Schema) {
	start := sc.pos
	k, ok := sc.key()
	if !ok || sc.pos > cursor {
		sc.pos = start
		return
	}
	p.inValue, p.exact = true, k.op != ":"
	if len(k.steps) == 1 {
		p.field, _ = s.Lookup(k.steps[0])
	}
}

// tokenEnd is where the text without spaces, or in quotes, that begins here ends. Quotes that are not closed go on to
// the end of the text.
func (s *scanner) tokenEnd() (end int, closed bool) {
	if s.peek(0) != '"' {
		return s.bareEnd(), true
	}
	t := *s
	if _, err := t.quoted(pattern); err != nil {
		return len(s.text), false
	}
	return t.pos, true
}

func isOperator(word string) bool { return word == "OR" || word == "AND" || word == "NOT" }

// finish cuts a key with its operator down to the key, since that is what a field replaces.
func (p place) finish(text string, cursor int) place {
	p.prefix = text[p.from:cursor]
	if !p.inValue {
		if i := strings.IndexAny(text[cursor:p.to], ":=!"); i >= 0 {
			p.to = cursor + i
		}
	}
	if p.to < len(text) {
		p.after = text[p.to]
	}
	return p
}

// fields proposes the fields and record keys that begin with the prefix.
func (p place) fields(s Schema) []Item {
	colon := ":"
	if strings.IndexByte(":=!", p.after) >= 0 && p.after != 0 {
		colon = ""
	}
	var names, aliases []Item
	for _, f := range s {
		if f.Help == "" {
			continue
		}
		if hasFoldPrefix(f.Name, p.prefix) {
			names = append(names, Item{Insert: f.Name + colon, Label: f.Name, Help: f.Help})
			continue
		}
		for _, a := range f.Aliases {
			if hasFoldPrefix(a, p.prefix) {
				aliases = append(aliases, Item{Insert: f.Name + colon, Label: f.Name, Help: a + ": " + f.Help})
				break
			}
		}
	}
	items := append(names, aliases...)
	if p.prefix == "" {
		return items
	}
	for _, k := range topLevel {
		if _, taken := s.Lookup(k); !taken && hasFoldPrefix(k, p.prefix) {
			items = append(items, Item{Insert: k + colon, Label: k, Help: "in the record"})
		}
	}
	return items
}

func hasFoldPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// operators proposes the operators that begin with the prefix.
func (p place) operators() []Item {
	all := []Item{
		{Insert: "OR ", Label: "OR", Help: "either side"},
		{Insert: "AND ", Label: "AND", Help: "both sides; a space does the same"},
		{Insert: "NOT ", Label: "NOT", Help: "not what follows; -term does the same"},
	}
	if p.after != 0 && p.after != ')' && !unicode.IsSpace(rune(p.after)) {
		return nil
	}
	var items []Item
	for _, it := range all {
		if (p.operand || it.Label == "NOT") && hasFoldPrefix(it.Label, p.prefix) {
			if p.after == ' ' {
				it.Insert = it.Label
			}
			items = append(items, it)
		}
	}
	return items
}

// values proposes values of the field.
func (p place) values(values func(field, prefix string, limit int) []Value) []Item {
	prefix := p.unquoted()
	if p.field.Kind == Time {
		return timeItems(prefix)
	}
	var items []Item
	if values != nil && !strings.HasPrefix(prefix, ">") && !strings.HasPrefix(prefix, "<") {
		for _, v := range values(p.field.Name, prefix, maxValues) {
			m := Match{Key: Key{Field: p.field.Name}, Exact: p.exact, Value: v.Text}
			if !p.exact {
				m.Value = escapePattern(v.Text)
			}
			items = append(items, Item{Insert: m.value(), Label: v.Text, Count: v.Count})
		}
	}
	if p.field.Kind == Bool && len(items) == 0 {
		items = matching(prefix, []Item{{Insert: "true", Label: "true"}, {Insert: "false", Label: "false"}})
	}
	if p.group {
		items = append(items, p.groupOperators()...)
	}
	return items
}

// groupOperators proposes OR and NOT among the values of a group, where they were begun.
func (p place) groupOperators() []Item {
	if p.prefix == "" || p.prefix != strings.ToUpper(p.prefix) {
		return nil
	}
	return p.operators()
}

// unquoted is the part of the value before the cursor as text: without quotes, escapes and a star at its beginning.
func (p place) unquoted() string {
	prefix := p.prefix
	if strings.HasPrefix(prefix, `"`) {
		for _, closing := range []string{"", `"`, `\"`} { // as it is, not closed, or cut behind a backslash
			s := scanner{text: prefix + closing}
			if v, err := s.quoted(literal); err == nil && s.done() {
				return v
			}
		}
		return prefix[1:]
	}
	if p.exact {
		return prefix
	}
	prefix = strings.TrimLeft(prefix, "*")
	if v, ok := unescapePattern(normalPattern(prefix)); ok {
		return v
	}
	return prefix[:strings.IndexAny(prefix, "*?")]
}

// timeItems proposes usual times.
func timeItems(prefix string) []Item {
	return matching(prefix, []Item{
		{Insert: "-1h", Label: "-1h", Help: "the last hour"},
		{Insert: "-24h", Label: "-24h", Help: "the last 24 hours"},
		{Insert: "-7d", Label: "-7d", Help: "the last 7 days"},
		{Insert: "end-1h", Label: "end-1h", Help: "the hour before the newest event"},
		{Insert: "end-1d", Label: "end-1d", Help: "the day before the newest event"},
		{Insert: ">=", Label: ">=", Help: "from a time on: >=2026-07-01T10:00Z"},
		{Insert: "<", Label: "<", Help: "before a time"},
	})
}

func matching(prefix string, items []Item) []Item {
	var out []Item
	for _, it := range items {
		if hasFoldPrefix(it.Insert, prefix) {
			out = append(out, it)
		}
	}
	return out
}
