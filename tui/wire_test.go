//go:build unix

package tui

import (
	"fmt"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// onTheWire checks that all the program writes are sequences of its own (moving, erasing, scrolling, repeating, colours,
// modes, one question for the background) and visible text: a sequence that came out of data would be another one, or
// carry what ours never do.
func onTheWire(t *testing.T, out []byte) {
	t.Helper()
	state := byte(0)
	p := ansi.NewParser()
	for rest := out; len(rest) > 0; {
		seq, width, n, next := ansi.DecodeSequence(rest, state, p)
		state, rest = next, rest[n:]
		if why := foreign(string(seq), width, p); why != "" {
			t.Fatalf("%q is written: %s", seq, why)
		}
	}
}

// foreign says why a piece of output is none of ours, "" where it is.
func foreign(seq string, width int, p *ansi.Parser) string {
	switch {
	case len(seq) == 1 && seq[0] < 0x20:
		switch seq[0] {
		case '\b', '\t', '\n', '\r':
			return ""
		}
		return "a control character"
	case ansi.HasCsiPrefix(seq) && seq[0] == 0x1b:
		cmd := ansi.Cmd(p.Command())
		switch cmd.Final() {
		case 'A', 'B', 'C', 'D', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'P', 'S', 'T', 'X', 'Z', '@', '`', 'b', 'd', 'f', 'h', 'l', 'm', 'r', 'u', 'q', 'p':
			return ""
		}
		return fmt.Sprintf("a sequence that ends with %c", cmd.Final())
	case ansi.HasOscPrefix(seq):
		if seq == "\x1b]11;?\a" || seq == "\x1b]11;?\x1b\\" {
			return ""
		}
		return "an OSC"
	case seq[0] == 0x1b:
		if seq == "\x1bM" || seq == "\x1b7" || seq == "\x1b8" || seq == "\x1b>" || seq == "\x1b=" {
			return ""
		}
		return "an escape sequence"
	case width == 0:
		return "without width"
	}
	for _, r := range seq {
		if r < 0x20 || r >= 0x7f && r <= 0x9f || r == utf8.RuneError || unicode.In(r, unicode.Cf, unicode.M) || r >= 0x590 && r < 0x900 {
			return "not visible text"
		}
	}
	return ""
}
