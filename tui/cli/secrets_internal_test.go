package cli

import (
	"bytes"
	"strings"
	"testing"
)

// TestSecretCount counts session tokens wherever they stand, as plain counting does.
func TestSecretCount(t *testing.T) {
	for _, raw := range []string{
		``, `T`, `"session`, `"sessionToken`, `"sessionToken"`, `sessionToken"`, `"sessionToken""sessionToken"`,
		`{"eventTime":"2026-01-01T00:00:00Z","c":{"sessionToken":"T"},"d":{"sessionToken" : ""}}`,
		strings.Repeat(`"sessionT`, 9) + `oken"`,
	} {
		var s secretCount
		s.add([]byte(raw))
		if want := bytes.Count([]byte(raw), sessionToken); s.tokens != want {
			t.Errorf("%s: %d tokens, want %d", raw, s.tokens, want)
		}
	}
}
