package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func (c *command) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: atMost(0),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.env.Stdout, "trailsift %s (%s, %s/%s)\n",
				buildVersion(c.env.Version), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// buildVersion is the release's version, else the module version or commit that Go noted in the binary.
func buildVersion(released string) string {
	if released != "dev" {
		return released
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return released
	}
	return info.Main.Version
}

func (c *command) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion SHELL", Short: "Print the completion script for a shell (" + strings.Join(shells, ", ") + ")",
		Long: "Print the completion script for a shell.\n\n" +
			"  bash:        source <(trailsift completion bash)\n" +
			"  zsh:         trailsift completion zsh > \"${fpath[1]}/_trailsift\"\n" +
			"  fish:        trailsift completion fish | source\n" +
			"  powershell:  trailsift completion powershell | Out-String | Invoke-Expression",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("trailsift completion bash", "completion takes one shell: %s", strings.Join(shells, ", "))
			}
			return nil
		},
		ValidArgs: shells,
		RunE: func(_ *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return c.root.GenBashCompletionV2(c.env.Stdout, true)
			case "zsh":
				return c.root.GenZshCompletion(c.env.Stdout)
			case "fish":
				return c.root.GenFishCompletion(c.env.Stdout, true)
			case "powershell":
				return c.root.GenPowerShellCompletionWithDesc(c.env.Stdout)
			}
			return usage("one of "+strings.Join(shells, ", "), "no completion for shell %q%s", args[0], didYouMean(args[0], shells))
		},
	}
}
