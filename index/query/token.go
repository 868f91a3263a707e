package query

import "unicode"

// IsToken tells which characters make a token: letters, digits and _, of any script. What is no UTF-8 makes none.
func IsToken(r rune) bool {
	if r < 0x80 {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	}
	return r != unicode.ReplacementChar && (unicode.IsLetter(r) || unicode.IsDigit(r))
}
