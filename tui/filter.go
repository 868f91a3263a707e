package tui

import (
	"time"

	"github.com/trailsift/trailsift/index"
	"github.com/trailsift/trailsift/index/query"
)

// A filter is what is asked of the index: the text of the filter line and the two toggles that stand beside it.
type filter struct {
	text           string
	writes, errors bool
}

// chips are the toggles as terms of a query, so that a filter can be copied as one text.
func (f filter) chips() string {
	s := ""
	if f.writes {
		s += " readonly:false"
	}
	if f.errors {
		s += " -outcome:ok"
	}
	return s
}

// whole is the filter as one text.
func (f filter) whole() string {
	switch chips := f.chips(); {
	case chips == "":
		return f.text
	case f.text == "":
		return chips[1:]
	default:
		return "(" + f.text + ")" + chips
	}
}

// node adds the toggles to the parsed text.
func (f filter) node(n query.Node) query.Node {
	if f.writes {
		n = and(n, query.Match{Key: query.Key{Field: "readonly"}, Value: "false"})
	}
	if f.errors {
		n = and(n, query.Not{Node: query.Match{Key: query.Key{Field: "outcome"}, Value: "ok"}})
	}
	return n
}

// and joins two nodes without nesting.
func and(n, m query.Node) query.Node {
	var nodes []query.Node
	for _, x := range []query.Node{n, m} {
		switch x := x.(type) {
		case nil, query.All:
		case query.And:
			nodes = append(nodes, x.Nodes...)
		default:
			nodes = append(nodes, x)
		}
	}
	switch len(nodes) {
	case 0:
		return query.All{}
	case 1:
		return nodes[0]
	}
	return query.And{Nodes: nodes}
}

// parts are the terms that all must hold.
func parts(n query.Node) []query.Node {
	switch n := n.(type) {
	case nil, query.All:
		return nil
	case query.And:
		return n.Nodes
	}
	return []query.Node{n}
}

// orList takes a query apart: the OR list of a field, field=a or field=(a OR b), and the query without it.
func orList(n query.Node, field string) (values []string, rest query.Node) {
	k := query.Key{Field: field}
	values, rest = query.Kept(n, k), n
	for _, v := range values {
		rest = query.Toggle(rest, k, v)
	}
	return values, rest
}

// hasAny is field:*, and its negation where missing is asked for.
func hasAny(field string, missing bool) query.Node {
	m := query.Match{Key: query.Key{Field: field}, Value: "*"}
	if missing {
		return query.Not{Node: m}
	}
	return m
}

// parse reads a filter with the schema of the index.
func (a *app) parse(s string) (query.Node, error) {
	return query.Parse(s, index.Schema(), query.Options{Now: a.opt.Now(), Location: a.location(), ReadFile: a.opt.ReadFile})
}

// location is the zone times are shown and read in.
func (a *app) location() *time.Location {
	if a.local {
		return a.opt.Location
	}
	return time.UTC
}
