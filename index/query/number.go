package query

import (
	"strconv"
	"strings"
)

// A decimal is a number exactly as written: 0.digits x 10^exp, without zeros at either end of digits; zero has none.
type decimal struct {
	negative bool
	digits   string
	exp      int64
}

// parseNumber reads a JSON number, also with a plus sign or zeros before it. An exponent beyond a billion is refused.
func parseNumber(text string) (decimal, bool) {
	var d decimal
	rest := text
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		d.negative = rest[0] == '-'
		rest = rest[1:]
	}
	if i := strings.IndexAny(rest, "eE"); i >= 0 {
		n, err := strconv.ParseInt(rest[i+1:], 10, 64)
		if err != nil || n > 1e9 || n < -1e9 {
			return d, false
		}
		d.exp, rest = n, rest[:i]
	}
	whole, fraction, point := strings.Cut(rest, ".")
	if !isDigits(whole) || point && !isDigits(fraction) {
		return d, false
	}
	d.exp += int64(len(whole))
	d.digits = whole + fraction
	trimmed := strings.TrimLeft(d.digits, "0")
	d.exp -= int64(len(d.digits) - len(trimmed))
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

// compare is -1, 0 or 1 as d is less than, equal to or greater than o.
func (d decimal) compare(o decimal) int {
	if s, t := d.sign(), o.sign(); s != t {
		return cmpInt(int64(s), int64(t))
	}
	c := cmpInt(d.exp, o.exp)
	if c == 0 {
		c = strings.Compare(d.digits, o.digits)
	}
	if d.digits == "" || o.digits == "" {
		c = 0 // both are zero: signs are equal
	}
	if d.negative {
		return -c
	}
	return c
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
