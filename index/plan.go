package index

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailsift/trailsift/index/query"
)

// A plan is a query made ready to be answered segment by segment: names resolved to field numbers, patterns compiled,
// what needs the record itself gathered in as few predicates as possible. It knows no segment; any number of goroutines
// may use it.
type plan struct {
	root *step
	node query.Node
	text string // the query as printed with the limits in time; names its answers in the cache
}

type stepKind uint8

const (
	stepAll   stepKind = iota
	stepTime           // documents with a time in [from, to)
	stepTerms          // documents with a term of one field that one of wants takes
	stepAnd
	stepOr
	stepNot
	stepRecord // documents whose record the predicate takes
)

// A step is one node of a plan.
type step struct {
	kind   stepKind
	kids   []*step
	from   time.Time // zero: open
	to     time.Time
	field  int
	wants  []termWant
	record func(raw []byte) bool
	// needs is what a record that the predicate takes must hold.
	needs query.Evidence
	text  string // as printed, for the cache
}

// A termWant takes terms of a dictionary.
type termWant struct {
	any    bool   // every term
	exact  bool   // the term literal and no other
	text   string // exact: the term; else what a term must begin with, in any case
	accept func(term []byte) bool
}

// reads says whether the step needs records.
func (s *step) reads() bool {
	return s.kind == stepRecord || slices.ContainsFunc(s.kids, (*step).reads)
}

// cost orders the parts of an AND: what is cheap, or leaves little, first.
func (s *step) cost() int {
	switch s.kind {
	case stepAll, stepTime:
		return 0
	case stepTerms:
		for _, w := range s.wants {
			if !w.exact && !w.any {
				return 2
			}
		}
		return 1
	case stepRecord:
		return 100
	default:
		worst := 0
		for _, kid := range s.kids {
			worst = max(worst, kid.cost())
		}
		return worst + 1
	}
}

// newPlan compiles a query; from and to limit it in event time, half-open, zero = open.
func newPlan(n query.Node, from, to time.Time) (*plan, error) {
	if n == nil {
		n = query.All{}
	}
	if !from.IsZero() || !to.IsZero() {
		limits := query.Range{Key: query.Key{Field: fields[fieldTime].Name}, From: from, To: to, Text: limitText(from) + ".." + limitText(to)}
		if _, all := n.(query.All); all {
			n = limits
		} else {
			n = query.And{Nodes: []query.Node{limits, n}}
		}
	}
	root, err := compile(n)
	if err != nil {
		return nil, err
	}
	return &plan{root: root, node: n, text: nodeText(n)}, nil
}

// nodeText is the query as printed, and what it stands for where that changes: "-2h" is another range tomorrow, and so are
// the values in a file.
func nodeText(n query.Node) string {
	text := n.String()
	eachLeaf(n, func(leaf query.Node) {
		switch n := leaf.(type) {
		case query.Range:
			if n.IsTime() {
				text += " [" + limitText(n.From) + " " + limitText(n.To) + ")"
			}
		case query.List:
			text += " [" + n.Sum + "]"
		}
	})
	return text
}

func eachLeaf(n query.Node, visit func(query.Node)) {
	switch n := n.(type) {
	case query.And:
		for _, kid := range n.Nodes {
			eachLeaf(kid, visit)
		}
	case query.Or:
		for _, kid := range n.Nodes {
			eachLeaf(kid, visit)
		}
	case query.Not:
		eachLeaf(n.Node, visit)
	default:
		visit(n)
	}
}

func limitText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// compile turns a node into a step.
func compile(n query.Node) (*step, error) {
	switch n := n.(type) {
	case query.All:
		return &step{kind: stepAll}, nil
	case query.And:
		return compileMany(stepAnd, n.Nodes, func(nodes []query.Node) query.Node { return query.And{Nodes: nodes} })
	case query.Or:
		return compileMany(stepOr, n.Nodes, func(nodes []query.Node) query.Node { return query.Or{Nodes: nodes} })
	case query.Not:
		kid, err := compile(n.Node)
		if err != nil {
			return nil, err
		}
		return &step{kind: stepNot, kids: []*step{kid}}, nil
	case query.Match:
		return compileMatch(n)
	case query.Range:
		return compileRange(n)
	case query.CIDR:
		if n.Key.Field == "" {
			return recordStep(n), nil
		}
		return termStep(n.Key.Field, n.String(), termWant{accept: n.Matcher()})
	case query.List:
		return compileList(n)
	case query.Word, query.Regex:
		return recordStep(n), nil
	}
	return nil, fmt.Errorf("search: a query of the unknown kind %T", n)
}

// recordStep is a step that looks at records.
func recordStep(n query.Node) *step {
	return &step{kind: stepRecord, record: query.CompileRaw(n), needs: query.EvidenceOf(n), text: n.String()}
}

