package source

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"unicode/utf8"
)

// FuzzShapes reads whole files of any shape: each record must be JSON, be found again at its span, and not depend on the
// way that the bytes come.
func FuzzShapes(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Add([]byte("\xff\xfe{\x00}\x00"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00{}"))
	f.Add([]byte("eventName,eventTime,eventSource\nA,t,s\n\"B\"\"\",\"t\n\",\n"))
	f.Add([]byte("_time;_raw\n1;\"{\"\"eventName\"\":\"\"A\"\",\"\"eventTime\"\":1}\"\n2;\"{"))
	f.Add([]byte(`{"awslogs":{"data":"eyJldmVudE5hbWUiOiJBIiwiZXZlbnRUaW1lIjoidCJ9"}}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		content, _ := io.ReadAll(NewContentReader(bytes.NewReader(stored))) // what stands before damage
		var d Decoder
		var r Restorer
		var first []string
		for e := range d.Events(bytes.NewReader(stored)) {
			from, to := e.Span.Offset, e.Span.Offset+e.Span.Length
			if to > int64(len(content)) {
				t.Fatalf("span %+v, content of %d bytes", e.Span, len(content))
			}
			r.Load(content[from:to], e.Span.Form)
			if r.Record(func(record []byte) bool { return bytes.Equal(record, e.Raw) }) == nil || !json.Valid(e.Raw) {
				t.Errorf("record %d is not found at its span, or not JSON: %q", e.Position, e.Raw)
			}
			first = append(first, string(e.Raw))
		}
		again := 0
		for e := range d.Events(iotestOneByte{bytes.NewReader(stored)}) {
			if again >= len(first) || first[again] != string(e.Raw) {
				t.Fatalf("byte by byte, record %d is %q", again, e.Raw)
			}
			again++
		}
		if again != len(first) || len(d.Stats().Problems) > maxProblems {
			t.Errorf("byte by byte: %d records, want %d", again, len(first))
		}
	})
}

// iotestOneByte gives one byte a time.
type iotestOneByte struct{ r io.Reader }

func (r iotestOneByte) Read(p []byte) (int, error) { return r.r.Read(p[:min(1, len(p))]) }

// Structures in text, and the JSON that they are read as.
func TestStructText(t *testing.T) {
	for text, want := range map[string]string{
		`{a=b, c={d=null, e=[1, 2]}}`:                         `{"a":"b","c":{"d":null,"e":["1","2"]}}`,
		`{name=x, policy={"Version":"2012","a":[1, 2]}, b=c}`: `{"name":"x","policy":"{\"Version\":\"2012\",\"a\":[1, 2]}","b":"c"}`,
		`{agent=Linux; x86, like Gecko, key=v}`:               `{"agent":"Linux; x86, like Gecko","key":"v"}`,
		`{a=, b=}`:                                            `{"a":"","b":""}`,
		`[{arn=arn:aws:s3:::b, accountid=1}, {arn=x}]`:        `[{"arn":"arn:aws:s3:::b","accountid":"1"},{"arn":"x"}]`,
		`{}`: `{}`, `[]`: `[]`, `{a`: ``, `x=y`: ``, `{a=b} c`: ``,
	} {
		n, ok := parseStructText([]byte(text))
		got := ""
		if ok {
			got = string(appendNode(nil, n))
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// FuzzStructText reads structures in text, and writes what it read as JSON.
func FuzzStructText(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `{a=b, c={d=null, e=[1, 2]}}`, `{a={"x": "}"}, b=c, d}`, `[[[[`, `{=}`, `{a=,b=}`, `{a=x, y z=1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n, ok := parseStructText(text)
		if !ok {
			return
		}
		out := appendNode(nil, n)
		if !json.Valid(out) || !utf8.Valid(out) {
			t.Errorf("%q: %s", text, out)
		}
		if tree, err := parseTree(out); err != nil || string(appendNode(nil, tree)) != string(out) {
			t.Errorf("%q: %s, %v", text, out, err)
		}
	})
}

// A place in the text of a string is that in its escaped form.
func FuzzEscapedOffset(f *testing.F) {
	f.Add([]byte(`a\"b\u0041\ud83d\ude00\ud800x\n`), 5)
	f.Fuzz(func(t *testing.T, inside []byte, offset int) {
		text, ok := Unescape(nil, inside)
		if !ok || offset < 0 || offset > len(text) || offset < len(text) && !utf8.RuneStart(text[offset]) || !utf8.Valid(text) {
			return
		}
		at := escapedOffset(inside, offset)
		if got, ok := Unescape(nil, inside[:at]); !ok || string(got) != string(text[:offset]) {
			t.Errorf("%q: the text to %d ends at %d: %q", inside, offset, at, got)
		}
	})
}
