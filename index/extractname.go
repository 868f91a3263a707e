package index

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trailsift/trailsift/source"
)

const (
	// longestName is the longest part of a path, in bytes, that all file systems we know take, with room for suffixes.
	longestName = 200
	// longestKey is the longest path that is written as it is. S3 keys have at most 1,024 bytes.
	longestKey = 1500
)

// placeNames gives each place the name of a folder, each its own.
type placeNames struct {
	names map[string]string // by identity
	taken map[string]bool
}

func newPlaceNames() placeNames { return placeNames{map[string]string{}, map[string]bool{}} }

// path is where a log file is written, below the folder of an extraction: PLACE/KEY with slashes. Keys are text from
// outside: what would lead out of the folder, or is no name on some system, is written as %XX, as in a URL, which different
// keys never share.
func (p placeNames) path(place source.Place, key string) string {
	name, ok := p.names[place.ID]
	if !ok {
		base := placeName(place)
		name = base
		for n := 2; p.taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s%%%d", base, n)
		}
		p.names[place.ID], p.taken[strings.ToLower(name)] = name, true
	}
	parts := strings.Split(key, "/")
	for i, part := range parts {
		parts[i] = safeName(part)
	}
	path := name + "/" + strings.Join(parts, "/")
	if len(path) > longestKey {
		return fmt.Sprintf("%s/%%long/%x", name, sha256.Sum256([]byte(key)))
	}
	return path
}

// beside is where a log file is written that cannot stand under its path, as another one has a part of it as its name.
func (placeNames) beside(path string) string {
	place, rest, _ := strings.Cut(path, "/")
	return fmt.Sprintf("%s/%%beside/%x", place, sha256.Sum256([]byte(rest)))
}

// placeName is what the folder of a place is called: the last name of a folder, the bucket, else the place as it is written.
func placeName(p source.Place) string {
	text := p.Text
	switch {
	case strings.HasPrefix(p.ID, "file:"):
		text = strings.TrimRight(strings.TrimPrefix(p.ID, "file:"), "/")
		text = text[strings.LastIndexByte(text, '/')+1:]
	case strings.HasPrefix(text, "s3://"):
		text, _, _ = strings.Cut(strings.TrimPrefix(text, "s3://"), "/") // keys begin at the bucket
	case text == "-":
		text = "stdin"
	}
	if text == "" {
		text = "root"
	}
	return safeName(strings.NewReplacer("/", "_", ":", "_").Replace(text))
}

// safeName is one part of a path as it can be written anywhere below a folder. A name that is plain stays as it is.
func safeName(part string) string {
	var b strings.Builder
	dots := strings.Trim(part, ".") == "" // "", ".", ".."
	for i := 0; i < len(part); {
		r, n := utf8.DecodeRuneInString(part[i:])
		last := i+n == len(part)
		if r == utf8.RuneError && n == 1 || dots || unsafeRune(r) || r == '%' && looksEscaped(part[i:]) ||
			runtime.GOOS == "windows" && last && (r == ' ' || r == '.') {
			for _, c := range []byte(part[i : i+n]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(part[i : i+n])
		}
		i += n
	}
	name := b.String()
	switch {
	case part == "":
		return "%"
	case len(name) > longestName:
		return fmt.Sprintf("%s%%%x", strings.ToValidUTF8(name[:longestName/2], ""), sha256.Sum256([]byte(part)))
	}
	if _, err := filepath.Localize(name); err != nil { // a name of a device
		return "%" + name
	}
	return name
}

// looksEscaped says that a part goes on as what safeName writes.
func looksEscaped(s string) bool {
	return len(s) >= 3 && isHex(s[1]) && isHex(s[2])
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}

// unsafeRune is what cannot be seen, moves the cursor, turns the direction of text, or is no part of a name on Windows.
func unsafeRune(r rune) bool {
	if r == '\\' || !unicode.IsPrint(r) {
		return true
	}
	return runtime.GOOS == "windows" && strings.ContainsRune(`<>:"|?*`, r)
}
