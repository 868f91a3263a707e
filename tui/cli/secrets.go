package cli

import (
	"bytes"
	"fmt"
)

// secretCount counts the values in whole records that grant access. Records are evidence and are never altered, so the
// one who prints them is told.
type secretCount struct{ tokens int }

var sessionToken = []byte(`"sessionToken"`)

func (s *secretCount) add(raw []byte) { s.tokens += bytes.Count(raw, sessionToken) }

func (c *command) sayTokens(s secretCount) {
	if s.tokens > 0 {
		c.note("contains %s", plural(s.tokens, "session token", "session tokens"))
	}
}

// checkFirst judges the first argument of the program where it is no command: a place has a scheme or exists.
func (c *command) checkFirst(word string) error {
	if isPlace(word) {
		return nil
	}
	var names []string
	for _, cmd := range c.root.Commands() {
		names = append(names, cmd.Name())
	}
	hint := "trailsift help lists commands and places; for a folder write ./" + word
	if best, ok := nearest(word, names); ok {
		hint = fmt.Sprintf("did you mean %s? for a folder write ./%s", best, word)
	}
	return usage(hint, "%q is neither a command nor a place here", word)
}
