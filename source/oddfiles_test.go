package source_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/trailsift/trailsift/source"
)

func names(events []kept) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Leaves[source.LeafEventName])
	}
	return strings.Join(all, " ")
}

// wantFile decodes one file and compares the names of its events, the damage and the problems.
func wantFile(t *testing.T, what, stored, want, damage string, problems ...string) {
	t.Helper()
	events, s := readAll(t, stored)
	var reasons []string
	for _, p := range s.Problems {
		reasons = append(reasons, p.Reason)
	}
	if got := names(events); got != want || !strings.HasPrefix(s.Damage, damage) || (s.Damage == "") != (damage == "") {
		t.Errorf("%s: %q, want %q; %+v", what, got, want, s)
	}
	if strings.Join(reasons, "; ") != strings.Join(problems, "; ") || s.Skipped != len(problems) {
		t.Errorf("%s: problems %q, want %q", what, reasons, problems)
	}
}

// inBzip2 holds two records in a trail file; there is no writer of bzip2 at hand.
const inBzip2 = "QlpoOTFBWSZTWelVje4AAH2fgBAHf1A0IR0aLiOfmiAAioKqFNAxGgaaNGQ0NAFVEh6IyAZAADR6TVrvWKmw7L4b4xiwmPtIikoopH7i3HBO2rUXNWWr" +
	"lZEpRQpRYkFTcog4LyiKSJzT1ULVi17TOUshgu+IO6pBWrYvTFFIsQZmNgo+JpSTwWNbagkkgsLp31MP4u5IpwoSHSqxvcA="

