package query

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of a list in a file.
const (
	MaxListValues = 100_000
	MaxListBytes  = 16 << 20
)

// List matches a key with any value of a file, one a line: field:@FILE. Values are compared as texts, whatever their
// case, without wildcards; those of an address field also as addresses and ranges. Blanks around a value, empty lines and
// lines that begin with # do not count.
type List struct {
	Key  Key
	File string // as written
	// Values are those of the file when the query was read. They do not change.
	Values []string
	Sum    string   // tells contents of the file apart
	IP     bool     // of an address field
	Parts  []string // further fields that are compared too
}

func (l List) String() string {
	name := l.File
	if !isBare(name) {
		name = quoteExact(name)
	}
	return l.Key.String() + ":@" + name
}

// list reads the list named at the position, behind a @.
func (p *parser) list(t *target) (Node, error) {
	start := p.pos
	p.pos++
	name, err := p.bound()
	end := p.pos
	switch {
	case err != nil:
		return nil, err
	case name == "":
		return nil, p.fail(start, end, "@ needs the name of a file directly after it", "write "+t.name+":@values.txt, with one value a line")
	case t.kind == Bool:
		return nil, p.fail(start, end, t.name+" is true or false", "")
	case p.opt.ReadFile == nil:
		return nil, p.fail(start, end, "lists from a file cannot be read here", "a value that begins with @ is put in quotes")
	}
	text, err := p.opt.ReadFile(name)
	if err != nil {
		return nil, p.fail(start, end, err.Error(), "a value that begins with @ is put in quotes")
	}
	l := List{Key: t.key, File: name, IP: t.kind == IP, Parts: t.parts}
	if l.Values, err = listValues(name, text); err != nil {
		return nil, p.fail(start, end, err.Error(), "one value a line; lines that begin with # do not count")
	}
	if t.key.Field == fieldService {
		for i, v := range l.Values {
			l.Values[i] = newMatch(t.key, v, true, nil).Value
		}
	}
	sum := sha256.Sum256(text)
	l.Sum = hex.EncodeToString(sum[:8])
	return l, nil
}

// listValues are the values of a file.
func listValues(name string, text []byte) ([]string, error) {
	if len(text) > MaxListBytes {
		return nil, fmt.Errorf("%s is too large: a list has at most %d MB", name, MaxListBytes>>20)
	}
	text = []byte(strings.TrimPrefix(string(text), "\ufeff"))
	if !utf8.Valid(text) || strings.IndexByte(string(text), 0) >= 0 {
		return nil, fmt.Errorf("%s is not text (UTF-8)", name)
	}
	var values []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if len(values) == MaxListValues {
			return nil, fmt.Errorf("%s has more than %d values", name, MaxListValues)
		}
		values = append(values, line)
	}
	if len(values) == 0 {
		return nil, fmt.Errorf("%s has no values", name)
	}
	return values, nil
}

// Matcher compiles the comparison with one value. It may be called by many at once.
func (l List) Matcher() func(term []byte) bool {
	texts := make(map[string]struct{}, len(l.Values))
	ranges := map[netip.Prefix]struct{}{}
	var lengths [2][]int // of the prefixes, IPv4 and IPv6
	for _, v := range l.Values {
		texts[string(foldText(nil, []byte(v)))] = struct{}{}
		prefix, ok := parsePrefix(v)
		if !l.IP || !ok {
			continue
		}
		if _, known := ranges[prefix]; !known {
			ranges[prefix] = struct{}{}
			lengths[family(prefix.Addr())] = appendOnce(lengths[family(prefix.Addr())], prefix.Bits())
		}
	}
	return func(term []byte) bool {
		var space [128]byte
		if _, ok := texts[string(foldText(space[:0], term))]; ok {
			return true
		}
		if len(ranges) == 0 {
			return false
		}
		a, ok := parseAddr(string(term))
		if !ok {
			return false
		}
		for _, bits := range lengths[family(a)] {
			if prefix, err := a.Prefix(bits); err == nil {
				if _, ok := ranges[prefix]; ok {
					return true
				}
			}
		}
		return false
	}
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

func appendOnce(all []int, n int) []int {
	if slices.Contains(all, n) {
		return all
	}
	return append(all, n)
}

// foldText appends a text with each character folded; bytes that are no UTF-8 stay.
func foldText(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		r, n := foldAt(text, i)
		if r < 0 {
			dst = append(dst, text[i])
		} else {
			dst = utf8.AppendRune(dst, r)
		}
		i += n
	}
	return dst
}

// evalList is the plain meaning.
func evalList(l List, r Record) bool {
	values := plainValues(l.Key, r)
	for _, part := range l.Parts {
		values = append(values, plainValues(Key{Field: part}, r)...)
	}
	for _, have := range values {
		addr, isAddr := parseAddr(have)
		for _, want := range l.Values {
			prefix, isPrefix := parsePrefix(want)
			if slices.Equal(plainFold(have), plainFold(want)) || l.IP && isAddr && isPrefix && prefix.Contains(addr) {
				return true
			}
		}
	}
	return false
}
