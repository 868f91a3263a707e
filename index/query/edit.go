package query

import "time"

// Keep adds the term key=value: exactly this value. The rest of the query stays as it is. A value of the field time
// becomes the span it stands for.
func Keep(n Node, k Key, value string) Node { return with(n, exactTerm(k, value)) }

// Drop adds the term key!=value.
func Drop(n Node, k Key, value string) Node { return with(n, Not{exactTerm(k, value)}) }

// KeepRange adds the range of times from to to, half-open, zero = open. Ranges of times among the terms that hold all
// of it are left out: they say nothing any more.
func KeepRange(n Node, from, to time.Time) Node {
	if from.IsZero() && to.IsZero() {
		return n
	}
	r := timeRange(from, to)
	var rest []Node
	for _, c := range terms(n) {
		old, ok := c.(Range)
		wider := ok && old.Key.Field == fieldTime && !r.From.Before(old.From) &&
			(old.To.IsZero() || !r.To.IsZero() && !r.To.After(old.To))
		if !wider {
			rest = append(rest, c)
		}
	}
	return conjunction(append(rest, r))
}

// Toggle adds a value to the alternatives for a key, key=(a OR b), or takes it out again.
func Toggle(n Node, k Key, value string) Node {
	term := exactTerm(k, value)
	rest, at := terms(n), -1
	var values []Node
	for i, c := range rest {
		if list, ok := alternatives(c, k); ok {
			at, values = i, list
			break
		}
	}
	if at < 0 {
		return with(n, term)
	}
	kept := make([]Node, 0, len(values)+1)
	for _, v := range values {
		if v.String() != term.String() {
			kept = append(kept, v)
		}
	}
	if len(kept) == len(values) {
		kept = append(kept, term)
	}
	out := append([]Node{}, rest[:at]...)
	switch len(kept) {
	case 0:
	case 1:
		out = append(out, kept[0])
	default:
		out = append(out, Or{kept})
	}
	return conjunction(append(out, rest[at+1:]...))
}

// Kept are the values that a query keeps of a key, as Keep and Toggle write them.
func Kept(n Node, k Key) []string {
	for _, c := range terms(n) {
		list, ok := alternatives(c, k)
		if !ok {
			continue
		}
		var out []string
		for _, v := range list {
			out = append(out, v.(Match).Value)
		}
		return out
	}
	return nil
}

// alternatives are the exact terms for one key that a node consists of.
func alternatives(n Node, k Key) ([]Node, bool) {
	nodes := []Node{n}
	if o, ok := n.(Or); ok {
		nodes = o.Nodes
	}
	for _, c := range nodes {
		if m, ok := c.(Match); !ok || !m.Exact || !m.Key.equal(k) {
			return nil, false
		}
	}
	return nodes, true
}

// exactTerm is what the text key=value parses to.
func exactTerm(k Key, value string) Node {
	if k.Field != fieldTime {
		return newMatch(k, value, true, nil)
	}
	from, to, err := ParseTime(value, Options{})
	if err != nil { // no time, so no event has it
		return none()
	}
	return Range{Key: k, Lo: value, Hi: value, From: from, To: to, Text: bareOrQuoted(value)}
}

func bareOrQuoted(value string) string {
	if isBareValue(value) {
		return value
	}
	return quoteExact(value)
}

func timeRange(from, to time.Time) Range {
	r := Range{Key: Key{Field: fieldTime}}
	if !from.IsZero() {
		r.From = from.UTC()
		r.Lo = r.From.Format(time.RFC3339Nano)
	}
	if !to.IsZero() {
		r.To = to.UTC()
		r.Hi = r.To.Format(time.RFC3339Nano)
	}
	r.Text = r.Lo + ".." + r.Hi
	return r
}

// terms are the members of a conjunction.
func terms(n Node) []Node {
	switch n := n.(type) {
	case All:
		return nil
	case And:
		return n.Nodes
	}
	return []Node{n}
}

func conjunction(nodes []Node) Node {
	switch len(nodes) {
	case 0:
		return All{}
	case 1:
		return nodes[0]
	}
	return And{nodes}
}

// with adds a term that is not there yet.
func with(n, term Node) Node {
	all := terms(n)
	text := term.String()
	for _, c := range all {
		if c.String() == text {
			return n
		}
	}
	out := make([]Node, 0, len(all)+1)
	return conjunction(append(append(out, all...), term))
}
