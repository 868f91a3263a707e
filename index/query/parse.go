package query

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Parse reads a query. The error is an *Error that points at the place.
func Parse(text string, s Schema, opt Options) (Node, error) {
	p := &parser{scanner: scanner{text: text}, schema: s, opt: opt}
	if len(text) > MaxText {
		return nil, p.fail(MaxText, len(text), fmt.Sprintf("a query has at most %d bytes", MaxText), "")
	}
	if !utf8.ValidString(text) {
		i := 0
		for r, n := utf8.DecodeRuneInString(text); r != utf8.RuneError || n > 1; r, n = utf8.DecodeRuneInString(text[i:]) {
			i += n
		}
		return nil, p.fail(i, i+1, "the query is not valid UTF-8", `inside quotes a byte is written \xff`)
	}
	p.space()
	if p.done() {
		return All{}, nil
	}
	n, err := p.or(nil)
	if err != nil {
		return nil, err
	}
	if !p.done() { // or stops at a closing parenthesis only
		return nil, p.fail(p.pos, p.pos+1, "a closing parenthesis without an opening one", "")
	}
	return n, nil
}

type parser struct {
	scanner
	schema Schema
	opt    Options
	depth  int
}

// A target is the key and operator that values belong to.
type target struct {
	key   Key
	name  string // as written, for messages
	kind  Kind
	parts []string
	exact bool
	group bool // inside key:( )
}

func (t *target) isPath() bool { return t.key.Field == "" }

