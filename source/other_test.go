package source_test

import (
	"strings"
	"testing"

	"github.com/trailsift/trailsift/source"
)

func TestTextIsNoLogFile(t *testing.T) {
	f := func(content string, want source.Content) {
		t.Helper()
		var d source.Decoder
		for range d.Events(strings.NewReader(content)) {
		}
		if got := d.Stats().Content; got != want {
			t.Errorf("%.20q: content %d, want %d", content, got, want)
		}
	}
	f("# notes\nnothing here\n", source.ContentOther)
	f("Grüße aus "+strings.Repeat("ü", 2000), source.ContentOther)
	f("Copyright {yyyy} {name of copyright owner} ü {x}", source.ContentOther)
	f("\n\n \n", source.ContentEvents)
	f("notes {\"eventName\"", source.ContentOther)
	f("notes\",\"eventName\":\"A\"},{\"eventVersion\":\"1", source.ContentEvents) // may be the rest of a log file
	f("\x00\x00\x00\x00", source.ContentEvents)
}
