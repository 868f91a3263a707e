package query

import "testing"

// TestFoldASCII: every ASCII character folds by itself as IsToken and upper say, wherever it stands in a text of any
// length, and zeros stand behind.
func TestFoldASCII(t *testing.T) {
	var f Folder
	for n := range 27 {
		for at := range n {
			for c := range byte(0x80) {
				text := []byte("aZ09_ z@[`{/:AzZ-^.,x!~\x7f\x00Az")[:n]
				text[at] = c
				got := f.Fold(text)
				if len(got) != n || string(got[n:n+foldPad]) != string(make([]byte, foldPad)) {
					t.Fatalf("Fold(%q) = %q, %d bytes, then %q", text, got, len(got), got[n:n+foldPad])
				}
				for i, c := range text {
					want := byte(0)
					if IsToken(rune(c)) {
						want = upper(c)
					}
					if got[i] != want {
						t.Fatalf("Fold(%q)[%d] = %q, want %q", text, i, got[i], want)
					}
				}
			}
		}
	}
	for n := range 20 {
		text := string(make([]byte, n)) + "ü"
		if got, want := string(f.Fold([]byte(text))), string(make([]byte, n))+"Ü"; got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}
