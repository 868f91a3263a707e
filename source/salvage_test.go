package source_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/trailsift/trailsift/source"
)

// Whole records before and behind damage come in; nothing from inside another record or a string does.
func TestRecordsAroundDamageAreSalvaged(t *testing.T) {
	a, b, c := event("A"), event("B"), event("C")
	inner := event("Inner")
	for name, test := range map[string]struct{ content, want string }{
		"missing comma":              {`{"Records":[` + a + b + `,` + c + `]}`, "A B C"},
		"two commas":                 {`{"Records":[` + a + `,,` + b + `]}`, "A B"},
		"comma at the end":           {`{"Records":[` + a + `,` + b + `,]}`, "A B"},
		"no brackets at the end":     {`{"Records":[` + a + `,` + b, "A B"},
		"cut in a record":            {`{"Records":[` + a + `,` + b + `,` + c[:100], "A B"},
		"cut in a string":            {`{"Records":[` + a + `,` + b + `,{"eventName":"` + strings.Repeat(`\"{`, 50), "A B"},
		"surplus braces":             {`{"Records":[` + a + `}},` + b + `]}`, "A B"},
		"surplus brackets":           {`{"Records":[` + a + `]],` + b + `]}`, "A B"},
		"surplus opening brace":      {`{"Records":[` + a + `,{` + b + `,` + c + `]}`, "A B C"},
		"missing opening brace":      {`{"Records":[` + a + `,` + b[1:] + `,` + c + `]}`, "A C"},
		"missing closing brace":      {`{"Records":[` + a + `,` + strings.Replace(b, `"Root"}`, `"Root"`, 1) + `,` + c + `]}`, "A C"},
		"missing bracket":            {`{"Records":[` + a + `,` + strings.Replace(b, `]}`, `}`, 1) + `,` + c + `]}`, "A C"},
		"missing closing quote":      {`{"Records":[` + a + `,` + strings.Replace(b, `"Root"`, `"Root`, 1) + `,` + c + `]}`, "A C"},
		"missing opening quote":      {`{"Records":[` + a + `,` + strings.Replace(b, `"Root"`, `Root"`, 1) + `,` + c + `]}`, "A C"},
		"missing colon":              {`{"Records":[` + a + `,` + strings.Replace(b, `":`, `"`, 1) + `,` + c + `]}`, "A C"},
		"line break in a string":     {`{"Records":[` + a + `,` + strings.Replace(b, `Root`, "Ro\not", 1) + `,` + c + `]}`, "A C"},
		"placeholders":               {a + ",\n... additional entries ...\n" + b, "A B"},
		"types for values":           {`{"eventName":String,"eventTime":String}` + "\n" + b, "B"},
		"comments":                   {"// it's \"one\"\n{\"Records\":[" + a + ", # {two}\n" + b + "/* 3 */]}", "A B"},
		"comment on one line":        {`/* "x" y */` + a, "A"},
		"junk between lines":         {a + "\n\x00\x00junk\n" + b + "\n", "A B"},
		"a line cut short":           {a + "\n" + b[:150] + "\n" + c, "A C"},
		"a line cut in a string":     {a + "\n" + b[:len(`{"eventVersion":"1.0`)] + "\n" + c, "A C"},
		"cut, then the next file":    {`{"Records":[` + a + `,` + b[:len(b)-9] + `{"Records":[` + c + `]}`, "A C"},
		"cut in a list, then a file": {`{"Records":[` + a + `,` + b[:len(b)-9] + c + `,` + a + `]}`, "A C A"},
		"an unknown escape":          {`[` + a + `,` + strings.Replace(b, "Root", `\q`, 1) + `,` + c + `]`, "A C"},
		"not UTF-8":                  {`[` + a + `,` + strings.Replace(b, "Root", "\xff", 1) + `,` + c + `]`, "A B C"},
		"lookup-events":              {`{"Events":[{"CloudTrailEvent":"{\"eventName\":\"A\",\"eventTime\":\"\"}"},x{"CloudTrailEvent":"{\"eventName\":\"B\",\"eventTime\":\"\"}"}]}`, "A B"},
		"an event inside a damaged record": {
			`[` + a + `,{"eventName":"B","requestParameters":{"inner":` + inner + `},"x":y,"z":[` + inner + `,` + inner + `],"Records":{"q":` + inner + `}},` + c + `]`, "A C",
		},
		"an event behind a surplus brace": {
			`[` + a + `,{"eventName":"B"},"x":` + inner + `,"z":[` + inner + `,` + inner + `]},` + c + `]`, "A C",
		},
		"an event in a string of a damaged record": {
			`[` + a + `,{"eventName":"B","x":"` + strings.ReplaceAll(inner, `"`, `\"`) + `","y":z},` + c + `]`, "A C",
		},
	} {
		names, s := decode(t, test.content)
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%s: %s, want %s; %+v", name, got, test.want, s)
		}
		if s.Damage == "" || s.Salvaged != s.Events {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// Whatever one byte is lost, added or changed, at most two records are lost, nothing comes twice, and nothing comes from
// inside a record.
func TestOneDamagedByteCostsAtMostTwoRecords(t *testing.T) {
	inner := strings.ReplaceAll(event("C"), `"list":[`, `"list":[`+event("Inner")+`,{"x":`+event("Inner")+`},`)
	whole := `{"Records":[` + event("A") + `,` + event("B") + `,` + inner + `,` + event("D") + `,` + event("E") + `]}`
	worst, total, doubtful := 5, 0, 0
	for at := len(`{"Records":[`); at < len(whole)-2; at++ {
		for k, by := range []string{"", `{`, `}`, `[`, `]`, `"`, `,`, `:`, `\`, "\n", `x`} {
			if (at+k)%3 != 0 && testing.Short() {
				continue
			}
			for _, after := range []int{at, at + 1} {
				content := whole[:at] + by + whole[after:]
				names, s := decode(t, content)
				worst, total = min(worst, len(names)), total+1
				if slices.Contains(names, "Inner") {
					doubtful++ // where the bracket or colon right before it is another one now
				}
				if len(names) < 3 || doubtful > 12 {
					t.Errorf("%q for %q at %d, %q: %q, %q", by, whole[at:after], at, content[max(at-20, 0):min(at+20, len(content))], names, s.Damage)
				}
			}
		}
	}
	t.Logf("%d damaged files: at worst %d of 5 records, %d times one from inside another", total, worst, doubtful)
}

// The flag is on every record that comes behind the place where damage was found, and Stats tells about those before.
func TestSalvagedFlag(t *testing.T) {
	var d source.Decoder
	var flags []source.Flags
	for e := range d.Events(strings.NewReader(event("A") + "x" + event("B"))) {
		flags = append(flags, e.Flags&source.Salvaged)
	}
	if diff := cmp.Diff([]source.Flags{0, source.Salvaged}, flags); diff != "" || d.Stats().Salvaged != 2 {
		t.Errorf("%+v -want +got:\n%s", d.Stats(), diff)
	}
}

func TestDamagedRecordsAreCountedAndNamed(t *testing.T) {
	content := `{"Records":[` + event("A") + `,{"eventName":"B","eventTime":nil},` + event("C") + `]}`
	_, s := decode(t, content)
	at := int64(strings.Index(content, "nil") + 1) // "n" begins null
	want := source.Stats{
		Events: 2, Salvaged: 2, Skipped: 1, Bytes: int64(len(content)),
		Problems: []source.Problem{{Offset: int64(len(event("A")) + 13), Reason: "not valid JSON at byte 290: a value should stand here"}},
		Damage:   "not valid JSON at byte 290: a value should stand here",
	}
	if diff := cmp.Diff(want, s); diff != "" || at != 290 {
		t.Errorf("at %d, -want +got:\n%s", at, diff)
	}
}

func gzipped(tb testing.TB, content string) []byte {
	tb.Helper()
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	if _, err := io.WriteString(z, content); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}

func TestGzip(t *testing.T) {
	whole := gzipped(t, `{"Records":[`+event("A")+`,`+event("B")+`]}`)
	first, second := gzipped(t, `{"Records":[`+event("A")+`,`), gzipped(t, event("B")+`]}`)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1
	for name, test := range map[string]struct {
		stored       []byte
		want, damage string
	}{
		"whole":                 {whole, "A B", ""},
		"two members":           {append(bytes.Clone(first), second...), "A B", ""},
		"zero bytes at the end": {append(bytes.Clone(whole), make([]byte, 600)...), "A B", ""},
		"junk at the end":       {append(bytes.Clone(whole), "junk"...), "A B", "gzip: junk after the end"},
		"checksum":              {flipped, "A B", "gzip: checksum does not match after "},
		"no checksum":           {whole[:len(whole)-8], "A B", "gzip: unexpected end after "},
		"only the first member": {first, "A", "not valid JSON at byte "},
		"cut header":            {whole[:5], "", "gzip: unexpected end after 0 bytes"},
		"gzip inside gzip":      {gzipped(t, string(whole)), "A B", ""},
		"cut inside gzip":       {gzipped(t, string(whole[:len(whole)-9])), "A B", "gzip inside the file: damaged after "},
		"empty member":          {append(gzipped(t, ""), whole...), "A B", ""},
	} {
		names, s := decode(t, string(test.stored))
		if got := strings.Join(names, " "); got != test.want || !strings.HasPrefix(s.Damage, test.damage) || (s.Damage == "") != (test.damage == "") {
			t.Errorf("%s: %q, want %q; %+v", name, got, test.want, s)
		}
		if s.Damage != "" && s.Salvaged != s.Events {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// However a compressed file is cut, the records that are whole come in.
func TestCutGzipGivesRecordsBeforeTheCut(t *testing.T) {
	var content strings.Builder
	content.WriteString(`{"Records":[` + event("E0"))
	for i := range 200 {
		content.WriteString(`,` + event("E"+strings.Repeat("x", i)))
	}
	stored := gzipped(t, content.String()+`]}`)
	last := 0
	for cut := 20; cut < len(stored)-8; cut += 37 {
		names, s := decode(t, string(stored[:cut]))
		if len(names) < last || s.Salvaged != len(names) || !strings.HasPrefix(s.Damage, "gzip: unexpected end after ") {
			t.Fatalf("cut at %d: %d events, %d before; %+v", cut, len(names), last, s)
		}
		last = len(names)
	}
	if last < 190 {
		t.Errorf("%d events of 201 before the end", last)
	}
}
