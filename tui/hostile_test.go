package tui

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/index"
)

// attacks are texts that would move the cursor, colour, reorder, hide or widen, were they drawn as they are.
var attacks = []string{
	"\x1b[31mred", "\x1b]52;c;ZXZpbA==\x07", "\x1b]8;;http://evil\x1b\\link", "\x1bP+q\x1b\\", "\u009b31m", "\u0090q\u009c", "a\rb",
	"a\bb", "\x00", "\x7f", "\u202egnp.exe", "\u2066x\u2069", "a\u200bb", "\u200d", "\ufeff", "e\u0301\u0301\u0301", "👨\u200d👩\u200d👧\u200d👦",
	"🇩🇪", "❤\ufe0f", "\u2028", "שלום", "مرحبا", "日本語", "\U000e0041", "\u1160", "\u3164", "a\nb\tc", "\ufffd", "ﷺ", "\"\\", "\x1b[2J\x1b[H",
}

// hostile makes events whose every text is an attack, in log files with such names.
func hostile(n int) memory {
	m := memory{}
	for i := range n {
		at := func(k int) string { return fmt.Sprintf("%d%s", i, attacks[(i+k)%len(attacks)]) }
		record := map[string]any{
			"eventTime": fmt.Sprintf("2026-03-05T11:%02d:00Z", i%60), "eventName": at(0), "eventSource": at(1) + ".amazonaws.com",
			"userIdentity":    map[string]any{"type": "IAMUser", "userName": at(2), "arn": at(3), "accessKeyId": at(4), "accountId": at(5)},
			"sourceIPAddress": at(6), "userAgent": at(7), "errorCode": at(8), "errorMessage": at(9), "awsRegion": at(10),
			"requestParameters": map[string]any{at(11): at(12), "nested": `{"k":"` + "\u202ex" + `"}`, "password": at(13)},
			"resources":         []any{map[string]any{"ARN": "arn:aws:s3:::" + at(14)}},
			"eventID":           fmt.Sprintf("00000000-0000-4000-8000-%012d", i), "recipientAccountId": at(15), "requestID": at(16), "readOnly": i%2 == 0,
		}
		raw, err := json.Marshal(record)
		if err != nil {
			panic(err)
		}
		m[fmt.Sprintf("%03d%s.json", i, strings.ReplaceAll(at(17), "/", "_"))] = raw
	}
	m["cut\x1b[31m\u202e.json"] = []byte(`{"Records":[{"eventName":"` + "\x1b[31m")
	return m
}

func sizeMsg(w, h int) tea.Msg { return tea.WindowSizeMsg{Width: w, Height: h} }

// clean checks that what is drawn holds only our own escape sequences (SGR) and plainly visible text.
func clean(t *testing.T, content string) {
	t.Helper()
	state := byte(0)
	for s := content; s != ""; {
		seq, _, n, next := ansi.DecodeSequence(s, state, nil)
		state = next
		s = s[n:]
		switch {
		case strings.HasPrefix(seq, "\x1b["):
			if !strings.HasSuffix(seq, "m") {
				t.Fatalf("the sequence %q is drawn", seq)
			}
		case seq == "\n":
		default:
			for _, r := range seq {
				if r < 0x20 || r >= 0x7f && r <= 0x9f || r == utf8.RuneError || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.M, r) || r >= 0x590 && r < 0x900 {
					t.Fatalf("%q is drawn in %q", r, seq)
				}
			}
		}
	}
}

// TestHostile shows attacks in every pane and types them into every line.
func TestHostile(t *testing.T) {
	x := openIndex(t, hostile(120))
	sessions := [][]string{
		{"j", "j", "l", "l", "G", "g", "e", "e"},
		{"f", "j", "j", "G", "k", "k", "=", "u", "!", "u", "space"},
		{"enter", "j", "j", "l", "G", "l", "k", "k", "w", "g", "j", "J", "J", "y", "v", "c"},
		{"enter", "/", "1", "enter", "n", "n", "=", "u", "!"},
		{"=", "l", "=", "h", "h", "!", "u", "u"},
		{"/", "u", "s", "e", "r", ":", "down", "down", "tab", "enter", "/", "ctrl+r", "down", "enter"},
		{"5", "j", "G", "X", "enter"},
		{"2", "h", "v", "h", "s", "s", "z", "e", "!", "u", "enter"},
		{"j", "p", "j", "j", "enter", "a", "p", "=", "a", "esc"},
		{"l", "F", "j", "s", "/", "1", "enter", "space", "!", "u", "enter"},
		{"?", "j", "esc", ":", "w", "h", "e", "r", "e", "enter"},
	}
	for _, size := range [][2]int{{80, 24}, {160, 45}, {60, 16}} {
		for _, ascii := range []bool{false, true} {
			for _, keys := range sessions {
				d := newDriver(t, Options{Index: x, ASCII: ascii, Places: attacks[0] + attacks[9]}, size[0], size[1])
				for _, k := range keys {
					d.press(k)
					clean(t, d.app.View().Content)
					fits(t, d, size[0], size[1])
				}
			}
		}
	}
}

