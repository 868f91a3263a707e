package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// helpCommand is cobra's, but it knows what is not built yet and what a command might have been.
func (c *command) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Help about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 && slices.Contains(unbuilt, args[0]) {
				return notBuilt(args[0])
			}
			cmd, rest, err := c.root.Find(args)
			if err != nil || len(rest) > 0 {
				return usage("trailsift help", "no help about %q", strings.Join(args, " "))
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	}
}