// or reads alternatives: terms, or values where t is not nil.
func (p *parser) or(t *target) (Node, error) {
	var nodes []Node
	for {
		n, err := p.and(t)
		if err != nil {
			return nil, err
		}
		if o, ok := n.(Or); ok {
			nodes = append(nodes, o.Nodes...)
		} else {
			nodes = append(nodes, n)
		}
		if !p.keyword("OR") {
			break
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return Or{nodes}, nil
}

func (p *parser) and(t *target) (Node, error) {
	var nodes []Node
	for {
		p.space()
		at := p.pos
		and := p.keyword("AND")
		if and {
			p.space()
		}
		if p.atEnd() {
			if len(nodes) == 0 || and {
				return nil, p.missing(at, and)
			}
			break
		}
		if and && len(nodes) == 0 {
			return nil, p.fail(at, at+len("AND"), "AND needs something on its left", `the word itself is written "AND"`)
		}
		n, err := p.unary(t)
		if err != nil {
			return nil, err
		}
		if a, ok := n.(And); ok {
			nodes = append(nodes, a.Nodes...)
		} else {
			nodes = append(nodes, n)
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return And{nodes}, nil
}

// atEnd tells whether a conjunction ends here.
func (p *parser) atEnd() bool {
	if p.done() || p.peek(0) == ')' {
		return true
	}
	at := p.pos
	or := p.keyword("OR")
	p.pos = at
	return or
}

// missing says what is missing where a conjunction ends too early; at is where its last AND began.
func (p *parser) missing(at int, and bool) error {
	before := strings.TrimRightFunc(p.text[:p.pos], unicode.IsSpace)
	switch {
	case and:
		return p.fail(at, at+len("AND"), "AND needs something on its right", `the word itself is written "AND"`)
	case strings.HasSuffix(before, "OR"):
		return p.fail(len(before)-len("OR"), len(before), "OR needs something on its right", `the word itself is written "OR"`)
	case p.peek(0) == ')' && strings.HasSuffix(before, "("):
		return p.fail(len(before)-1, p.pos+1, "nothing between the parentheses", "")
	case p.peek(0) == ')':
		return p.fail(p.pos, p.pos+1, "a closing parenthesis without an opening one", "")
	case p.peek(0) == 'O':
		return p.fail(p.pos, p.pos+len("OR"), "OR needs something on its left", `the word itself is written "OR"`)
	}
	return p.fail(p.pos, p.pos, "something is missing here", "")
}

func (p *parser) unary(t *target) (Node, error) {
	at := p.pos
	switch {
	case p.keyword("NOT"):
		p.space()
	case p.peek(0) == '-' && !p.negativeValue(t):
		p.pos++
	default:
		return p.primary(t)
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	if p.atEnd() || unicode.IsSpace(r) {
		return nil, p.fail(at, p.pos, strings.TrimSpace(p.text[at:p.pos])+" needs something after it", "")
	}
	if err := p.deeper(at); err != nil {
		return nil, err
	}
	n, err := p.unary(t)
	p.depth--
	if err != nil {
		return nil, err
	}
	return Not{n}, nil
}

// negativeValue tells whether a minus begins a time ("-2h") and negates nothing.
func (p *parser) negativeValue(t *target) bool {
	return t != nil && t.kind == Time && p.peek(1) >= '0' && p.peek(1) <= '9'
}

func (p *parser) deeper(at int) error {
	if p.depth++; p.depth > MaxDepth {
		return p.fail(at, at+1, fmt.Sprintf("more than %d levels of parentheses and negations", MaxDepth), "")
	}
	return nil
}

func (p *parser) primary(t *target) (Node, error) {
	if p.peek(0) == '(' {
		return p.parentheses(t)
	}
	if t != nil {
		return p.value(t)
	}
	return p.term()
}

func (p *parser) parentheses(t *target) (Node, error) {
	open := p.pos
	if err := p.deeper(open); err != nil {
		return nil, err
	}
	p.pos++
	n, err := p.or(t)
	p.depth--
	if err != nil {
		return nil, err
	}
	if p.peek(0) != ')' {
		return nil, p.fail(open, open+1, "the parenthesis is not closed", "")
	}
	p.pos++
	return n, nil
}

// term reads what is no operator: key and value, regular expression, word.
func (p *parser) term() (Node, error) {
	if k, ok := p.key(); ok {
		return p.keyTerm(k)
	}
	start := p.pos
	switch p.peek(0) {
	case '"':
		return p.quotedWord()
	case '{':
		return nil, p.fail(start, len(p.text), "filter patterns are not built yet", `a word that begins with { is put in quotes`)
	case '!':
		return nil, p.fail(start, start+1, "! is no operator", "write -term or NOT term")
	case '/':
		if n, err := p.regexTerm(false); n != nil || err != nil {
			return n, err
		}
	}
	return p.bareWord()
}

// regexTerm reads /expr/; nil, nil where none stands here but perhaps a word.
func (p *parser) regexTerm(raw bool) (Node, error) {
	slash := p.pos
	expr, ok := p.regex()
	if !ok {
		if !raw && isSlashWord(p.text[slash:p.bareEnd()]) {
			return nil, nil
		}
		return nil, p.fail(slash, p.bareEnd(), "the regular expression has no end", `write /expression/ with slashes inside as \/; text with a slash is put in quotes`)
	}
	for i, r := range expr {
		if r != ' ' && !unicode.IsPrint(r) {
			return nil, p.fail(slash, p.pos, "a character that cannot be seen", fmt.Sprintf(`write \x{%x}, or \n, \t, \s (character %d of the expression)`, r, utf8.RuneCountInString(expr[:i])+1))
		}
	}
	if _, err := regexp.Compile(expr); err != nil {
		msg := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, p.fail(slash, p.pos, "not a regular expression: "+msg, "the syntax is RE2's: no look-around, no references back")
	}
	return Regex{Expr: expr, Raw: raw}, nil
}

// isSlashWord tells a word such as /aws/lambda/name from the beginning of a regular expression: one more slash in it.
func isSlashWord(text string) bool {
	second := strings.IndexByte(text[1:], '/')
	return second >= 0 && second < len(text)-2 && !strings.ContainsAny(text, `\[]^|+{}`)
}

func (p *parser) quotedWord() (Node, error) {
	start := p.pos
	text, err := p.quoted(pattern)
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, p.fail(start, p.pos, "nothing between the quotes", "")
	}
	return newWord(text, true), nil
}

func (p *parser) bareWord() (Node, error) {
	start := p.pos
	text, err := p.bare(pattern)
	if err != nil {
		return nil, err
	}
	switch {
	case text == "||":
		return nil, p.fail(start, p.pos, "|| is no operator", "write OR")
	case text == "&&":
		return nil, p.fail(start, p.pos, "&& is no operator", "write AND, or just a space")
	case strings.ContainsAny(text, "<>"):
		return nil, p.fail(start, p.pos, "a comparison needs a colon, a word with < or > quotes", "write time:>=2026-07-01 or \"a > b\"")
	}
	return newWord(text, !isBareWord(text)), nil // "a.**:b" is no key, but becomes "a.*:b", which is one
}

// newWord makes the node of a pattern; stars alone match everything.
func newWord(p string, quoted bool) Node {
	if p == "*" {
		return All{}
	}
	if text, ok := unescapePattern(p); ok {
		return Word{Text: text, Quoted: quoted}
	}
	return Word{Text: p, Wild: true, Quoted: quoted}
}

// keyTerm reads what follows a key and its operator.
func (p *parser) keyTerm(k keyText) (Node, error) {
	if k.end-k.pos > maxKey {
		return nil, p.fail(k.pos, k.end, fmt.Sprintf("a key has at most %d bytes", maxKey), "")
	}
	if len(k.steps) == 1 && k.op == ":" && strings.EqualFold(k.steps[0], "raw") {
		return p.rawTerm(k)
	}
	t, err := p.resolve(k)
	if err != nil {
		return nil, err
	}
	t.exact = k.op != ":"
	var n Node
	if p.peek(0) == '(' {
		t.group = true
		n, err = p.parentheses(t)
	} else {
		n, err = p.value(t)
	}
	if err == nil && k.op == "!=" {
		n = Not{n}
	}
	return n, err
}

func (p *parser) rawTerm(k keyText) (Node, error) {
	if p.peek(0) != '/' {
		return nil, p.fail(k.pos, p.bareEnd(), "raw takes a regular expression", "write raw:/expression/")
	}
	return p.regexTerm(true)
}

// resolve finds what a key is about.
func (p *parser) resolve(k keyText) (*target, error) {
	name := k.steps[0]
	t := &target{key: Key{Path: k.steps}, name: p.text[k.pos:k.end]}
	if strings.HasPrefix(name, `"`) {
		return t, nil
	}
	if len(k.steps) == 1 {
		if f, ok := p.schema.Lookup(name); ok {
			t.key = Key{Field: f.Name}
			t.kind, t.parts = f.Kind, f.Parts
			return t, nil
		}
	}
	if f, ok := p.schema.LookupPath(k.steps); ok {
		t.key = Key{Field: f.Name}
		t.kind, t.parts = f.Kind, f.Parts
		return t, nil
	}
	if top := topLevelKey(name); top != "" {
		t.key.Path[0] = top
		return t, nil
	}
	if len(k.steps) > 1 {
		return t, nil
	}
	return nil, p.unknown(k, name)
}

func (p *parser) unknown(k keyText, name string) error {
	switch strings.ToLower(name) {
	case "finding", "findings":
		return p.fail(k.pos, k.end, "findings are not built yet", "")
	}
	hint := `to search for the text, put it in quotes`
	if s := p.schema.suggest(name); s != "" {
		hint = "did you mean " + s + "?"
	}
	return p.fail(k.pos, k.end, "no such field: "+name, hint)
}