func TestCompressedFiles(t *testing.T) {
	bz, err := base64.StdEncoding.DecodeString(inBzip2)
	if err != nil {
		t.Fatal(err)
	}
	pack := func(content string, opts ...zstd.EOption) string {
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b, opts...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	two := pack(event("A") + "\n" + event("B"))
	flipped := []byte(two)
	flipped[len(flipped)-1] ^= 1
	wantFile(t, "bzip2", string(bz), "A B", "")
	wantFile(t, "bzip2, cut", string(bz[:len(bz)-20]), "", "bzip2: unexpected end after ")
	wantFile(t, "bzip2, two streams", string(bz)+string(bz), "A B A B", "")
	wantFile(t, "BZh in text", "BZhello\n", "", "")
	wantFile(t, "zstd", two, "A B", "")
	wantFile(t, "zstd, checksum", string(flipped), "", "zstd: checksum does not match after ")
	wantFile(t, "zstd, cut", two[:len(two)-6], "", "zstd: unexpected end after ")
	wantFile(t, "zstd, junk behind", two+"junk", "A B", "zstd: damaged after ")
	wantFile(t, "zstd of a table", pack("eventTime,eventName,eventSource\nt,A,s\n"), "A", "")
	huge := strings.Repeat(event("A")+"\n", 1000)
	wide := pack(huge, zstd.WithWindowSize(128<<20), zstd.WithSingleSegment(false))
	if events, s := readAll(t, wide); len(events) != 0 || s.Damage != "zstd: needs more than 64 MB of memory" {
		t.Errorf("a window of 128 MB: %d events, %+v", len(events), s)
	}
}

func TestDamagedTables(t *testing.T) {
	const header = "eventTime,eventName,eventSource\n"
	wantFile(t, "blank lines, CRLF", header+"\r\nt,A,s\r\n\r\n", "A", "")
	wantFile(t, "no line break at the end", header+"t,A,s", "A", "")
	wantFile(t, "quotes", header+"\"t\",\"A \"\"x\"\"\",\"s,\n1\"\n", `A "x"`, "")
	wantFile(t, "a quote within a cell", header+"t,A\"B,s\nt,C,s\n", `A"B C`, "")
	wantFile(t, "too many cells", header+"t,A,s,x\nt,B,s\n", "B", "", "row 1: 4 cells, but the table has 3 columns")
	wantFile(t, "too few cells", header+"t,A\n", "A", "")
	wantFile(t, "no name", header+"t,,s\nt,B,s\n", "B", "", "row 1: no event name")
	wantFile(t, "a quote that is not closed", header+"t,A,s\nt,\"B,s\nt,C,s\nt,\"D\",s\n", "A C D", "table: a quote is not closed in the row at byte 38",
		"row 2: a quote is not closed")
	wantFile(t, "semicolons", strings.ReplaceAll(header, ",", ";")+"t;A,B;s\n", "A,B", "")
	wantFile(t, "tabs", strings.ReplaceAll(header, ",", "\t")+"t\tA\ts\n", "A", "")
	wantFile(t, "a cut record", "_time,_raw\n1,\"{\"\"eventName\"\":\"\"A\"\",\"\"event\"\n2,\"{\"\"eventName\"\":\"\"B\"\",\"\"eventTime\"\":1}\"\n", "B", "",
		"row 1: the record is not valid JSON at its byte 23: unexpected end")
	if _, s := readAll(t, "timestamp,message\n1,hello\n2,{}\n"); s.Content != source.ContentOther || s.Damage != "" {
		t.Errorf("a table of other messages: %+v", s)
	}
	if _, s := readAll(t, header); s.Content != source.ContentOther || s.Other != "table without CloudTrail records" {
		t.Errorf("only a header: %+v", s)
	}
}

func TestHostileTablesAreBounded(t *testing.T) {
	row := "t,\"" + strings.Repeat("x", 1<<20) + "\n"
	var d source.Decoder
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	content := io.MultiReader(strings.NewReader("eventTime,eventName,eventSource\n"), &repeat{text: row, left: 60}, strings.NewReader("t,A,s\n"))
	for e := range d.Events(content) {
		n++
		_ = e
	}
	runtime.ReadMemStats(&after)
	if held := int64(after.Sys) - int64(before.Sys); held > 150<<20 {
		t.Errorf("%d MB", held>>20)
	}
	if s := d.Stats(); n == 0 || s.Damage == "" || s.Skipped < 30 {
		t.Errorf("%d events, %+v", n, s)
	}
}

func TestUTF16(t *testing.T) {
	le := func(text string) string { return utf16Text(text, binary.LittleEndian) }
	wantFile(t, "emoji", le(event("\U0001f600é")), "\U0001f600é", "")
	wantFile(t, "half a character at the end", le(event("A"))+"\x00", "A", "not valid JSON at byte ")
	wantFile(t, "half a pair", strings.Replace(le(event("A#")), "#\x00", "\x00\xd8", 1), "A\ufffd", "")
	wantFile(t, "half a pair at the end", le(event("A"))+"\x00\xd8", "A", "not valid JSON at byte ")
	wantFile(t, "a table", le("eventTime,eventName,eventSource\r\nt,A,s\r\n"), "A", "")
	wantFile(t, "JSON lines", le(event("A")+"\r\n"+event("B")+"\r\n"), "A B", "")
	wantFile(t, "only the mark", "\xff\xfe", "", "")
}

func TestWrappedDamage(t *testing.T) {
	good := `{"message":"{\"eventName\":\"B\",\"eventTime\":\"t\"}"}`
	wantFile(t, "a record that was cut", `[{"message":"{\"eventName\":\"A\",\"eventTi"},`+good+`]`, "B", "",
		"a record in a string is not valid JSON at its byte 25: unexpected end")
	wantFile(t, "too many envelopes", `[`+strings.Repeat(`{"data":`, 20)+event("A")+strings.Repeat(`}`, 20)+`,`+good+`]`, "B", "",
		"envelopes inside one another, more than 12")
	wantFile(t, "bad UTF-8 in an envelope", `{"detail":{"eventName":"A`+"\xff"+`","eventTime":"t"}}`, "A\xff", "not valid UTF-8 at byte ")
	wantFile(t, "an envelope that was cut", `{"events":[`+good+`,`+good+`,{"message":"{\"even`, "B B", "not valid JSON at byte ")
	wantFile(t, "a line of another log", "2026-01-02T03:04:05.678Z {\"eventName\":\"A\",\"eventTime\":\"t\"}\n2026-01-02T03:04:05.678Z started\n", "A", "",
		"no CloudTrail record: log line that is no CloudTrail record")
}

// Records of any size that CloudTrail may deliver, and beyond, come in out of every shape.
func TestVeryLargeRecordsInEveryShape(t *testing.T) {
	records := []string{
		event("A"),
		strings.Replace(event("L"), `"policy":"`, `"policy":"`+strings.Repeat(`é\\n\"x\" `, 20_000), 1),
		strings.Replace(event("X"), `"list":[`, `"list":[`+strings.Repeat(`{"k":"v"},`, 50_000), 1),
		event("B"),
	}
	for name, stored := range delivered(t, records) {
		events, s := readAll(t, stored)
		if got := names(events); got != "A L X B" || s.Damage != "" || s.Skipped > 0 {
			t.Errorf("%s: %q, %+v", name, got, s)
		}
	}
}

// Records in whole values of an envelope that is damaged come in; those inside a damaged record, or in what it was asked
// for, are none.
func TestDamagedEnvelopes(t *testing.T) {
	a, b, c := event("A"), event("B"), event("C")
	quote := func(text string) string { return marshal(t, text) }
	for name, test := range map[string]struct{ text, want string }{
		"EventBridge, damaged behind the record":      {`{"detail":` + a + `,"id":x}` + "\n" + `{"detail":` + b + `}`, "A B"},
		"EventBridge, cut off behind the record":      {`{"detail":` + a + `,"id":"x`, "A"},
		"lists in an envelope":                        {`[{"data":{"logEvents":[{"message":` + quote(a) + `},{"message":` + quote(b) + `,"id":},{"message":` + quote(c) + `}]}}]`, "A B C"},
		"a string that ends":                          {`{"Events":[{"CloudTrailEvent":` + quote(a) + `,"Resources":[{]}`, "A"},
		"a record between damages":                    {`{"detail":` + a + `,"id":x} {"detail":` + b + `,"id":y} {"detail":` + c + `,"id":z}`, "A B C"},
		"Splunk's fields beside the record":           {`{"result":{"_raw":` + quote(a) + `,"eventName":"A","eventTime":"t","host":`, "A"},
		"the message of a damaged record":             {`{"eventName":"X","eventTime":"t","message":` + quote(a) + `,"x":`, ""},
		"a request that holds what looks like one":    {`{"eventName":"X","requestParameters":{"detail":` + a + `},"x":}`, ""},
		"two places for one record":                   {`{"_source":{"event":{"original":` + quote(a) + `},"message":` + quote(a) + `,"x":`, "A"},
		"envelopes inside one another without an end": {strings.Repeat(`{"data":`, 200_000), ""},
	} {
		events, s := readAll(t, test.text)
		if got := names(events); got != test.want || s.Damage == "" || s.Salvaged != len(events) {
			t.Errorf("%s: %q, want %q, %+v", name, got, test.want, s)
		}
	}
}
