package cli

import (
	"bytes"
	"fmt"
)

// secretCount counts the values in whole records that grant access. Records are evidence and are never altered, so the
// one who prints them is told.
type secretCount struct{ tokens int }

var sessionToken = []byte(`"sessionToken"`)

// rareToken is the place in sessionToken of its T: of its bytes it is the one that records hold least, quotes the most.
const rareToken = len(`"session`)

func (s *secretCount) add(raw []byte) {
	for at := rareToken; at < len(raw); at++ {
		next := bytes.IndexByte(raw[at:], sessionToken[rareToken])
		if next < 0 {
			return
		}
		at += next
		if bytes.HasPrefix(raw[at-rareToken:], sessionToken) {
			s.tokens++
		}
	}
}

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
