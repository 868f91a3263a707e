package widget_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trailsift/trailsift/tui/text"
	"github.com/trailsift/trailsift/tui/widget"
)

func TestLine(t *testing.T) {
	l := widget.NewLine("user:bob event")
	f := func(key, typed, want string) {
		t.Helper()
		l.Key(key, typed)
		if got := l.Text()[:l.Cursor()] + "|" + l.Text()[l.Cursor():]; got != want {
			t.Errorf("%s%s: %s, want %s", key, typed, got, want)
		}
	}
	f("alt+b", "", "user:bob |event")
	f("alt+b", "", "user:|bob event")
	f("x", "x", "user:x|bob event")
	f("backspace", "", "user:|bob event")
	f("delete", "", "user:|ob event")
	f("ctrl+k", "", "user:|")
	f("é", "é日", "user:é日|")
	f("left", "", "user:é|日")
	f("backspace", "", "user:|日")
	f("end", "", "user:日|")
	f("ctrl+w", "", "user:|")
	f("ctrl+u", "", "|")
	f("", "a\nb\tc", "a b c|")
	f("home", "", "|a b c")
	f("alt+f", "", "a| b c")
	if l.Key("f5", "") {
		t.Error("f5 is taken as a key of line editing")
	}
	l.Replace(2, 3, "XYZ")
	f("", "", "a XYZ| c")
}

// TestLineView checks that the cursor's cell is always inside, and that hostile text stays text.
func TestLineView(t *testing.T) {
	for _, s := range []string{"", "user:bob", strings.Repeat("日本", 40), "a\x1b[31m\u202eb", "e\u0301e\u0301e\u0301"} {
		l := widget.NewLine(s)
		for range len(s) + 1 {
			for _, cells := range []int{1, 2, 7, 40} {
				shown, x := l.View(cells, text.Visible)
				if w := text.Width(shown); w > cells || x >= cells || x > w {
					t.Fatalf("%q in %d cells: %q (%d cells), cursor at %d", s, cells, shown, w, x)
				}
				if text.Visible(shown) != shown {
					t.Fatalf("%q is drawn as %q", s, shown)
				}
			}
			l.Key("left", "")
		}
	}
}

// TestWindow checks by random moves that the cursor is always in the list and seen.
func TestWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		w := widget.Window{Jump: r.IntN(2) == 0}
		w.Resize(r.IntN(40), r.IntN(12))
		for range 30 {
			switch r.IntN(5) {
			case 0:
				w.Move(r.IntN(9) - 4)
			case 1:
				w.To(r.IntN(60) - 10)
			case 2:
				w.Page(r.IntN(5)-2, 2)
			case 3:
				w.Place(r.IntN(60)-10, r.IntN(20)-4)
			case 4:
				w.Resize(r.IntN(40), r.IntN(12))
			}
			if w.N > 0 && (w.Cursor < 0 || w.Cursor >= w.N) || w.N == 0 && w.Cursor != 0 {
				t.Fatalf("cursor outside: %+v", w)
			}
			if w.Top < 0 || w.H > 0 && w.N > 0 && (w.Cursor < w.Top || w.Cursor >= w.Top+w.H) {
				t.Fatalf("cursor not seen: %+v", w)
			}
			if w.N >= w.H && w.Top > w.N-w.H && w.H > 0 {
				t.Fatalf("blank lines below the end: %+v", w)
			}
		}
	}
}

func TestWindowJump(t *testing.T) {
	w := widget.Window{Jump: true}
	w.Resize(100, 10)
	for range 10 {
		w.Move(1)
	}
	if w.Cursor != 10 || w.Top != 6 {
		t.Errorf("over the edge: %+v, want the list to scroll by half a page", w)
	}
}

func TestBars(t *testing.T) {
	f := func(values []int, cells, rows int, ascii bool, want ...string) {
		t.Helper()
		got := widget.Bars(values, cells, rows, ascii)
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("Bars(%v, %d, %d) = %q, want %q", values, cells, rows, got, want)
		}
	}
	f([]int{0, 1, 4, 8}, 4, 1, false, " ▁▄█")
	f([]int{0, 1, 1000}, 3, 1, false, " ▁█")
	f([]int{0, 4, 8}, 3, 2, false, "  █", " ██")
	f([]int{0, 2, 5, 8}, 4, 1, true, " .|#")
	f([]int{8, 0}, 4, 1, false, "██  ")
	f(nil, 3, 1, false, "   ")
}

const record = `{"b":1.50,"a":{"x":"y","list":[1,{"k":null}],"empty":{}},"policy":"{\"Version\":\"2012\",\"n\":[1e3]}","ok":true}`

