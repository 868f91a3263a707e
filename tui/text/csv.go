package text

import "strings"

// CSVCell is a value as a cell that no spreadsheet runs as a formula: it gets a quote before it (OWASP: CSV injection).
func CSVCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
