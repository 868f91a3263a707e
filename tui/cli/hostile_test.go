//go:build unix

package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// attacks would drive a terminal, hide, reorder or widen, were they written as they are. Parameters are such that the
// program never sends them itself: blinking, palette colours, positions outside of any screen.
var attacks = []string{
	"\x00", "\x01", "\x05", "\x07", "\b", "\t", "\n", "\v", "\f", "\r", "\x0e", "\x0f", "\x11", "\x13", "\x18", "\x1a", "\x1c", "\x7f",
	"\x1b", "\x1bc", "\x1b7", "\x1b8", "\x1bD", "\x1bM", "\x1b#8", "\x1b(0", "\x1b%G", "\x1b=", "\x1bZ", "\x1b[5;31m", "\x1b[38;5;201m",
	"\x1b[38:2::1:2:3m", "\x1b[777;777H", "\x1b[777A", "\x1b[777@", "\x1b[777b", "\x1b[777;777r", "\x1b[3J", "\x1b[?1049l", "\x1b[?1000h",
	"\x1b[?2004l", "\x1b[6n", "\x1b[21t", "\x1b[>0q", "\x1b]0;title\x07", "\x1b]2;title\x1b\\", "\x1b]8;;http://evil/\x1b\\link\x1b]8;;\x1b\\",
	"\x1b]52;c;ZXZpbA==\x07", "\x1b]52;p;?\x1b\\", "\x1b]4;1;rgb:00/00/00\x07", "\x1b]10;red\x07", "\x1b]1337;File=:AAAA\x07", "\x1bP+q544e\x1b\\",
	"\x1bP1$r0m\x1b\\", "\x1b_Ga=T;AAAA\x1b\\", "\x1b^pm\x1b\\", "\x1bXsos\x1b\\", "\u0080", "\u0085", "\u008d", "\u0090q\u009c", "\u009b5;31m",
	"\u009b777;777H", "\u009d0;title\u009c", "\u009d52;c;ZXZpbA==\u0007", "\u009f", "\u00ad", "\u061c", "\u200b", "\u200c", "\u200d", "\u200e",
	"\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202d", "\u202egnp.exe\u202c", "\u2060", "\u2066x\u2069", "\u2067x\u2069", "\ufeff", "\ufff9",
	"\ufffd", "e\u0301\u0301\u0301\u0301", "Z\u0335\u0322\u034d", "\u20dd", "\u0e33", "\u1160", "\u3164", "\uffa0", "\u2800", "\u00a0", "\u3000",
	"👨\u200d👩\u200d👧\u200d👦", "🏳\ufe0f\u200d🌈", "❤\ufe0f", "🇩🇪", "👍🏽", "#\ufe0f\u20e3", "שלום", "مرحبا", "ﷺ", "日本語", "\U000e0041", "\U000f0000", "ཱུ",
	`\u001b[31m`, `\x1b[31m`, "\\", `"`, `'"><`, "%n%s", "=cmd()", "$(id)", "`id`", "{{.}}", "../../etc", "-rf", ":(*)", "/a/",
}

