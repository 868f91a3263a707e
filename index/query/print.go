package query

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func (All) String() string { return "" }

func (n And) String() string {
	parts := make([]string, len(n.Nodes))
	for i, c := range n.Nodes {
		parts[i] = inside(c)
	}
	return strings.Join(parts, " ")
}

func (n Or) String() string {
	if s, ok := n.group(); ok {
		return s
	}
	parts := make([]string, len(n.Nodes))
	for i, c := range n.Nodes {
		if _, and := c.(And); and { // AND binds closer than OR
			parts[i] = c.String()
		} else {
			parts[i] = inside(c)
		}
	}
	return strings.Join(parts, " OR ")
}

// group prints alternatives for one key as key:(a OR b).
func (n Or) group() (string, bool) {
	first, ok := n.Nodes[0].(Match)
	if !ok || first.Key.Field == fieldTime {
		return "", false
	}
	var b strings.Builder
	b.WriteString(first.Key.String() + first.operator() + "(")
	for i, c := range n.Nodes {
		m, ok := c.(Match)
		if !ok || m.Exact != first.Exact || !m.Key.equal(first.Key) {
			return "", false
		}
		if i > 0 {
			b.WriteString(" OR ")
		}
		b.WriteString(m.value())
	}
	b.WriteByte(')')
	return b.String(), true
}

func (n Not) String() string {
	if m, ok := n.Node.(Match); ok && m.Exact {
		return m.Key.String() + "!=" + m.value()
	}
	if o, ok := n.Node.(Or); ok {
		if s, ok := o.group(); ok {
			return "-" + s
		}
	}
	switch n.Node.(type) {
	case And, Or:
		return "-(" + n.Node.String() + ")"
	}
	return "-" + inside(n.Node)
}

// inside prints a node as an operand of AND.
func inside(n Node) string {
	switch n := n.(type) {
	case All:
		return "*"
	case And:
		return "(" + n.String() + ")"
	case Or:
		if s, ok := n.group(); ok {
			return s
		}
		return "(" + n.String() + ")"
	}
	return n.String()
}

func (m Match) String() string { return m.Key.String() + m.operator() + m.value() }

func (m Match) operator() string {
	if m.Exact {
		return "="
	}
	return ":"
}

func (m Match) value() string {
	if m.Exact {
		if isBareValue(m.Value) {
			return m.Value
		}
		return quoteExact(m.Value)
	}
	if isBareValue(m.Value) {
		return m.Value
	}
	return quotePattern(m.Value)
}

// isBareValue tells whether a value needs no quotes after ":" or "=", also inside a group.
func isBareValue(v string) bool {
	if !isBare(v) || strings.IndexByte("-><@=", v[0]) >= 0 || strings.Contains(v, "..") {
		return false
	}
	if isAddress(v) && strings.ContainsAny(v, "/:") { // would be CIDR
		return false
	}
	return v != "OR" && v != "AND" && v != "NOT"
}

// isBare tells whether a text could stand without quotes as far as its characters go.
func isBare(v string) bool {
	for i, r := range v {
		if isDelimiter(r) || !unicode.IsPrint(r) || r == utf8.RuneError && !strings.HasPrefix(v[i:], "\uFFFD") {
			return false
		}
	}
	return v != ""
}

func (r Range) String() string {
	if r.Text != "" {
		return r.Key.String() + ":" + r.Text
	}
	var ops []string
	switch {
	case r.Lo != "" && r.Hi != "" && !r.LoOpen && !r.HiOpen:
		return r.Key.String() + ":" + r.Lo + ".." + r.Hi
	case r.Lo != "" && r.LoOpen:
		ops = append(ops, ">"+r.Lo)
	case r.Lo != "":
		ops = append(ops, ">="+r.Lo)
	}
	switch {
	case r.Hi != "" && r.HiOpen:
		ops = append(ops, "<"+r.Hi)
	case r.Hi != "":
		ops = append(ops, "<="+r.Hi)
	}
	if len(ops) == 1 {
		return r.Key.String() + ":" + ops[0]
	}
	return r.Key.String() + ":(" + strings.Join(ops, " ") + ")"
}

func (c CIDR) String() string { return c.Key.String() + ":" + c.Prefix }

func (w Word) String() string {
	p := w.Text
	if !w.Wild {
		p = escapePattern(p)
	}
	if !w.Quoted && isBareWord(p) {
		return p
	}
	return quotePattern(p)
}

// isBareWord tells whether a pattern without quotes would be read as this word.
func isBareWord(p string) bool {
	if !isBare(p) || strings.IndexByte("-!{", p[0]) >= 0 || p[0] == '/' && !isSlashWord(p) || strings.ContainsAny(p, "<>") || strings.Trim(p, "*") == "" {
		return false
	}
	switch p {
	case "OR", "AND", "NOT", "||", "&&":
		return false
	}
	s := scanner{text: p}
	_, isKey := s.key()
	return !isKey
}

func (r Regex) String() string {
	var b strings.Builder
	if r.Raw {
		b.WriteString("raw:")
	}
	b.WriteByte('/')
	for i := 0; i < len(r.Expr); i++ {
		c := r.Expr[i]
		if c == '/' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		if c == '\\' && i+1 < len(r.Expr) {
			i++
			b.WriteByte(r.Expr[i])
		}
	}
	b.WriteByte('/')
	return b.String()
}

// quoteExact puts a literal into quotes.
func quoteExact(v string) string { return quote(v, false) }

// quotePattern puts a pattern into quotes; its backslashes stand for themselves already.
func quotePattern(p string) string { return quote(p, true) }

func quote(v string, isPattern bool) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(v); {
		r, n := utf8.DecodeRuneInString(v[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, v[i])
		case r == '"':
			b.WriteString(`\"`)
		case r == '\\' && !isPattern:
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case !unicode.IsPrint(r):
			b.WriteString(`\u{` + strconv.FormatInt(int64(r), 16) + "}")
		default:
			b.WriteRune(r)
		}
		i += n
	}
	b.WriteByte('"')
	return b.String()
}

// escapePattern makes the pattern that means a text literally.
func escapePattern(text string) string {
	if !strings.ContainsAny(text, `*?\`) {
		return text
	}
	return patternEscaper.Replace(text)
}

var patternEscaper = strings.NewReplacer(`*`, `\*`, `?`, `\?`, `\`, `\\`)

// unescapePattern is the text a pattern stands for, if it holds no wildcard.
func unescapePattern(p string) (text string, ok bool) {
	if !strings.ContainsAny(p, `*?\`) {
		return p, true
	}
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*', '?':
			return "", false
		case '\\':
			if i+1 < len(p) {
				i++
			}
		}
		b.WriteByte(p[i])
	}
	return b.String(), true
}
