package text_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/tui/text"
)

// pieces are what an attacker puts into a user agent: controls, sequences in 7 and 8 bits, replies, reordering, zero
// width, bytes that are no UTF-8, and characters whose width is a matter of opinion.
var pieces = []string{
	"\x00", "\x07", "\b", "\t", "\n", "\v", "\f", "\r", "\x0e", "\x18", "\x1a", "\x1b", "\x7f", "\u0080", "\u0085", "\u0090", "\u009b", "\u009d", "\u009c",
	"\x1b[31m", "\x1b[2J", "\x1b[1;1H", "\x1b[6n", "\x1b[?1049l", "\x1b[?2026h", "\x1bc", "\x1b(0", "\u009b31m", "\u009b2J", "\x9b31m",
	"\x1b]0;title\x07", "\x1b]52;c;ZXZpbA==\x07", "\x1b]8;;http://evil\x1b\\", "\u009d52;c;eA==\u009c", "\x1bP+q544e\x1b\\", "\u0090$q\u009c", "\x1b_x\x1b\\", "\x1b^x\x1b\\",
	"\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\", "\x1b[200~", "\x1b[201~",
	"\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u034f", "\u180e", "\u3164", "\u115f",
	"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xf0\x9f", "\u2028", "\u2029", "\ufffd", "\ufffe", "\U000e0041", "\U0010ffff",
	"👨\u200d👩\u200d👧\u200d👦", "🏴\U000e0067\U000e0062\U000e007f", "🇩🇪", "❤\ufe0f", "👍🏽", "日本語", "ﷺ", "e\u0301\u0301\u0301", "שלום", "مرحبا", "नमस्ते", "ก็็็็็", "\u2800",
	"a", "Z", " ", "0", "\"", "\\", "'", "/", "aws-cli/2.13.5", "<script>", "%s%n", "$(reboot)", "..",
}

// hostileStrings are n random ones, the same each time.
func hostileStrings(n int) func(func(string) bool) {
	return func(yield func(string) bool) {
		r := rand.New(rand.NewPCG(1, 0xe5c))
		var b strings.Builder
		for range n {
			b.Reset()
			for range 1 + r.IntN(8) {
				switch r.IntN(10) {
				case 0:
					b.WriteByte(byte(r.IntN(256)))
				case 1:
					b.WriteRune(rune(r.IntN(0x110000)))
				default:
					b.WriteString(pieces[r.IntN(len(pieces))])
				}
			}
			if !yield(b.String()) {
				return
			}
		}
	}
}

// TestHostileStrings: whatever a string holds, what is drawn of it is plainly visible, has the width that is counted, and
// fits where it is put; escaped once it is not escaped again; as JSON it is the same value. TRAILSIFT_HOSTILE=1000000
// does more.
func TestHostileStrings(t *testing.T) {
	n := 20_000
	if s := os.Getenv("TRAILSIFT_HOSTILE"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	} else if testing.Short() {
		n = 4_000
	}
	r := rand.New(rand.NewPCG(2, 2))
	for s := range hostileStrings(n) {
		visible := text.Visible(s)
		harmless(t, s, visible)
		if again := text.Visible(visible); again != visible {
			t.Fatalf("%q: visible is %q, and that visible %q", s, visible, again)
		}
		if a := text.ASCII(s); strings.IndexFunc(a, func(r rune) bool { return r < 0x20 || r > 0x7e }) >= 0 {
			t.Fatalf("%q in ASCII is %q", s, a)
		}
		cells := 1 + r.IntN(40)
		for _, fit := range []string{text.Fit(s, cells), text.FitTail(s, cells), text.FitMiddle(s, cells), text.FitRight(s, cells)} {
			if harmless(t, s, fit); text.Width(fit) != cells || ansi.StringWidth(fit) != cells {
				t.Fatalf("%q in %d cells is %q: %d cells", s, cells, fit, ansi.StringWidth(fit))
			}
		}
		for _, line := range text.Wrap(s, cells) {
			if harmless(t, s, line); ansi.StringWidth(line) > max(cells, 2) {
				t.Fatalf("%q wrapped at %d has the line %q", s, cells, line)
			}
		}
		quoted := text.Quote(s)
		harmless(t, s, quoted)
		var back string
		if err := json.Unmarshal([]byte(quoted), &back); err != nil || back != strings.ToValidUTF8(replaced(s), "\ufffd") {
			t.Fatalf("%q quoted is %q, read back %q: %v", s, quoted, back, err)
		}
	}
}

// replaced is s with each byte that is not UTF-8 as U+FFFD, as readers of JSON have it.
func replaced(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

// harmless fails for anything that a terminal would not simply draw.
func harmless(t *testing.T, from, drawn string) {
	t.Helper()
	if !utf8.ValidString(drawn) {
		t.Fatalf("%q is drawn as %q, which is no UTF-8", from, drawn)
	}
	for _, r := range drawn {
		if r < 0x20 || r >= 0x7f && r <= 0x9f || unicode.In(r, unicode.Cf, unicode.M, unicode.Zl, unicode.Zp, unicode.Co) || r >= 0x590 && r < 0x900 {
			t.Fatalf("%q is drawn as %q, which holds %U", from, drawn, r)
		}
	}
}