// hostileIntegrity is a verification whose every text is an attack.
func hostileIntegrity() index.Integrity {
	n := 0
	evil := func() string {
		n++
		return attacks[n%len(attacks)] + fmt.Sprint(n)
	}
	p := index.Integrity{
		Place: evil(), Keys: []index.TrustedKey{{Fingerprint: evil(), Origin: evil(), Region: evil()}},
		Problems: []index.FileProblem{{File: evil(), Reason: evil()}}, Notes: []string{evil(), strings.Join(attacks, " ")},
	}
	start := time.Date(2026, 3, 5, 6, 0, 0, 0, time.UTC)
	for i := range 3 * len(attacks) {
		at := start.Add(time.Duration(i) * time.Hour)
		p.Files = append(p.Files, index.FileVerdict{
			Key: evil() + "/" + evil(), Digest: i%2 == 0, Verdict: []string{"invalid", "warn", "unverified", "info", evil()}[i%5], Class: evil() + ".x",
			Reason: evil(), Expected: evil(), Computed: evil(), KeySource: evil(), Oldest: at, Newest: at,
		})
		p.Ranges = append(p.Ranges, index.RangeVerdict{
			Class: []string{"range.hole", evil()}[i%2], Account: evil(), Region: evil(), Trail: evil(), From: at, To: at.Add(time.Hour), Reason: evil(),
		})
		p.Chains = append(p.Chains, index.Chain{Account: evil(), Region: evil(), Trail: evil(), Digests: []index.ChainDigest{{File: i, End: at, Logs: []int{i}}}})
	}
	return p
}

// TestHostileIntegrity shows it wherever verdicts are told.
func TestHostileIntegrity(t *testing.T) {
	start := time.Date(2026, 3, 5, 6, 0, 0, 0, time.UTC)
	evil := func() string { return strings.Join(attacks, "") }
	x := openIndex(t, hostile(60))
	for _, size := range [][2]int{{80, 24}, {160, 45}, {60, 16}} {
		for _, ascii := range []bool{false, true} {
			d := newDriver(t, Options{Index: x, ASCII: ascii}, size[0], size[1]).press("4")
			p := hostileIntegrity()
			p.Chains[0].Digests[0].Logs = []int{-1, 1 << 30}
			r := newReport([]index.Integrity{p})
			d.update(integrityMsg{generation: x.Generation(), report: r, ask: d.app.integrity.ask, rows: r.list(d.app.integrity.ask)})
			d.update(verifyingMsg{index.VerifyProgress{Place: evil(), Phase: evil(), Done: 3, Total: 2, Bytes: -1}})
			for k := range strings.FieldsSeq("j j j j y c tab j j enter 4 tab X G k enter 4 s s g / x backspace enter 5 j j 1 ?") {
				d.press(k)
				d.update(gapsMsg{gen: d.app.events.gen, from: d.app.events.gaps.from, to: d.app.events.gaps.to, gaps: []index.Gap{
					{Time: start.Add(5 * time.Hour), Class: evil(), Key: evil(), Reason: evil(), Account: evil(), Region: evil(), Files: 2, Events: 1},
				}})
				clean(t, d.app.View().Content)
				fits(t, d, size[0], size[1])
			}
			for _, out := range d.out {
				clean(t, strings.NewReplacer("\n", "").Replace(out))
			}
		}
	}
}

// TestHostileTyped pastes attacks into the lines.
func TestHostileTyped(t *testing.T) {
	x := openIndex(t, hostile(20))
	for _, open := range []string{"/", ":", "?", "t"} {
		for _, s := range attacks {
			d := newDriver(t, Options{Index: x}, 80, 24).press(open)
			d.update(tea.PasteMsg{Content: s})
			d.settle()
			clean(t, d.app.View().Content)
			fits(t, d, 80, 24)
			d.press("enter")
			clean(t, d.app.View().Content)
		}
	}
}

// TestHostileCopy: a value is copied as it is shown, with a word about what was hidden.
func TestHostileCopy(t *testing.T) {
	d := newDriver(t, Options{Index: openIndex(t, hostile(40))}, 80, 24)
	for range 40 {
		d.out = nil
		d.press("c")
		if len(d.out) != 1 {
			t.Fatalf("copied %q", d.out)
		}
		clean(t, strings.NewReplacer("\n", "", "\t", "").Replace(d.out[0]))
		d.press("j")
	}
}
