// Command trailsift is a terminal explorer for AWS CloudTrail.
package main

import (
	"os"

	"github.com/trailsift/trailsift/tui/cli"
)

// version is set by the release build.
var version = "dev"

func main() {
	os.Exit(cli.Run(os.Args[1:], cli.System(version)))
}
