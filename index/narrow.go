package index

import (
	"slices"
	"strings"

	"github.com/trailsift/trailsift/index/query"
)

// implies says that whatever n matches, wide matches too, as far as that shows in their shape; false where it does not
// show. It is what lets a search that grew by a letter or a term look only where its forerunner found something.
func implies(n, wide query.Node) bool {
	switch w := wide.(type) {
	case query.All:
		return true
	case query.And:
		return allOf(w.Nodes, func(kid query.Node) bool { return implies(n, kid) })
	}
	if or, ok := n.(query.Or); ok {
		return allOf(or.Nodes, func(kid query.Node) bool { return implies(kid, wide) })
	}
	if nodeText(n) == nodeText(wide) {
		return true
	}
	if and, ok := n.(query.And); ok && slices.ContainsFunc(and.Nodes, func(kid query.Node) bool { return implies(kid, wide) }) {
		return true
	}
	switch w := wide.(type) {
	case query.Or:
		return slices.ContainsFunc(w.Nodes, func(kid query.Node) bool { return implies(n, kid) })
	case query.Not:
		not, ok := n.(query.Not)
		return ok && implies(w.Node, not.Node)
	case query.Word:
		word, ok := n.(query.Word)
		return ok && wordImplies(word, w)
	}
	return false
}

// wordImplies says that every text the word matches holds what wide looks for: wide has stars at both ends, the word at
// most outer ones, and the one text holds the other. Only ASCII, where that is easy to see.
func wordImplies(word, wide query.Word) bool {
	outer, plain := innerText(wide)
	if !plain || !wide.Wild || !strings.HasPrefix(wide.Text, "*") || !strings.HasSuffix(wide.Text, "*") {
		return false
	}
	inner, plain := innerText(word)
	return plain && outer != "" && strings.Contains(strings.ToLower(inner), strings.ToLower(outer))
}

// innerText is what a word looks for without its outer stars; plain is false where it has other wildcards, escapes or
// letters beyond ASCII.
func innerText(w query.Word) (text string, plain bool) {
	text = w.Text
	if w.Wild {
		text = strings.Trim(text, "*")
		if strings.ContainsAny(text, `*?\`) {
			return "", false
		}
	}
	for i := range len(text) {
		if text[i] >= 0x80 {
			return "", false
		}
	}
	return text, true
}

func allOf(nodes []query.Node, ok func(query.Node) bool) bool {
	return !slices.ContainsFunc(nodes, func(n query.Node) bool { return !ok(n) })
}
