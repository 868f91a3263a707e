package query

import (
	"bytes"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/trailsift/trailsift/source"
)

// CompileRaw compiles a query that looks at nothing but the raw record: words, regular expressions, and terms about
// paths. The function takes a record as delivered, may be called by many at once, and says what Eval says. A term about
// an indexed field has no meaning here: that is a panic at once.
func CompileRaw(n Node) func(raw []byte) bool {
	c := compileRaw(n)
	return c.holds
}

// A check is a compiled node in two stages: may is cheap, looks at the bytes alone, and errs on the side of true.
type check struct {
	may func(raw []byte) bool // nil: always
	is  func(raw []byte) bool
}

func (c check) holds(raw []byte) bool { return (c.may == nil || c.may(raw)) && c.is(raw) }

func compileRaw(n Node) check {
	switch n := n.(type) {
	case All:
		return check{is: func([]byte) bool { return true }}
	case And:
		return compileAnd(n)
	case Or:
		return compileOr(n)
	case Not:
		c := compileRaw(n.Node)
		return check{is: func(raw []byte) bool { return !c.holds(raw) }}
	case Match:
		return compilePath(n.Key, n.Any(), n.Matcher(), matchNeedle(n))
	case Range:
		return compilePath(n.Key, false, n.Matcher(), "")
	case CIDR:
		return compilePath(n.Key, false, n.Matcher(), "")
	case List:
		return compilePath(n.Key, false, n.Matcher(), "")
	case Word:
		f := compileWord(n)
		return check{may: mayHold(f.literal.text), is: func(raw []byte) bool { return anyText(raw, f.in) }}
	case Regex:
		return compileRegex(n)
	}
	panic(fmt.Sprintf("query: a node of type %T", n))
}

func compileAnd(n And) check {
	all := make([]check, len(n.Nodes))
	for i, c := range n.Nodes {
		all[i] = compileRaw(c)
	}
	return check{
		may: func(raw []byte) bool {
			for _, c := range all {
				if c.may != nil && !c.may(raw) {
					return false
				}
			}
			return true
		},
		is: func(raw []byte) bool {
			for _, c := range all {
				if !c.is(raw) {
					return false
				}
			}
			return true
		},
	}
}

func compileOr(n Or) check {
	some := make([]check, len(n.Nodes))
	for i, c := range n.Nodes {
		some[i] = compileRaw(c)
	}
	return check{is: func(raw []byte) bool {
		for _, c := range some {
			if c.holds(raw) {
				return true
			}
		}
		return false
	}}
}

// mayHold is the cheap stage for a text that must stand in a key or value; nil for "".
func mayHold(literal string) func(raw []byte) bool {
	if literal == "" {
		return nil
	}
	return newNeedle(literal).mayBeIn
}

// matchNeedle is a text that a value must hold to match, or "".
func matchNeedle(m Match) string {
	if m.Exact {
		return longestLiteral([]glob{compileGlob(escapePattern(m.Value))})
	}
	return compileWord(Word{Text: m.Value, Wild: true}).literal.text
}

// compilePath compiles a term about a path; with below it holds for a value anywhere below the path too.
func compilePath(k Key, below bool, ok func([]byte) bool, literal string) check {
	if k.Field != "" {
		panic("query: the field " + k.Field + " is not in the raw record")
	}
	steps := k.steps()
	key := ""
	for _, s := range steps {
		if !s.element && !s.anyKey {
			if l := longestLiteral([]glob{compileGlob(escapePattern(s.key))}); len(l) >= len(key) {
				key = l
			}
		}
	}
	mayKey, mayValue := mayHold(key), mayHold(literal)
	return check{
		may: func(raw []byte) bool {
			return (mayValue == nil || mayValue(raw)) && (mayKey == nil || mayKey(raw))
		},
		is: func(raw []byte) bool {
			return anyValue(raw, func(path []source.Step, text []byte) bool { return leadsTo(steps, path, below) && ok(text) })
		},
	}
}

// leadsTo is pathMatches for the steps of a walk.
func leadsTo(steps []step, path []source.Step, below bool) bool {
	for _, at := range path {
		element := at.Index >= 0
		switch {
		case len(steps) == 0:
			if !element && !below {
				return false
			}
		case element && !steps[0].element:
		case element:
			if steps[0].index >= 0 && steps[0].index != at.Index {
				return false
			}
			steps = steps[1:]
		case steps[0].element || !steps[0].anyKey && steps[0].key != string(at.Key):
			return false
		default:
			steps = steps[1:]
		}
	}
	return len(steps) == 0
}

func compileRegex(n Regex) check {
	re, err := regexp.Compile(n.Expr)
	if err != nil { // the parser lets none pass
		return check{is: func([]byte) bool { return false }}
	}
	if !n.Raw {
		// The longest stretch that JSON writes as it is, or by \u.
		literal := longestLiteral([]glob{compileGlob(escapePattern(regexLiteral(n)))})
		return check{may: mayHold(literal), is: func(raw []byte) bool { return anyText(raw, re.Match) }}
	}
	literal := ""
	if tree, err := syntax.Parse(n.Expr, syntax.Perl); err == nil {
		literal = required(tree.Simplify(), false)
	}
	if literal == "" || strings.ContainsRune(literal, utf8.RuneError) { // RE2 takes bytes that are no UTF-8 for U+FFFD
		return check{is: re.Match}
	}
	want := []byte(literal)
	return check{may: func(raw []byte) bool { return bytes.Contains(raw, want) }, is: re.Match}
}

// regexLiteral is the longest text that every key or value holds, in any case, in which the expression is found; "" where
// none is known.
func regexLiteral(n Regex) string {
	tree, err := syntax.Parse(n.Expr, syntax.Perl)
	if err != nil || n.Raw {
		return ""
	}
	return required(tree.Simplify(), true)
}

// required is the longest text that every match of an expression holds, in this case or with fold in any; "" where none
// is known.
func required(re *syntax.Regexp, fold bool) string {
	switch re.Op { //nolint:exhaustive // the others demand no text, or none that is cheap to tell
	case syntax.OpLiteral:
		if fold || re.Flags&syntax.FoldCase == 0 {
			return string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0], fold)
	case syntax.OpConcat:
		best := ""
		for _, sub := range re.Sub {
			if s := required(sub, fold); len(s) > len(best) {
				best = s
			}
		}
		return best
	}
	return ""
}
