package index

import (
	"encoding/hex"
	"strings"
	"testing"
)

// TestPackGUID: any byte at any place of a GUID is packed as encoding/hex does, or refused.
func TestPackGUID(t *testing.T) {
	const hyphens = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	for _, form := range []string{"01234567-89ab-cdef-fedc-ba9876543210", "01234567-89AB-CDEF-FEDC-BA9876543210"} {
		for at := range len(form) {
			for c := range 256 {
				text := []byte(form)
				text[at] = byte(c)
				digits := strings.ReplaceAll(string(text), "-", "")
				want, err := hex.DecodeString(digits)
				valid := err == nil && len(want) == 16 && (c == '-') == (hyphens[at] == '-')
				got, lower, ok := packGUID(text)
				if ok != valid {
					t.Fatalf("packGUID(%q) is %v, want %v", text, ok, valid)
				}
				if ok && (string(got[:]) != string(want) || lower != (strings.ToLower(digits) == digits)) {
					t.Fatalf("packGUID(%q) = %x, lower %v", text, got, lower)
				}
			}
		}
	}
	if _, _, ok := packGUID([]byte("01234567-89ab-cdef-fedc-ba987654321")); ok {
		t.Error("a digit short and yet a GUID")
	}
}

func BenchmarkPackGUID(b *testing.B) {
	text := []byte("01234567-89ab-cdef-fedc-ba9876543210")
	for b.Loop() {
		packGUID(text)
	}
}
