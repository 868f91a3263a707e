package text_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/trailsift/trailsift/tui/text"
)

func TestVisible(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got := text.Visible(in)
		if got != want {
			t.Errorf("Visible(%q) = %q, want %q", in, got, want)
		}
		if again := text.Visible(got); again != got {
			t.Errorf("Visible is not idempotent on %q: %q", got, again)
		}
	}
	f("", "")
	f("bob-admin", "bob-admin")
	f("Zoë Müller €", "Zoë Müller €")
	f("日本", "日本")
	f("😀", "😀")
	f("a\x1b[31mb", `a\x1b[31mb`)
	f("a\nb\tc\rd", `a\nb\tc\rd`)
	f("\x00\x7f", `\x00\x7f`)
	f("\u0085\u009b31m", `\u0085\u009b31m`)
	f("\u202egnp.exe", `\u202egnp.exe`)
	f("a\u200bb\u200db\ufeff", `a\u200bb\u200db\ufeff`)
	f("\u2028\u2029\u00a0\u3000", `\u2028\u2029\u00a0\u3000`)
	f("e\u0301", `e\u0301`)
	f("שלום", `\u05e9\u05dc\u05d5\u05dd`)
	f("👨\u200d👩\u200d👧", `👨\u200d👩\u200d👧`)
	f("👍🏽", `👍\U0001f3fd`)
	f("🇩🇪", `\U0001f1e9\U0001f1ea`)
	f("❤\ufe0f", `❤\ufe0f`)
	f("a\U000e0041", `a\U000e0041`)
	f("\xff\xfeok\xc3", `\xff\xfeok\xc3`)
	f("\ufffd", `\ufffd`)
	f("\ue000", `\ue000`)
}

// TestSafeWidth goes through all of Unicode: what stays as it is takes one or two cells, alone and beside anything, by
// both ways of counting that terminals use.
func TestSafeWidth(t *testing.T) {
	neighbours := []rune{'a', 'क', '가', '字', 0x1f468, '\u0e01'}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		s := string(r)
		if text.Visible(s) != s {
			continue
		}
		w := ansi.StringWidth(s)
		if w != 1 && w != 2 || ansi.StringWidthWc(s) != w {
			t.Errorf("U+%04X: %d cells by grapheme, %d by wcwidth", r, w, ansi.StringWidthWc(s))
		}
		for _, n := range neighbours {
			nw := ansi.StringWidth(string(n))
			if got := ansi.StringWidth(string(n) + s); got != nw+w {
				t.Errorf("U+%04X after %q: %d cells, want %d", r, n, got, nw+w)
			}
			if got := ansi.StringWidth(s + string(n)); got != nw+w {
				t.Errorf("U+%04X before %q: %d cells, want %d", r, n, got, nw+w)
			}
		}
		if got := ansi.StringWidth(s + s); got != 2*w {
			t.Errorf("U+%04X doubled: %d cells, want %d", r, got, 2*w)
		}
	}
}

func TestASCII(t *testing.T) {
	if got, want := text.ASCII("Zoë 日\x1b"), `Zo\u00eb \u65e5\x1b`; got != want {
		t.Errorf("ASCII = %q, want %q", got, want)
	}
}

func TestJSON(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got := string(text.JSON([]byte(in)))
		if got != want {
			t.Errorf("JSON(%q) = %q, want %q", in, got, want)
		}
	}
	f(`{"a":1}`, `{"a":1}`)
	f("{\n\t\"a\":\r 1}", "{\n \"a\":  1}")
	f("{\"a\":\"x\u202ey\"}", `{"a":"x\u202ey"}`)
	f("{\"a\":\"\U000e0041\"}", `{"a":"\udb40\udc41"}`)
	f("{\"a\":\"q\\\"\tz\"}", `{"a":"q\"\u0009z"}`)
	f("{\"a\":\"\xff\"}", `{"a":"\ufffd"}`)
	f(`{"a":"\u202e"}`, `{"a":"\u202e"}`)
}

