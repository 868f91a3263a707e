package query_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailsift/trailsift/index/query"
)

// withFiles are options that read lists from memory.
func withFiles(files map[string]string) query.Options {
	opt := options()
	opt.ReadFile = func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, errors.New("no such file: " + name)
		}
		return []byte(text), nil
	}
	return opt
}

func TestListParses(t *testing.T) {
	opt := withFiles(map[string]string{
		"iocs.txt": "\ufeff# seen in March\r\n 10.0.0.1 \r\n\n2001:db8::/32\n", "my list": "s3.amazonaws.com", "empty": "# nothing\n", "binary": "a\x00b",
		"long": strings.Repeat("x\n", query.MaxListValues+1), "large": strings.Repeat("x", query.MaxListBytes+1), "latin": "caf\xe9",
	})
	n, err := query.Parse("ip:@iocs.txt", schema(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"10.0.0.1", "2001:db8::/32"}, n.(query.List).Values); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"ip:@iocs.txt", `user:@"my list"`, "-ip:@iocs.txt", "requestParameters.bucketName:@iocs.txt", "user:(@iocs.txt OR alice)"} {
		n, err := query.Parse(text, schema(), opt)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		again, err := query.Parse(n.String(), schema(), opt)
		if err != nil {
			t.Fatalf("%s prints %s: %v", text, n, err)
		}
		if diff := cmp.Diff(n, again); diff != "" {
			t.Errorf("%s prints %s\n%s", text, n, diff)
		}
	}
	for text, want := range map[string]string{
		"ip:@none":     "no such file: none",
		"ip:@empty":    "empty has no values",
		"ip:@binary":   "binary is not text (UTF-8)",
		"ip:@latin":    "latin is not text (UTF-8)",
		"ip:@long":     "long has more than 100000 values",
		"ip:@large":    "large is too large: a list has at most 16 MB",
		"ip:@ x":       "@ needs the name of a file directly after it",
		"readonly:@x":  "readonly is true or false",
		"ip:(@none x)": "no such file: none",
	} {
		_, err := query.Parse(text, schema(), opt)
		if e, ok := errors.AsType[*query.Error](err); !ok || !strings.HasPrefix(e.Msg, want) || text[e.Pos] != '@' {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if n, err := query.Parse(`ip:"@iocs.txt"`, schema(), opt); err != nil {
		t.Error(err)
	} else if _, ok := n.(query.Match); !ok {
		t.Errorf("a value in quotes is %T", n)
	}
}

// TestListMeaning: a list is the OR of its values, for Eval, for the compiled comparison of terms and for records.
func TestListMeaning(t *testing.T) {
	g := newGenerator(31)
	found := 0
	for i := range 3000 {
		var lines, alternatives []string
		key := g.key()
		for range 1 + g.IntN(5) {
			v := strings.ToValidUTF8(strings.Map(func(r rune) rune {
				if r < ' ' {
					return '.'
				}
				return r
			}, strings.TrimSpace(g.text())), "?")
			if v == "" || v[0] == '#' {
				continue
			}
			lines = append(lines, v)
			literal := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(v)
			alternatives = append(alternatives, key.String()+":"+query.Word{Text: literal, Wild: true, Quoted: true}.String())
			if key.Field == "ip" && (strings.Contains(v, "DB8") || strings.HasPrefix(v, "10.")) {
				alternatives = append(alternatives, "ip:"+v)
			}
		}
		if len(lines) == 0 {
			continue
		}
		n, err := query.Parse(key.String()+":@l", schema(), withFiles(map[string]string{"l": strings.Join(lines, "\n")}))
		if err != nil {
			t.Fatal(err)
		}
		or := parse(t, strings.Join(alternatives, " OR "))
		r := g.record()
		want := query.Eval(or, r)
		if got := query.Eval(n, r); got != want {
			t.Fatalf("%d: %s with %q is %v, %s is %v\n%+v", i, n, lines, got, or, want, r)
		}
		if key.Field == "" && query.CompileRaw(n)(r.Raw()) != want {
			t.Fatalf("%d: %s with %q compiled is not %v\n%s", i, n, lines, want, r.Raw())
		}
		if key.Field != "" && len(n.(query.List).Parts) == 0 {
			got, match := false, n.(query.List).Matcher()
			for _, v := range r.Values(key.Field) {
				got = got || match(v)
			}
			if got != want {
				t.Fatalf("%d: %s with %q as a matcher is not %v\n%+v", i, n, lines, want, r)
			}
		}
		if want {
			found++
		}
	}
	if found < 100 {
		t.Errorf("only %d lists matched", found)
	}
}

func BenchmarkListMatcher(b *testing.B) {
	var text strings.Builder
	for i := range query.MaxListValues {
		fmt.Fprintf(&text, "10.%d.%d.%d\n", i>>16, i>>8&255, i&255)
	}
	n, err := query.Parse("ip:@l", schema(), withFiles(map[string]string{"l": text.String()}))
	if err != nil {
		b.Fatal(err)
	}
	match := n.(query.List).Matcher()
	for b.Loop() {
		if !match([]byte("10.0.77.5")) || match([]byte("192.0.2.1")) {
			b.Fatal("wrong")
		}
	}
}