func tree(t *testing.T, depth int) *widget.Tree {
	t.Helper()
	root, err := widget.ParseTree([]byte(record), depth)
	if err != nil {
		t.Fatal(err)
	}
	tr := widget.NewTree(root, func(n *widget.Node) string { return n.Text })
	tr.SetSize(40, 20)
	return tr
}

func draw(tr *widget.Tree) string {
	var b strings.Builder
	for i := tr.Top; i < tr.End(); i++ {
		head, value := tr.Draw(i)
		b.WriteString(strings.TrimRight(head+value, " ") + "\n")
	}
	return b.String()
}

// TestTree checks that order and numbers stay as written, and what folding does.
func TestTree(t *testing.T) {
	tr := tree(t, 2)
	want := `  b       1.50
v a       {3}
    x      y
  > list   [2]
    empty  {}
> policy  {"Version":"2012","n":[1e3]}
  ok      true
`
	if got := draw(tr); got != want {
		t.Errorf("tree:\n%s\nwant:\n%s", got, want)
	}
	tr.To(5)
	tr.Unfold()
	tr.To(1)
	tr.Fold()
	want = `  b       1.50
> a       {3}
v policy  (JSON inside a string)
    Version  2012
  v n        [1]
      [0]  1e3
  ok      true
`
	if got := draw(tr); got != want {
		t.Errorf("folded:\n%s\nwant:\n%s", got, want)
	}
	tr.To(5)
	if p := tr.Node().Path(); fmt.Sprint(p) != "[{policy -1} {n -1} { 0}]" || !tr.Node().Inner {
		t.Errorf("path %v, inner %v", p, tr.Node().Inner)
	}
}

func TestTreeFind(t *testing.T) {
	tr := tree(t, 1)
	if n := tr.Search("k"); n != 2 || tr.Node().Key != "k" {
		t.Errorf("k: %d hits, at %+v", n, tr.Node())
	}
	if n := tr.Search("nothing there"); n != 0 {
		t.Errorf("%d hits of nothing", n)
	}
	tr.To(0)
	tr.Search("e")
	first := tr.Node()
	n := tr.Next(1)
	for range n - 1 {
		tr.Next(1)
	}
	if tr.Node() != first {
		t.Errorf("n does not come round after %d hits: %q, then %q", n, first.Key, tr.Node().Key)
	}
	tr.Next(1)
	tr.Next(-1)
	if tr.Node() != first {
		t.Errorf("N does not undo n")
	}
}

func TestTreeWrap(t *testing.T) {
	root, err := widget.ParseTree([]byte(`{"key":"one two three four five six seven eight nine"}`), 2)
	if err != nil {
		t.Fatal(err)
	}
	tr := widget.NewTree(root, func(n *widget.Node) string { return n.Text })
	tr.SetSize(20, 9)
	if got, want := draw(tr), "  key  one two thr..\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	tr.ToggleWrap()
	if got, want := draw(tr), "  key  one two\n       three four\n       five six\n       seven eight\n       nine\n"; got != want {
		t.Errorf("wrapped:\n%s", got)
	}
}

func TestParseTreeErrors(t *testing.T) {
	for _, s := range []string{"", "{", `{"a":1}}`, `{"a" 1}`, "[1,]", "nul"} {
		if _, err := widget.ParseTree([]byte(s), 2); err == nil {
			t.Errorf("%q is taken as JSON", s)
		}
	}
}

func FuzzTree(f *testing.F) {
	f.Add(record, 7)
	f.Add("[\"\u202e\x1b[31m\",{\"\u0301\":[[[[[[1]]]]]]}]", 3)
	f.Fuzz(func(t *testing.T, s string, cells int) {
		root, err := widget.ParseTree([]byte(s), 2)
		if err != nil {
			return
		}
		cells = min(max(cells, 1), 200)
		tr := widget.NewTree(root, func(n *widget.Node) string { return text.Quote(n.Text) })
		tr.SetSize(cells, 8)
		for i := range 12 {
			for j := tr.Top; j < tr.End(); j++ {
				head, value := tr.Draw(j)
				if w := text.Width(head + value); w > cells {
					t.Fatalf("%q: line of %d cells in %d", s, w, cells)
				}
				if text.Visible(head+value) != head+value {
					t.Fatalf("%q drawn as %q", s, head+value)
				}
			}
			switch i % 3 {
			case 0:
				tr.Unfold()
			case 1:
				tr.Move(1)
			case 2:
				tr.ToggleWrap()
			}
		}
	})
}
