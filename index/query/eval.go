package query

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"time"
	"unicode"
	"unicode/utf8"
)

// Eval is the plain meaning of a query: whether a record matches. It is slow and shares nothing with the compiled
// predicates of match.go and raw.go, which are tested against it.
func Eval(n Node, r Record) bool {
	switch n := n.(type) {
	case All:
		return true
	case And:
		for _, c := range n.Nodes {
			if !Eval(c, r) {
				return false
			}
		}
		return true
	case Or:
		for _, c := range n.Nodes {
			if Eval(c, r) {
				return true
			}
		}
		return false
	case Not:
		return !Eval(n.Node, r)
	case Match:
		return evalMatch(n, r)
	case Range:
		return evalRange(n, r)
	case CIDR:
		return evalCIDR(n, r)
	case List:
		return evalList(n, r)
	case Word:
		return evalWord(n, r)
	case Regex:
		return evalRegex(n, r)
	}
	panic(fmt.Sprintf("query: a node of type %T", n))
}

// plainValues are the values of a key as texts.
func plainValues(k Key, r Record) []string {
	var out []string
	if k.Field != "" {
		for _, v := range r.Values(k.Field) {
			out = append(out, string(v))
		}
		return out
	}
	steps := k.steps()
	plainLeaves(r.Raw(), func(path []step, text string) {
		if pathMatches(steps, path, false) {
			out = append(out, text)
		}
	})
	return out
}

func evalMatch(m Match, r Record) bool {
	if m.Any() {
		return evalAny(m.Key, r)
	}
	values := plainValues(m.Key, r)
	for _, part := range m.Parts {
		values = append(values, plainValues(Key{Field: part}, r)...)
	}
	p := plainPattern(m.Value)
	for _, v := range values {
		if m.Exact && v == m.Value {
			return true
		}
		if !m.Exact && p.matches(plainFold(v)) {
			return true
		}
	}
	return false
}

// evalAny: a field has any value; a path leads to a value, or to an object or array with a value somewhere in it.
func evalAny(k Key, r Record) bool {
	if k.Field == fieldTime {
		_, ok := r.Time()
		return ok
	}
	if k.Field != "" {
		return len(r.Values(k.Field)) > 0
	}
	found := false
	plainLeaves(r.Raw(), func(path []step, _ string) {
		found = found || pathMatches(k.steps(), path, true)
	})
	return found
}

func evalRange(n Range, r Record) bool {
	if n.IsTime() && n.Key.Field != "" {
		t, ok := r.Time()
		return ok && inSpan(n, t)
	}
	for _, v := range plainValues(n.Key, r) {
		if n.IsTime() {
			if t, ok := recordTime(v); ok && inSpan(n, t) {
				return true
			}
			continue
		}
		if d, ok := parseNumber(v); ok && inNumbers(n, d) {
			return true
		}
	}
	return false
}

func inSpan(n Range, t time.Time) bool {
	return (n.From.IsZero() || !t.Before(n.From)) && (n.To.IsZero() || t.Before(n.To))
}

func inNumbers(n Range, d decimal) bool {
	if lo, ok := parseNumber(n.Lo); ok {
		if c := d.compare(lo); c < 0 || c == 0 && n.LoOpen {
			return false
		}
	}
	if hi, ok := parseNumber(n.Hi); ok {
		if c := d.compare(hi); c > 0 || c == 0 && n.HiOpen {
			return false
		}
	}
	return true
}

func evalCIDR(n CIDR, r Record) bool {
	prefix, _ := parsePrefix(n.Prefix)
	for _, v := range plainValues(n.Key, r) {
		if a, ok := parseAddr(v); ok && prefix.Contains(a) {
			return true
		}
	}
	return false
}

func evalWord(w Word, r Record) bool {
	text := w.Text
	if !w.Wild {
		text = escapePattern(text)
	}
	p := plainPattern(text)
	return plainTexts(r.Raw(), func(s string) bool { return p.occursIn(plainFold(s)) })
}

func evalRegex(n Regex, r Record) bool {
	re, err := regexp.Compile(n.Expr)
	if err != nil {
		return false
	}
	if n.Raw {
		return re.Match(r.Raw())
	}
	return plainTexts(r.Raw(), re.MatchString)
}

// A glob is a pattern, character by character, case folded.
type glob []globRune

type globRune struct {
	r    rune
	any  bool // *
	each bool // ?
}

