package query

import (
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// value reads one value of a key: a text, a wildcard, an address range or a range.
func (p *parser) value(t *target) (Node, error) {
	start := p.pos
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	if p.done() || r == ')' || unicode.IsSpace(r) {
		return nil, p.fail(start, start, t.name+" needs a value here", "")
	}
	switch {
	case t.kind == Time:
		return p.timeValue(t)
	case t.exact:
		return p.exactValue(t)
	case r == '"':
		v, err := p.quoted(pattern)
		if err != nil {
			return nil, err
		}
		return p.match(t, v, start)
	case r == '>' || r == '<':
		return p.comparison(t)
	case r == '@':
		return p.list(t)
	}
	raw := p.text[start:p.bareEnd()]
	if strings.Contains(raw, "..") {
		if n, err := p.span(t, raw); n != nil || err != nil {
			return n, err
		}
	}
	v, err := p.bare(pattern)
	if err != nil {
		return nil, err
	}
	if t.kind == IP && strings.ContainsAny(raw, "/:") {
		return p.address(t, raw, start)
	}
	return p.match(t, v, start)
}

func (p *parser) exactValue(t *target) (Node, error) {
	start := p.pos
	if p.peek(0) == '"' {
		v, err := p.quoted(literal)
		if err != nil {
			return nil, err
		}
		return p.match(t, v, start)
	}
	if p.peek(0) == '=' {
		return nil, p.fail(start-1, start+1, "== is no operator", "write field=value; a value that begins with = is put in quotes")
	}
	v, err := p.bare(literal)
	if err != nil {
		return nil, err
	}
	return p.match(t, v, start)
}

// match makes the node for a value that is compared as text.
func (p *parser) match(t *target, v string, start int) (Node, error) {
	if t.kind == Bool {
		v = strings.ToLower(v)
		if v != "true" && v != "false" && (t.exact || v != "*") {
			return nil, p.fail(start, p.pos, t.name+" is true or false", "")
		}
	}
	return newMatch(t.key, v, t.exact, t.parts), nil
}

// newMatch makes a term; the name of a service loses its domain.
func newMatch(k Key, v string, exact bool, parts []string) Match {
	if k.Field == fieldService {
		for len(v) > len(serviceDomain) && strings.EqualFold(v[len(v)-len(serviceDomain):], serviceDomain) {
			v = v[:len(v)-len(serviceDomain)]
		}
	}
	m := Match{Key: k, Value: v, Exact: exact}
	if !exact && v != "*" {
		m.Parts = parts
	}
	return m
}

const serviceDomain = ".amazonaws.com"

// address makes the node for an address or an address range; other text is compared as text (names of services).
func (p *parser) address(t *target, raw string, start int) (Node, error) {
	if isAddress(raw) {
		return CIDR{Key: t.key, Prefix: raw}, nil
	}
	if before, _, ok := strings.Cut(raw, "/"); ok && isAddress(before) {
		return nil, p.fail(start, p.pos, "not an address range: "+raw, "write 203.0.113.0/24 or 2001:db8::/32")
	}
	return p.match(t, normalPattern(raw), start)
}

// isAddress tells an IP address or a CIDR range.
func isAddress(text string) bool {
	_, ok := parsePrefix(text)
	return ok
}

// parsePrefix reads a CIDR range or one address. Addresses of IPv4 written as IPv6 are IPv4.
func parsePrefix(text string) (netip.Prefix, bool) {
	if a, ok := parseAddr(text); ok {
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	pre, err := netip.ParsePrefix(text)
	if err != nil {
		return pre, false
	}
	if pre.Addr().Is4In6() {
		if pre.Bits() < 96 {
			return pre, false
		}
		pre = netip.PrefixFrom(pre.Addr().Unmap(), pre.Bits()-96)
	}
	return pre.Masked(), true
}

// parseAddr reads one address.
func parseAddr(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(text)
	return a.WithZone("").Unmap(), err == nil
}

// comparison reads > >= < <= and a bound.
func (p *parser) comparison(t *target) (Node, error) {
	start := p.pos
	op := p.text[p.pos : p.pos+1]
	p.pos++
	if p.peek(0) == '=' {
		op += "="
		p.pos++
	}
	at := p.pos
	bound, err := p.bound()
	if err != nil {
		return nil, err
	}
	if bound == "" {
		return nil, p.fail(at, at, op+" needs a number or a time directly after it", "")
	}
	r := Range{Key: t.key, Text: p.text[start:p.pos]}
	if op[0] == '>' {
		r.Lo, r.LoOpen = bound, op == ">"
	} else {
		r.Hi, r.HiOpen = bound, op == "<"
	}
	if _, ok := parseNumber(bound); ok && t.kind != Time {
		return r, p.comparable(t, start)
	}
	if t.kind != Time && !t.isPath() {
		return nil, p.fail(at, p.pos, "not a number: "+bound, t.name+" is compared with numbers only")
	}
	from, to, err := p.time(bound, at)
	switch {
	case err != nil:
		return nil, err
	case r.LoOpen:
		r.From = to
	case r.Lo != "":
		r.From = from
	case r.HiOpen:
		r.To = from
	default:
		r.To = to
	}
	return r, nil
}

// bound reads the text after > >= < <=.
func (p *parser) bound() (string, error) {
	if p.peek(0) == '"' {
		return p.quoted(literal)
	}
	return p.bare(literal)
}

func (p *parser) comparable(t *target, start int) error {
	if t.kind == Bool {
		return p.fail(start, p.pos, t.name+" is true or false", "")
	}
	return nil
}

// span reads lo..hi. It is nil where the text is no range but a text with two dots in it.
func (p *parser) span(t *target, raw string) (Node, error) {
	start := p.pos
	lo, hi, _ := strings.Cut(raw, "..")
	r := Range{Key: t.key, Lo: lo, Hi: hi, Text: raw}
	if lo == "" && hi == "" {
		return nil, nil
	}
	a, loOK := parseNumber(lo)
	b, hiOK := parseNumber(hi)
	if t.kind != Time && (loOK || lo == "") && (hiOK || hi == "") {
		p.pos += len(raw)
		if loOK && hiOK && a.compare(b) > 0 {
			return nil, p.backwards(start)
		}
		return r, p.comparable(t, start)
	}
	if t.kind != Time && (!t.isPath() || !isTimeText(lo) || !isTimeText(hi)) {
		return nil, nil
	}
	var err error
	if lo != "" {
		if r.From, _, err = p.time(lo, start); err != nil {
			return nil, err
		}
	}
	if hi != "" {
		if r.To, _, err = p.time(hi, start+len(lo)+len("..")); err != nil {
			return nil, err
		}
	}
	p.pos += len(raw)
	if lo != "" && hi != "" && r.To.Before(r.From) {
		return nil, p.backwards(start)
	}
	return r, nil
}

func (p *parser) backwards(start int) error {
	return p.fail(start, p.pos, "the range ends before it begins", "")
}

// isTimeText tells a time, or no bound at all.
func isTimeText(text string) bool {
	_, _, err := ParseTime(text, Options{Now: time.Unix(0, 0), End: time.Unix(0, 0)})
	return text == "" || err == nil
}

// timeValue reads a value of a time field. One time stands for its span, one relative to now for all since then.
func (p *parser) timeValue(t *target) (Node, error) {
	start := p.pos
	if c := p.peek(0); c == '>' || c == '<' {
		return p.comparison(t)
	}
	isQuoted := p.peek(0) == '"'
	text, err := p.bound()
	if err != nil {
		return nil, err
	}
	if text == "*" && !t.exact {
		return Match{Key: t.key, Value: "*"}, nil
	}
	if !isQuoted && strings.Contains(text, "..") {
		p.pos = start
		n, err := p.span(t, text)
		if n == nil && err == nil {
			err = p.fail(start, start+len(text), "a range without a beginning or an end", timeHint)
		}
		return n, err
	}
	from, to, err := p.time(text, start)
	if err != nil {
		return nil, err
	}
	r := Range{Key: t.key, Lo: text, Hi: text, From: from, To: to, Text: p.text[start:p.pos]}
	if isRelative(text) {
		r.Hi, r.To = "", time.Time{}
	}
	return r, nil
}

// time resolves a time written at pos.
func (p *parser) time(text string, pos int) (from, to time.Time, err error) {
	from, to, err = ParseTime(text, p.opt)
	if e, ok := err.(*Error); ok { //nolint:errorlint // ParseTime gives it as it is
		return from, to, p.fail(pos, pos+len(text), e.Msg, e.Hint)
	}
	return from, to, err
}
