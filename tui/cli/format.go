package cli

import (
	"fmt"

	"github.com/trailsift/trailsift/tui/text"
)

// note says something on standard error that is neither a result nor an error. What it names may come from outside. While
// the panes have the terminal nothing is said.
func (c *command) note(format string, args ...any) {
	if !c.flag.quiet && !c.onScreen {
		fmt.Fprintln(c.env.Stderr, text.Visible(fmt.Sprintf(format, args...)))
	}
}

// plural is a count with its noun.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return text.Count(n) + " " + many
}