func plainPattern(text string) glob {
	var p glob
	escaped := false
	for _, r := range plainRunes(text) {
		switch {
		case escaped:
			p = append(p, globRune{r: simpleFold(r)})
			escaped = false
		case r == '\\':
			escaped = true
		case r == '*':
			p = append(p, globRune{any: true})
		case r == '?':
			p = append(p, globRune{each: true})
		default:
			p = append(p, globRune{r: simpleFold(r)})
		}
	}
	return p
}

// ends are the positions of t where the pattern can end if it begins at one of the positions start tells.
func (p glob) ends(t []rune, start func(i int) bool) []bool {
	at := make([]bool, len(t)+1)
	for i := range at {
		at[i] = start(i)
	}
	for _, g := range p {
		next := make([]bool, len(t)+1)
		for i := range at {
			switch {
			case g.any:
				next[i] = at[i] || i > 0 && next[i-1]
			case i > 0 && at[i-1]:
				next[i] = g.each || g.r == t[i-1]
			}
		}
		at = next
	}
	return at
}

// matches tells whether the whole of t is what the pattern says.
func (p glob) matches(t []rune) bool {
	return p.ends(t, func(i int) bool { return i == 0 })[len(t)]
}

// occursIn tells whether the pattern stands somewhere in t from token border to token border.
func (p glob) occursIn(t []rune) bool {
	border := func(i int) bool {
		return i == 0 || i == len(t) || !IsToken(t[i-1]) || !IsToken(t[i])
	}
	for i, ends := range p.ends(t, border) {
		if ends && border(i) {
			return true
		}
	}
	return false
}

// plainRunes are the characters of a text; a byte that is no UTF-8 is a negative number of its own.
func plainRunes(text string) []rune {
	var out []rune
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && n == 1 {
			r = -1 - rune(text[i])
		}
		out = append(out, r)
		i += n
	}
	return out
}

func plainFold(text string) []rune {
	out := plainRunes(text)
	for i, r := range out {
		out[i] = simpleFold(r)
	}
	return out
}

// simpleFold is one character for all that Unicode's simple case folding takes as the same: the smallest.
func simpleFold(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r && r >= 0; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}

// plainTexts asks about each key and each value of a record until one will do.
func plainTexts(raw []byte, ok func(string) bool) bool {
	found := false
	walkTokens(raw, func(_ []step, _ bool, text string) {
		found = found || ok(text)
	})
	return found
}

// plainLeaves visits the values of a record with their paths; null is none.
func plainLeaves(raw []byte, visit func(path []step, text string)) {
	walkTokens(raw, func(path []step, key bool, text string) {
		if !key {
			visit(path, text)
		}
	})
}

// walkTokens visits the keys and the values of a JSON text in order with encoding/json; it ends where that is no JSON.
func walkTokens(raw []byte, visit func(path []step, key bool, text string)) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var path []step
	var object []bool // whether the open containers are objects
	wantKey := false
	after := func() { // a value ended
		if len(object) == 0 {
			return
		}
		wantKey = object[len(object)-1]
		if !wantKey {
			path[len(path)-1].index++
		}
	}
	for {
		token, err := d.Token()
		if err != nil {
			return
		}
		switch token := token.(type) {
		case json.Delim:
			switch token {
			case '{', '[':
				object = append(object, token == '{')
				path = append(path, step{element: token == '['})
				wantKey = token == '{'
				continue
			}
			object, path = object[:len(object)-1], path[:len(path)-1]
		case string:
			if wantKey {
				visit(path, true, token)
				path[len(path)-1] = step{key: token}
				wantKey = false
				continue
			}
			visit(path, false, token)
		case json.Number:
			visit(path, false, token.String())
		case bool:
			visit(path, false, fmt.Sprint(token))
		}
		after()
		if len(object) == 0 {
			return
		}
	}
}

// pathMatches tells whether the written steps lead to a value at path, or with below to something that holds it. Arrays
// need no step: resources.ARN is the ARN of any resource.
func pathMatches(steps, path []step, below bool) bool {
	for _, at := range path {
		switch {
		case len(steps) == 0:
			if !at.element && !below {
				return false
			}
		case at.element && !steps[0].element: // any element
		case at.element:
			if steps[0].index >= 0 && steps[0].index != at.index {
				return false
			}
			steps = steps[1:]
		case steps[0].element || !steps[0].anyKey && steps[0].key != at.key:
			return false
		default:
			steps = steps[1:]
		}
	}
	return len(steps) == 0
}
