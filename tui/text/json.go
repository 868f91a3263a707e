package text

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON gives JSON text that holds the same value and no character that Visible would escape: inside strings they are
// written as \u escapes, surrogate pairs above U+FFFF. Tabs and carriage returns between tokens become blanks; line
// breaks there stay. Bytes that are not UTF-8 become \ufffd, which is what every reader of JSON makes of them.
// Where nothing has to be changed it returns raw itself.
func JSON(raw []byte) []byte {
	s := string(raw)
	i := firstUnsafe(s)
	if i < 0 {
		return raw
	}
	var b strings.Builder
	b.Grow(len(s) + 64)
	quoted, escaped := false, false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		bad := r == utf8.RuneError && n <= 1
		switch {
		case !bad && safe(r):
			b.WriteString(s[i : i+n])
		case !quoted && r == '\n':
			b.WriteByte('\n')
		case !quoted && (r == '\t' || r == '\r'):
			b.WriteByte(' ')
		default:
			writeJSONEscape(&b, r)
		}
		switch {
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		}
		i += max(n, 1)
	}
	return []byte(b.String())
}

// Quote writes s as a JSON string that is safe to show.
func Quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			b.WriteString(`\ufffd`)
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case safe(r):
			b.WriteString(s[i : i+n])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		default:
			writeJSONEscape(&b, r)
		}
		i += max(n, 1)
	}
	b.WriteByte('"')
	return b.String()
}

func writeJSONEscape(b *strings.Builder, r rune) {
	if r > 0xffff {
		hi, lo := utf16.EncodeRune(r)
		fmt.Fprintf(b, `\u%04x\u%04x`, hi, lo)
		return
	}
	fmt.Fprintf(b, `\u%04x`, r)
}