// readsOnly says that every leaf of the query needs the record, so that one predicate can answer all of it.
func readsOnly(n query.Node) bool {
	switch n := n.(type) {
	case query.And:
		return allOf(n.Nodes, readsOnly)
	case query.Or:
		return allOf(n.Nodes, readsOnly)
	case query.Not:
		return readsOnly(n.Node)
	case query.Match:
		return n.Key.Field == ""
	case query.Range:
		return n.Key.Field == ""
	case query.CIDR:
		return n.Key.Field == ""
	case query.List:
		return n.Key.Field == ""
	case query.Word, query.Regex:
		return true
	}
	return false
}

// compileMany compiles an AND or OR: what needs records becomes one predicate, terms of one field in an OR one look at
// its dictionary, and the cheapest part comes first.
func compileMany(kind stepKind, nodes []query.Node, join func([]query.Node) query.Node) (*step, error) {
	out := &step{kind: kind}
	var reading []query.Node
	for _, n := range nodes {
		if readsOnly(n) {
			reading = append(reading, n)
			continue
		}
		kid, err := compile(n)
		if err != nil {
			return nil, err
		}
		if kid.kind == kind {
			out.kids = append(out.kids, kid.kids...)
		} else {
			out.kids = append(out.kids, kid)
		}
	}
	switch len(reading) {
	case 0:
	case 1:
		out.kids = append(out.kids, recordStep(reading[0]))
	default:
		out.kids = append(out.kids, recordStep(join(reading)))
	}
	if kind == stepOr {
		out.kids = joinTerms(out.kids)
	}
	if len(out.kids) == 1 {
		return out.kids[0], nil
	}
	slices.SortStableFunc(out.kids, func(a, b *step) int { return a.cost() - b.cost() })
	return out, nil
}

// joinTerms makes one step of all steps about terms of one field.
func joinTerms(kids []*step) []*step {
	byField := map[int]*step{}
	var out []*step
	for _, kid := range kids {
		first, seen := byField[kid.field]
		switch {
		case kid.kind != stepTerms:
			out = append(out, kid)
		case seen:
			first.wants = append(first.wants, kid.wants...)
			first.text += " OR " + kid.text
		default:
			byField[kid.field] = kid
			out = append(out, kid)
		}
	}
	return out
}

// compileMatch compiles field:value; a match of several fields is the OR of them all.
func compileMatch(m query.Match) (*step, error) {
	if m.Key.Field == "" {
		return recordStep(m), nil
	}
	if m.Key.Field == fields[fieldTime].Name {
		if !m.Any() {
			return nil, fmt.Errorf("search: a time is compared with a range, not with %q", m.Value)
		}
		return &step{kind: stepTime}, nil
	}
	return anyField(append([]string{m.Key.Field}, m.Parts...), m.String(), matchWant(m))
}

// compileList compiles field:@FILE.
func compileList(l query.List) (*step, error) {
	if l.Key.Field == "" {
		return recordStep(l), nil
	}
	return anyField(append([]string{l.Key.Field}, l.Parts...), l.String()+" "+l.Sum, termWant{accept: l.Matcher()})
}

// anyField is a step over the dictionaries of several fields.
func anyField(names []string, text string, want termWant) (*step, error) {
	or := &step{kind: stepOr}
	for _, name := range names {
		kid, err := termStep(name, name+" of "+text, want)
		if err != nil {
			return nil, err
		}
		or.kids = append(or.kids, kid)
	}
	if len(or.kids) == 1 {
		return or.kids[0], nil
	}
	return or, nil
}

// matchWant is what a match takes from a dictionary.
func matchWant(m query.Match) termWant {
	if literal, ok := m.Literal(); ok {
		return termWant{exact: true, text: literal}
	}
	if m.Any() {
		return termWant{any: true}
	}
	return termWant{text: literalPrefix(m.Value), accept: m.Matcher()}
}

// literalPrefix is what stands before the first wildcard of a pattern, unescaped.
func literalPrefix(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*' || c == '?':
			return b.String()
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteByte(pattern[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// compileRange compiles a range of times, or of terms.
func compileRange(r query.Range) (*step, error) {
	if r.Key.Field == "" {
		return recordStep(r), nil
	}
	if r.IsTime() {
		return &step{kind: stepTime, from: r.From, to: r.To}, nil
	}
	return termStep(r.Key.Field, r.String(), termWant{accept: r.Matcher()})
}

// termStep is a step over the dictionary of a field.
func termStep(field, text string, want termWant) (*step, error) {
	number, ok := fieldNumber(field)
	if !ok {
		return nil, fmt.Errorf("search: no field %q", field)
	}
	return &step{kind: stepTerms, field: number, wants: []termWant{want}, text: text}, nil
}
