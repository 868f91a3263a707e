package source

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// unhex is the value of a hexadecimal digit, 255 for any other byte.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// appendUnescaped appends the text that the inside of a valid JSON string stands for. A surrogate alone becomes U+FFFD,
// as in encoding/json.
func appendUnescaped(dst, inside []byte) []byte {
	for {
		i := bytes.IndexByte(inside, '\\')
		if i < 0 {
			return append(dst, inside...)
		}
		dst = append(dst, inside[:i]...)
		c := inside[i+1]
		inside = inside[i+2:]
		switch c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hexRune(inside)
			inside = inside[4:]
			if utf16.IsSurrogate(r) {
				r, inside = surrogate(r, inside)
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
}

func hexRune(digits []byte) rune {
	return rune(unhex(digits[0]))<<12 | rune(unhex(digits[1]))<<8 | rune(unhex(digits[2]))<<4 | rune(unhex(digits[3]))
}

// surrogate joins the surrogate r with the one that follows, if it does.
func surrogate(r rune, rest []byte) (rune, []byte) {
	if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
		return utf8.RuneError, rest
	}
	if pair := utf16.DecodeRune(r, hexRune(rest[2:])); pair != utf8.RuneError {
		return pair, rest[6:]
	}
	return utf8.RuneError, rest
}

// Unescape gives the text that a JSON string stands for, given what is between its quotes: how a record of FormString
// becomes Raw again. The text is appended to dst. ok is false where inside is not the inside of a JSON string.
func Unescape(dst, inside []byte) (text []byte, ok bool) {
	s := scanner{text: append(append(bytes.Clone(inside), '"'), make([]byte, pad)...), n: len(inside) + 1}
	if s.str(0) != len(inside) {
		return dst, false
	}
	return appendUnescaped(dst, inside), true
}
