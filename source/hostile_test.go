package source_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/trailsift/trailsift/source"
)

// repeat gives text count times without holding it.
type repeat struct {
	text string
	left int
	rest string
}

func (r *repeat) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if r.rest == "" {
			if r.left == 0 {
				break
			}
			r.left--
			r.rest = r.text
		}
		k := copy(p[n:], r.rest)
		n, r.rest = n+k, r.rest[k:]
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestHostileRecordsAreSkippedAndTheNextComes(t *testing.T) {
	const mb = 1 << 20
	long := strings.Repeat("x", mb-2)
	for name, test := range map[string]struct {
		open, body string
		count      int
		close      string
		reason     string
	}{
		"a record of 100 MB": {`{"eventName":"L","x":["` + long + `"`, `,"` + long + `"`, 100, `]}`, "larger than 16 MB"},
		"a string of 40 MB":  {`{"eventName":"S","eventTime":"`, long + `\"`, 40, `"}`, "larger than 16 MB"},
		"a million arrays":   {`{"eventName":"D","x":`, `[`, 1_000_000, strings.Repeat(`]`, 1_000_000) + `}`, "nested deeper than 1,000 levels"},
		"a million objects":  {`{"eventName":"D","x":`, `{"a":`, 1_000_000, `0` + strings.Repeat(`}`, 1_000_000) + `}`, "nested deeper than 1,000 levels"},
		"a million arrays in requestParameters": {
			`{"eventName":"D","requestParameters":`, `[`, 1_000_000, strings.Repeat(`]`, 1_000_000) + `}`, "nested deeper than 1,000 levels",
		},
	} {
		content := io.MultiReader(
			strings.NewReader(`{"Records":[`+event("A")+`,`+test.open), &repeat{text: test.body, left: test.count},
			strings.NewReader(test.close+`,`+event("B")+`]}`),
		)
		var d source.Decoder
		var names []string
		for e := range d.Events(content) {
			names = append(names, string(e.Text(source.LeafEventName)))
		}
		s := d.Stats()
		if fmt.Sprint(names) != "[A B]" || s.Skipped != 1 || s.Problems[0].Reason != test.reason || s.Damage != "" {
			t.Errorf("%s: %v, %+v", name, names, s)
		}
	}
}

// Text that is all damage ends, soon and without events.
func TestHostileTextIsPassedInLinearTime(t *testing.T) {
	for _, text := range []string{
		`{`, `[`, `}`, `]`, `"""a`, `\"`, "\"\n\\", `{"`, `{"a":`, `{"a":[`, `{"eventName":{`, `{"eventName":"A",{`, `,{"a":1`,
		"\x00", "\xff", `"a" b`, `"{`, `:[`, `{"eventName":"A","eventTime":"t"},`, `{"Records":[`, `{"x":[{"y":`, "x",
	} {
		var d source.Decoder
		content := io.MultiReader(strings.NewReader(`{}`), &repeat{text: text, left: 1 << 20 / len(text)})
		for e := range d.Events(content) {
			if !strings.HasPrefix(text, `{"eventName":"A","eventTime"`) {
				t.Fatalf("%q gives an event: %.200s", text, e.Raw)
			}
		}
		if s := d.Stats(); s.Damage == "" || d.Err() != nil {
			t.Errorf("%q: %+v, err %v", text, s, d.Err())
		}
	}
}

// In the long run a record costs no allocation.
func TestDecodingAllocatesNothingPerRecord(t *testing.T) {
	content := []byte(`{"Records":[` + strings.Repeat(event("A")+`,`, 5000) + event("B") + `]}`)
	var d source.Decoder
	var r bytes.Reader
	var n int
	perFile := testing.AllocsPerRun(5, func() {
		r.Reset(content)
		n = 0
		for range d.Events(&r) {
			n++
		}
	})
	if n != 5001 || perFile > 20 {
		t.Errorf("%d events, %v allocations a file", n, perFile)
	}
}

// The window stays small however large the file is.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	body := &repeat{text: event("A") + ",", left: 200_000} // some 50 MB
	var d source.Decoder
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for range d.Events(io.MultiReader(strings.NewReader(`[`), body, strings.NewReader(`0]`))) {
		n++
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; n != 200_000 || used > 2<<20 {
		t.Errorf("%d events took %d bytes of memory", n, used)
	}
}

// within fails a test that takes more memory than that in all while it runs.
func within(t *testing.T, most uint64, do func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > most {
		t.Errorf("took %d bytes of memory, more than %d", took, most)
	}
}

// What is compressed inflates to 200 times its size at most, and takes little memory; records before that come in.
func TestBombsOfOneFile(t *testing.T) {
	blanks := func() io.Reader {
		return io.MultiReader(strings.NewReader(`{"Records":[`+event("A")), &repeat{text: strings.Repeat(" ", 1<<20), left: 300}, strings.NewReader(`]}`))
	}
	pack := func(w io.WriteCloser, b *bytes.Buffer, content io.Reader) []byte {
		if _, err := io.Copy(w, content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return bytes.Clone(b.Bytes())
	}
	var z, zs, zz bytes.Buffer
	gz := pack(gzip.NewWriter(&z), &z, blanks())
	zw, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	bombs := map[string][]byte{"gzip": gz, "zstd": pack(zw, &zs, blanks()), "gzip inside gzip": pack(gzip.NewWriter(&zz), &zz, bytes.NewReader(gz))}
	for name, bomb := range bombs {
		within(t, 100<<20, func() {
			var d source.Decoder
			n := 0
			for range d.Events(bytes.NewReader(bomb)) {
				n++
			}
			s := d.Stats()
			if most := max(200*int64(len(bomb)), 64<<20) + 1<<20; n != 1 || s.Salvaged != 1 || !strings.Contains(s.Damage, "inflates to more than 200 times its size") || s.Bytes > most {
				t.Errorf("%s of %d bytes: %d events, %+v", name, len(bomb), n, s)
			}
		})
	}
	if n, err := io.Copy(io.Discard, source.NewContentReader(bytes.NewReader(bombs["zstd"]))); err == nil || n > 64<<20+1<<20 {
		t.Errorf("its content: %d bytes, %v", n, err)
	}
}