// broken are bytes that are no UTF-8; to RFC 8259 a record that holds them is no JSON, to a file system they are a name.
var broken = []string{"\x9b5;31m", "\xff", "\xc0\x9b", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x80"}

// values makes hostile values without end: a mark, one to three attacks, a mark; each value is another.
type values struct {
	r *rand.Rand
	n int
}

func (v *values) next() string {
	v.n++
	var b strings.Builder
	fmt.Fprintf(&b, "Q%d", v.n)
	for range 1 + v.r.IntN(3) {
		b.WriteString(attacks[v.r.IntN(len(attacks))])
		fmt.Fprintf(&b, "%c", 'a'+v.r.IntN(26))
	}
	b.WriteString("Z")
	return b.String()
}

// record is a record all of whose text is hostile but for its time and, in every other one, its address.
func (v *values) record(i int) string {
	ip := fmt.Sprintf("192.0.2.%d", i%250)
	if i%2 == 1 {
		ip = v.next()
	}
	text, err := json.Marshal(map[string]any{
		"eventVersion": "1.08", "eventTime": time.Date(2026, 3, 5, 0, 0, i, 0, time.UTC).Format(time.RFC3339),
		"eventName": v.next(), "eventSource": v.next() + ".amazonaws.com", "sourceIPAddress": ip, "userAgent": v.next(),
		"userIdentity": map[string]any{
			"type": "IAMUser", "userName": v.next(), "arn": v.next(), "accountId": v.next(), "accessKeyId": v.next(), "invokedBy": v.next(),
		},
		"errorCode": v.next(), "errorMessage": v.next(), "awsRegion": v.next(), "eventID": v.next(), "requestID": v.next(),
		"requestParameters": map[string]any{
			v.next(): v.next(), "bucketName": v.next(), "nested": `{"k":"` + "\u202e\u009b" + `"}`, "password": v.next(),
		},
		"responseElements": map[string]any{"credentials": map[string]any{"sessionToken": v.next()}},
		"resources":        []any{map[string]any{"ARN": "arn:aws:s3:::" + v.next()}}, "recipientAccountId": v.next(), "vpcEndpointId": v.next(),
	})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// hostileLogs writes a folder of some 10,000 hostile values, with hostile names and damage among the files.
func hostileLogs(t *testing.T, h *home) {
	t.Helper()
	v := &values{r: rand.New(rand.NewPCG(1, 2))}
	var records []string
	for i := range 500 {
		records = append(records, v.record(i))
		if len(records) == 50 {
			h.file(t, fmt.Sprintf("logs/%d%s.json", i, fileName(v.next())), `{"Records":[`+strings.Join(records, ",")+`]}`)
			records = records[:0]
		}
	}
	if v.n < 10_000 {
		t.Fatalf("%d hostile values, want 10,000", v.n)
	}
	for i, b := range broken {
		h.file(t, fmt.Sprintf("logs/broken%d%s.json", i, b), `{"Records":[`+v.record(600+i)+`,{"eventName":"Q`+b+`Z"},`+v.record(700+i))
		h.file(t, fmt.Sprintf("logs/other%d%s.log", i, fileName(v.next())), "version account-id\n"+b+v.next())
	}
}

// fileName takes out what no name may hold, and shortens.
func fileName(s string) string {
	return strings.NewReplacer("/", "_", "\x00", "_").Replace(s[:min(len(s), 120)])
}

// ours are the sequences that the program itself sends: colours and weights, cursor moves and erasing within a screen,
// modes it sets and resets, questions to the terminal, the clipboard.
var ours = regexp.MustCompile(`^(` + strings.Join([]string{
	`\x1b\[(0|1|2|3|4|7|22|23|24|27|3[0-79]|4[0-79]|9[0-7]|10[0-7]|;)*m`,
	`\x1b\[\d{0,3}(;\d{1,3})?[ABCDEFGHIKLMPSTXZ@` + "`" + `abdefr]`,
	`\x1b\[[0-2]?J`,
	`\x1b\[\?(1|25|1049|2004|2026|2027|1000|1002|1003|1004|1006)[hl]`,
	`\x1b\[\?(2026|2027)\$p`,
	`\x1b\[(>|=|<|\?)[0-9;]*[umq]`, `\x1b\[\?u`, `\x1b\[>4m`, `\x1b\[\?5W`, `\x1b\]52;c;[0-9A-Za-z+/]*=*\x07`, `\x1b\[c`, `\x1b\[\d? q`,
	`\x1b\]1[012];\?(\x07|\x1b\\)`, `\x1b\]11[012](\x07|\x1b\\)`, `\x1bM`, `\x1b[78]`, `\x1bP\+q[0-9A-Fa-f;]*\x1b\\`,
}, "|") + `)`)

// moved are values whose control character moves the cursor as our own may: between a mark and the next letter, never.
var moved = regexp.MustCompile(`Q\d+[\r\n\t\x08]+[a-z]`)

// audit goes through what reached the terminal: our own sequences are taken out, and what is left is plainly visible.
func audit(t *testing.T, out []byte) {
	t.Helper()
	if m := moved.Find(out); m != nil {
		t.Errorf("%q reaches the terminal", m)
	}
	for i := 0; i < len(out); {
		if out[i] == 0x1b {
			if n := len(ours.Find(out[i:min(i+8<<10, len(out))])); n > 0 && inside(out[i:i+n]) {
				i += n
				continue
			}
		}
		r, n := utf8.DecodeRune(out[i:])
		if raw(r, n) && !strings.ContainsRune("\r\n\b\t", r) {
			t.Errorf("%q reaches the terminal in %q", out[i:i+n], out[max(i-60, 0):min(i+40, len(out))])
			return
		}
		i += n
	}
}

// inside reports whether a sequence may be ours by its parameters: within a screen, and not copying what attacks copy.
func inside(seq []byte) bool {
	return !bytes.Contains(seq, []byte("777")) && !bytes.Contains(seq, []byte("ZXZpbA=="))
}

// raw reports whether a character can drive, hide, reorder, join, or be of uncertain width.
func raw(r rune, size int) bool {
	switch {
	case r == utf8.RuneError, size == 0:
		return true
	case r < 0x300:
		return r < 0x20 || r >= 0x7f && r <= 0xa0 || r == 0xad
	}
	for _, bad := range [][2]rune{{0x590, 0x8ff}, {0x1160, 0x11ff}, {0x3164, 0x3164}, {0xffa0, 0xffa0}, {0x2800, 0x2800}, {0x1f1e6, 0x1f1ff}, {0x1f3fb, 0x1f3ff}, {0xfb1d, 0xfdff}, {0xfe70, 0xfeff}} {
		if r >= bad[0] && r <= bad[1] {
			return true
		}
	}
	return unicode.In(r, unicode.C, unicode.M, unicode.Z)
}

// clean checks every cell of the screen.
func (p *terminal) clean() {
	p.t.Helper()
	for y, line := range p.lines() {
		for _, r := range line {
			if raw(r, 1) && r != ' ' {
				p.t.Fatalf("%q on line %d:\n%s", r, y, p.text())
			}
		}
	}
}

// glance checks the screen as it is some frames after a key.
func (p *terminal) glance() {
	p.t.Helper()
	time.Sleep(20 * time.Millisecond)
	p.clean()
}

// unmoved checks that what stands beside hostile text stands where it does in a fresh paint. The line of what was just
// said, which any key takes away, is left out.
func (p *terminal) unmoved() {
	p.t.Helper()
	time.Sleep(100 * time.Millisecond) // what follows a cursor at rest
	p.settle()
	said := p.emu.Height() - 2
	before := p.lines()
	p.keys(ctrlL)
	p.settle()
	after := p.lines()
	before[said], after[said] = "", ""
	if !slices.Equal(before, after) {
		p.t.Errorf("the screen is not what a fresh paint gives:\n%s\n--- fresh:\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
	p.clean()
}

var eventRow = regexp.MustCompile(`(?m)^[> |-]*(\d\d\d\d-)?03-05 \d\d:\d\d:\d\d `)

// TestHostilePanes shows 10,000 hostile values in every pane.
func TestHostilePanes(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	hostileLogs(t, h)
	_, _, code := h.run(t, "sync", "logs", "--quiet")
	if code != 3 {
		t.Fatalf("exit code %d for a folder with damaged files, want 3", code)
	}
	for _, size := range [][2]int{{80, 24}, {160, 45}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			t.Parallel()
			p := h.screen(t, size[0], size[1], "logs")
			p.wait(`5\d\d events`)
			p.settle()
			hostileWalk(p)
			p.quit()
			audit(t, p.bytes())
		})
	}
}

func hostileWalk(p *terminal) {
	p.t.Helper()
	// Events: every page, every column as the one under the cursor, keep and drop and copy-free toasts.
	for range 34 {
		p.keys(pgdn)
		time.Sleep(8 * time.Millisecond)
	}
	p.unmoved()
	p.keys("g")
	p.settle()
	from := strings.Index(p.lines()[p.headLine()], "FROM")
	for _, line := range p.lines() {
		if eventRow.MatchString(line) && len(line) > from && !strings.Contains(line, "Q") {
			p.t.Errorf("an event without a hostile value: %s", line)
		}
	}
	for range 6 {
		p.keys("l", "=")
		p.glance()
		p.keys("u", "!")
		p.glance()
		p.keys("u")
	}
	p.unmoved()

	// Facets: fold and unfold all, go through the values.
	p.keys("f")
	p.settle()
	for range 12 {
		p.keys("jjjjj")
		time.Sleep(8 * time.Millisecond)
	}
	p.keys("=")
	p.settle()
	p.keys("u")
	p.unmoved()
	p.esc()

	// Event detail: the trees of 150 events, in whole for some.
	p.keys("g", enter)
	p.settle()
	for range 150 {
		p.keys("J")
		time.Sleep(4 * time.Millisecond)
	}
	p.unmoved()
	for range 8 {
		p.keys("jjjjjjj", "l", "w", "J")
		p.glance()
	}
	p.keys("G", "c")
	p.unmoved()
	p.esc()
	p.esc()

	// Completion of values, taken into the line, and an error that names what was typed.
	for _, field := range []string{"user", "event", "service", "agent", "error", "resource", "log", "region"} {
		p.keys("/", "\x15", field, ":")
		p.settle()
		p.keys(down, down, down)
		p.glance()
		p.keys(tab)
		p.glance()
		p.keys(" ((")
		p.glance()
		p.esc()
	}
	p.unmoved()

	// Sources: all states, the foot of each log file; help over it; a search for hostile text by paste.
	p.keys("5")
	p.wait(`FILES`)
	for range 6 {
		for range 9 {
			p.keys("j")
			time.Sleep(8 * time.Millisecond)
		}
		p.glance()
		p.keys("l")
	}
	p.keys("?")
	p.wait(`HELP`)
	p.keys("\x1b[200~" + "undo\u202e\u009b5;31m" + "\x1b[201~")
	p.unmoved()
	p.esc()
	p.esc()
	p.keys("1", "/", "\x15", "\x1b[200~"+"user:\u202e\u009b777;777H\u0085\u200d"+"\x1b[201~", enter)
	p.unmoved()
	p.esc()
	p.esc()
}

// headLine is the row of the column heads of the event list.
func (p *terminal) headLine() int {
	for y, line := range p.lines() {
		if strings.Contains(line, "TIME") && strings.Contains(line, "FROM") {
			return y
		}
	}
	p.t.Fatalf("no event list on screen:\n%s", p.text())
	return 0
}

// TestHostileCommands prints the same values by every command to a terminal, and names hostile things to each.
func TestHostileCommands(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	hostileLogs(t, h)
	bad := "Q1\x1b[5;31ma\u202eb\u009b5;31mc\u200dd\x7fe\rf\nZ"
	h.file(t, bad+"/log.json", record(1, "alice", "GetUser", "192.0.2.1"))
	h.file(t, bad+"-empty/notes.txt", "nothing "+bad)

	c := func(code int, args ...string) {
		t.Helper()
		p := h.screen(t, 100, 40, args...)
		if got := p.exit(); got != code {
			t.Errorf("trailsift %q: exit code %d, want %d:\n%s", args, got, code, p.text())
		}
		out := p.bytes()
		if len(out) == 0 {
			t.Errorf("trailsift %q prints nothing", args)
		}
		noneRaw(t, args, out)
	}
	c(3, "sync", "logs")
	c(3, "sync", "logs", "--format", "json", "--index", "other.db")
	for _, args := range [][]string{
		{"search", "--limit", "0"},
		{"search", "--format", "csv"},
		{"search", "--format", "json"},
		{"search", "--format", "jsonl"},
		{"search", "--limit", "0", "--fields", "time,errorMessage,userIdentity.accountId,requestParameters.bucketName,responseElements.credentials.sessionToken,requestParameters.nested"},
		{"search", "--format", "csv", "--fields", "userAgent,requestID,requestParameters.bucketName,log,key,requestParameters.password"},
		{"facets", "event", "--format", "json", "--limit", "0"},
		{"facets", "user", "--format", "csv", "--limit", "0"},
	} {
		c(0, args...)
	}
	for _, field := range []string{"event", "service", "user", "key", "ip", "agent", "error", "resource", "id", "log"} {
		c(0, "facets", field, "--limit", "0")
	}
	c(0, "timeline")
	c(0, "index", "info")
	c(0, "index", "check")

	// Places, stores, words and queries with such names.
	c(0, "sync", bad)
	c(0, "search")
	c(0, "search", "--in", bad, "--format", "jsonl")
	c(0, "index", "list")
	c(0, "index", "list", "--format", "json")
	c(0, "index", "info", "--format", "json")
	c(0, "sync", bad, "--index", bad+".db")
	c(3, bad+"-empty")
	c(3, "sync", "./nowhere"+bad)
	for _, args := range [][]string{
		{"search" + bad},
		{"search", "user:" + bad + "("},
		{"search", "--from", bad},
		{"search", "--fields", bad},
		{"search", "--format", bad},
		{"facets", bad},
		{"search", "--" + bad},
		{"--" + bad},
		{"index", bad},
		{"index", "rm", bad},
		{"index", "info", "x/" + bad},
		{"timeline", "--bucket", bad},
		{"help", bad},
		{"completion", bad},
		{"search", "--index", bad + "-none.db"},
		{"demo", bad},
		{"search", "--limit", bad},
		{"index", "rm", "--unused-for", bad},
		{"demo", "--events", bad},
	} {
		c(2, args...)
	}
	c(3, "sync", "s3://"+bad)
	c(3, "sync", "trail:"+bad)
	c(3, "sync", "history:"+bad)
	c(3, "sync", "history:us-east-1", "--profile", bad)
	c(3, "sync", "s3://bucket", "--endpoint-url", "http://"+bad)
}

// progressBytes are what a progress bar on a terminal is drawn with.
var progressBytes = regexp.MustCompile(`\r[^\r\n\x1b]*\x1b\[K`)

// noneRaw checks that what a command wrote to a terminal is plainly visible text in lines, apart from the bar.
func noneRaw(t *testing.T, args []string, out []byte) {
	t.Helper()
	rest := bytes.ReplaceAll(out, []byte("\r\n"), []byte("\n"))
	for _, m := range progressBytes.FindAll(rest, -1) {
		if text := string(m[1 : len(m)-3]); strings.ContainsFunc(text, func(r rune) bool { return raw(r, 1) && r != ' ' }) {
			t.Errorf("trailsift %q: %q in the progress bar", args, text)
		}
	}
	rest = progressBytes.ReplaceAll(rest, nil)
	for i, r := range string(rest) {
		if raw(r, 1) && r != ' ' && r != '\n' {
			t.Errorf("trailsift %q: %q reaches the terminal in %q", args, r, rest[max(i-80, 0):min(i+40, len(rest))])
			return
		}
	}
}
