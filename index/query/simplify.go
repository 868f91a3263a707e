package query

// Simplify gives a smaller query that matches the same records: nothing twice in AND and OR, no double negation, no term
// that cannot change the answer.
func Simplify(n Node) Node {
	switch n := n.(type) {
	case And:
		return simplifyAll(n.Nodes, true)
	case Or:
		return simplifyAll(n.Nodes, false)
	case Not:
		inner := Simplify(n.Node)
		if twice, ok := inner.(Not); ok {
			return twice.Node
		}
		return Not{inner}
	case Word:
		if n.Wild && n.Text == "*" {
			return All{}
		}
	}
	return n
}

// none matches nothing.
func none() Node { return Not{All{}} }

func isNone(n Node) bool {
	not, ok := n.(Not)
	return ok && isAll(not.Node)
}

func isAll(n Node) bool {
	_, ok := n.(All)
	return ok
}

// simplifyAll simplifies AND (conjunction) or OR. Its neutral member (All, none) is left out; the other one decides; so
// does a node beside its own negation.
func simplifyAll(nodes []Node, conjunction bool) Node {
	neutral, decides := isAll, isNone
	decided, empty := none(), Node(All{})
	if !conjunction {
		neutral, decides = isNone, isAll
		decided, empty = empty, decided
	}
	seen := map[string]bool{}
	var out []Node
	for _, n := range members(nodes, conjunction) {
		key := n.String()
		opposite := Not{n}.String()
		if not, ok := n.(Not); ok {
			opposite = not.Node.String()
		}
		switch {
		case neutral(n) || seen[key]:
			continue
		case decides(n) || seen[opposite]:
			return decided
		}
		seen[key] = true
		out = append(out, n)
	}
	switch {
	case len(out) == 0:
		return empty
	case len(out) == 1:
		return out[0]
	case conjunction:
		return And{out}
	}
	return Or{out}
}

// members are the simplified nodes, those of a member of the same kind taken one by one.
func members(nodes []Node, conjunction bool) []Node {
	var out []Node
	for _, n := range nodes {
		n = Simplify(n)
		switch inner := n.(type) {
		case And:
			if conjunction {
				out = append(out, inner.Nodes...)
				continue
			}
		case Or:
			if !conjunction {
				out = append(out, inner.Nodes...)
				continue
			}
		}
		out = append(out, n)
	}
	return out
}