func FuzzJSON(f *testing.F) {
	f.Add("a\u202eb\x1b\n\"\\\u0085\U000e0041")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		raw, err := json.Marshal(map[string]string{s: s})
		if err != nil {
			t.Fatal(err)
		}
		shown := text.JSON(raw)
		if v := text.Visible(string(shown)); v != string(shown) {
			t.Fatalf("unsafe text in %q", shown)
		}
		var got map[string]string
		if err := json.Unmarshal(shown, &got); err != nil || got[s] != s {
			t.Fatalf("%q became %q (%v)", s, shown, err)
		}
		var back string
		if err := json.Unmarshal([]byte(text.Quote(s)), &back); err != nil || back != s {
			t.Fatalf("Quote(%q) = %s (%v)", s, text.Quote(s), err)
		}
	})
}

func FuzzFit(f *testing.F) {
	f.Add("arn:aws:iam::111122223333:role/日本\x1b[31m", 9)
	f.Add("👨\u200d👩", 1)
	f.Fuzz(func(t *testing.T, s string, cells int) {
		cells = min(max(cells, -2), 400)
		for name, fit := range map[string]func(string, int) string{"Fit": text.Fit, "FitTail": text.FitTail, "FitMiddle": text.FitMiddle, "FitRight": text.FitRight} {
			got := fit(s, cells)
			if w := ansi.StringWidth(got); w != max(cells, 0) {
				t.Errorf("%s(%q, %d) = %q, %d cells", name, s, cells, got, w)
			}
			if text.Visible(got) != got {
				t.Errorf("%s(%q, %d) = %q is not safe", name, s, cells, got)
			}
		}
		for _, line := range text.Wrap(s, cells) {
			if w := ansi.StringWidth(line); w > max(cells, 2) {
				t.Errorf("Wrap(%q, %d): line %q of %d cells", s, cells, line, w)
			}
		}
	})
}

func TestFit(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(text.Fit("AssumeRole", 12), "AssumeRole  ")
	f(text.Fit("AssumeRole", 8), "Assume..")
	f(text.FitTail("arn:aws:iam::1:role/deploy", 13), "..role/deploy")
	f(text.FitMiddle("catalog-task/59bd531080bf3671bf325b68d8b8d88f", 22), "catalog-..5b68d8b8d88f")
	f(text.FitMiddle("deploy/ci", 12), "deploy/ci   ")
	f(text.Fit("日本語", 5), "日.. ")
	f(text.Fit("abc", 2), "ab")
	f(text.Fit("abc", 0), "")
	f(text.FitRight("911", 6), "   911")
	f(strings.Join(text.Wrap("one two three", 8), "|"), "one two|three")
}

func TestNumbers(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(text.Count(0), "0")
	f(text.Count(999), "999")
	f(text.Count(1204331), "1,204,331")
	f(text.Count(-1000), "-1,000")
	f(text.Short(9999), "9,999")
	f(text.Short(12345), "12.3k")
	f(text.Short(1204331), "1.2M")
	f(text.Bytes(812), "812 B")
	f(text.Bytes(1_400_000), "1.4 MB")
	f(text.Bytes(250_000_000), "250 MB")
}

func TestMasked(t *testing.T) {
	f := func(key, value, want string) {
		t.Helper()
		got, ok := text.Masked(key, value)
		if got != want || ok != (want != value) {
			t.Errorf("Masked(%q, %q) = %q, %v; want %q", key, value, got, ok, want)
		}
	}
	f("sessionToken", strings.Repeat("A", 412), "‹sessionToken, 412 chars›")
	f("masterUserPassword", "hunter2", "‹masterUserPassword, 7 chars›")
	f("password", "x", "‹password, 1 char›")
	f("passwordLastUsed", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")
	f("password", "****", "****")
	f("userData", "<sensitiveDataRemoved>", "<sensitiveDataRemoved>")
	f("accessKeyId", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE")
	f("url", "https://b/k?X-Amz-Date=1&X-Amz-Signature=abcd&x=1", "https://b/k?X-Amz-Date=1&X-Amz-Signature=‹X-Amz-Signature, 4 chars›&x=1")
	f("sessionToken", "", "")
}
