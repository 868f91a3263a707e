package archive

import (
	"path"
	"strings"
)

// innerName is the path of a member below its archive as its key has it: backslashes, which some programs for Windows
// write, count as slashes, and "./" is left out. reason says why a name is not taken, "" where it is.
func innerName(name string) (inner, reason string) {
	switch {
	case strings.IndexByte(name, 0) >= 0:
		return "", "its name holds a NUL"
	case len(name) > maxName:
		return "", "its name is longer than 4,096 bytes"
	}
	slashed := strings.ReplaceAll(name, `\`, "/")
	if strings.HasPrefix(slashed, "/") || len(slashed) > 1 && slashed[1] == ':' {
		return "", "its name is an absolute path"
	}
	for part := range strings.SplitSeq(slashed, "/") {
		if part == ".." {
			return "", "its name leads out of the archive"
		}
	}
	inner = path.Clean(slashed)
	if inner == "." {
		return "", "it has no name"
	}
	return inner, ""
}

const maxName = 4096
